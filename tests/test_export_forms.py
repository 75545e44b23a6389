"""Exports in every form that Scrapy knows: whole or as they were after a kill, each article once, or refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
import pickle
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive.exports import ExportLog
from farscrawler.errors import ExportError
from farscrawler.exporters.feeds import feed_of, unknown_format
from farscrawler.exporters.item_exporters import XmlExporter
from farscrawler.exporters.itemfile import WholeFile
from farscrawler.items import FIELD_NAMES, Article
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, crawl_words, json_lines, run
from tests.support.killing import kill_at_barrier
from tests.support.records import AT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

COUNT = 12


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return Newsroom(count=40)


def keys_of(path: Path) -> list[str]:
    """Return the article ids that a whole export file holds, in its order."""
    data = path.read_bytes()
    match path.suffix:
        case ".json":
            return [one["article_id"] for one in json.loads(data)]
        case ".xml":
            return [item.findtext("article_id") or "" for item in ET.fromstring(data)]  # noqa: S314  # ours
        case ".csv":
            return [row["article_id"] for row in csv.DictReader(io.StringIO(data.decode(), newline=""))]
        case ".pickle":
            found, file = [], io.BytesIO(data)
            while file.tell() < len(data):
                found.append(pickle.load(file)["article_id"])  # noqa: S301  # ours
            return found
        case _:
            return [line["article_id"] for line in json_lines(path)]


_PLACES = (
    ("farscrawler.exporters.itemfile:WholeFile.write", 1),  # stored, and nothing is written yet
    ("farscrawler.exporters.itemfile:ItemWriter.finish", 1),  # the file beside the old one is written in part
    ("farscrawler.exporters.itemfile:_state", 2),  # it is whole, and nobody knows
    ("pathlib:Path.replace", 1),  # the archive knows of it, and it is not in its place
)


@pytest.mark.parametrize(("place", "call"), _PLACES)
def test_a_killed_run_leaves_an_array_whole_and_the_next_one_completes_it(
    newsroom: Newsroom, place: str, call: int, tmp_path: Path
) -> None:
    ids = newsroom.ids()
    path = tmp_path / "news.json"
    with Server(newsroom, weight=2_000) as server:
        first = crawl(server.url, "-a", f"ids={ids[0]}-{ids[4]}", "-o", "news.json", cwd=tmp_path)
        assert first.returncode == 0, first.stderr
        before = keys_of(path)
        assert len(before) == 5
        words = crawl_words(server.url, "-a", f"ids={ids[0]}-{ids[11]}", "-o", "news.json")
        assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=call)
        assert keys_of(path) == before
        done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(keys_of(path)) == sorted(str(number) for number in ids[:COUNT])
    assert len(set(keys_of(path))) == COUNT
    assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []


def test_a_killed_incremental_run_is_continued_by_the_same_command_even_where_it_overwrites(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    settings = {"FIRST_IDS": 10, "PROBE_MISSES": 2, "REFRESH_HOURS": 0}
    with Server(newsroom, weight=2_000) as server:
        for option in ("-o", "-O"):
            words = crawl_words(
                server.url, option, "n.json", option, "n.jsonl", "-s", f"ARCHIVE={option}.db", settings=settings
            )
            place = "farscrawler.extensions.feed_exports:FeedExports.close_own"  # all is stored, and no array written
            assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=1)
            assert not (tmp_path / "n.json").exists()
            done = run(*words, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert len(keys_of(tmp_path / "n.jsonl")) >= 5
            assert sorted(keys_of(tmp_path / "n.json")) == sorted(keys_of(tmp_path / "n.jsonl"))
            before = keys_of(tmp_path / "n.json")
            assert run(*words, cwd=tmp_path).returncode == 0  # and once it is done, it is done
            assert keys_of(tmp_path / "n.json") == before
            (tmp_path / "n.json").unlink()
            (tmp_path / "n.jsonl").unlink()


def test_every_format_of_a_file_and_of_standard_output_holds_the_same_articles(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    names = ["a.json", "a.xml", "a.pickle", "a.csv", "a.jsonl"]
    files = [word for name in names for word in ("-O", name)]
    with Server(newsroom, weight=2_000) as server:
        done = crawl(server.url, "-a", "latest=4", *files, "-O", "-:json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        again = crawl(server.url, "-a", "latest=4", "-o", "-:jsonl", "-o", "%(name)s.json", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        csv_lines = crawl(server.url, "-a", "latest=4", "-o", "/dev/stdout:csv", cwd=tmp_path)
    expected = sorted(keys_of(tmp_path / "a.jsonl"))
    assert len(expected) == 4
    for name in [*names, "farsonline.json"]:
        assert sorted(keys_of(tmp_path / name)) == expected, name
    assert sorted(one["article_id"] for one in json.loads(done.stdout)) == expected
    assert done.stdout.endswith("]\n")
    assert [list(one) for one in json.loads((tmp_path / "a.json").read_bytes())] == [list(FIELD_NAMES)] * 4
    assert sorted(json.loads(line)["article_id"] for line in again.stdout.splitlines()) == expected
    rows = list(csv.DictReader(io.StringIO(csv_lines.stdout, newline="")))
    assert sorted(row["article_id"] for row in rows) == expected


def test_an_incremental_run_with_nothing_new_leaves_the_files_of_overwriting_as_they_are(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    names = ["n.jsonl", "n.csv", "n.db", "n.json", "n.xml"]
    words = [word for name in names for word in ("-O", name)]
    with Server(newsroom, weight=2_000) as server:
        settings: dict[str, Any] = {"FIRST_IDS": 4, "PROBE_MISSES": 2, "REFRESH_HOURS": 0}
        assert crawl(server.url, *words, cwd=tmp_path, **settings).returncode == 0
        before = {name: ((tmp_path / name).read_bytes(), (tmp_path / name).stat().st_mtime_ns) for name in names}
        assert all(data for data, _ in before.values())
        done = crawl(server.url, *words, "-O", "first.json", cwd=tmp_path, **settings)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("nothing is new; ") == len(names)
        assert {
            name: ((tmp_path / name).read_bytes(), (tmp_path / name).stat().st_mtime_ns) for name in names
        } == before
        assert keys_of(tmp_path / "first.json") == []  # where there was none, an empty one says that the run ended well
        done = crawl(server.url, "-o", "n.json", cwd=tmp_path, **settings)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "n.json").stat().st_mtime_ns == before["n.json"][1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-O", "news.xlsx"], "there is no export format 'xlsx'. Other programs open .csv. Endings are .json"),
        (["-o", "news"], "no ending that names a format"),
        (["-O", "s3://bucket/news.json"], "s3://bucket/news.json: an export is written to a plain local file"),
        (["-o", "ftp://host/news.jsonl"], "plain local file"),
        (["-o", "news-%(batch_id)d.json"], "an export is one file"),
        (["-o", "%(nobody)s.json"], "cannot be made of it"),
        (["-o", "x.json", "-s", "FEED_EXPORT_BATCH_ITEM_COUNT=5"], "an export is one file"),
        (["-o", ".:json"], "is a folder; name a file in it"),
        (["-s", "FEED_URI=x.json"], "name the file with -o or -O"),
        (["-s", 'FEEDS={"x.json": {"format": "json", "fields": ["nobody"]}}'], "an article has no field 'nobody'"),
        (["-s", 'FEEDS={"x.csv": {"format": "csv", "encoding": "cp1256"}}'], "written in UTF-8"),
        (["-s", 'FEEDS={"x.json": {"format": "json", "item_export_kwargs": {"nobody": 1}}}'], "cannot be written so"),
        (["-o", "foreign.json"], "was not written by this archive"),
    ],
)
def test_what_nobody_can_keep_whole_is_refused_before_anything_is_fetched(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "foreign.json").write_text("[]\n", encoding="utf-8")
    done = run("crawl", "farsonline", "-a", "ids=1", "-a", "base_url=http://127.0.0.1:9", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "foreign.json").read_text(encoding="utf-8") == "[]\n"
    assert not (tmp_path / "x.json").exists()


def test_feeds_choose_fields_and_articles_and_packing(newsroom: Newsroom, tmp_path: Path) -> None:
    feeds = {
        "some.jsonl": {"format": "jsonl", "fields": {"article_id": "id", "headline": "title"}},
        "some.csv": {"format": "csv", "fields": ["headline"], "overwrite": True},
        "none.jsonl": {"format": "jsonl", "item_classes": ["scrapy.Item"]},
        "some.json.gz": {"format": "json", "postprocessing": ["scrapy.extensions.postprocessing.GzipPlugin"]},
    }
    with Server(newsroom, weight=2_000) as server:
        done = crawl(server.url, "-a", "latest=2", "-s", f"FEEDS={json.dumps(feeds)}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [sorted(line) for line in json_lines(tmp_path / "some.jsonl")] == [["id", "title"]] * 2
    assert (tmp_path / "some.csv").read_text(encoding="utf-8").splitlines()[0] == "headline"
    assert (tmp_path / "none.jsonl").read_bytes() == b""
    assert len(json.loads(gzip.decompress((tmp_path / "some.json.gz").read_bytes()))) == 2


def test_a_reader_of_standard_output_that_goes_ends_the_run_with_a_sentence(newsroom: Newsroom, tmp_path: Path) -> None:
    closed = "import os; read, write = os.pipe(); os.close(read); os.dup2(write, 1)"
    with Server(newsroom, weight=2_000) as server:
        done = run(*crawl_words(server.url, "-a", "latest=2", "-o", "-:jsonl"), cwd=tmp_path, first=closed)
        assert done.returncode == 1, done.stderr
        assert "stdout:: its reader has gone" in done.stderr
        assert "Traceback" not in done.stderr
        assert crawl(server.url, "-a", "latest=2", cwd=tmp_path).returncode == 0


def test_an_array_that_other_hands_changed_is_left_alone(archive: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.json"

    def opened(publisher: str = "farsonline") -> WholeFile:
        file = WholeFile(path, _Lines, ExportLog(archive, str(path), publisher), kind="json", at=AT)
        file.open(overwrite=False)
        return file

    opened().close()
    path.write_bytes(b"something else")
    with pytest.raises(ExportError, match="not the file that this archive wrote last"):
        opened()
    with pytest.raises(ExportError, match="export of farsonline"):
        opened("yjc")
    assert path.read_bytes() == b"something else"


class _Lines:
    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        file.write(b"begin\n")

    def add(self, article: Article) -> None:
        self.file.write(article.article_id.encode())

    def finish(self) -> None:
        self.file.write(b"end\n")

    def abandon(self) -> None:
        pass


def test_xml_holds_no_character_that_no_xml_can_hold() -> None:
    article = Article(publisher="x", article_id="1", url="u", fetched_at=AT, tags=["برگ\x01"])
    article.headline, article.body = "باغ\x0b‌ها \ufffe", "ب\n&<ج"
    file = io.BytesIO()
    made = XmlExporter(file)
    made.start_exporting()
    made.export_item(article)
    made.finish_exporting()
    (item,) = ET.fromstring(file.getvalue())  # noqa: S314  # ours
    assert item.findtext("headline") == "باغ\ufffd‌ها \ufffd"
    assert item.findtext("body") == "ب\n&<ج"
    assert item.findtext("tags/value") == "برگ\ufffd"


@pytest.mark.parametrize(
    ("name", "ok"), [("a.jsonl", True), ("-:csv", True), ("x:json", True), ("a.parquet", False), ("a.b:c", False)]
)
def test_names_of_export_files_name_a_format(name: str, ok: bool) -> None:
    said = unknown_format(name, ("jsonl", "csv", "json"))
    assert (said is None) == ok
    assert said is None or said.startswith(f"{name}: ")


def test_lines_grow_only_where_nothing_else_is_wanted(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "format": "csv", "fields": None, "encoding": None, "batch_item_count": 0, "item_export_kwargs": {},
    }  # fmt: skip
    find: Callable[..., Any] = lambda **more: feed_of(  # noqa: E731
        str(tmp_path / "x.csv"), {**options, **more}, own_formats={"csv"}
    )
    assert find().lines
    assert not find(fields=["url"]).lines
    assert not find(postprocessing=["x"]).lines
    assert not find(format="json").lines


def test_no_export_takes_the_place_of_the_kept_pages(tmp_path: Path) -> None:
    done = run("crawl", "farsonline", "-a", "ids=1", "-O", "archive.pages.db", cwd=tmp_path)
    assert done.returncode == 2
    assert "where the pages of this archive are kept" in done.stderr
