"""What the end of a crawl makes of a publisher's record: what was learned, and when it is due next."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from farscrawler.archive.schedule import ScheduleRecord
from farscrawler.schedule.backoff import Kind, kind_of, pause_after
from farscrawler.schedule.budget import Demand
from farscrawler.schedule.due import jittered, waits_until
from farscrawler.schedule.learned import LOOKED_AT
from farscrawler.schedule.profile import DAY, TEHRAN, UNKNOWN_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.schedule.budget import Limits
    from farscrawler.schedule.profile import Profile

#: Requests of a crawl that lead to no article, before one has been counted: robots.txt, a list, and one that fails.
FIRST_COST = 3.0
#: The weight of the last crawl in the mean of its cost: ten crawls make the mean.
_COST_WEIGHT = 0.1
#: The means of a day halve what was before in this time.
_MEAN_HALF_LIFE = 2 * DAY
#: A first crawl fetches some hundred articles at a request a second. The first crawls of many publishers are spread
#: out by it, so that those that are known already fall due between them.
FIRST_CRAWL = 180.0
#: A crawl that begins so much later than now was dated by a clock that has been set back since.
_CLOCK_ERROR = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """The end of a crawl: its exit code, its reason, and what it has asked for and found.

    ``stopped``: the watch has asked it to end.
    """

    begun: float
    ended: float
    exit_code: int
    end_reason: str | None = None
    sentence: str | None = None
    requests: int = 0
    articles: int = 0
    new: int = 0
    stopped: bool = False

    @property
    def kind(self) -> Kind:
        """What it says of asking again."""
        return kind_of(self.exit_code, self.end_reason, stopped=self.stopped)


def tehran_day(at: float) -> str:
    """Return the date on Tehran's clock at a moment."""
    return dt.datetime.fromtimestamp(at + TEHRAN, dt.UTC).date().isoformat()


def day_part(at: float) -> float:
    """Return the share of the day on Tehran's clock that has passed at a moment."""
    return (at + TEHRAN) % DAY / DAY


def next_day(at: float) -> float:
    """Return the moment at which the next day begins on Tehran's clock."""
    return ((at + TEHRAN) // DAY + 1) * DAY - TEHRAN


def first_records(publishers: Sequence[str], now: float, *, at_once: int) -> list[ScheduleRecord]:
    """Return the records of publishers that were never asked, due one after another as fast as they can be crawled."""
    return [
        ScheduleRecord(publisher=name, since=now, due_at=now + place // at_once * FIRST_CRAWL, cost=FIRST_COST)
        for place, name in enumerate(publishers)
    ]


def corrected(record: ScheduleRecord, now: float) -> ScheduleRecord:
    """Return a record whose times make sense at this moment: after a clock was set back, its pause begins now."""
    last = record.asked_at
    if last is None or last <= now + _CLOCK_ERROR:
        return record
    read = min(record.read_at, now) if record.read_at is not None else None
    return replace(record, asked_at=now, read_at=read, due_at=now + max(record.due_at - last, 0.0))


def used_on(records: Iterable[ScheduleRecord], day: str) -> int:
    """Return the requests that were counted on a day."""
    return sum(one.requests for one in records if one.day == day)


def expected_requests(record: ScheduleRecord, now: float) -> float:
    """Return how many requests a crawl that begins now is expected to take."""
    days = min((now - record.read_at) / DAY, 1.0) if record.read_at is not None else 0.0
    return max(record.cost, FIRST_COST) + record.article_requests * max(days, 0.0)


def demand_of(record: ScheduleRecord) -> Demand:
    """Return the demand of a publisher as its record alone has it, without the hours of its articles."""
    a_day = record.articles or UNKNOWN_RATE * 24
    return Demand(math.sqrt(a_day / 24), record.cost or FIRST_COST)


def settled(
    record: ScheduleRecord, end: CrawlResult, profile: Profile, *, price: float, limits: Limits
) -> ScheduleRecord:
    """Return the record of a publisher after a crawl; ``profile`` holds what the crawl has found already."""
    kind = end.kind
    day = tehran_day(end.ended)
    counted = replace(
        record,
        asked_at=end.begun,
        day=day,
        requests=end.requests + (record.requests if record.day == day else 0),
    )
    if kind is Kind.STOPPED:
        return replace(counted, due_at=end.ended)  # the next watch goes on with it at once
    failures = 0 if kind is Kind.DONE else record.failures + 1 if kind == record.kind else 1
    counted = replace(
        counted, kind=kind.value, reason=end.sentence or end.end_reason if failures else None, failures=failures
    )
    if kind in (Kind.DONE, Kind.SOFT):
        counted = _learned(counted, record.read_at, end)
    return replace(counted, due_at=_due(counted, end, profile, price=price, limits=limits))


def _learned(record: ScheduleRecord, before: float | None, end: CrawlResult) -> ScheduleRecord:
    spent = max(end.requests - end.articles, 1)
    known = record.cost or FIRST_COST
    found = replace(record, read_at=end.begun, cost=known + _COST_WEIGHT * (spent - known))
    if before is None or end.begun <= before:
        return found
    kept = 2.0 ** ((before - end.begun) / _MEAN_HALF_LIFE)
    days = (end.begun - before) / DAY
    return replace(
        found,
        article_requests=record.article_requests * kept + end.articles / days * (1 - kept),
        articles=record.articles * kept + end.new / days * (1 - kept),
    )


def _due(record: ScheduleRecord, end: CrawlResult, profile: Profile, *, price: float, limits: Limits) -> float:
    kind = end.kind
    pause = pause_after(kind, record.failures, record.publisher)
    if kind not in (Kind.DONE, Kind.SOFT):
        return end.ended + max(pause, limits.shortest)
    until = waits_until(profile.rate, end.begun, price * record.cost, end.begun + limits.longest)
    interval = jittered(until - end.begun, record.publisher, end.begun)
    usual = end.begun + min(max(interval, limits.shortest), limits.longest)
    return max(usual, end.ended, min(end.ended + pause, end.begun + limits.longest) if pause else 0.0)


def is_overdue(record: ScheduleRecord, now: float, after: float) -> bool:
    """Whether a publisher should have been asked longer than ``after`` seconds ago."""
    return now - record.due_at > after


def learned_from(record: ScheduleRecord, now: float) -> float:
    """Return the moment from which on articles are looked at for a record."""
    return min(record.read_at or now, now) - LOOKED_AT
