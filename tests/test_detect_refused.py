"""`farscrawler detect` of what is no article's page: it says what came instead, and asks no other host."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from farscrawler.drafts.fetched import Fetched
from farscrawler.drafts.refused import why_refused
from farscrawler.extract.draft import hosts_of, key_of
from farscrawler.extract.page import NoArticle, Reason
from tests.support import FAST, run
from tests.support.pageserver import NEWS, Answer, PageServer

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

_FAST = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]
FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>'
ANSWERS = {
    "/feed": Answer(FEED, headers={"Content-Type": "application/rss+xml"}),
    "/map": Answer("<urlset></urlset>", headers={"Content-Type": "text/xml"}),
    "/pdf": Answer(b"%PDF-1.7\n", headers={"Content-Type": "application/pdf"}),
    "/png": Answer(b"\x89PNG\r\n\x1a\n", headers={"Content-Type": "image/png"}),
    "/empty": Answer(""),
    "/fails": Answer("<h1>500</h1>", status=500),
    "/circle": Answer(status=302, headers={"Location": "/circle"}),
    "/moved": Answer(status=301, headers={"Location": "/1401/07/12/nan/"}),
    "/1401/07/12/nan/": Answer(NEWS),
}


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with PageServer(dict(ANSWERS)) as opened:
        yield opened


def detect(url: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return run("detect", url, "--try", "1", *more, *_FAST, "-s", "RETRY_TIMES=0", cwd=folder)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/feed", "this is a feed; name the address of one article in it."),
        ("/map", "this is a sitemap; name the address of one article in it."),
        ("/pdf", "this is a PDF document; name the address of one article, a page of HTML."),
        ("/png", "this is no HTML (picture); name the address of one article."),
        ("/empty", "the page is empty; name the address of one article."),
        ("/fails", "the site fails (HTTP 500); try again later."),
        ("/nothing", "no page came (there is none at this address, HTTP 404)."),
        ("/circle", "no page came (its redirects have no end)."),
    ],
)
def test_what_came_is_said_with_the_address_that_was_asked(
    server: PageServer, tmp_path: Path, path: str, sentence: str
) -> None:
    done = detect(f"{server.url}{path}", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"farscrawler: {server.url}{path}: {sentence}\n"


def test_a_saved_feed_is_a_feed_too(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(FEED, encoding="utf-8")
    done = run("detect", "feed.xml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1, "farscrawler: feed.xml: this is a feed; name the address of one article in it.\n",
    )  # fmt: skip


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason: Reason) -> None:
    said = why_refused(Fetched("https://x.example/", 200, b"<html>"), NoArticle("not-article", reason))
    assert said.endswith("name the address of one article")
    walled = why_refused(Fetched("https://x.example/", 403, b"<html>"), NoArticle("blocked", reason))
    assert walled.endswith("name the address of one article" if reason is Reason.EMPTY_BODY else "name the file")


def test_a_redirect_is_followed_on_the_site_and_nowhere_else(server: PageServer, tmp_path: Path) -> None:
    moved = detect(f"{server.url}/moved", tmp_path, "--json")
    assert moved.returncode == 0, moved.stderr
    assert [one["url"] for one in json.loads(moved.stdout)["pages"]] == ["http://127.0.0.1/1401/07/12/nan/"]
    with PageServer({"/": Answer(NEWS)}) as other:
        server.answers["/off"] = Answer(status=302, headers={"Location": f"{other.url}/"})
        done = detect(f"{server.url}/off", tmp_path)
        assert other.asked == []
    assert done.returncode == 1
    assert f"{server.url}/off: no page came (it leads to another host, {other.url[7:]})." in done.stderr


@pytest.mark.parametrize("words", ["http://", "https:///x", "http://:80/", "", " "])
def test_an_address_without_a_host_is_a_usage_error(tmp_path: Path, words: str) -> None:
    done = run("detect", words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "host" in done.stderr if words.strip() else "name one page" in done.stderr


def test_a_stanza_that_is_there_is_told_before_anything_is_asked(server: PageServer, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "site_127_0_0_1.toml").write_text("", encoding="utf-8")
    before = len(server.asked)
    done = detect(f"{server.url}/1401/07/12/nan/", tmp_path, "--publishers", "sites")
    assert (done.returncode, done.stdout) == (2, "")
    assert "site_127_0_0_1.toml is there already and stays as it is" in done.stderr
    assert len(server.asked) == before


def test_the_commands_that_come_next_ask_the_same_server(server: PageServer, tmp_path: Path) -> None:
    url = f"{server.url}/1401/07/12/nan/"
    done = detect(url, tmp_path)
    assert f"\npage 1: {url}\n" in f"\n{done.stdout}", done.stderr
    assert f"\n  farscrawler detect {url} --publishers my-sites\n" in done.stdout
    assert "\n[site_127_0_0_1]\n" in done.stdout
    assert '\nhosts = ["127.0.0.1"]\n' in done.stdout


@pytest.mark.parametrize(
    ("host", "key", "hosts"),
    [
        ("127.0.0.2", "site_127_0_0_2", ("127.0.0.2",)),
        ("2001:db8::7", "site_2001_db8_7", ("2001:db8::7",)),
        ("www.yjc.ir", "yjc", ("www.yjc.ir", "yjc.ir")),
        ("khabar.example", "khabar", ("khabar.example", "www.khabar.example")),
    ],
)
def test_the_site_of_a_number_has_all_of_it_in_its_name(host: str, key: str, hosts: tuple[str, ...]) -> None:
    assert (key_of(host), hosts_of(host)) == (key, hosts)
