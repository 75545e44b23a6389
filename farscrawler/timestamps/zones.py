"""From a wall clock to an instant, and to Tehran's wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import jalali_text
from farscrawler.timestamps.result import Precision, RefusalReason, RefusedError, Timestamp
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from datetime import date, tzinfo
    from zoneinfo import ZoneInfo

TEHRAN = time_zone("Asia/Tehran")


def east(minutes: int) -> timezone:
    """Return the zone of a fixed offset, in minutes east."""
    return timezone(timedelta(minutes=minutes))


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of the tz database; the empty name is that of a zone printed and not known."""
    if not name:
        raise RefusedError(RefusalReason.UNKNOWN_ZONE)
    return time_zone(name)


def whole_day(day: date) -> Timestamp:
    """Return the timestamp of a day without a time."""
    return Timestamp(None, day, jalali_text(day), "day")


def moment(instant: datetime, precision: Precision) -> Timestamp:
    """Return the timestamp of an aware instant, on Tehran's clock."""
    local = instant.astimezone(TEHRAN)
    day = jalali_text(local.date())
    if not day:
        raise RefusedError(RefusalReason.YEAR_OUTSIDE)
    return Timestamp(local, local.date(), f"{day}T{_clock(local)}", precision)


def _clock(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}:{local.second:02}"


def wall_clock(local: datetime, zone: tzinfo, precision: Precision) -> Timestamp:
    """Return the timestamp of a naive wall clock in ``zone``.

    Refuses an hour that summer time skips, and one that it repeats: there Tehran's own clock is still certain.
    """
    aware = local.replace(tzinfo=zone)
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            raise RefusedError(RefusalReason.MISSING_HOUR)
        if zone != TEHRAN:
            raise RefusedError(RefusalReason.DOUBLE_HOUR)
        raise RefusedError(RefusalReason.DOUBLE_HOUR, f"{jalali_text(local.date())}T{_clock(local)}", precision)
    return moment(aware, precision)
