"""Crawls keep the pages that they read; `reparse` makes the same articles of them, and of those that were refused."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.audit.kept import check_pages, lost
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from tests.support import crawl, crawl_words, run, start
from tests.support.gone_site import gone_site
from tests.support.kept import kept_in
from tests.support.killing import kill_at_barrier
from tests.support.pageserver import Answer, PageServer, print_page
from tests.support.replica_archives import Archives
from tests.support.saved import Record, print_url, write_warc

if TYPE_CHECKING:
    from pathlib import Path

NEWSROOM = Newsroom(count=40)
IDS = f"ids={NEWSROOM.first_id}-{NEWSROOM.newest_id}"
ODD = Faults(cp1256=0.3, odd_label=0.3, gzip=0.5)


def everything(archive: Path) -> list[tuple[Any, ...]]:
    """Return the articles in every column."""
    db = sqlite3.connect(archive)
    try:
        return db.execute("SELECT * FROM articles ORDER BY publisher, article_id").fetchall()
    finally:
        db.close()


def refuse_all(archive: Path) -> None:
    """Make of every article what an older version might have settled: a page that was no article, by other rules."""
    db = sqlite3.connect(archive)
    for table in ("articles", "changes", "revisions"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608  # our names
    db.execute(
        "UPDATE visits SET outcome = 'not-article', reason = 'no timestamp', rules = 'old' WHERE outcome = 'article'"
    )
    db.commit()
    db.close()


def reparsed(folder: Path, *more: str) -> dict[str, Any]:
    done = run("reparse", "--json", *more, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def rules(archive: Path) -> set[str]:
    db = sqlite3.connect(archive)
    try:
        return {row[0] for row in db.execute("SELECT DISTINCT rules FROM visits WHERE rules IS NOT NULL")}
    finally:
        db.close()


def test_reparse_makes_of_kept_pages_what_the_crawl_made_in_every_column(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Server(NEWSROOM, ODD, weight=3000) as server:
        done = crawl(server.url, "-a", IDS, "-a", "form=article", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = everything(path)
    (current,) = rules(path)
    assert len(told) == len(NEWSROOM.ids())
    refuse_all(path)
    dry = reparsed(tmp_path, "--dry-run", "--jobs", "1")
    assert (dry["readable"], everything(path)) == (len(told), [])
    assert "old" in rules(path)
    report = reparsed(tmp_path, "--jobs", "2")
    assert report["readable"] == len(told)
    assert everything(path) == told
    assert rules(path) == {current}
    again = reparsed(tmp_path, "--jobs", "1")
    assert (again["unchanged"], again["changed"], again["readable"]) == (len(told), 0, 0)
    with Archive(path) as archive, KeptPages(path_of(path)) as pages:
        assert check(archive) == []
        assert check_pages(pages) == []
        assert lost(archive, pages) == 0
        kept = {(row[0], row[1]) for row in archive.db.execute("SELECT key, form FROM visits WHERE page_kept")}
    assert set(kept_in(path)) == kept


def test_what_is_kept_is_what_was_read_and_nothing_else(tmp_path: Path) -> None:
    nothing = "<html><body>هیچ</body></html>"
    gzipped = Answer(gzip.compress(print_page(1).encode()), headers={"Content-Encoding": "gzip"})
    answers = {
        "print:1": gzipped,
        "print:3": Answer(nothing),
        "/Fa/News/3/": Answer(nothing.replace("هیچ", "پوچ")),
        "print:4": Answer(nothing),  # and 404 in the other form
        "print:5": Answer(b"%PDF-1.4 " * 100),
        "/Fa/News/5/": Answer(b"%PDF-1.4 " * 100),
        "print:6": Answer("<html><head><title>Just a moment...</title></head></html>", status=403),
        "print:7": Answer(print_page(7), status=404, headers={"ETag": '"seven"'}),
    }
    with PageServer(answers) as server:
        done = crawl(server.url, "-a", "ids=1-7", cwd=tmp_path)
        assert done.returncode == 3, done.stderr  # one is blocked
        kept = kept_in(tmp_path / "archive.db")
        assert set(kept) == {("1", "print"), ("3", "print"), ("3", "article"), ("7", "print")}
        assert kept["1", "print"].body == print_page(1).encode()
        assert kept["1", "print"].url == "http://www.fars-online.ir/Incsys/PrtNews.aspx?l=Fa&code=1&k=0"
        assert kept["1", "print"].content_type == "text/html; charset=utf-8"
        assert (kept["3", "article"].outcome, kept["3", "article"].source) == ("not-article", None)
        assert (kept["7", "print"].status, kept["7", "print"].etag) == (404, '"seven"')
        with Archive(tmp_path / "archive.db") as archive:
            promised = archive.db.execute("SELECT key FROM visits WHERE page_kept ORDER BY key").fetchall()
            times = dict(archive.db.execute("SELECT key, last_at FROM visits").fetchall())
        assert [key for (key,) in promised] == ["1", "3", "7"]
        assert all(page.fetched_at == times[key] for (key, _), page in kept.items())

        # a newer page takes the place of the older one, and HTTP 304 leaves it
        answers["print:1"] = Answer(print_page(1, "تیتر تازه"), headers={"ETag": '"new"'})
        refresh = ("-a", "ids=1", "-a", "refresh=5000d")
        assert crawl(server.url, *refresh, cwd=tmp_path, REFRESH_EVERY=0).returncode == 0
        answers["print:1"] = Answer(status=304)
        assert crawl(server.url, *refresh, cwd=tmp_path, REFRESH_EVERY=0).returncode == 0
        # and so does the notice that it was removed
        answers["print:1"] = answers["/Fa/News/1/"] = Answer(nothing)
        assert crawl(server.url, *refresh, cwd=tmp_path, REFRESH_EVERY=0).returncode == 0
    assert "تیتر تازه".encode() in kept_in(tmp_path / "archive.db")["1", "print"].body
    assert reparsed(tmp_path)["unchanged"] == 2


def test_pages_off_writes_no_file_and_nonsense_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    with PageServer({"print:1": Answer(print_page(1))}) as server:
        done = crawl(server.url, "-a", "ids=1", cwd=tmp_path, PAGES="perhaps")
        assert (done.returncode, server.asked) == (2, [])
        assert "-s PAGES=perhaps: write on or off." in done.stderr
        assert list(tmp_path.iterdir()) == []
        assert crawl(server.url, "-a", "ids=1", cwd=tmp_path, PAGES="off").returncode == 0
    assert not path_of(tmp_path / "archive.db").exists()
    with Archive(tmp_path / "archive.db") as archive:
        assert archive.db.execute("SELECT outcome, page_kept FROM visits").fetchall() == [("article", None)]
    done = run("reparse", cwd=tmp_path)
    assert done.returncode == 2
    assert "archive.pages.db is not there: no crawl has kept pages" in done.stderr


def test_saved_pages_are_in_their_own_files_and_are_not_kept_again(tmp_path: Path) -> None:
    write_warc(tmp_path / "x.warc.gz", [Record(print_url(1), print_page(1))])
    assert run("crawl", "farsonline", "-a", "pages=x.warc.gz", cwd=tmp_path).returncode == 0
    assert not path_of(tmp_path / "archive.db").exists()


def test_captures_are_kept_with_their_time_and_place(tmp_path: Path) -> None:
    gone = gone_site(12)
    with Archives(gone.snapshots) as archives:
        words = ["crawl", "farsonline", "-a", "source=wayback"]
        given = {"WAYBACK_URL": archives.url, "WAYBACK_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}
        for name, value in given.items():
            words += ["-s", f"{name}={value}"]
        done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = everything(tmp_path / "archive.db")
    kept = kept_in(tmp_path / "archive.db")
    with Archive(tmp_path / "archive.db") as archive:
        assert {key for key, _ in kept} == set(gone.wanted)
        for (key, _), page in kept.items():
            article = archive.article("farsonline", key)
            assert article is not None
            assert page.fetched_at == article.fetched_at
            assert page.source is not None
            assert page.source.startswith(f"{archives.url}/web/")
    assert reparsed(tmp_path)["unchanged"] == len(told)
    refuse_all(tmp_path / "archive.db")
    assert reparsed(tmp_path)["readable"] == len(told)
    assert everything(tmp_path / "archive.db") == told
    with Archive(tmp_path / "archive.db") as archive:
        assert archive.db.execute("SELECT count(*) FROM visits WHERE source_at = last_at").fetchone() == (len(told),)


def test_pages_of_sites_without_a_stanza_are_kept_and_reparsed_too(tmp_path: Path) -> None:
    text = "ماهیگیران بندر پس از سه هفته به دریا بازگشتند و بار نخست را به بازار رساندند. " * 4
    said = {"@type": "NewsArticle", "headline": "بازگشت ماهیگیران", "datePublished": "2024-05-01T10:00:00+03:30"}
    body = (
        f"<html><head><title>بازگشت ماهیگیران</title><script type='application/ld+json'>{json.dumps(said)}</script>"
        f"</head><body><article><h1>بازگشت ماهیگیران</h1><p>{text}</p><p>{text}</p></article></body></html>"
    )
    with PageServer({"/harbour/7": Answer(body)}) as server:
        done = run("crawl", "news", "-a", f"urls={server.url}/harbour/7", "-s", "DOWNLOAD_DELAY=0", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        key = f"{server.url}/harbour/7"
    told = everything(tmp_path / "archive.db")
    assert len(told) == len(kept_in(tmp_path / "archive.db", "news")) == 1
    assert reparsed(tmp_path, "news")["unchanged"] == 1
    refuse_all(tmp_path / "archive.db")
    report = reparsed(tmp_path)
    assert (report["publisher"], report["readable"]) == ("news", 1)
    assert everything(tmp_path / "archive.db") == told
    assert key in told[0]


@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("farscrawler.archive.kept.pages:KeptPages._replace", 30),
        ("farscrawler.archive.store:Archive._commit", 2),  # the pages are committed, and their visits are not
    ],
)
def test_a_kill_costs_no_page_whose_visit_is_there(tmp_path: Path, place: str, call: int) -> None:
    path = tmp_path / "archive.db"
    newsroom = Newsroom(count=70)
    with Server(newsroom, weight=500) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
        assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=call)
        with Archive(path) as archive, KeptPages(path_of(path)) as pages:
            assert (check(archive), check_pages(pages), lost(archive, pages)) == ([], [], 0)
            stored = archive.db.execute("SELECT count(*) FROM visits").fetchone()[0]
        if place.endswith("_commit"):
            left = reparsed(tmp_path)["left"]
            assert left["not in the archive; the next crawl asks for them"] == len(kept_in(path)) - stored > 0
        assert run(*words, cwd=tmp_path).returncode == 0
    with Archive(path) as archive, KeptPages(path_of(path)) as pages:
        assert (check(archive), check_pages(pages), lost(archive, pages)) == ([], [], 0)
        articles = {one.article_id for one in archive.articles()}
    assert articles == {str(key) for key in newsroom.ids()}
    assert articles <= {key for key, _ in kept_in(path)}
    assert reparsed(tmp_path)["unchanged"] == len(articles)


def test_two_crawls_keep_pages_of_two_publishers_in_one_file_at_once(tmp_path: Path) -> None:
    newsroom = Newsroom(count=60)
    ids = f"ids={newsroom.first_id}-{newsroom.newest_id}"
    (tmp_path / "own").mkdir()
    stanza = '[other]\nfamily = "incsys"\nname = "دیگر"\nhosts = ["www.fars-online.ir"]\n'
    (tmp_path / "own" / "other.toml").write_text(stanza, encoding="utf-8")
    with Server(newsroom, weight=500) as server:
        commands = []
        for publisher in ("farsonline", "other"):
            words = crawl_words(server.url, "-a", ids, settings={"PUBLISHERS": "own"})
            words[1] = publisher
            commands.append(start(*words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
        for command in commands:
            _, err = command.communicate()
            assert command.returncode == 0, err
    path = tmp_path / "archive.db"
    wanted = {str(key) for key in newsroom.ids()}
    for publisher in ("farsonline", "other"):
        assert wanted <= {key for key, _ in kept_in(path, publisher)}
    with Archive(path) as archive, KeptPages(path_of(path)) as pages:
        assert lost(archive, pages) == 0
        assert check_pages(pages) == []
