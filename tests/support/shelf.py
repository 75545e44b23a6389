"""A made-up site that is a table of lists, and a frontier that asks it: in a real archive, without a network."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.archive import Archive, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.days import DateRange, jalali, parse_date_range
from farscrawler.frontier.backfill import make_backfill
from farscrawler.frontier.base import Context, ListPage, SiteClient, Strategy, UnreachableError
from farscrawler.frontier.inflight import InFlight
from farscrawler.items import Article
from tests.support import listings
from tests.support.dated import dated
from tests.support.desk import Stats

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.publishers import Publisher

AT = "2026-11-23T08:00:00+00:00"
RANGE = parse_date_range("1402-07-01", "1402-07-10")  # 23 September to 2 October 2023


def site(doors: str, form: str = "url = '/news/{id}'\npaths = ['/news/(\\d+)']") -> Publisher:
    return listings.site("www.site.ir", form, doors)


class ListTable(SiteClient):
    """A site that is a table of lists."""

    def __init__(self, lists: dict[str, str | int]) -> None:
        self.lists = lists
        self.asked: list[str] = []

    async def newest_listed(self) -> int | None:
        return None

    async def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, **_: object
    ) -> ListPage:
        path = url.removeprefix("https://www.site.ir")
        self.asked.append(path)
        found = self.lists.get(path, 404)
        if found == 0:
            raise UnreachableError("forbidden by robots.txt", forbidden=True)
        if isinstance(found, int):
            return ListPage(url=url, status=found, body=b"")
        tag = str(hash(found))
        status, body = (304, b"") if etag == tag else (200, found.encode())
        return ListPage(url=url, status=status, body=body, etag=tag, last_modified=last_modified)


class Shelf(Context):
    """A context of such a site; an article was published on the day that its number names."""

    def __init__(
        self, archive: Archive, publisher: Publisher, lists: dict[str, str | int], failing: set[str] | None = None
    ) -> None:
        self.archive = archive
        self.fetched: list[str] = []
        self.stored: list[str] = []
        self.failing = failing or set()
        self.site = ListTable(lists)
        self.asked = self.site.asked
        super().__init__(
            publisher=publisher,
            ledger=Ledger(archive, "x"),
            client=self.site,
            stats=Stats(),
            in_flight=InFlight(1),
            on_stored=self.stored.extend,
        )

    def crawl(self, plan: Strategy, *, let_go: str | None = None) -> None:
        """Settle each address as soon as it is handed out, but for one that is let go."""
        self.archive.run = self.archive.run or self.ledger.begin_run({}, AT)
        asyncio.run(asyncio.wait_for(self._crawl(plan, let_go), 30))

    async def _crawl(self, plan: Strategy, let_go: str | None) -> None:
        async for target in plan.targets():
            self.fetched.append(target.key)
            if target.key == let_go:
                continue
            if target.key in self.failing:
                self.archive.save(Visit(publisher="x", key=target.key, url="u", outcome="failed", at=AT))
                plan.settled(target, "failed")
                continue
            day = dt.date.fromisoformat(f"{target.key[:4]}-{target.key[4:6]}-{target.key[6:8]}")
            article = Article(
                publisher="x",
                article_id=target.key,
                url="u",
                published_at=f"{day}T10:00:00+03:30",
                **dated(jalali(day)),
                content_hash=target.key,
            )
            self.archive.save(Visit(publisher="x", key=target.key, url="u", outcome="article", at=AT), article)
            plan.settled(target, "article", article)
        self.archive.flush()
        plan.finish()


def past(
    shelf: Shelf,
    days: DateRange = RANGE,
    *,
    via: str | None = None,
    by_ids: Callable[[DateRange], Strategy] | None = None,
) -> Strategy:
    return make_backfill(shelf, days, None, edge=20, via=via, by_ids=by_ids)


def key(day: dt.date, number: int = 1) -> str:
    return f"{day:%Y%m%d}{number}"


def keys(span: DateRange) -> set[str]:
    return {key(day) for day in span.days()}


def padded(span: DateRange, days: int = 1) -> DateRange:
    return DateRange(span.first - dt.timedelta(days), span.last + dt.timedelta(days))
