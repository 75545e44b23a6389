"""What a page turned out to be: an article in parts (Page, Anatomy), or not one (NoArticle)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from farscrawler.extract.time_rules import Stamp

if TYPE_CHECKING:
    from farscrawler.items import Image
    from farscrawler.publishers import Publisher


Outcome = Literal["missing", "blocked", "not-article", "failed"]
# How reasons begin that others act on.
CUT_OFF = "cut off"
IS_ARTICLE = "is article"
EMPTY_BODY = "empty body"


@dataclass(frozen=True, slots=True)
class NoArticle:
    """A page that is no article. ``failed`` and ``blocked`` are owed again; ``reason`` is a short stable phrase."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """The raw parts of an article page, each text as printed (ASCII whitespace folded, ends trimmed).

    ``paragraphs`` are the lines of lead and body in order, ``""`` for a visible blank line, without end
    mark and furniture; ``lead`` is set only where the markup itself sets the lead apart. ``stamps`` are all times of
    publication that the page gives, best trusted first, where it gives more than ``published_text``; ``changes`` those
    of the last change.
    """

    headline: str
    kicker: str | None = None
    subtitle: str | None = None
    published_text: str | None
    stamps: tuple[Stamp, ...] = ()
    changes: tuple[Stamp, ...] = ()
    lead: str | None = None
    paragraphs: tuple[str, ...] = ()
    agency: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    permalink: str | None = None
    article_id: str | None = None
    warnings: tuple[str, ...] = ()

    def published(self) -> tuple[Stamp, ...]:
        """Return the times of publication, the printed one where the page gives no other."""
        if self.stamps or not self.published_text:
            return self.stamps
        return (Stamp("the printed line", self.published_text),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is an article. ``url`` is the address it came from, ``warnings`` those of the whole page."""

    publisher: Publisher
    form: str
    url: str
    article_id: str
    encoding: str
    anatomy: Anatomy
    warnings: tuple[str, ...] = ()


# Evidence: where each field of a page was taken from, and what was refused and why; noted while a page is read.
@dataclass(frozen=True, slots=True)
class Finding:
    """One value that a page offers for a field: where it stands, and why it was ``refused`` (None: it was taken)."""

    field: str
    where: str
    value: str
    refused: str | None = None


@dataclass(slots=True)
class Evidence:
    """The findings of one page in the order of reading.

    A page is read the same way with one and without; only what stands behind a value that was taken is not looked at
    unless somebody wants to know.
    """

    findings: list[Finding] = field(default_factory=list)

    def took(self, name: str, where: str, value: str) -> None:
        """Note a value that was taken."""
        self.findings.append(Finding(name, where, value))

    def took_all(self, anatomy: Anatomy, where: str) -> None:
        """Note that every part of an article was taken from one place."""
        for one in fields(anatomy):
            value = getattr(anatomy, one.name)
            if value and isinstance(value, str):
                self.took(one.name, where, value)
        for name, values in (("body", anatomy.paragraphs), ("tags", anatomy.tags)):
            if values:
                self.took(name, where, values[0])

    def refused(self, name: str, where: str, value: str, why: str) -> None:
        """Note a value that was not taken, and why."""
        self.findings.append(Finding(name, where, value, why))
