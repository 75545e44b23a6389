"""Why an archive holds no article of those that were asked for, as sentences that say what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.archive.reading.lookup import is_archived
from farscrawler.archive.reading.selection import stored_publishers
from farscrawler.archive.runs import runs_of
from farscrawler.cli.addressed import stanza_of
from farscrawler.coverage.harvested import Harvest
from farscrawler.days import DateRange, jalali, today_in
from farscrawler.publishers.model import NEWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.archive import Archive
    from farscrawler.publishers import Catalogue, Publisher

_OPERATORS = re.compile(r"(?<![\w\"])(and|or|not)(?![\w\"])", re.IGNORECASE)
#: Publishers that are named in one sentence.
_NAMED = 3


def why_none(
    archive: Archive,
    known: Catalogue,
    *,
    publishers: Sequence[str] = (),
    span: DateRange | None = None,
    words: str | None = None,
    given: str = "",
) -> str:
    """Return sentences, with a blank before them, on why nothing meets the conditions; an empty text for no reason.

    ``publishers`` are keys, none for all, and ``given`` the words with which a command is told of the same archive.
    """
    found = [*_of_publishers(archive, publishers, given)]
    if span is not None and span != DateRange():
        stored = stored_publishers(archive.db, archive.path)
        keys = [one for one in publishers or stored if one in stored]
        found += _of_days(archive, [one for key in keys if (one := stanza_of(key, known)) is not None], span, given)
    found += _of_words(words or "")
    return "".join(f" {one}" for one in found)


def _of_publishers(archive: Archive, publishers: Sequence[str], given: str) -> Iterator[str]:
    """Yield what is to be said of publishers without an article."""
    stored = stored_publishers(archive.db, archive.path)
    if not stored and not publishers:
        yield "It holds no article at all: `farscrawler crawl PUBLISHER` fetches some."
    for key in publishers:
        if key not in stored:
            what = "no article" if is_archived(archive.db, archive.path, key) else "nothing"
            how = "" if key == NEWS else f": `farscrawler crawl {key}{given}`"
            yield f"It holds {what} of {key} yet{how}."


def _of_words(words: str) -> Iterator[str]:
    """Yield what is to be said of words that would join others in capital letters."""
    for word in dict.fromkeys(_OPERATORS.findall(words)):
        if not word.isupper():
            yield f"In a search {word} is a word like others; {word.upper()} in capital letters joins words."


def _of_days(archive: Archive, publishers: Sequence[Publisher], span: DateRange, given: str) -> Iterator[str]:
    """Yield what is to be said of days that no run has asked for."""
    if publishers and all(span.lies_ahead(one.tz) for one in publishers):
        yield f"{span} lies in the future."
        return
    left = [one for one in publishers if not one.anywhere and not _is_harvested(archive, one, span)]
    ends = zip(("--since", "--until"), (jalali(span.first), jalali(span.last)), strict=True)
    words = "".join(f" {option} {day}" for option, day in ends if day is not None)
    if left:
        names = ", ".join(one.key for one in left[:_NAMED])
        more = f" and {len(left) - _NAMED:,} publishers more" if len(left) > _NAMED else ""
        yield (
            f"No run has harvested all of {span} for {names}{more}: "
            f"`farscrawler crawl {left[0].key}{words}{given}` does."
        )


def _is_harvested(archive: Archive, publisher: Publisher, span: DateRange) -> bool:
    """Whether runs have asked for every day of a range that has come."""
    days = Harvest.of_runs(runs_of(archive, publisher.key), publisher.tz).days
    found = days.around(span.first)
    return found is not None and found.last >= min(span.last, today_in(publisher.tz))
