"""A text as chunks of meaningful tokens: a word without meaning, a counter or a label ends a chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from farscrawler.timestamps.clocks import Clock, clocks
from farscrawler.timestamps.dates import Dated, Window, era_of, numeric
from farscrawler.timestamps.named import named
from farscrawler.timestamps.result import RefusalReason
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import AND, BROADCAST, PICTURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.timestamps.vocabulary import Token


class Rank(IntEnum):
    """What the label before a chunk makes of its dates; the lowest is taken."""

    PUBLISHED = 0
    UNLABELLED = 1
    UPDATED = 2
    ELSEWHERE = 3


_RANKS = {Kind.PUBLISHED: Rank.PUBLISHED, Kind.UPDATED: Rank.UPDATED, Kind.ELSEWHERE: Rank.ELSEWHERE}
_COUNTERS = frozenset((Kind.COUNTER, Kind.NUMBERED))
_COUNTED = frozenset((Kind.NUMBER, Kind.DIGIT_GROUPS, Kind.NUMERIC_DATE))
# Words that are none of a timestamp's, and those that end a chunk.
_PLAIN = frozenset((Kind.OTHER, Kind.ABOUT, Kind.AUTHOR, Kind.CHOICE))
_ENDING = frozenset((Kind.OTHER, Kind.AUTHOR)) | _COUNTERS
# What may follow امروز only where it heads the page's own date.
_AFTER_TODAY = frozenset((Kind.WEEKDAY, Kind.NUMBER, Kind.NUMERIC_DATE, Kind.MONTH))
_AMOUNT_PARTS = frozenset((Kind.NUMBER, Kind.FRACTION, Kind.UNIT, Kind.HOUR, Kind.JOIN, Kind.VAGUE, Kind.SPAN))
# What a choice may be between.
_TIMES = frozenset((Kind.NUMBER, Kind.NUMERIC_DATE, Kind.CLOCK, Kind.MONTH, Kind.WEEKDAY, Kind.DAY_BACK, Kind.VAGUE))
_DATE_PARTS = frozenset((Kind.MONTH, Kind.WEEKDAY, Kind.DAY_BACK))
_CHOOSABLE = _TIMES | {Kind.HOUR, Kind.UNIT, Kind.AGO, Kind.ERA, Kind.DAYPART}
_CLOCKS = frozenset((Kind.CLOCK, Kind.HOUR))
# Where the name of an author ends at the latest: what begins a date, a time or another label.
_AFTER_NAME = frozenset(
    (
        *(
            Kind.NUMBER,
            Kind.DIGIT_GROUPS,
            Kind.NUMERIC_DATE,
            Kind.CLOCK,
            Kind.HOUR,
            Kind.WEEKDAY,
            Kind.DAY_BACK,
            Kind.JOIN,
        ),
        *(Kind.PUBLISHED, Kind.UPDATED, Kind.ELSEWHERE, Kind.COUNTER, Kind.AUTHOR),
    )
)
_LONGEST_NAME = 5
# Parts a time from its date where a name was between them; no number touches another across it.
_NAME_GAP = " ; "


@dataclass(slots=True)
class Chunk:
    """A chunk of tokens: with its label's rank, its dates and times, and what it touches."""

    rank: Rank
    label: int  # ordinal of the label it stands under, 0 for none
    after_label: bool  # a label is all that parts it from the chunk before
    open_start: bool  # a word without meaning stands before it, with nothing but spaces between
    tokens: list[Token] = field(default_factory=list)
    foreign_label: bool = False  # a word without meaning and a colon stand before it
    broadcast: bool = False  # a video, a programme or a picture stands before it
    open_end: bool = False
    counted: bool = False  # a counter follows: ۱۲ نظر
    takes_last: bool = False  # the last number may be an amount of what follows
    after_picture: bool = False  # a word for pictures stands somewhere before it
    by_author: bool = False  # the name of an author stood within it
    after_choice: bool = False  # the chunk before it ends in a time and an "or"
    dates: list[Dated] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    used: set[int] = field(default_factory=set)  # the tokens of its dates and times

    def parse(self, window: Window) -> None:
        """Find the dates and times."""
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.NUMERIC_DATE:
                self.dates.append(numeric(token, index, window, era_of(self.tokens, index, index)))
        self.dates += named(self.tokens, window, open_start=self.open_start, open_end=self.takes_last)
        self.used = {index for dated in self.dates for index in dated.used}
        self.used |= {index for index, token in enumerate(self.tokens) if token.kind is Kind.DAY_BACK}
        self.clocks = clocks(self.tokens, self.used, open_start=self.open_start)
        if self.clocks and self._is_foreign(self.clocks[0]):
            self.clocks[0].reason = RefusalReason.CLOCK_UNCLEAR
        for clock in self.clocks if self.after_picture else ():
            if self._is_touched(clock):
                clock.reason = clock.reason or RefusalReason.CLOCK_UNCLEAR

    def _is_touched(self, clock: Clock) -> bool:
        """Whether a word without meaning touches a time; in the title of a picture it may be a score."""
        return (clock.first == 0 and self.open_start) or (clock.last == len(self.tokens) - 1 and self.open_end)

    def _is_foreign(self, clock: Clock) -> bool:
        """Whether the first time is that of a video or of something else that is named before it."""
        at_once = all(token.kind is Kind.HOUR for token in self.tokens[: clock.first])
        return (self.broadcast and at_once) or (self.foreign_label and self._stands_alone(clock))

    def _stands_alone(self, clock: Clock) -> bool:
        """Whether a time is the first of the chunk and a bar parts it from the rest: ``مدت ویدیو: ۱۲:۳۰ | …``."""
        after = self.tokens[clock.last + 1 : clock.last + 2]
        return clock.first == 0 and any(is_hard(token.gap) for token in after)

    def apart(self, index: int) -> bool:
        """Whether the token may belong to a name outside the chunk, and a mark parts it from the chunk's rest."""
        if self.open_start and index == 0:
            return len(self.tokens) == 1 or self.tokens[1].gap.strip(" ") != ""
        return self.open_end and index == len(self.tokens) - 1 and self.tokens[index].gap.strip(" ") != ""

    def offers_choice(self) -> bool:
        """Whether an "or" joins two dates or times, of which one may stand in the chunk before.

        Two numbers that are part of none are a headline's: «دو یا سه نفر».
        """
        if self.after_choice:
            return True
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.CHOICE:
                rest = range(index + 1, len(self.tokens))
                after = next((other for other in rest if self.tokens[other].kind is not Kind.JOIN), index)
                beside = (index - 1, after)
                if not self.used or any(n in self.used or self.tokens[n].kind in _DATE_PARTS for n in beside):
                    return True
        return False

    def names_first(self) -> bool:
        """Whether the first token is the value of a label without meaning: ``نویسنده: سحر | …``."""
        return self.foreign_label and any(token.gap.strip(" ") for token in self.tokens[1:2])

    def is_item(self, index: int) -> bool:
        """Whether bars or the ends of the chunk part the token from the rest, and one bar at least."""
        before = [is_hard(self.tokens[index].gap)] if index else []
        after = [is_hard(token.gap) for token in self.tokens[index + 1 : index + 2]]
        return bool(before + after) and all(before + after)

    def weekdays(self) -> Iterator[int]:
        """Yield the weekdays beside the dates, Monday being 0."""
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.WEEKDAY and not self.apart(index):
                yield token.word.value

    def has_stray_number(self) -> bool:
        """Whether a number without a role stands beside a date or a time, with no line or bar between.

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
            elif token.kind in (Kind.DIGIT_GROUPS, Kind.FRACTION) or (
                token.kind is Kind.NUMBER and self._is_amount(index)
            ):
                stray = stray or not (self.counted and index == len(self.tokens) - 1)
        return stray and used

    def _is_amount(self, index: int) -> bool:
        """Whether a number is printed in digits, or has a unit after it."""
        after = self.tokens[index + 1 : index + 2]
        printed = self.tokens[index].text.isdecimal() and not self.tokens[index].worded
        return printed or any(token.kind in (Kind.UNIT, Kind.HOUR) for token in after)


def is_hard(gap: str) -> bool:
    """Whether a gap holds a bar or a line end: what is beyond it is another item."""
    return "|" in gap or "\n" in gap


@dataclass(slots=True)
class Parts:
    """A text as chunks, with the ranks of the label words printed in it, in their order."""

    chunks: list[Chunk] = field(default_factory=list)
    labels: list[Rank] = field(default_factory=list)


def split_chunks(tokens: Sequence[Token]) -> Parts:
    """Return the chunks of ``tokens``, not yet parsed. A number that belongs to a counter is in no chunk."""
    parts = Parts()
    current = Chunk(Rank.UNLABELLED, 0, after_label=False, open_start=False)
    rank = Rank.UNLABELLED
    pictured = False  # the title of a picture has begun
    chosen = False  # a chunk ended in a time and an "or", and the other one has not come yet
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        label = _label(token, following)
        kind = token.kind
        if label is None and kind not in _ENDING and _belongs(tokens, index, current):
            current.tokens.append(token)
            index += 1
            continue
        if kind is Kind.AUTHOR and (beyond := _beyond_name(tokens, index, current)):
            current.by_author = True
            tokens[beyond].gap = f"{tokens[beyond].gap.rstrip(' ')}{_NAME_GAP}"
            index = beyond
            continue
        plain = kind in _PLAIN
        after_label = label is not None and (bool(current.tokens) or current.after_label)
        picture = token.word.name == PICTURE
        pictured = pictured or picture
        if current.tokens:
            current.open_end = plain and not token.gap.strip(" ") and token.text[0].isalpha()
            current.counted = kind in _COUNTERS or (picture and not token.gap.strip(" "))
            current.takes_last = current.open_end or (current.counted and not _has_colon(following))
            chosen = chosen and all(before.kind not in _TIMES for before in current.tokens)
            chosen = chosen or (kind is Kind.CHOICE and _offers(token, current))
            parts.chunks.append(current)
        if label is not None:
            rank = label
            parts.labels.append(_RANKS.get(kind, label))
        index += 1
        if kind in _COUNTERS:
            index = _skip_count(tokens, index, counted=current.counted)
        open_start = plain and following is not None and not following.gap.strip(" ")
        current = Chunk(rank, len(parts.labels), after_label=after_label, open_start=open_start)
        current.after_choice, current.after_picture = chosen, pictured
        current.broadcast = open_start and token.word.name in (BROADCAST, PICTURE)
        current.foreign_label = plain and _has_colon(following)
    if current.tokens:
        parts.chunks.append(current)
    return parts


def _belongs(tokens: Sequence[Token], index: int, current: Chunk) -> bool:
    """Whether a token belongs to the chunk: an about only before so long ago, an or only between two times."""
    token = tokens[index]
    if token.kind is Kind.ABOUT:
        amount = index + 1
        while amount < len(tokens) and tokens[amount].kind in _AMOUNT_PARTS and not tokens[amount].gap.strip(" "):
            amount += 1
        return amount < len(tokens) and tokens[amount].kind is Kind.AGO
    if token.kind is not Kind.CHOICE:
        return True
    other = next((one for one in tokens[index + 1 :] if one.kind is not Kind.JOIN or is_hard(one.gap)), None)
    between = other is not None and other.kind in _CHOOSABLE and not is_hard(other.gap)
    return between and _offers(token, current)


def _offers(choice: Token, current: Chunk) -> bool:
    """Whether an "or" stands after a date or a time of the chunk, with no bar between."""
    return bool(current.tokens) and current.tokens[-1].kind in _CHOOSABLE and not is_hard(choice.gap)


def _has_colon(following: Token | None) -> bool:
    return following is not None and ":" in following.gap


def _beyond_name(tokens: Sequence[Token], index: int, current: Chunk) -> int | None:
    """Return where a chunk goes on behind the author's name at ``index``; None where the name parts no time from a day.

    A name has a few words, and months may be among them (آذر, بهمن). It ends at a mark, or where a date or time begins.
    """
    if not any(token.kind in _TIMES for token in current.tokens):
        return None
    end = index + 1
    while end < len(tokens) and end - index <= _LONGEST_NAME + 1:
        gap, kind = tokens[end].gap.strip(" "), tokens[end].kind
        first = end == index + 1
        if gap not in ("", ":", ".") or (gap and not first and gap != "."):
            break
        glued = not tokens[end].gap and not first  # user12
        if kind in _AFTER_NAME and tokens[end].word.name != AND and not glued:
            break
        if kind is Kind.MONTH and not first and any(after.kind is Kind.NUMBER for after in tokens[end + 1 : end + 2]):
            break
        end += 1
    named = end > index + 1 and end - index <= _LONGEST_NAME + 1
    if not named or end >= len(tokens):
        return None
    time = end + 1 if tokens[end].kind is Kind.JOIN else end
    goes_on = any(token.kind in _CLOCKS for token in tokens[time : time + 1])
    return end if goes_on or _dates_follow(current, tokens[end:]) else None


def _dates_follow(current: Chunk, rest: Sequence[Token]) -> bool:
    """Whether only a time stood before the name, and a date begins behind it."""
    before = {token.kind for token in current.tokens}
    begins = {token.kind for token in rest[:3]} & {Kind.NUMERIC_DATE, Kind.WEEKDAY, Kind.MONTH}
    return bool(before & _CLOCKS) and before.isdisjoint({Kind.NUMERIC_DATE, Kind.MONTH, Kind.DAY_BACK}) and bool(begins)


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
    """Whether «و ۳۰ ثانیه» goes on at ``index``."""
    kinds = [token.kind for token in tokens[index + 1 : index + 3]]
    return tokens[index].word.name == AND and kinds == [Kind.NUMBER, Kind.UNIT]
