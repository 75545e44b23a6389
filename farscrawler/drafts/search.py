"""The search for a site's sources: each is asked for, and kept where it lists articles of the site."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from farscrawler.days import jalali_parts, slashed
from farscrawler.drafts import doors
from farscrawler.drafts.doors import DatedTemplate, DoorDraft, DoorDrafts
from farscrawler.drafts.sample import links_of
from farscrawler.extract.document import indexed
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.pages import read_page
from farscrawler.listings.sitemaps import read_sitemap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.drafts.fetched import Fetch, Fetched
    from farscrawler.drafts.sample import Sample
    from farscrawler.listings import Listing
    from farscrawler.publishers import Publisher

#: Templates of dated lists that are tried, each on two days at most.
_TEMPLATES, _DAYS = 2, 2


async def find_doors(
    fetch: Fetch, site: Publisher, samples: Sequence[Sample], links: Sequence[tuple[str, str]], home: Fetched | None
) -> DoorDrafts:
    """Return the sources of a site that pages, robots.txt and the usual places lead to.

    Those that the site has by its family already are not looked for: a stanza that named them again would replace them.
    """
    found = DoorDrafts()
    known = site.sources.names
    if "feeds" not in known:
        await _feeds(found, fetch, site, samples, home)
    if "sitemaps" not in known:
        await _sitemaps(found, fetch, site)
    if {"archive", "pages"} <= set(known):
        return found
    links, lists = await _lists(fetch, site, links, home)
    if "archive" not in known:
        await _archive(found, fetch, site, samples, links)
    if "pages" not in known:
        await _pages(found, fetch, site, lists)
    return found


async def _feeds(
    found: DoorDrafts, fetch: Fetch, site: Publisher, samples: Sequence[Sample], home: Fetched | None
) -> None:
    named = list(doors.feeds_named(samples[0].index, samples[0].url))
    if home is not None and home.is_fine and (index := indexed(home.body, home.content_type)[1]) is not None:
        named += doors.feeds_named(index, home.url)
    own = [url for url in dict.fromkeys(named) if site.owns(url)]
    for url in (own or [site.address(path) for path in doors.FEEDS])[: doors.MOST_ASKED]:
        answer = await fetch(url)
        listing = read_feed(answer.body, publisher=site, url=url, content_type=answer.content_type)
        path = doors.path_on(url, site)
        if answer.is_fine and listing.articles and path is not None:
            dated = sum(1 for one in listing.articles if one.published is not None)
            found.found.append(DoorDraft("feeds", path, f"{_listed(listing)}, {dated} of them with a date"))
            found.feed_tz = found.feed_tz or _zone_of(answer, site, url, samples)
            return
    tried = "no feed that the pages name lists articles" if own else "neither named nor at the usual places"
    found.missing["feeds"] = tried


def _zone_of(answer: Fetched, site: Publisher, url: str, samples: Sequence[Sample]) -> str | None:
    """Return the zone of a feed's dates where they agree with the articles' times in that of the site alone."""
    times = {site.article_id(one.url): one.article.published_at for one in samples if one.article.published_at}
    agreed: dict[str, int] = {}
    for zone in (site.sources.feed_tz, site.tz):
        there = replace(site, sources=replace(site.sources, feed_tz=zone))
        listing = read_feed(answer.body, publisher=there, url=url, content_type=answer.content_type)
        agreed[zone] = sum(
            1
            for one in listing.articles
            if isinstance(one.published, dt.datetime)
            and (at := times.get(one.key)) is not None
            and abs((one.published - dt.datetime.fromisoformat(at)).total_seconds()) <= 60  # noqa: PLR2004  # seconds
        )
    return site.tz if agreed[site.tz] > agreed[site.sources.feed_tz] else None


async def _sitemaps(found: DoorDrafts, fetch: Fetch, site: Publisher) -> None:
    robots = await fetch(site.address("/robots.txt"))
    text = robots.body.decode("utf-8-sig", "ignore") if robots.is_fine else ""
    named = [url for url in dict.fromkeys(doors.sitemaps_named(text, robots.url)) if site.owns(url)]
    for url in (named or [site.address(path) for path in doors.SITEMAPS])[: doors.MOST_ASKED]:
        answer = await fetch(url)
        path = doors.path_on(url, site)
        listing = read_sitemap(answer.body, publisher=site, url=url, content_type=answer.content_type)
        if not answer.is_fine or path is None:
            continue
        if not listing.articles and listing.sitemaps:
            leaf = max(listing.sitemaps, key=lambda one: (str(one.lastmod or ""), one.url))
            below = await fetch(leaf.url) if site.owns(leaf.url) else None
            if below is not None and below.is_fine:
                inner = read_sitemap(below.body, publisher=site, url=leaf.url, content_type=below.content_type)
                if inner.articles:
                    why = f"an index of {len(listing.sitemaps)} sitemaps; the newest {_listed(inner)}"
                    found.found.append(DoorDraft("sitemaps", path, why))
                    return
        if listing.articles:
            found.found.append(DoorDraft("sitemaps", path, _listed(listing)))
            return
    tried = "those in robots.txt list no article" if named else "neither in robots.txt nor at the usual places"
    found.missing["sitemaps"] = tried


async def _lists(
    fetch: Fetch, site: Publisher, links: Sequence[tuple[str, str]], home: Fetched | None
) -> tuple[list[tuple[str, str]], list[Fetched]]:
    """Return all links, with those of the page that the site calls its archive, and the lists that were read."""
    every, lists = list(links), [home] if home is not None and home.is_fine else []
    named = doors.archive_named([one for one in links if site.owns(one[0]) and site.article_id(one[0]) is None])
    if named is not None:
        answer = await fetch(named)
        index = indexed(answer.body, answer.content_type)[1] if answer.is_fine else None
        if index is not None:
            every += links_of(index, answer.url)
            lists.append(answer)
    return every, lists


async def _archive(
    found: DoorDrafts, fetch: Fetch, site: Publisher, samples: Sequence[Sample], links: Iterable[tuple[str, str]]
) -> None:
    """Look for lists by day: a template is one where the list of an article's day has the article."""
    own = [one for one in links if site.owns(one[0])]
    days = {
        dt.date.fromisoformat(one.article.published_date): site.article_id(one.url)
        for one in samples
        if one.article.published_date is not None
    }
    # A day whose numbers have one digit shows whether the site writes a zero before them.
    ordered = sorted(days, key=lambda day: (not _is_short(day), -day.toordinal()))[:_DAYS]
    templates = doors.dated_templates(own, site)
    for padded in templates[:_TEMPLATES]:
        for template in dict.fromkeys((padded, *(() if padded.told else (padded.unpadded(),)))):
            hits = [day for day in ordered if await _lists_article(fetch, site, template, day, days[day])]
            if hits:
                why = f"the list of {slashed(hits[0])} has the article of that day that was tried"
                if not padded.told and not any(map(_is_short, hits)):
                    why += "; whether days and months below 10 have a zero, no link shows"
                found.found.append(DoorDraft("archive", template, why))
                return
    found.missing["archive"] = (
        "the lists by day that are linked to do not have the articles tried" if templates else "no link shows one"
    )


def _is_short(day: dt.date) -> bool:
    return min(jalali_parts(day)[1:]) < 10  # noqa: PLR2004  # the first number of two digits


async def _lists_article(
    fetch: Fetch, site: Publisher, template: DatedTemplate, day: dt.date, article_id: str | None
) -> bool:
    """Whether the list of a day, or a page of it that follows, has an article."""
    url: str | None = site.address(template.filled(day))
    for _ in range(doors.MOST_ASKED):
        answer = await fetch(url) if url is not None and site.owns(url) else None
        if answer is None or not answer.is_fine:
            return False
        listing = _page(answer, site)
        if any(one.key == article_id for one in listing.articles):
            return True
        url = listing.following
    return False


async def _pages(found: DoorDrafts, fetch: Fetch, site: Publisher, lists: Sequence[Fetched]) -> None:
    """Look for a list of all articles in numbered pages: its second and third page list others than its first."""
    for first in lists:
        listing = _page(first, site)
        template = doors.page_template(listing.following, site) if listing.following is not None else None
        if template is None:
            continue
        seen = {one.key for one in listing.articles}
        news = []
        for number in (2, 3):
            answer = await fetch(site.address(template.format(page=number)))
            keys = {one.key for one in _page(answer, site).articles} if answer.is_fine else set()
            news.append(len(keys - seen))
            seen |= keys
        if all(news):
            why = f"its second and third page list {news[0]} and {news[1]} further articles"
            found.found.append(DoorDraft("pages", template, why))
            return
    found.missing["pages"] = "no list leads to a second page with further articles"


def _page(answer: Fetched, site: Publisher) -> Listing:
    now = dt.datetime.now(dt.UTC)
    return read_page(answer.body, publisher=site, url=answer.url, fetched_at=now, content_type=answer.content_type)


def _listed(listing: Listing) -> str:
    number = len(listing.articles)
    return f"lists {number:,} article{'' if number == 1 else 's'}"
