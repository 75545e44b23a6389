"""The clock of a run: the machine's own, and what the archive and the answers of the site say of it.

A machine without a battery begins in 1970, and one that slept may be months off. By such a clock young articles are
old, lists of days to come are read, and what is stored would count as fresh for months. So what a run stores of the
time is asked here.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from email.utils import parsedate_to_datetime
from statistics import median
from typing import TYPE_CHECKING

from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable

#: How far two clocks may lie apart: a server that takes its local time for UTC is up to 14 hours off, and a cache that
#: does not say how old its answers are often repeats those of some hours ago.
TOLERANCE = dt.timedelta(days=1)
#: So many answers of a host in a row have to agree about the time.
ANSWERS = 2
#: Every article was written after it, and this program too: a clock that says an earlier time was never set.
_NEVER_SET = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_LONGEST_AGE = 86_400 * 366  # seconds in a header Age; more is no age


class Clock:
    """The time by the machine's clock, or by the site's where the answers of most hosts agree that the former is wrong.

    ``newest`` is the end of the newest run in the archive (UTC, ISO 8601), None where there is none. ``hosts`` says how
    many hosts have to agree: one, where the site has only one.
    """

    def __init__(self, newest: str | None = None, *, hosts: int = 1) -> None:
        self._newest = newest
        self._hosts = hosts
        self._heard: dict[str, deque[float]] = {}
        self._behind = machine_now() < _NEVER_SET
        if newest is not None and dt.datetime.fromisoformat(newest) > machine_now() + TOLERANCE:
            self._behind = True
        self._off: float | None = None

    # -- what others say ----------------------------------------------------------------------------

    def hear(self, host: str, date: str | None, age: str | None = None) -> str | None:
        """Take in the Date and Age of an answer; return a sentence when the clock is found wrong by it."""
        said = _said(date, age)
        if said is None or said < _NEVER_SET:
            return None
        heard = self._heard.setdefault(host, deque(maxlen=ANSWERS))
        heard.append((said - machine_now()).total_seconds())
        before = self._off
        self._off = self._judge()
        return self.sentence if before is None and self._off is not None else None

    def _judge(self) -> float | None:
        """Return by how many seconds most hosts say that the clock is off; None where it is right, or nobody knows."""
        agreed = [median(offs) for offs in self._heard.values() if _agree(offs)]
        if len(agreed) < self._hosts:
            return self._off
        self._behind = False  # they know better than an archive, which may have been written by a wrong clock
        wrong = [off for off in agreed if abs(off) > TOLERANCE.total_seconds()]
        return median(wrong) if 2 * len(wrong) > len(agreed) else None

    # -- what time it is ----------------------------------------------------------------------------

    @property
    def wrong(self) -> bool:
        """Whether the machine's clock is wrong, as far as anybody has said."""
        return self._behind or self._off is not None

    @property
    def unknown(self) -> bool:
        """Whether the machine's clock is wrong and nobody has said the right time."""
        return self._behind

    def moment(self) -> dt.datetime:
        """Return the present moment, by the site's clock where the machine's is wrong."""
        return machine_now() + dt.timedelta(seconds=round(self._off or 0))

    def now(self) -> str:
        """Return the present moment as the archive writes it: UTC, ISO 8601, to the second."""
        return self.moment().isoformat(timespec="seconds")

    def today_in(self, tz: str) -> dt.date:
        """Return the day that it is in a zone."""
        return self.moment().astimezone(time_zone(tz)).date()

    @property
    def sentence(self) -> str | None:
        """Return what is wrong with the clock, and what it means for the run; None where nothing is."""
        here = _shown(machine_now())
        if self._off is not None:
            way = "behind" if self._off > 0 else "ahead"
            days = round(abs(self._off) / 86_400)
            return (
                f"The clock of this machine says {here}, and the site {_shown(self.moment())}: about {days:,} "
                f"day{'s' if days != 1 else ''} {way}. This run stores the site's time; set the clock."
            )
        if not self._behind:
            return None
        other = f"the archive has a run of {self._newest}" if self._newest is not None else "this program is younger"
        return (
            f"The clock of this machine says {here}, and {other}: one of the two is wrong. Until the site says what "
            "time it is, nothing of this run counts as fresh, and no stored article is visited again; set the clock."
        )


def machine_now() -> dt.datetime:
    """Return the present moment by the machine's clock."""
    return dt.datetime.now(dt.UTC)


def _said(date: str | None, age: str | None) -> dt.datetime | None:
    """Return what time it is by the headers of an answer; None for no date that can be read."""
    try:
        found = parsedate_to_datetime(date or "")
        seconds = int(age) if age is not None and age.isascii() and age.isdigit() else 0
        if found.tzinfo is None:
            found = found.replace(tzinfo=dt.UTC)
        return found.astimezone(dt.UTC) + dt.timedelta(seconds=min(seconds, _LONGEST_AGE))
    except (TypeError, ValueError, OverflowError):
        return None


def _agree(offs: Iterable[float]) -> bool:
    found = list(offs)
    return len(found) == ANSWERS and max(found) - min(found) <= TOLERANCE.total_seconds()


def _shown(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
