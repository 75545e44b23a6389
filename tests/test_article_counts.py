"""`farscrawler.archive.counts.articles`: counts of an archive against counts of its articles one by one."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.article_rows import to_row
from farscrawler.archive.audit.checks import health
from farscrawler.archive.counts import articles as article_counts
from farscrawler.archive.counts import keys as count_keys
from farscrawler.archive.counts.articles import count_articles
from farscrawler.archive.counts.keys import DIMENSIONS
from farscrawler.archive.sqlite.database import words
from farscrawler.days import DateRange, parse_date_range
from farscrawler.errors import BadArgumentError, DamagedArchiveError
from farscrawler.items import FIELD_NAMES, Article
from farscrawler.persian import fold_label
from tests.support import start
from tests.support.archives import sqlite_of
from tests.support.counted import answer, expected, folded, made, store
from tests.support.dated import date_of
from tests.support.records import article

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SINGLE = [name for name in DIMENSIONS if not DIMENSIONS[name].several]


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return made()


@pytest.fixture(scope="module")
def path(articles: list[Article], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("counts") / "archive.db", articles)


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive(path) as opened:
        yield opened


PAIRS = [(one, other) for one in DIMENSIONS for other in ("month", "tag", "fill") if one not in (other, "fill")]
BY: list[tuple[str, ...]] = [*((name,) for name in DIMENSIONS), *PAIRS]
CASES = [(by, "jalali") for by in BY] + [(by, "gregorian") for by in BY if {"day", "month", "year"} & set(by)]


@pytest.mark.parametrize(("by", "calendar"), CASES)
def test_every_count_is_that_of_the_articles(
    by: tuple[str, ...], calendar: count_keys.Calendar, archive: Archive, articles: list[Article]
) -> None:
    counts = count_articles(archive, by, calendar=calendar)
    gregorian = calendar == "gregorian"
    assert answer(counts) == expected(articles, by, gregorian=gregorian)
    assert (counts.articles, counts.undated) == (len(articles), 0)
    if counts.several is None:
        assert sum(row.articles for row in counts.rows) == counts.articles
    firsts = expected(articles, by[:1], gregorian=gregorian)
    for row in counts.rows:
        assert row.within == (len(articles) if len(by) == 1 else firsts[(folded(by[0], row.values[0]),)])
    lengths = [len(one.body.split()) for one in articles]
    assert counts.median_words == (median(lengths) if "length" in by else None)


@pytest.mark.parametrize(
    ("since", "until"), [("1401-01-01", "1401-01"), ("1400-12-25", "1400-12-29"), ("2022-03-21", None), (None, "1400")]
)
def test_a_range_has_its_last_day_and_says_how_many_have_none(
    since: str | None, until: str | None, archive: Archive, articles: list[Article]
) -> None:
    span = parse_date_range(since, until)
    within = [one for one in articles if span.covers(one)]
    for by in (("day",), ("section", "month"), ("publisher", "fill")):
        counts = count_articles(archive, by, span=span)
        assert answer(counts) == expected(within, by)
        assert counts.articles == len(within) > 0
        assert counts.undated == sum(one.published_jalali is None for one in articles) > 0


def test_publishers_and_a_section_in_any_spelling(archive: Archive, articles: list[Article]) -> None:
    within = [one for one in articles if one.publisher in ("irna", "isna") and fold_label(one.section or "") == "سیاسی"]
    counts = count_articles(archive, ("month", "publisher"), publishers=["isna", "irna"], section="سياسي")
    assert answer(counts) == expected(within, ("month", "publisher"))
    assert {one.section for one in within} == {"سیاسی", "سياسي"}
    ranged = count_articles(archive, section="سياسي", span=parse_date_range("1401", None))
    assert ranged.undated == sum(
        one.published_jalali is None and fold_label(one.section or "") == "سیاسی" for one in articles
    )


@pytest.mark.parametrize("size", [1, 7, 50])
def test_the_size_of_a_page_changes_nothing(size: int, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [count_articles(archive, by) for by in (("tag", "day"), ("length",))]
    monkeypatch.setattr(article_counts, "PAGE_ROWS", size)
    assert [count_articles(archive, by) for by in (("tag", "day"), ("length",))] == whole


def test_labels_are_shown_as_they_are_written_most(tmp_path: Path) -> None:
    found = []
    for number, tags in enumerate(
        (["كتاب", "کتاب"], ["کتاب"], ["کتاب", "کتاب"], ["كتاب"], ["ب", "الف"], [" ", ""], [])
    ):
        found.append(article(f"{number}"))
        found[-1].tags = tags
    with Archive(store(tmp_path / "archive.db", found)) as opened:
        rows = [(row.values[0], row.articles) for row in count_articles(opened, ("tag",)).rows]
    assert rows == [("کتاب", 4), ("الف", 1), ("ب", 1), (None, 2)]


def test_the_fill_is_that_of_the_publishers_list(archive: Archive) -> None:
    for publisher, fare in health(archive).items():
        counts = count_articles(archive, ("fill",), publishers=[publisher])
        assert {row.values[0]: pytest.approx(row.share) for row in counts.rows} == fare.fill


@pytest.mark.parametrize(
    "body",
    ["", " ", "یک", "یک دو\nسه", "یک  دو", "یک\u00a0دو", "\u00a0یک \u00a0 دو", "می\u200cرود خانه", "یک \n دو", "a\tb"],
)
def test_words_are_what_stands_between_blanks(body: str) -> None:
    assert words(body.encode()) == len(body.split())


def test_the_median_is_that_of_all_numbers() -> None:
    chance = random.Random(3)
    for _ in range(200):
        numbers = chance.choices(range(6), k=chance.randrange(1, 9))
        assert count_keys._median(Counter(numbers)) == median(numbers), numbers


def test_days_and_publishers_are_read_from_the_index_alone(path: Path) -> None:
    for by in (("day",), ("month", "publisher"), ("publisher", "year")):
        for span in (DateRange(), parse_date_range("1401", "1401")):
            said: list[str] = []
            with Archive(path) as opened:
                sqlite_of(opened).set_trace_callback(said.append)
                count_articles(opened, by, span=span)
                sqlite_of(opened).set_trace_callback(None)
                plans = [
                    " ".join(row[3] for row in opened.db.execute(f"EXPLAIN QUERY PLAN {statement}"))
                    for statement in said
                ]
            assert len(plans) >= 7  # the publishers, and of each the dated and the undated
            assert all("USING COVERING INDEX" in plan and "TEMP B-TREE" not in plan for plan in plans)
            assert sum("articles_by_day" in plan for plan in plans) >= 6


def test_a_crawl_can_fold_its_log_while_counts_are_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article_counts, "PAGE_ROWS", 20)
    folded_in = []
    with closing(sqlite3.connect(path, isolation_level=None)) as writer, Archive(path) as opened:
        writer.execute("PRAGMA busy_timeout = 0")

        def add(self: Any, found: Any, real: Any = article_counts._Tally.add) -> None:
            writer.execute("UPDATE runs SET counts = counts")
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("CREATE TABLE IF NOT EXISTS x (a)")
            writer.execute("DROP TABLE x")
            writer.execute("COMMIT")
            folded_in.append(writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
            real(self, found)

        monkeypatch.setattr(article_counts._Tally, "add", add)
        count_articles(opened, ("tag",))
    assert len(folded_in) > 5
    assert set(folded_in) == {(0, 0, 0)}


def test_memory_is_that_of_the_answer(tmp_path: Path) -> None:
    """2,000 articles of 9 KB, of one day, are counted in little more memory than 20."""
    peaks = {}
    for count in (20, 2_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        one = article("1")
        date_of(one, "1401-02-01T10:00:00")
        one.body = "واژه " * 1000
        with Archive(folder / "archive.db", readonly=False) as opened:
            opened.db.execute("CREATE TEMP TABLE one AS SELECT * FROM articles")
            places = ", ".join("?" * len(FIELD_NAMES))
            opened.db.execute(f"INSERT INTO one VALUES ({places})", to_row(one))  # noqa: S608  # names of the schema
            names = ", ".join("n.id" if name == "article_id" else name for name in FIELD_NAMES)
            opened.db.execute(
                f"""INSERT INTO articles WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT {count})
                    SELECT {names} FROM one, n"""  # noqa: S608  # as above
            )
        with start("stats", "--by", "day", "--by", "length", cwd=folder, stdout=-1, stderr=-1) as process:
            said, _ = process.communicate()
        assert f"{count:,} articles" in said
        peaks[count] = process.peak
    assert peaks[2_000] - peaks[20] < 6 << 20


def test_what_cannot_be_counted_by_is_said(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for by in ((), ("word",), ("day", "day"), ("day", "tag", "section"), ("fill", "day")):
        with pytest.raises(BadArgumentError, match="by="):
            count_articles(archive, by)
    monkeypatch.setattr(article_counts, "MAX_ROWS", 20)
    assert count_articles(archive, ("year",)).rows
    with pytest.raises(BadArgumentError, match="more than 20 rows"):
        count_articles(archive, ("day", "publisher"))
    with pytest.raises(BadArgumentError, match="more than 20 rows"):
        count_articles(archive, ("publisher", "day"))


@pytest.mark.parametrize(
    ("column", "value", "by"),
    [
        ("tags", "[", "tag"), ("tags", "{}", "tag"), ("authors", "[1]", "author"), ("tags", b"\xff", "tag"),
        ("section", b"x", "section"), ("published_jalali", "SH 1401/13/01", "day"), ("published_jalali", b"x", "year"),
        ("published_jalali", "دیروز", "month"), ("body", b"x", "length"),
    ],
)  # fmt: skip
def test_a_damaged_value_is_a_sentence(column: str, value: object, by: str, tmp_path: Path) -> None:
    path = store(tmp_path / "archive.db", [article("1")])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TRIGGER keep_revision")
        db.execute(f"UPDATE articles SET {column} = ?", (value,))  # noqa: S608  # a name of the schema
    with Archive(path) as opened, pytest.raises(DamagedArchiveError, match=r"damaged .*farscrawler check"):
        count_articles(opened, (by,))
