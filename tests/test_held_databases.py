"""A database that this process has open keeps its locks whatever else is done with the file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.counts.sizes import bytes_of_page
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.archive.places import is_archive, is_database, refusal
from farscrawler.errors import NotAnArchiveError
from farscrawler.files import NotAFileError, is_held, open_file
from tests.support.records import article, visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Another process that opens a database, writes nothing and closes it: the last one that does removes the log.
_COME_AND_GO = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("SELECT 1 FROM sqlite_master").fetchone()
db.close()
"""


def come_and_go(path: Path) -> None:
    subprocess.run([sys.executable, "-c", _COME_AND_GO, str(path)], check=True)


def _open_again(path: Path) -> None:
    Archive(path).close()


def _write_again(path: Path) -> None:
    Archive(path, readonly=False).close()


def _refuse(path: Path) -> None:
    assert refusal(path, path.with_name("other.db")) == "is an archive and was left untouched"


def _look(path: Path) -> None:
    assert is_archive(path)
    assert is_database(path)


def _read(path: Path) -> None:
    with pytest.raises(NotAFileError, match="open as a database"):
        open_file(path)


def _sizes(path: Path) -> None:
    assert bytes_of_page(path, "farsonline") is None


@pytest.mark.parametrize("look", [_open_again, _write_again, _refuse, _look, _read])
def test_the_log_stays_when_another_process_closes_the_archive(tmp_path: Path, look: Callable[[Path], None]) -> None:
    path = tmp_path / "archive.db"
    with Archive(path, readonly=False) as archive:
        archive.save(visit("1"), article("1"))
        archive.flush()
        assert is_held(path)
        look(path)
        come_and_go(path)
        archive.save(visit("2"), article("2"))
        archive.flush()  # the guard refuses a commit into a log that was taken away
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT count(*) FROM articles").fetchone() == (2,)
    assert not is_held(path)


def test_the_log_of_kept_pages_stays_when_their_sizes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive(path, readonly=False) as archive, KeptPages(path_of(path), readonly=False) as pages:
        archive.save(visit("1"), article("1"))
        archive.flush()
        pages.guard.check(archive.db)
        _sizes(path)
        come_and_go(path_of(path))
        pages.guard.check(archive.db)


def test_a_file_that_is_closed_is_a_file_like_others(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Archive(path, readonly=False).close()
    with open_file(path) as file:
        assert file.read(6) == b"SQLite"
    path.write_text("words", encoding="utf-8")
    with pytest.raises(NotAnArchiveError, match="not an SQLite file"):
        Archive(path)
