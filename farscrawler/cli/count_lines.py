"""The answer of `farscrawler stats` as a table, rows of CSV, and JSON."""

from __future__ import annotations

from calendar import month_name
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from rich.cells import cell_len

from farscrawler.archive.counts.articles import Row
from farscrawler.archive.counts.keys import DIMENSIONS
from farscrawler.cli.cells import LEFT_TO_RIGHT_MARK, padded
from farscrawler.days import MARK, jalali
from farscrawler.printing import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.archive.counts.articles import Counts

T = TypeVar("T")

#: The rows of sections, agencies, authors, tags and publishers in a table without -n.
LISTED = 20
#: The columns of the bar, and the least of a label; a terminal that has no room for both shows no bar.
_BAR, _LEAST_LABEL = 20, 12
#: A label that is cut to fewer columns says nothing.
_NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Left:
    """The rows that a limit leaves out, those of the first value where there is one, and the articles in them."""

    values: tuple[str | None, ...]
    rows: int
    articles: int


def limited(counts: Counts, most: int | None) -> list[Row | Left]:
    """Return the rows of an answer and, in their places, what is left out.

    Of ranked dimensions the ``most`` largest rows stay, and of those in each row of the other dimension; where there
    are none, the newest of days, months and years, else the first. Rows of articles without a value always stay.
    Without ``most`` ranked dimensions are cut after LISTED; 0 leaves everything.
    """
    kinds = [DIMENSIONS[name].kind for name in counts.by]
    ranked, times = ([at for at, kind in enumerate(kinds) if kind == wanted] for wanted in ("ranked", "time"))
    levels = ranked or times or [0]
    if most is None:
        levels, most = ranked, LISTED
    if not most or not levels:
        return list(counts.rows)
    groups = [list(rows) for _, rows in groupby(counts.rows, key=lambda row: row.values[0])]
    if len(kinds) == 1:
        groups = [counts.rows]
    elif 0 in levels:
        groups, left, at = _cut(groups, most, kinds[0], lambda rows: rows[0].values[0], lambda rows: rows[0].within)
        inner: list[list[Row | Left]] = [_inner(rows, most, kinds[1]) if 1 in levels else list(rows) for rows in groups]
        if left.rows:
            inner.insert(at, [left])
        return [one for rows in inner for one in rows]
    return [one for rows in groups for one in _inner(rows, most, kinds[-1])]


def _inner(rows: Sequence[Row], most: int, kind: str) -> list[Row | Left]:
    kept, left, at = _cut(rows, most, kind, lambda row: row.values[-1], attrgetter("articles"))
    found: list[Row | Left] = list(kept)
    if left.rows:
        found.insert(at, Left(rows[0].values[:-1], left.rows, left.articles))
    return found


def _cut(
    items: Sequence[T], most: int, kind: str, value: Callable[[T], str | None], articles: Callable[[T], int]
) -> tuple[list[T], Left, int]:
    """Return the items that stay, what is left out, and the place where that is said."""
    known = [one for one in items if value(one) is not None]
    rest = [one for one in items if value(one) is None]
    kept, left = (known[-most:], known[:-most]) if kind == "time" else (known[:most], known[most:])
    at = 0 if kind == "time" else len(kept)
    return kept + rest, Left((), len(left), sum(map(articles, left))), at


# For programs.


def as_dict(counts: Counts) -> dict[str, Any]:
    """Return the answer without its rows as JSON values. Its keys are part of the public contract."""
    return {
        "by": counts.by,
        "calendar": counts.calendar,
        "since": _day(counts, counts.span.first),
        "until": _day(counts, counts.span.last),
        "articles": counts.articles,
        "undated": counts.undated,
        "median_words": counts.median_words,
    }


def rows_as_dicts(counts: Counts, shown: Sequence[Row | Left]) -> Iterator[dict[str, Any]]:
    """Yield the rows as JSON values."""
    for row in shown:
        if isinstance(row, Row):
            yield {**_named(counts, row.values), "articles": row.articles, "share": round(row.share, 4)}


def left_as_dicts(counts: Counts, shown: Sequence[Row | Left]) -> Iterator[dict[str, Any]]:
    """Yield what a limit has left out as JSON values."""
    for left in shown:
        if isinstance(left, Left):
            yield {**_named(counts, left.values), "rows": left.rows, "articles": left.articles}


def _named(counts: Counts, values: Sequence[str | None]) -> dict[str, str | None]:
    return dict(zip(counts.by, _for_programs(counts, values), strict=False))


def _for_programs(counts: Counts, values: Sequence[str | None]) -> Iterator[str | None]:
    """Yield the values of a row; a Jalali period as articles have it, which no program takes for a Gregorian one."""
    for name, value in zip(counts.by, values, strict=False):
        if value is not None and counts.calendar == "jalali" and DIMENSIONS[name].kind == "time":
            yield f"{MARK}{value.replace('-', '/')}"
        else:
            yield value


def csv_rows(counts: Counts, shown: Sequence[Row | Left]) -> Iterator[Sequence[str | int | float]]:
    """Yield the head and the rows of CSV; a value that is not known is an empty cell."""
    yield [*counts.by, "articles", "share"]
    for row in shown:
        if isinstance(row, Row):
            yield [*(value or "" for value in _for_programs(counts, row.values)), row.articles, round(row.share, 4)]


def _day(counts: Counts, day: dt.date) -> str | None:
    text = jalali(day)
    return text if counts.calendar == "jalali" or text is None else day.isoformat()


# For people.


def table(counts: Counts, shown: Sequence[Row | Left], *, width: int | None, letters: bool) -> Iterator[str]:
    """Yield the lines of a table, printable; ``width`` is that of a terminal, None where the output is a file.

    On a terminal that shows all ``letters`` there are bars, and marks that keep Persian labels in their columns.
    """
    on_screen = width is not None and letters
    within = "share" if len(counts.by) == 1 else f"share of {counts.by[0]}"
    lines = [([*counts.by], "articles", within)]
    lines += [
        (_labels(counts, row), f"{row.articles:,}", f"{row.share:.1%}" if isinstance(row, Row) else "") for row in shown
    ]
    wide = [max(len(line[at]) for line in lines) for at in (1, 2)]
    labels = [max(cell_len(line[0][at]) for line in lines) for at in range(len(counts.by))]
    drawn = [""] * len(lines)
    if width is not None:
        room = width - sum(wide) - 2 * len(wide)
        if on_screen and room - _BAR - 2 >= (_LEAST_LABEL + 2) * len(labels):
            room -= _BAR + 2
            drawn = ["", *_bars(counts, shown)]
        labels = [min(label, max(_NARROWEST, room // len(labels) - 2)) for label in labels]
    for (cells, articles, share), bar in zip(lines, drawn, strict=True):
        texts = [
            padded(cell, size, cut=width is not None, marked=on_screen)
            for cell, size in zip(cells, labels, strict=True)
        ]
        line = "  ".join([*texts, articles.rjust(wide[0]), share.rjust(wide[1]), bar]).rstrip()
        yield f"{LEFT_TO_RIGHT_MARK}{line}" if on_screen else line


def _bars(counts: Counts, shown: Sequence[Row | Left]) -> list[str]:
    from farscrawler.tables import bar  # loads rich, which a terminal has loaded already

    lengths = [_length(counts, row) for row in shown]
    most = max(lengths, default=0)
    return [bar(length, most) for length in lengths]


def _length(counts: Counts, row: Row | Left) -> float:
    """Return what the bar of a row stands for: articles, or the share of those that have a field."""
    if isinstance(row, Left):
        return 0
    return row.share if counts.by[-1] == "fill" else row.articles


def _labels(counts: Counts, row: Row | Left) -> list[str]:
    found = [_label(counts, name, value) for name, value in zip(counts.by, row.values, strict=False)]
    if isinstance(row, Left):
        found += [f"… and {row.rows:,} more", *[""] * (len(counts.by) - len(found) - 1)]
    return found


def _label(counts: Counts, name: str, value: str | None) -> str:
    """Return what a table calls a value: Jalali days with slashes, since hyphens are turned around beside Persian."""
    if value is None:
        return "no known day" if DIMENSIONS[name].kind == "time" else f"no {name}"
    if DIMENSIONS[name].kind != "time":
        return printable(value)
    named = ""
    if name == "month":
        from farscrawler.timestamps.months import LATIN_MONTHS  # loads all that times are read by

        number = int(value[-2:])
        named = f" {LATIN_MONTHS[number - 1] if counts.calendar == 'jalali' else month_name[number]}"
    return (value.replace("-", "/") if counts.calendar == "jalali" else value) + named


def remarks(counts: Counts, where: str) -> Iterator[str]:
    """Yield what is to be said below a table: the total, what is in no row, and the median."""
    first, last = _day(counts, counts.span.first), _day(counts, counts.span.last)
    ranged = f", {first or '…'} to {last or '…'}" if first or last else ""
    if counts.calendar == "jalali":
        ranged = ranged.replace("-", "/")
    yield f"{_articles(counts.articles)} in {printable(where)}{ranged}"
    if counts.several is not None and counts.several != "fill":
        yield f"An article counts once in each {counts.several} that it has, so the rows may add up to more."
    if counts.undated:
        yield undated(counts)
    if counts.median_words is not None:
        yield f"The median length is {counts.median_words:,g} words."


def undated(counts: Counts) -> str:
    """Return the sentence about articles that are in no range."""
    return f"Without a known day, and so in no range: {_articles(counts.undated)} more."


def _articles(count: int) -> str:
    return f"{count:,} article{'' if count == 1 else 's'}"
