"""An archive that two processes make at once: each waits for the other, and neither is refused."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.sqlite import connection
from farscrawler.archive.sqlite.database import SqliteDatabase

if TYPE_CHECKING:
    from pathlib import Path


def make(path: Path) -> None:
    with Archive(path, readonly=False):
        pass


@pytest.mark.parametrize("looks", range(1, 4))
def test_one_that_is_made_while_another_process_looks_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    path = tmp_path / "archive.db"
    first: list[SlowReader] = []

    class SlowReader(SqliteDatabase):
        """Lets another make the archive after so many looks at it."""

        asked = 0

        def execute(self, *words: Any) -> sqlite3.Cursor:
            cursor = super().execute(*words)
            self.asked += self is first[0]
            if self is first[0] and self.asked == looks:
                cursor = _held(cursor)
                make(path)
            return cursor

    def opened(*args: Any, **more: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*args, **{**more, "factory": SlowReader})
        assert isinstance(db, SlowReader)
        first.append(db)
        return db

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", opened)
    make(path)
    assert len(first) == 2
    with Archive(path) as archive:
        assert list(archive.articles("farsonline")) == []


def _held(cursor: sqlite3.Cursor) -> Any:
    """Return the rows of a look, which holds no lock any more."""
    rows = cursor.fetchall()
    cursor.close()

    class Rows:
        def fetchone(self) -> tuple[Any, ...]:
            row: tuple[Any, ...] = rows[0]
            return row

    return Rows()


def test_one_that_another_process_is_making_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waits = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            other.execute("ROLLBACK")

        monkeypatch.setattr(time, "sleep", wait)
        make(path)
    assert len(waits) == 1


def test_one_that_another_process_never_leaves_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(connection, "BUSY_SECONDS", 0)
        with pytest.raises(ArchiveError, match="another program has held the file"):
            make(path)
