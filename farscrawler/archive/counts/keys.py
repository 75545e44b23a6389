"""What articles can be counted by: which value of a row is read, and what it counts as."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from farscrawler.archive.schema import FILL_FIELDS, JALALI_DAY, has_value
from farscrawler.days import jalali_parts, stored_moment
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Sequence

Calendar = Literal["jalali", "gregorian"]
#: The days, months and years are those of one of these.
CALENDARS: tuple[Calendar, ...] = ("jalali", "gregorian")

#: Stands for the number of words of the body, which each database counts in its own way.
WORDS_OF_BODY = "{words}"
#: The classes of length in words, each by its least number; 300 words are an ordinary report.
CLASSES = (0, 1, 50, 100, 200, 500, 1_000, 2_000)


@dataclass(frozen=True, slots=True)
class Dimension:
    """What articles are counted by: the expression that is read of each, and how its values are ordered.

    ``kind``: `time` has the first first, `ranked` the most frequent first, and `fixed` an order of its own.
    ``several``: one article may have several values, and counts in the row of each.
    """

    expression: str
    kind: Literal["time", "ranked", "fixed"]
    several: bool = False


_FILLED = " + ".join(f"({has_value(name)}) * {1 << at}" for at, name in enumerate(FILL_FIELDS))

DIMENSIONS: dict[str, Dimension] = {
    "day": Dimension(JALALI_DAY, "time"),
    "month": Dimension(JALALI_DAY, "time"),
    "year": Dimension(JALALI_DAY, "time"),
    "publisher": Dimension("publisher", "ranked"),
    "section": Dimension("section", "ranked"),
    "agency": Dimension("agency", "ranked"),
    "author": Dimension("authors", "ranked", several=True),
    "tag": Dimension("tags", "ranked", several=True),
    "length": Dimension(WORDS_OF_BODY, "fixed"),
    "fill": Dimension(_FILLED, "fixed", several=True),
}


class WrongKindError(ValueError):
    """A value that no version of ours has written."""


class Keys:
    """The keys of one dimension: what a value of the archive counts as, and what each key is called in the end."""

    def of(self, value: Any, articles: int, /) -> Sequence[Any]:
        """Return the keys of a value that so many articles have. Raise ValueError for one of another kind."""
        raise NotImplementedError

    def name(self, key: Any) -> str:
        """Return what a key is called; it is never None."""
        return str(key)

    def complete(self, keys: list[Any], /) -> list[Any]:
        """Return the keys of a list, and those that are to be shown though no article has them."""
        return keys

    def median(self) -> float | None:
        """Return the median of the values; None where they are no numbers, or none were there."""
        return None

    def __len__(self) -> int:
        """Return the number of texts that are kept beside the counts."""
        return 0


class _Periods(Keys):
    def __init__(self, unit: str, calendar: Calendar) -> None:
        self._parts = ("year", "month", "day").index(unit) + 1
        self._calendar = calendar
        self._known: dict[str | None, tuple[str | None]] = {None: (None,)}

    def of(self, value: Any, _articles: int, /) -> Sequence[Any]:
        found = self._known.get(value)
        if found is None:
            if not isinstance(value, str):
                raise WrongKindError("published_jalali is no day")
            day, _ = stored_moment(value)
            parts = jalali_parts(day) if self._calendar == "jalali" else (day.year, day.month, day.day)
            found = self._known[value] = ("-".join(f"{part:02}" for part in parts[: self._parts]),)
        return found


class _Labels(Keys):
    """Labels by their folded form; how often each spelling stands there decides which one is shown."""

    def __init__(self, column: str, *, several: bool) -> None:
        self._column = column
        self._several = several
        self._groups: dict[str, int] = {}
        self._spellings: dict[str, int] = {}  # each with its place in the two lists
        self._group_of: list[int | None] = []
        self._times: list[int] = []
        self._best: dict[int, str] = {}

    def of(self, value: Any, articles: int, /) -> Sequence[Any]:
        if not self._several:
            return (None,) if value is None else (self._group(value, articles),)
        found = json.loads(value)
        if not isinstance(found, list):
            raise WrongKindError(f"{self._column} is no list")
        return tuple({self._group(one, articles) for one in found} - {None}) or (None,)

    def _group(self, text: Any, articles: int) -> int | None:
        if not isinstance(text, str):
            raise WrongKindError(f"{self._column} is no text")
        place = self._spellings.get(text)
        if place is None:
            place = self._spellings[text] = len(self._times)
            folded = fold_label(text)
            self._group_of.append(self._groups.setdefault(folded, len(self._groups)) if folded else None)
            self._times.append(0)
        self._times[place] += articles
        return self._group_of[place]

    def name(self, key: Any) -> str:
        if not self._best:
            for text, place in sorted(self._spellings.items(), key=lambda one: (-self._times[one[1]], one[0])):
                if (group := self._group_of[place]) is not None:
                    self._best.setdefault(group, text)
        return self._best[key]

    def __len__(self) -> int:
        return len(self._times)


class _Lengths(Keys):
    def __init__(self) -> None:
        self._words: Counter[int] = Counter()

    def of(self, value: Any, articles: int, /) -> Sequence[Any]:
        if not isinstance(value, int):
            raise WrongKindError("body is no text")
        self._words[value] += articles
        return (sum(value >= least for least in CLASSES) - 1,)

    def name(self, key: Any) -> str:
        least = CLASSES[key]
        if key + 1 == len(CLASSES):
            return f"{least} and more"
        return f"{least} to {CLASSES[key + 1] - 1}" if CLASSES[key + 1] - 1 > least else f"{least}"

    def median(self) -> float | None:
        return _median(self._words) if self._words else None


class _Fields(Keys):
    def of(self, value: Any, _articles: int, /) -> Sequence[Any]:
        return [at for at in range(len(FILL_FIELDS)) if value >> at & 1]

    def name(self, key: Any) -> str:
        return FILL_FIELDS[int(key)]

    def complete(self, _keys: list[Any], /) -> list[Any]:
        return list(range(len(FILL_FIELDS)))


class _Publishers(Keys):
    def of(self, value: Any, _articles: int, /) -> Sequence[Any]:
        return (value,)


def keys_of(name: str, calendar: Calendar) -> Keys:
    """Return the keys of a dimension, with none counted yet."""
    dimension = DIMENSIONS[name]
    if dimension.kind == "time":
        return _Periods(name, calendar)
    if name in ("publisher", "length", "fill"):
        return {"publisher": _Publishers, "length": _Lengths, "fill": _Fields}[name]()
    return _Labels(dimension.expression, several=dimension.several)


def _median(counts: Counter[int]) -> float:
    """Return the median of numbers that stand there so often each."""
    total, passed = counts.total(), 0
    lower: int | None = None
    for value in sorted(counts):
        passed += counts[value]
        if lower is None and 2 * passed >= total:
            if 2 * passed > total:
                return value
            lower = value
        elif lower is not None:
            return (lower + value) / 2
    raise ValueError("no numbers")
