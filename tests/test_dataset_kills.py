"""A dataset whose runs are killed again and again is the one that is written at once."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support import run
from tests.support.datasetkills import dataset_under_fire
from tests.support.datasets import article, faults, store
from tests.support.killing import kill_at_barrier

if TYPE_CHECKING:
    from pathlib import Path


def test_runs_that_are_killed_anywhere_make_the_dataset_of_one_run(tmp_path: Path) -> None:
    report = dataset_under_fire(tmp_path, runs=3, each=6, changed=3)
    assert report.findings == []
    assert report.kills >= 2


@pytest.mark.parametrize(
    ("place", "rows"),
    [
        ("farscrawler.dataset.manifest:write", 8),  # before the commit
        ("farscrawler.dataset.folder:settle", 12),  # behind it
    ],
)
def test_a_kill_at_the_commit_leaves_the_dataset_before_or_behind_it(tmp_path: Path, place: str, rows: int) -> None:
    words = ["export", "--dataset", "news"]
    archive = store(tmp_path / "archive.db", map(article, range(8)))
    assert run(*words, cwd=tmp_path).returncode == 0
    store(archive, map(article, range(8, 12)))
    call = 2 if place.endswith("settle") else 1  # the first one completes the run before
    assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=call)
    # Nothing is stored meanwhile, and what is committed is completed: the next run has nothing to write, or all.
    done = run(*words, cwd=tmp_path)
    said = "nothing new; 12 articles" if rows == 12 else "4 articles written, now 12 articles"
    assert said in done.stderr
    assert faults(tmp_path / "news", archive) == []


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only the superuser mounts a tiny disk")
def test_a_full_disk_leaves_the_dataset_as_it_was(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=360k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no tiny disk can be mounted here")
    words = ["export", "--dataset", "disk/news"]
    try:
        archive = store(tmp_path / "archive.db", map(article, range(8)))
        assert run(*words, cwd=tmp_path).returncode == 0
        long = [article(number) for number in range(8, 60)]
        for one in long:
            one.body = os.urandom(20_000).hex()
        store(archive, long)
        before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 1
        assert "No space left on device. The dataset is whole, as it was after its last commit" in done.stderr
        assert "Traceback" not in done.stderr
        assert {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()} == before
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        assert run(*words, cwd=tmp_path).returncode == 0
        assert faults(disk / "news", archive) == []
    finally:
        subprocess.run(["umount", str(disk)], check=False)
