"""Files that 0.2.0 wrote go on with this version: archives, WARC files and stanzas.

`tests/data/0.2.0` was made by 0.2.0 in /srv/news, of replicas: ids 996-1005 of the first site, two articles revised, an
incremental crawl, ids 1040-1049 with faults, so that five are still to be fetched; three newest and two months of
a WordPress site; and in gone.db the captures of a site that is gone. `said/` is what 0.2.0 said of it.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import farscrawler
from farscrawler.days import plain_jalali
from farscrawler.testing.newsroom import Newsroom, Server
from farscrawler.testing.newsroom.replicas import families, server
from tests.support import crawl, json_lines, run
from tests.support.gone_site import gone_site
from tests.support.replica_archives import Archives

DATA = Path(__file__).parent / "data" / "0.2.0"
EXPORTS = ("news.jsonl", "news.csv", "news.db")
#: What the faults of the last crawl kept from being fetched.
PENDING = {"1040", "1041", "1042", "1045", "1046"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder as 0.2.0 left it; the archive remembers its exports by their whole paths."""
    for packed in DATA.glob("*.gz"):
        (tmp_path / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    for name in ("own", "warc"):
        shutil.copytree(DATA / name, tmp_path / name)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute("UPDATE exports SET path = replace(path, '/srv/news', ?)", (str(tmp_path),))
    db.close()
    return tmp_path


def said(name: str) -> str:
    return (DATA / "said" / name).read_text(encoding="utf-8")


def summary(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    return found


def exported(folder: Path) -> dict[str, Counter[tuple[str, str]]]:
    """Return ids and revisions in each export file; the database holds each article as it stands."""
    with (folder / "news.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["article_id"], row["revision"]) for row in csv.DictReader(file)]
    db = sqlite3.connect(folder / "news.db")
    stored = db.execute("SELECT article_id, CAST(revision AS TEXT) FROM articles").fetchall()
    db.close()
    lines = [(line["article_id"], str(line["revision"])) for line in json_lines(folder / "news.jsonl")]
    return {"jsonl": Counter(lines), "csv": Counter(rows), "db": Counter(stored)}


def test_a_crawl_goes_on_and_its_exports_are_begun_anew(folder: Path) -> None:
    """What was stored or is missing is not asked for again; a file of other fields is refused before anything is."""
    before, old = exported(folder), {name: (folder / name).read_bytes() for name in EXPORTS}
    ids = ("-a", "ids=996-1009,1040-1049", "--summary", "json")
    with Server(Newsroom(count=60), weight=0) as site:
        for name in EXPORTS:
            done = crawl(site.url, *ids, "-o", name, cwd=folder)
            assert done.returncode == 2
            assert f"{folder / name}" in done.stderr
            assert "an older farscrawler" in done.stderr
            assert "-O to write it anew" in done.stderr
        assert old == {name: (folder / name).read_bytes() for name in EXPORTS}
        assert site.requests == []
        done = crawl(site.url, *ids, *(word for name in EXPORTS for word in ("-O", name)), cwd=folder)
        asked = {match[1] for one in site.requests if (match := re.search(r"code=(\d+)", one.path))}
    assert done.returncode == 0, done.stderr
    assert asked == PENDING
    assert summary(done.stdout)["new"] == len(PENDING)
    new = set(PENDING) | {key for key, _ in before["db"]}
    assert {kind: {key for key, _ in counts} for kind, counts in exported(folder).items()} == dict.fromkeys(before, new)
    assert {line["schema_version"] for line in json_lines(folder / "news.jsonl")} == {2}
    assert run("check", cwd=folder).returncode == 0


def test_a_killed_crawl_of_0_2_0_is_gone_on_with_and_its_files_are_whole(folder: Path) -> None:
    """An incremental crawl does not ask again for what the killed one has stored, so the new files must hold it."""
    with closing(sqlite3.connect(folder / "archive.db")) as db, db:
        at = db.execute("SELECT max(at) FROM exports").fetchone()[0]
        db.execute("UPDATE runs SET started_at = ?, exit_code = NULL WHERE run = (SELECT max(run) FROM runs)", (at,))
        db.execute("UPDATE runs SET publisher = 'farsonline' WHERE run = (SELECT max(run) FROM runs)")
        db.execute("UPDATE exports SET at = ?", (at,))
        db.execute("DELETE FROM export_lines WHERE seq = (SELECT max(seq) FROM export_lines)")  # it had not come to it
    before = exported(folder)
    with Server(Newsroom(count=60), weight=0) as site:
        files = [word for name in EXPORTS for word in ("-O", name)]
        done = crawl(site.url, "--summary", "json", *files, cwd=folder, REFRESH_HOURS=0)
    assert done.returncode == 0, done.stderr
    assert summary(done.stdout)["new"] > 0
    now = exported(folder)
    assert all(now[kind] > counts for kind, counts in before.items())
    assert now["jsonl"] == now["csv"]
    assert {line["schema_version"] for line in json_lines(folder / "news.jsonl")} == {2}
    assert not list(folder.glob(".*.part"))
    assert run("check", cwd=folder).returncode == 0


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_that_no_archive_knows_is_not_gone_on_with_in_other_fields(folder: Path, name: str) -> None:
    (folder / "archive.db").unlink()
    before = (folder / name).read_bytes()
    with Server(Newsroom(count=60), weight=0) as site:
        done = crawl(site.url, "-a", "ids=1001", "-o", name, cwd=folder)
        assert (done.returncode, (folder / name).read_bytes()) == (2, before)
        assert "an older farscrawler" in done.stderr
        assert site.requests == []
        done = crawl(site.url, "-a", "ids=1001", "-O", name, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert [key for key, _ in exported(folder)[name.partition(".")[2]]] == ["1001"]


def test_an_incremental_crawl_goes_on_from_its_watermark(folder: Path) -> None:
    with Server(Newsroom(count=60), weight=0) as site:
        done = crawl(site.url, "--summary", "json", cwd=folder, REFRESH_HOURS=0)
        asked = {int(match[1]) for one in site.requests if (match := re.search(r"code=(\d+)", one.path))}
    assert done.returncode == 0, done.stderr
    assert {int(key) for key in PENDING} < asked
    assert not asked & {1043, 1044, 1047, 1048, 1049, *range(1000, 1010)}  # stored; what is missing may have come
    with farscrawler.Archive(folder / "archive.db") as archive:
        stored = {int(article.article_id) for article in archive.articles("farsonline")}
    assert set(range(1040, 1060)) < stored


def test_a_range_of_days_goes_on_from_the_lists_that_were_read(folder: Path) -> None:
    (site,) = families(["wordpress"], seed=1401, first_id=1000, count=80, weight=600)
    with server(site) as served:
        done = run(
            "crawl", "ensafnews", "-a", f"base_url={served.url}", "-a", "since=1403-01", "-a", "until=1403-02",
            "--summary", "json", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", cwd=folder,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert summary(done.stdout)["new"] == 0
    assert run("check", cwd=folder).returncode == 0


def test_captures_of_what_is_stored_are_not_fetched_again(folder: Path) -> None:
    with Archives(gone_site(9).snapshots, page_lines=40) as archives:
        done = run(
            "crawl", "farsonline", "-a", "source=wayback", "--summary", "json", "-s", "ARCHIVE=gone.db",
            "-s", f"WAYBACK_URL={archives.url}", "-s", "WAYBACK_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False",
            "-s", "WEB_ARCHIVE_BACKOFF=0.02", cwd=folder,
        )  # fmt: skip
        fetched = {one.path.partition("code=")[2][:4] for one in archives.asked if one.kind == "capture"}
    assert done.returncode == 0, done.stderr
    assert fetched == {"1006"}  # of which no capture is good
    assert summary(done.stdout)["new"] == 0
    assert run("check", "-s", "ARCHIVE=gone.db", cwd=folder).returncode == 0


def test_the_commands_that_read_say_the_same(folder: Path) -> None:
    before = (folder / "archive.db").read_bytes()
    assert run("check", cwd=folder).stdout.endswith("archive.db: all is well.\n")
    assert run("show", "-n", "100", cwd=folder).stdout == said("show.txt")
    assert run("revisions", "farsonline", "1000", cwd=folder).stdout == said("revisions.txt")
    months = re.compile(r"^(\d{4}/\d\d \S+) +(\d+) ", re.MULTILINE)  # of what was not harvested only the articles
    found = dict(months.findall(run("coverage", "farsonline", cwd=folder).stdout))
    before_it = dict(months.findall(said("coverage.txt")))
    assert found.items() <= before_it.items()
    assert len(found) > 12
    assert (folder / "archive.db").read_bytes() == before


def test_the_library_reads_the_archive(folder: Path) -> None:
    with farscrawler.Archive(folder / "archive.db") as archive:
        assert Counter(one.publisher for one in archive.articles()) == {"farsonline": 15, "ensafnews": 12}
        assert [one.revision for one in archive.revisions("farsonline", "1000")] == [1, 2]


def test_kept_pages_are_read_again(folder: Path) -> None:
    done = run("reparse", "--warc", "warc", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    reports = {report["publisher"]: report for report in map(json.loads, done.stdout.splitlines())}
    assert {key: (one["pages"], one["unchanged"], one["changed"]) for key, one in reports.items()} == {
        "ensafnews": (3, 3, 0),
        "farsonline": (10, 4, 0),
    }
    assert run("check", cwd=folder).returncode == 0


def test_an_archive_made_of_the_kept_pages_holds_the_same_articles(folder: Path) -> None:
    done = run("crawl", "farsonline", "-a", "pages=warc", "-s", "ARCHIVE=again.db", cwd=folder)
    assert done.returncode == 0, done.stderr
    with farscrawler.Archive(folder / "archive.db") as archive, farscrawler.Archive(folder / "again.db") as again:
        made = {one.article_id: one.content_hash for one in again.articles("farsonline")}
        hashes = {key: [one.content_hash for one in archive.revisions("farsonline", key)] for key in made}
    assert len(made) == 6
    assert [key for key, found in made.items() if found not in hashes[key]] == []


def test_stanzas_load_and_their_pages_are_read_the_same(folder: Path) -> None:
    own = ("-s", "PUBLISHERS=own")
    listed = [run("publishers", name, "--json", *own, cwd=folder) for name in ("example.ir", "bagh")]
    assert all(done.stderr == "" for done in listed)
    assert "".join(done.stdout for done in listed) == said("own.json")
    page = run(
        "parse-page", str(DATA / "bagh.html"), "--url", "http://www.bagh.example/story/412", "--json", *own, cwd=folder
    )
    now, then = json.loads(page.stdout), json.loads(said("bagh.json"))
    assert {**now, "published_jalali": plain_jalali(now["published_jalali"])} == {
        **then, "published_date": "2022-05-18", "published_jalali_date": "SH 1401/02/28", "schema_version": 2,
    }  # fmt: skip
