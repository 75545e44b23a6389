"""What a database of many machines holds and does: bytes and writes of an article, a crawl, the schedule, the queue.

The table of docs/many-machines.md is computed from these figures, by assumptions that it names.
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import processes, synthetic
from benchmarks.crawls import COMMON
from benchmarks.figures import number, table
from farscrawler.archive import Archive, Visit
from farscrawler.archive.jobs import Job
from farscrawler.archive.postgres.connection import open_connection
from farscrawler.archive.postgres.work import WorkQueue
from farscrawler.archive.schedule import ScheduleRecord, store_schedule
from farscrawler.archive.search import server as server_search
from farscrawler.cluster.scheduled import QueuedCrawls
from farscrawler.schedule.budget import Limits
from farscrawler.schedule.lag import status_of
from farscrawler.schedule.plan import CrawlResult
from farscrawler.schedule.watcher import Watcher
from farscrawler.testing.newsroom import Newsroom
from tests.support.postgres import binaries, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import psycopg

    from farscrawler.items import Article
    from farscrawler.locations import Server

_AT = "2026-01-01T00:00:00+00:00"
#: Articles that are visited again without a change, behind each size.
_WINDOW = 5_000
#: A budget that binds, so that the price has to be found.
_LIMITS = Limits(shortest=300.0, longest=43_200.0, requests=2_000_000)
_SITE = "farsonline"
_TIMES = 5


def measure(counts: Sequence[int], pages: int, publishers: int, jobs: int) -> str:
    """Measure an archive of so many articles, a crawl of so many pages, and a schedule and a queue of so many."""
    if binaries() is None:
        return "PostgreSQL is not installed."
    with running(durable=True) as server, tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
        place = server.archive()
        head = ["articles", "bytes an article", "tables", "indexes", "search", "WAL bytes: an article",
                "a visit without a change", "a search index of it"]  # fmt: skip
        stored = table(head, _stored(place, counts))
        crawled = table(["a crawl into PostgreSQL", ""], _crawled(server.archive(), Path(folder), pages))
        planned = table(
            [f"{publishers:,} publishers, {jobs:,} jobs", "ms"], _planned(place, max(counts), publishers, jobs)
        )
    return f"{stored}\n\n{crawled}\n\n{planned}"


def _stored(place: Server, counts: Sequence[int]) -> Iterator[list[str]]:
    """Yield the figures behind each size: bytes of the tables after VACUUM, and what was written meanwhile."""
    made, done = synthetic.articles(max(counts)), 0
    for count in counts:
        articles = [article for _, article in zip(range(count - done), made, strict=False)]
        with Archive(place, readonly=False) as archive, closing(open_connection(place)) as db:
            stored = _written(db, lambda: _save(archive, articles))  # noqa: B023  # called at once
            again = _written(db, lambda: _save(archive, articles[-_WINDOW:]))  # noqa: B023
            indexed = _written(db, lambda: server_search.build(archive.db, archive.path, archive.guard))
            db.execute("VACUUM ANALYZE")
            tables, indexes, search = _sizes(db)
        yield [
            f"{count:,}", *(number(one / count) for one in (tables + indexes + search, tables, indexes, search)),
            number(stored / len(articles)), number(again / min(_WINDOW, len(articles))),
            number(indexed / len(articles)),
        ]  # fmt: skip
        done = count


def _save(archive: Archive, articles: Sequence[Article]) -> None:
    for one in articles:
        visit = Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=_AT)
        archive.save(visit, one)
    archive.flush()


def _written(db: psycopg.Connection[tuple[Any, ...]], action: Callable[[], None]) -> int:
    """Return the bytes of the write-ahead log of something, which begins right behind a checkpoint."""
    db.execute("CHECKPOINT")
    before = _one(db, "SELECT pg_current_wal_insert_lsn()")
    action()
    return int(_one(db, f"SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{before}')"))  # its own


def _one(db: psycopg.Connection[tuple[Any, ...]], query: str) -> Any:
    row = db.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _sizes(db: psycopg.Connection[tuple[Any, ...]]) -> tuple[int, int, int]:
    """Return the bytes of the tables, of their indexes, and of both of the search."""
    query = """SELECT coalesce(sum({}(c.oid)), 0)::bigint FROM pg_class c
               WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname {} 'search%'"""
    return (
        _one(db, query.format("pg_table_size", "NOT LIKE")),
        _one(db, query.format("pg_indexes_size", "NOT LIKE")),
        _one(db, query.format("pg_total_relation_size", "LIKE")),
    )


def _crawled(place: Server, folder: Path, pages: int) -> Iterator[list[str]]:
    newsroom = Newsroom(count=pages)
    with processes.replica(folder, pages) as url:
        ids = newsroom.ids()
        processes.fetch_all(f"{url}/Incsys/PrtNews.aspx?l=Fa&code={one}&k=0" for one in ids)
        (folder / "ids.txt").write_text("\n".join(map(str, ids)), encoding="ascii")
        words = ["farscrawler", "crawl", _SITE, "-a", f"base_url={url}", "-a", "form=print"]
        words += ["-a", f"ids=@{folder / 'ids.txt'}", "-s", f"ARCHIVE={place.address}"]
        for name, value in COMMON.items():
            words += ["-s", f"{name}={value}"]
        cost = processes.crawl(words, folder)
    yield ["CPU ms a page, of the crawl", number(cost.crawl_cpu * 1e3 / cost.pages)]
    yield ["CPU s of a process before and after the crawl", number(cost.whole_cpu - cost.crawl_cpu)]
    yield ["most memory, MiB", number(cost.peak_mib or 0.0)]


class _Ended:
    """A crawl that has ended."""

    asked_to_end, has_ended = 0, True

    def __init__(self, publisher: str, begun: float) -> None:
        self.publisher, self.begun = publisher, begun

    def end_in_order(self) -> None:
        """Do nothing."""

    kill = end_in_order

    def end(self, ended: float) -> CrawlResult:
        """Return its end."""
        return CrawlResult(begun=self.begun, ended=ended, exit_code=0, requests=20, articles=15, new=12)


def _planned(place: Server, articles: int, publishers: int, jobs: int) -> Iterator[list[str]]:
    names = [*synthetic.PUBLISHERS, *(f"site{at}" for at in range(publishers - len(synthetic.PUBLISHERS)))]
    now = time.time()
    known = [
        ScheduleRecord(
            publisher=name, since=now - 8_640_000, due_at=now + at * 43_200 / publishers, asked_at=now - 3_600,
            read_at=now - 3_600, kind="done", cost=4.0, articles=20.0 + at % 200, article_requests=25.0,
        )
        for at, name in enumerate(names)
    ]  # fmt: skip
    leases = [Job("crawl", names[at % publishers], {"ids": _lease(at // publishers)}) for at in range(jobs)]
    with Archive(place, readonly=False) as archive, WorkQueue(place) as queue:
        store_schedule(archive, *known)
        yield ["adding 1,000 jobs, one batch", _ms(lambda: queue.add(leases[:1_000]))]
        for at in range(1_000, jobs, 1_000):
            queue.add(leases[at : at + 1_000])
        crawls = QueuedCrawls(archive, queue)
        watcher = Watcher(archive, names, _LIMITS, 100, crawls)
        yield ["start of the schedule", _ms(watcher._load)]  # noqa: SLF001  # the parts of its loop
        yield ["a turn with nothing to do", _ms(lambda: _turned(watcher, now), times=_TIMES)]
        yield ["the price, every ten minutes", _ms(lambda: _priced(watcher, now), times=_TIMES)]
        yield ["adding 100 publishers that are due", _ms(lambda: crawls.start(names[:100], now))]
        yield ["looking at 100 jobs", _ms(lambda: _looked(crawls), times=_TIMES)]
        busy = min(synthetic.PUBLISHERS)
        yield [
            f"learning the end of a crawl, of {articles // len(synthetic.PUBLISHERS):,} articles",
            _ms(lambda: _settled(watcher, busy), times=_TIMES),
        ]
        worker = uuid.uuid4()
        yield ["a worker takes 8 jobs", _ms(lambda: queue.take(8, worker, silent=60.0), times=_TIMES)]
        yield ["its heartbeat", _ms(lambda: queue.beat(worker), times=_TIMES)]
        yield ["`jobs list`, 100 lines", _ms(lambda: queue.jobs(limit=100), times=_TIMES)]
        yield ["the counts of it", _ms(queue.counts, times=_TIMES)]
        yield ["the status", _ms(lambda: status_of(archive, now, overdue_after=3_600.0))]


def _lease(number: int) -> str:
    return f"{number * 10_000 + 1}-{(number + 1) * 10_000}"


def _turned(watcher: Watcher, now: float) -> None:
    watcher._due(now)  # noqa: SLF001
    watcher._may_spend(now)  # noqa: SLF001


def _priced(watcher: Watcher, now: float) -> None:
    watcher._priced_at = float("-inf")  # noqa: SLF001
    watcher._price_now(now)  # noqa: SLF001


def _looked(crawls: QueuedCrawls) -> None:
    crawls._looked_at = float("-inf")  # noqa: SLF001
    crawls.look()


def _settled(watcher: Watcher, name: str) -> None:
    now = time.time()
    record = watcher.records[name]
    watcher.records[name] = dataclasses.replace(record, asked_at=now - 60)
    crawl = _Ended(name, now - 60)
    watcher._settle(crawl, crawl.end(now))  # noqa: SLF001


def _ms(action: Callable[[], object], *, times: int = 1) -> str:
    """Return the milliseconds that an action takes, the median of so many times."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        took.append((time.perf_counter() - begun) * 1e3)
    return number(sorted(took)[len(took) // 2])
