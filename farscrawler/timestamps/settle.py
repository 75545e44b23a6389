"""From the readings of a text to one answer: the checksums, in their order."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from farscrawler.timestamps.dayparts import apply_dayparts
from farscrawler.timestamps.result import Reason, RefusedError, Timestamp
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import LOCAL
from farscrawler.timestamps.zones import east, wall_clock, whole_day, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from farscrawler.timestamps.chains import Chain
    from farscrawler.timestamps.clocks import Clock
    from farscrawler.timestamps.dates import Dated

# A site's clock may run ahead of the fetcher's: servers without time service are minutes off, rarely more.
CLOCK_SKEW = timedelta(minutes=10)


def settle_day(dates: Sequence[Dated], weekdays: set[int]) -> date:
    """Return the one day that all dates of a text mean and its weekdays fit."""
    for dated in dates:
        if dated.broken and dated.reason:
            raise RefusedError(dated.reason)
    if yearless := [dated for dated in dates if dated.yearless]:
        return _settle_yearless([dated for dated in dates if not dated.yearless], yearless, weekdays)
    certain = [dated for dated in dates if dated.reason is None]
    if not certain:
        raise RefusedError(dates[0].reason or Reason.NO_DATE)
    days = {day for day in certain[0].days if all(dated.agrees(day) for dated in dates)}
    if not days:
        calendars = {dated.calendar for dated in dates}
        raise RefusedError(Reason.CALENDARS_DISAGREE if len(calendars) > 1 else Reason.TWO_DATES)
    days = {day for day in days if weekdays <= {day.weekday()}}
    if not days:
        raise RefusedError(Reason.WEEKDAY_DISAGREES)
    if len(days) > 1 or any(days & dated.rivals for dated in dates):
        raise RefusedError(Reason.AMBIGUOUS_ORDER)
    return days.pop()


def _settle_yearless(dates: Sequence[Dated], yearless: Sequence[Dated], weekdays: set[int]) -> date:
    """Return the day of the dates with a year where those without one agree with it: ``۵ آبان ۱۴۰۰ (۲۷ اکتبر)``."""
    day = settle_day(dates, weekdays) if dates else None
    if day is None or not all(dated.agrees(day) for dated in yearless):
        raise RefusedError(Reason.NO_YEAR)
    return day


def settle_time(day: date, runs: Sequence[Chain], site: tzinfo) -> Timestamp:
    """Return the moment of ``day`` by the times of the runs, or the whole day where they have none."""
    found: list[Clock] = []
    for run in runs:
        for clock in run.clocks:
            if clock.reason is None:
                apply_dayparts(run, clock)
            if clock.reason:
                raise RefusedError(clock.reason)
            found.append(clock)
    if not found:
        return whole_day(day)
    if len({clock.time for clock in found}) > 1:
        raise RefusedError(Reason.TWO_CLOCKS)
    local = datetime.combine(day, time(*found[0].time))
    answers = [wall_clock(local, zone, found[0].precision) for zone in list(_zones(runs, site)) or [site]]
    if any(answer != answers[0] for answer in answers):
        raise RefusedError(Reason.ZONES_DISAGREE)
    return answers[0]


def _zones(runs: Sequence[Chain], site: tzinfo) -> Iterator[tzinfo]:
    """Yield the zones printed to the times."""
    for run in runs:
        yield from (east(clock.offset) for clock in run.clocks if clock.offset is not None)
        for index, token in enumerate(run.tokens):
            if token.kind is Kind.ZONE and run.apart(index):
                raise RefusedError(Reason.UNKNOWN_ZONE)
            if token.kind is Kind.ZONE_OFFSET:
                yield east(token.word.value)
            elif token.kind is Kind.ZONE_LEAD:
                raise RefusedError(Reason.UNKNOWN_ZONE)
            elif token.kind is Kind.ZONE:
                yield site if token.word.name == LOCAL else zone_named(token.word.name)


def is_after_fetch(answer: Timestamp, fetched_at: datetime, site: tzinfo) -> bool:
    """Return whether the moment, or the whole day, lies beyond the fetch and CLOCK_SKEW."""
    if answer.published_at is not None:
        return answer.published_at - CLOCK_SKEW > fetched_at
    return answer.date > (fetched_at + CLOCK_SKEW).astimezone(site).date()
