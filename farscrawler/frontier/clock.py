"""The clock of a run: the machine's own, and what the archive and the answers of sites say of it.

A machine without a battery begins in 1970, and one that slept may be months off. By such a clock young articles are
old, lists of days to come are read, and what is stored would count as fresh for months. A server's clock may be wrong
too, and a hostile one lies: it alone against the machine only raises a doubt. With a second witness, another host or
the archive, its time is taken.
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
#: So many answers of a host in a row have to agree about the time, and so many hosts where there is no other witness.
ANSWERS = HOSTS = 2
_MOST_HOSTS = 100  # that are listened to; `crawl news` may meet any number
#: Every article was written after it, and this program too: a clock that says an earlier time was never set.
_NEVER_SET = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_LONGEST_AGE = 86_400 * 366  # seconds in a header Age; more is no age

#: What hosts have said: by how many seconds their clocks are ahead of the machine's, in their last answers.
Heard = dict[str, deque[float]]


class Clock:
    """The time by the machine's clock, or by that of the sites where two witnesses agree that the former is wrong.

    ``newest`` is the end of the newest run in the archive (UTC, ISO 8601), None where there is none. ``heard`` is what
    hosts have said: the crawls of one process share it.
    """

    def __init__(self, newest: str | None = None, *, heard: Heard | None = None) -> None:
        self._newest = _moment(newest)
        self._heard: Heard = {} if heard is None else heard
        self._said = False

    # -- what others say ----------------------------------------------------------------------------

    def hear(self, host: str, date: str | None, age: str | None = None) -> str | None:
        """Take in the Date and Age of an answer; return a sentence the first time that the clock is found wrong."""
        said = _said(date, age)
        if said is None or said < _NEVER_SET or (host not in self._heard and len(self._heard) >= _MOST_HOSTS):
            return None
        heard = self._heard.setdefault(host, deque(maxlen=ANSWERS))
        heard.append((said - machine_now()).total_seconds())
        if self._said or len(heard) < ANSWERS or (sentence := self.sentence) is None:
            return None
        self._said = True
        return sentence

    @property
    def _contradiction(self) -> tuple[float, int] | None:
        """By how many seconds most hosts say that the clock is off, and how many of them agree; None for no doubt."""
        agreed = [median(offs) for offs in self._heard.values() if _agree(offs)]
        off = [one for one in agreed if abs(one) > TOLERANCE.total_seconds()]
        if not off or 2 * len(off) <= len(agreed):
            return None
        middle = median(off)
        return middle, sum(abs(one - middle) <= TOLERANCE.total_seconds() for one in off)

    @property
    def _is_told(self) -> bool:
        """Whether any host has said what time it is."""
        return any(map(_agree, self._heard.values()))

    @property
    def _behind(self) -> bool:
        """Whether the clock is before the archive, or was never set."""
        machine = machine_now()
        return machine < _NEVER_SET or (self._newest is not None and self._newest > machine + TOLERANCE)

    @property
    def _off(self) -> float | None:
        """By how many seconds the clock is off, where two witnesses agree; None where it is right, or nobody knows."""
        found = self._contradiction
        if found is None:
            return None
        off, hosts = found
        said = machine_now() + dt.timedelta(seconds=off)
        by_archive = self._behind and (self._newest is None or said >= self._newest - TOLERANCE)
        return off if hosts >= HOSTS or by_archive else None

    # -- what time it is ----------------------------------------------------------------------------

    @property
    def doubtful(self) -> bool:
        """Whether somebody contradicts the machine's clock, and nobody has settled who is right."""
        if self._contradiction is not None:
            return self._off is None
        return self._behind and not self._is_told

    @property
    def is_behind(self) -> bool:
        """Whether the clock is before the archive, or was never set, and nobody has said the right time."""
        return self._behind and self.doubtful

    def moment(self) -> dt.datetime:
        """Return the present moment, by the sites' clocks where the machine's is wrong."""
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
        here = f"The clock of this machine says {_shown(machine_now())}"
        found = self._contradiction
        if found is not None:
            off = found[0]
            days = round(abs(off) / 86_400)
            way = f"about {days:,} day{'s' if days != 1 else ''} {'later' if off > 0 else 'earlier'}"
            there = f"the site {_shown(machine_now() + dt.timedelta(seconds=off))}, {way}"
            if self._off is not None:
                return f"{here}, and {there}; others agree with the site. This run stores its time; set the clock."
            return f"{here}, and {there}: one of the two is wrong. {_NOT_FRESH}"
        if not self.doubtful:
            return None
        other = (
            f"the archive has a run of {_shown(self._newest)}"
            if self._newest is not None
            else "this program is younger"
        )
        return f"{here}, and {other}: one of the two is wrong. {_NOT_FRESH}"


_NOT_FRESH = (
    "Nothing of this run counts as fresh, and printed times such as «two hours ago» are not read. If it is the "
    "machine's, set the clock."
)


def machine_now() -> dt.datetime:
    """Return the present moment by the machine's clock."""
    return dt.datetime.now(dt.UTC)


def _moment(text: object) -> dt.datetime | None:
    """Return a moment as the archive has it; None for one that other hands have written there."""
    try:
        found = dt.datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


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
