"""Datasets grow by what an archive has stored, and hold each article once."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from farscrawler.archive import Archive
from farscrawler.archive.reading.selection import Selection
from farscrawler.dataset import Grown, grow, growth
from farscrawler.dataset import parts as dataset_parts
from farscrawler.dataset import window as dataset_window
from farscrawler.days import parse_date_range
from tests.support.datasets import DAYS, article, expected, faults, plain, rows_of, store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def grown(archive: Path, folder: Path, begin: Any = None, damaged: Any = None, **conditions: Any) -> Grown:
    with Archive(archive) as opened:
        return grow(
            opened,
            folder,
            Selection(**conditions),
            damaged=damaged or (lambda name, what: pytest.fail(f"{name}: {what}")),
            begin=begin or (lambda _: lambda _: None),
        )


def parts_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.glob("data/**/*.parquet"))


def test_all_articles_are_there_by_publisher_and_year(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(40)))
    found = grown(archive, tmp_path / "news")
    assert (found.new, found.replaced, found.rows, found.parts) == (40, 0, 40, 8)
    assert faults(tmp_path / "news", archive) == []
    assert {path.rpartition("/")[0] for path in parts_of(tmp_path / "news")} == {
        f"data/publisher={publisher}/jalali_year={year}"
        for publisher in ("farsonline", "irna")
        for year in (1400, 1401, 1402, "__HIVE_DEFAULT_PARTITION__")
    }


def test_a_second_run_writes_what_is_new_and_leaves_the_rest(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(40)))
    grown(archive, tmp_path / "news")
    before = {path: (tmp_path / "news" / path).stat().st_mtime_ns for path in parts_of(tmp_path / "news")}
    assert grown(archive, tmp_path / "news").new == 0
    assert {path: (tmp_path / "news" / path).stat().st_mtime_ns for path in before} == before
    store(archive, [article(40, day=0)])
    assert grown(archive, tmp_path / "news").new == 1
    assert len(set(before) & set(parts_of(tmp_path / "news"))) == 8
    assert faults(tmp_path / "news", archive) == []


def test_a_changed_article_is_there_once_also_where_it_changed_its_year(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(40)))
    grown(archive, tmp_path / "news")
    store(archive, [article(number, text="نو", day=number + 1) for number in range(0, 40, 3)])
    found = grown(archive, tmp_path / "news")
    assert (found.new, found.replaced, found.rows) == (14, 14, 40)
    assert faults(tmp_path / "news", archive) == []


def test_a_year_whose_articles_have_all_moved_leaves_no_folder(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", [article(0), article(1)])
    grown(archive, tmp_path / "news")
    store(archive, [article(0, text="نو", day=1)])
    grown(archive, tmp_path / "news")
    assert [path.name for path in (tmp_path / "news/data/publisher=farsonline").iterdir()] == ["jalali_year=1401"]


def test_all_revisions_are_kept_each_in_its_year(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(10)))
    grown(archive, tmp_path / "news", all_revisions=True)
    for text in ("دو", "سه"):
        store(archive, [article(number, text=text, day=number + 1) for number in range(5)])
    found = grown(archive, tmp_path / "news", all_revisions=True)
    assert (found.new, found.replaced, found.rows) == (10, 0, 20)
    assert faults(tmp_path / "news", archive, all_revisions=True) == []


@pytest.mark.parametrize(("all_revisions", "runs"), [(False, 30), (True, 6)])
def test_many_runs_make_what_one_run_makes(tmp_path: Path, *, all_revisions: bool, runs: int) -> None:
    archive = tmp_path / "archive.db"
    for run in range(runs):
        store(archive, [article(8 * run + number % 4, day=number % 2) for number in range(3)])
        store(archive, [article(8 * changed, text=f"متن {run}", day=run % 2) for changed in range(run % 7, run, 9)])
        grown(archive, tmp_path / "news", all_revisions=all_revisions)
    assert faults(tmp_path / "news", archive, all_revisions=all_revisions) == []
    grown(archive, tmp_path / "at-once", all_revisions=all_revisions)
    assert rows_of(tmp_path / "news") == rows_of(tmp_path / "at-once")
    assert len(parts_of(tmp_path / "news")) < 10  # had none been merged, there were 60


def test_changes_are_committed_some_at_a_time_and_parts_have_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "CHANGES", 7)
    monkeypatch.setattr(dataset_parts, "PART_ROWS", 5)
    monkeypatch.setattr(dataset_window, "PART_ROWS", 5)
    archive = store(tmp_path / "archive.db", map(article, range(100)))
    store(archive, [article(number, text="نو") for number in range(0, 100, 2)])
    told: list[int] = []

    def begin(total: int) -> Callable[[int], None]:
        told.append(-total)
        return told.append

    grown(archive, tmp_path / "news", begin=begin)
    assert faults(tmp_path / "news", archive) == []
    assert told[0] == -150
    assert sum(told[1:]) == 100  # 50 of the changes were superseded before they were written
    sizes = [pq.ParquetFile(tmp_path / "news" / path).metadata.num_rows for path in parts_of(tmp_path / "news")]
    assert max(sizes) <= 6


def test_some_publishers_alone(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(40)))
    assert grown(archive, tmp_path / "news", publishers=("irna",)).rows == 20
    assert {row["publisher"] for row in rows_of(tmp_path / "news")} == {"irna"}
    store(archive, map(article, range(40, 80)))
    assert grown(archive, tmp_path / "news", publishers=("irna",)).rows == 40


def test_a_range_of_days_and_a_section_alone_and_what_leaves_them_goes(tmp_path: Path) -> None:
    sports = [article(number) for number in range(0, 40, 2)]
    for one in sports:
        one.section = "ورزشي"
    archive = store(tmp_path / "archive.db", [*sports, *map(article, range(1, 40, 2))])
    conditions = {"span": parse_date_range("1400", "1401"), "section": "ورزشی"}
    assert grown(archive, tmp_path / "news", **conditions).rows == 10  # numbers of 1400 that are even
    left = article(0, text="نو", day=3)
    left.section = "ورزشي"
    store(archive, [left, article(4, text="نو")])
    found = grown(archive, tmp_path / "news", **conditions)
    assert (found.new, found.replaced, found.rows) == (0, 2, 8)
    assert "export --dataset FOLDER --since 1400-01-01 --until 1401-12-29" in (tmp_path / "news/README.md").read_text()


def test_an_archive_without_articles_makes_no_dataset(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", [])
    assert grown(archive, tmp_path / "news") == Grown()
    assert not (tmp_path / "news").exists()


def test_an_archive_is_known_by_what_it_has_stored_and_not_by_its_name(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(10)))
    grown(archive, tmp_path / "news")
    moved = tmp_path / "moved.db"
    shutil.move(archive, moved)
    store(moved, [article(10)])
    assert grown(moved, tmp_path / "news").rows == 11


def test_a_damaged_row_costs_itself_alone_and_its_older_revision_stays(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(10)))
    grown(archive, tmp_path / "news")
    store(archive, [article(number, text="نو") for number in range(4)])
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("UPDATE articles SET lead = x'ff00' WHERE article_id = '2'")
    said: list[tuple[str, str]] = []
    found = grown(archive, tmp_path / "news", damaged=lambda *words: said.append(words))
    assert (found.new, found.replaced, found.rows, found.damaged) == (3, 3, 10, 1)
    assert said == [("farsonline 2", "lead is no text")]
    assert [row["revision"] for row in rows_of(tmp_path / "news")] == [2, 2, 1, 2, 1, 1, 1, 1, 1, 1]
    store(archive, [article(2, text="باز هم نو")])
    assert grown(archive, tmp_path / "news").rows == 10
    assert faults(tmp_path / "news", archive) == []


def test_a_damaged_day_is_no_year(tmp_path: Path) -> None:
    one = article(1)
    one.published_jalali_date = "SH 1401/13/01"
    archive = store(tmp_path / "archive.db", [one])
    grown(archive, tmp_path / "news")
    assert [row["jalali_year"] for row in rows_of(tmp_path / "news")] == [None]


def test_the_manifest_says_days_and_names_no_folder_of_the_machine(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", map(article, range(40)))
    grown(archive, tmp_path / "news")
    text = (tmp_path / "news/manifest.json").read_text()
    known = json.loads(text)
    assert (known["archive"], known["seq"], known["schema_version"]) == ("archive.db", 40, 2)
    assert {part["first_day"] for part in known["parts"]} == {date for _, date in DAYS}
    assert {part["last_fetch"] for part in known["parts"]} == {"2026-11-23"}
    assert str(tmp_path) not in text + (tmp_path / "news/README.md").read_text()


def test_rows_are_those_of_the_archive(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", [article(1, length=140_000), article(2)])
    grown(archive, tmp_path / "news")
    assert plain(rows_of(tmp_path / "news")) == expected(archive)
