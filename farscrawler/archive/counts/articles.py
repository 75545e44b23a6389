"""Count the articles of an archive by day, publisher, label or length, and how many of them have each field.

The rows are read a page at a time, and what is kept grows with the rows of the answer, not with the articles. The day
of an article is that of its site's own zone; both calendars are read from one text, so that no day is another one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from farscrawler.archive.connection import pages
from farscrawler.archive.counts.keys import DIMENSIONS, WORDS_OF_BODY, WrongKindError, keys_of
from farscrawler.archive.reading.selection import day_bounds, stored_publishers
from farscrawler.days import DateRange
from farscrawler.errors import BadArgumentError, DamagedArchiveError
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from farscrawler.archive.counts.keys import Calendar
    from farscrawler.archive.store import Archive

#: Rows of one query. Counting the words of so many bodies took a fifth of a second, anything else less than half of
#: that; for that long a crawl's write-ahead log cannot be folded into the file.
PAGE_ROWS = 5_000
#: The rows of an answer, and the spellings of its labels. So many take some 250 MB; the tags of 300,000 articles are
#: a tenth of it.
MAX_ROWS = 1_000_000

#: The number of dimensions of one answer.
MOST_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """The number of articles with these values, one for each dimension; None is the row of those without a value.

    ``within`` is the number that the articles are a part of: all that were counted, or those of the first value.
    """

    values: tuple[str | None, ...]
    articles: int
    within: int

    @property
    def share(self) -> float:
        """The part of ``within``, from 0 to 1."""
        return self.articles / self.within if self.within else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Articles counted by one or two dimensions.

    ``articles`` is the number of all that were counted. ``undated`` is the number of those that fit otherwise and have
    no known day, so that they lie in no range; 0 without a range, where they are counted. ``median_words`` is the
    median length of the bodies, None where lengths were not counted.
    """

    by: tuple[str, ...]
    calendar: Calendar
    span: DateRange
    articles: int
    undated: int
    median_words: float | None
    rows: list[Row]

    @property
    def several(self) -> str | None:
        """The dimension in which one article may count several times, so that rows add up to more than articles."""
        return next((name for name in self.by if DIMENSIONS[name].several), None)


def count_articles(
    archive: Archive,
    by: Sequence[str] = ("month",),
    *,
    publishers: Sequence[str] = (),
    span: DateRange | None = None,
    section: str | None = None,
    calendar: Calendar = "jalali",
) -> Counts:
    """Count the articles that meet every condition, by one or two of ``DIMENSIONS``; publishers by their keys, or all.

    Values are days as `1401-02-28`, months as `1401-02`, years as `1401` of the calendar, keys of publishers, labels,
    lengths as `100 to 199`, and names of fields for `fill`. Labels that differ only as `farscrawler.persian.fold_label`
    has it are one, in its most frequent spelling. Articles without a value are a row of their own, the last one.

    An article that a crawl stores meanwhile may be among them. Raise BadArgumentError for dimensions that cannot be
    counted by or would make more than ``MAX_ROWS`` rows, DamagedArchiveError for a value that is none of its kind.
    """
    check_dimensions(by)
    span = span or DateRange()
    tally = _Tally(archive, by, calendar)
    source = _Source(archive, [DIMENSIONS[name].expression for name in by], section)
    undated = 0
    for publisher in publishers or stored_publishers(archive.db, archive.path):
        for found in source.dated(publisher, span):
            tally.add(found)
        for found in source.undated(publisher):
            if span == DateRange():
                tally.add(found)
            else:
                undated += found.total()
    return Counts(
        by=tuple(by),
        calendar=calendar,
        span=span,
        articles=tally.articles,
        undated=undated,
        median_words=tally.median_words(),
        rows=tally.rows(),
    )


def check_dimensions(by: Sequence[str]) -> None:
    """Raise BadArgumentError where articles cannot be counted by these."""
    for name in by:
        if name not in DIMENSIONS:
            raise BadArgumentError(f"by={name}: count by {', '.join(DIMENSIONS)}.")
    if not by or len(by) > MOST_DIMENSIONS or len(set(by)) < len(by):
        raise BadArgumentError(f"by={','.join(by)}: count by one of {', '.join(DIMENSIONS)}, or by two of them.")
    if "fill" in by[:-1]:
        raise BadArgumentError(f"by={','.join(by)}: fill counts the fields of something else; name it last.")


# Reading.


class _Source:
    """Pages of the values of articles, each as the number of articles by value.

    Days and publishers are read from the index articles_by_day alone; for anything else it leads to the articles.
    """

    def __init__(self, archive: Archive, expressions: Sequence[str], section: str | None) -> None:
        self._archive = archive
        self._section = fold_label(section) if section is not None else None
        counted = (archive.db.words_of("body") if one == WORDS_OF_BODY else one for one in expressions)
        self._values = ", ".join((*counted, *(("section",) if section is not None else ())))

    def dated(self, publisher: str, span: DateRange) -> Iterator[Counter[tuple[Any, ...]]]:
        """Yield the articles of the days of a range, or all that have a day."""
        # An open range is that of all texts, so that a damaged one is met.
        first, after_last = ("", None) if span == DateRange() else day_bounds(span)
        return self._counted(
            f"""SELECT published_jalali, article_id, {self._values} FROM articles
                WHERE publisher = ?1 {"AND published_jalali < ?2" if after_last else ""}
                  AND (published_jalali, article_id) > (?3, ?4)
                ORDER BY published_jalali, article_id LIMIT ?5""",
            (publisher, after_last),
            after=(first, ""),
        )

    def undated(self, publisher: str) -> Iterator[Counter[tuple[Any, ...]]]:
        """Yield the articles whose day is not known."""
        return self._counted(
            f"""SELECT article_id, {self._values} FROM articles
                WHERE publisher = ?1 AND published_jalali IS NULL AND article_id > ?2
                ORDER BY article_id LIMIT ?3""",
            (publisher,),
            after=("",),
        )

    def _counted(
        self, statement: str, values: tuple[Any, ...], *, after: tuple[str, ...]
    ) -> Iterator[Counter[tuple[Any, ...]]]:
        of = itemgetter(slice(len(after), None if self._section is None else -1))
        for rows in pages(self._archive.db, self._archive.path, statement, *values, after=after, limit=PAGE_ROWS):
            yield Counter(map(of, rows if self._section is None else filter(self._is_of_section, rows)))

    def _is_of_section(self, row: tuple[Any, ...]) -> bool:
        return isinstance(row[-1], str) and fold_label(row[-1]) == self._section


# Counting.


class _Tally:
    """The articles so far, by the first dimension and by both."""

    def __init__(self, archive: Archive, by: Sequence[str], calendar: Calendar) -> None:
        self.articles = 0
        self._archive = archive
        self._kinds = [DIMENSIONS[name].kind for name in by]
        self._keys = [keys_of(name, calendar) for name in by]
        self._firsts: Counter[Any] = Counter()
        self._pairs: dict[Any, Counter[Any]] = {}
        self._size = 0

    def add(self, found: Counter[tuple[Any, ...]]) -> None:
        """Add a page of values. Raise BadArgumentError or DamagedArchiveError."""
        try:
            for values, articles in found.items():
                self._add(values, articles)
        except (ValueError, TypeError, RecursionError) as error:
            what = str(error) if isinstance(error, WrongKindError) else "a value is none of its kind"
            raise DamagedArchiveError(
                f"{self._archive.path}: an article is damaged ({what}). `farscrawler check` shows all that are, and "
                "`farscrawler check --repair` has them fetched again."
            ) from error
        if self._size + len(self._firsts) + sum(map(len, self._keys)) > MAX_ROWS:
            raise BadArgumentError(
                f"this makes more than {MAX_ROWS:,} rows; name publishers, a range of days or a section, or count by "
                "one thing alone."
            )

    def _add(self, values: tuple[Any, ...], articles: int) -> None:
        self.articles += articles
        firsts = self._keys[0].of(values[0], articles)
        seconds = self._keys[1].of(values[1], articles) if len(self._keys) > 1 else ()
        for first in firsts:
            self._firsts[first] += articles
            if seconds:
                pairs = self._pairs.setdefault(first, Counter())
                self._size -= len(pairs)
                for second in seconds:
                    pairs[second] += articles
                self._size += len(pairs)

    def rows(self) -> list[Row]:
        """Return all rows in their order."""
        if len(self._keys) == 1:
            return [Row((name,), self._firsts[key], self.articles) for key, name in self._ordered(0, self._firsts)]
        return [
            Row((first, second), pairs[key], self._firsts[outer])
            for outer, first in self._ordered(0, self._firsts)
            for pairs in (self._pairs.get(outer, Counter()),)
            for key, second in self._ordered(1, pairs)
        ]

    def _ordered(self, level: int, counts: Counter[Any]) -> list[tuple[Any, str | None]]:
        """Return the keys of a level in the order of its dimension, each with its name; None comes last."""
        keys, kind = self._keys[level], self._kinds[level]
        named = [(key, keys.name(key)) for key in keys.complete([key for key in counts if key is not None])]
        if kind == "ranked":
            named.sort(key=lambda one: (-counts[one[0]], one[1]))
        else:
            named.sort(key=itemgetter(0))
        return [*named, *([(None, None)] if None in counts else [])]

    def median_words(self) -> float | None:
        """Return the median of the lengths; None where they were not counted."""
        return next((median for median in (one.median() for one in self._keys) if median is not None), None)
