"""Site: a request's target to a response, as far as the real site's ways are known. No socket, no fault."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from farscrawler.testing.newsroom import lists, printpage, skins
from farscrawler.testing.newsroom.response import Response, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.testing.newsroom.press import Newsroom
    from farscrawler.testing.newsroom.story import Story

WEIGHT = 75_000  # bytes of the one real article page of this engine that is known
LISTED_HOME, LISTED = 40, 30
ROBOTS = ("allow", "disallow", "error")
_CACHED_PAGES = 512
_ARTICLE = re.compile(r"^(?:/fa)?/news/([0-9]{1,18})(?:/|$)", re.IGNORECASE)
_LIST = re.compile(r"^/(?:service|newsall)/([0-9]{1,6})(?:/|$)", re.IGNORECASE)
_PRINT = "/incsys/prtnews.aspx"
_ID = re.compile(r"[0-9]{1,18}")


class Site:
    """The site of a newsroom. ``weight`` is the size in bytes that article and list pages are padded to.

    ``robots`` is ``allow``, ``disallow`` (everything) or ``error`` (status 500). ``validators`` switches
    ETag, Last-Modified and the answer 304 to a conditional request.
    """

    def __init__(
        self, newsroom: Newsroom, *, weight: int = WEIGHT, robots: str = "allow", validators: bool = True
    ) -> None:
        if robots not in ROBOTS:
            raise ValueError(f"robots must be one of {', '.join(ROBOTS)}, not {robots!r}")
        if weight < 0:
            raise ValueError(f"weight is a number of bytes, not {weight}")
        self.newsroom = newsroom
        self.weight = weight
        self.robots = robots
        self.validators = validators
        self._page = lru_cache(maxsize=_CACHED_PAGES)(self._rendered)
        self._list = lru_cache(maxsize=16)(self._listing)

    def respond(self, target: str, headers: Mapping[str, str] | None = None) -> Response:
        """Answer a GET of ``target`` (path and query, escaped or raw); header names are in lower case."""
        response = self._answer(target)
        return validated(response, headers or {}) if self.validators else response

    def article_id_of(self, target: str) -> int | None:
        """Return the id of the article that a target asks for, whether there is one or not."""
        return article_id_of(target)

    def _answer(self, target: str) -> Response:
        path = _path(target)
        lowered = path.lower()
        article_id = article_id_of(target)
        if article_id is not None:
            return self._article(article_id, "print" if lowered == _PRINT else "article")
        if lowered == _PRINT:
            return _page(302, "", "print", ("Location", "/Error.aspx"))
        if lowered == "/robots.txt":
            return self._robots()
        if lowered == "/error.aspx":
            return _page(200, lists.error(), "error")
        return self._lists(path) or _page(404, lists.not_found(), "other")

    def _lists(self, path: str) -> Response | None:
        lowered = path.lower()
        if lowered in ("/", "/default.aspx"):
            return Response(status=200, body=self._list_page("", None, LISTED_HOME), kind="home")
        if found := _LIST.match(path):
            return Response(status=200, body=self._list_page("فهرست", int(found[1]), LISTED), kind="list")
        if lowered.startswith("/archive/"):
            return Response(status=200, body=self._list_page("آرشيو", None, LISTED), kind="list")
        return None

    def _article(self, article_id: int, form: str) -> Response:
        story = self.newsroom.story(article_id)
        if story is None:
            gap = self.newsroom.gap(article_id)
            if gap == "404":
                return _page(404, lists.not_found(), form)
            if gap == "empty":
                return _page(200, lists.empty(), form)
            return _page(302, "", form, ("Location", "/Error.aspx"))
        body = self._page(story, form)
        modified = story.published.replace(microsecond=0) + timedelta(hours=story.revision)
        return Response(status=200, body=body, kind=form, modified=modified)

    def _rendered(self, story: Story, form: str) -> bytes:
        if form == "print":
            return printpage.render(story).encode()
        earlier = self._earlier(story, 12)
        return skins.render(story, weight=self.weight, sidebar=earlier[:8], related=earlier[8:]).encode()

    def _earlier(self, story: Story, number: int) -> list[Story]:
        """Return a few earlier stories; later ones would change the page whenever they appear."""
        found: list[Story] = []
        lowest = max(self.newsroom.first_id, story.article_id - 4 * number)
        for article_id in range(story.article_id - 1, lowest - 1, -1):
            other = self.newsroom.story(article_id)
            if other is not None:
                found.append(other)
                if len(found) == number:
                    break
        return found

    def _list_page(self, title: str, section: int | None, number: int) -> bytes:
        return self._list(title, section, number, self.newsroom.newest_id)

    def _listing(self, title: str, section: int | None, number: int, _newest_id: int) -> bytes:
        return lists.listing(title, self.newsroom.newest(number, section), weight=self.weight).encode()

    def _robots(self) -> Response:
        if self.robots == "error":
            return _page(500, lists.unavailable(), "robots")
        rule = "Disallow: /" if self.robots == "disallow" else "Disallow:"
        body = f"User-agent: *\n{rule}\n".encode()
        return Response(status=200, body=body, kind="robots", content_type="text/plain")


def article_id_of(target: str) -> int | None:
    """Return the id that an article's or a print page's address asks for; what follows it is ignored."""
    path = _path(target)
    if found := _ARTICLE.match(path):
        return int(found[1])
    if path.lower() != _PRINT:
        return None
    try:
        pairs = parse_qsl(target.partition("#")[0].partition("?")[2], max_num_fields=50)
    except ValueError:
        return None
    codes = [value for name, value in pairs if name.lower() == "code"]
    return int(codes[0]) if codes and _ID.fullmatch(codes[0]) else None


def _path(target: str) -> str:
    return unquote(target.partition("#")[0].partition("?")[0])


def _page(status: int, html: str, kind: str, *headers: tuple[str, str]) -> Response:
    return Response(status=status, body=html.encode(), kind=kind, headers=headers)
