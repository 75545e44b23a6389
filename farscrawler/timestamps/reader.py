"""read: the text of a timestamp line as a moment, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.timestamps.calendars import jalali_text
from farscrawler.timestamps.chunks import Chunk, Parts, Rank, split_chunks
from farscrawler.timestamps.common import read_common, read_iso
from farscrawler.timestamps.dates import Window
from farscrawler.timestamps.labelled import labelled_times
from farscrawler.timestamps.lexer import lex
from farscrawler.timestamps.normalise import normalise
from farscrawler.timestamps.relative import (
    ago,
    day_back,
    has_ago,
    has_day_back,
    is_vague,
    names_night,
    spell_out_nights,
)
from farscrawler.timestamps.resolve import is_after_fetch, resolve_day, resolve_time
from farscrawler.timestamps.result import Refusal, RefusalReason, RefusedError, Timestamp
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
        return Refusal(RefusalReason.TOO_LONG)
    try:
        answer = read_common(normal, site) or read_iso(normal, site) or read_any(text, normal, fetched_at, site)
    except RefusedError as error:
        return error.refusal
    if fetched_at is not None and is_after_fetch(answer, fetched_at, site):
        return Refusal(RefusalReason.AFTER_FETCH)
    return answer


def read_any(text: str, normal: str, fetched_at: datetime | None, site: ZoneInfo) -> Timestamp:
    """Read a text, given as printed and normalised, by the whole grammar; the fetch is not yet held against it."""
    fetch_year = None
    if fetched_at is not None:
        fetch_year = int(jalali_text(fetched_at.astimezone(TEHRAN).date())[:4] or 0) or None
    parts = split_chunks(lex(normal))
    window = Window(text, fetch_year)
    for chunk in parts.chunks:
        chunk.parse(window)
    dated = [chunk for chunk in parts.chunks if chunk.dates]
    if not dated:
        for chunk in parts.chunks:
            if names_night(chunk.tokens):
                chunk.tokens = spell_out_nights(chunk.tokens)
                chunk.parse(window)
        return _relative(parts, fetched_at, site, heads_nothing=normal.rstrip(" \n").endswith(":"))
    return _absolute(parts, dated, fetched_at, site)


def _absolute(parts: Parts, dated: Sequence[Chunk], fetched_at: datetime | None, site: ZoneInfo) -> Timestamp:
    chunks = parts.chunks
    rank = min(chunk.rank for chunk in dated)
    if rank is Rank.ELSEWHERE:
        raise RefusedError(RefusalReason.PAGE_CLOCK)
    chosen = [chunk for chunk in dated if chunk.rank is rank]
    dates = [one for chunk in chosen for one in chunk.dates]
    day = resolve_day(dates, {weekday for chunk in chosen for weekday in chunk.weekdays()})
    one_day = _all_mean(dated, day)
    if len({chunk.label for chunk in dated if chunk.label}) < len(parts.labels) and not one_day:
        # A label without a date beside several dates: the labels may stand after their dates.
        raise RefusedError(RefusalReason.TWO_DATES)
    if _has_rival(chunks, chosen):
        raise RefusedError(RefusalReason.RELATIVE_AND_DATE)
    _check_rest(chosen, day, fetched_at, site)
    if one_day and (times := labelled_times(parts)):
        return times.resolve(day, dated, site)
    if not any(chunk.clocks for chunk in chosen):
        apart = [chunk for chunk in chunks if chunk.clocks and not chunk.dates and chunk.rank <= Rank.UNLABELLED]
        if len(apart) > 1 or (apart and not _joined(chunks, apart[0], chosen)):
            raise RefusedError(RefusalReason.CLOCK_APART)
        chosen += apart
    if any(chunk.clocks for chunk in chosen) and _has_zone_apart(chunks, chosen):
        raise RefusedError(RefusalReason.UNKNOWN_ZONE)
    return resolve_time(day, chosen, site)


def _has_zone_apart(chunks: Sequence[Chunk], chosen: Sequence[Chunk]) -> bool:
    """Whether a zone stands beyond words without meaning, with no date or time of its own."""
    bare = (chunk for chunk in chunks if chunk.rank <= chosen[0].rank and not chunk.dates and not chunk.clocks)
    return any(token.kind in _ZONES for chunk in bare for token in chunk.tokens)


def _has_rival(chunks: Sequence[Chunk], chosen: Sequence[Chunk]) -> bool:
    """Whether a chunk that speaks of the fetch has a better claim than the chosen dates, or one as good."""
    rank, labels = chosen[0].rank, {chunk.label for chunk in chosen}
    return any(
        (chunk.rank < rank or (chunk.rank is rank and chunk.label not in labels and not _is_prose(chunk)))
        and _is_relative(chunk)
        for chunk in chunks
        if not (_is_prose(chunk) and chunk.rank is Rank.UNLABELLED)
    )


def _is_prose(chunk: Chunk) -> bool:
    """Whether a word without meaning touches the chunk: «قیمت دیروز طلا» dates no article."""
    return chunk.open_start or chunk.open_end


def _is_relative(chunk: Chunk) -> bool:
    return has_day_back(chunk.tokens) or has_ago(chunk.tokens)


def _check_rest(chosen: Sequence[Chunk], day: date, fetched_at: datetime | None, site: ZoneInfo) -> None:
    """Refuse chunks that hold more than a date and a time; a دیروز that means the same day is a checksum."""
    for chunk in chosen:
        _check_certain(chunk)
        if has_ago(chunk.tokens):
            raise RefusedError(RefusalReason.RELATIVE_AND_DATE)
        if has_day_back(chunk.tokens) and (fetched_at is None or day_back(chunk.tokens, fetched_at, site) != day):
            raise RefusedError(RefusalReason.RELATIVE_AND_DATE)
        if chunk.has_stray_number():
            raise RefusedError(RefusalReason.STRAY_NUMBER)


def _check_certain(chunk: Chunk) -> None:
    """Refuse a span, a choice of two, and a time that an author's name and other words part from its date."""
    if any(token.kind is Kind.SPAN for token in chunk.tokens):
        raise RefusedError(RefusalReason.SPAN)
    if chunk.offers_choice():
        raise RefusedError(RefusalReason.TWO_DATES)
    if chunk.by_author and chunk.open_end:
        raise RefusedError(RefusalReason.CLOCK_APART)


def _all_mean(dated: Sequence[Chunk], day: date) -> bool:
    """Whether every date of the chunks can be ``day``."""
    return all(one.agrees(day) for chunk in dated for one in chunk.dates)


def _joined(chunks: Sequence[Chunk], clock: Chunk, chosen: Sequence[Chunk]) -> bool:
    """Whether nothing but a label parts the chunk of a time from that of the date."""
    index = next(number for number, chunk in enumerate(chunks) if chunk is clock)
    before = index > 0 and clock.after_label and any(chunk is chunks[index - 1] for chunk in chosen)
    after = (
        index + 1 < len(chunks)
        and chunks[index + 1].after_label
        and any(chunk is chunks[index + 1] for chunk in chosen)
    )
    return before or after


def _relative(parts: Parts, fetched_at: datetime | None, site: ZoneInfo, *, heads_nothing: bool) -> Timestamp:
    """Read the one chunk of the best label that speaks of the fetch, or say what the text lacks to be a date.

    ``heads_nothing`` tells that the text ends with a colon: its last words are a label without a value.
    """
    chunks = parts.chunks
    said = [
        chunk
        for chunk in chunks
        if chunk.rank is not Rank.ELSEWHERE and (_is_relative(chunk) or is_vague(chunk.tokens))
    ]
    plain = [chunk for chunk in said if not _is_prose(chunk)]
    if not plain:
        raise RefusedError(_missing(chunks))
    rank = min(chunk.rank for chunk in plain)
    chosen, *others = (chunk for chunk in plain if chunk.rank is rank)
    if others or any(chunk.rank < rank and chunk.rank is not Rank.UNLABELLED for chunk in said):
        raise RefusedError(RefusalReason.TWO_DATES)
    _check_certain(chosen)
    if not has_day_back(chosen.tokens):
        counted = chosen.counted and chosen.tokens[-1].kind is Kind.NUMBER
        return ago(chosen.tokens[:-1] if counted else chosen.tokens, fetched_at, site)
    if heads_nothing and chosen is chunks[-1] and chosen.tokens[-1].kind is Kind.DAY_BACK:
        raise RefusedError(RefusalReason.PAGE_CLOCK)
    day = day_back(chosen.tokens, fetched_at, site)
    if chosen.has_stray_number():
        raise RefusedError(RefusalReason.STRAY_NUMBER)
    if not set(chosen.weekdays()) <= {day.weekday()}:
        raise RefusedError(RefusalReason.WEEKDAY_DISAGREES)
    if times := labelled_times(parts):
        return times.resolve(day, [chosen], site)
    if names_night(chosen.tokens) and not chosen.clocks:
        raise RefusedError(RefusalReason.VAGUE)
    return resolve_time(day, [chosen], site)


def _missing(chunks: Sequence[Chunk]) -> RefusalReason:
    kinds = {token.kind for chunk in chunks for token in chunk.tokens}
    if Kind.MONTH in kinds and Kind.NUMBER in kinds:
        return RefusalReason.NO_DAY
    return RefusalReason.TIME_ONLY if Kind.CLOCK in kinds else RefusalReason.NO_DATE
