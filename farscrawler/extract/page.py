"""What a page turns out to be: an article in raw fields (Page), or no article (NoArticle) with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from farscrawler.extract.time_rules import TimeCandidate

if TYPE_CHECKING:
    from farscrawler.extract.explain import Evidence
    from farscrawler.items import Image
    from farscrawler.publishers import Publisher


Outcome = Literal["missing", "blocked", "not-article", "failed"]


class Reason(StrEnum):
    """Why a page is no article. The values are stored in archives: they never change."""

    EMPTY_BODY = "empty body"
    CUT_OFF = "cut off"
    UNFINISHED = "unfinished page"
    TOO_LARGE = "larger than"
    BINARY = "binary"
    CONTENT_TYPE = "content type"
    TOO_MANY_ELEMENTS = "more elements than"
    TOO_MANY_ATTRIBUTES = "too many attributes"
    NESTED_TOO_DEEPLY = "nested too deeply"
    TOOK_TOO_LONG = "took too long to read"
    TOOK_TOO_MUCH = "took too much memory to read"
    NO_ID = "no article id"
    ANOTHER_ARTICLE = "is article"
    NO_HEADLINE_AND_TIMESTAMP = "no headline and timestamp"
    NO_TIMESTAMP = "no timestamp"
    NO_TEXT = "no text"
    NOT_SAID = "no time, and nothing says that it is an article"
    LIST = "list of articles"
    HOME_PAGE = "home page"
    SERVICE_PAGE = "page about the site"
    SEVERAL_ARTICLES = "more than one article"
    UNKNOWN_LAYOUT = "unknown layout"
    EMPTY_TEMPLATE = "empty template"
    SOFT_404 = "soft 404"
    SERVER_ERROR = "server error page"
    ARVANCLOUD = "ArvanCloud challenge"
    CLOUDFLARE = "Cloudflare challenge"
    F5 = "F5 challenge"
    NO_KEY = "no key"
    NO_HEADLINE = "no headline"


@dataclass(frozen=True, slots=True)
class NoArticle:
    """A page that is no article. ``failed`` and ``blocked`` pages are pending again.

    ``detail`` is the part of the reason that differs from page to page, such as the id of the article it is instead.
    """

    outcome: Outcome
    reason: Reason
    detail: str = ""

    @property
    def text(self) -> str:
        """Return the reason with its detail, as archives store it."""
        if not self.detail:
            return str(self.reason)
        return f"{self.reason}{':' if self.reason is Reason.CUT_OFF else ''} {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFields:
    """The raw fields of an article page, each text as printed (ASCII whitespace folded, ends trimmed).

    ``paragraphs`` are the lines of lead and body in order, ``""`` for a visible blank line, without end
    mark and boilerplate; ``lead`` is set only where the markup itself sets the lead apart. ``published_times``
    are all times of publication that the page gives, best trusted first, where it gives more than ``published_text``;
    ``modified_times`` those of the last change.
    """

    headline: str
    kicker: str | None = None
    subtitle: str | None = None
    published_text: str | None
    published_times: tuple[TimeCandidate, ...] = ()
    modified_times: tuple[TimeCandidate, ...] = ()
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

    def published(self) -> tuple[TimeCandidate, ...]:
        """Return the times of publication, the printed one where the page gives no other."""
        if self.published_times or not self.published_text:
            return self.published_times
        return (TimeCandidate("the printed line", self.published_text),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is an article. ``url`` is the address it came from, ``warnings`` those of the whole page."""

    publisher: Publisher
    form: str
    url: str
    article_id: str
    encoding: str
    raw: RawFields
    warnings: tuple[str, ...] = ()
    evidence: Evidence | None = None
