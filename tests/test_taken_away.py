"""Files that are taken away under a running crawl: it ends at its next commit, and nothing is lost without a word."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.counts.sizes import bytes_of_page
from farscrawler.errors import ExportError, HeldError
from farscrawler.exporters.lock import ExportLock
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, json_lines, start

if TYPE_CHECKING:
    from collections.abc import Callable

COMMITS = "farscrawler.archive.guard:Guard.check"


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return Newsroom(count=75)  # two batches


def _move(folder: Path) -> None:
    (folder / "archive.db").rename(folder / "moved.db")


def _replace(folder: Path) -> None:
    Archive(folder / "other.db", readonly=False).close()
    (folder / "other.db").replace(folder / "archive.db")


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _remove_warc(folder: Path) -> None:
    for path in (folder / "warc").iterdir():
        path.unlink()


#: What is done between two commits, the options of the crawl, and what is said.
TAKEN: dict[str, tuple[Callable[[Path], None], tuple[str, ...], str]] = {
    "archive removed": (_remove("archive.db"), (), "archive.db: the archive was removed or moved"),
    "archive moved": (_move, (), "archive.db: the archive was removed or moved"),
    "archive replaced": (_replace, (), "archive.db: the archive was replaced by another file"),
    "folder removed": (shutil.rmtree, (), "was removed or moved"),
    "pages removed": (_remove("archive.pages.db"), (), "archive.pages.db: the file of kept pages was removed"),
    "log removed": (_remove("archive.db-wal"), (), "archive.db-wal: this part of the archive was removed"),
    "lock removed": (_remove("archive.db.farsonline.lock"), (), "the lock of this run was removed"),
    "lines removed": (_remove("x.jsonl"), ("-o", "x.jsonl"), "x.jsonl: the export was removed or moved"),
    "export removed": (_remove("x.db"), ("-o", "x.db"), "x.db: the export was removed or moved"),
    "WARC file removed": (_remove_warc, ("-s", "WARC=warc"), "was removed, moved or replaced"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_taken_away_ends_the_run_at_its_next_commit(name: str, newsroom: Newsroom, tmp_path: Path) -> None:
    take, options, sentence = TAKEN[name]
    folder = tmp_path / "run"
    folder.mkdir()
    ids = f"ids={newsroom.first_id}-{newsroom.newest_id}"
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", ids, *options)
        call = 6 if name == "archive moved" else 4  # behind the first batch, and in it
        process = start(*words, cwd=folder, stderr=subprocess.PIPE, stop_at=COMMITS, call=call)
        assert process.stopped()
        take(folder)
        process.go_on()
        _, said = process.communicate()
        assert (process.returncode, "Traceback" in said, "farscrawler itself" in said) == (1, False, False), said
        assert sentence in said
        if name == "folder removed":
            return
        if name == "archive moved":  # whole at its new place, with all that was committed
            with Archive(folder / "moved.db") as archive:
                assert check(archive) == []
                assert list(archive.articles())
            (folder / "moved.db").rename(folder / "archive.db")
        again = crawl(server.url, "-a", ids, *options, cwd=folder)
        assert again.returncode == 0, again.stderr
    with Archive(folder / "archive.db") as archive:
        assert check(archive) == []
        stored = sorted(int(article.article_id) for article in archive.articles())
    assert stored == newsroom.ids()
    if name in ("lines removed", "export removed"):
        found = _exported(folder)
        assert sorted(set(found)) == sorted(found)
        assert set(found) <= set(stored)


def _exported(folder: Path) -> list[int]:
    if (folder / "x.jsonl").exists():
        return [int(line["article_id"]) for line in json_lines(folder / "x.jsonl")]
    with closing(sqlite3.connect(folder / "x.db")) as db:
        return [int(row[0]) for row in db.execute("SELECT article_id FROM articles")]


@pytest.mark.parametrize("name", ["x.jsonl", "x.db", "x.json", "other.jsonl"])
def test_two_runs_into_one_export_are_one_run(name: str, newsroom: Newsroom, tmp_path: Path) -> None:
    """The second run has an archive of its own, and may have another name of the file."""
    ids = f"ids={newsroom.first_id}-{newsroom.first_id + 40}"
    first = "x.jsonl" if name == "other.jsonl" else name
    (tmp_path / "x.jsonl").touch()
    (tmp_path / "other.jsonl").hardlink_to(tmp_path / "x.jsonl")
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", ids, "-o", first)
        process = start(*words, cwd=tmp_path, stderr=subprocess.PIPE, stop_at=COMMITS, call=5)
        assert process.stopped()
        second = crawl(server.url, "-a", ids, "-o", name, cwd=tmp_path, ARCHIVE="second.db")
        process.go_on()
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert second.returncode == 75, second.stderr
    assert "is being written by" in second.stderr
    if name != "other.jsonl":
        assert f"the crawl of farsonline into archive.db (process {process.pid} on " in second.stderr
    if first == "x.jsonl":
        assert len(json_lines(tmp_path / first)) == len({one["article_id"] for one in json_lines(tmp_path / first)})
    assert not list(tmp_path.glob(".*.lock"))


def test_the_lock_of_an_export_goes_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch()
    held = ExportLock(path, who="a test", database=True)
    with pytest.raises(HeldError, match="is being written by a test"):
        ExportLock(path, who="another", database=True)
    held.release()
    ExportLock(path, who="another", database=True).release()
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "y.db").hardlink_to(path)
    with pytest.raises(ExportError, match="second name"):
        ExportLock(path, who="another", database=True)
    assert not list(tmp_path.glob(".*"))


def test_the_estimate_of_a_run_whose_folder_is_gone_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next commit ends such a run, with its sentence."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert bytes_of_page(Path("archive.db"), "farsonline") is None
