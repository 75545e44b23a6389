"""The archive: batches, revisions, visits, and files that are none."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import (
    Archive,
    ArchiveError,
    ArchiveTooNewError,
    HeldError,
    NotAnArchiveError,
    schema,
    store,
)
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.items import FIELD_NAMES
from tests.support.records import AT, article, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.archive.writing.batch import Stored


def test_articles_table_has_the_columns_of_the_schema_in_its_order(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False):
        pass
    db = sqlite3.connect(tmp_path / "a.db")
    assert tuple(row[1] for row in db.execute("PRAGMA table_info(articles)")) == FIELD_NAMES
    db.close()


def test_an_article_comes_back_to_the_character(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.save(visit("1"), article("1"))
        archive.flush()
        assert archive.article("farsonline", "1") == article("1")
        assert list(archive.articles()) == [article("1")]


def test_article_and_visit_are_committed_together_in_batches(tmp_path: Path) -> None:
    reader = sqlite3.connect(tmp_path / "a.db")
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        for number in range(store.BATCH_ROWS - 1):
            archive.save(visit(str(number)), article(str(number)))
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (0,)
        archive.save(visit("last"), article("last"))
        counts = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM visits)"
        assert reader.execute(counts).fetchone() == (store.BATCH_ROWS, store.BATCH_ROWS)
    reader.close()


def test_a_batch_is_committed_when_it_is_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.save(visit("1"), article("1"))
        archive.flush_if_due()
        assert archive.article("farsonline", "1") is None
        monkeypatch.setattr(store, "BATCH_SECONDS", 0.0)
        archive.flush_if_due()
        assert archive.article("farsonline", "1") is not None


def test_a_changed_article_is_a_revision_and_the_old_one_is_kept(tmp_path: Path) -> None:
    heard: list[Stored] = []
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.listeners.append(heard.extend)
        for headline, content_hash in (("یک", "a"), ("یک", "a"), ("دو", "b"), ("سه", "c")):
            archive.save(visit("1"), article("1", headline, content_hash))
            archive.flush()
        assert [(a.revision, a.headline) for a in archive.revisions("farsonline", "1")] == [
            (1, "یک"),
            (2, "دو"),
            (3, "سه"),
        ]
    assert [(s.article.revision, s.article.headline) for s in heard] == [(1, "یک"), (2, "دو"), (3, "سه")]
    assert [s.seq for s in heard] == sorted(s.seq for s in heard)


def test_two_pages_of_one_id_in_one_batch_are_two_revisions(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.save(visit("1"), article("1", "یک", "a"))
        archive.save(visit("1"), article("1", "دو", "b"))
        archive.flush()
        assert [a.headline for a in archive.revisions("farsonline", "1")] == ["یک", "دو"]


def test_a_stored_article_is_never_owed_again_by_a_later_failure(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        ledger = Ledger(archive, "farsonline")
        archive.save(visit("1"), article("1"))
        archive.save(visit("1", "failed", "no answer in time"))
        archive.save(visit("2", "failed", "no answer in time"))
        archive.flush()
        known = ledger.known(["1", "2", "3"])
        assert {key: k.outcome for key, k in known.items()} == {"1": "article", "2": "failed"}
        assert archive.db.execute("SELECT tries, reason FROM visits WHERE key = '1'").fetchone() == (
            2,
            "failed: no answer in time",
        )


def test_a_failed_transaction_leaves_nothing_and_keeps_the_batch(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.db.execute("ALTER TABLE visits RENAME TO elsewhere")
        archive.save(visit("1"), article("1"))
        with pytest.raises(ArchiveError, match="no such table: visits"):
            archive.flush()
        assert archive.article("farsonline", "1") is None
        archive.db.execute("ALTER TABLE elsewhere RENAME TO visits")
        archive.flush()
        assert archive.article("farsonline", "1") is not None


@pytest.mark.parametrize("content", [b"hello, this is a letter", b"PK\x03\x04zip", b"\x00" * 2000])
def test_a_file_of_another_kind_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(NotAnArchiveError, match="untouched"):
        Archive(path, readonly=False)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_sqlite_of_another_program_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE theirs (x)")
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(NotAnArchiveError, match="another program"):
        Archive(path, readonly=False)
    assert path.read_bytes() == before


def test_an_archive_of_a_newer_schema_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Archive(path, readonly=False).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(ArchiveTooNewError, match="Upgrade"):
        Archive(path, readonly=False)
    assert path.read_bytes() == before


def test_a_truncated_archive_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Archive(path, readonly=False) as archive:
        for number in range(200):
            archive.save(visit(str(number)), article(str(number)))
    path.write_bytes(path.read_bytes()[: 5 * 8192])
    with pytest.raises(ArchiveError, match="damaged"), Archive(path, readonly=False) as archive:
        list(archive.articles())


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder nobody may write in: by its mode, or for the superuser by a file system mounted so."""
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    if os.geteuid() != 0:
        yield folder
        folder.chmod(0o700)
        return
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("the superuser may write anywhere, and no read-only file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_read_only_folder_is_said_so(read_only_folder: Path) -> None:
    with pytest.raises(ArchiveError, match="read-only"):
        Archive(read_only_folder / "a.db", readonly=False)
    assert list(read_only_folder.iterdir()) == []


@pytest.mark.parametrize(("path", "words"), [("nowhere/a.db", "does not exist"), (".", "is a folder")])
def test_impossible_places_are_said_so(tmp_path: Path, path: str, words: str) -> None:
    with pytest.raises(ArchiveError, match=words):
        Archive(tmp_path / path, readonly=False)
    assert list(tmp_path.iterdir()) == []


def test_reading_needs_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="does not exist"):
        Archive(tmp_path / "a.db", readonly=True)
    assert list(tmp_path.iterdir()) == []


def test_files_are_not_opened_wider_than_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        with Archive(tmp_path / "a.db", readonly=False) as archive:
            held = take_lock(Ledger(archive, "farsonline"))
            archive.save(visit("1"), article("1"))
            archive.flush()
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
            held.release()
    finally:
        os.umask(old)
    assert all(mode & 0o077 == 0 for mode in modes.values()), modes


def test_one_run_at_a_time_and_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive, Archive(tmp_path / "a.db", readonly=False) as other:
        ledger = Ledger(archive, "farsonline")
        held = take_lock(ledger)
        run = ledger.begin_run({"ids": "1"}, AT)
        with pytest.raises(HeldError, match=f"run {run} \\(process {os.getpid()} on "):
            take_lock(Ledger(other, "farsonline"))
        take_lock(Ledger(other, "yjc")).release()
        held.release()
        take_lock(Ledger(other, "farsonline")).release()


def test_floor_and_newest_id(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        ledger = Ledger(archive, "farsonline")
        assert (ledger.watermark(), ledger.newest_id()) == (None, None)
        for key in ("9", "10", "http://x/y"):
            archive.save(visit(key), article(key))
        archive.save(visit("77", "missing"))
        archive.flush()
        ledger.set_watermark(5, AT)
        assert (ledger.watermark(), ledger.newest_id()) == (5, 10)
        assert ledger.counts() == {"article": 3, "missing": 1}


def test_a_reader_is_never_blocked_by_the_crawl_nor_the_crawl_by_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Archive(path, readonly=False) as archive:
        archive.save(visit("1"), article("1"))
        archive.flush()
        reader = sqlite3.connect(path, timeout=0, isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)
        archive.save(visit("2"), article("2"))
        archive.flush()  # would raise «locked» if the reader stood in its way
        with archive.transaction() as db:
            db.execute("UPDATE visits SET tries = 7")
            assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)  # its own snapshot
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (2,)
        reader.close()


def test_two_runs_of_different_publishers_share_an_archive(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as one, Archive(tmp_path / "a.db", readonly=False) as two:
        for number in range(10):
            for archive, publisher in ((one, "farsonline"), (two, "yjc")):
                look = visit(str(number))
                look.publisher = publisher
                page = article(str(number))
                page.publisher = publisher
                archive.save(look, page)
                archive.flush()
        assert sum(1 for _ in one.articles()) == 20


def test_a_visit_without_a_page_keeps_the_digest_of_the_page_before(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        for page, expected in (("abc", "abc"), (None, "abc"), ("def", "def"), (None, "def")):
            archive.save(replace(visit("1"), page_hash=page), article("1") if page else None)
            archive.flush()
            assert archive.db.execute("SELECT page_hash FROM visits").fetchone() == (expected,)
