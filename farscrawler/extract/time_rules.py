"""Several times of one page, read each alone and settled: which one holds, and why.

The rules, in their order; every one is written down because somewhere a page was seen that needs it:

1. What cannot be read, lies after the fetch or is a database's empty column is no candidate.
2. Candidates that mean the same within a minute agree: the printed line stands, unless it is coarser than a minute;
   then the most exact one.
3. Candidates that disagree leave a warning, and
   a) a machine-readable time that the printed line agrees with wins with it: two places of different making;
   b) a machine's midnight is a day without a time: the time of the same day wins;
   c) a machine's time that is the printed clock under a wrong zone (off by Tehran's offset) loses to it;
   d) a printed line that is the time of the last change loses to an earlier machine's time of publication;
   e) a relative line counts from a rendering that may be old, and loses to machine-readable times that agree;
   f) a printed line that says that it is the time of publication wins: that is the publisher's own word;
   g) machine-readable times that outnumber one other win over it, where nothing is printed.
4. Without a rule nothing is guessed: of candidates on one day in Tehran the day is certain, otherwise nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from farscrawler import timestamps
from farscrawler.days import is_jalali_year
from farscrawler.timestamps.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence


# Times for machines promise ISO 8601 and a zone, and often mean something else: plugins that turn a site's dates Jalali
# (wp-parsidate, wp-jalali) turn those of its metas, JSON-LD and ``datetime`` attributes too, and leave a zone behind
# them that the wall clock is not of. IranSamaneh printed Jalali days with Persian digits in ``article:published_time``.
_ZONE = r"Z|[+-]\d\d:?\d\d"
_WRITTEN = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    rf"(?:[T\s\\,|-]*(?P<early>{_ZONE})?(?P<clock>\d{{1,2}}:\d\d(?::\d\d)?)(?:[.]\d+)?\s*(?P<late>{_ZONE})?(?P<again>{_ZONE})?)?",
)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)(.*)")
#: What a database's empty column becomes. WordPress with wp-parsidate prints it in its schema.
UNSET = "unset date"
#: Why a time is none that is the moment at which the page was fetched.
OF_FETCH = "it is the moment of the fetch, as a page's clock shows it"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_machine_time(
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
    written = _WRITTEN.fullmatch(plain)
    if written is not None:
        year, month, day = int(written[1]), written[3], written[4]
        if is_jalali_year(year):
            clock = written["clock"] or ""
            return timestamps.read(f"{year}/{month}/{day} {clock}".strip(), fetched_at=fetched_at, tz="Asia/Tehran")
        zones = {zone.replace(":", "") for zone in (written["early"], written["late"], written["again"]) if zone}
        if len(zones) > 1:
            return timestamps.Refusal(timestamps.RefusalReason.ZONES_DISAGREE)
        if written["clock"]:
            hour, _, rest = written["clock"].partition(":")
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


_MINUTE = timedelta(minutes=1)
_TEHRAN = timezone(timedelta(hours=3, minutes=30))
#: Tehran's offsets, without and with the summer time that ended in 1401.
_OFFSETS = (timedelta(hours=3, minutes=30), timedelta(hours=4, minutes=30))
_EXACTNESS = {"second": 3, "minute": 2, "hour": 1, "day": 0}


@dataclass(frozen=True, slots=True)
class TimeCandidate:
    """One time that a page gives: where it stands, and its text as printed.

    ``machine``: it is meant for machines; ``labelled``: the page says beside it that it is the time of publication;
    ``refused``: why it is none, where the page says so; ``unvouched``: nothing says so but its place on a page of no
    known system, where the moment of the fetch is a clock's; ``above``: that place is above the headline, where the day
    of the fetch is a calendar's.
    """

    where: str
    text: str
    machine: bool = False
    labelled: bool = False
    refused: str | None = None
    unvouched: bool = False
    above: bool = False


@dataclass(frozen=True, slots=True)
class TimeReading:
    """What a candidate means; ``refused`` says why it is none, ``refusal`` what is certain of it all the same."""

    candidate: TimeCandidate
    found: timestamps.Timestamp | None
    refused: str | None = None
    refusal: timestamps.Refusal | None = None

    @property
    def exact(self) -> bool:
        """Whether it names the minute."""
        return self.found is not None and _EXACTNESS[self.found.precision] >= _EXACTNESS["minute"]


@dataclass(frozen=True, slots=True)
class SettledTime:
    """The moment that a page's candidates mean together, with the rule that chose it; and whether they disagreed.

    ``day``: they agree on the day alone. ``readings`` are all of them in the order they were given.
    """

    chosen: TimeReading | None
    readings: tuple[TimeReading, ...]
    why: str = ""
    disagree: str | None = None
    day: bool = False


def read_time(candidate: TimeCandidate, *, fetched_at: datetime | None, tz: str, us_order: bool = False) -> TimeReading:
    """Read one candidate."""
    if candidate.refused is not None:
        return TimeReading(candidate, None, candidate.refused)
    if candidate.machine:
        found = read_machine_time(candidate.text, fetched_at=fetched_at, tz=tz, us_order=us_order)
    else:
        found = timestamps.read(candidate.text, fetched_at=fetched_at, tz=tz)
    if isinstance(found, timestamps.Refusal):
        return TimeReading(candidate, None, found.reason, found)
    if candidate.unvouched and fetched_at is not None and _is_of_fetch(candidate, found, fetched_at):
        return TimeReading(candidate, None, OF_FETCH)
    return TimeReading(candidate, found)


def _is_of_fetch(candidate: TimeCandidate, found: timestamps.Timestamp, fetched_at: datetime) -> bool:
    """Whether a time is that of the fetch, as a page's clock or calendar shows it.

    A printed clock has no seconds, and the page takes some to arrive.
    """
    if found.published_at is None:
        return candidate.above and found.date == fetched_at.astimezone(_TEHRAN).date()
    return abs(found.published_at - fetched_at) < (_MINUTE if candidate.machine else 2 * _MINUTE)


def read_times(
    candidates: Sequence[TimeCandidate], *, fetched_at: datetime | None, tz: str, us_order: bool = False
) -> list[TimeReading]:
    """Read the candidates of a page; what it says in several places to the letter is read once."""
    known: dict[tuple[str, bool, bool, bool], TimeReading] = {}
    found = []
    for one in candidates:
        key = (one.text, one.machine, one.unvouched, one.above)
        if key not in known:
            known[key] = read_time(one, fetched_at=fetched_at, tz=tz, us_order=us_order)
        found.append(replace(known[key], candidate=one))
    return found


def settle(readings: Sequence[TimeReading], changed: Sequence[TimeReading] = ()) -> SettledTime:
    """Choose among the readings of a page's publication, best trusted first; ``changed`` are those of changes."""
    every = tuple(readings)
    good = [one for one in every if one.found is not None]
    if not good:
        return SettledTime(None, every)
    printed = next((one for one in good if not one.candidate.machine), None)
    if all(_agree(one, other) for i, one in enumerate(good) for other in good[i + 1 :]):
        return SettledTime(_best(good), every, "the only one" if len(good) == 1 else "all agree")
    chosen, why = _by_rule(good, printed, [one for one in changed if one.found is not None])
    disagree = _said(good)
    if chosen is not None:
        return SettledTime(chosen, every, why, disagree)
    if len({one.found.date for one in good if one.found is not None}) == 1:
        return SettledTime(good[0], every, "they agree on the day alone", disagree, day=True)
    return SettledTime(None, every, "no rule says which one holds", disagree)


def _by_rule(
    good: list[TimeReading], printed: TimeReading | None, changed: list[TimeReading]
) -> tuple[TimeReading | None, str]:
    if printed is None:
        return _of_machines(good)
    machine = [one for one in good if one.candidate.machine]
    partners = [one for one in machine if _agree(printed, one)]
    others = [one for one in machine if one not in partners]
    if partners and not (_is_midnight(printed) and _timed_on_day(others, printed)):
        return _best([printed, *partners]), f"{partners[0].candidate.where} agrees with the printed line"
    rules = (
        (_of_midnight(printed, machine), "the other is a day without a time"),
        (
            printed if printed.exact and any(_off_by_zone(printed, one) for one in machine) else None,
            "the machine-readable one is the printed clock under a wrong zone",
        ),
        (_before_change(printed, machine, changed), "the printed line is the time of the last change"),
        (_best(machine) if _all_agree(machine) and is_relative(printed) else None, "the printed line is relative"),
        (printed if printed.candidate.labelled else None, "the printed line says that it is the time of publication"),
    )
    return next(((chosen, why) for chosen, why in rules if chosen is not None), (None, ""))


def _of_machines(good: list[TimeReading]) -> tuple[TimeReading | None, str]:
    """Choose among machine-readable times alone."""
    timed = [one for one in good if not _is_midnight(one)]
    if timed and len(timed) < len(good) and _all_agree(timed) and len({_day(one) for one in good}) == 1:
        return _best(timed), "the other is a day without a time"
    sizes = Counter({i: sum(_agree(one, other) for other in good) for i, one in enumerate(good)})
    (first, size), *_ = sizes.most_common()
    group = [one for one in good if _agree(good[first], one)]
    if size > len(good) - size and size > 1:
        return _best(group), f"{size} of {len(good)} agree"
    return None, ""


def is_relative(reading: TimeReading) -> bool:
    """Whether a printed line counts from the moment it was printed: «۲ ساعت قبل»."""
    alone = timestamps.read(reading.candidate.text)
    return isinstance(alone, timestamps.Refusal) and alone.reason == timestamps.RefusalReason.NO_FETCH_TIME


def _of_midnight(printed: TimeReading, machine: list[TimeReading]) -> TimeReading | None:
    if printed.exact and not _is_midnight(printed):
        return printed if any(_is_midnight(one) and _day(one) == _day(printed) for one in machine) else None
    timed = _timed_on_day(machine, printed)
    return _best(timed) if _is_midnight(printed) and timed and _all_agree(timed) else None


def _before_change(printed: TimeReading, machine: list[TimeReading], changed: list[TimeReading]) -> TimeReading | None:
    if not (printed.exact and _all_agree(machine) and any(_agree(printed, one) for one in changed)):
        return None
    best = _best(machine)
    gap = _gap(best, printed)
    return best if best.exact and gap is not None and gap > timedelta(0) else None


def _timed_on_day(readings: list[TimeReading], other: TimeReading) -> list[TimeReading]:
    return [one for one in readings if one.exact and not _is_midnight(one) and _day(one) == _day(other)]


def _agree(one: TimeReading, other: TimeReading) -> bool:
    """Whether two readings can be the same moment, each as exact as it is."""
    first, second = one.found, other.found
    if first is None or second is None:
        return False
    gap = _gap(one, other)
    if gap is None:
        return first.date == second.date
    tolerance = timedelta(hours=1) if "hour" in (first.precision, second.precision) else _MINUTE
    return abs(gap) < tolerance


def _all_agree(readings: list[TimeReading]) -> bool:
    return all(_agree(readings[0], one) for one in readings[1:]) if readings else False


def _best(readings: list[TimeReading]) -> TimeReading:
    """Return the printed line if it names the minute, otherwise the most exact one, the first of several such."""
    for one in readings:
        if not one.candidate.machine and one.exact:
            return one
    return max(readings, key=lambda one: _EXACTNESS[one.found.precision] if one.found else -1)


def _is_midnight(reading: TimeReading) -> bool:
    """Whether a time is exactly midnight, in Tehran or (a machine's) in UTC: mostly a day that had no time."""
    found = reading.found
    if found is None or found.published_at is None:
        return False
    local = found.published_at
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return True
    return (
        reading.candidate.machine
        and local.second == 0
        and timedelta(hours=local.hour, minutes=local.minute) in _OFFSETS
    )


def _off_by_zone(printed: TimeReading, machine: TimeReading) -> bool:
    gap = _gap(printed, machine)
    return machine.exact and gap is not None and any(abs(abs(gap) - offset) < _MINUTE for offset in _OFFSETS)


def _gap(one: TimeReading, other: TimeReading) -> timedelta | None:
    """Return by how much another time is later than one; None where either names no instant."""
    first, second = one.found, other.found
    if first is None or second is None or first.published_at is None or second.published_at is None:
        return None
    return second.published_at - first.published_at


def _day(reading: TimeReading) -> object:
    return reading.found.date if reading.found is not None else None


def _said(readings: Sequence[TimeReading]) -> str:
    """Return the warning that says which place says what: each value once, by the place that is trusted most."""
    said: dict[str, str] = {}
    for one in readings:
        if one.found is not None:
            said.setdefault((one.found.published_at or one.found.date).isoformat(), one.candidate.where)
    return f"timestamps-disagree: {', '.join(f'{where} {value}' for value, where in said.items())}"
