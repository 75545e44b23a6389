"""Looking again: refresh, conditional requests, revisions; and what other programs are told of a run."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.extensions.summary import METRICS
from farscrawler.testing.newsroom import Newsroom, Server, answers
from farscrawler.word_diff import word_diff
from tests.support import crawl, json_lines, run
from tests.support.newsroom_tools import young_newsroom
from tests.support.pageserver import Answer, PageServer, print_page
from tests.support.print_site import NOTHING, Site, execute

if TYPE_CHECKING:
    from pathlib import Path


PRINT = "/Incsys/PrtNews.aspx"


def test_a_changed_article_becomes_a_revision_and_the_unchanged_are_not_sent_again(tmp_path: Path) -> None:
    newsroom = young_newsroom()
    ids = f"ids={newsroom.first_id}-{newsroom.newest_id}"
    words = ("-a", ids, "-o", "news.jsonl")
    with Server(newsroom) as server:
        assert crawl(server.url, *words, cwd=tmp_path).returncode == 0
        changed = newsroom.ids()[5]
        story = newsroom.revise(changed)
        asked = len(server.requests)
        done = crawl(server.url, *words, "-a", "refresh=7d", cwd=tmp_path, REFRESH_EVERY=0)
        assert done.returncode == 0, done.stderr
        statuses = [entry.status for entry in server.requests[asked:] if entry.path.startswith(PRINT)]
        assert statuses.count(304) == len(newsroom.ids()) - 1
        assert statuses.count(200) == 1
        assert "1 revised" in done.stderr
        asked = len(server.requests)
        # looked at a moment ago: left in peace
        assert crawl(server.url, *words, "-a", "refresh=7d", cwd=tmp_path).returncode == 0
        assert not [entry for entry in server.requests[asked:] if entry.path.startswith(PRINT)]
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        old, new = archive.revisions("farsonline", str(changed))
    assert (old.revision, new.revision) == (1, 2)
    truth = answers(story, "print")
    assert {name: getattr(new, name) for name in truth} == truth
    assert old.body != new.body
    lines = [(line["article_id"], line["revision"]) for line in json_lines(tmp_path / "news.jsonl")]
    assert len(lines) == len(set(lines)) == len(newsroom.ids()) + 1
    shown = run("revisions", "farsonline", str(changed), cwd=tmp_path)
    assert shown.returncode == 0
    assert "revision 2" in shown.stdout
    assert re.search(r"  body: .*\{\+", shown.stdout, re.DOTALL)


def test_the_incremental_crawl_looks_at_young_articles_again(tmp_path: Path) -> None:
    newsroom = young_newsroom(30)
    with Server(newsroom, weight=10_000) as server:
        assert crawl(server.url, cwd=tmp_path).returncode == 0
        young = newsroom.ids()[-1]
        newsroom.revise(young)
        done = crawl(server.url, cwd=tmp_path, REFRESH_EVERY=0, REFRESH_HOURS=72)
        assert done.returncode == 0, done.stderr
        assert "1 revised" in done.stderr
        again = crawl(server.url, cwd=tmp_path, REFRESH_HOURS=72)
        assert "revised" not in again.stderr


def test_old_articles_are_not_looked_at_again(tmp_path: Path) -> None:
    newsroom = Newsroom(count=30)
    words = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
    with Server(newsroom) as server:
        assert crawl(server.url, *words, cwd=tmp_path).returncode == 0
        asked = len(server.requests)
        assert crawl(server.url, *words, "-a", "refresh=2w", cwd=tmp_path, REFRESH_EVERY=0).returncode == 0
        assert not [entry for entry in server.requests[asked:] if entry.path.startswith(PRINT)]


def test_an_article_that_is_taken_down_is_kept_and_the_fact_is_written_down(tmp_path: Path) -> None:
    page = print_page(7)
    with PageServer({"print:7": Answer(page)}) as server:
        assert crawl(server.url, "-a", "ids=7", cwd=tmp_path).returncode == 0
        server.answers.clear()
        done = crawl(server.url, "-a", "ids=7", "-a", "refresh=2w", cwd=tmp_path, REFRESH_EVERY=0)
        assert done.returncode == 0
        assert server.asked.count(server.asked[-1]) == 1  # published in 1401: too old to be looked at
        db = sqlite3.connect(tmp_path / "archive.db")
        db.execute("UPDATE articles SET published_at = ?", (dt.datetime.now(dt.UTC).isoformat(),))
        db.commit()
        assert crawl(server.url, "-a", "ids=7", "-a", "refresh=2w", cwd=tmp_path, REFRESH_EVERY=0).returncode == 0
    assert db.execute("SELECT outcome, reason, status FROM visits").fetchall() == [
        ("article", "missing: HTTP 404", 404)
    ]
    assert db.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    db.close()


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("یک دو سه", "یک چهار سه", [("same", "یک "), ("removed", "دو"), ("added", "چهار"), ("same", " سه")]),
        ("", "تازه", [("added", "تازه")]),
        ("می‌شود", "می شود", [("removed", "می‌شود"), ("added", "می شود")]),
        ("همان", "همان", [("same", "همان")]),
    ],
)
def test_word_diff(old: str, new: str, pieces: list[tuple[str, str]]) -> None:
    assert word_diff(old, new) == pieces


def test_revisions_of_what_is_not_stored(tmp_path: Path) -> None:
    Archive(tmp_path / "archive.db", readonly=False).close()
    done = run("revisions", "farsonline", "1", cwd=tmp_path)
    assert (done.returncode, "no article 1" in done.stderr) == (1, True)


def test_a_run_is_told_to_other_programs(tmp_path: Path) -> None:
    newsroom = Newsroom(count=40)
    words = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "--summary", "json", "--metrics", "run.prom")
    with Server(newsroom) as server:
        done = crawl(server.url, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    articles = len(newsroom.ids())
    assert summary["counts"] == {"article": articles, "missing": 40 - articles}
    assert (summary["new"], summary["owed"], summary["exit_code"]) == (articles, 0, 0)
    text = (tmp_path / "run.prom").read_text(encoding="utf-8")
    for name in METRICS:
        assert f"# TYPE {name} gauge" in text
    assert f'farscrawler_run_articles_new{{publisher="farsonline"}} {articles}\n' in text
    assert f'farscrawler_run_addresses{{publisher="farsonline",outcome="missing"}} {40 - articles}\n' in text
    assert [path.name for path in tmp_path.glob(".run.prom*")] == []
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        row = archive.db.execute("SELECT end_reason, exit_code, counts, arguments FROM runs").fetchone()
    assert row[:2] == ("finished", 0)
    assert json.loads(row[2]) == summary["counts"]
    assert json.loads(row[3])["ids"] == words[1].removeprefix("ids=")


def test_check_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    newsroom = Newsroom(count=60)
    with Server(newsroom) as server:
        words = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-o", "x.jsonl")
        assert crawl(server.url, *words, cwd=tmp_path).returncode == 0
    well = run("check", cwd=tmp_path)
    assert well.returncode == 0, well.stdout
    assert f"farsonline: {len(newsroom.ids())} articles" in well.stdout
    assert "all is well" in well.stdout
    db = sqlite3.connect(tmp_path / "archive.db")
    victim = str(newsroom.ids()[0])
    db.execute("DELETE FROM articles WHERE article_id = ?", (victim,))
    db.commit()
    db.close()
    ill = run("check", cwd=tmp_path)
    assert ill.returncode == 1
    assert "1 visits that stored an article which is not there. What to do: " in ill.stdout
    path = tmp_path / "archive.db"
    path.write_bytes(path.read_bytes()[: 3 * 8192])
    broken = run("check", cwd=tmp_path)
    assert broken.returncode == 1
    assert "damage" in broken.stdout + broken.stderr
    assert run("check", "-s", "ARCHIVE=x.jsonl", cwd=tmp_path).returncode == 2


def test_a_second_look_that_failed_is_owed_at_once_and_another_form_is_no_revision(tmp_path: Path) -> None:
    newsroom = Newsroom(count=10)
    broken, changing = newsroom.ids()[:2]
    with Server(newsroom, weight=5_000) as real:
        pages = {
            name: Answer(real.site.respond(path).body)
            for number in (broken, changing)
            for name, path in (
                (f"print:{number}", f"/Incsys/PrtNews.aspx?code={number}"),
                (f"/Fa/News/{number}/", f"/Fa/News/{number}/"),
            )
        }
    words = ("-a", f"ids={broken},{changing}", "-a", "refresh=2w")
    with Site([]) as site:
        site.answers = dict(pages)
        assert crawl(site.url, *words, cwd=tmp_path).returncode == 0
        execute(
            tmp_path,
            "UPDATE articles SET published_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')",
            "UPDATE visits SET last_at = '2020-01-01T00:00:00+00:00'",
        )
        site.answers[f"print:{broken}"] = Answer(status=503)
        site.answers[f"print:{changing}"] = NOTHING
        site.ids_asked()
        assert crawl(site.url, *words, cwd=tmp_path, RETRY_TIMES=0).returncode == 3
        assert set(site.ids_asked()) == {broken, changing}
        site.answers = dict(pages)
        done = crawl(site.url, *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert site.ids_asked() == [broken]  # the other one has been looked at
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert [article.revision for article in archive.articles()] == [1, 1]
        assert archive.db.execute("SELECT count(*) FROM revisions").fetchone() == (0,)
