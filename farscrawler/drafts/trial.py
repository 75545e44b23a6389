"""A stanza tried on pages: what it reads of each, held against what the general rules read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from farscrawler.drafts.sample import FIELDS, shared_lines
from farscrawler.extract import NoArticle, read_article
from farscrawler.extract.explain import shown
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from farscrawler.drafts.fetched import Fetched
    from farscrawler.drafts.sample import Sample
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher

#: Of a field on a page: both readings agree; the stanza alone has it, or has more of it; the general rules alone have
#: it; both have it, and not the same; neither has it.
Status = Literal["same", "only", "more", "missing", "differs", "-"]
STATUSES: tuple[Status, ...] = get_args(Status)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Warnings of an article that other rules than the stanza have read.
_OTHERS = ("general-rules:", "stanza-passed-over:", "family-changed:")


@dataclass(frozen=True)
class PageTrial:
    """What a stanza reads of one page, by field; ``problem`` says why it reads no article there."""

    url: str
    fields: Mapping[str, Status]
    values: Mapping[str, tuple[str, str]]
    problem: str | None = None
    article_id: str | None = None
    published_at: str | None = None

    @property
    def reads(self) -> bool:
        """Whether the stanza reads an article with headline, text and time, whatever the general rules read."""
        needed = (self.fields.get(name) for name in ("headline", "body", "published"))
        return self.problem is None and not any(one in ("missing", "-") for one in needed)

    @property
    def holds(self) -> bool:
        """Whether the stanza reads an article with headline, text and time, none of them otherwise than they are."""
        needed = (self.fields.get(name) for name in ("headline", "body", "published"))
        return self.problem is None and all(one in ("same", "only", "more") for one in needed)


def tried(site: Publisher, samples: Sequence[Sample]) -> list[PageTrial]:
    """Return what a stanza reads of each page."""
    shared = shared_lines(samples)
    return [_page(site, one, shared) for one in samples]


def tried_alone(site: Publisher, page: Fetched) -> PageTrial | None:
    """Return what a stanza reads of a page in which the general rules see no article; None where it sees none."""
    read = read_article(page.body, publisher=site, url=page.url, content_type=page.content_type)
    if isinstance(read, NoArticle) or any(one.startswith(_OTHERS) for one in read.warnings):
        return None
    values = {name: (_value(read, attribute), "") for name, attribute in FIELDS.items()}
    statuses = {name: _status(mine, "") for name, (mine, _) in values.items()}
    return PageTrial(page.url, statuses, values, None, read.article_id, read.published_at)


def _page(site: Publisher, sample: Sample, shared: frozenset[str]) -> PageTrial:
    read = read_article(sample.body, publisher=site, url=sample.url, content_type=sample.content_type)
    if isinstance(read, NoArticle):
        return PageTrial(sample.url, dict.fromkeys(FIELDS, "missing"), {}, f"{read.outcome}, {read.text}")
    other = next((one for one in read.warnings if one.startswith(_OTHERS)), None)
    statuses: dict[str, Status] = {}
    values: dict[str, tuple[str, str]] = {}
    for name, attribute in FIELDS.items():
        mine, theirs = _value(read, attribute), _value(sample.article, attribute)
        if name == "body":  # the general rules read some lines of the site's own, which no other page tells them of
            lead = read.lead or ""
            theirs = "\n".join(line for line in theirs.split("\n") if line not in shared and line != lead)
        statuses[name] = _status(mine, theirs)
        if name == "lead" and mine and sample.article.body.startswith(mine):
            statuses[name] = "same"  # what the general rules read as the first line of the text
        values[name] = (mine, theirs)
    problem = None if other is None else f"the stanza does not read it: {other}"
    return PageTrial(sample.url, statuses, values, problem, read.article_id, read.published_at)


def _value(article: Article, attribute: str) -> str:
    value = getattr(article, attribute)
    if attribute == "published_at":
        value = value or article.published_date
    if attribute == "lead" and article.dateline:
        value = f"{article.dateline} {value or ''}"
    return "\n".join(value) if isinstance(value, list) else value or ""


def _status(mine: str, theirs: str) -> Status:
    if not mine and not theirs:
        return "-"
    if not theirs:
        return "only"
    if not mine:
        return "missing"
    # A moment of the day that the general rules read says more than they do, and nothing else.
    is_moment = _ISO_DAY.fullmatch(theirs) is not None and mine.startswith(theirs)
    if is_moment or _folded(mine) == _folded(theirs):
        return "same"
    lines = [_folded(line) for line in mine.split("\n")]
    return "more" if all(_folded(line) in lines for line in theirs.split("\n")) else "differs"


def _folded(text: str) -> str:
    return " ".join(fold_label(text).split())


def differences(trials: Sequence[PageTrial]) -> list[tuple[str, int, str, str]]:
    """Return field, number of the page, and what either reading alone has of every difference, shortened to a line."""
    return [
        (name, number, *_apart(*one.values[name]))
        for number, one in enumerate(trials, 1)
        for name, status in one.fields.items()
        if status in ("differs", "missing", "more") and name in one.values
    ]


def _apart(mine: str, theirs: str) -> tuple[str, str]:
    """Return the lines of two values that the other one does not have."""
    ours, others = mine.split("\n"), theirs.split("\n")
    known, of_others = {_folded(one) for one in ours}, {_folded(one) for one in others}
    alone = "\n".join(one for one in ours if _folded(one) not in of_others)
    return shown(alone), shown("\n".join(one for one in others if _folded(one) not in known))
