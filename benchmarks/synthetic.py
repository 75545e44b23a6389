"""Archives of many synthetic articles: the words of the newsroom, some frequent and most rare, over twenty years."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import TYPE_CHECKING

from farscrawler.archive import Archive, Visit
from farscrawler.days import date_fields, jalali, stored_jalali
from farscrawler.extract.article import content_hash
from farscrawler.items import Article
from farscrawler.testing.newsroom import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUBLISHERS = ("farsonline", "irna", "isna", "mehrnews", "tasnim", "khabaronline", "yjc", "tabnak")
_FIRST_DAY = dt.date(2006, 3, 21)
_DAYS = 7_200
_AT = "2026-01-01T00:00:00+00:00"
_BODY_WORDS = 200  # 2 KB in UTF-8
_RARE = 20_000
_LETTERS = "ابپتجخدرزسشعفقکگلمنوهی"
#: One of so many articles has no known day, and one the day alone.
_UNDATED, _DAY_ALONE = 50, 10


def vocabulary(seed: int = 1) -> list[str]:
    """Return the words of the articles of a seed, the most frequent first: those of the newsroom, then made-up ones."""
    return _vocabulary(random.Random(seed))


def _vocabulary(dice: random.Random) -> list[str]:
    frequent = sorted({word for phrase in (*words.ROLES, *words.TAGS, *words.CITIES) for word in phrase.split()})
    return [*frequent, *("".join(dice.choices(_LETTERS, k=dice.randrange(3, 9))) for _ in range(_RARE))]


def articles(count: int, seed: int = 1) -> Iterator[Article]:
    """Yield so many articles, the same ones for a seed."""
    dice = random.Random(seed)
    known = _vocabulary(dice)
    frequencies = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(known))))
    for number in range(count):
        drawn = dice.choices(known, cum_weights=frequencies, k=_BODY_WORDS + 30)
        day = _FIRST_DAY + dt.timedelta(days=number * _DAYS // count)
        clock = f"{dice.randrange(24):02}:{dice.randrange(60):02}:00"
        kind = dice.randrange(_UNDATED)
        moment = f"{jalali(day)}T{clock}" if kind > _DAY_ALONE / 2 else jalali(day)
        stored = stored_jalali(moment) if moment is not None and kind else None
        published_date, published_jalali_date = date_fields(stored)
        one = Article(
            publisher=dice.choice(PUBLISHERS),
            article_id=str(100_000 + number),
            url=f"https://www.example.ir/news/{100_000 + number}",
            headline=" ".join(drawn[:9]),
            lead=" ".join(drawn[9:30]),
            body="\n".join(" ".join(drawn[start : start + 50]) for start in range(30, len(drawn), 50)),
            section=dice.choice(words.SECTIONS)[1],
            authors=[" ".join(drawn[:2])] if kind % 3 == 0 else [],
            tags=dice.sample(words.TAGS, kind % 5),
            images=[{"url": f"https://www.example.ir/{number}.jpg", "caption": drawn[0]}] if kind % 2 else [],
            published_text=f"{day} {clock}",
            published_at=f"{day}T{clock}+03:30" if stored is not None and kind > _DAY_ALONE / 2 else None,
            published_date=published_date,
            published_jalali=stored,
            published_jalali_date=published_jalali_date,
            published_precision=None if stored is None else "minute" if kind > _DAY_ALONE / 2 else "day",
            fetched_at=_AT,
        )
        one.content_hash = content_hash(one)
        yield one


def fill(path: Path, count: int, seed: int = 1) -> Path:
    """Make an archive of so many articles."""
    with Archive(path, readonly=False) as archive:
        for one in articles(count, seed):
            visit = Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=_AT)
            archive.save(visit, one)
    return path
