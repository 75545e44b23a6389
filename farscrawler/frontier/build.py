"""Make the plan that the arguments of a crawl ask for."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive.captures import RejectedCaptures
from farscrawler.frontier.backfill import Past
from farscrawler.frontier.bisect_dates import Dates
from farscrawler.frontier.incremental import Fresh, Incremental, LatestListed
from farscrawler.frontier.latest import Latest
from farscrawler.frontier.listed import by_address
from farscrawler.frontier.revisit import Revisit, YoungArticles
from farscrawler.frontier.saved_pages import Recovered, SavedPages
from farscrawler.frontier.seeds import Seeds
from farscrawler.frontier.web_archive import WebArchive
from farscrawler.saved.folders import closed_since
from farscrawler.saved.url_filter import UrlFilter
from farscrawler.webarchives.service import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.settings import BaseSettings

    from farscrawler.frontier.arguments import Arguments
    from farscrawler.frontier.base import Context, Strategy


def make_strategy(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    """Make the plan: with no ids, urls or count the incremental crawl, which also looks at young articles again.

    Where a killed run has kept pages in WARC files, they come first.
    """
    strategy = _make_strategy(context, arguments, settings)
    asks_the_site = arguments.pages is None and arguments.source is None
    since = context.ledger.broken_since() if settings["WARC"] and asks_the_site else None
    kept = closed_since(Path(settings["WARC"]), context.publisher.key, since) if since is not None else []
    if not kept:
        return strategy
    url_filter = UrlFilter(context.publisher, base_url=arguments.base_url)
    return Recovered(SavedPages(context, kept, url_filter, edge=settings.getint("EDGE_IDS"), told=False), strategy)


def _make_strategy(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    strategy = _what_is_new(context, arguments, settings)
    age = arguments.refresh
    if age is None and isinstance(strategy, (Incremental, Fresh)):
        age = dt.timedelta(hours=settings.getfloat("REFRESH_HOURS"))
    if not age:
        return strategy
    return Revisit(strategy, YoungArticles(context, age, every=settings.getfloat("REFRESH_EVERY")))


def _what_is_new(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    if arguments.source is not None:
        return WebArchive(
            context,
            load(arguments.source, settings),
            RejectedCaptures(context.ledger.archive, context.publisher.key),
            wanted=_wanted(arguments),
            form=arguments.form,
            tries=settings.getint("CAPTURES_PER_ARTICLE"),
            since=arguments.span.first if arguments.span is not None else None,
        )
    edge = settings.getint("EDGE_IDS")
    if arguments.pages is not None:
        url_filter = UrlFilter(context.publisher, base_url=arguments.base_url, form=arguments.form)
        return SavedPages(context, [arguments.pages], url_filter, edge=edge)
    form = arguments.form or context.publisher.default_form
    if arguments.span is not None:
        by_ids = partial(
            Dates,
            context,
            form=form,
            edge=edge,
            margin_hours=settings.getfloat("RANGE_MARGIN_HOURS"),
            margin_limit=settings.getfloat("RANGE_MARGIN_LIMIT"),
        )
        return Past(context, arguments.span, arguments.form, edge=edge, door=arguments.door, ids=by_ids)
    if arguments.ids is not None:
        return Seeds.of_ids(context, arguments.ids, len(arguments.ids), form, edge=edge)
    if arguments.urls is not None:
        return Seeds(context, arguments.urls, len(arguments.urls), edge=edge)
    newest = _newest_listed if by_address(context.publisher) else _newest_numbers
    return newest(context, arguments, settings)


def _newest_listed(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    """Plan for a site whose ids do not tell what is newer."""
    if arguments.latest is not None:
        return LatestListed(context, arguments.latest, arguments.form)
    return Fresh(context, arguments.form, first=settings.getint("FIRST_IDS"))


def _newest_numbers(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    edge = settings.getint("EDGE_IDS")
    form = arguments.form or context.publisher.default_form
    if arguments.latest is not None:
        return Latest(context, arguments.latest, form, edge=edge)
    return Incremental(
        context,
        form,
        probe_misses=settings.getint("PROBE_MISSES"),
        edge=edge,
        first=settings.getint("FIRST_IDS"),
    )


def _wanted(arguments: Arguments) -> Callable[[str], bool]:
    """Give whether an article belongs to the ids or urls that were asked for; without any, all do."""
    if arguments.ids is not None:
        ids = arguments.ids
        return lambda key: key.isdecimal() and int(key) in ids
    if arguments.urls is not None:
        keys = {target.key for target in arguments.urls}
        return keys.__contains__
    return lambda _: True
