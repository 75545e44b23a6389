"""Make the strategy that the arguments of a crawl ask for."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.archive.captures import RejectedCaptures
from farscrawler.frontier.backfill import make_backfill
from farscrawler.frontier.bisect_dates import BisectDates
from farscrawler.frontier.ccnews import CcNewsPages
from farscrawler.frontier.incremental import IncrementalByIds, IncrementalByListings
from farscrawler.frontier.latest import LatestByIds, LatestByListings
from farscrawler.frontier.listed import by_address
from farscrawler.frontier.revisit import AskedAgain, Revisit, SettledAddresses, YoungArticles
from farscrawler.frontier.saved_pages import Recovered, SavedPages
from farscrawler.frontier.seeds import Seeds
from farscrawler.frontier.web_archive import WebArchive
from farscrawler.saved.folders import closed_since
from farscrawler.saved.url_filter import UrlFilter
from farscrawler.webarchives.service import CCNEWS, load, load_ccnews

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.settings import BaseSettings

    from farscrawler.frontier.arguments import Arguments
    from farscrawler.frontier.base import Context, Strategy


def make_strategy(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    """Return the strategy: with no ids, urls, count or days the incremental crawl, which also visits young articles.

    Where a killed run has kept pages in WARC files, they come first.
    """
    edge = settings.getint("EDGE_IDS")
    if arguments.web_archive == CCNEWS:
        return _ccnews(context, arguments, settings)
    if arguments.web_archive is not None:
        return _web_archive(context, arguments, arguments.web_archive, settings)
    if arguments.pages is not None:
        url_filter = UrlFilter(context.publisher, base_url=arguments.base_url, form=arguments.form)
        return SavedPages(context, [arguments.pages], url_filter, edge=edge)
    strategy = _with_young(context, _of_the_site(context, arguments, settings), arguments, settings)
    since = context.ledger.broken_since() if settings["WARC"] else None
    kept = closed_since(Path(settings["WARC"]), context.publisher.key, since) if since is not None else []
    if not kept:
        return strategy
    url_filter = UrlFilter(context.publisher, base_url=arguments.base_url)
    return Recovered(SavedPages(context, kept, url_filter, edge=edge, told=False), strategy)


def _ccnews(context: Context, arguments: Arguments, settings: BaseSettings) -> CcNewsPages:
    publisher = context.publisher
    known: frozenset[str] = frozenset()
    if publisher.anywhere:  # pages of a site that has a stanza are that publisher's
        known = frozenset(host for one in publishers.of(settings).all() for host in one.hosts)
    return CcNewsPages(
        context,
        load_ccnews(settings, arguments.days),
        UrlFilter(publisher, form=arguments.form),
        others=known,
        edge=settings.getint("EDGE_IDS"),
    )


def _web_archive(context: Context, arguments: Arguments, name: str, settings: BaseSettings) -> WebArchive:
    return WebArchive(
        context,
        load(name, settings),
        RejectedCaptures(context.ledger.archive, context.publisher.key, context.ledger.ask_again),
        wanted=_wanted(arguments),
        form=arguments.form,
        tries=settings.getint("CAPTURES_PER_ARTICLE"),
        since=arguments.days.first if arguments.days is not None else None,
    )


def _wanted(arguments: Arguments) -> Callable[[str], bool]:
    """Return whether an article belongs to the ids or urls that were asked for; without any, all do."""
    if arguments.ids is not None:
        ids = arguments.ids
        return lambda key: key.isdecimal() and int(key) in ids
    if arguments.urls is not None:
        keys = {target.key for target in arguments.urls}
        return keys.__contains__
    return lambda _: True


def _with_young(context: Context, strategy: Strategy, arguments: Arguments, settings: BaseSettings) -> Strategy:
    age = arguments.refresh
    if age is None and isinstance(strategy, AskedAgain):
        age = dt.timedelta(hours=settings.getfloat("REFRESH_HOURS"))
    if not age:
        return strategy
    every, asked_for = settings.getfloat("REFRESH_EVERY"), arguments.refresh is not None
    return Revisit(strategy, YoungArticles(context, age, every=every, asked_for=asked_for))


def _of_the_site(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    edge = settings.getint("EDGE_IDS")
    form = arguments.form or context.publisher.default_form
    if arguments.days is not None:
        by_ids = partial(
            BisectDates,
            context,
            form=form,
            edge=edge,
            margin_hours=settings.getfloat("RANGE_MARGIN_HOURS"),
            margin_limit=settings.getfloat("RANGE_MARGIN_LIMIT"),
            probe_most=settings.getint("PROBE_MOST"),
        )
        return make_backfill(context, arguments.days, arguments.form, edge=edge, via=arguments.via, by_ids=by_ids)
    if arguments.ids is not None:
        return Seeds.of_ids(context, arguments.ids, form, edge=edge)
    if arguments.urls is not None:
        return Seeds(context, arguments.urls, len(arguments.urls), edge=edge)
    if arguments.latest is not None:
        if by_address(context.publisher):
            return LatestByListings(context, arguments.latest, arguments.form)
        return LatestByIds(context, arguments.latest, form, edge=edge)
    return _incremental(context, arguments, settings)


def _incremental(context: Context, arguments: Arguments, settings: BaseSettings) -> Strategy:
    first = settings.getint("FIRST_IDS")
    strategy: Strategy
    if by_address(context.publisher):
        strategy = IncrementalByListings(context, arguments.form, first=first)
    else:
        strategy = IncrementalByIds(
            context,
            arguments.form or context.publisher.default_form,
            probe_misses=settings.getint("PROBE_MISSES"),
            probe_most=settings.getint("PROBE_MOST"),
            edge=settings.getint("EDGE_IDS"),
            first=first,
        )
    return AskedAgain(strategy, SettledAddresses(context))
