"""Parquet as a format of `export` and of crawls; and a stream after a kill, which begins with what was not printed."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.article_rows import to_row
from farscrawler.items import FIELD_NAMES
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import command, crawl, crawl_words, environment, run
from tests.support.counted import made, store
from tests.support.killing import kill_at_barrier

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

pq = pytest.importorskip("pyarrow.parquet")

#: A pyarrow that is not installed.
MISSING = "import sys; sys.modules.update(dict.fromkeys(('pyarrow', 'pyarrow.parquet', 'pyarrow.compute')))"


def rows_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return found


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return Newsroom(count=40)


def test_an_export_has_the_values_of_the_archive_in_files_and_streams(tmp_path: Path) -> None:
    articles = made(700, seed=9)
    store(tmp_path / "archive.db", articles)
    done = run("export", "-O", "news.parquet", "-O", "news.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "news.parquet")
    assert list(rows[0]) == list(FIELD_NAMES)
    for row, one in zip(rows, articles, strict=True):
        assert [row[name] for name in ("publisher", "article_id", "body", "tags", "revision")] == [
            one.publisher, one.article_id, one.body, one.tags, one.revision,
        ]  # fmt: skip
        assert row["published_at"] == (dt.datetime.fromisoformat(one.published_at) if one.published_at else None)
    with (tmp_path / "piped.parquet").open("wb") as file:
        subprocess.run(
            command("export", "-o", "-:parquet"), cwd=tmp_path, env=environment(), stdout=file, check=True
        )  # fmt: skip
    assert (tmp_path / "piped.parquet").read_bytes() == (tmp_path / "news.parquet").read_bytes()
    done = run("export", "-O", "some.parquet", "--columns", "headline,published_date", "irna", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [row["headline"] for row in rows_of(tmp_path / "some.parquet")] == [
        one.headline for one in articles if one.publisher == "irna"
    ]


def test_a_damaged_value_is_null_and_said(tmp_path: Path) -> None:
    path = store(tmp_path / "archive.db", made(5))
    with Archive(path, readonly=False) as archive:
        archive.db.execute("UPDATE articles SET modified_at = 'yesterday' WHERE article_id = '3'")
    done = run("export", "-O", "news.parquet", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "damaged values that are null in Parquet: 1;" in done.stderr
    assert [row["modified_at"] for row in rows_of(tmp_path / "news.parquet")] == [None] * 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export", "-O", "news.parquet"], "pip install 'farscrawler[analysis]'"),
        (["export", "-O", "-:parquet"], "pip install 'farscrawler[analysis]'"),
        (crawl_words("http://127.0.0.1:9", "-a", "ids=1", "-O", "n.parquet"), "pip install 'farscrawler[analysis]'"),
    ],
)
def test_without_pyarrow_nothing_is_begun(tmp_path: Path, words: list[str], sentence: str) -> None:
    store(tmp_path / "archive.db", made(5))
    done = run(*words, cwd=tmp_path, first=MISSING)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not any("parquet" in one.name for one in tmp_path.iterdir())


def test_a_packed_parquet_file_is_refused(tmp_path: Path) -> None:
    done = run("export", "-O", "news.parquet.gz", cwd=tmp_path)
    assert done.returncode == 2
    assert "news.parquet.gz: a Parquet file is packed already; leave .gz out." in done.stderr


def test_a_crawl_writes_its_whole_request_whatever_was_stored_before(newsroom: Newsroom, tmp_path: Path) -> None:
    ids = newsroom.ids()
    with Server(newsroom, weight=2_000) as server:
        assert crawl(server.url, "-a", f"ids={ids[0]}-{ids[4]}", cwd=tmp_path).returncode == 0
        words = crawl_words(server.url, "-a", f"ids={ids[0]}-{ids[11]}", "-O", "news.parquet")
        place = "farscrawler.exporters.itemfile:ItemWriter.finish"  # the file beside the old one is written in part
        assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=1)
        assert not (tmp_path / "news.parquet").exists()
        assert run(*words, cwd=tmp_path).returncode == 0
        rows = rows_of(tmp_path / "news.parquet")
        assert sorted(row["article_id"] for row in rows) == sorted(str(number) for number in ids[:12])
        done = run(*words[:-2], "-O", "again.parquet", "-O", "-:jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    with Archive(tmp_path / "archive.db") as archive:
        stored = {one.article_id: to_row(one) for one in archive.articles()}
    assert {row["article_id"] for row in rows_of(tmp_path / "again.parquet")} == set(stored)
    assert {json.loads(line)["article_id"] for line in done.stdout.splitlines()} == set(stored)
    feeds = {"some.parquet": {"format": "parquet", "fields": ["headline", "published_at"]}}
    bad = {"bad.parquet": {"format": "parquet", "fields": {"headline": "title"}}}
    with Server(newsroom, weight=2_000) as server:
        done = crawl(server.url, "-a", "latest=2", "-s", f"FEEDS={json.dumps(feeds)}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert list(rows_of(tmp_path / "some.parquet")[0]) == ["headline", "published_at"]
        done = crawl(server.url, "-a", "latest=2", "-s", f"FEEDS={json.dumps(bad)}", cwd=tmp_path)
    assert done.returncode == 2
    assert "bad.parquet: parquet cannot be written so (its columns have the names of the fields)" in done.stderr


def test_a_stream_of_an_incremental_run_begins_with_what_killed_runs_have_stored(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    settings = {"FIRST_IDS": 10, "PROBE_MISSES": 2, "REFRESH_HOURS": 0}
    with Server(newsroom, weight=2_000) as server:
        words = crawl_words(server.url, "-o", "-:jsonl", settings=settings)
        for name in ("stored", "close_own"):  # all is stored, and nothing printed
            place = f"farscrawler.extensions.feed_exports:FeedExports.{name}"
            assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=1)
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        with Archive(tmp_path / "archive.db") as archive:
            stored = [one.article_id for one in archive.articles()]
        assert len(stored) >= 5
        assert [json.loads(line)["article_id"] for line in done.stdout.splitlines()] == stored
        again = run(*words, cwd=tmp_path)
        assert (again.returncode, again.stdout) == (0, "")
