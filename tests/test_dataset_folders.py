"""What a dataset refuses: other archives, other hands in its folder, and two runs at once."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.reading.selection import Selection
from farscrawler.dataset import grow
from farscrawler.errors import ExportError, HeldError
from farscrawler.exporters.lock import ExportLock
from tests.support.datasets import article, faults, store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def grown(archive: Path, folder: Path, **conditions: Any) -> None:
    with Archive(archive) as opened:
        grow(opened, folder, Selection(**conditions), damaged=lambda name, what: pytest.fail(f"{name}: {what}"))


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Make a dataset of archive.db beside it."""
    grown(store(tmp_path / "archive.db", map(article, range(16))), tmp_path / "news")
    return tmp_path / "news"


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(archive: Path, folder: Path, words: str, **more: Any) -> None:
    """Assert that a run is refused with these words, and leaves all as it was."""
    before = content(folder)
    with pytest.raises(ExportError, match=words):
        grown(archive, folder, **more)
    assert content(folder) == before


def test_another_archive_is_refused(tmp_path: Path, news: Path) -> None:
    others = [article(number) for number in range(16)]
    for one in others:
        one.fetched_at = "2026-11-24T08:00:00+00:00"
    refused(store(tmp_path / "other.db", others), news, r"was made of another archive \(archive.db\)")


def test_an_older_copy_of_the_archive_is_refused(tmp_path: Path, news: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(tmp_path / "archive.db", older)
    grown(store(tmp_path / "archive.db", [article(16)]), news)
    refused(older, news, "is an older copy of it")


def test_another_selection_is_refused(tmp_path: Path, news: Path) -> None:
    words = "was made by `farscrawler export --dataset FOLDER`: give the same options and publishers"
    refused(tmp_path / "archive.db", news, words, all_revisions=True)
    refused(tmp_path / "archive.db", news, words, publishers=("irna",))


def _change(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"PAR1", b"PAR2"))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "this part of the dataset is gone; restore it"),
        (_change, "other hands have changed this part"),
        (lambda path: path.write_bytes(b""), "other hands have changed this part"),
        (lambda path: shutil.copy(path, path.with_name("mine.parquet")), "mine.parquet is no part of this dataset"),
    ],
)
def test_what_other_hands_did_to_a_part_is_seen(
    tmp_path: Path, news: Path, harm: Callable[[Path], object], words: str
) -> None:
    harm(min(news.glob("data/**/*.parquet")))
    store(tmp_path / "archive.db", [article(16)])
    refused(tmp_path / "archive.db", news, words)


def test_a_flipped_bit_is_seen_before_it_is_written_again(tmp_path: Path) -> None:
    archive, news = tmp_path / "archive.db", tmp_path / "news"
    one = article(0)
    one.body = random.Random(1).randbytes(60_000).hex()
    grown(store(archive, [one]), news)
    (path,) = news.glob("data/**/*.parquet")
    data = bytearray(path.read_bytes())
    data[10_000] ^= 1
    path.write_bytes(data)
    store(archive, [article(16, day=0)])
    refused(archive, news, "this part of the dataset cannot be read .*; restore it")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema_version": 99}, "was written by a newer farscrawler"),
        ({"schema_version": 1}, r"has the fields of an older farscrawler \(schema 1"),
        ({"format": 99}, "was written by a newer farscrawler"),
        ({"replaced": ["data/publisher=x/../../../archive.db"]}, "is no manifest of a dataset, or is damaged"),
        ({"replaced": ["../archive.db"]}, "is no manifest of a dataset, or is damaged"),
        ({"parts": None}, "is no manifest of a dataset, or is damaged"),
        ({"parts": [{"path": 5}]}, "is no manifest of a dataset, or is damaged"),
        ({"publishers": [5]}, "is no manifest of a dataset, or is damaged"),
        ({"all_revisions": 0}, "is no manifest of a dataset, or is damaged"),
        ({"since": "soon"}, "is no manifest of a dataset, or is damaged"),
        (
            {"anchors": [{"seq": "1", "publisher": "x", "article_id": "1", "revision": 1, "fetched_at": ""}]},
            "is no man",
        ),
        ({"seq": "16"}, "is no manifest of a dataset, or is damaged"),
    ],
)
def test_a_manifest_of_others_is_refused(tmp_path: Path, news: Path, change: dict[str, Any], words: str) -> None:
    path = news / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    refused(tmp_path / "archive.db", news, words)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "\udcff"])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, news: Path, text: str) -> None:
    (news / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    refused(tmp_path / "archive.db", news, "is no manifest of a dataset, or is damaged")


def test_parts_without_a_manifest_are_left_alone(tmp_path: Path, news: Path) -> None:
    (news / "manifest.json").unlink()
    refused(tmp_path / "archive.db", news, "is no dataset .* and holds data")


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", [article(1)])
    (tmp_path / "other").mkdir()
    (tmp_path / "other/thesis.tex").write_text("x")
    refused(archive, tmp_path / "other", "is no dataset .* and holds thesis.tex")
    with pytest.raises(ExportError, match=r"thesis\.tex is a file, and a dataset is a folder"):
        grown(archive, tmp_path / "other/thesis.tex")
    with pytest.raises(ExportError, match="No such file or directory"):
        grown(archive, tmp_path / "nowhere/news")


def test_a_new_repository_of_datasets_is_taken(tmp_path: Path) -> None:
    archive = store(tmp_path / "archive.db", [article(1)])
    (tmp_path / "news/.git").mkdir(parents=True)
    (tmp_path / "news/.gitattributes").write_text("*.parquet filter=lfs\n")
    (tmp_path / "news/README.md").write_text("---\nlicense: cc-by-4.0\n---\n\nMine.\n")
    grown(archive, tmp_path / "news")
    assert faults(tmp_path / "news", archive) == []
    assert (tmp_path / "news/.gitattributes").read_text() == "*.parquet filter=lfs\n"
    card = (tmp_path / "news/README.md").read_text()
    assert "license: cc-by-4.0\n" in card
    assert "Mine.\n" in card


def test_two_runs_at_once_are_one(tmp_path: Path, news: Path) -> None:
    lock = ExportLock(news / "manifest.json", who="the other one")
    try:
        with pytest.raises(HeldError, match="is being written by the other one"):
            grown(tmp_path / "archive.db", news)
    finally:
        lock.release()
    grown(tmp_path / "archive.db", news)
    assert not [path for path in news.iterdir() if path.name.endswith(".lock")]
