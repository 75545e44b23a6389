"""Texts and their copies, and archives that hold them."""

from __future__ import annotations

import datetime as dt
import random
from itertools import accumulate
from typing import TYPE_CHECKING

from farscrawler.archive import Archive, Visit
from farscrawler.copies import update
from farscrawler.days import jalali
from farscrawler.extract.article import content_hash
from farscrawler.items import Article
from tests.support.dated import date_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LETTERS = "ابپتجچخدرزسشطعغفقکگلمنوهی"
_TEHRAN = dt.timezone(dt.timedelta(hours=3, minutes=30))
BEGIN = dt.datetime(2023, 1, 10, 8, tzinfo=_TEHRAN)
PUBLISHERS = ("irna", "isna", "mehrnews", "farsnews")


class Writer:
    """Writes texts of invented words, a few of them frequent, as in any language."""

    def __init__(self, seed: int = 1) -> None:
        self.dice = random.Random(seed)
        self._words = ["".join(self.dice.choices(_LETTERS, k=self.dice.randint(2, 7))) for _ in range(8_000)]
        self._weights = list(accumulate(1 / (at + 4) for at in range(len(self._words))))

    def text(self, words: int = 120) -> str:
        found = self.dice.choices(self._words, cum_weights=self._weights, k=words)
        return " ".join(word + ("،" if self.dice.random() < 0.05 else "") for word in found)

    def edited(self, text: str, share: float) -> str:
        """Return a text with a share of its words exchanged."""
        return " ".join(self.text(1) if self.dice.random() < share else word for word in text.split())

    def cut(self, text: str, share: float) -> str:
        words = text.split()
        return " ".join(words[: round(len(words) * share)])

    def preceded(self, text: str, words: int = 20) -> str:
        return f"{self.text(words)} {text}"


def other_letters(text: str) -> str:
    """Return a text with Arabic letters, Latin digits and plain spaces in place of half-spaces."""
    return text.replace("ی", "ي").replace("ک", "ك").replace("\u200c", " ").translate(
        str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
    )  # fmt: skip


def printed(
    publisher: str, key: str, body: str, *, after: float = 0, precision: str = "second", agency: str | None = None
) -> Article:
    """Return an article printed so many minutes after BEGIN."""
    moment = BEGIN + dt.timedelta(minutes=after)
    at, day = moment.isoformat(timespec="seconds"), jalali(moment.date())
    one = Article(publisher=publisher, article_id=key, url=f"https://example.com/{key}", headline=f"تیتر {key}")
    one.body, one.agency, one.fetched_at = body, agency, at
    if precision != "none":
        one.published_precision = precision
        date_of(one, day if precision == "day" else f"{day}T{at[11:19]}")
        one.published_at = None if precision == "day" else at
    one.content_hash = content_hash(one)
    return one


def store(path: Path, articles: Iterable[Article]) -> None:
    with Archive(path, readonly=False) as archive:
        for one in articles:
            visit = Visit(
                publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=one.fetched_at
            )
            archive.save(visit, one)


def compared(path: Path) -> None:
    with Archive(path, readonly=False) as archive:
        update(archive, zone_of=lambda _: "Asia/Tehran")


def plant(path: Path) -> None:
    """Store a text that three sites print, and compare it: what docs/copies.md shows."""
    text = Writer().text(100)
    keys = (("irna", "85000001"), ("isna", "140110201234"), ("mehrnews", "5312345"))
    store(path, [printed(publisher, key, text, after=17 * at) for at, (publisher, key) in enumerate(keys)])
    compared(path)


Key = tuple[str, str]


def groups(path: Path) -> set[frozenset[Key]]:
    """Return the groups of an archive, each as the keys of its articles."""
    with Archive(path) as archive:
        rows = archive.db.execute(
            "SELECT g.root, t.publisher, t.article_id FROM copies_groups g JOIN copies_texts t USING (doc)"
        ).fetchall()
    found: dict[int, set[Key]] = {}
    for root, *key in rows:
        found.setdefault(root, set()).add((key[0], key[1]))
    return {frozenset(keys) for keys in found.values()}


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of the comparison."""
    with Archive(path) as archive:
        return {
            name: sorted(archive.db.execute(f"SELECT * FROM copies_{name}").fetchall())  # noqa: S608
            for name in ("texts", "pairs", "groups", "days", "ungrouped")
        }
