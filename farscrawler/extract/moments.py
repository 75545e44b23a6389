"""The moments of an article: what farscrawler.timestamps makes of the times that its page gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from farscrawler.days import stored_jalali
from farscrawler.extract.time_rules import UNSET, read_times, settle
from farscrawler.timestamps import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.extract.time_rules import SettledTime, TimeCandidate, TimeReading

_MINUTE = timedelta(minutes=1)
#: The warning of a page without any time.
NO_TIMESTAMP = "no-timestamp"
_NO_INSTANT = "no instant to hold against the publication"
_TOO_EARLY = "before publication"
_SEVERAL = "several that disagree"
_REPEATS = "it only repeats the publication"
#: Refusals that nobody needs to be warned of.
_SILENT = (None, _NO_INSTANT, UNSET)
#: Why a printed line is refused that says something, and something wrong; of others machines' times are better alone.
_CONTRADICTIONS = frozenset(
    {
        *(
            RefusalReason.WEEKDAY_DISAGREES,
            RefusalReason.CALENDARS_DISAGREE,
            RefusalReason.TWO_DATES,
            RefusalReason.TWO_CLOCKS,
        ),
        *(RefusalReason.NO_SUCH_DAY, RefusalReason.NO_SUCH_TIME),
    }
)


@dataclass(frozen=True, slots=True)
class Moments:
    """When an article was published and modified, ISO 8601 with the zone's offset of that date.

    ``settled`` and ``changes`` are the grounds: every time that the page gives, read, with what was thought of it.
    """

    published_at: str | None
    published_jalali: str | None
    published_precision: str | None
    modified_at: str | None = None
    warnings: tuple[str, ...] = ()
    settled: SettledTime | None = None
    changes: tuple[TimeReading, ...] = ()


def settle_moments(
    published: Sequence[TimeCandidate],
    modified: Sequence[TimeCandidate],
    *,
    fetched_at: str,
    tz: str,
    us_order: bool = False,
) -> Moments:
    """Settle a page's times, best trusted first; ``fetched_at`` is the article's own field, UTC (``""`` if unknown).

    What stays uncertain is None and says why. A modification is kept only when it is an instant and not before the
    publication: sites print earlier ones, and render times under that name.
    """
    fetched = _moment(fetched_at)
    every = read_times([*published, *modified], fetched_at=fetched, tz=tz, us_order=us_order)
    readings, changed = every[: len(published)], every[len(published) :]
    settled = settle(readings, changed)
    warnings: list[str] = [settled.disagree] if settled.disagree else []
    instant = jalali = precision = None
    if settled.chosen is not None and settled.chosen.found is not None:
        found = settled.chosen.found
        instant, jalali, precision = found.published_at, found.jalali, str(found.precision)
        if settled.day:
            instant, jalali, precision = None, found.jalali[: len("1401-02-28")], "day"
    elif not readings:
        warnings.append(NO_TIMESTAMP)
    elif not settled.disagree:
        warnings.append(_refusal_of(readings[0]))
        # The wall clock of an hour that the end of summer time repeats is certain all the same.
        if (refusal := readings[0].refusal) is not None:
            jalali, precision = refusal.jalali, refusal.precision
    if settled.chosen is not None:
        warnings += [_refusal_of(one) for one in readings if _contradicts(one)]
    changes, instant_of_change, problems = _settle_changes(changed, instant)
    return Moments(
        published_at=_iso(instant),
        published_jalali=stored_jalali(jalali) if jalali is not None else None,
        published_precision=precision,
        modified_at=_iso(instant_of_change),
        warnings=(*warnings, *problems),
        settled=settled,
        changes=changes,
    )


def _refusal_of(reading: TimeReading) -> str:
    return f"timestamp-refused: {reading.refused}"


def _contradicts(reading: TimeReading) -> bool:
    return not reading.candidate.machine and reading.refused in _CONTRADICTIONS


def _settle_changes(
    changed: Sequence[TimeReading], published: datetime | None
) -> tuple[tuple[TimeReading, ...], datetime | None, list[str]]:
    """Return the readings with why each was refused, the one that holds, and the warnings.

    One that only repeats the publication (within a minute) says less than a later one, and nothing where another one
    lies before the publication. The latest of several is no better than the others: where they do not agree within a
    minute, none is kept.
    """
    judged = [_judged(one, published) for one in changed]
    kept = [one for one in judged if one.refused is None]
    moments = [one.found.published_at for one in kept if one.found is not None and one.found.published_at is not None]
    later = [moment for moment in moments if published is not None and moment - published >= _MINUTE]
    if later and max(later) - min(later) >= _MINUTE:
        return _refusing(judged, _SEVERAL), None, [f"modified-refused: {_SEVERAL}"]
    early = any(one.refused == _TOO_EARLY for one in judged)
    kept_moments = later or ([] if early else moments)
    if kept_moments:
        return _refusing(judged, _REPEATS, kept_moments), kept_moments[0], []
    reasons = dict.fromkeys(one.refused for one in judged if one.refused not in _SILENT)
    return _refusing(judged, _REPEATS), None, [f"modified-refused: {reason}" for reason in reasons]


def _refusing(readings: Sequence[TimeReading], why: str, kept: Sequence[datetime] = ()) -> tuple[TimeReading, ...]:
    """Return readings with a reason for those that are not kept."""
    return tuple(
        one
        if one.refused is not None or (one.found is not None and one.found.published_at in kept)
        else replace(one, refused=why)
        for one in readings
    )


def _judged(reading: TimeReading, published: datetime | None) -> TimeReading:
    if reading.found is None:
        return reading
    if reading.found.published_at is None or published is None:
        return replace(reading, refused=_NO_INSTANT)
    if reading.found.published_at < published:
        return replace(reading, refused=_TOO_EARLY)
    return reading


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
