"""The loop of `farscrawler watch` and `farscrawler schedule`: starts the crawls that are due, and settles their ends.

Waiting is cut into parts of a minute at most, measured by two clocks: the wall clock says when a publisher is due, and
how far it runs from the steady one tells that the machine has slept or its clock was set.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from farscrawler.archive.schedule import articles_by_hour, first_runs, scheduled, store_schedule
from farscrawler.days import duration
from farscrawler.errors import Exit, worst
from farscrawler.interrupts import heard
from farscrawler.schedule import plan
from farscrawler.schedule.backoff import Kind
from farscrawler.schedule.budget import demand, left_for_crawls, price_of
from farscrawler.schedule.contract import PATIENCE
from farscrawler.schedule.learned import learn
from farscrawler.schedule.profile import HOUR, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from farscrawler.archive import Archive
    from farscrawler.archive.schedule import ScheduleRecord
    from farscrawler.schedule.budget import Demand, Limits
    from farscrawler.schedule.contract import Crawl, Crawls
    from farscrawler.schedule.plan import CrawlResult

logger = logging.getLogger("farscrawler.watch")

#: Two clocks that differ by more after a wait: one of them was set, or the machine slept.
_CLOCK_JUMP = 60.0
#: The price of requests is found anew after this time; it changes with the hours that are left of a day.
_PRICE_EVERY = 600.0
#: A crawl that takes longer is ended in order, and goes on when it is due again: longer takes only a first run over
#: ten thousand ids, which loses nothing by that. What has not ended a quarter of an hour later hangs, and is killed.
_LONGEST_CRAWL = 6 * HOUR
#: At the first signal a crawl finishes what is in flight, at the second it does not.
_ASKED = 2


@dataclass
class Watcher:
    """Keeps publishers current in an open archive; ``crawls`` makes the crawls, so many of them ``at_once``.

    ``told`` is called after each crawl, for whoever writes figures.
    """

    archive: Archive
    publishers: Sequence[str]
    limits: Limits
    at_once: int
    crawls: Crawls
    clock: Callable[[], float] = time.time
    told: Callable[[], None] = lambda: None
    records: dict[str, ScheduleRecord] = field(default_factory=dict)
    _demands: dict[str, Demand] = field(default_factory=dict)
    _at_work: dict[str, Crawl] = field(default_factory=dict)
    _killed_at: dict[str, float] = field(default_factory=dict)
    _ends: list[Exit] = field(default_factory=list)
    _signals: int = 0
    _price: float = 1.0
    _priced_at: float = float("-inf")
    _spent_day: str = ""

    def run(self, *, once: bool) -> Exit:
        """Crawl whenever a publisher is due, until a signal comes; ``once``: only those due now, each once.

        Return the worst exit code of a round, or INTERRUPTED. Raise ArchiveError where the archive cannot be written;
        crawls that go with the watch have ended then.
        """
        self._load()
        round_left = [one.publisher for one in self._due(self.clock())] if once else None
        if not once:
            self._say_begin()
        try:
            with heard(self._hear) as bell:
                while True:
                    self.crawls.look()
                    self._settle_ended()
                    if not self._signals:
                        self._begin(round_left)
                    if self._is_over(once=once, round_left=round_left):
                        break
                    self._pass_signals_on()
                    self._wait(bell)
        finally:
            self.crawls.end_all(self._at_work.values())
        if self._signals:
            logger.info("Ended by a signal. %s", self.crawls.last_word)
        return Exit.INTERRUPTED if self._signals else worst(self._ends)

    def _is_over(self, *, once: bool, round_left: list[str] | None) -> bool:
        if not self.crawls.go_with_us:
            return once or bool(self._signals)
        return not self._at_work and (bool(self._signals) or round_left == [])

    def _load(self) -> None:
        now = self.clock()
        known = scheduled(self.archive)
        new = plan.first_records([name for name in self.publishers if name not in known], now, at_once=self.at_once)
        begun = first_runs(self.archive) if new else {}
        for record in new:
            known[record.publisher] = replace(record, since=min(begun.get(record.publisher, now), now))
        self.records = {name: plan.corrected(known[name], now) for name in self.publishers}
        store_schedule(self.archive, *self.records.values())
        self._at_work = {one.publisher: one for one in self.crawls.at_work(self.records.values())}

    def _say_begin(self) -> None:
        now = self.clock()
        due, later = len(self._due(now)), [one.due_at for one in self.records.values() if one.due_at > now]
        logger.info(
            "%s. Publishers: %s; due now: %s%s.", self.crawls.first_word, f"{len(self.records):,}", f"{due:,}",
            f"; the next one in {duration(min(later) - now)}" if later and not due else "",
        )  # fmt: skip

    def _learned(self, record: ScheduleRecord) -> Profile:
        """Return what the articles of a publisher say of its rate, and keep what a price needs of that.

        Looked up after a crawl, when it has changed, and not for all publishers at the start: for thousands of them
        that would take minutes, and their profiles hundreds of megabytes.
        """
        since = plan.learned_from(record, self.clock())
        day = datetime.fromtimestamp(since, UTC).date() - timedelta(days=1)
        profile = learn(articles_by_hour(self.archive, record.publisher, day), record)
        self._demands[record.publisher] = demand(profile.rates(), record.cost or plan.FIRST_COST)
        return profile

    def _due(self, now: float) -> list[ScheduleRecord]:
        """Return the records that are due and not at work, those that wait longest first."""
        due = [one for one in self.records.values() if one.due_at <= now and one.publisher not in self._at_work]
        return sorted(due, key=lambda one: (one.due_at, one.publisher))

    def _begin(self, round_left: list[str] | None) -> None:
        now = self.clock()
        if not self._may_spend(now):
            if round_left is not None:  # a round does not wait for tomorrow
                if round_left:
                    self._ends.append(Exit.OWED)
                round_left.clear()
            return
        due = self._due(now) if round_left is None else [self.records[name] for name in round_left]
        chosen = [one.publisher for one in due[: max(self.at_once - len(self._at_work), 0)]]
        if not chosen:
            return
        for name in chosen:  # before it begins: so a watch that is killed knows whose end it has to look for
            self.records[name] = replace(self.records[name], asked_at=now)
        store_schedule(self.archive, *(self.records[name] for name in chosen))
        for crawl in self.crawls.start(chosen, now):
            self._at_work[crawl.publisher] = crawl
        if round_left is not None:
            round_left[:] = [name for name in round_left if name not in set(chosen)]

    def _may_spend(self, now: float) -> bool:
        """Whether the requests of this day are not spent yet, with what the crawls at work will take."""
        day = plan.tehran_day(now)
        used = plan.used_on(self.records.values(), day)
        if used < self.limits.requests:
            return used + sum(plan.expected_requests(self.records[name], now) for name in self._at_work) < (
                self.limits.requests
            )
        if day != self._spent_day:
            self._spent_day = day
            logger.warning(
                "The %s requests of this day (WATCH_REQUESTS_PER_DAY) are spent; the next crawls begin at midnight in "
                "Tehran, in %s.", f"{self.limits.requests:,.0f}", duration(plan.next_day(now) - now),
            )  # fmt: skip
        return False

    def _settle_ended(self) -> None:
        now = self.clock()
        for name, crawl in list(self._at_work.items()):
            if crawl.has_ended:
                del self._at_work[name]
                self._killed_at.pop(name, None)
                self._settle(crawl, crawl.end(now))
            elif now - crawl.begun > _LONGEST_CRAWL and not crawl.asked_to_end:
                logger.warning("%s: the crawl takes longer than %s, and is ended.", name, duration(_LONGEST_CRAWL))
                crawl.end_in_order()
                # Not by the clock that was set ahead, or went on while the machine slept.
                self._killed_at[name] = time.monotonic() + PATIENCE
            elif time.monotonic() > self._killed_at.get(name, float("inf")):
                crawl.kill()

    def _settle(self, crawl: Crawl, end: CrawlResult) -> None:
        """Learn from the end of a crawl, store when the publisher is due next, and say both in a line."""
        name = crawl.publisher
        record = self.records[name]
        profile = Profile()  # where nothing was read, no rate is asked for
        if end.kind in (Kind.DONE, Kind.SOFT):
            profile = self._learned(replace(record, read_at=end.begun))
        record = plan.settled(record, end, profile, price=self._price_now(end.ended), limits=self.limits)
        self.records[name] = record
        store_schedule(self.archive, record)
        if self.crawls.go_with_us:
            with suppress(ValueError):
                self._ends.append(Exit(end.exit_code) if end.exit_code >= 0 else Exit.BROKE)
        logger.log(
            logging.INFO if end.kind in (Kind.DONE, Kind.STOPPED, Kind.HELD) else logging.WARNING,
            "%s: %s new articles, %s requests, %s, exit code %s; next in %s.%s",
            name, f"{end.new:,}", f"{end.requests:,}", duration(end.ended - end.begun), end.exit_code,
            duration(max(record.due_at - end.ended, 0.0)), f" {end.sentence}" if end.sentence else "",
        )  # fmt: skip
        self.told()

    def _price_now(self, now: float) -> float:
        if abs(now - self._priced_at) >= _PRICE_EVERY:
            records = self.records.values()
            left = left_for_crawls(
                self.limits.requests,
                plan.used_on(records, plan.tehran_day(now)),
                plan.day_part(now),
                sum(one.article_requests for one in records),
            )
            demands = [self._demands.get(one.publisher) or plan.demand_of(one) for one in records]
            self._price, self._priced_at = price_of(demands, left, self.limits), now
        return self._price

    def _wait(self, bell: int) -> None:
        """Wait for a signal, the end of a crawl, or the next publisher that is due."""
        now, steady = self.clock(), time.monotonic()
        until = now + self.crawls.longest_wait
        if any(crawl.has_ended for crawl in self._at_work.values()):  # one for which no process was to be had
            return
        if not self._signals and len(self._at_work) < self.at_once and self._may_spend(now):
            waiting = [one.due_at for one in self.records.values() if one.publisher not in self._at_work]
            until = min([until, *waiting])
        self.crawls.wait(max(until - now, 0.0), bell, self._at_work.values())
        if wait([bell], 0):
            os.read(bell, 4096)
        jump = (self.clock() - now) - (time.monotonic() - steady)
        if abs(jump) > _CLOCK_JUMP:
            logger.warning(
                "The clock went %s by %s: it was set, or the machine has slept.", "on" if jump > 0 else "back",
                duration(abs(jump)),
            )  # fmt: skip
            self.records = {name: plan.corrected(one, self.clock()) for name, one in self.records.items()}

    def _hear(self) -> None:
        self._signals += 1

    def _pass_signals_on(self) -> None:
        """Ask the crawls to end as often as we were asked, those too that began meanwhile; at the third time kill."""
        for crawl in self._at_work.values():
            while crawl.asked_to_end < min(self._signals, _ASKED):
                crawl.end_in_order()
            if self._signals > _ASKED:
                crawl.kill()
