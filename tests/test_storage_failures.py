"""Servers that mean harm, disks that fail, and how a run shows itself; each in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.audit.checks import check
from farscrawler.archive.audit.kept import check_pages, lost
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, json_lines, run
from tests.support.records import article, visit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only the superuser mounts a tiny disk")
@pytest.mark.parametrize("what", ["archive", "export", "pages"])
def test_a_full_disk_ends_the_run_with_a_sentence_and_a_whole_archive(tmp_path: Path, what: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    size = "240k" if what == "pages" else "480k"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no tiny disk can be mounted here")
    try:
        newsroom = Newsroom(count=250)
        words = ["-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o"]
        if what == "pages":  # the archive has room, and its kept pages have none
            (tmp_path / "archive.pages.db").symlink_to(disk / "archive.pages.db")
        archive_path = disk / "archive.db" if what == "archive" else tmp_path / "archive.db"
        export = disk / "x.jsonl" if what == "export" else tmp_path / "x.jsonl"
        with Server(newsroom, weight=2_000) as server:
            done = crawl(server.url, *words, str(export), cwd=tmp_path, ARCHIVE=str(archive_path))
            assert done.returncode == 1, done.stderr
            assert "Traceback" not in done.stderr
            assert ("No space left on device" if what == "export" else "the disk is full") in done.stderr
            assert "archive.pages.db: the disk is full" in done.stderr or what != "pages"
            with Archive(archive_path, readonly=True) as archive:
                assert check(archive) == []
                with KeptPages(path_of(archive_path)) as pages:
                    assert (check_pages(pages), lost(archive, pages)) == ([], 0)
            # with room again, the same command goes on and ends whole
            subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
            again = crawl(server.url, *words, str(export), cwd=tmp_path, ARCHIVE=str(archive_path))
            assert again.returncode == 0, again.stderr
        ids = [int(line["article_id"]) for line in json_lines(export)]
        assert sorted(ids) == newsroom.ids()
    finally:
        subprocess.run(["umount", str(disk)], check=False)


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only the superuser mounts a disk")
def test_a_page_file_on_a_read_only_disk_keeps_the_run_from_beginning(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "archive.pages.db").symlink_to(disk / "archive.pages.db")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no read-only disk can be mounted here")
    try:
        newsroom = Newsroom(count=20)
        words = ["-a", f"ids={newsroom.first_id}-{newsroom.newest_id}"]
        with Server(newsroom) as server:
            done = crawl(server.url, *words, cwd=tmp_path)
            assert (done.returncode, server.requests) == (2, [])
            assert "archive.pages.db: cannot be written" in done.stderr
            assert "Traceback" not in done.stderr
            assert crawl(server.url, *words, cwd=tmp_path, PAGES="off").returncode == 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only the superuser mounts a disk")
@pytest.mark.parametrize("log", ["none", "both", "alone"])
def test_an_archive_on_a_read_only_disk_is_read(tmp_path: Path, log: str) -> None:
    """After a clean end; after a kill, with log and shared memory; and with the log alone, which SQLite cannot read."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        with Archive(tmp_path / "archive.db", readonly=False) as archive:
            archive.save(visit("1"), article("1"))
            archive.flush()
            if log != "none":  # still open, as a kill leaves it
                for name in ("archive.db", "archive.db-wal", *(["archive.db-shm"] if log == "both" else [])):
                    shutil.copy(tmp_path / name, disk)
        if log == "none":
            shutil.copy(tmp_path / "archive.db", disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for words in (["show"], ["check"], ["coverage", "farsonline"], ["revisions", "farsonline", "1"]):
            done = run(*words, "-s", f"ARCHIVE={disk / 'archive.db'}", cwd=tmp_path)
            if log == "alone":
                assert (done.returncode, "Copy both into a folder" in done.stderr) == (2, True), done.stderr
            else:
                assert (done.returncode, done.stderr) == (0, ""), words
        if log != "alone":
            with Archive(disk / "archive.db") as archive:
                assert [one.article_id for one in archive.articles()] == ["1"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_archive_at_rest_that_is_written_from_elsewhere_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "archive.db"
    Archive(path, readonly=False).close()
    with monkeypatch.context() as patched:  # the folder is read-only for the reader, and for nobody else
        patched.setattr(os, "access", lambda *_: False)
        reader = Archive(path)
    with Archive(path, readonly=False) as archive:
        archive.save(visit("1"), article("1"))
    with pytest.raises(ArchiveError, match="was written while it was read"):
        reader.close()


def test_a_disk_that_refuses_writes_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    newsroom = Newsroom(count=250)
    with Server(newsroom, weight=2_000) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))"
        done = run(*words, cwd=tmp_path, first=limit)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "the disk failed" in done.stderr
        with Archive(tmp_path / "archive.db", readonly=False) as archive:
            assert check(archive) == []
        assert crawl(server.url, *words[4:6], cwd=tmp_path).returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert sorted(int(a.article_id) for a in archive.articles()) == newsroom.ids()
