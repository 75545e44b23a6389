"""FamilySite: what the replicas of all families share; each adds its pages, lists, sitemaps and feeds."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, unquote

from farscrawler.testing.newsroom.replicas.chronicle import Chronicle
from farscrawler.testing.newsroom.replicas.edition import answers
from farscrawler.testing.newsroom.response import Response, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.testing.newsroom.press import Newsroom
    from farscrawler.testing.newsroom.replicas.edition import Edition

ROBOTS = ("family", "allow", "disallow", "error")
WEIGHT = 40_000  # bytes: families' saved pages have 30,000 to 110,000
XML = "text/xml; charset=utf-8"
LISTED = 30
_CACHED_PAGES = 512


class FamilySite(ABC):
    """A site of one family over a newsroom's stories, as an object that answers targets.

    ``host`` is the name its own addresses carry, ``publisher`` the stanza it plays. ``weight`` is the size in bytes
    that pages are padded to. ``robots`` is ``family`` (the file that the family has), ``allow``, ``disallow`` or
    ``error``. ``validators`` as in :class:`farscrawler.testing.newsroom.site.Site`.
    """

    family: ClassVar[str]
    host: ClassVar[str]
    publisher: ClassVar[str]
    name: ClassVar[str]

    def __init__(
        self,
        newsroom: Newsroom,
        *,
        host: str | None = None,
        publisher: str | None = None,
        weight: int = WEIGHT,
        robots: str = "family",
        validators: bool = True,
    ) -> None:
        if robots not in ROBOTS:
            raise ValueError(f"robots must be one of {', '.join(ROBOTS)}, not {robots!r}")
        if weight < 0:
            raise ValueError(f"weight is a number of bytes, not {weight}")
        self.newsroom = newsroom
        self.chronicle = Chronicle(newsroom)
        self.home = f"https://{host or self.host}"
        self.publisher_key = publisher or self.publisher
        self.weight = weight
        self.robots = robots
        self.validators = validators
        self._page = lru_cache(maxsize=_CACHED_PAGES)(self._rendered)

    def respond(self, target: str, headers: Mapping[str, str] | None = None) -> Response:
        """Answer a GET of ``target`` (path and query, escaped or raw); header names are in lower case."""
        response = self._answer(target)
        return validated(response, headers or {}) if self.validators else response

    def article_id_of(self, target: str) -> int | None:
        """Return the number of the article that a target asks for, whether there is one or not."""
        return self.number_at(path_of(target))

    def answers(self, one: Edition) -> dict[str, Any]:
        """Return what a right reader must find on the article's page."""
        return answers(
            one,
            publisher=self.publisher_key,
            article_id=self.key_of(one),
            printed=self.printed(one),
            pictures=self.picture_of(one),
            section=self.section_of(one),
        )

    def articles(self) -> list[Edition]:
        """Return every article that there is now, oldest first."""
        return [one for at in self.newsroom.ids() if (one := self.chronicle.article(at)) is not None]

    # -- what a family says ---------------------------------------------------------------------------------------

    @abstractmethod
    def key_of(self, one: Edition) -> str:
        """Return the article's id, as its addresses hold it."""

    @abstractmethod
    def path_for(self, one: Edition) -> str:
        """Return the path of the article's page, raw."""

    @abstractmethod
    def number_at(self, path: str) -> int | None:
        """Return the number of the article that an unquoted path asks for."""

    @abstractmethod
    def printed(self, one: Edition) -> str:
        """Return the visible line of the time, as the page prints it."""

    @abstractmethod
    def article_page(self, one: Edition) -> str:
        """Return the article's page."""

    @abstractmethod
    def missing(self) -> Response:
        """Answer for an article that is not there."""

    @abstractmethod
    def robots_txt(self) -> str:
        """Return the robots.txt that the family has."""

    @abstractmethod
    def other(self, path: str, query: Mapping[str, str]) -> Response | None:
        """Answer lists, sitemaps and feeds; None for what the site does not have."""

    def section_of(self, one: Edition) -> str | None:
        """Return the section that the page names."""
        return one.section[1]

    def picture_of(self, one: Edition) -> list[dict[str, str | None]]:
        """Return the pictures that the page shows."""
        if one.picture is None:
            return []
        return [{"url": self.picture_url(one), "caption": self.caption_of(one)}]

    def picture_url(self, one: Edition) -> str:
        """Return the address of the article's picture."""
        return f"https://media.{self.home.removeprefix('https://').removeprefix('www.')}/d/{one.picture}"

    def caption_of(self, one: Edition) -> str | None:
        """Return the caption that the page prints."""
        return one.caption

    # -- what all share ---------------------------------------------------------------------------------------------

    def url_for(self, one: Edition) -> str:
        """Return the article's whole address, raw."""
        return self.home + self.path_for(one)

    def _answer(self, target: str) -> Response:
        path, query = path_of(target), query_of(target)
        if path == "/robots.txt":
            return self._robots()
        number = self.number_at(path)
        if number is not None:
            one = self.chronicle.article(number)
            if one is None:
                return self.missing()
            return self.shown(one, path, query)
        return self.other(path, query) or page(self.not_found(), status=404, kind="other")

    def shown(self, one: Edition, path: str, query: Mapping[str, str]) -> Response:  # noqa: ARG002  # for families that care
        """Answer with an article's page, whatever the rest of the address says."""
        return Response(status=200, body=self._page(one), kind="article", modified=one.changed)

    def not_found(self) -> str:
        """Return the body of a 404."""
        return (
            '<!DOCTYPE html><html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>404</title></head>'
            "<body><h1>404</h1><p>صفحه‌ای که می‌جویید پیدا نشد.</p></body></html>\n"
        )

    def _rendered(self, one: Edition) -> bytes:
        return self.article_page(one).encode()

    def _robots(self) -> Response:
        if self.robots == "error":
            return page("", status=500, kind="robots")
        text = {"allow": "User-agent: *\nDisallow:\n", "disallow": "User-agent: *\nDisallow: /\n"}
        body = text.get(self.robots) or self.robots_txt()
        return Response(status=200, body=body.encode(), kind="robots", content_type="text/plain")


def page(html: str, *, status: int = 200, kind: str = "list") -> Response:
    """Return a page of text."""
    return Response(status=status, body=html.encode(), kind=kind)


def xml(body: bytes, kind: str = "sitemap", content_type: str = XML) -> Response:
    """Return a file for machines."""
    return Response(status=200, body=body, kind=kind, content_type=content_type)


def moved(path: str, status: int = 301) -> Response:
    """Return a redirect to a path of the same server, so that it holds under a mirror's address too."""
    return Response(status=status, body=b"", kind="article", headers=(("Location", path),))


def path_of(target: str) -> str:
    """Return the unquoted path of a target."""
    return unquote(target.partition("#")[0].partition("?")[0])


def query_of(target: str) -> dict[str, str]:
    """Return the query of a target; the last of a repeated key."""
    try:
        return dict(parse_qsl(target.partition("#")[0].partition("?")[2], keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return {}


def number_in(query: Mapping[str, str], key: str, default: int | None = None) -> int | None:
    """Return a number of the query, in digits of any script; ``default`` where it is left out or is none."""
    text = query.get(key, "")
    return int(text) if re.fullmatch(r"\d{1,9}", text) else default
