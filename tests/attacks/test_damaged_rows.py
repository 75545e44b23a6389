"""What damage leaves in single rows and names of an archive is a sentence, found by the fuzz and pinned here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.kept.pages import DamagedPage, KeptPages, path_of
from tests.support import run
from tests.support.kept import keep, page, read_all, template
from tests.support.records import article, visit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    with Archive(path, readonly=False) as archive:
        archive.save(visit("1"), article("1"))
        archive.flush()
    return path


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(statement, values)


@pytest.mark.parametrize("value", ["", "{", "1", "null", '{"a": 1}', "[" * 5_000, b"\xff", 7])
def test_a_list_that_is_none_is_said(stored: Path, value: object) -> None:
    change(stored, "UPDATE articles SET tags = ?, published_jalali = 'SH 1401/02/28 10:00'", value)
    with Archive(stored) as archive:
        for read in (
            lambda: list(archive.newest(1)),
            lambda: list(archive.articles()),
            lambda: list(archive.articles(since="1300")),
            lambda: archive.article("farsonline", "1"),
            lambda: archive.revisions("farsonline", "1"),
        ):
            with pytest.raises(ArchiveError, match=r"archive.db: the article farsonline 1 is damaged \(tags is"):
                read()


def test_a_command_says_it_too(stored: Path) -> None:
    change(stored, "UPDATE articles SET headline = ?", b"\xff\xfe")
    for words in (["show"], ["revisions", "farsonline", "1"]):
        done = run(*words, cwd=stored.parent)
        assert done.returncode != 0
        assert "archive.db: the article farsonline 1 is damaged (headline is no text)" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("value", ["a text", 5, 1.5])
@pytest.mark.parametrize("column", ["pages SET body", "dictionaries SET content"])
def test_a_kept_page_that_is_no_bytes_is_damaged(stored: Path, column: str, value: object) -> None:
    with KeptPages(path_of(stored), readonly=False) as pages:
        for number in range(40):
            keep(pages, page(str(number), template(number)))
    change(path_of(stored), f"UPDATE {column} = ?", value)
    with KeptPages(path_of(stored)) as pages:
        assert any(isinstance(one, DamagedPage) for one in read_all(pages))


def test_a_table_whose_name_is_no_text_is_damage(stored: Path) -> None:
    data = stored.read_bytes()
    stored.write_bytes(data.replace(b"CREATE TABLE articles", b"CREATE TABLE art\x81cles"))
    with pytest.raises(ArchiveError, match=r"the archive is damaged \(malformed database schema"):
        Archive(stored)
