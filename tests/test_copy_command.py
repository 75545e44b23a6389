"""`farscrawler copy`: from a file into a database and back, in spite of kills; nothing of it is another one."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.captures import RejectedCaptures
from farscrawler.archive.kept.pages import KeptPage, KeptPages, pages_location
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.listing_cache import Lists, StoredList
from farscrawler.listings.entry import Entry, Listing
from farscrawler.locations import Server
from tests.support import environment, run, start
from tests.support.postgres import needs_postgres
from tests.support.records import AT, article, visit

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.locations import Location
    from tests.support.postgres import Postgres

TABLES = (
    "articles",
    "revisions",
    "changes",
    "visits",
    "runs",
    "floors",
    "exports",
    "export_lines",
    "lists",
    "captures",
)


def keep_one(pages: KeptPages, key: str) -> None:
    """Add a page of an article to kept pages."""
    seen = visit(key)
    page = KeptPage(
        publisher="farsonline", key=key, form="page", url=seen.url, outcome="article", status=200,
        fetched_at=AT, body=f"<p>نیم‌فاصله {key}".encode() * 40,
    )  # fmt: skip
    pages.keep(seen, [page])


def fill_one(place: Path) -> None:
    """Store an article in an archive."""
    with Archive(place, readonly=False) as archive:
        archive.save(visit("1"), article("1"))


def fill(place: Location) -> None:
    """Store something in every table of an archive, and pages."""
    with Archive(place, readonly=False) as archive, KeptPages(pages_location(place), readonly=False) as pages:
        ledger = Ledger(archive, "farsonline")
        run_number = ledger.begin_run({"latest": "5"}, AT)
        archive.preparations.append(pages.flush)
        for key in map(str, range(2_500)):
            seen = visit(key)
            if key.endswith("00"):
                keep_one(pages, key)
            archive.save(seen, article(key))
        archive.save(visit("x", "missing", "HTTP 404"))
        for key in ("5", "6", "1"):
            archive.save(visit(key), article(key, headline="تیتر «دیگر»\t\\N", content_hash="b"))
        archive.flush()
        ledger.set_watermark(7, AT)
        ledger.end_run(run_number, at=AT, reason="finished", exit_code=0, counts={"article": 2_500})
        listing = Listing(
            url="http://x/list", articles=[Entry("1", "http://x/1", None, None)], sitemaps=[], following=None
        )
        Lists(archive, "farsonline").save(StoredList(listing=listing, way="w", read_at=AT, closed=True))
        RejectedCaptures(archive, "farsonline").add("1", source="s", source_at=AT, outcome="missing", reason="r", at=AT)
        with archive.transaction() as db:
            db.execute(
                """INSERT INTO exports
                     (path, format, publisher, first_seq, start_bytes, bytes, tail, at, schema_version)
                   VALUES ('/x', 'jsonlines', 'farsonline', 0, 0, 5, 't', ?, 2)""",
                (AT,),
            )
            db.execute("INSERT INTO export_lines (export, seq) VALUES (1, 2)")


def said(place: Location) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of an archive, by table."""
    with Archive(place) as archive:
        found = {}
        for table in TABLES:
            rows = archive.db.execute(f"SELECT * FROM {table}")  # noqa: S608  # names of this module
            names = [column[0] for column in rows.description or ()]
            kept = [at for at, name in enumerate(names) if name != "rowid"]
            found[table] = sorted((tuple(row[at] for at in kept) for row in rows.fetchall()), key=repr_of)
        found["order"] = archive.db.execute("SELECT rowid, article_id FROM articles ORDER BY rowid").fetchall()
        return found


INSERTS = "farscrawler.archive.writing.transfer:_insert"
COMPARES = "farscrawler.archive.writing.transfer:_each"
PAGES_TAKEN = "farscrawler.archive.writing.transfer:include_pages"
ENDS = "farscrawler.archive.writing.transfer:finish"


def repr_of(row: tuple[object, ...]) -> str:
    return json.dumps([int(value) if isinstance(value, bool) else value for value in row])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "archive.db"
    fill(path)
    return path


@needs_postgres
def test_an_archive_goes_into_a_database_and_back_and_is_the_same(
    source: Path, postgres: Postgres, tmp_path: Path
) -> None:
    server = postgres.archive()
    there = run("copy", str(source), server.address, cwd=tmp_path)
    assert there.returncode == 0, there.stderr
    assert there.stdout.startswith(f"{server}: 2,500 articles, 3 revisions, 2,503 changes, 2,501 visits, 1 runs, ")
    assert there.stdout.endswith("compared row by row, all is the same.\n")
    back = run("copy", server.address, "back.db", cwd=tmp_path)
    assert back.returncode == 0, back.stderr
    assert said(server) == said(source) == said(tmp_path / "back.db")
    assert all(said(source).values())
    with Archive(server, readonly=False) as archive, KeptPages(server) as pages:
        assert check(archive) == []
        assert sum(1 for part in pages.parts("farsonline", keys=10) for _ in pages.read(part)) == 24
        # Numbers go on behind those that were copied.
        archive.save(visit("new"), article("new"))
        archive.flush()
        assert archive.db.execute("SELECT max(seq) FROM changes").fetchone() == (2_504,)
        assert Ledger(archive, "farsonline").begin_run({}, AT) == 2


def test_a_copy_of_a_file_into_a_file(source: Path, tmp_path: Path) -> None:
    done = run("copy", str(source), "new.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert said(tmp_path / "new.db") == said(source)
    again = run("copy", str(source), "new.db", cwd=tmp_path)
    assert again.returncode == 2, again.stderr
    assert "new.db holds something already, and no copy that was interrupted; it was left as it is." in again.stderr


#: Where a copy is killed: at a batch of articles, at the one of the pages, before one of its comparisons.
KILLS = {
    "in the articles": (INSERTS, 2),
    "behind the articles": (INSERTS, 5),
    "at the pages": (PAGES_TAKEN, 1),
    "before the comparison": (COMPARES, 1),
    "in the comparison": (COMPARES, 9),
    "at the end": (ENDS, 1),
}


@pytest.mark.parametrize(
    ("killed", "into"),
    [
        *((killed, "file") for killed in KILLS),
        *(pytest.param(one, "server", marks=needs_postgres) for one in ("behind the articles", "in the comparison")),
    ],
)
def test_a_copy_that_was_killed_goes_on(
    source: Path, request: pytest.FixtureRequest, tmp_path: Path, killed: str, into: str
) -> None:
    target: Location = request.getfixturevalue("postgres").archive() if into == "server" else tmp_path / "new.db"
    address = target.address if isinstance(target, Server) else str(target)
    words = ("copy", str(source), address)
    function, call = KILLS[killed]
    with start(*words, cwd=tmp_path, stop_at=function, call=call) as process:
        assert process.stopped()
        process.kill()
    checked = run("check", "--archive", address, cwd=tmp_path)
    assert checked.returncode == 1, checked.stdout
    assert f"copy has not ended. What to do: give `farscrawler copy {source} " in checked.stdout
    other = tmp_path / "other.db"
    fill_one(other)
    refused = run("copy", str(other), address, cwd=tmp_path)
    assert refused.returncode == 2
    assert f"holds a part of a copy of {source}; it was left as it is." in refused.stderr
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert said(target) == said(source)
    with KeptPages(pages_location(target)) as pages:
        assert sum(1 for part in pages.parts("farsonline", keys=10) for _ in pages.read(part)) == 24
    assert run("check", "--archive", address, cwd=tmp_path).returncode == 0


def test_nothing_is_stored_in_a_part_of_a_copy(source: Path, tmp_path: Path) -> None:
    with start("copy", str(source), "new.db", cwd=tmp_path, stop_at=COMPARES, call=1) as process:
        assert process.stopped()
        process.kill()
    before = said(tmp_path / "new.db")
    again = f"new.db holds a part of a copy that has not ended. Give `farscrawler copy {source} new.db` again"
    for words in (("crawl", "farsonline", "--ids", "1", "--base-url", "http://127.0.0.1:9"), ("reparse", "farsonline")):
        done = run(*words, "--archive", "new.db", cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert again in done.stderr
    assert said(tmp_path / "new.db") == before
    assert run("copy", str(source), "new.db", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("nowhere/x.db", "The folder nowhere of the archive does not exist. Make it, or choose another one."),
        (".", ". is a folder; name a file."),
        (":memory:", "':memory:' keeps nothing; name a file."),
    ],
)
def test_a_target_that_cannot_be_opened_is_a_wrong_argument(
    source: Path, tmp_path: Path, target: str, sentence: str
) -> None:
    done = run("copy", str(source), target, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"farscrawler: {sentence}\n")


@needs_postgres
def test_a_database_that_there_is_not_ends_every_command_alike(
    source: Path, postgres: Postgres, tmp_path: Path
) -> None:
    address = postgres.archive().address
    nowhere = address.replace("?", "_of_nobody?", 1) if "?" in address else f"{address}_of_nobody"
    for words in (("copy", str(source), nowhere), ("show", "--archive", nowhere)):
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert "does not exist" in done.stderr


def test_a_password_is_in_no_setting_that_is_printed(tmp_path: Path) -> None:
    words = ("--archive", "postgresql://crawler:SECRET@db.example/news")
    done = run("settings", "--get", "ARCHIVE", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "postgresql://crawler@db.example/news\n"), done.stderr
    variable = {"FARSCRAWLER_ARCHIVE": "postgresql://crawler:SECRET@db.example/news?password=SECRET"}
    given = run("settings", "--get", "ARCHIVE", cwd=tmp_path, env={**environment(), **variable})
    assert given.stdout == "postgresql://crawler@db.example/news\n"
    plain = run("settings", "--get", "ARCHIVE", "--archive", "./news.db", cwd=tmp_path)
    assert plain.stdout == "./news.db\n"


def test_pages_of_another_archive_are_left_as_they_are(source: Path, tmp_path: Path) -> None:
    with KeptPages(tmp_path / "new.pages.db", readonly=False) as pages:
        keep_one(pages, "5")
        pages.flush()
    refused = run("copy", str(source), "new.db", cwd=tmp_path)
    assert refused.returncode == 2
    assert "new.pages.db holds something already, and no copy that was interrupted" in refused.stderr
    with KeptPages(tmp_path / "new.pages.db") as pages:
        assert pages.db.execute("SELECT count(*) FROM pages").fetchone() == (1,)
    done = run("copy", "--no-pages", str(source), "new.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@needs_postgres
def test_a_row_that_the_database_refuses_is_named(postgres: Postgres, tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for key in "123":
            archive.save(visit(key), article(key, headline="تیتر\0" if key == "2" else "تیتر"))
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute("UPDATE visits SET reason = x'ff' WHERE key = '3'")
    server = postgres.archive()
    done = run("copy", "archive.db", server.address, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    # psycopg itself refuses a NUL since 3.3, the server before that.
    assert re.search(r"not stored: articles 2 farsonline 2: .*(?:cannot contain NUL|0x00)", done.stderr)
    assert "not stored: visits farsonline 3: reason is none of its kind." in done.stderr
    with Archive(server) as archive:
        assert [one.article_id for one in archive.articles()] == ["1", "3"]


@needs_postgres
def test_nothing_is_copied_beside_a_crawl(source: Path, postgres: Postgres, tmp_path: Path) -> None:
    with Archive(source) as archive:
        held = take_lock(Ledger(archive, "farsonline"))
        try:
            done = run("copy", str(source), postgres.archive().address, cwd=tmp_path)
            into_a_file = run("copy", str(source), "beside.db", cwd=tmp_path)
        finally:
            held.release()
    assert done.returncode == into_a_file.returncode == 75, done.stderr
    assert "is crawling farsonline" in done.stderr
    assert not (tmp_path / "beside.db").exists()


def test_a_change_of_the_copy_is_found(source: Path, tmp_path: Path) -> None:
    words = ("copy", str(source), "new.db")
    with start(*words, cwd=tmp_path, stop_at=COMPARES, call=1, stderr=subprocess.PIPE) as process:
        process.stopped()
        with closing(sqlite3.connect(tmp_path / "new.db")) as db, db:
            db.execute("UPDATE visits SET tries = 9 WHERE key = '77'")
        process.go_on()
        _, told = process.communicate()
    assert process.returncode == 3
    assert "not the same: visits farsonline 77: it differs." in told
