"""read: the text of a timestamp line as a moment, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import jalali_text
from farscrawler.timestamps.chains import Chain, Parts, Rank, chains
from farscrawler.timestamps.common import read_common
from farscrawler.timestamps.dates import Window
from farscrawler.timestamps.labelled import labelled_times
from farscrawler.timestamps.lexer import lex
from farscrawler.timestamps.normalise import normalise
from farscrawler.timestamps.relative import ago, day_back, has_ago, has_day_back, is_vague, names_night
from farscrawler.timestamps.result import Reason, Refusal, RefusedError, Timestamp
from farscrawler.timestamps.settle import is_after_fetch, settle_day, settle_time
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.zones import TEHRAN
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

_ZONES = frozenset((Kind.ZONE, Kind.ZONE_LEAD, Kind.ZONE_OFFSET))
# A timestamp line with all its labels has under 300 characters; a longer text is an article, not a line.
MAX_LENGTH = 1000


def read(text: str, *, fetched_at: datetime | None = None, tz: str = "Asia/Tehran") -> Timestamp | Refusal:
    """Read a Persian timestamp line; refuse whatever is not certain.

    ``fetched_at`` (aware) is the moment the page was fetched: relative texts need it, and nothing later is
    read. ``tz`` is the zone of the site's clock; the answer is always on Tehran's. Never raises on any text;
    a naive ``fetched_at`` is a ValueError, a ``tz`` that does not exist a ZoneInfoNotFoundError.
    """
    site = time_zone(tz)
    if fetched_at is not None and fetched_at.utcoffset() is None:
        raise ValueError("fetched_at must be aware")
    if len(text) > MAX_LENGTH or len(normal := normalise(text)) > MAX_LENGTH:
        return Refusal(Reason.TOO_LONG)
    try:
        answer = read_common(normal, site) or read_any(text, normal, fetched_at, site)
    except RefusedError as error:
        return error.refusal
    if fetched_at is not None and is_after_fetch(answer, fetched_at, site):
        return Refusal(Reason.AFTER_FETCH)
    return answer


def read_any(text: str, normal: str, fetched_at: datetime | None, site: ZoneInfo) -> Timestamp:
    """Read a text, given as printed and normalised, by the whole grammar; the fetch is not yet held against it."""
    fetch_year = None
    if fetched_at is not None:
        fetch_year = int(jalali_text(fetched_at.astimezone(TEHRAN).date())[:4] or 0) or None
    parts = chains(lex(normal))
    window = Window(text, fetch_year)
    for run in parts.runs:
        run.parse(window)
    dated = [run for run in parts.runs if run.dates]
    if not dated:
        return _relative(parts, fetched_at, site, heads_nothing=normal.rstrip(" \n").endswith(":"))
    return _absolute(parts, dated, fetched_at, site)


def _absolute(parts: Parts, dated: Sequence[Chain], fetched_at: datetime | None, site: ZoneInfo) -> Timestamp:
    runs = parts.runs
    rank = min(run.rank for run in dated)
    if rank is Rank.ELSEWHERE:
        raise RefusedError(Reason.PAGE_CLOCK)
    chosen = [run for run in dated if run.rank is rank]
    dates = [one for run in chosen for one in run.dates]
    day = settle_day(dates, {weekday for run in chosen for weekday in run.weekdays()})
    one_day = _all_mean(dated, day)
    if len({run.label for run in dated if run.label}) < len(parts.labels) and not one_day:
        # A label without a date beside several dates: the labels may stand after their dates.
        raise RefusedError(Reason.TWO_DATES)
    if _has_rival(runs, chosen):
        raise RefusedError(Reason.RELATIVE_AND_DATE)
    _check_rest(chosen, day, fetched_at, site)
    if one_day and (times := labelled_times(parts)):
        return times.settle(day, dated, site)
    if not any(run.clocks for run in chosen):
        apart = [run for run in runs if run.clocks and not run.dates and run.rank <= Rank.UNLABELLED]
        if len(apart) > 1 or (apart and not _joined(runs, apart[0], chosen)):
            raise RefusedError(Reason.CLOCK_APART)
        chosen += apart
    if any(run.clocks for run in chosen) and _has_zone_apart(runs, chosen):
        raise RefusedError(Reason.UNKNOWN_ZONE)
    return settle_time(day, chosen, site)


def _has_zone_apart(runs: Sequence[Chain], chosen: Sequence[Chain]) -> bool:
    """Return whether a zone stands beyond words without meaning, with no date or time of its own."""
    bare = (run for run in runs if run.rank <= chosen[0].rank and not run.dates and not run.clocks)
    return any(token.kind in _ZONES for run in bare for token in run.tokens)


def _has_rival(runs: Sequence[Chain], chosen: Sequence[Chain]) -> bool:
    """Return whether a run that speaks of the fetch has a better claim than the chosen dates, or one as good."""
    rank, labels = chosen[0].rank, {run.label for run in chosen}
    return any(
        (run.rank < rank or (run.rank is rank and run.label not in labels and not _is_prose(run))) and _is_relative(run)
        for run in runs
        if not (_is_prose(run) and run.rank is Rank.UNLABELLED)
    )


def _is_prose(run: Chain) -> bool:
    """Return whether a word without meaning touches the run: «قیمت دیروز طلا» dates no article."""
    return run.open_start or run.open_end


def _is_relative(run: Chain) -> bool:
    return has_day_back(run.tokens) or has_ago(run.tokens)


def _check_rest(chosen: Sequence[Chain], day: date, fetched_at: datetime | None, site: ZoneInfo) -> None:
    """Refuse runs that hold more than a date and a time; a دیروز that means the same day is a checksum."""
    for run in chosen:
        _check_certain(run)
        if has_ago(run.tokens):
            raise RefusedError(Reason.RELATIVE_AND_DATE)
        if has_day_back(run.tokens) and (fetched_at is None or day_back(run.tokens, fetched_at, site) != day):
            raise RefusedError(Reason.RELATIVE_AND_DATE)
        if run.has_stray_number():
            raise RefusedError(Reason.STRAY_NUMBER)


def _check_certain(run: Chain) -> None:
    """Refuse a span, a choice of two, an about, and a time that an author's name and other words part from its date."""
    if any(token.kind is Kind.SPAN for token in run.tokens):
        raise RefusedError(Reason.SPAN)
    if run.offers_choice():
        raise RefusedError(Reason.TWO_DATES)
    if any(token.kind is Kind.ABOUT for token in run.tokens) and not has_ago(run.tokens):
        raise RefusedError(Reason.VAGUE)
    if run.by_author and run.open_end:
        raise RefusedError(Reason.CLOCK_APART)


def _all_mean(dated: Sequence[Chain], day: date) -> bool:
    """Return whether every date of the runs can be ``day``."""
    return all(one.agrees(day) for run in dated for one in run.dates)


def _joined(runs: Sequence[Chain], clock: Chain, chosen: Sequence[Chain]) -> bool:
    """Return whether nothing but a label parts the run of a time from that of the date."""
    index = next(number for number, run in enumerate(runs) if run is clock)
    before = index > 0 and clock.after_label and any(run is runs[index - 1] for run in chosen)
    after = index + 1 < len(runs) and runs[index + 1].after_label and any(run is runs[index + 1] for run in chosen)
    return before or after


def _relative(parts: Parts, fetched_at: datetime | None, site: ZoneInfo, *, heads_nothing: bool) -> Timestamp:
    """Read the one run of the best label that speaks of the fetch, or say what the text lacks to be a date.

    ``heads_nothing`` tells that the text ends with a colon: its last words are a label without a value.
    """
    runs = parts.runs
    said = [run for run in runs if run.rank is not Rank.ELSEWHERE and (_is_relative(run) or is_vague(run.tokens))]
    plain = [run for run in said if not _is_prose(run)]
    if not plain:
        raise RefusedError(_missing(runs))
    rank = min(run.rank for run in plain)
    chosen, *others = (run for run in plain if run.rank is rank)
    if others or any(run.rank < rank and run.rank is not Rank.UNLABELLED for run in said):
        raise RefusedError(Reason.TWO_DATES)
    _check_certain(chosen)
    if not has_day_back(chosen.tokens):
        counted = chosen.counted and chosen.tokens[-1].kind is Kind.NUMBER
        return ago(chosen.tokens[:-1] if counted else chosen.tokens, fetched_at, site)
    if heads_nothing and chosen is runs[-1] and chosen.tokens[-1].kind is Kind.DAY_BACK:
        raise RefusedError(Reason.PAGE_CLOCK)
    day = day_back(chosen.tokens, fetched_at, site)
    if chosen.has_stray_number():
        raise RefusedError(Reason.STRAY_NUMBER)
    if not set(chosen.weekdays()) <= {day.weekday()}:
        raise RefusedError(Reason.WEEKDAY_DISAGREES)
    if times := labelled_times(parts):
        return times.settle(day, [chosen], site)
    if names_night(chosen.tokens) and not chosen.clocks:
        raise RefusedError(Reason.VAGUE)
    return settle_time(day, [chosen], site)


def _missing(runs: Sequence[Chain]) -> Reason:
    kinds = {token.kind for run in runs for token in run.tokens}
    if Kind.MONTH in kinds and Kind.NUMBER in kinds:
        return Reason.NO_DAY
    return Reason.TIME_ONLY if Kind.CLOCK in kinds else Reason.NO_DATE
