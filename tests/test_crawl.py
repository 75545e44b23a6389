"""Whole crawls of the replica, each in a process of its own as a user runs it."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from farscrawler.archive import Archive
from farscrawler.items import FIELD_NAMES, json_schema
from farscrawler.testing.newsroom import Faults, Newsroom, Server, answers
from tests.support import command, crawl, crawl_words, environment, json_lines
from tests.support.commands import PATIENCE
from tests.support.newsroom_tools import assert_all_right
from tests.support.pageserver import Answer, PageServer, print_page

if TYPE_CHECKING:
    from pathlib import Path


PRINT = "/Incsys/PrtNews.aspx"
_PEAK = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def test_three_hundred_articles_every_field_right_each_address_once_and_nothing_twice(tmp_path: Path) -> None:
    newsroom = Newsroom(count=300)  # half a dozen batches, of the archive and of the export
    ids = range(newsroom.first_id, newsroom.newest_id + 1)
    with Server(newsroom) as server:
        arguments = ("-a", f"ids={ids[0]}-{ids[-1]}", "-o", "news.jsonl")
        done = crawl(server.url, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        addresses = Counter(entry.path for entry in server.requests)
        assert set(addresses.values()) == {1}
        assert len(addresses) == len(ids) + 1  # and robots.txt
        again = crawl(server.url, *arguments, cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert server.count(PRINT) == len(ids)
    assert_all_right(tmp_path, newsroom, ids)
    lines = json_lines(tmp_path / "news.jsonl")
    assert sorted(int(line["article_id"]) for line in lines) == newsroom.ids()
    validator = jsonschema.Draft202012Validator(json_schema())
    for line in lines:
        assert tuple(line) == FIELD_NAMES
        validator.validate(line)
        story = newsroom.story(int(line["article_id"]))
        assert story is not None
        truth = answers(story, "print")
        assert {name: line[name] for name in truth} == truth


def test_article_pages_in_all_their_skins(tmp_path: Path) -> None:
    newsroom = Newsroom(count=120)
    ids = range(newsroom.first_id, newsroom.newest_id + 1)
    with Server(newsroom, weight=5_000) as server:
        done = crawl(server.url, "-a", f"ids={ids[0]}-{ids[-1]}", "-a", "form=article", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert server.count(PRINT) == 0
    assert_all_right(tmp_path, newsroom, ids, "article")


def test_pages_delivered_in_awkward_ways_are_read_all_the_same(tmp_path: Path) -> None:
    newsroom = Newsroom(count=100)
    ids = range(newsroom.first_id, newsroom.newest_id + 1)
    faults = Faults(cp1256=0.4, odd_label=0.3, no_label=0.3, gzip=0.5, deflate=0.3)
    with Server(newsroom, faults) as server:
        done = crawl(server.url, "-a", f"ids={ids[0]}-{ids[-1]}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert_all_right(tmp_path, newsroom, ids)


def test_a_faulty_site_is_harvested_whole_in_the_end(tmp_path: Path) -> None:
    newsroom = Newsroom(count=150)
    ids = range(newsroom.first_id, newsroom.newest_id + 1)
    faults = Faults(
        unavailable=0.08,
        too_many=0.04,
        reset_early=0.05,
        reset_midway=0.05,
        cut=0.05,
        cut_silently=0.05,
        stall=0.01,
        challenge=0.03,
        off_site=0.03,
        cp1256=0.2,
        stall_seconds=3,
        retry_after=0,
    )
    seen = []
    with Server(newsroom, faults) as server:
        for _ in range(8):
            done = crawl(server.url, "-a", f"ids={ids[0]}-{ids[-1]}", cwd=tmp_path, DOWNLOAD_TIMEOUT=1)
            seen.append(done.returncode)
            if done.returncode == 0:
                break
        hit = server.stats()["faults"]
    assert seen[-1] == 0, done.stderr
    assert set(seen) <= {0, 3}
    assert {"unavailable", "too_many", "reset_early", "reset_midway", "cut", "cut_silently", "challenge"} <= set(hit)
    assert_all_right(tmp_path, newsroom, ids)


def test_latest_and_then_more(tmp_path: Path) -> None:
    newsroom = Newsroom(count=300)
    newest = newsroom.ids()[::-1]
    with Server(newsroom, weight=20_000) as server:
        assert crawl(server.url, "-a", "latest=20", "-O", "news.jsonl", cwd=tmp_path).returncode == 0
        assert sorted(int(line["article_id"]) for line in json_lines(tmp_path / "news.jsonl")) == newest[:20][::-1]
        asked = len(server.requests)
        # again: nothing is fetched, and the file written anew holds the same twenty
        assert crawl(server.url, "-a", "latest=20", "-O", "news.jsonl", cwd=tmp_path).returncode == 0
        asked_again = [e.path for e in server.requests[asked:] if e.path.startswith(PRINT)]
        assert sorted(int(line["article_id"]) for line in json_lines(tmp_path / "news.jsonl")) == newest[:20][::-1]
        assert all(newsroom.story(int(path.split("code=")[1].split("&")[0])) is None for path in asked_again)
        assert crawl(server.url, "-a", "latest=25", "-o", "news.jsonl", cwd=tmp_path).returncode == 0
    assert sorted(int(line["article_id"]) for line in json_lines(tmp_path / "news.jsonl")) == newest[:25][::-1]


def test_the_incremental_crawl_takes_what_is_new(tmp_path: Path) -> None:
    newsroom = Newsroom(count=300)
    with Server(newsroom, weight=20_000) as server:
        first = crawl(server.url, "-o", "news.jsonl", cwd=tmp_path, FIRST_IDS=50)
        assert first.returncode == 0, first.stderr
        before = {int(line["article_id"]) for line in json_lines(tmp_path / "news.jsonl")}
        assert before == {number for number in newsroom.ids() if number > newsroom.newest_id - 50}
        fresh = newsroom.publish(40)
        asked = len(server.requests)
        second = crawl(server.url, "-o", "news.jsonl", cwd=tmp_path)
        assert second.returncode == 0, second.stderr
        pages = [entry.path for entry in server.requests[asked:] if entry.path.startswith(PRINT)]
        again = crawl(server.url, "-o", "news.jsonl", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert " 0 new articles" in again.stderr
    lines = [int(line["article_id"]) for line in json_lines(tmp_path / "news.jsonl")]
    assert len(lines) == len(set(lines))
    assert set(lines) == before | {n for n in newsroom.ids() if n >= fresh[0]}
    fetched = {int(path.split("code=")[1].split("&")[0]) for path in pages}
    assert fetched & before == set()


def test_the_crawl_trap_is_never_walked(tmp_path: Path) -> None:
    newsroom = Newsroom(count=100)
    with Server(newsroom, weight=20_000) as server:
        home = server.site.respond("/").body.decode()
        assert "https/t.me" in home
        assert crawl(server.url, "-a", "form=article", cwd=tmp_path, FIRST_IDS=30).returncode == 0
        assert not [entry.path for entry in server.requests if "t.me" in entry.path]


def test_urls_are_asked_in_the_form_given(tmp_path: Path) -> None:
    newsroom = Newsroom(count=50)
    a, b = newsroom.ids()[:2]
    (tmp_path / "urls.txt").write_text(
        f"https://www.payamefars.ir/Incsys/PrtNews.aspx?code={a}&l=Fa\n"
        f"http://fars-online.ir/fa/News/{b}/some-slug\nhttp://www.Fars-Online.ir/Fa/News/{a}/other\n",
        encoding="utf-8",
    )
    with Server(newsroom, weight=20_000) as server:
        done = crawl(server.url, "-a", "urls=@urls.txt", "-O", "x.jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        paths = [entry.path for entry in server.requests if entry.path != "/robots.txt"]
    assert [path.split("?")[0] for path in paths] == [PRINT, f"/Fa/News/{b}/"]
    lines = {int(line["article_id"]): line for line in json_lines(tmp_path / "x.jsonl")}
    assert set(lines) == {a, b}
    assert lines[a]["url"] == f"http://www.fars-online.ir/Fa/News/{a}/"
    story = newsroom.story(b)
    assert story is not None
    truth = answers(story, "article")
    assert {name: lines[b][name] for name in truth} == truth


def test_csv_and_sqlite_exports_hold_the_same(tmp_path: Path) -> None:
    newsroom = Newsroom(count=80)
    words = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o", "n.csv", "-o", "n.db", "-o", "n.jsonl")
    with Server(newsroom) as server:
        assert crawl(server.url, *words, cwd=tmp_path).returncode == 0
        assert crawl(server.url, *words, cwd=tmp_path).returncode == 0
    expected: dict[str, dict[str, Any]] = {line["article_id"]: line for line in json_lines(tmp_path / "n.jsonl")}
    assert {int(key) for key in expected} == set(newsroom.ids())
    with (tmp_path / "n.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(expected)
    lists = ("authors", "tags", "images", "warnings")
    for row in rows:
        line = expected[row["article_id"]]
        for name in FIELD_NAMES:
            value = json.loads(row[name]) if name in lists else row[name]
            assert value == ("" if line[name] is None else line[name] if name in lists else str(line[name]))
    db = sqlite3.connect(tmp_path / "n.db")
    db.row_factory = sqlite3.Row
    stored = {row["article_id"]: dict(row) for row in db.execute("SELECT * FROM articles")}
    db.close()
    assert set(stored) == set(expected)
    for key, row in stored.items():
        assert {n: json.loads(v) if n in lists else v for n, v in row.items()} == expected[key]


@pytest.mark.parametrize("option", ["-o", "-O"])
def test_the_archive_itself_is_never_an_export(tmp_path: Path, option: str) -> None:
    newsroom = Newsroom(count=5)
    with Server(newsroom) as server:
        assert crawl(server.url, "-a", "latest=2", cwd=tmp_path).returncode == 0
        before = (tmp_path / "archive.db").read_bytes()
        for settings in ({}, {"ARCHIVE": "other.db"}):
            done = crawl(server.url, "-a", "latest=2", option, "archive.db", cwd=tmp_path, **settings)
            assert done.returncode == 2
            assert "another file" in done.stderr
    assert (tmp_path / "archive.db").read_bytes()[:100] == before[:100]
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert len(list(archive.articles())) == 2


def test_bombs_floods_and_endless_bodies_cost_little(tmp_path: Path) -> None:
    newsroom = Newsroom(count=20)
    hostile = dict(zip(newsroom.ids(), ("bomb", "endless", "cookies", "headers"), strict=False))
    words = crawl_words(
        "", "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", settings={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 10}
    )
    with Server(newsroom, hostile=hostile) as server:
        words[3] = f"base_url={server.url}"
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, *command(*words)],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode in (0, 3), done.stderr
    assert int(done.stderr.split()[-1]) < 300_000  # KiB; the bomb alone would be 256 MiB more
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        stored = {int(article.article_id) for article in archive.articles()}
        rows = archive.db.execute("SELECT key, outcome, reason FROM visits").fetchall()
    assert stored == set(newsroom.ids()) - set(hostile)
    known = {int(key): (outcome, reason) for key, outcome, reason in rows}
    for number, kind in hostile.items():
        assert known[number][0] in ("failed", "not-article", "missing"), (kind, known[number])
        assert known[number][1]


def test_nothing_of_a_page_becomes_a_file_name_or_a_command(tmp_path: Path) -> None:
    evil = "../../evil; touch owned $(touch owned) `touch owned` <script>x</script>"
    page = print_page(1, headline=evil.replace("<", "&lt;"))
    with PageServer({"print:1": Answer(page)}) as server:
        assert crawl(server.url, "-a", "ids=1", "-o", "x.jsonl", "-o", "x.csv", cwd=tmp_path).returncode == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"archive.db", "archive.pages.db", "archive.db.farsonline.lock", "x.jsonl", "x.csv"}
    assert json_lines(tmp_path / "x.jsonl")[0]["headline"] == evil
