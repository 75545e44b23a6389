"""Servers that mean harm, disks that fail, and how a run shows itself; each in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit import check
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, json_lines, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only the superuser mounts a tiny disk")
@pytest.mark.parametrize("what", ["archive", "export"])
def test_a_full_disk_ends_the_run_with_a_sentence_and_a_whole_archive(tmp_path: Path, what: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no tiny disk can be mounted here")
    try:
        newsroom = Newsroom(count=900)
        words = ["-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o"]
        archive_path = disk / "archive.db" if what == "archive" else tmp_path / "archive.db"
        export = tmp_path / "x.jsonl" if what == "archive" else disk / "x.jsonl"
        with Server(newsroom) as server:
            done = crawl(server.url, *words, str(export), cwd=tmp_path, ARCHIVE=str(archive_path))
            assert done.returncode == 1, done.stderr
            assert "Traceback" not in done.stderr
            assert ("the disk is full" if what == "archive" else "No space left on device") in done.stderr
            with Archive(archive_path, readonly=True) as archive:
                assert check(archive) == []
            # with room again, the same command goes on and ends whole
            subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
            again = crawl(server.url, *words, str(export), cwd=tmp_path, ARCHIVE=str(archive_path))
            assert again.returncode == 0, again.stderr
        ids = [int(line["article_id"]) for line in json_lines(export)]
        assert sorted(ids) == newsroom.ids()
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_a_disk_that_refuses_writes_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    newsroom = Newsroom(count=400)
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))"
        done = run(*words, cwd=tmp_path, first=limit)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "the disk failed" in done.stderr
        with Archive(tmp_path / "archive.db", readonly=False) as archive:
            assert check(archive) == []
        assert crawl(server.url, *words[4:6], cwd=tmp_path).returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert sorted(int(a.article_id) for a in archive.articles()) == newsroom.ids()
