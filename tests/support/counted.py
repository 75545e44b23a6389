"""Articles to be counted, and what each of them counts as, without a word of the code under test."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import jdatetime

from farscrawler.archive import Archive
from farscrawler.archive.counts.keys import CLASSES
from farscrawler.archive.schema import FILL_FIELDS
from farscrawler.persian import fold_label
from tests.support.dated import date_of
from tests.support.records import AT, article, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from farscrawler.archive.counts.articles import Counts
    from farscrawler.items import Article

SECTIONS = ["سیاسی", "سياسي", "بین‌الملل", "بین الملل", "=ورزش+1", "", None]
TAGS = ["انتخابات", "كتاب", "کتاب", "مجلس", "\x1b[31mسرخ"]


def made(count: int = 150, seed: int = 1) -> list[Article]:
    """Return articles of every kind: without a day, with a day alone, of two spellings, of two calendars' year ends."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        one = article(f"{number}")
        one.publisher = chance.choice(["farsonline", "irna", "isna"])
        day = jdatetime.date(1400, 12, 1) + jdatetime.timedelta(days=chance.randrange(60))
        clock = f"{chance.randrange(24):02}:59:59"
        match chance.randrange(10):
            case 0:
                pass
            case 1:
                date_of(one, str(day))
                one.published_precision = "day"
            case _:
                date_of(one, f"{day!s}T{clock}")
                one.published_precision = "second"
                one.published_at = f"{day.togregorian()!s}T{clock}+03:30"
        one.section = chance.choice(SECTIONS)
        one.agency = chance.choice([None, "ایرنا"])
        one.authors = chance.sample(["الف", "ب"], chance.randrange(3))
        one.tags = chance.choices(TAGS, k=chance.randrange(4))
        one.images = one.images if chance.random() < 0.5 else []
        one.body = " ".join(["واژه"] * chance.choice([0, 1, 49, 50, 99, 100, 499, 500, 2500]))
        one.fetched_at, one.content_hash = AT, f"{number}"
        found.append(one)
    return found


def store(path: Path, articles: Iterable[Article]) -> Path:
    with Archive(path, readonly=False) as archive:
        for one in articles:
            seen = visit(one.article_id)
            seen.publisher = one.publisher
            archive.save(seen, one)
    return path


def _period(parts: int, *, gregorian: bool) -> Callable[[Article], list[Any]]:
    def of(one: Article) -> list[Any]:
        if one.published_jalali_date is None:
            return [None]
        year, month, day = map(int, one.published_jalali_date.removeprefix("SH ").split("/"))
        text = str(jdatetime.date(year, month, day).togregorian()) if gregorian else f"{year:04}-{month:02}-{day:02}"
        return [text[: (4, 7, 10)[parts]]]

    return of


def _class(one: Article) -> list[Any]:
    return [max(least for least in CLASSES if len(one.body.split()) >= least)]


def oracle(name: str, *, gregorian: bool) -> Callable[[Article], Sequence[Any]]:
    found: dict[str, Callable[[Article], Sequence[Any]]] = {
        "year": _period(0, gregorian=gregorian),
        "month": _period(1, gregorian=gregorian),
        "day": _period(2, gregorian=gregorian),
        "publisher": lambda one: [one.publisher],
        "section": lambda one: [fold_label(one.section or "") or None],
        "agency": lambda one: [one.agency],
        "author": lambda one: list(map(fold_label, one.authors)) or [None],
        "tag": lambda one: list(set(map(fold_label, one.tags))) or [None],
        "length": _class,
        "fill": lambda one: [field for field in FILL_FIELDS if getattr(one, field)],
    }
    return found[name]


def folded(name: str, value: str | None) -> Any:
    """Return a value of an answer as the oracle has it."""
    if name == "length":
        return int(re.match(r"\d+", value or "")[0])  # type: ignore[index]  # every class begins with its least number
    return value if value is None or name not in ("section", "agency", "author", "tag") else fold_label(value)


def answer(counts: Counts) -> dict[tuple[Any, ...], int]:
    keys = [tuple(map(folded, counts.by, row.values)) for row in counts.rows]
    assert len(set(keys)) == len(keys)
    return {key: row.articles for key, row in zip(keys, counts.rows, strict=True) if row.articles}


def expected(articles: Iterable[Article], by: Sequence[str], *, gregorian: bool = False) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    keys = [oracle(name, gregorian=gregorian) for name in by]
    for one in articles:
        found.update((key,) if len(by) == 1 else (key, other)
                     for key in keys[0](one) for other in (keys[1](one) if len(by) > 1 else [None]))  # fmt: skip
    return found
