"""Times relative to the fetch: ۳ ساعت پیش, and the day of دیروز."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from farscrawler.timestamps.result import Precision, RefusalReason, RefusedError, Timestamp
from farscrawler.timestamps.vocabulary import COARSE, NIGHT_DAYPART, Kind, Token, Word
from farscrawler.timestamps.words import AND, NIGHT
from farscrawler.timestamps.zones import moment, whole_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400
# Before it, "last night" may be the one that still lasts.
_MORNING = 6
_PRECISIONS: dict[int, Precision] = {1: "second", _MINUTE: "minute", _HOUR: "hour"}
# No page is older than the web; it also keeps the arithmetic inside datetime's years.
_LONGEST = 50 * 366 * _DAY


def has_day_back(tokens: Sequence[Token]) -> bool:
    """Whether the tokens name a day by the fetch: دیروز."""
    return any(token.kind is Kind.DAY_BACK for token in tokens)


def has_ago(tokens: Sequence[Token]) -> bool:
    """Whether the tokens count back from the fetch: ۳ ساعت پیش, چند لحظه پیش."""
    return _ago_at(tokens) is not None


def is_vague(tokens: Sequence[Token]) -> bool:
    """Whether a word such as لحظاتی stands among the tokens."""
    return any(token.kind is Kind.VAGUE for token in tokens)


def names_night(tokens: Sequence[Token]) -> bool:
    """Whether a night is named by the fetch: دیشب."""
    return any(token.word.name == NIGHT for token in tokens)


def spell_out_nights(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with دیشب as دیروز and شب. Beside a date it is left as it is: a word of the headline."""
    found: list[Token] = []
    for token in tokens:
        if token.word.name == NIGHT:
            found.append(Token(Word(Kind.DAY_BACK, token.word.value, NIGHT), token.gap, token.text))
            found.append(Token(NIGHT_DAYPART, "", token.text))
        else:
            found.append(token)
    return found


def day_back(tokens: Sequence[Token], fetched_at: datetime | None, zone: ZoneInfo) -> date:
    """Return the day of امروز, دیروز or پریروز."""
    named = {token.word for token in tokens if token.kind is Kind.DAY_BACK}
    if len(named) > 1 or has_ago(tokens):
        raise RefusedError(RefusalReason.TWO_DATES)
    if fetched_at is None:
        raise RefusedError(RefusalReason.NO_FETCH_TIME)
    if names_night(tokens) and fetched_at.astimezone(zone).hour < _MORNING:
        raise RefusedError(RefusalReason.VAGUE)
    return fetched_at.astimezone(zone).date() - timedelta(named.pop().value)


def ago(tokens: Sequence[Token], fetched_at: datetime | None, zone: ZoneInfo) -> Timestamp:
    """Return what ``۲ ساعت و ۵ دقیقه پیش`` means.

    Seconds, minutes and hours give an instant as precise as the smallest of them, «حدود» or not; days and weeks give a
    day, which an about leaves open. Nothing but words that join may follow: a time or another amount would contradict
    it.
    """
    about = tokens[0].kind is Kind.ABOUT
    tokens = tokens[1:] if about else tokens
    end = _ago_at(tokens)
    amounts = _amounts(tokens[1:] if end == 0 else tokens[:end])
    units = {unit for _, unit in amounts}
    if COARSE in units or (not amounts and any(_unit(token) == COARSE for token in tokens)):
        raise RefusedError(RefusalReason.COARSE)
    if not amounts:
        raise RefusedError(RefusalReason.VAGUE)
    if about and max(units) >= _DAY:
        raise RefusedError(RefusalReason.VAGUE)
    if end and any(token.kind is not Kind.JOIN for token in tokens[end + 1 :]):
        raise RefusedError(RefusalReason.TWO_DATES)
    if fetched_at is None:
        raise RefusedError(RefusalReason.NO_FETCH_TIME)
    past = sum(number * unit for number, unit in amounts)
    if past > _LONGEST:
        raise RefusedError(RefusalReason.YEAR_OUTSIDE)
    if min(units) >= _DAY:
        return whole_day(fetched_at.astimezone(zone).date() - timedelta(seconds=past))
    return moment(fetched_at.replace(microsecond=0) - timedelta(seconds=past), _PRECISIONS[min(units)])


def _unit(token: Token) -> int:
    """Return the seconds of a unit, COARSE, or 0 for any other word."""
    return token.word.value if token.kind in (Kind.UNIT, Kind.HOUR, Kind.JOIN) else 0


def _ago_at(tokens: Sequence[Token]) -> int | None:
    """Return the index of the word پیش after a unit or a fraction, or None; also of one before an amount: پێش ٣ ڕۆژ."""
    for index, token in enumerate(tokens):
        if token.kind is not Kind.AGO:
            continue
        before = tokens[index - 1] if index else None
        if before is not None and (_unit(before) or before.kind in (Kind.FRACTION, Kind.VAGUE)):
            return index
        if before is None and _amounts(tokens[1:]):
            return index
    return None


def _amounts(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return (number, unit in seconds) of the whole of ``tokens``, or nothing where any of it is left over."""
    found: list[tuple[int, int]] = []
    index = 0
    while index < len(tokens):
        kinds = [token.kind for token in tokens[index : index + 2]]
        if found and tokens[index].word.name == AND:
            index += 1
        elif kinds == [Kind.FRACTION, Kind.HOUR] or (
            kinds == [Kind.FRACTION] and not (found and found[-1][1] != _HOUR)
        ):
            found.append((tokens[index].word.value, _MINUTE))
            index += len(kinds)
        elif kinds[0] is Kind.NUMBER and kinds[1:] and _unit(tokens[index + 1]):
            found.append((tokens[index].numbers[0], _unit(tokens[index + 1])))
            index += 2
        else:
            return []
    return found
