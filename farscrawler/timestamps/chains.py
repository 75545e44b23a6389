"""A text as runs of meaningful tokens: a word without meaning, a counter or a label ends a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from farscrawler.timestamps.clocks import Clock, clocks
from farscrawler.timestamps.dates import Dated, Window, era_of, numeric
from farscrawler.timestamps.named import named
from farscrawler.timestamps.result import Reason
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import AND, BROADCAST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.timestamps.lexer import Token


class Rank(IntEnum):
    """What the label before a run makes of its dates; the lowest is taken."""

    PUBLISHED = 0
    UNLABELLED = 1
    UPDATED = 2
    ELSEWHERE = 3


_RANKS = {Kind.PUBLISHED: Rank.PUBLISHED, Kind.UPDATED: Rank.UPDATED, Kind.ELSEWHERE: Rank.ELSEWHERE}
_COUNTERS = frozenset((Kind.COUNTER, Kind.NUMBERED))
_COUNTED = frozenset((Kind.NUMBER, Kind.CHAIN, Kind.NUMERIC_DATE))
# What may follow امروز only where it heads the page's own date.
_AFTER_TODAY = frozenset((Kind.WEEKDAY, Kind.NUMBER, Kind.NUMERIC_DATE, Kind.MONTH))


@dataclass(slots=True)
class Chain:
    """A run of tokens: with its label's rank, its dates and times, and what it touches."""

    rank: Rank
    label: int  # ordinal of the label it stands under, 0 for none
    after_label: bool  # a label is all that parts it from the run before
    open_start: bool  # a word without meaning stands before it, with nothing but spaces between
    tokens: list[Token] = field(default_factory=list)
    foreign_label: bool = False  # a word without meaning and a colon stand before it
    broadcast: bool = False  # a video or a programme stands before it
    open_end: bool = False
    counted: bool = False  # a counter follows: ۱۲ نظر
    dates: list[Dated] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    used: set[int] = field(default_factory=set)  # the tokens of its dates and times

    def parse(self, window: Window) -> None:
        """Find the dates and times."""
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.NUMERIC_DATE:
                self.dates.append(numeric(token, index, window, era_of(self.tokens, index, index)))
        self.dates += named(self.tokens, window, open_start=self.open_start)
        self.used = {index for dated in self.dates for index in dated.used}
        self.used |= {index for index, token in enumerate(self.tokens) if token.kind is Kind.DAY_BACK}
        self.clocks = clocks(self.tokens, self.used)
        if self.clocks and self._is_foreign(self.clocks[0]):
            self.clocks[0].reason = Reason.CLOCK_UNCLEAR

    def _is_foreign(self, clock: Clock) -> bool:
        """Return whether the first time is that of a video or of something else that is named before it."""
        at_once = all(token.kind is Kind.HOUR for token in self.tokens[: clock.first])
        return (self.broadcast and at_once) or (self.foreign_label and self._stands_alone(clock))

    def _stands_alone(self, clock: Clock) -> bool:
        """Return whether a time is the first of the run and a bar parts it from the rest: ``مدت ویدیو: ۱۲:۳۰ | …``."""
        after = self.tokens[clock.last + 1 : clock.last + 2]
        return clock.first == 0 and any(is_hard(token.gap) for token in after)

    def apart(self, index: int) -> bool:
        """Return whether the token may belong to a name outside the run, and a mark parts it from the run's rest."""
        if self.open_start and index == 0:
            return len(self.tokens) == 1 or self.tokens[1].gap.strip(" ") != ""
        return self.open_end and index == len(self.tokens) - 1 and self.tokens[index].gap.strip(" ") != ""

    def names_first(self) -> bool:
        """Return whether the first token is the value of a label without meaning: ``نویسنده: سحر | …``."""
        return self.foreign_label and any(token.gap.strip(" ") for token in self.tokens[1:2])

    def is_item(self, index: int) -> bool:
        """Return whether bars or the ends of the run part the token from the rest, and one bar at least."""
        before = [is_hard(self.tokens[index].gap)] if index else []
        after = [is_hard(token.gap) for token in self.tokens[index + 1 : index + 2]]
        return bool(before + after) and all(before + after)

    def weekdays(self) -> Iterator[int]:
        """Yield the weekdays beside the dates, Monday being 0."""
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.WEEKDAY and not self.apart(index):
                yield token.word.value

    def has_stray_number(self) -> bool:
        """Return whether a number without a role stands beside a date or a time, with no line or bar between.

        In words it counts where it has a unit: «بیست دقیقه به ده»; so does a fraction: «ربع به ده».
        """
        stray = used = False
        for index, token in enumerate(self.tokens):
            if is_hard(token.gap):
                if stray and used:
                    return True
                stray = used = False
            if index in self.used:
                used = True
            elif token.kind in (Kind.CHAIN, Kind.FRACTION) or (token.kind is Kind.NUMBER and self._is_amount(index)):
                stray = stray or not (self.counted and index == len(self.tokens) - 1)
        return stray and used

    def _is_amount(self, index: int) -> bool:
        """Return whether a number is printed in digits, or has a unit after it."""
        after = self.tokens[index + 1 : index + 2]
        return self.tokens[index].text.isdecimal() or any(token.kind in (Kind.UNIT, Kind.HOUR) for token in after)


def is_hard(gap: str) -> bool:
    """Return whether a gap holds a bar or a line end: what is beyond it is another item."""
    return "|" in gap or "\n" in gap


def chains(tokens: Sequence[Token]) -> tuple[list[Chain], int]:
    """Return the runs of ``tokens``, not yet parsed, and the number of labels.

    A number that belongs to a counter is in no run.
    """
    found: list[Chain] = []
    current = Chain(Rank.UNLABELLED, 0, after_label=False, open_start=False)
    rank, labels = Rank.UNLABELLED, 0
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        label = _label(token, following)
        if label is None and token.kind is not Kind.OTHER and token.kind not in _COUNTERS:
            current.tokens.append(token)
            index += 1
            continue
        plain = token.kind is Kind.OTHER
        after_label = label is not None and (bool(current.tokens) or current.after_label)
        if current.tokens:
            current.open_end = plain and not token.gap.strip(" ") and token.text[0].isalpha()
            current.counted = token.kind in _COUNTERS
            found.append(current)
        if label is not None:
            rank, labels = label, labels + 1
        index += 1
        if token.kind in _COUNTERS:
            index = _skip_count(tokens, index, counted=current.counted)
        open_start = plain and following is not None and not following.gap.strip(" ")
        current = Chain(rank, labels, after_label=after_label, open_start=open_start)
        current.broadcast = open_start and token.word.name == BROADCAST
        current.foreign_label = plain and following is not None and ":" in following.gap
    if current.tokens:
        found.append(current)
    return found, labels


def _label(token: Token, following: Token | None) -> Rank | None:
    """Return the rank a label gives to what follows, or None where ``token`` is no label.

    A label without a colon at the end of a line may stand after its date, so it says nothing of the next one.
    """
    if token.kind is Kind.DAY_BACK and token.word.value == 0 and following:
        return Rank.ELSEWHERE if ":" in following.gap or following.kind in _AFTER_TODAY else None
    if token.kind is Kind.VAGUE and following and ":" in following.gap:
        return Rank.ELSEWHERE  # اکنون: …
    rank = _RANKS.get(token.kind)
    if rank in (None, Rank.ELSEWHERE) or following is None or ":" in following.gap:
        return rank
    return Rank.UNLABELLED if is_hard(following.gap) else rank


def _skip_count(tokens: Sequence[Token], index: int, *, counted: bool) -> int:
    """Return the index after the number that belongs to the counter before ``index``, with its units."""
    if index >= len(tokens):
        return index
    colon = ":" in tokens[index].gap
    kind = tokens[index].kind
    if is_hard(tokens[index].gap) and not colon:
        return index
    if not (kind in _COUNTED and (colon or not counted)) and not (kind is Kind.CLOCK and colon):
        return index
    index += 1
    while index < len(tokens) and (tokens[index].kind is Kind.UNIT or _continues(tokens, index)):
        index += 1 if tokens[index].kind is Kind.UNIT else 2
    return index


def _continues(tokens: Sequence[Token], index: int) -> bool:
    """Return whether «و ۳۰ ثانیه» goes on at ``index``."""
    kinds = [token.kind for token in tokens[index + 1 : index + 3]]
    return tokens[index].word.name == AND and kinds == [Kind.NUMBER, Kind.UNIT]
