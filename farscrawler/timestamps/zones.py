"""From a wall clock to an instant, and to Tehran's wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from farscrawler.timestamps.calendars import jalali_text
from farscrawler.timestamps.result import Precision, Reason, Refusal, Timestamp

if TYPE_CHECKING:
    from datetime import date, tzinfo

TEHRAN = ZoneInfo("Asia/Tehran")


def east(minutes: int) -> timezone:
    """Return the zone of a fixed offset, in minutes east."""
    return timezone(timedelta(minutes=minutes))


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone of the tz database, or None for the empty name of an unknown one."""
    return ZoneInfo(name) if name else None


def whole_day(day: date) -> Timestamp:
    """Return the timestamp of a day without a time."""
    return Timestamp(None, day, jalali_text(day), "day")


def moment(instant: datetime, precision: Precision) -> Timestamp | Refusal:
    """Return the timestamp of an aware instant, on Tehran's clock."""
    local = instant.astimezone(TEHRAN)
    day = jalali_text(local.date())
    if not day:
        return Refusal(Reason.YEAR_OUTSIDE)
    return Timestamp(local, local.date(), f"{day}T{local:%H:%M:%S}", precision)


def wall_clock(local: datetime, zone: tzinfo, precision: Precision) -> Timestamp | Refusal:
    """Return the timestamp of a naive wall clock in ``zone``.

    Refuses an hour that summer time skips, and one that it repeats: there Tehran's own clock is still certain.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first != second:
        skipped = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local
        if skipped:
            return Refusal(Reason.MISSING_HOUR)
        if zone == TEHRAN:
            text = f"{jalali_text(local.date())}T{local:%H:%M:%S}"
            return Refusal(Reason.DOUBLE_HOUR, text, precision)
        return Refusal(Reason.DOUBLE_HOUR)
    return moment(local.replace(tzinfo=zone), precision)
