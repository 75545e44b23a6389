"""Which articles a selection reads and in which order, what a damaged row costs, and what a VACUUM changes."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.article_rows import RowCheck, to_row
from farscrawler.archive.reading.selection import Selected, Selection, stored_publishers, undated
from farscrawler.days import parse_date_range
from farscrawler.items import FIELD_NAMES
from tests.support.archives import file_of, sqlite_of
from tests.support.counted import made, store
from tests.support.records import article, visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from farscrawler.items import Article

KEY = ("publisher", "article_id", "revision")


def selected(
    archive: Archive, columns: Sequence[str] = KEY, damaged: list[str] | None = None, **conditions: Any
) -> list[tuple[Any, ...]]:
    """Return the values of the rows of a selection."""
    told = damaged if damaged is not None else []
    rows = Selected(
        archive.db, archive.path, Selection(**conditions), RowCheck(columns),
        damaged=lambda name, what: told.append(f"{name}: {what}"), columns=columns,
    )  # fmt: skip
    count = rows.count()
    pages = list(rows.pages())
    assert sum(read for _, read in pages) == count
    assert damaged is not None or not told
    return [row for page, _ in pages for row in page]


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return made(1_100, seed=5)


@pytest.fixture(scope="module")
def path(articles: list[Article], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("selected") / "archive.db", articles)


def test_rows_come_in_the_order_of_storing_with_the_values_of_a_crawl(path: Path, articles: list[Article]) -> None:
    with Archive(path) as archive:
        assert selected(archive, FIELD_NAMES) == [to_row(one) for one in articles]
        some = ("headline", "tags", "published_at")
        wanted = [to_row(one, some) for one in articles if one.publisher in ("irna", "isna")]
        assert selected(archive, some, publishers=("isna", "irna")) == wanted
        assert selected(archive, publishers=("nobody",)) == []
        assert stored_publishers(archive.db, archive.path) == ["farsonline", "irna", "isna"]


def test_a_range_and_a_section_choose_what_the_library_chooses(path: Path) -> None:
    with Archive(path) as archive:
        span = parse_date_range("1400-12-10", "1401-01-05")
        rows = selected(archive, span=span, section="سیاسی")
        found = [
            (one.publisher, one.article_id, one.revision)
            for one in archive.articles(since="1400-12-10", until="1401-01-05", section="سياسي")
        ]
        assert rows == found
        assert len(found) > 50
        none = sum(one.published_jalali is None for one in archive.articles("irna"))
        assert undated(archive.db, archive.path, ("irna",)) == none > 0


def test_all_revisions_come_in_the_order_of_storing(archive: Archive) -> None:
    chance = random.Random(2)
    stored = []
    for number in range(1_200):
        key = str(chance.randrange(300))
        archive.save(visit(key), article(key, content_hash=str(number)))
        stored.append(key)
    archive.flush()
    rows = selected(archive, ("article_id", "content_hash"), all_revisions=True)
    assert rows == [(key, str(number)) for number, key in enumerate(stored)]
    newest = {key: str(number) for number, key in enumerate(stored)}
    assert dict(selected(archive, ("article_id", "content_hash"))) == newest
    archive.db.execute("UPDATE articles SET published_jalali = 'SH 1401/02/28' WHERE article_id = ?", (stored[0],))
    span = parse_date_range("1401", None)
    assert [key for key, _ in selected(archive, ("article_id", "url"), all_revisions=True, span=span)] == [stored[0]]


def test_articles_among_some_are_chosen_in_the_order_of_the_selection(archive: Archive) -> None:
    for number in range(900):
        for content in ("a", "b"):
            archive.save(visit(str(number)), article(str(number), content_hash=content))
    archive.flush()
    wanted = [("farsonline", str(number)) for number in (700, 3, 5, 899)] + [("irna", "4"), ("farsonline", "none")]
    for revisions, found in (
        (False, ["3", "5", "700", "899"]),
        (True, ["3", "3", "5", "5", "700", "700", "899", "899"]),
    ):
        rows = Selected(
            archive.db, archive.path, Selection(all_revisions=revisions), RowCheck(("article_id",)),
            damaged=lambda *_: None, columns=("article_id",), among=iter(wanted),
        )  # fmt: skip
        assert rows.count() == len(found)
        assert [row[0] for page, _ in rows.pages() for row in page] == found


def damage(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TRIGGER keep_revision")
        db.execute(statement, values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("headline = CAST(x'ff61' AS TEXT)", "farsonline 600: it holds bytes that are no text"),
        ("headline = x'61'", "farsonline 600: headline is no text"),
        ("revision = 'one'", "farsonline 600: revision is no number"),
        ("tags = '{}'", "farsonline 600: tags is no list"),
        ("tags = '[\"\\ud800\"]'", "farsonline 600: tags holds half a character"),
    ],
)
def test_a_damaged_row_costs_itself_alone_and_is_named(tmp_path: Path, change: str, said: str) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(1_100):
            archive.save(visit(str(number)), article(str(number)))
    damage(file_of(archive), f"UPDATE articles SET {change} WHERE article_id = '600'")  # noqa: S608  # ours
    told: list[str] = []
    with Archive(archive.path) as archive:
        rows = selected(archive, ("article_id", "headline", "tags", "revision"), told)
        assert told == [said]
        assert [row[0] for row in rows] == [str(number) for number in range(1_100) if number != 600]
        left_out: list[str] = []
        found = [one.article_id for one in archive.articles(damaged=lambda name, _: left_out.append(name))]
    assert (len(found), left_out) == ((1_099, ["farsonline 600"]) if "half" not in said else (1_100, []))


def test_a_damaged_page_of_the_file_costs_its_rows_alone(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(300):
            one = article(str(number))
            one.body = f"{number} " * 500
            archive.save(visit(str(number)), one)
    place = file_of(archive).read_bytes().index(b"150 150 150 150")
    with file_of(archive).open("r+b") as file:
        file.seek(place - place % 8192)
        file.write(b"\xff" * 100)
    told: list[str] = []
    with Archive(archive.path) as archive:
        rows = selected(archive, damaged=told)
    assert 1 <= len(told) <= 6
    assert all(one.startswith("row ") for one in told)
    assert len(rows) + len(told) == 300


def test_lists_of_another_hand_are_written_as_ours(archive: Archive) -> None:
    archive.save(visit("1"), article("1"))
    archive.flush()
    archive.db.execute('UPDATE articles SET tags = \'[\n "\\u06a9","a"]\', images = \'[{"url":"u","caption":null}]\'')
    assert selected(archive, ("tags", "images")) == [('["ک", "a"]', '[{"url": "u", "caption": null}]')]


def test_large_bodies_are_read_a_few_at_a_time(archive: Archive) -> None:
    for number in range(60):
        one = article(str(number), content_hash=str(number))
        one.body = "ن" * 400_000 if number < 40 else "ن"
        archive.save(visit(str(number)), one)
    archive.flush()
    rows = Selected(archive.db, archive.path, Selection(), RowCheck(), damaged=lambda *_: None)
    rows.count()
    rows._size = 10
    sizes = [len(page) for page, _ in rows.pages()]
    assert sizes[:9] == [10, 4, 4, 4, 4, 4, 4, 4, 4]
    assert sum(sizes) == 60


@pytest.mark.parametrize("moved", [False, True])
def test_a_rewriting_of_the_file_is_noticed_where_it_moves_rows(tmp_path: Path, moved: bool) -> None:
    """SQLite allows VACUUM to give rows other numbers; that of today keeps them, so they are moved by hand."""
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(1_200):
            archive.save(visit(str(number)), article(str(number)))
    with Archive(archive.path) as archive:
        pages = Selected(archive.db, archive.path, Selection(), RowCheck(), damaged=lambda *_: None).pages()
        seen = [row[1] for row in next(pages)[0]]
        with closing(sqlite3.connect(file_of(archive), isolation_level=None)) as db:
            if moved:
                db.execute("DELETE FROM articles WHERE article_id = '300'")
                db.execute("UPDATE articles SET rowid = rowid - 1 WHERE rowid > 301")
            db.execute("VACUUM")
        if moved:
            with pytest.raises(ArchiveError, match="was rewritten"):
                list(pages)
        else:
            seen += [row[1] for page, _ in pages for row in page]
            assert seen == [str(number) for number in range(1_200)]


def test_what_is_stored_or_removed_meanwhile_disturbs_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as writer:
        for number in range(1_200):
            writer.save(visit(str(number)), article(str(number)))
        writer.flush()
        with Archive(writer.path) as archive:
            rows = Selected(archive.db, archive.path, Selection(), RowCheck(), damaged=lambda *_: None)
            pages = rows.pages()
            seen = [row[1] for row in next(pages)[0]]
            writer.save(visit("new"), article("new"))
            writer.save(visit("900"), article("900", headline="نو", content_hash="b"))
            writer.flush()
            writer.db.execute("DELETE FROM articles WHERE article_id = '1000'")
            rest = {row[1]: row for page, _ in pages for row in page}
    assert seen + list(rest) == [str(number) for number in range(1_200) if number != 1_000]
    assert rows.missing == 1
    assert rest["900"][FIELD_NAMES.index("headline")] == "نو"


def test_listing_reads_indexes_alone(path: Path) -> None:
    seen: list[str] = []
    with Archive(path) as archive:
        sqlite_of(archive).set_trace_callback(seen.append)
        for conditions in ({}, {"publishers": ("irna",)}, {"span": parse_date_range("1401", None)}):
            Selected(
                archive.db, archive.path, Selection(**conditions), RowCheck(), damaged=lambda *_: None
            ).count()  # fmt: skip
        sqlite_of(archive).set_trace_callback(None)
        lists = [statement for statement in seen if statement.startswith("SELECT rowid")]
        plans = [row[3] for one in lists for row in archive.db.execute(f"EXPLAIN QUERY PLAN {one}")]
    assert len(lists) == 5
    assert all("COVERING INDEX" in plan or "ORDER BY" in plan for plan in plans), plans
