"""From the readings of a text to one answer: the checksums, in their order."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from farscrawler.timestamps.result import RefusalReason, RefusedError, Timestamp
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import DAYPARTS, LOCAL
from farscrawler.timestamps.zones import east, wall_clock, whole_day, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from farscrawler.timestamps.chunks import Chunk
    from farscrawler.timestamps.clocks import Clock
    from farscrawler.timestamps.dates import Dated

# A site's clock may be ahead of the fetcher's: servers without time service are minutes off, rarely more.
CLOCK_SKEW = timedelta(minutes=10)


def resolve_day(dates: Sequence[Dated], weekdays: set[int]) -> date:
    """Return the one day that all dates of a text mean and its weekdays fit."""
    for dated in dates:
        if dated.broken and dated.reason:
            raise RefusedError(dated.reason)
    if yearless := [dated for dated in dates if dated.yearless]:
        return _resolve_yearless([dated for dated in dates if not dated.yearless], yearless, weekdays)
    certain = [dated for dated in dates if dated.reason is None]
    if not certain:
        raise RefusedError(dates[0].reason or RefusalReason.NO_DATE)
    days = {day for day in certain[0].days if all(dated.agrees(day) for dated in dates)}
    if not days:
        calendars = {dated.calendar for dated in dates}
        raise RefusedError(RefusalReason.CALENDARS_DISAGREE if len(calendars) > 1 else RefusalReason.TWO_DATES)
    days = {day for day in days if weekdays <= {day.weekday()}}
    if not days:
        raise RefusedError(RefusalReason.WEEKDAY_DISAGREES)
    if len(days) > 1 or any(days & dated.rivals for dated in dates):
        raise RefusedError(RefusalReason.AMBIGUOUS_ORDER)
    return days.pop()


def _resolve_yearless(dates: Sequence[Dated], yearless: Sequence[Dated], weekdays: set[int]) -> date:
    """Return the day of the dates with a year where those without one agree with it: ``۵ آبان ۱۴۰۰ (۲۷ اکتبر)``."""
    day = resolve_day(dates, weekdays) if dates else None
    if day is None or not all(dated.agrees(day) for dated in yearless):
        raise RefusedError(RefusalReason.NO_YEAR)
    return day


def resolve_time(day: date, chunks: Sequence[Chunk], site: tzinfo) -> Timestamp:
    """Return the moment of ``day`` by the times of the chunks, or the whole day where they have none."""
    found: list[Clock] = []
    for chunk in chunks:
        for clock in chunk.clocks:
            if clock.reason is None:
                apply_dayparts(chunk, clock)
            if clock.reason:
                raise RefusedError(clock.reason)
            found.append(clock)
    if not found:
        return whole_day(day)
    if len({clock.time for clock in found}) > 1:
        raise RefusedError(RefusalReason.TWO_CLOCKS)
    local = datetime.combine(day, time(*found[0].time))
    answers = [wall_clock(local, zone, found[0].precision) for zone in list(_zones(chunks, site)) or [site]]
    if any(answer != answers[0] for answer in answers):
        raise RefusedError(RefusalReason.ZONES_DISAGREE)
    return answers[0]


def apply_dayparts(chunk: Chunk, clock: Clock) -> None:
    """Turn the hour of ``clock`` into that of the whole day by the parts of the day beside it.

    At either end of a chunk a part of the day may belong to a name (عصر ایران): it is left out where a mark parts it
    from the date, and must change nothing where none does, nor where a bar makes it an item of its own (سحر | …).
    """
    hours: set[int] = set()
    for index, token in enumerate(chunk.tokens):
        if token.kind is not Kind.DAYPART:
            continue
        _, meant, unclear, in_names = DAYPARTS[token.word.value]
        if in_names and (chunk.apart(index) or (index == 0 and chunk.names_first())):
            continue
        if clock.hour not in meant:
            clock.reason = RefusalReason.DAYPART_UNCLEAR if clock.hour in unclear else RefusalReason.DAYPART_CONTRADICTS
            return
        at_start, at_end = index == 0, index == len(chunk.tokens) - 1
        doubtful = (at_start and chunk.open_start) or (at_end and chunk.open_end) or chunk.is_item(index)
        if in_names and doubtful and meant[clock.hour] != clock.hour:
            clock.reason = RefusalReason.DAYPART_UNCLEAR
            return
        hours.add(meant[clock.hour])
    if len(hours) > 1:
        clock.reason = RefusalReason.DAYPART_UNCLEAR
    elif hours:
        clock.hour = hours.pop()
    elif clock.half_day:
        clock.reason = RefusalReason.CLOCK_UNCLEAR


def _zones(chunks: Sequence[Chunk], site: tzinfo) -> Iterator[tzinfo]:
    """Yield the zones printed to the times."""
    for chunk in chunks:
        yield from (east(clock.offset) for clock in chunk.clocks if clock.offset is not None)
        for index, token in enumerate(chunk.tokens):
            if token.kind is Kind.ZONE and chunk.apart(index):
                raise RefusedError(RefusalReason.UNKNOWN_ZONE)
            if token.kind is Kind.ZONE_OFFSET:
                yield east(token.word.value)
            elif token.kind is Kind.ZONE_LEAD:
                raise RefusedError(RefusalReason.UNKNOWN_ZONE)
            elif token.kind is Kind.ZONE:
                yield site if token.word.name == LOCAL else zone_named(token.word.name)


def is_after_fetch(answer: Timestamp, fetched_at: datetime, site: tzinfo) -> bool:
    """Whether the moment, or the whole day, lies beyond the fetch and CLOCK_SKEW."""
    if answer.published_at is not None:
        return answer.published_at - CLOCK_SKEW > fetched_at
    return answer.date > (fetched_at + CLOCK_SKEW).astimezone(site).date()
