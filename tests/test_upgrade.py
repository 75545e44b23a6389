"""An archive of an older farscrawler, whose articles have other fields: read as it is, and brought up to date whole."""

from __future__ import annotations

import gzip
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from farscrawler.archive import Archive, schema
from farscrawler.archive.audit.checks import check
from farscrawler.archive.counts.articles import count_articles
from farscrawler.days import plain_jalali
from farscrawler.extract.article import content_hash
from farscrawler.items import FIELD_NAMES
from tests.support import run
from tests.support.archives import sqlite_of
from tests.support.killing import kill_at_barrier

PACKED = Path(__file__).parent / "data" / "0.2.0" / "archive.db.gz"
OLD = schema.FIELDS_1
KEPT = [name for name in OLD if name != "published_jalali"]
TABLES = ("articles", "revisions")


def unpack(folder: Path, version: int) -> Path:
    """Return an archive of 0.2.0, in schema 2 or 3: 27 articles and two superseded revisions."""
    path = folder / "archive.db"
    path.write_bytes(gzip.decompress(PACKED.read_bytes()))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        schema.migrate(db, upto=version)
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return unpack(tmp_path, 3)


@pytest.fixture(params=[2, 3])
def any_old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return unpack(tmp_path, request.param)


def rows(path: Path, names: list[str] | tuple[str, ...] = KEPT) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        found = ", ".join(names)
        return {
            table: db.execute(f"SELECT rowid, {found} FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
            for table in (*TABLES,)
        } | {"changes": db.execute("SELECT * FROM changes").fetchall()}


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def test_every_article_stays_what_it_was_and_none_is_revised(any_old: Path) -> None:
    before, jalali = rows(any_old), rows(any_old, ["published_jalali"])
    with Archive(any_old, readonly=False) as archive:
        assert archive.db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        for table in TABLES:
            columns = [row[1] for row in archive.db.execute(f"PRAGMA table_info({table})")]
            assert columns == list(FIELD_NAMES)
        assert check(archive) == []
        articles = [*archive.articles(), *archive.revisions("farsonline", "1000")]
        assert all(content_hash(one) == one.content_hash for one in articles)
    assert rows(any_old) == before
    assert len(before["revisions"]) == 2
    for table in TABLES:
        now = rows(any_old, ["published_jalali", "published_at", "published_date", "published_jalali_date"])[table]
        for (_, stored, at, date, day), (_, former) in zip(now, jalali[table], strict=True):
            assert plain_jalali(stored) == former != stored
            assert stored.startswith(day)
            assert date == at[:10]


def test_what_reads_says_the_same_before_and_after(any_old: Path) -> None:
    def read() -> list[Any]:
        with Archive(any_old) as archive:
            return [
                list(archive.articles()),
                list(archive.articles(since="1401-02-01", until="1403-01-15")),
                list(archive.articles("ensafnews", since="1403")),
                list(archive.newest(5)),
                archive.revisions("farsonline", "1000"),
                count_articles(archive, ("day",)).rows,
                count_articles(archive, ("month", "fill"), calendar="gregorian").rows,
                check(archive),
            ]

    def said() -> list[str]:
        words = (
            ["show"], ["show", "-n", "3", "ensafnews"], ["revisions", "farsonline", "1000"], ["check"],
            ["stats", "--by", "day", "--json"], ["coverage", "ensafnews", "--json"],
        )  # fmt: skip
        done = [run(*one, cwd=any_old.parent) for one in words]
        assert [one.returncode for one in done] == [0] * len(words), done
        return [re.sub(r'"made_at": .*', "", one.stdout) for one in done]

    untouched = any_old.read_bytes()
    before = [read(), said()]
    assert any_old.read_bytes() == untouched
    assert len(before[0][0]) == 27
    assert len(before[0][1]) > 5
    assert before[0][-1] == []
    Archive(any_old, readonly=False).close()
    assert [read(), said()] == before


def test_what_others_have_added_to_the_archive_stays(old: Path) -> None:
    execute(
        old,
        "ALTER TABLE articles ADD COLUMN note TEXT COLLATE NOCASE DEFAULT 'n'",
        "ALTER TABLE articles ADD COLUMN words INTEGER GENERATED ALWAYS AS (length(body)) VIRTUAL",
        "UPDATE articles SET note = 'مهم' WHERE article_id = '1000'",
        "CREATE INDEX by_note ON articles (note)",
        "CREATE TABLE log (id TEXT)",
        "CREATE TRIGGER noted AFTER UPDATE ON articles BEGIN INSERT INTO log VALUES (new.article_id); END",
        "CREATE VIEW headlines AS SELECT headline, words FROM articles",
        "CREATE VIEW broken AS SELECT * FROM gone",
    )
    with closing(sqlite3.connect(old)) as db:
        before = db.execute("SELECT rowid, note, words FROM articles ORDER BY rowid").fetchall()
    with Archive(old, readonly=False) as archive:
        db = sqlite_of(archive)
        assert db.execute("SELECT rowid, note, words FROM articles ORDER BY rowid").fetchall() == before
        assert db.execute("SELECT count(*) FROM log").fetchone() == (0,)  # no row counts as changed
        assert db.execute("SELECT count(*) FROM headlines").fetchone() == (27,)
        db.execute("UPDATE articles SET note = note WHERE article_id = '1000'")
        assert db.execute("SELECT * FROM log").fetchall() == [("1000",)]
        plan = db.execute("EXPLAIN QUERY PLAN SELECT 1 FROM articles WHERE note = 'x' COLLATE NOCASE").fetchone()
        assert "by_note" in plan[3]
        assert check(archive) == []


@pytest.mark.parametrize(
    "value", ["'1401-13-45'", "'دیروز'", "x'ff'", "CAST(x'ff' AS TEXT)", "''", "'1401-02-28 10:00'", "7"]
)
def test_a_damaged_value_stays_as_it_is_and_is_named_as_before(old: Path, value: str) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute("DROP TRIGGER keep_revision")
        db.execute(f"UPDATE articles SET published_jalali = {value} WHERE article_id = '1000'")  # noqa: S608
    read = "SELECT CAST(published_jalali AS BLOB), typeof(published_jalali) FROM articles WHERE article_id = '1000'"
    with closing(sqlite3.connect(old)) as db:
        before = db.execute(read).fetchone()
    assert run("check", "--repair", cwd=old.parent).returncode == 1  # marked, and to be fetched again
    with closing(sqlite3.connect(old)) as db:
        assert db.execute(read).fetchone() == before
        days = db.execute("SELECT published_date, published_jalali_date FROM articles WHERE article_id = '1000'")
        assert days.fetchone() == (None, None)
        assert db.execute("SELECT reason FROM visits WHERE key = '1000'").fetchone() == ("damaged in the archive",)


def test_days_that_do_not_follow_from_the_moment_are_damage(old: Path) -> None:
    Archive(old, readonly=False).close()
    execute(old, "DROP TRIGGER keep_revision", "UPDATE articles SET published_date = '2022-01-01' WHERE rowid = 1")
    with Archive(old) as archive:
        assert any("its days are not that of published_jalali" in one.what for one in check(archive))


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        (["DROP TABLE revisions"], "2 stored revisions that are neither"),
        (["DROP INDEX articles_by_day", "DROP TRIGGER keep_revision"], ""),
        (["DROP TRIGGER keep_revision", "ALTER TABLE articles DROP COLUMN subtitle"], ""),
    ],
)
def test_what_was_dropped_is_made_again(old: Path, dropped: list[str], said: str) -> None:
    execute(old, *dropped)
    with Archive(old, readonly=False) as archive:
        found = [f"{one.count} {one.what}" for one in check(archive)]
    assert len(found) == bool(said)
    assert all(one.startswith(said) for one in found)


@pytest.mark.parametrize(
    ("place", "call"), [("_of_version_1", 1), ("_of_version_1", 61), ("_move", 2), ("_of_version_1", 85)]
)
def test_killed_at_any_time_it_is_whole_in_one_version_or_the_other(old: Path, place: str, call: int) -> None:
    with closing(sqlite3.connect(old)) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
    before = rows(old, OLD)
    words = ("check", "--repair")
    assert kill_at_barrier(*words, cwd=old.parent, place=f"farscrawler.archive.rewrite:{place}", call=call)
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA user_version").fetchone()[0] == max(version, 3)
    assert rows(old, OLD) == before
    done = run(*words, cwd=old.parent)
    assert done.returncode == 0, done.stderr
    assert "bringing the archive up to date for this version, about 27 articles" in done.stderr
    now, names = rows(old), ["rowid", *OLD]
    for table in TABLES:
        assert now[table] == [tuple(row[names.index(name)] for name in ("rowid", *KEPT)) for row in before[table]]


def test_a_reader_sees_the_same_while_another_process_brings_it_up_to_date(old: Path) -> None:
    with Archive(old) as reader:
        before = list(reader.articles(since="1300"))
        Archive(old, readonly=False).close()
        assert list(reader.articles(since="1300")) == before
