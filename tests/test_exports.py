"""Export files: whole lines, each article once, and nothing foreign ever spoilt."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Field, Item

from farscrawler.archive import Archive
from farscrawler.archive.exports import ExportLog
from farscrawler.errors import ExportError
from farscrawler.exporters.formats import Csv, JsonLines
from farscrawler.exporters.item_exporters import CsvExporter, JsonLinesExporter
from farscrawler.exporters.textfile import LineFile
from farscrawler.items import FIELD_NAMES, Article
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, json_lines, run
from tests.support.records import AT, follow, store

if TYPE_CHECKING:
    from pathlib import Path


def open_lines(archive: Archive, path: Path, *, overwrite: bool = False, publisher: str = "farsonline") -> LineFile:
    file = LineFile(path, JsonLines(), ExportLog(archive, str(path), publisher), kind="jsonl", at=AT)
    file.open(overwrite=overwrite)
    return file


def ids(path: Path) -> list[str]:
    return [line["article_id"] for line in json_lines(path)]


def test_lines_follow_the_commits(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    store(archive, "before")
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1", "2")
    assert ids(path) == ["1", "2"]  # not «before»: the file was begun later
    store(archive, "3")
    store(archive, "3")  # unchanged: no second line
    assert ids(path) == ["1", "2", "3"]
    line = path.read_bytes().splitlines()[0]
    assert list(json.loads(line)) == list(FIELD_NAMES)
    assert "نیم‌فاصله".encode() in line
    file.close()


@pytest.mark.parametrize("torn", [0, 1, 25, 10_000])
def test_what_a_kill_left_behind_the_known_end_is_cut_and_written_again(
    archive: Archive, tmp_path: Path, torn: int
) -> None:
    path = tmp_path / "x.jsonl"
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1")
    archive.listeners.clear()
    store(archive, "2", "3")  # stored, and the process dies before or while it writes the lines
    more = JsonLines().render(archive.article("farsonline", "2") or pytest.fail("not stored"))
    file.file.write((more * 2)[:torn])
    file.file.flush()
    file.file.close()
    again = open_lines(archive, path)
    assert ids(path) == ["1", "2", "3"]
    follow(archive, again)
    store(archive, "4")
    assert ids(path) == ["1", "2", "3", "4"]
    again.close()


def test_a_revision_is_a_line_of_its_own(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    file = open_lines(archive, path)
    store(archive, "1")
    store(archive, "1", headline="تیتر دیگر")
    file.close()
    open_lines(archive, path).close()  # both were missed and both are written, in their order
    assert [(line["article_id"], line["revision"]) for line in json_lines(path)] == [("1", 1), ("1", 2)]


def test_articles_stored_before_are_added_when_a_plan_names_them_and_only_once(
    archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    store(archive, "1", "2")
    file = open_lines(archive, path)
    for _ in range(2):
        file.write(file.log.missing_of(file.export, ["1", "2", "9"]))
    assert ids(path) == ["1", "2"]
    file.close()


def test_overwriting_begins_anew(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("something else entirely", encoding="utf-8")
    file = open_lines(archive, path, overwrite=True)
    follow(archive, file)
    store(archive, "1")
    file.close()
    assert ids(path) == ["1"]


def test_a_whole_foreign_file_is_appended_to(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    foreign = b'{"a": 1}\n{"b": "' + "ب".encode() * 50_000 + b'"}\n'
    path.write_bytes(foreign)
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1")
    file.close()
    assert path.read_bytes().startswith(foreign)
    assert len(json_lines(path)) == 3


@pytest.mark.parametrize("head", [b"name,age\r\n", b"publisher,article_id,headline\r\n"])
def test_rows_are_never_put_below_another_head(archive: Archive, tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(head + b"1,2\r\n")
    with pytest.raises(ExportError, match="has other columns than the export"):
        LineFile(path, Csv(), ExportLog(archive, str(path), "farsonline"), kind="csv", at=AT).open(overwrite=False)
    assert path.read_bytes() == head + b"1,2\r\n"


@pytest.mark.parametrize("content", [b'{"a": 1}\n{"b', b"a letter\n", b"\x89PNG\r\n\x1a\n", b'{"a": 1}'])
def test_a_torn_or_foreign_file_is_refused_and_untouched(archive: Archive, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(ExportError, match="untouched"):
        open_lines(archive, path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("change", ["shorter", "edited", "longer"])
def test_a_file_changed_by_other_hands_is_refused_and_untouched(archive: Archive, tmp_path: Path, change: str) -> None:
    path = tmp_path / "x.jsonl"
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1", "2")
    file.close()
    data = path.read_bytes()
    changed = {
        "shorter": data[:-10],
        "edited": data[:-10] + b"!" * 10,
        "longer": data + b'{"mine": true}\n',
    }[change]
    path.write_bytes(changed)
    with pytest.raises(ExportError, match="untouched"):
        open_lines(archive, path)
    assert path.read_bytes() == changed


def test_a_file_that_was_taken_away_is_begun_anew(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1")
    file.close()
    path.rename(tmp_path / "yesterday.jsonl")
    again = open_lines(archive, path)
    follow(archive, again)
    store(archive, "2")
    again.close()
    assert ids(path) == ["2"]


def test_the_export_of_another_publisher_is_refused(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1")
    file.close()
    with pytest.raises(ExportError, match="export of farsonline"):
        open_lines(archive, path, publisher="yjc")


def test_csv_has_one_head_whatever_happens(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for key in ("1", "2"):
        file = LineFile(path, Csv(), ExportLog(archive, str(path), "farsonline"), kind="csv", at=AT)
        file.open(overwrite=False)
        follow(archive, file)
        store(archive, key)
        file.close()
    assert path.read_bytes().count(b"publisher,article_id") == 1
    assert path.read_bytes().count(b"\r\nfarsonline,") == 2


def test_lines_of_another_archive_are_never_cut(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1")
    file.close()
    with Archive(tmp_path / "other.db", readonly=False) as other:
        theirs = open_lines(other, path)  # a whole foreign file to them: appended to
        follow(other, theirs)
        store(other, "4", "5")
        theirs.close()
    before = path.read_bytes()
    assert ids(path) == ["1", "4", "5"]
    with pytest.raises(ExportError, match="did not write"):
        open_lines(archive, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("torn", [0, 3, 40, 400])
def test_a_torn_row_of_csv_is_cut_and_written_again(archive: Archive, tmp_path: Path, torn: int) -> None:
    path = tmp_path / "x.csv"

    def opened() -> LineFile:
        file = LineFile(path, Csv(), ExportLog(archive, str(path), "farsonline"), kind="csv", at=AT)
        file.open(overwrite=False)
        return file

    first = opened()
    follow(archive, first)
    store(archive, "1")
    archive.listeners.clear()
    store(archive, "2", "3")
    row = Csv().render(archive.article("farsonline", "2") or pytest.fail("not stored"))
    first.file.write((row * 2)[:torn])
    first.file.close()
    opened().close()
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["article_id"] for row in csv.DictReader(file)] == ["1", "2", "3"]


def test_another_format_under_the_same_name_is_refused(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    file = open_lines(archive, path)
    follow(archive, file)
    store(archive, "1")
    file.close()
    before = path.read_bytes()
    with pytest.raises(ExportError, match="holds jsonl, not csv"):
        LineFile(path, Csv(), ExportLog(archive, str(path), "farsonline"), kind="csv", at=AT).open(overwrite=False)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-o", "x.jsonl", "-o", "./x.jsonl"], "is the same file"),
        (["-o", "-:db"], "plain local file"),
        (["-o", "loop.jsonl"], "cannot be found"),
        (["-o", "archive.db.farsonline.lock:jsonl"], "lock of the archive"),
        (["-s", "ARCHIVE=:memory:"], "keeps nothing"),
        (["-a", "base_url=http://a b"], "write scheme and host"),
        (["-a", "latest=²"], "whole number"),
        (["-a", "latest=" + "1" * 5000], "whole number"),
    ],
)
def test_impossible_exports_and_places_are_refused_before_anything_is_fetched(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    plan = [] if any(word.startswith("latest") for word in words) else ["-a", "ids=1"]
    done = run("crawl", "farsonline", *plan, *words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_standard_output_is_a_feed_of_scrapys_with_our_lines(tmp_path: Path) -> None:
    newsroom = Newsroom(count=5)
    with Server(newsroom) as server:
        done = crawl(server.url, "-a", "latest=2", "-o", "-:jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [list(json.loads(line)) for line in done.stdout.splitlines()] == [list(FIELD_NAMES)] * 2


@pytest.mark.parametrize("name", ["n.jsonl", "n.csv", "n.db"])
def test_a_file_of_overwriting_stays_as_it_was_where_the_site_is_down(tmp_path: Path, name: str) -> None:
    newsroom = Newsroom(count=10)
    with Server(newsroom) as server:
        assert crawl(server.url, "-a", "latest=3", "-O", name, cwd=tmp_path).returncode == 0
        url = server.url
    before = (tmp_path / name).read_bytes()
    assert crawl(url, "-a", "latest=3", "-O", name, cwd=tmp_path, RETRY_TIMES=0).returncode == 3
    assert (tmp_path / name).read_bytes() == before
    with Server(newsroom) as server:  # and a run that ends well with nothing to write leaves an empty one
        assert crawl(server.url, "-a", "ids=99999", "-O", name, cwd=tmp_path).returncode == 0
    assert len((tmp_path / name).read_bytes()) != len(before)


def test_an_item_of_another_kind_is_exported_too() -> None:
    """A pipeline of the user's own may hand on what it likes; Scrapy's exporters take all kinds of items."""
    article = Article(publisher="farsonline", article_id="7", url="http://x/7", headline="باغ‌ها", body="ب")
    items: list[Any] = [article, asdict(article), scrapy_item(asdict(article))]
    for exporter in (JsonLinesExporter, CsvExporter):
        files = [io.BytesIO() for _ in items]
        for file, item in zip(files, items, strict=True):
            made = exporter(file)
            made.start_exporting()
            made.export_item(item)
        assert len({file.getvalue() for file in files}) == 1
        assert "باغ‌ها".encode() in files[0].getvalue()
    with pytest.raises(TypeError):
        JsonLinesExporter(io.BytesIO()).export_item(7)


def scrapy_item(values: dict[str, Any]) -> Item:
    kind = type("AnyArticle", (Item,), {name: Field() for name in values})
    made: Item = kind(values)
    return made


def test_what_an_export_is_owed_is_of_its_own_publisher(archive: Archive) -> None:
    log = ExportLog(archive, "x.jsonl", "farsonline")
    export = log.begin("jsonl", 0, "", AT)
    for publisher in ("yjc", "farsonline"):
        store(archive, "1", publisher=publisher)
    assert [(s.article.publisher, s.article.article_id) for page in log.pending(export) for s in page] == [
        ("farsonline", "1")
    ]
