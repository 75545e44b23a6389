"""Which days were harvested: those that a run has asked for and come to the end of.

A run of `since` and `until` names its days. The incremental crawl asks for all that was published since the last one.
Named ids and `latest` name no days; where ids grow with time, the days are harvested between which no id was left out.
Named addresses and saved pages say nothing of the rest of a day, and neither does a run that was killed or gave up.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from typing import TYPE_CHECKING

from farscrawler.days import DateRange, parse_date_range
from farscrawler.errors import BadArgumentError
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from farscrawler.archive.runs import RunRecord

#: How the table of runs says that a run came to the end of its plan. With exit code 3 some addresses failed on the way:
#: all were asked, and those that failed are pending.
_TO_ITS_END = "finished"
_ENDED_WELL = (0, 3)
_NOT_ALL = "not all was found"
#: Arguments with which a run is not the incremental crawl, and none of a range of days.
_OTHERS = frozenset({"ids", "urls", "latest", "pages", "reparse"})
_DAY = dt.timedelta(days=1)


class Days:
    """A set of days, as ranges that do not touch."""

    def __init__(self, ranges: Iterable[DateRange] = ()) -> None:
        self.ranges: list[DateRange] = []
        for part in sorted((one for one in ranges if one.first <= one.last), key=lambda one: one.first):
            last = self.ranges[-1].last if self.ranges else None
            if last is not None and (last == dt.date.max or part.first <= last + _DAY):
                self.ranges[-1] = DateRange(self.ranges[-1].first, max(self.ranges[-1].last, part.last))
            else:
                self.ranges.append(part)
        self._firsts = [one.first for one in self.ranges]

    def __contains__(self, day: dt.date) -> bool:
        return self.around(day) is not None

    def around(self, day: dt.date) -> DateRange | None:
        """Return the range that a day lies in."""
        at = bisect_right(self._firsts, day) - 1
        return self.ranges[at] if at >= 0 and day in self.ranges[at] else None

    def hold(self, place: tuple[int, int]) -> bool:
        """Whether all days from one ordinal to another are of this set."""
        first, last = (dt.date.fromordinal(ordinal) for ordinal in place)
        found = self.around(first)
        return found is not None and last <= found.last


class Harvest:
    """The days that runs have asked for: ``days`` all of them, ``over`` those that were over when they were asked.

    Of a day that was not over more articles may have come later: that it has few says nothing.
    """

    def __init__(self, asked: Sequence[tuple[DateRange, dt.date]]) -> None:
        self.days = Days(part for part, _ in asked)
        self.over = Days(part.closed(first=part.first, last=day - _DAY) for part, day in asked)

    @classmethod
    def of_runs(cls, runs: Iterable[RunRecord], tz: str) -> Harvest:
        """Return what the runs of a publisher have harvested, with the day of each run in the site's zone."""
        return cls(list(_asked(runs, time_zone(tz))))

    def with_days(self, more: Iterable[dt.date]) -> Harvest:
        """Return the same with more days, which were over."""
        found = Harvest([])
        single = [DateRange(day, day) for day in more]
        found.days, found.over = Days([*self.days.ranges, *single]), Days([*self.over.ranges, *single])
        return found


def _asked(runs: Iterable[RunRecord], zone: ZoneInfo) -> Iterator[tuple[DateRange, dt.date]]:
    """Yield the days that each run has asked for to the last, with the day of the run."""
    since: dt.date | None = None  # the day of the incremental run from which on nothing was left out
    for one in runs:
        day = _day_of(one, zone)
        if day is None:
            continue
        if not _is_incremental(one.arguments):
            if _came_to_its_end(one) and (days := _days_named(one.arguments)) is not None:
                yield days.closed(first=days.first, last=day), day
        elif (one.end_reason or "").startswith(_NOT_ALL):
            since = day  # what was published before may be left out for ever
        elif _came_to_its_end(one):
            if since is not None:  # of the first day itself only the newest articles were asked for
                yield DateRange(since + _DAY, day), day
            since = since or day


def _came_to_its_end(one: RunRecord) -> bool:
    return one.end_reason == _TO_ITS_END and one.exit_code in _ENDED_WELL


def _is_incremental(arguments: dict[str, str]) -> bool:
    return not (_OTHERS | {"since", "until", "source"}) & arguments.keys()


def _days_named(arguments: dict[str, str]) -> DateRange | None:
    """Return the days that a run was asked for; None where it was asked for something else.

    Of the Wayback Machine all captures are listed, those of later days included. Common Crawl is asked for some of its
    crawls only.
    """
    if _OTHERS & arguments.keys() or arguments.get("source", "wayback") != "wayback":
        return None
    try:
        until = None if "source" in arguments else arguments.get("until")
        return parse_date_range(arguments.get("since"), until)
    except (BadArgumentError, AttributeError):  # of another version, or of other hands
        return None


def _day_of(one: RunRecord, zone: ZoneInfo) -> dt.date | None:
    """Return the day of a run where the site is; None for a moment that cannot be read.

    A clock that was wrong at the start has been set right at the end, where sites said the time.
    """
    try:
        moments = [dt.datetime.fromisoformat(text) for text in (one.started_at, one.ended_at) if text is not None]
        return min(moment.astimezone(zone).date() for moment in moments)
    except (ValueError, TypeError, OverflowError):
        return None
