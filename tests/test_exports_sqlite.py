"""Exports into SQLite: the newest revision of each article, and no database of anybody else ever spoilt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.exports import ExportLog, open_export, write_rows
from farscrawler.errors import ExportError
from farscrawler.exporters.sqlitefile import SqliteFile
from farscrawler.items import Article
from tests.support.records import AT, follow, store

if TYPE_CHECKING:
    from pathlib import Path


def test_an_sqlite_export_holds_the_newest_revision_of_each(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    file = SqliteFile(path, ExportLog(archive, str(path), "farsonline"), at=AT)
    file.open(overwrite=False)
    store(archive, "1", "2")
    file.close()
    again = SqliteFile(path, ExportLog(archive, str(path), "farsonline"), at=AT)
    again.open(overwrite=False)
    follow(archive, again)
    store(archive, "1", headline="دیگر")
    again.close()
    db = sqlite3.connect(path)
    rows = db.execute("SELECT article_id, headline, revision FROM articles ORDER BY 1").fetchall()
    db.close()
    assert rows == [("1", "دیگر 1", 2), ("2", "تیتر 2", 1)]


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_sqlite_export_never_replaces_an_archive(archive: Archive, tmp_path: Path, overwrite: bool) -> None:
    other = tmp_path / "other.db"
    Archive(other, readonly=False).close()
    before = other.read_bytes()
    with pytest.raises(ExportError, match="is an archive"):
        SqliteFile(other, ExportLog(archive, str(other), "farsonline"), at=AT).open(overwrite=overwrite)
    assert other.read_bytes() == before


def test_sqlite_of_another_program_is_no_export(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE articles (x)")
    db.commit()
    db.close()
    with pytest.raises(ExportError, match="untouched"):
        SqliteFile(path, ExportLog(archive, str(path), "farsonline"), at=AT).open(overwrite=False)


@pytest.mark.parametrize("change", ["emptied", "replaced"])
def test_an_sqlite_export_that_is_not_the_one_we_wrote_is_refused(
    archive: Archive, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "x.db"
    file = SqliteFile(path, ExportLog(archive, str(path), "farsonline"), at=AT)
    file.open(overwrite=False)
    follow(archive, file)
    store(archive, "1")
    file.close()
    if change == "emptied":
        path.write_bytes(b"")
    else:
        with Archive(tmp_path / "other.db", readonly=False) as other:
            theirs = SqliteFile(path, ExportLog(other, str(path), "farsonline"), at=AT)
            theirs.open(overwrite=True)
            theirs.close()
    with pytest.raises(ExportError, match="not the file"):
        SqliteFile(path, ExportLog(archive, str(path), "farsonline"), at=AT).open(overwrite=False)
    anew = SqliteFile(path, ExportLog(archive, str(path), "farsonline"), at=AT)
    anew.open(overwrite=True)
    anew.write(anew.log.missing_of(anew.export, ["1"]))
    anew.close()
    db = sqlite3.connect(path)
    assert db.execute("SELECT article_id FROM articles").fetchall() == [("1",)]
    db.close()


def _revised(revision: int) -> Article:
    return Article(
        publisher="farsonline", article_id="1", url="http://x/1", headline=f"تیتر {revision}", body="متن",
        fetched_at=AT, content_hash=f"1 {revision}", revision=revision,
    )  # fmt: skip


def test_an_older_revision_never_replaces_a_newer_one_in_an_sqlite_export(tmp_path: Path) -> None:
    db = open_export(tmp_path / "x.db")
    with closing(db):
        for revision in (2, 1, 3, 2):
            write_rows(db, [_revised(revision)])
        assert db.execute("SELECT revision, headline FROM articles").fetchall() == [(3, "تیتر 3")]
