"""The times of day in a chunk of tokens, in digits or in words, with the part of the day beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.timestamps.result import Precision, RefusalReason
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import AND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.timestamps.vocabulary import Token


_HOURS = 24
_HALF_DAY = 12
_SIXTY = 60
_TWO_DIGITS = 2


@dataclass(slots=True)
class Clock:
    """A time of day among tokens ``first``..``last``, or the reason it is none."""

    first: int
    last: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    precision: Precision = "minute"
    offset: int | None = None  # minutes east, printed to it
    reason: RefusalReason | None = None
    half_day: bool = False  # an hour alone, such as ساعت ۵, which a part of the day must tell from 17

    @property
    def time(self) -> tuple[int, int, int]:
        """Return hour, minute, second."""
        return self.hour, self.minute, self.second


def clocks(tokens: Sequence[Token], used: set[int], *, open_start: bool = False) -> list[Clock]:
    """Return the times in ``tokens`` whose numbers are not in ``used``; the numbers taken are added to it.

    ``open_start`` tells that a word without meaning touches the first token. An hour without «ساعت» may then be part
    of a name, and one in words that is an item of its own always may: «هفت صبح» is a newspaper.
    """
    found: list[Clock] = []
    index = 0
    while index < len(tokens):
        clock = None
        if tokens[index].kind is Kind.CLOCK:
            clock = _digital(tokens[index], index)
            if _is_length(tokens, index):
                clock.reason = clock.reason or RefusalReason.CLOCK_UNCLEAR
        elif tokens[index].kind is Kind.HOUR:
            clock = _worded(tokens, index, used)
        elif tokens[index].kind is Kind.NUMBER and index not in used and _has_daypart(tokens, index):
            clock = Clock(index, index, half_day=True)
            _set(clock, tokens[index].numbers[0])
            item = index == 0 or any(mark in tokens[index].gap for mark in "|\n")
            if (item and not tokens[index].text.isdecimal()) or (open_start and index == 0):
                clock.reason = RefusalReason.CLOCK_UNCLEAR
        if clock:
            used.update(range(clock.first, clock.last + 1))
            found.append(clock)
            index = clock.last
        index += 1
    return found


def _digital(token: Token, index: int) -> Clock:
    """Read 14:55 or 14:55:59. Spaced out it may be minute first, as page clocks do: 59 : 18."""
    clock = Clock(index, index, offset=token.offset)
    if len(token.numbers) not in (2, 3):
        clock.reason = RefusalReason.CLOCK_UNCLEAR
        return clock
    hour, minute, *seconds = token.numbers
    _set(clock, hour, minute, *seconds)
    if token.spaced and clock.reason is None and token.numbers[-1] < _HOURS and token.numbers[-1] != hour:
        clock.reason = RefusalReason.CLOCK_UNCLEAR
    return clock


def _is_length(tokens: Sequence[Token], index: int) -> bool:
    """Whether 02:30 may be minutes and seconds: the word for minutes follows, and «ساعت» does not precede."""
    follows = any(token.kind is Kind.UNIT and not token.gap.strip(" ") for token in tokens[index + 1 : index + 2])
    return follows and not (index > 0 and tokens[index - 1].kind is Kind.HOUR)


def _set(clock: Clock, hour: int, minute: int | None = None, second: int | None = None) -> None:
    clock.hour, clock.minute, clock.second = hour, minute or 0, second or 0
    clock.precision = "hour" if minute is None else "minute" if second is None else "second"
    if not (hour < _HOURS and clock.minute < _SIXTY and clock.second < _SIXTY):
        clock.reason = RefusalReason.NO_SUCH_TIME


def _worded(tokens: Sequence[Token], index: int, used: set[int]) -> Clock | None:
    """Read ساعت ۱۷, ساعت ۱۷ و ۲۵ دقیقه, … و ۴۷ ثانیه, ساعت ۵ و نیم."""
    values: list[int] = []
    end, reason, halved = index + 1, None, False
    for unit in (_SIXTY * _SIXTY, _SIXTY, 1):
        start = end + 1 if values else end
        if (values and not _is_and(tokens, end)) or not _is_open(tokens, start, used):
            break
        halved = tokens[start].kind is Kind.FRACTION
        if halved and len(values) != 1:
            break
        values.append(tokens[start].word.value if halved else tokens[start].numbers[0])
        end = start + 1
        if halved:
            break
        if end < len(tokens) and tokens[end].kind is Kind.UNIT:
            reason = reason or (RefusalReason.CLOCK_UNCLEAR if tokens[end].word.value != unit else None)
            end += 1
    if not values:
        return None
    clock = Clock(index, end - 1)
    _set(clock, *values)
    clock.reason = reason or clock.reason
    bare = len(values) == 1 or halved
    clock.half_day = bare and 1 <= values[0] <= _HALF_DAY and not tokens[index + 1].text.startswith("0")
    return clock


def _is_open(tokens: Sequence[Token], index: int, used: set[int]) -> bool:
    """Whether the token may be a part of a time in words: in the same item, and no part of a date."""
    if index >= len(tokens) or index in used or "\n" in tokens[index].gap or "|" in tokens[index].gap:
        return False
    token = tokens[index]
    short = len(token.text) <= _TWO_DIGITS or not token.text.isdecimal()
    return token.kind is Kind.FRACTION or (token.kind is Kind.NUMBER and short)


def _has_daypart(tokens: Sequence[Token], index: int) -> bool:
    """Whether a number is an hour by the word after it: ۱۱ صبح."""
    after = tokens[index + 1 : index + 2]
    short = len(tokens[index].text) <= _TWO_DIGITS or not tokens[index].text.isdecimal()
    return short and any(t.kind is Kind.DAYPART and not t.gap.strip(" ") for t in after)


def _is_and(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].word.name == AND
