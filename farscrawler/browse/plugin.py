"""The plugin of Datasette: routes, what templates may say, cells, and the answer to an error."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from datasette import Response, hookimpl
from datasette.utils.asgi import Base400
from datasette.views.base import DatasetteError
from markupsafe import Markup

from farscrawler.browse import days, lists, reading, searching
from farscrawler.browse.addresses import address, decoded
from farscrawler.browse.guard import DATABASE, STATIC, Guard
from farscrawler.browse.site import Asked, NotThereError, Site
from farscrawler.errors import FarscrawlerError
from farscrawler.markup import clean
from farscrawler.persian import digits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from datasette.app import Datasette
    from datasette.utils.asgi import Request
    from jinja2 import Environment

    from farscrawler.browse.guard import App

    View = Callable[[Site, Asked], dict[str, Any]]

logger = logging.getLogger("farscrawler")

#: The pages: the pattern of the address, the template, and what makes its words.
_PAGES: tuple[tuple[str, str, View], ...] = (
    (r"/$", "front", lists.front),
    (r"/articles$", "articles", lists.articles),
    (r"/search$", "search", searching.search),
    (r"/article/(?P<publisher>[^/]+)/(?P<id>[^/]+)$", "article", reading.article),
    (r"/article/(?P<publisher>[^/]+)/(?P<id>[^/]+)/revisions$", "revisions", reading.revisions),
    (r"/article/(?P<publisher>[^/]+)/(?P<id>[^/]+)/page$", "kept_page", reading.kept_page),
    (r"/coverage/(?P<publisher>[^/]+)$", "coverage", days.coverage),
    (r"/day/(?P<publisher>[^/]+)/(?P<day>[^/]+)$", "day", days.one_day),
    (r"/ledger/(?P<publisher>[^/]+)$", "ledger", days.ledger),
)
_STYLES = (("", "markup.css"), ("coverage", "calendar.css"), ("browse", "browse.css"))
_WEB = re.compile(r"https?://[\x21-\x7e]+", re.ASCII)
_NOT_FOUND, _BROKE = 404, 500
#: The only error of which Datasette writes HTML, with advice for whoever has set its limit.
_TOO_LONG = "The statement took longer than a second, and was stopped: let it read fewer rows."
#: Letters of a cell of a table; the reading page has all.
_CELL = 300


class BrowsePlugin:
    """The hooks that Datasette calls, for one archive."""

    __name__ = "farscrawler.browse"

    def __init__(self, site: Site) -> None:
        self._site = site

    @hookimpl
    def register_routes(self) -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
        """Return the pages, which stand before Datasette's own."""
        pages = [(pattern, partial(_page, self._site, f"{name}.html", view)) for pattern, name, view in _PAGES]
        return [*((pattern, _view(made)) for pattern, made in pages), (r"/browse\.css$", _stylesheet)]

    @hookimpl
    def asgi_wrapper(self) -> Callable[[App], App]:
        """Put the guard before all pages."""
        return Guard

    @hookimpl
    def prepare_jinja2_environment(self, env: Environment) -> None:
        """Make every text printable before it is escaped, in Datasette's own pages too."""
        env.finalize = _printable
        env.filters["outgoing"] = outgoing
        env.filters["persian"] = digits
        env.globals["stylesheet"] = f"/browse.css?{_styles()[1]}"
        env.globals["address"] = address
        env.globals["tables"] = f"/{DATABASE}"

    @hookimpl
    def extra_css_urls(self) -> list[str]:
        """Give Datasette's own pages the font, and texts of the right direction."""
        return [f"/{STATIC}/tables.css"]

    @hookimpl
    def menu_links(self) -> list[dict[str, str]]:
        """Lead from Datasette's own pages to ours."""
        return [{"href": "/", "label": "بایگانی خبر"}, {"href": "/search", "label": "جست‌وجو"}]

    @hookimpl
    def render_cell(self, row: Any, value: Any, column: str, table: str | None) -> Markup | None:
        """Return a text of its own direction; an id leads to the reading page, an address out."""
        if not isinstance(value, str):
            return None
        shown = Markup('<bdi dir="auto">{}</bdi>').format(clean(value[:_CELL]) + ("…" if len(value) > _CELL else ""))
        if column == "article_id" and table in ("articles", "revisions") and row is not None:
            return Markup('<a href="{}">{}</a>').format(address("article", row["publisher"], value), shown)
        return outgoing(value) if _WEB.fullmatch(value) and len(value) <= _CELL else shown

    @hookimpl
    def handle_exception(self, datasette: Datasette, request: Request, exception: Exception) -> Any:
        """Answer an error with a sentence. Datasette's own hook prints what every function held, articles too."""
        if isinstance(exception, DatasetteError):
            status = exception.status
            sentence = _TOO_LONG if exception.message_is_html else str(exception.message)
        elif isinstance(exception, Base400):
            status, sentence = exception.status, str(exception)
        elif isinstance(exception, FarscrawlerError):
            status, sentence = _BROKE, str(exception)
        else:
            logger.error("%s: %r", request.path, exception, exc_info=exception)
            status, sentence = _BROKE, f"{type(exception).__name__}: {exception}"
        if request.path.endswith(".json"):
            return Response.json({"ok": False, "error": sentence, "status": status}, status=status)
        return partial(_error, datasette, request, status, sentence)


def _view(made: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def view(datasette: Datasette, request: Request) -> Any:
        return await made(datasette, request)

    return view


async def _page(site: Site, template: str, view: View, datasette: Datasette, request: Request) -> Any:
    query = {name: request.args.getlist(name) for name in request.args}
    asked = Asked(decoded(request.url_vars), query)
    try:
        context = await asyncio.to_thread(view, site, asked)
    except NotThereError as error:
        return await _error(datasette, request, _NOT_FOUND, str(error), lang="fa")
    body = await datasette.render_template(template, {"words": "", **context}, request=request)
    return Response.html(body, status=context.get("status", 200), headers={"cache-control": "no-cache"})


async def _error(datasette: Datasette, request: Request, status: int, sentence: str, *, lang: str = "en") -> Any:
    title = "چنین صفحه‌ای نیست" if status == _NOT_FOUND else "این صفحه ساخته نشد"
    context = {"title": title, "sentence": sentence, "words": "", "language": lang}
    return Response.html(await datasette.render_template("trouble.html", context, request=request), status=status)


async def _stylesheet(request: Request) -> Any:  # noqa: ARG001  # Datasette hands over what is named here
    return Response(_styles()[0], content_type="text/css; charset=utf-8", headers={"cache-control": "max-age=3600"})


@cache
def _styles() -> tuple[str, str]:
    """Return the style sheet of all pages, and its digest."""
    package = resources.files("farscrawler")
    found = "".join(package.joinpath(*filter(None, place)).read_text(encoding="utf-8") for place in _STYLES)
    return found, hashlib.sha256(found.encode()).hexdigest()[:12]


def _printable(value: Any) -> Any:
    return clean(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def outgoing(url: str) -> Markup:
    """Return an address of the web as a link that says nothing of where it was; any other one is no link."""
    shown = Markup('<bdi dir="ltr">{}</bdi>').format(clean(url))
    if not _WEB.fullmatch(url):
        return shown
    return Markup('<a href="{}" rel="noreferrer noopener nofollow external">{}</a>').format(clean(url), shown)
