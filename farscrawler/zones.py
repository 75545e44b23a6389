"""Time zones, from the tzdata package and not from the machine's own tables, which may be years old.

Python's zoneinfo asks the machine first. A table from before 2022 knows nothing of the end of Iran's summer time, and
every article of the summers from 1402 on would be dated an hour too early.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from farscrawler.errors import StaleZonesError

_TEHRAN = "Asia/Tehran"
_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*", re.ASCII)
#: Tir 1400 and Tir 1402: the first summer without summer time is 1402 (tzdata 2022b).
_TEHRAN_OFFSETS = {dt.datetime(2021, 7, 1): 270, dt.datetime(2023, 7, 1): 210}  # noqa: DTZ001  # wall clocks


class _Zone(ZoneInfo):
    """A zone read from a file, which zoneinfo itself can neither copy nor pickle."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return time_zone, (self.key,)


@cache
def time_zone(name: str) -> ZoneInfo:
    """Return a zone of the tz database, the same object for every call.

    Raise ZoneInfoNotFoundError where there is no zone of this name, and StaleZonesError where Tehran's rules are those
    of before 2022.
    """
    if not _NAME.fullmatch(name):
        raise ZoneInfoNotFoundError(f"No time zone found with key {name}")
    try:
        packaged = resources.files("tzdata")
    except ModuleNotFoundError:  # some distributions leave it out, since they keep the machine's own tables new
        zone = ZoneInfo(name)
    else:
        try:
            with packaged.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
                zone = _Zone.from_file(file, key=name)
        except (OSError, ValueError) as error:  # no such file, a folder, or a list of the package's own
            raise ZoneInfoNotFoundError(f"No time zone found with key {name}") from error
    if name == _TEHRAN:
        _require_new_rules(zone)
    return zone


def _require_new_rules(tehran: ZoneInfo) -> None:
    for moment, minutes in _TEHRAN_OFFSETS.items():
        if tehran.utcoffset(moment) != dt.timedelta(minutes=minutes):
            raise StaleZonesError(
                "the time zone tables are too old: they do not know that Iran has had no summer time since 1402. "
                "Run `pip install --upgrade tzdata`."
            )
