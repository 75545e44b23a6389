"""read: the text of a timestamp line as a moment, or a refusal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from farscrawler.timestamps.calendars import jalali_text
from farscrawler.timestamps.chains import Chain, Rank, chains
from farscrawler.timestamps.dates import Window
from farscrawler.timestamps.lexer import lex
from farscrawler.timestamps.normalise import is_latin, normalise
from farscrawler.timestamps.relative import ago, day_back, is_relative
from farscrawler.timestamps.result import Reason, Refusal, Timestamp
from farscrawler.timestamps.settle import is_after_fetch, settle_day, settle_time
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.zones import TEHRAN

if TYPE_CHECKING:
    from collections.abc import Sequence

# A timestamp line with all its labels has under 300 characters; a longer text is an article, not a line.
MAX_LENGTH = 1000


def read(text: str, *, fetched_at: datetime | None = None, tz: str = "Asia/Tehran") -> Timestamp | Refusal:
    """Read a Persian timestamp line; refuse whatever is not certain.

    ``fetched_at`` (aware) is the moment the page was fetched: relative texts need it, and nothing later is
    read. ``tz`` is the zone of the site's clock; the answer is always on Tehran's. Never raises on any text;
    a naive ``fetched_at`` is a ValueError, a ``tz`` that does not exist a ZoneInfoNotFoundError.
    """
    site = ZoneInfo(tz)
    fetch_year = None
    if fetched_at is not None:
        if fetched_at.utcoffset() is None:
            raise ValueError("fetched_at must be aware")
        fetch_year = int(jalali_text(fetched_at.astimezone(TEHRAN).date())[:4] or 0) or None
    if len(text) > MAX_LENGTH or len(normal := normalise(text)) > MAX_LENGTH:
        return Refusal(Reason.TOO_LONG)
    runs = chains(lex(normal))
    window = Window(fetch_year, is_latin(text))
    for run in runs:
        run.parse(window)
    dated = [run for run in runs if run.dates]
    answer = _absolute(runs, dated, site) if dated else _relative(runs, fetched_at, site)
    if isinstance(answer, Timestamp) and fetched_at is not None and is_after_fetch(answer, fetched_at, site):
        return Refusal(Reason.AFTER_FETCH)
    return answer


def _absolute(runs: Sequence[Chain], dated: Sequence[Chain], site: ZoneInfo) -> Timestamp | Refusal:
    rank = min(run.rank for run in dated)
    if rank is Rank.ELSEWHERE:
        return Refusal(Reason.PAGE_CLOCK)
    chosen = [run for run in dated if run.rank is rank]
    dates = [date for run in chosen for date in run.dates]
    day = settle_day(dates, {weekday for run in chosen for weekday in run.weekdays()})
    if isinstance(day, Reason):
        return Refusal(day)
    if _has_idle_label(runs, dated, day):
        return Refusal(Reason.TWO_DATES)
    if any(run.has_stray_number() for run in chosen):
        return Refusal(Reason.STRAY_NUMBER)
    if any(is_relative(run.tokens) for run in chosen):
        return Refusal(Reason.RELATIVE_AND_DATE)
    if not any(run.clocks for run in chosen):
        apart = [run for run in runs if run.clocks and not run.dates and run.rank <= Rank.UNLABELLED]
        if len(apart) > 1 or (apart and not _joined(runs, apart[0], chosen)):
            return Refusal(Reason.CLOCK_APART)
        chosen += apart
    return settle_time(day, chosen, site)


def _has_idle_label(runs: Sequence[Chain], dated: Sequence[Chain], day: object) -> bool:
    """Return whether several days are dated and a label has none of them: then labels may stand after dates."""
    if all(date.days == (day,) for run in dated for date in run.dates if date.reason is None):
        return False
    labels = {run.label for run in runs if run.rank in (Rank.PUBLISHED, Rank.UPDATED)}
    return bool(labels - {run.label for run in dated})


def _joined(runs: Sequence[Chain], clock: Chain, chosen: Sequence[Chain]) -> bool:
    """Return whether nothing but a label parts the run of a time from that of the date."""
    index = next(number for number, run in enumerate(runs) if run is clock)
    before = index > 0 and clock.after_label and runs[index - 1] in chosen
    after = index + 1 < len(runs) and runs[index + 1].after_label and runs[index + 1] in chosen
    return before or after


def _relative(runs: Sequence[Chain], fetched_at: datetime | None, site: ZoneInfo) -> Timestamp | Refusal:
    """Read the one run that speaks of the fetch, or say what the text lacks to be a date."""
    for run in runs:
        if run.rank is Rank.ELSEWHERE or run.open_start or run.open_end:
            continue
        if any(token.kind is Kind.DAY_BACK for token in run.tokens):
            return _day_back(run, fetched_at, site)
        if found := ago(run.tokens, fetched_at, site):
            return found
    return Refusal(_missing(runs))


def _day_back(run: Chain, fetched_at: datetime | None, site: ZoneInfo) -> Timestamp | Refusal:
    if fetched_at is None:
        return Refusal(Reason.NO_FETCH_TIME)
    day = day_back(run.tokens, fetched_at, site)
    if day is None:
        return Refusal(Reason.TWO_DATES)
    if run.has_stray_number():
        return Refusal(Reason.STRAY_NUMBER)
    if not set(run.weekdays()) <= {day.weekday()}:
        return Refusal(Reason.WEEKDAY_DISAGREES)
    return settle_time(day, [run], site)


def _missing(runs: Sequence[Chain]) -> Reason:
    kinds = {token.kind for run in runs for token in run.tokens}
    if Kind.MONTH in kinds and Kind.NUMBER in kinds:
        return Reason.NO_DAY
    if Kind.CLOCK in kinds:
        return Reason.TIME_ONLY
    return Reason.NO_DATE
