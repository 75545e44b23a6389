"""The metadata records of our WARC files: what was read in a page, in words that strangers' tools pass by."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

from farscrawler import __version__
from farscrawler.archive import Archive
from farscrawler.saved.page import KeptRecord
from farscrawler.saved.warc_writer import WarcFolder, mend, whole_bytes
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from tests.support import crawl, crawl_words, run
from tests.support.killing import kill_at_barrier
from tests.support.saved import contents

if TYPE_CHECKING:
    from pathlib import Path

KEPT = KeptRecord("<urn:uuid:1>", "http://www.fars-online.ir/Fa/News/1/", "2026-11-27T07:18:03Z")


def described(folder: Path) -> tuple[dict[str, dict[str, list[str]]], dict[str, str], set[str | None]]:
    """Return the fields of each metadata record by the answer that it is of, the answers, and the codings asked for."""
    fields: dict[str, dict[str, list[str]]] = {}
    answers: dict[str, str] = {}
    codings: set[str | None] = set()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                head = record.rec_headers
                if record.rec_type == "request":
                    codings.add(record.http_headers.get_header("Accept-Encoding"))
                if record.rec_type == "response":
                    answers[head.get_header("WARC-Record-ID")] = head.get_header("WARC-Target-URI")
                if record.rec_type != "metadata":
                    continue
                assert head.get_header("Content-Type") == "application/warc-fields"
                of = head.get_header("WARC-Concurrent-To")
                assert of == head.get_header("WARC-Refers-To")
                assert answers[of] == head.get_header("WARC-Target-URI")
                found: dict[str, list[str]] = {}
                for line in record.content_stream().read().decode().split("\r\n")[:-1]:
                    name, _, value = line.partition(": ")
                    found.setdefault(name, []).append(value)
                fields[of] = found
    return fields, answers, codings


def test_each_page_that_was_read_has_a_record_of_what_was_read(tmp_path: Path) -> None:
    newsroom = Newsroom(count=25, seed=7)
    with Server(newsroom, Faults(gzip=0.5)) as server:
        done = crawl(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id + 2}", cwd=tmp_path, WARC="out")
        assert done.returncode == 0, done.stderr
    fields, answers, codings = described(tmp_path / "out")
    assert codings == {"gzip"}
    assert len(answers) > len(fields) >= len(newsroom.ids())  # robots.txt is no page
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        stored = {one.article_id: one for one in archive.articles("farsonline")}
    articles = {one["article_id"][0]: one for one in fields.values() if one["outcome"] == ["article"]}
    assert articles.keys() == stored.keys()
    assert any(one.published_at for one in stored.values())
    for key, said in articles.items():
        article = stored[key]
        assert said["software"] == [f"farscrawler/{__version__}"]
        assert said["publisher"] == ["farsonline"]
        for name in ("url", "headline", "published_at", "published_jalali", "published_precision", "content_hash"):
            value = getattr(article, name)
            assert said.get(name) == ([value] if value else None), (key, name)
        assert said.get("warning", []) == article.warnings
    others = [one for one in fields.values() if one["outcome"] != ["article"]]
    assert {one["outcome"][0] for one in others} <= {"missing", "not-article"}
    assert others
    assert all("headline" not in one and one["article_id"][0] not in stored for one in others)


def test_a_date_that_is_not_certain_has_no_line_and_a_value_stays_in_its_line(tmp_path: Path) -> None:
    warcs = WarcFolder(tmp_path, "farsonline", max_bytes=10**9, info={"software": "farscrawler/0"})
    warcs.describe(KEPT, [("headline", "می‌رود\r\nWARC-Type: response"), ("reason", "half \ud800 a pair")])
    warcs.close()
    (path,) = tmp_path.iterdir()
    with path.open("rb") as file:
        (text,) = [one.content_stream().read() for one in ArchiveIterator(file) if one.rec_type == "metadata"]
    assert text.decode() == "headline: می‌رود\\r\\nWARC-Type: response\r\nreason: half \\ud800 a pair\r\n"


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.99])
def test_a_torn_metadata_record_is_cut_off_alone(tmp_path: Path, share: float) -> None:
    warcs = WarcFolder(tmp_path, "farsonline", max_bytes=10**9, info={"software": "farscrawler/0"})
    warcs.describe(KEPT, [("headline", "یک")])
    (path,) = tmp_path.iterdir()
    before = path.stat().st_size
    warcs.describe(KEPT, [("headline", "دو" * 50)])
    data = path.read_bytes()
    warcs.close()
    path.with_name(path.name.removesuffix(".open")).unlink()
    path.write_bytes(data[: before + int(share * (len(data) - before))])
    assert whole_bytes(path) == before
    assert len(mend(tmp_path, "farsonline")) == 1
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == data[:before]


def test_a_crawl_that_is_killed_at_its_metadata_leaves_files_that_others_read(tmp_path: Path) -> None:
    newsroom = Newsroom(count=40)
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", settings={"WARC": "out"})
        for call in (3, 7, 11):
            place = "farscrawler.saved.warc_writer:WarcFolder.describe"
            assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=call)
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *map(str, (tmp_path / "out").iterdir())], check=False
    )
    assert checked.returncode == 0
    fields, _, _ = described(tmp_path / "out")
    live = contents(tmp_path / "archive.db")
    # Pages that a killed run had kept are read from its file, and are described then all the same.
    assert {one["article_id"][0] for one in fields.values() if one["outcome"] == ["article"]} == {
        str(number) for number in newsroom.ids()
    }
    (tmp_path / "archive.db").unlink()
    done = run("crawl", "farsonline", "-a", "pages=out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "metadata record" not in done.stderr
    assert contents(tmp_path / "archive.db") == live
