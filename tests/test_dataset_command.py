"""`farscrawler export --dataset`: exit codes, and what is said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.exporters.lock import ExportLock
from tests.support import run
from tests.support.datasets import article, faults, store

if TYPE_CHECKING:
    from pathlib import Path

GROW = ("export", "--dataset", "news")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make an archive of a few articles."""
    return store(tmp_path / "archive.db", map(article, range(6)))


def test_each_run_says_what_it_did(tmp_path: Path, archive: Path) -> None:
    done = run(*GROW, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "news: 6 articles written, now 6 articles in 6 parts" in done.stderr
    store(archive, [article(1, text="نو"), article(6)])
    done = run(*GROW, cwd=tmp_path)
    assert "news: 2 articles written, older revisions taken out: 1, now 7 articles in 7 parts" in done.stderr
    assert faults(tmp_path / "news", archive) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-O", "news.jsonl"), 2, "-O is for files, and a dataset is a folder"),
        (("--columns", "headline"), 2, "--columns is for files"),
        (("--search", "ایران"), 2, "--search is for files"),
        (("farsonlin",), 2, "Did you mean farsonline"),
        (("isna",), 1, "archive.db holds no such article"),
    ],
)
def test_what_cannot_be_written_is_said(
    tmp_path: Path, archive: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run(*GROW, *words, cwd=tmp_path)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {archive.name}


def test_a_first_run_without_an_article_leaves_no_dataset(tmp_path: Path, archive: Path) -> None:
    done = run(*GROW, "--since", "1350", "--until", "1351", cwd=tmp_path)
    assert (done.returncode, "archive.db holds no such article" in done.stderr) == (1, True), done.stderr
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {archive.name}
    (tmp_path / "news").mkdir()  # the reader's own folder stays
    assert run(*GROW, "--section", "نیست‌درجهان", cwd=tmp_path).returncode == 1
    assert list((tmp_path / "news").iterdir()) == []


def test_the_command_of_a_dataset_names_jalali_days(tmp_path: Path, archive: Path) -> None:
    assert archive.exists()
    words = ("--since", "1390", "--until", "1410-02")
    assert run(*GROW, *words, cwd=tmp_path).returncode == 0
    done = run(*GROW, cwd=tmp_path)
    assert done.returncode == 2
    assert "--since 1390-01-01 --until 1410-02-31`" in done.stderr
    assert run(*GROW, *words, cwd=tmp_path).returncode == 0


def test_another_run_on_the_folder_is_exit_code_75(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "news").mkdir()
    lock = ExportLock(tmp_path / "news/manifest.json", who=f"the export of {archive}")
    try:
        done = run(*GROW, cwd=tmp_path)
    finally:
        lock.release()
    assert done.returncode == 75
    assert "is being written by the export of" in done.stderr


def test_a_damaged_article_is_named_and_left_out(tmp_path: Path, archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("UPDATE articles SET body = x'ff00' WHERE article_id = '4'")
    done = run(*GROW, cwd=tmp_path)
    assert done.returncode == 3
    assert "irna 4 is damaged (body is no text) and was left out." in done.stderr
    assert "5 articles written" in done.stderr


def test_a_damaged_moment_is_null_and_named(tmp_path: Path, archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("UPDATE articles SET published_at = '1401-02-28T10:00:00+03:30' WHERE article_id = '4'")
    done = run(*GROW, cwd=tmp_path)
    assert done.returncode == 3
    assert "published_at of irna 4 is null there" in done.stderr
    assert all(line.startswith("farscrawler: ") for line in done.stderr.splitlines())
    assert "damaged values that are null in Parquet: 1;" in done.stderr


@pytest.mark.usefixtures("archive")
def test_without_pyarrow_nothing_is_begun(tmp_path: Path) -> None:
    done = run(*GROW, cwd=tmp_path, first="import sys; sys.modules['pyarrow'] = None")
    assert done.returncode == 2
    assert "pip install 'farscrawler[analysis]'" in done.stderr
    assert not (tmp_path / "news").exists()
