"""The estimate of a run: articles, requests, time and disk, made of what its strategy expects and what is measured."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive.counts.sizes import DEFAULT_PAGE, DEFAULT_ROW, bytes_of_article, bytes_of_page
from farscrawler.archive.runs import runs_of
from farscrawler.days import duration
from farscrawler.frontier.outlook import article_share
from farscrawler.outcomes.visit import META_KEY

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from farscrawler.archive import Archive
    from farscrawler.archive.ledger import Ledger
    from farscrawler.frontier.outlook import Outlook
    from farscrawler.spiders.pace import AskedPace

#: Addresses of a run whose pace says something of the next one.
_LEAST = 50
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB"))


class Meter:
    """What the requests of a run take; ``for_articles`` are those for articles, redirects included."""

    def __init__(self) -> None:
        self.for_articles = 0
        self._answers, self._seconds = 0, 0.0

    def requested(self, request: Request) -> None:
        """Count a request that is on its way (signal request_reached_downloader)."""
        self.for_articles += META_KEY in request.meta

    def answered(self, response: Response) -> None:
        """Measure how long an answer took (signal response_received)."""
        if (seconds := response.meta.get("download_latency")) is not None:
            self._answers += 1
            self._seconds += seconds

    @property
    def latency(self) -> float | None:
        """The seconds of an answer on average; None before the first one."""
        return self._seconds / self._answers if self._answers else None

    def requests_of_each(self, settled: int) -> float:
        """Return the number of requests that a settled address has taken; 1 before the first one."""
        return self.for_articles / settled if settled else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The seconds of a request, and what they are known by."""

    seconds: float
    known_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run will cost; None for a number that nobody knows before.

    ``at_most``: some of the addresses are ids without an article, nobody knows how many. ``seen``, ``pace`` and
    ``size`` say what the numbers rest on, and ``unknown`` what is in none of them.
    """

    articles: int | None
    at_most: bool
    requests: int | None
    seconds: float | None
    bytes: int | None
    revisits: int
    lists: int
    seen: str | None
    pace: str
    size: str
    unknown: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return all fields, for a JSON line."""
        seconds = None if self.seconds is None else round(self.seconds, 1)
        return {**asdict(self), "seconds": seconds}

    def short(self) -> str:
        """Return the numbers alone, for the live line."""
        if self.requests is None or self.seconds is None:
            return "of unknown length"
        return f"about {self.requests:,} requests and {duration(self.seconds)} in all"

    def sentences(self) -> str:
        """Return the estimate for people."""
        if self.articles is None or self.requests is None or self.seconds is None or self.bytes is None:
            text = f"the cost cannot be told before: {self.unknown}"
            text += f" ({self.seen})" if self.seen else ""
            text += f"; {self.revisits:,} known addresses are requested again" if self.revisits else ""
            return f"{text}."
        most = "at most " if self.at_most else "about "
        lists = f", {self.lists:,} of them for lists" if self.lists else ""
        lists += f", {self.revisits:,} of them for known addresses" if self.revisits else ""
        text = (
            f"{most}{self.articles:,} articles to fetch, about {self.requests:,} requests{lists}, "
            f"{duration(self.seconds)} ({self.pace}), {shown(self.bytes)} of disk ({self.size})."
        )
        text += f" Estimated by {self.seen}." if self.seen else ""
        return text + (f" Unknown is {self.unknown}." if self.unknown else "")


def made_of(
    outlook: Outlook,
    ledger: Ledger,
    pace: Pace,
    *,
    asks_site: bool,
    keeps_pages: bool,
    each: float = 1.0,
    robots_requests: int = 0,
) -> Estimate:
    """Return the estimate of what lies ahead; ``each`` is the number of requests that an address has taken so far."""
    share = article_share(ledger.counts()) if outlook.walked and outlook.articles is None else 1.0
    known = outlook.addresses
    articles = None if known is None else round(known * (1.0 if share is None else share))
    if outlook.articles is not None:
        articles = outlook.articles
    beside = outlook.misses + outlook.revisits + outlook.lists
    requests = None if known is None else round(known * each) + beside
    if requests:  # robots.txt is asked for before the first of them
        requests += robots_requests
    if not asks_site:
        requests = 0
    size, known_by = _bytes_of_one(ledger.archive, ledger.publisher, keeps_pages=keeps_pages)
    return Estimate(
        articles=articles,
        at_most=share is None and articles != 0,
        requests=requests,
        seconds=None if known is None or requests is None else requests * pace.seconds,
        bytes=None if articles is None else articles * size,
        revisits=outlook.revisits,
        lists=outlook.lists,
        seen=outlook.seen,
        pace=pace.known_by,
        size=known_by,
        unknown=outlook.unknown,
    )


def pace_of(
    archive: Archive, publisher: str, settings: BaseSettings, *, measured: float | None, asked: AskedPace
) -> Pace:
    """Return the pace of a run: the delay between two requests, or longer where the last run took longer.

    ``measured`` is what the answers of this run took on average, where there were any, and ``asked`` what the site's
    robots.txt asks for, which counts from the end of an answer.
    """
    delay = settings.getfloat("DOWNLOAD_DELAY")
    by_robots = asked.seconds + (measured or 0.0) if asked.seconds else 0.0
    by_robots = by_robots if by_robots > delay else 0.0
    long_enough = (one for one in runs_of(archive, publisher) if one.counts and sum(one.counts.values()) >= _LEAST)
    last = deque(long_enough, maxlen=1)
    if last and last[0].ended_at is not None and last[0].counts is not None:
        took = dt.datetime.fromisoformat(last[0].ended_at) - dt.datetime.fromisoformat(last[0].started_at)
        seconds = took.total_seconds() / sum(last[0].counts.values())
        if seconds > max(delay, by_robots):
            return Pace(seconds=seconds, known_by=f"{seconds:.2g} s a request, as in run {last[0].run}")
    if by_robots:
        return Pace(seconds=by_robots, known_by=f"{by_robots:.3g} s a request, by {asked.line} in its robots.txt")
    if measured is not None and measured > delay:
        at_once = max(1, settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))
        if delay or at_once == 1:
            return Pace(seconds=measured, known_by=f"{measured:.2g} s a request, as this site answers now")
        return Pace(seconds=measured / at_once, known_by=f"{measured:.2g} s an answer, {at_once} at a time")
    return Pace(seconds=delay, known_by=f"{delay:g} s a request (DOWNLOAD_DELAY)")


def _bytes_of_one(archive: Archive, publisher: str, *, keeps_pages: bool) -> tuple[int, str]:
    row = bytes_of_article(archive, publisher)
    page = bytes_of_page(archive.path, publisher) if keeps_pages else 0
    size = (row or DEFAULT_ROW) + (DEFAULT_PAGE if page is None else page)
    how = "the archive's own size" if row is not None and page is not None else "of a site not known yet"
    return size, f"{shown(size)} an article, {how}"


def shown(size: float) -> str:
    """Return a number of bytes for people."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size:.0f} bytes"
