"""An archive, exports, WARC files and stanzas that farscrawler 0.2.0 wrote go on with this version.

`data/made_by_0_2_0.tar.xz` was made with the release 0.2.0: two crawls of `Newsroom(count=12)` (`-a ids=1000-1006`, and
one without arguments) into archive.db with `-o news.jsonl -o news.csv -o news.db -s WARC=warc`; a folder `own` of
stanzas, and a page of one of their sites. In the archive only the name of the host and the folder of the exports were
replaced.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tarfile
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit import check
from farscrawler.archive.ledger import Ledger
from farscrawler.testing.newsroom import Newsroom, Server, answers
from tests.support import ROOT, crawl, json_lines, run

if TYPE_CHECKING:
    from pathlib import Path

EXPORTS = ("-o", "news.jsonl", "-o", "news.csv", "-o", "news.db")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with tarfile.open(ROOT / "tests" / "data" / "made_by_0_2_0.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    db = sqlite3.connect(tmp_path / "archive.db")
    db.execute("UPDATE exports SET path = replace(path, 'FOLDER', ?)", (str(tmp_path.resolve()),))
    db.commit()
    db.close()
    return tmp_path


def test_a_crawl_goes_on_where_0_2_0_left_the_archive_and_the_exports(folder: Path) -> None:
    lines, rows = (folder / "news.jsonl").read_bytes(), (folder / "news.csv").read_bytes()
    newsroom = Newsroom(count=12)
    old, new = newsroom.ids(), newsroom.publish(3)
    with Server(newsroom) as server:
        done = crawl(server.url, *EXPORTS, cwd=folder, WARC="warc")
        asked = {server.site.article_id_of(one.path) for one in server.requests}
    assert done.returncode == 0, done.stderr
    assert f"{len(new)} new articles" in done.stderr
    assert not asked & set(old)  # known articles are not fetched again
    assert (folder / "news.jsonl").read_bytes().startswith(lines)
    assert (folder / "news.csv").read_bytes().startswith(rows)
    every = sorted(str(one) for one in (*old, *new))
    assert sorted(one["article_id"] for one in json_lines(folder / "news.jsonl")) == every
    table = csv.DictReader(io.StringIO((folder / "news.csv").read_text(encoding="utf-8"), newline=""))
    assert sorted(one["article_id"] for one in table) == every
    db = sqlite3.connect(folder / "news.db")
    assert sorted(row[0] for row in db.execute("SELECT article_id FROM articles")) == every
    db.close()
    with Archive(folder / "archive.db", readonly=False) as archive:
        assert check(archive) == []
        assert archive.db.execute("SELECT count(*) FROM runs").fetchone() == (3,)
        assert (Ledger(archive, "farsonline").watermark() or 0) >= 1005
        stored = {one.article_id: one for one in archive.articles("farsonline")}
        assert sorted(stored) == every
        for number in (*old, *new):
            story = newsroom.story(number)
            assert story is not None
            for name, value in answers(story, "print").items():
                assert getattr(stored[str(number)], name) == value, (number, name)


def test_the_pages_that_0_2_0_kept_read_as_they_did(folder: Path) -> None:
    done = run("reparse", "farsonline", "--warc", "warc", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    numbers = {name: report[name] for name in ("pages", "unchanged", "changed", "readable", "lost")}
    assert numbers == {"pages": 32, "unchanged": 12, "changed": 0, "readable": 0, "lost": 0}  # 20 are missing ids
    with Archive(folder / "archive.db", readonly=False) as archive:
        assert [one.revision for one in archive.articles()] == [1] * 12


def test_an_archive_made_of_the_pages_of_0_2_0_is_that_of_0_2_0(folder: Path) -> None:
    done = run("crawl", "farsonline", "-a", "pages=warc", "-s", "ARCHIVE=again.db", cwd=folder)
    assert done.returncode == 0, done.stderr
    with (
        Archive(folder / "archive.db", readonly=False) as archive,
        Archive(folder / "again.db", readonly=False) as again,
    ):
        before = {one.article_id: one.content_hash for one in archive.articles()}
        assert {one.article_id: one.content_hash for one in again.articles()} == before


def test_stanzas_written_for_0_2_0_say_what_they_said(folder: Path) -> None:
    listed = {name: run("publishers", name, "-s", "PUBLISHERS=own", cwd=folder) for name in ("baamdad", "bagh")}
    assert (
        listed["baamdad"].stdout == "baamdad\tnastooh\tarchive,sitemaps,feeds,ids\twww.baamdad.example\t-\t-\tبامداد\n"
    )
    assert listed["bagh"].stdout == "bagh\tcustom\tids\twww.bagh.example\t-\t-\tباغ\n"
    parsed = run("parse-page", "page.html", "--publisher", "bagh", "-s", "PUBLISHERS=own", cwd=folder)
    assert parsed.returncode == 0, parsed.stderr
    for line in (
        "url: https://www.bagh.example/story/412",
        "kicker: هواشناسی",
        "headline: باران بر باغ‌های انار",
        "lead: نخستین باران بهار بر درختان انار بارید.",
        "published_at: 2022-05-18T14:55:00+04:30",
        "content_hash: 2366e4ad86a5f5dfd4112918578974fc6cc1f150a4dd0479059fa9dc85589fa2",
    ):
        assert line in parsed.stdout.splitlines()
