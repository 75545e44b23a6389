"""From the readings of a text to one answer: the checksums, in their order."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from farscrawler.timestamps.clocks import Clock, apply_dayparts
from farscrawler.timestamps.result import Reason, Refusal, Timestamp
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import LOCAL
from farscrawler.timestamps.zones import east, wall_clock, whole_day, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from farscrawler.timestamps.chains import Chain
    from farscrawler.timestamps.dates import Dated

# A site's clock may run ahead of the fetcher's: servers without time service are minutes off, rarely more.
CLOCK_SKEW = timedelta(minutes=10)


def settle_day(dates: Sequence[Dated], weekdays: set[int]) -> date | Reason:
    """Return the one day that all dates of a text mean and its weekdays fit, or why there is none."""
    for dated in dates:
        if dated.broken:
            return dated.reason or Reason.NO_DATE
    certain = [dated for dated in dates if dated.reason is None]
    if not certain:
        return dates[0].reason or Reason.NO_DATE
    days = {day for day in certain[0].days if all(dated.agrees(day) for dated in dates)}
    if not days:
        return Reason.CALENDARS_DISAGREE if len({d.calendar for d in dates}) > 1 else Reason.TWO_DATES
    days = {day for day in days if weekdays <= {day.weekday()}}
    if not days:
        return Reason.WEEKDAY_DISAGREES
    if len(days) > 1 or any(days & dated.rivals for dated in dates):
        return Reason.AMBIGUOUS_ORDER
    return days.pop()


def settle_time(day: date, chains: Sequence[Chain], site: tzinfo) -> Timestamp | Refusal:
    """Return the moment of ``day`` by the times of the runs, or the whole day where they have none."""
    found: list[Clock] = []
    for chain in chains:
        for clock in chain.clocks:
            if clock.reason is None:
                apply_dayparts(chain, clock)
            if clock.reason:
                return Refusal(clock.reason)
            found.append(clock)
    if not found:
        return whole_day(day)
    if len({clock.time for clock in found}) > 1:
        return Refusal(Reason.TWO_CLOCKS)
    zones = list(_zones(chains, site))
    if None in zones:
        return Refusal(Reason.UNKNOWN_ZONE)
    local = datetime.combine(day, time(*found[0].time))
    answers = [wall_clock(local, zone, found[0].precision) for zone in zones or [site] if zone]
    if any(answer != answers[0] for answer in answers):
        return Refusal(Reason.ZONES_DISAGREE)
    return answers[0]


def _zones(chains: Sequence[Chain], site: tzinfo) -> Iterator[tzinfo | None]:
    """Yield the zones printed to the times, None for one that is not known."""
    for chain in chains:
        yield from (east(clock.offset) for clock in chain.clocks if clock.offset is not None)
        for token in chain.tokens:
            if token.kind is Kind.ZONE_OFFSET:
                yield east(token.word.value)
            elif token.kind is Kind.ZONE_LEAD:
                yield None
            elif token.kind is Kind.ZONE:
                yield site if token.word.name == LOCAL else zone_named(token.word.name)


def is_after_fetch(answer: Timestamp, fetched_at: datetime, site: tzinfo) -> bool:
    """Return whether the moment, or the whole day, lies beyond the fetch and CLOCK_SKEW."""
    if answer.published_at is not None:
        return answer.published_at - CLOCK_SKEW > fetched_at
    return answer.date > (fetched_at + CLOCK_SKEW).astimezone(site).date()
