"""Files as analysts get them, of articles of the newsroom: exported by the command, and the same in version 1."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from farscrawler.archive import Archive, Visit
from farscrawler.archive.schema import FIELDS_1, articles_table
from farscrawler.days import plain_jalali
from farscrawler.extract.article import content_hash
from farscrawler.items import Article
from farscrawler.testing.newsroom import Newsroom, answers
from tests.support import run
from tests.support.dated import dated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = "2026-11-23T08:00:00+00:00"
#: A winter and a summer, so that both of Tehran's offsets are there.
NEWSROOM = Newsroom(seed=1401, first_id=8_000, count=120, per_day=0.5, start="1400-12-01")
#: A month with articles on its last day.
MONTH = ("1401/02/01", "1401/02/31")
FORMATS = ("jsonl", "csv", "parquet", "db")


def articles() -> Iterator[Article]:
    """Yield the articles: those of the newsroom, one on the last evening of the month, and one with the day alone."""
    for at in range(NEWSROOM.first_id, NEWSROOM.newest_id + 1):
        story = NEWSROOM.story(at)
        if story is not None:
            form = "print" if at % 2 else "article"
            yield Article(**answers(story, form), url=f"http://www.fars-online.ir/Fa/News/{at}/", fetched_at=AT)
    more: dict[str, Any] = {
        "publisher": "harbour",
        "headline": "کتاب‌ها",
        "body": "متن",
        "fetched_at": AT,
        "url": "http://x/1",
    }
    yield Article(  # with a value in every field, so that no tool takes a column for one without a type
        article_id="0042", published_at="2022-05-21T20:15:00+04:30", published_precision="minute", subtitle="زیرتیتر",
        kicker="روتیتر", dateline="شیراز", lead="لید", section="فرهنگ", agency="ایرنا", authors=["الف"], tags=["کتاب"],
        images=[{"url": "http://x/1.jpg", "caption": "شرح"}], modified_at="2022-05-22T20:15:00+04:30", permalink="x",
        published_text="شنبه", warnings=["no-lead"], **dated("1401-02-31T20:15:00"), **more,
    )  # fmt: skip
    yield Article(article_id="0043", published_precision="day", **dated("1401-02-31"), **more)


def make(folder: Path) -> list[Article]:
    """Write archive.db, news.* in today's fields and old.* in those of version 1; return the articles."""
    found = list(articles())
    with Archive(folder / "archive.db", readonly=False) as archive:
        for one in found:
            one.content_hash = content_hash(one)
            visit = Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=AT)
            archive.save(visit, one)
    words = [word for name in FORMATS for word in ("-O", f"news.{name}")]
    done = run("export", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    _write_old(folder, found)
    return found


def _write_old(folder: Path, found: list[Article]) -> None:
    rows = [{name: value for name, value in asdict(one).items() if name in FIELDS_1} for one in found]
    for row in rows:
        row["published_jalali"] = plain_jalali(row["published_jalali"])
    (folder / "old.jsonl").write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")
    cells = [[_cell(value) for value in row.values()] for row in rows]
    with (folder / "old.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([FIELDS_1, *cells])
    with closing(sqlite3.connect(folder / "old.db")) as db, db:
        db.execute(articles_table(FIELDS_1))
        db.executemany(f"INSERT INTO articles VALUES ({', '.join('?' * len(FIELDS_1))})", cells)  # noqa: S608


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
