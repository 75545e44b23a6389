"""The tables of words, folded and joined, ready to be looked up by the lexer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import product
from typing import TYPE_CHECKING

from farscrawler.timestamps import words
from farscrawler.timestamps.months import ERAS, MONTHS, WEEKDAYS
from farscrawler.timestamps.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.timestamps.calendars import Calendar


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()  # digits, or a number in words
    NUMERIC_DATE = auto()  # 1401/02/28
    CLOCK = auto()  # 14:55
    DIGIT_GROUPS = auto()  # digits and separators of no known shape: 1383520/7
    MONTH = auto()
    WEEKDAY = auto()
    ERA = auto()
    DAYPART = auto()
    HOUR = auto()  # the word ساعت, before a time or after a number of hours
    UNIT = auto()
    FRACTION = auto()
    AGO = auto()
    DAY_BACK = auto()
    VAGUE = auto()
    ZONE = auto()  # a zone by itself
    ZONE_LEAD = auto()  # به وقت …
    ZONE_OFFSET = auto()
    PUBLISHED = auto()
    UPDATED = auto()
    ELSEWHERE = auto()
    COUNTER = auto()
    NUMBERED = auto()  # صفحه, نیمه, جلسه: the number after it is its own, and it is no word of timestamps
    JOIN = auto()
    SPAN = auto()  # تا
    CHOICE = auto()  # یا
    ABOUT = auto()  # حدود
    AUTHOR = auto()  # توسط: a name follows
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A meaning of a word: ``value`` and ``name`` by kind.

    MONTH: month number; WEEKDAY: as ``date.weekday()``; DAYPART: row of ``words.DAYPARTS``; UNIT, HOUR and the JOIN
    words that are units too: seconds, or -1 where coarser than a day; FRACTION: minutes; DAY_BACK: days;
    ZONE: name is the zone; ZONE_OFFSET: minutes; NUMBER: the number.
    """

    kind: Kind
    value: int = 0
    name: str = ""
    calendar: Calendar | None = None


@dataclass(slots=True)
class Token:
    """A word of a text: its meaning, the gap before it (raw), its text, and for digits the numbers in it."""

    word: Word
    gap: str
    text: str
    numbers: tuple[int, ...] = ()
    offset: int | None = None  # minutes east, printed to a clock
    spaced: bool = False  # a clock with spaces around its colons
    worded: bool = False  # a year in words
    kind: Kind = field(init=False)  # the word's, asked for many times a token

    def __post_init__(self) -> None:
        self.kind = self.word.kind


COARSE = -1
HOUR = 3600
Entry = tuple[tuple[str, ...], Word]


def _spellings(text: str) -> Iterator[tuple[str, ...]]:
    """Yield every folded phrase of a table cell, with each of its spaces kept or dropped.

    ZWNJ is dropped by the folding, and a writer uses it, a space or nothing at will.
    """
    for spelling in text.split("|"):
        parts = normalise(spelling).lower().split()
        for cuts in product((" ", ""), repeat=len(parts) - 1):
            yield tuple("".join(a + b for a, b in zip(parts, (*cuts, ""), strict=True)).split())


def _numbers() -> Iterator[tuple[str, Word]]:
    """Yield the numbers in words from 1 to 59, cardinals and ordinals."""
    for first, table in ((1, words.UNITS_IN_WORDS), (10, words.TEENS_IN_WORDS)):
        for value, (cardinal, ordinal) in enumerate(table, first):
            yield f"{cardinal}|{ordinal}", Word(Kind.NUMBER, value)
    for tens, (cardinal, ordinal) in enumerate(words.TENS_IN_WORDS, 2):
        yield f"{cardinal}|{ordinal}", Word(Kind.NUMBER, tens * 10)
        for unit, (small, small_ordinal) in enumerate(words.UNITS_IN_WORDS, 1):
            ends = f"{small}|{small_ordinal}".split("|")
            yield "|".join(f"{cardinal} {words.AND} {end}" for end in ends), Word(Kind.NUMBER, tens * 10 + unit)


# Tables of one meaning each.
_PLAIN: tuple[tuple[str, Word], ...] = (
    (words.JOINING, Word(Kind.JOIN)),
    (words.JOINING_A_DATE, Word(Kind.JOIN, name=words.DATE_PART)),
    (words.AND, Word(Kind.JOIN, name=words.AND)),
    (words.DAY_WORD, Word(Kind.JOIN, 86_400)),
    (f"{words.MONTH_UNIT}|{words.YEAR_UNIT}", Word(Kind.JOIN, COARSE, words.DATE_PART)),
    (words.SPANNING, Word(Kind.SPAN)),
    (words.CHOICE, Word(Kind.CHOICE)),
    (words.ABOUT, Word(Kind.ABOUT)),
    (words.AUTHOR_LEADS, Word(Kind.AUTHOR)),
    (words.HOUR_WORD, Word(Kind.HOUR, HOUR)),
    (words.AGO, Word(Kind.AGO)),
    (words.KURDISH_AGO, Word(Kind.AGO)),
    (words.VAGUE, Word(Kind.VAGUE)),
    (words.ZONE_LEADS, Word(Kind.ZONE_LEAD)),
    (words.FOREIGN_ZONES, Word(Kind.ZONE)),
    (words.COUNTERS, Word(Kind.COUNTER)),
    (words.NUMBERED, Word(Kind.NUMBERED)),
    (words.BROADCASTS, Word(Kind.OTHER, name=words.BROADCAST)),
    (words.PICTURES, Word(Kind.OTHER, name=words.PICTURE)),
    (words.PUBLISHED, Word(Kind.PUBLISHED)),
    (words.UPDATED, Word(Kind.UPDATED)),
    (words.ELSEWHERE, Word(Kind.ELSEWHERE)),
)


def _kurdish_unit(seconds: int) -> Word:
    """Return the meaning of a unit, by its seconds, 0 where it is coarser than a day; hours stand before times too."""
    return Word(Kind.HOUR if seconds == HOUR else Kind.UNIT, seconds or COARSE)


def _rows() -> Iterator[tuple[str, Word]]:
    """Yield every cell of the tables with its meaning; where a word has two, the later one holds."""
    yield from _numbers()
    yield from _PLAIN
    yield from ((cell, Word(Kind.UNIT, seconds or COARSE)) for cell, seconds in words.UNITS)
    yield from ((cell, _kurdish_unit(seconds)) for cell, seconds in words.KURDISH_UNITS)
    yield from ((cell, Word(Kind.DAY_BACK, days)) for cell, days in words.DAYS_BACK)
    yield from ((cell, Word(Kind.VAGUE, days, words.NIGHT)) for cell, days in words.NIGHTS_BACK)
    yield from ((cell, Word(Kind.FRACTION, minutes)) for cell, minutes in words.FRACTIONS)
    yield from ((cell, Word(Kind.DAYPART, row)) for row, (cell, *_) in enumerate(words.DAYPARTS))
    yield from ((cell, Word(Kind.ZONE, name=zone)) for cell, zone in words.ZONE_MARKS)
    yield from ((cell, Word(Kind.ZONE_OFFSET, minutes)) for cell, minutes in words.ZONE_OFFSETS)
    yield from ((cell, Word(Kind.ERA, calendar=calendar)) for calendar, cell in ERAS)
    yield from _months()
    yield from ((cell, Word(Kind.WEEKDAY, weekday)) for weekday, cell in enumerate(WEEKDAYS))


def _months() -> Iterator[tuple[str, Word]]:
    """Yield the names of the months, alone and followed by ماه."""
    for calendar, names in MONTHS:
        for number, cell in enumerate(names, 1):
            with_month = "|".join(f"{name} {words.MONTH_UNIT}" for name in cell.split("|"))
            yield f"{cell}|{with_month}", Word(Kind.MONTH, number, calendar=calendar)


def _table() -> dict[str, tuple[Entry, ...]]:
    phrases = {phrase: word for cell, word in _rows() for phrase in _spellings(cell)}
    table: dict[str, list[Entry]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        table.setdefault(phrase[0], []).append((phrase[1:], phrases[phrase]))
    return {first: tuple(entries) for first, entries in table.items()}


# First word of a phrase -> its other words and its meaning, the longest phrase first.
VOCABULARY: dict[str, tuple[Entry, ...]] = _table()


def _after_time() -> dict[str, Word]:
    """Return the words that mean something else, or anything at all, only directly after a time."""
    rows = {cell.split("|")[0]: Word(Kind.DAYPART, row) for row, (cell, *_) in enumerate(words.DAYPARTS)}
    found = {phrase[0]: rows[row] for cell, row in words.AFTER_TIME for phrase in _spellings(cell)}
    return found | {words.ZONE_OF: Word(Kind.ZONE_LEAD)}


AFTER_TIME: dict[str, Word] = _after_time()
# A part of the day that fits no hour for certain.
UNCLEAR_DAYPART = Word(Kind.DAYPART, next(row for row, cells in enumerate(words.DAYPARTS) if not cells[1]))
# The places that may follow به وقت.
PLACES: dict[str, str] = {phrase[0]: zone for cell, zone in words.ZONE_PLACES for phrase in _spellings(cell)}
# The part of the day of دیشب and پریشب.
NIGHT_DAYPART = Word(
    Kind.DAYPART, next(row for row, (cell, *_) in enumerate(words.DAYPARTS) if words.NIGHT in cell.split("|"))
)
OTHER = Word(Kind.OTHER)
# A zone without a name is one that is printed and not known.
UNKNOWN_ZONE = Word(Kind.ZONE)


def _glued() -> dict[str, tuple[tuple[Word, str], ...]]:
    """Return the words of relative times written together, with their parts: دوساعت, نیم‌ساعت‌پیش, ساعت‌پیش.

    ZWNJ is dropped by the folding, so that a half space leaves nothing between them.
    """
    cells = [words.KURDISH_AGO, *(cell for cell, _ in words.KURDISH_UNITS)]
    kurdish = {phrase[0] for cell in cells for phrase in _spellings(cell) if len(phrase) == 1}

    def known(*kinds: Kind) -> list[tuple[Word, str]]:
        return [
            (w, first)
            for first, entries in VOCABULARY.items()
            for rest, w in entries
            if not rest and w.kind in kinds and not first.isascii() and first not in kurdish
        ]

    units = [(word, text) for word, text in known(Kind.UNIT, Kind.HOUR, Kind.JOIN) if word.value]
    amounts, ago = known(Kind.NUMBER, Kind.FRACTION), known(Kind.AGO)
    found = [*product(amounts, units, ago), *product(amounts, units), *product(units, ago)]
    glued = {"".join(text for _, text in parts): parts for parts in found}
    return glued | dict(_ones())


def _ones() -> Iterator[tuple[str, tuple[tuple[Word, str], ...]]]:
    """Yield the Kurdish units that end in "one", as a number and a unit."""
    for cell, seconds in words.ONE_OF_A_UNIT:
        one = Word(Kind.NUMBER, 1)
        yield from ((text, ((one, text), (_kurdish_unit(seconds), text))) for (text, *_) in _spellings(cell))


GLUED: dict[str, tuple[tuple[Word, str], ...]] = _glued()
