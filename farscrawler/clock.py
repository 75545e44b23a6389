"""The one place that reads the machine's clock for what is stored."""

from __future__ import annotations

import datetime as dt


def now() -> str:
    """Give the present moment as the archive writes it: UTC, ISO 8601, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


#: Clocks are wrong by hours where a time zone was set wrong; what lies further ahead is no time at which anyone was.
_AHEAD = dt.timedelta(days=1)


def in_future(moment: dt.datetime) -> bool:
    """Tell a moment (aware) that has not come yet, so that no page can have been taken then."""
    return moment > dt.datetime.now(dt.UTC) + _AHEAD
