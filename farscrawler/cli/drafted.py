"""A draft of a stanza as a command shows it: the fields of all pages side by side, and the same as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from farscrawler.drafts.doors import DatedTemplate
from farscrawler.drafts.sample import FIELDS
from farscrawler.drafts.trial import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.drafts.draft import SiteDraft
    from farscrawler.drafts.trial import PageTrial

_NAME = max(map(len, FIELDS)) + 2
_CELL = 9  # letters of the longest status, and two blanks
_WIDTH = 80
#: Where pages are too many for words; the legend says what each mark is.
_MARKS = {"same": "=", "only": "+", "more": "*", "missing": "?", "differs": "!", "-": "-"}
_MEANINGS = {
    "same": "the stanza reads what the general rules read",
    "only": "the stanza alone reads something",
    "more": "the stanza reads more of it than the general rules do",
    "missing": "the general rules alone read something",
    "differs": "they read different values",
    "-": "neither reads anything",
}
_MOST_DIFFERENCES = 20


def trial_lines(draft: SiteDraft, as_asked: Callable[[str], str] = str) -> Iterator[str]:
    """Yield the pages with their addresses, and a table of what the stanza reads of each, within 80 columns.

    ``as_asked`` turns an address of the site into the one that was asked.
    """
    trials = draft.trials
    for number, one in enumerate(trials, 1):
        yield f"page {number}: {unquote(as_asked(one.url))}"
        if one.problem is not None:
            yield f"page {number}: {one.problem}"
    for url, why in draft.refused:
        yield f"no article: {unquote(as_asked(url))} ({why})"
    yield ""
    yield from table(trials)
    used = [name for name in _MEANINGS if any(name in one.fields.values() for one in trials)]
    short = len(trials) * _CELL + _NAME > _WIDTH
    for name in used:
        yield f"{_MARKS[name] if short else name}: {_MEANINGS[name]}"
    found = differences(trials)
    for name, number, mine, theirs in found[:_MOST_DIFFERENCES]:
        yield f"{name}, page {number}: the stanza alone reads {mine}"
        yield f"{name}, page {number}: the general rules alone read {theirs}"
    if len(found) > _MOST_DIFFERENCES:
        yield f"{len(found) - _MOST_DIFFERENCES} more differences; --json has all"


def table(trials: Sequence[PageTrial]) -> Iterator[str]:
    """Yield the lines of the table: a field a line, a page a column; with many pages marks stand for the words."""
    words = len(trials) * _CELL + _NAME <= _WIDTH
    width = _CELL if words else len(str(len(trials))) + 1
    yield "field".ljust(_NAME) + "".join(str(number).ljust(width) for number in range(1, len(trials) + 1)).rstrip()
    for name in FIELDS:
        cells = [one.fields.get(name, "missing") for one in trials]
        shown = "".join((cell if words else _MARKS[cell]).ljust(width) for cell in cells)
        yield f"{name.ljust(_NAME)}{shown}".rstrip()


def value_lines(trials: Sequence[PageTrial]) -> Iterator[str]:
    """Yield what the stanza reads of the first page, a field a line."""
    from farscrawler.extract.explain import shown

    for name in FIELDS:
        if trials and (value := trials[0].values.get(name, ("", ""))[0]):
            yield f"{name}: {shown(value)}"


def as_dict(draft: SiteDraft) -> dict[str, Any]:
    """Return a draft as JSON values: the stanza, what proves its selectors, the sources, and every page's fields."""
    return {
        "publisher": draft.site.key,
        "family": draft.family,
        "holds": draft.holds,
        "stanza": draft.text,
        "selectors": {
            name: {"selectors": list(one.selectors), "pages": one.held, "of": one.there, "sure": one.is_sure,
                   "refused": one.refused}
            for name, one in draft.fields.items()
        },
        "sources": [
            {"name": one.name, "value": asdict(one.value) if isinstance(one.value, DatedTemplate) else one.value,
             "why": one.why}
            for one in draft.doors.found
        ],
        "not_found": draft.doors.missing,
        "pages": [
            {"url": one.url, "article_id": one.article_id, "holds": one.holds, "problem": one.problem,
             "fields": {
                 name: {"status": status, "stanza": one.values.get(name, ("", ""))[0] or None,
                        "general": one.values.get(name, ("", ""))[1] or None}
                 for name, status in one.fields.items()
             }}
            for one in draft.trials
        ],
        "no_articles": [{"url": url, "reason": why} for url, why in draft.refused],
        "requests": draft.asked,
    }  # fmt: skip
