"""Times that attributes hold for machines. They promise ISO 8601 and a zone, and often mean something else.

Plugins that turn a site's dates Jalali (wp-parsidate, wp-jalali) turn those of its metas, JSON-LD and ``datetime``
attributes too, and leave a zone behind them that the wall clock is not of. IranSamaneh printed Jalali days with Persian
digits in ``article:published_time``.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from farscrawler import timestamps
from farscrawler.timestamps.normalise import normalise

# A year in this window is Jalali whatever the attribute promises: no page speaks of the year 1404 AD.
_FIRST_JALALI, _AFTER_JALALI = 1300, 1500
_ZONE = r"Z|[+-]\d\d:?\d\d"
_STAMP = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    rf"(?:[T\s\\,|-]*(?P<early>{_ZONE})?(?P<clock>\d{{1,2}}:\d\d(?::\d\d)?)(?:[.]\d+)?\s*(?P<late>{_ZONE})?(?P<again>{_ZONE})?)?",
)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)(.*)")
#: What a database's empty column becomes. WordPress with wp-parsidate prints it in its schema.
UNSET = "unset date"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(
    text: str,
    *,
    fetched_at: datetime | None,
    tz: str,
    us_order: bool = False,
) -> timestamps.Timestamp | timestamps.Refusal:
    """Read a machine-readable time: ``tz`` is the zone of one that names none, ``us_order`` means M/D/YYYY.

    A Jalali day is on Tehran's clock whatever zone is claimed. Zones said twice must agree.
    """
    plain = normalise(text).strip()
    stamp = _STAMP.fullmatch(plain)
    if stamp is not None:
        year, month, day = int(stamp[1]), stamp[3], stamp[4]
        if _FIRST_JALALI <= year < _AFTER_JALALI:
            clock = stamp["clock"] or ""
            return timestamps.read(f"{year}/{month}/{day} {clock}".strip(), fetched_at=fetched_at, tz="Asia/Tehran")
        zones = {zone.replace(":", "") for zone in (stamp["early"], stamp["late"], stamp["again"]) if zone}
        if len(zones) > 1:
            return timestamps.Refusal(timestamps.Reason.ZONES_DISAGREE)
        if stamp["clock"]:
            hour, _, rest = stamp["clock"].partition(":")
            plain = f"{year:04}-{int(month):02}-{int(day):02}T{int(hour):02}:{rest}{''.join(zones)}"
    slashed = _SLASHED.fullmatch(plain) if us_order else None
    if slashed is not None:
        plain = f"{slashed[3]}-{int(slashed[1]):02}-{int(slashed[2]):02}{slashed[4]}"
    found = timestamps.read(plain, fetched_at=fetched_at, tz=tz)
    if isinstance(found, timestamps.Timestamp) and _is_unset(found):
        return timestamps.Refusal(UNSET)
    return found


def _is_unset(found: timestamps.Timestamp) -> bool:
    if found.published_at is None:
        return found.date == date(1970, 1, 1)
    return abs(found.published_at - _EPOCH) <= timedelta(days=1)
