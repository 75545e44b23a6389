"""The search index agrees with the articles: after each change by any program, kills, other versions and damage."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, derived
from farscrawler.archive.audit.checks import check
from farscrawler.archive.audit.repair import repair
from farscrawler.archive.search.index import SEARCH
from farscrawler.archive.sqlite.damage import is_of_full_text
from farscrawler.archive.sqlite.kinds import ARCHIVE
from farscrawler.items import FIELD_NAMES
from tests.support import start_python
from tests.support.killing import kill_after
from tests.support.searched import archive_of, found, is_true, news, save

if TYPE_CHECKING:
    from pathlib import Path

_BODIES = ("كتاب‌هاي ﷼ تازه", "آب می‌شود \U0001d400 ²", "نه این و نه آن", "中文 کتاب", "مَسئول é")


def indexed(path: Path, count: int = 6) -> Path:
    """Return an archive of so many articles with its index."""
    archive_of(path, [news(str(n), f"{_BODIES[n % len(_BODIES)]} شماره{n}") for n in range(count)])
    with Archive(path, readonly=False) as archive:
        archive.prepare_search()
    return path


def test_what_a_crawl_stores_is_found(tmp_path: Path) -> None:
    path = indexed(tmp_path / "archive.db")
    with Archive(path, readonly=False) as archive:
        save(archive, news("7", "تازه‌ترین خبر"), news("8", "خبر", day=None), news("0", "اکنون دیگر", day="2023-01-01"))
        save(archive, news("7", "تازه‌ترین خبر"))  # unchanged
        assert found(archive, "خبر") == ["7", "8"]
        assert found(archive, "اکنون OR خبر") == ["0", "7", "8"]
        assert found(archive, "شماره0") == []
        assert found(archive, "شماره1") == ["1"]
        assert check(archive) == []
    assert is_true(path)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM articles WHERE article_id = '1'",
        "UPDATE articles SET body = 'دیگر كتابها', published_at = NULL, published_date = NULL WHERE article_id < '3'",
        "UPDATE articles SET article_id = 'x' || article_id, publisher = 'isna'",
        "UPDATE articles SET body = x'd9fe00', headline = 7 WHERE article_id = '2'",
        "UPDATE articles SET published_at = 'never', published_date = '1-2-3' WHERE article_id = '2'",
        "UPDATE articles SET body = 'a' || char(0) || 'ك' WHERE article_id = '2'",
        "INSERT INTO articles SELECT 'tasnim', {columns} FROM articles",
        "DELETE FROM articles",
        "VACUUM",
        "INSERT INTO search_index (search_index) VALUES ('rebuild')",
    ],
)
def test_any_program_keeps_the_index(tmp_path: Path, statement: str) -> None:
    path = indexed(tmp_path / "archive.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement.format(columns=", ".join(FIELD_NAMES[1:])))
    assert is_true(path)
    with Archive(path, readonly=False) as archive:
        archive.db.execute("DELETE FROM articles")
    assert is_true(path)


def test_a_row_that_is_replaced_unseen_makes_the_index_anew(tmp_path: Path) -> None:
    path = indexed(tmp_path / "archive.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TEMP TABLE one AS SELECT * FROM articles WHERE article_id = '1'")
        db.execute("UPDATE one SET body = 'دیگر'")
        db.execute("INSERT OR REPLACE INTO articles SELECT * FROM one")
    with Archive(path, readonly=False) as archive:
        assert derived.state(archive.db, SEARCH) == "another version"
        assert found(archive, "دیگر") == ["1"]
        assert found(archive, "شماره1") == []
    assert is_true(path)


def test_rows_of_other_programs_are_indexed_as_sql_sees_them(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "archive.db", [news(str(n), "كتاب") for n in range(4)])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE articles SET body = CAST(x'd9fe00d983' AS TEXT), headline = 7 WHERE article_id = '1'")
        db.execute("UPDATE articles SET body = 'ك' || char(0) || 'ك ﷼' WHERE article_id = '2'")
    with Archive(path, readonly=False) as archive:
        archive.prepare_search()
    assert is_true(path)


def test_another_version_is_made_anew_and_keeps_itself_until_then(tmp_path: Path) -> None:
    path = indexed(tmp_path / "archive.db")
    with Archive(path, readonly=False) as archive:
        archive.db.execute("UPDATE derived SET version = '0, fold 0'")
        archive.db.execute("DELETE FROM search_letters WHERE letter = 'ك'")  # what it folded
        archive.db.execute("INSERT INTO search_index (search_index) VALUES ('rebuild')")
        save(archive, news("9", "كتاب"))
        assert check(archive) == []
    assert is_true(path)
    with Archive(path, readonly=False) as archive:
        assert "9" in found(archive, "کتاب")
        assert derived.state(archive.db, SEARCH) == "complete"
    assert is_true(path)


def test_the_index_goes_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    archive_of(path, [news("1", "آب")])
    objects = (
        "SELECT name, sql FROM sqlite_master WHERE name <> 'derived' AND name NOT LIKE 'sqlite_autoindex_derived%'"
    )
    with Archive(path, readonly=False) as archive:
        archive.db.execute("CREATE TABLE search_mine (a)")
        before = archive.db.execute(objects).fetchall()
        archive.prepare_search()
        assert archive.drop_search()
        assert archive.db.execute(objects).fetchall() == before
        assert not archive.drop_search()
        save(archive, news("2", "آب"))
        assert found(archive, "آب") == ["2", "1"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TRIGGER search_delete", "a table, view or trigger"),
        ("DROP VIEW search_text", "a table, view or trigger"),
        ("DROP TABLE search_index", "a table, view or trigger"),
        ("DELETE FROM search_documents WHERE article_id = '1'", "articles that it lacks (1)"),
        ("INSERT INTO search_documents VALUES (7, 'irna', 'none')", "articles that are not there any more (1)"),
        ("DELETE FROM search_index_docsize WHERE id = (SELECT max(doc) FROM search_documents)", "whose words it lacks"),
        ("UPDATE search_index_data SET block = x'0000' WHERE id > 10", "malformed"),
        ("UPDATE search_documents SET doc = doc + 1000000000 WHERE article_id = '1'", "whose words it lacks"),
    ],
)
def test_check_finds_what_is_wrong_and_repair_drops_it(tmp_path: Path, statement: str, said: str) -> None:
    path = indexed(tmp_path / "archive.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement.format(columns=", ".join(FIELD_NAMES[1:])))
    with Archive(path) as archive:
        problems = check(archive)
        assert any(said in one.what for one in problems), problems
        assert all(one.mendable and "farscrawler search makes it again" in one.advice for one in problems)
    with Archive(path, readonly=False) as archive:
        assert "the search index is dropped; farscrawler search makes it again" in repair(archive, ARCHIVE).done
        assert check(archive) == []
        assert found(archive, "شماره1") == ["1"]
    assert is_true(path)


def test_what_newer_versions_of_sqlite_say_of_an_index_is_no_damage_to_the_file() -> None:
    assert is_of_full_text("malformed inverted index for FTS5 table main.search_index")
    assert is_of_full_text("unable to validate the inverted index for FTS5 table main.search_index: database is locked")
    assert not is_of_full_text("row 3 missing from index articles_by_day")


_BUILDER = """
import sys
from pathlib import Path
from farscrawler.archive import Archive
from farscrawler.archive.search import index as search_index
search_index._BATCH = 7
with Archive(Path(sys.argv[1]), readonly=False) as archive:
    archive.db.set_trace_callback(lambda said: print("step", flush=True) if "INTO search_documents" in said else None)
    archive.prepare_search()
"""
_CRAWL = """
import sys
from pathlib import Path
from farscrawler.archive import Archive
from tests.support.searched import news, save
with Archive(Path(sys.argv[1]), readonly=False) as archive:
    count = archive.db.execute("SELECT count(*) FROM articles").fetchone()[0]
    for number in range(10_000):
        print("step", flush=True)
        keys = [str((count + number * 5 + n) % 400) for n in range(5)]
        save(archive, *(news(key, f"متن {number} كتاب‌ها", day=f"2022-05-1{key[-1]}") for key in keys))
"""


def test_killed_while_it_is_made_and_while_crawls_keep_it(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "archive.db", [news(str(n), _BODIES[n % 5]) for n in range(150)])
    dice = random.Random(5)
    for program, steps in ((_BUILDER, 60), (_CRAWL, 8), (_BUILDER, 60), (_CRAWL, 8)):
        kill_after(start_python(program, str(path), cwd=tmp_path, stdout=subprocess.PIPE), dice.randint(3, steps))
        with Archive(path) as archive:
            assert check(archive) == []
            there = derived.state(archive.db, SEARCH)
            assert there in ("incomplete", "complete")
    with Archive(path, readonly=False) as archive:
        archive.prepare_search()
        assert len(list(archive.matching("تیتر"))) == len(list(archive.articles()))
        assert check(archive) == []
    assert is_true(path)


def test_a_crawl_goes_on_while_the_index_is_made(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "archive.db", [news(str(n), "آب") for n in range(1200)])
    with Archive(path, readonly=False) as crawl, Archive(path, readonly=False) as archive:
        archive.prepare_search(lambda done, _: save(crawl, news(f"new{done}", "آب تازه"), news(str(done), "دیگر")))
        assert len(list(archive.matching("آب"))) == 1200 - 3 + 3
        assert len(list(archive.matching("تازه OR دیگر"))) == 6
    assert is_true(path)
