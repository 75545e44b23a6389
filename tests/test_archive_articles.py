"""Archive.articles(): its filters by publisher, day and section, against an archive of a few hundred articles."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.days import day_of, jalali
from farscrawler.errors import BadArgumentError
from farscrawler.items import Article
from tests.support.archives import sqlite_of
from tests.support.dated import dated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = "2026-11-23T08:00:00+00:00"
DAY = dt.date(2022, 5, 18)  # 1401-02-28
ONE = dt.timedelta(days=1)


def article(key: str, day: dt.date | None, clock: str | None = None, **more: str | None) -> Article:
    """An article of a day, with ``clock`` at that time of Tehran's day, else with the day alone."""
    moment = None if day is None or clock is None else f"{day.isoformat()}T{clock}+03:30"
    date = None if day is None else f"{jalali(day)}T{clock}" if clock else jalali(day)
    given = {"publisher": "alpha", **more}
    return Article(
        article_id=key,
        url=f"https://www.site.ir/{key}",
        headline="تیتر",
        body="متن",
        fetched_at=AT,
        content_hash=key,
        published_at=moment,
        **dated(date),
        published_precision="second" if clock else "day" if day else None,
        **given,  # type: ignore[arg-type]  # every field given here is a text
    )


def stored(archive: Archive, articles: list[Article]) -> None:
    for one in articles:
        visit = Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=AT)
        archive.save(visit, one)
    archive.flush()


def keys(found: Iterator[Article]) -> list[str]:
    return [one.article_id for one in found]


def test_both_days_of_a_range_are_in_it_to_the_second(archive: Archive) -> None:
    edges = [
        article("1", DAY - ONE, "23:59:59"),
        article("2", DAY, "00:00:00"),
        article("3", DAY, "23:59:59"),
        article("4", DAY),
        article("5", DAY + ONE),
        article("6", DAY + ONE, "00:00:00"),
        article("7", None),
    ]
    stored(archive, edges)
    assert sorted(keys(archive.articles(since=DAY, until=DAY))) == ["2", "3", "4"]
    assert sorted(keys(archive.articles(since=DAY))) == ["2", "3", "4", "5", "6"]
    assert sorted(keys(archive.articles(until=DAY))) == ["1", "2", "3", "4"]
    assert keys(archive.articles()) == ["1", "2", "3", "4", "5", "6", "7"]


def test_an_article_without_a_day_is_in_no_range_and_in_the_whole(archive: Archive) -> None:
    stored(archive, [article("1", None), article("2", DAY)])
    assert keys(archive.articles(since=dt.date.min, until=dt.date.max)) == ["2"]
    assert keys(archive.articles("alpha")) == ["1", "2"]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (dt.date.min, None, ["1"]),
        (None, dt.date.max, ["1"]),
        (dt.date(622, 3, 1), dt.date(9999, 12, 30), ["1"]),
        (dt.date(9999, 1, 1), None, []),
        (None, dt.date(500, 1, 1), []),
    ],
)
def test_days_for_which_the_jalali_calendar_has_no_year(
    archive: Archive, since: dt.date | None, until: dt.date | None, found: list[str]
) -> None:
    stored(archive, [article("1", DAY, "10:00:00")])
    assert keys(archive.articles(since=since, until=until)) == found


def test_a_range_agrees_with_the_day_of_each_article_for_any_ends(archive: Archive) -> None:
    dice = random.Random(7)
    clocks = ("00:00:00", "12:30:00", "23:59:59", None)
    first = dt.date(2022, 3, 1)  # Jalali new year lies within
    every = [
        article(
            str(at), first + dice.randrange(40) * ONE, dice.choice(clocks), publisher=dice.choice(["alpha", "beta"])
        )
        for at in range(1300)  # more than two pages of rows
    ]
    stored(archive, every)
    for _ in range(30):
        since, until = sorted(first + dice.randrange(-2, 42) * ONE for _ in range(2))
        publisher = dice.choice(["alpha", "beta", None])
        wanted = [
            one for one in every if since <= (day_of(one) or first) <= until and publisher in (None, one.publisher)
        ]
        found = list(archive.articles(publisher, since=since, until=until))
        assert sorted(keys(iter(found)), key=int) == [one.article_id for one in wanted]
        order = [(one.publisher, one.published_jalali, one.article_id) for one in found]
        assert order == sorted(order)


def test_sections_are_compared_in_either_spelling(archive: Archive) -> None:
    sections = ["سياسي", "سیاسی", "اقتصادی", None, "علم\u200cو\u200cفناوري"]
    stored(archive, [article(str(at), DAY, section=section) for at, section in enumerate(sections)])
    assert keys(archive.articles(section="سیاسی")) == ["0", "1"]
    assert keys(archive.articles(section="علم و فناوری", since=DAY)) == ["4"]
    assert keys(archive.articles(section="ورزشی")) == []
    assert next(archive.articles(section="سیاسی")).section == "سياسي"  # stored as printed
    archive.db.execute("UPDATE articles SET section = x'00ff' WHERE article_id = '2'")
    assert keys(archive.articles(section="اقتصادی")) == []


def test_what_cannot_be_meant_is_refused_before_anything_is_read(archive: Archive) -> None:
    with pytest.raises(BadArgumentError, match="lies after until=2022-05-17; exchange them"):
        archive.articles(since=DAY, until=DAY - ONE)
    with pytest.raises(BadArgumentError, match="give the day alone"):
        archive.articles(until=dt.datetime(2022, 5, 18, tzinfo=dt.UTC))


def test_a_range_of_one_publisher_is_read_by_the_index(archive_file: Archive) -> None:
    """A month of a large archive_file costs as much as that month."""
    seen: list[str] = []
    stored(archive_file, [article("1", DAY)])
    sqlite_of(archive_file).set_trace_callback(seen.append)
    list(archive_file.articles("alpha", since=DAY, until=DAY))
    sqlite_of(archive_file).set_trace_callback(None)
    plans = [
        row[3] for statement in seen if "published_jalali >=" in statement
        for row in archive_file.db.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]  # fmt: skip
    assert plans
    assert all("articles_by_day" in plan and "SCAN" not in plan for plan in plans), plans


def test_no_read_is_left_open_between_two_articles(archive_file: Archive, tmp_path: Path) -> None:
    stored(archive_file, [article(str(at), DAY, "10:00:00") for at in range(600)])
    for found in (archive_file.articles(), archive_file.articles(since=DAY)):
        next(found)
        other = sqlite3.connect(tmp_path / "archive.db", timeout=0)
        busy = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        other.close()
        assert busy == 0
        assert len(list(found)) == 599
