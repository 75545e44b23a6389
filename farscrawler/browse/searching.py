"""The page of a search: a box, what was found with the hits marked, and what else may be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farscrawler.archive.search.matches import ORDERS
from farscrawler.browse.addresses import address, choice_of, days_of, query_of
from farscrawler.browse.facets import UNDATED
from farscrawler.browse.labels import FIELDS
from farscrawler.browse.lists import PAGE, chosen, facets, item
from farscrawler.browse.site import NotThereError
from farscrawler.days import DateRange
from farscrawler.errors import BadArgumentError, NoSearchIndexError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.search.matches import Order, SearchResult
    from farscrawler.browse.site import Asked, Site
    from farscrawler.search import Excerpt


def search(site: Site, asked: Asked) -> dict[str, Any]:
    """Return the page of a search; where there is no index yet, what makes it."""
    words, choice = asked.value("q") or "", choice_of(asked)
    order: Order = "rank" if asked.value("order") == "rank" else "newest"
    if choice.year == UNDATED:
        raise NotThereError("جست‌وجو تنها در روزهای دانسته یا در همهٔ خبرهاست.")
    said = {"q": words, "order": None if order == ORDERS[0] else order}
    context: dict[str, Any] = {
        "title": f"جست‌وجوی {words}" if words else "جست‌وجو",
        "words": words,
        "order": order,
        "hidden": [(name, one) for name, value in query_of(choice).items() for one in _each(value)],
        "chosen": list(chosen(site, choice, "search", **said)),
        "other_order": address("search", q=words, order=None if order == "rank" else "rank", **query_of(choice)),
        "items": [],
    }
    if not words:
        return context
    with site.archive() as archive:
        counted = site.facets.newest(archive)
        days = days_of(choice) or DateRange()
        try:
            page = archive.search(
                words,
                publishers=choice.publishers,
                since=None if days == DateRange() else days.first,
                until=None if days == DateRange() else days.last,
                section=choice.section,
                order=order,
                limit=PAGE,
                after=asked.value("after"),
            )
        except NoSearchIndexError:
            return context | {"no_index": True, "archive_path": str(site.path)}
        except BadArgumentError as error:
            return context | {"refused": str(error), "status": 400}
    return context | {
        "items": [_found(site, one) for one in page.results],
        # How many of the articles found are of each is not counted: that would read all of them.
        "facets": list(facets(site, counted, choice, "search", numbers=False, **said)),
        "next": address("search", **said, **query_of(choice), after=page.after) if page.after else None,
        "begun": asked.value("after") is not None,
        "first": address("search", **said, **query_of(choice)),
    }


def _each(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        yield from map(str, value)
    elif value is not None:
        yield str(value)


def _found(site: Site, result: SearchResult) -> dict[str, Any]:
    shown = item(site, result.article)
    excerpts = {one.field: one for one in result.excerpts}
    headline = excerpts.pop("headline", None)
    return shown | {
        "headline_pieces": None if headline is None else list(_pieces(headline)),
        "excerpts": [
            {"label": FIELDS[name], "pieces": list(_pieces(one)), "before": one.more_before, "after": one.more_after}
            for name, one in excerpts.items()
            if name in FIELDS
        ],
    }


def _pieces(excerpt: Excerpt) -> Iterator[tuple[bool, str]]:
    """Yield the parts of an excerpt, each with whether it is a hit."""
    at = 0
    for first, last in excerpt.hits:
        yield False, excerpt.text[at:first]
        yield True, excerpt.text[first:last]
        at = last
    yield False, excerpt.text[at:]
