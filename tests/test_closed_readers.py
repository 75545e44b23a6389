"""The last program that closes an archive leaves nothing beside it, a reader too, and takes nothing from a writer."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.errors import ArchiveError
from tests.support.commands import run
from tests.support.records import article, visit

if TYPE_CHECKING:
    from pathlib import Path

#: A process that has an archive open as a writer or a reader, says so, and closes it when its input ends.
_HOLD = """
import sys
from farscrawler.archive import Archive
with Archive(sys.argv[1], readonly=sys.argv[2] == "read") as archive:
    archive.db.execute("SELECT count(*) FROM articles").fetchone()
    print("open", flush=True)
    sys.stdin.read()
"""


def stored(folder: Path, *ids: str) -> Path:
    """Make a closed archive of these articles, with a closed file of kept pages."""
    path = folder / "archive.db"
    with Archive(path, readonly=False) as archive, KeptPages(path_of(path), readonly=False):
        for one in ids:
            archive.save(visit(one), article(one))
    return path


def beside(path: Path) -> list[str]:
    """Return what SQLite has left beside the files of an archive."""
    return sorted(one.name for one in path.parent.iterdir() if one.name.endswith(("-wal", "-shm", "-journal")))


def holding(path: Path, how: str) -> subprocess.Popen[str]:
    """Start a process that holds an archive open until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["show", "farsonline", "1"],
        ["export"],
        ["stats", "--by", "month"],
        ["search", "سفالگری"],
        ["coverage", "farsonline"],
        ["revisions", "farsonline", "1"],
        ["publishers"],
        ["check"],
        ["copies"],
        ["copies", "--report"],
        ["crawl", "farsonline", "--ids", "1-1", "--dry-run", "--base-url", "http://127.0.0.1:9"],
    ],
    ids=" ".join,
)
def test_a_command_leaves_nothing_beside_the_archive(tmp_path: Path, words: list[str]) -> None:
    path = stored(tmp_path, "1")
    before = path.stat().st_mtime_ns, path.stat().st_size
    run(*words, cwd=tmp_path)
    assert beside(path) == []
    if words[0] not in {"search", "copies", "crawl"}:  # which write what they find, or the run
        assert (path.stat().st_mtime_ns, path.stat().st_size) == before


def test_a_reader_that_refuses_the_archive_leaves_nothing_either(tmp_path: Path) -> None:
    path = stored(tmp_path, "1")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(ArchiveError, match="older schema 1"):
        Archive(path)
    assert beside(path) == []


def test_the_last_of_two_readers_removes_the_log(tmp_path: Path) -> None:
    path = stored(tmp_path, "1")
    first, second = holding(path, "read"), holding(path, "read")
    end(first)
    assert beside(path) == ["archive.db-shm", "archive.db-wal"]
    end(second)
    assert beside(path) == []


def test_a_reader_removes_the_log_that_a_writer_could_not(tmp_path: Path) -> None:
    path = stored(tmp_path, "1")
    reader = Archive(path)
    with Archive(path, readonly=False) as archive:
        archive.save(visit("2"), article("2"))
    assert (tmp_path / "archive.db-wal").stat().st_size == 0
    reader.close()
    assert beside(path) == []
    with Archive(path) as archive:
        assert sorted(one.article_id for one in archive.articles()) == ["1", "2"]


def test_readers_that_end_take_no_log_from_an_idle_writer(tmp_path: Path) -> None:
    """In the writer's process, in another one, and while the writer has committed nothing yet."""
    path = stored(tmp_path, "1")
    with Archive(path, readonly=False) as archive:
        for number in range(2, 22):
            Archive(path).close()
            if number % 10 == 0:
                end(holding(path, "read"))
            assert beside(path) == ["archive.db-shm", "archive.db-wal"]
            archive.save(visit(str(number)), article(str(number)))
            archive.flush()  # the guard refuses a commit into a log that was taken away
            with closing(sqlite3.connect(path)) as other:
                assert other.execute("SELECT count(*) FROM articles").fetchone() == (number,)
    assert beside(path) == []


def test_a_log_of_another_process_that_writes_stays(tmp_path: Path) -> None:
    path = stored(tmp_path, "1")
    writer = holding(path, "write")
    log = (tmp_path / "archive.db-wal").stat()
    for _ in range(5):
        with Archive(path) as archive:
            assert [one.article_id for one in archive.articles()] == ["1"]
    assert (tmp_path / "archive.db-wal").stat().st_ino == log.st_ino
    end(writer)
    assert beside(path) == []


def test_the_log_of_a_killed_writer_is_read_and_left_to_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    path = stored(tmp_path, "1")
    with Archive(path, readonly=False) as archive:
        archive.save(visit("2"), article("2"))
        archive.flush()
        for name in ("archive.db", "archive.db-wal", "archive.db-shm"):  # as a kill leaves them
            shutil.copy(tmp_path / name, tmp_path / "other")
    left = tmp_path / "other" / "archive.db"
    was, log = left.read_bytes(), left.with_name("archive.db-wal").read_bytes()
    with Archive(left) as archive:
        assert sorted(one.article_id for one in archive.articles()) == ["1", "2"]
    assert (left.read_bytes(), left.with_name("archive.db-wal").read_bytes()) == (was, log)
    Archive(left, readonly=False).close()
    assert beside(left) == []


def test_an_archive_that_was_replaced_meanwhile_is_not_touched(tmp_path: Path) -> None:
    path = stored(tmp_path, "1")
    (tmp_path / "new").mkdir()
    other = stored(tmp_path / "new", "2")
    with Archive(path) as reader:
        assert reader.article("farsonline", "1") is not None
        os.replace(other, path)  # noqa: PTH105  # as mv does
        (tmp_path / "archive.db-wal").unlink()
        (tmp_path / "archive.db-wal").touch()  # the other file's, as far as anybody can tell
    assert "archive.db-wal" in beside(path)
