"""`farscrawler export`: the same bytes as a crawl's export, every format, and files that are whole or as they were."""

from __future__ import annotations

import csv
import fcntl
import gzip
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from scrapy.exporters import JsonItemExporter

from farscrawler.archive import Archive
from farscrawler.archive.article_rows import to_row
from farscrawler.exporters.formats import Csv, JsonLines, SafeCsv
from farscrawler.exporters.item_exporters import XmlExporter
from farscrawler.items import FIELD_NAMES
from tests.support import ROOT, command, environment, run, start
from tests.support.archives import file_of
from tests.support.counted import made, store
from tests.support.records import article, visit

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.exporters.formats import LineFormat
    from farscrawler.items import Article

FORMATS = ("jsonl", "json", "csv", "csv-safe", "xml", "db")


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    found = made(700, seed=9)
    found[3].headline, found[3].body = '=1+1 "نقل", \u2028 و\x85', "بند ۱\r\nبند <۲> & \x0b" + "ن" * 140_000
    found[4].images = [{"url": "http://x/ي.jpg", "caption": 'شرح "عکس"'}]
    return found


@pytest.fixture(scope="module")
def folder(articles: list[Article], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("export") / "archive.db", articles).parent


def export(*words: str, cwd: Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = run("export", *words, cwd=cwd)
    assert code is None or done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def as_a_crawl_writes(form: str, articles: list[Article]) -> bytes:
    """Return the bytes of an export of a crawl, which writes articles one by one."""
    if form in ("jsonl", "csv", "csv-safe"):
        lines: LineFormat = JsonLines() if form == "jsonl" else Csv() if form == "csv" else SafeCsv()
        return lines.header() + b"".join(map(lines.render, articles))
    file = io.BytesIO()
    made_of = {"json": JsonItemExporter, "xml": XmlExporter}[form]
    exporter = made_of(file, encoding="utf-8", indent=0)
    exporter.start_exporting()
    for one in articles:
        exporter.export_item(one)
    exporter.finish_exporting()
    return file.getvalue()


def test_each_format_has_the_bytes_of_a_crawls_export(folder: Path, articles: list[Article], tmp_path: Path) -> None:
    words = [word for form in FORMATS for word in ("-O", str(tmp_path / f"news.{form}"))]
    done = export(*words, cwd=folder)
    for form in FORMATS[:-1]:
        data = (tmp_path / f"news.{form}").read_bytes()
        assert data == as_a_crawl_writes(form, articles), form
        assert f"news.{form}: 700 articles, " in done.stderr
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        assert db.execute("SELECT * FROM articles").fetchall() == [to_row(one) for one in articles]
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(f"news.{form}" for form in FORMATS)


def test_packed_files_and_streams_hold_the_same_and_a_repetition_has_the_same_bytes(
    folder: Path, articles: list[Article], tmp_path: Path
) -> None:
    for form in FORMATS[:-1]:
        path = tmp_path / f"news.{form}.gz"
        export("-o", str(path), cwd=folder)
        assert gzip.decompress(path.read_bytes()) == as_a_crawl_writes(form, articles)
        before = path.read_bytes()
        export("-O", str(path), cwd=folder)
        assert path.read_bytes() == before
        end = "\n" if form in ("json", "xml") else ""
        out = run("export", "-O", f"-:{form}", cwd=folder).stdout
        assert (out.replace("\r\n", "\n")) == (as_a_crawl_writes(form, articles).decode() + end).replace("\r\n", "\n")
    with (tmp_path / "piped").open("wb") as file:
        done = subprocess.run(
            command("export", "-o", "-:jsonl.gz"), cwd=folder, env=environment(), stdout=file, check=True
        )  # fmt: skip
        assert done.returncode == 0
    assert gzip.decompress((tmp_path / "piped").read_bytes()) == as_a_crawl_writes("jsonl", articles)


@pytest.mark.parametrize("limit", [1, 256, 700, 900])
def test_a_limit_leaves_the_first_rows(folder: Path, articles: list[Article], tmp_path: Path, limit: int) -> None:
    export("-O", str(tmp_path / "some.jsonl"), "-O", str(tmp_path / "some.csv"), "-n", str(limit), cwd=folder)
    for form in ("jsonl", "csv"):
        assert (tmp_path / f"some.{form}").read_bytes() == as_a_crawl_writes(form, articles[:limit])


def test_conditions_columns_and_revisions(folder: Path, articles: list[Article], tmp_path: Path) -> None:
    wanted = [one for one in articles if one.publisher == "irna" and one.section in ("سیاسی", "سياسي")]
    out = export("-O", "-:jsonl", "--section", "سیاسی", "--columns", "headline, article_id", "irna", cwd=folder).stdout
    assert [json.loads(line) for line in out.splitlines()] == [
        {"headline": one.headline, "article_id": one.article_id} for one in wanted
    ]
    assert list(json.loads(out.splitlines()[0])) == ["headline", "article_id"]
    done = export("-O", "-:jsonl", "--since", "1401", "--until", "1401", "isna", "irna", cwd=folder)
    with Archive(folder / "archive.db") as archive:
        found = [
            *archive.articles("isna", since="1401", until="1401"),
            *archive.articles("irna", since="1401", until="1401"),
        ]
        assert [json.loads(line)["article_id"] for line in done.stdout.splitlines()] == [
            one.article_id for one in found
        ]
    assert "articles of the archive have no known day, and so are in no range." in done.stderr
    export("-O", str(tmp_path / "some.db"), "--columns", "headline,body", cwd=folder)
    with closing(sqlite3.connect(tmp_path / "some.db")) as db:
        assert db.execute("SELECT * FROM articles").fetchall() == [(one.headline, one.body) for one in articles]
    export("-O", str(tmp_path / "some.db"), "--columns", "headline", cwd=folder)  # it is known as an export
    export("-O", str(tmp_path / "all.csv"), "--csv-bom", "--csv-safe", "--columns", "headline", cwd=folder)
    data = (tmp_path / "all.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfheadline\r\n")
    assert "'=1+1" in data.decode()
    assert [row[0] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))][4].startswith("'=1+1")


def test_all_revisions_and_publishers_of_no_stanza(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(3):
            one = article("1", content_hash=str(number))
            one.publisher = "gonesite"
            seen = visit("1")
            seen.publisher = "gonesite"
            archive.save(seen, one)
    out = export("-O", "-:jsonl", "--all-revisions", "gonesite", cwd=tmp_path)
    assert [json.loads(line)["revision"] for line in out.stdout.splitlines()] == [1, 2, 3]
    assert "standard output: 3 revisions, " in out.stderr
    newest = export("-O", "-:jsonl", "--newest-revision", cwd=tmp_path).stdout
    assert [json.loads(line)["revision"] for line in newest.splitlines()] == [3]
    said = export("-O", "-:jsonl", "gonesit", cwd=tmp_path, code=2).stderr
    assert "there is no publisher named 'gonesit'. Did you mean gonesite?" in said


def test_articles_are_exported_that_a_search_finds(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes((folder / "archive.db").read_bytes())
    with Archive(path, readonly=False) as archive:
        for number, key in enumerate(("5", "77", "410", "5")):
            found = archive.article("irna", key) or archive.article("isna", key) or archive.article("farsonline", key)
            assert found is not None
            found.body, found.content_hash = f"بند {number}: کتاب‌های باغ", f"new{number}"
            archive.revise(found)
    out = export("-O", "-:jsonl", "--search", "کتاب‌های باغ", cwd=tmp_path)
    assert [json.loads(line)["article_id"] for line in out.stdout.splitlines()] == ["5", "77", "410"]
    every = export("-O", "-:jsonl", "--search", "كتابهاي", "--all-revisions", "--columns", "article_id", cwd=tmp_path)
    assert sorted(json.loads(line)["article_id"] for line in every.stdout.splitlines()) == [
        "410", "410", "5", "5", "5", "77", "77",
    ]  # fmt: skip
    with Archive(path) as archive:
        days = {
            one.article_id: one.published_date for one in archive.articles() if one.article_id in ("5", "77", "410")
        }
    in_range = export("-O", "-:jsonl", "--search", "باغ", "--since", "1401", cwd=tmp_path, code=None).stdout
    assert {json.loads(line)["article_id"] for line in in_range.splitlines()} == {
        key for key, day in days.items() if day is not None and day >= "2022-03-21"
    }
    assert "holds no such article" in export("-O", "-:jsonl", "--search", "نیست‌درجهان", cwd=tmp_path, code=1).stderr
    assert export("-O", "-:jsonl", "--search", '"', cwd=tmp_path, code=2).stdout == ""


def test_nothing_found_is_a_valid_file_and_said(folder: Path, tmp_path: Path) -> None:
    words = [word for form in FORMATS for word in ("-O", str(tmp_path / f"news.{form}"))]
    done = export(*words, "--since", "1390", "--until", "1390", cwd=folder, code=1)
    assert "archive.db holds no such article." in done.stderr
    assert (tmp_path / "news.jsonl").read_bytes() == b""
    assert json.loads((tmp_path / "news.json").read_bytes()) == []
    assert (tmp_path / "news.csv").read_text() == ",".join(FIELD_NAMES) + "\n"
    assert len(ET.fromstring((tmp_path / "news.xml").read_bytes())) == 0  # noqa: S314  # ours
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (0,)


def test_damaged_articles_are_named_and_left_out(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(5):
            archive.save(visit(str(number)), article(str(number)))
    with closing(sqlite3.connect(file_of(archive))) as db, db:
        db.execute("UPDATE articles SET tags = '{' WHERE article_id = '2'")
    done = export("-O", "news.jsonl", cwd=tmp_path, code=3)
    assert "farsonline 2 is damaged (tags is no list) and was left out." in done.stderr
    assert "1 damaged articles of archive.db were left out; `farscrawler check` shows" in done.stderr
    lines = (tmp_path / "news.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["article_id"] for line in lines] == ["0", "1", "3", "4"]


def test_an_article_that_is_removed_while_it_is_read_is_said(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes((folder / "archive.db").read_bytes())
    with start(
        "export", "-O", "news.jsonl", cwd=tmp_path, stderr=subprocess.PIPE,
        stop_at="farscrawler.exporters.rowfiles:RowFile.add_rows",
    ) as process:  # fmt: skip
        assert process.stopped()
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("DELETE FROM articles WHERE article_id = '650'")
        process.go_on()
        _, said = process.communicate()
    assert process.returncode == 3, said
    assert "1 articles of archive.db were removed while they were read" in said
    assert len((tmp_path / "news.jsonl").read_bytes().splitlines()) == 699


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a file to write"),
        (["-O", "news"], "news: its name has no ending that names a format"),
        (["-O", "news.xlsx"], "Other programs open .csv. Endings are .jsonl"),
        (["-O", "news.db.gz"], "news.db.gz: no program reads an SQLite file within another"),
        (["-O", "-:db"], "an SQLite file is written to a plain local file"),
        (["-O", "-:csv", "-O", "-:jsonl"], "standard output is named for two exports"),
        (["-O", "a.jsonl", "-O", "./a.jsonl:csv"], "is the same file; each needs one of its own"),
        (["-O", "a.csv:csv-safe", "-O", "./a.csv"], "is the same file; each needs one of its own"),
        (["-o", "old.csv"], "it is there already, and an export is written anew; write -O"),
        (["-O", "archive.db"], "is the archive itself"),
        (["-O", "archive.db-wal:jsonl"], "is the write-ahead log of the archive"),
        (["-O", "foreign.db"], "is an SQLite file of another program"),
        (["-O", "foreign.db:csv"], "is an SQLite file of another program"),
        (["-O", "s3://x/news.csv"], "plain local file"),
        (["-O", ".:json"], "is a folder; name a file in it"),
        (["-O", "socket:json"], "socket cannot be written: it is a socket"),
        (["-O", "nowhere/x.json"], "The folder"),
        (["-O", "x.json", "--columns", "headline,place"], "--columns: an article has no field 'place'; fields are"),
        (["-O", "x.json", "--columns", "titel"], "has no field 'titel'; did you mean headline? fields are"),
        (["-O", "x.json", "-n", "0"], "--limit 0: an export has at least one row"),
        (["--dataset", "x", "-n", "5"], "--limit is for files, and a dataset is a folder"),
        (["-O", "x.json", "--columns", "headline,headline"], "--columns: headline is named twice"),
        (["-O", "x.json", "--csv-bom"], "--csv-bom is for CSV, and no file here is"),
        (["-O", "x.db", "--all-revisions"], "holds each article once"),
        (["-O", "x.json", "--since", "1402", "--until", "1401"], "exchange them"),
        (["-O", "x.json", "nobody"], "there is no publisher named 'nobody'"),
        (["-O", "x.json", "-s", "ARCHIVE=none.db"], "none.db does not exist"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_touched(
    folder: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "archive.db").write_bytes((folder / "archive.db").read_bytes())
    (tmp_path / "old.csv").write_text("old\n")
    with closing(socket.socket(socket.AF_UNIX)) as made_here:
        made_here.bind(os.path.relpath(tmp_path / "socket"))
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as db:
        db.execute("CREATE TABLE articles (headline, body)")
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}
    done = run("export", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    after = {
        one.name: one.read_bytes() for one in tmp_path.iterdir() if one.is_file() and "archive.db-" not in one.name
    }
    assert after == before  # a reader leaves an empty log beside the archive


def test_a_file_that_another_run_writes_is_waited_for(folder: Path, tmp_path: Path) -> None:
    with (tmp_path / ".news.json.lock").open("w") as lock:
        lock.write("the crawl of x")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = export("-O", str(tmp_path / "news.json"), cwd=folder, code=75)
    assert "is being written by the crawl of x" in done.stderr
    assert not (tmp_path / "news.json").exists()


@pytest.mark.parametrize(
    ("number", "place", "name"),
    [
        (signal.SIGINT, "add_rows", "news.db"),
        (signal.SIGINT, "finish", "news.jsonl.gz"),
        (signal.SIGKILL, "finish", "news.db"),
        (signal.SIGKILL, "put", "news.jsonl.gz"),
    ],
)
def test_a_kill_leaves_the_file_as_it_was_and_the_next_run_what_belongs_there(
    folder: Path, tmp_path: Path, number: signal.Signals, place: str, name: str
) -> None:
    path = tmp_path / name
    export("-O", str(path), "irna", cwd=folder)
    path.chmod(0o600)
    before = path.read_bytes()
    with start(
        "export", "-O", str(path), cwd=folder, stderr=subprocess.PIPE,
        stop_at=f"farscrawler.exporters.rowfiles:RowFile.{place}",
    ) as process:  # fmt: skip
        assert process.stopped()
        process.send_signal(number)
        if number == signal.SIGINT:
            process.go_on()
        _, said = process.communicate()
    assert path.read_bytes() == before
    if number == signal.SIGINT:
        assert process.returncode == 130, said
        assert "interrupted; the files are as they were." in said
        assert [one.name for one in tmp_path.iterdir()] == [name]
    export("-O", str(path), cwd=folder)
    assert path.stat().st_mode & 0o777 == 0o600
    fresh = tmp_path / "fresh" / name
    fresh.parent.mkdir()
    export("-O", str(fresh), cwd=folder)
    assert path.read_bytes() == fresh.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([name, "fresh"])


def test_a_full_disk_and_a_reader_that_goes_are_said(folder: Path, tmp_path: Path) -> None:
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))"
    for name in ("news.csv", "news.db"):
        path = tmp_path / name
        done = run("export", "-O", str(path), cwd=folder, first=limit)
        assert done.returncode == 1, done.stderr
        assert f"{name}: " in done.stderr
        assert "The file is as it was." in done.stderr
        assert list(tmp_path.iterdir()) == []
    closed = "import os; read, write = os.pipe(); os.close(read); os.dup2(write, 1)"
    assert run("export", "-O", "-:jsonl", cwd=folder, first=closed).returncode == 0  # as of any command before `head`
    done = run("export", "-O", "-:jsonl", "-O", str(tmp_path / "x.csv"), cwd=folder, first=closed)
    assert done.returncode == 1
    assert "standard output: its reader has gone. The files are as they were." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_hot_journal_beside_an_export_does_not_spoil_the_new_one(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    export("-O", str(path), "irna", cwd=folder)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN")
        db.execute("UPDATE articles SET body = 'x'")
        (tmp_path / "killed").mkdir()
        for one in (path, tmp_path / "news.db-journal"):
            (tmp_path / "killed" / one.name).write_bytes(one.read_bytes())
        db.execute("ROLLBACK")
    killed = tmp_path / "killed" / "news.db"
    assert killed.with_name("news.db-journal").stat().st_size > 0
    export("-O", str(killed), cwd=folder)
    assert [one.name for one in killed.parent.iterdir()] == ["news.db"]
    with closing(sqlite3.connect(killed)) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (700,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_archive_of_an_older_version_is_exported_as_the_library_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(gzip.decompress((ROOT / "tests/data/0.2.0/archive.db.gz").read_bytes()))
    export("-O", "news.jsonl", "-O", "news.db", cwd=tmp_path)
    with Archive(path) as archive:
        found = list(archive.articles())
    assert (tmp_path / "news.jsonl").read_bytes() == as_a_crawl_writes("jsonl", found)
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        assert db.execute("SELECT * FROM articles").fetchall() == [to_row(one) for one in found]


def test_progress_is_drawn_on_a_terminal_alone(folder: Path) -> None:
    read, write = os.openpty()
    now = "import time, itertools; clock = itertools.count(); time.monotonic = lambda: float(next(clock))"
    with start("export", "-O", "/dev/null:jsonl", cwd=folder, stderr=write, first=now) as process:
        os.close(write)
        said = b""
        try:
            while piece := os.read(read, 1 << 16):
                said += piece
        except OSError:  # the terminal is gone
            pass
        os.close(read)
    assert process.returncode == 0
    assert b"export: 500 of 700 (71%), " in said
    assert b"/dev/null: 700 articles, " in said
