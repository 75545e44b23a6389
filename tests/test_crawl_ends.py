"""How a crawl ends: bad input, sites that are down or hostile, signals; by exit code and sentence."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, schema
from farscrawler.frontier.arguments import ARGUMENTS
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from tests.support import crawl, crawl_words, run, start
from tests.support.commands import PATIENCE
from tests.support.killing import kill_session, start_to_kill
from tests.support.pageserver import Answer, PageServer, print_page
from tests.support.print_site import Site, execute, floor, sentence, stored

if TYPE_CHECKING:
    from pathlib import Path


_SPY = """
import os, sys
sync = os.fsync
def told(fd):
    print("on disk:", os.fstat(fd).st_ino, file=sys.stderr)
    sync(fd)
os.fsync = told
"""

#: A fault of ours in the middle of a run, where a page is to be stored.
_FAULT = """
from farscrawler.archive import Archive
def broken(self, visit, article=None):
    raise ZeroDivisionError
Archive.save = broken
"""


def known(folder: Path, *keys: str) -> dict[str, tuple[str, str | None]]:
    """Return outcome and reason of some addresses."""
    db = sqlite3.connect(folder / "archive.db")
    rows = db.execute("SELECT key, outcome, reason FROM visits").fetchall()
    db.close()
    return {key: (outcome, reason) for key, outcome, reason in rows if not keys or key in keys}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["crawl", "farsonlin"], "Did you mean farsonline"),
        (["crawl"], "name one publisher"),
        (["crawl", "farsonline", "1399"], "--since 1399 --until 1399; ids with --ids 1399"),
        (["crawl", "farsonline", "5-9"], "--ids 5-9"),
        (["crawl", "farsonline", "http://www.fars-online.ir/Fa/News/1/"], "--urls http://www.fars-online.ir/Fa/"),
        (["crawl", "farsonline", "latest=20"], "Arguments are given with options: --latest 20"),
        (["crawl", "farsonline", "base_url=http://127.0.0.1:8000"], "options: --base-url http://127.0.0.1:8000"),
        (["crawl", "farsonline", "-O", "q.csv.gz"], "`farscrawler export -O q.csv.gz`"),
        (["crawl", "farsonline", "-a", "ids=x"], "'x' is no id"),
        (["crawl", "farsonline", "-a", "sinse=1401-01-01"], "There is no argument 'sinse'. Did you mean since"),
        (["crawl", "farsonline", "-a", "since=1401-13-01"], "there is no such day"),
        (["crawl", "farsonline", "-a", "since=1401", "-a", "ids=1"], "ids and since cannot be given together"),
        (["crawl", "farsonline", "-a", "latest"], "-a NAME=VALUE"),
        (["crawl", "farsonline", "-a", "ids=1", "-s", "ARCHIVE=no/such/a.db"], "does not exist"),
        (["crawl", "farsonline", "-a", "ids=1", "-s", "ARCHIVE=letter.txt"], "no archive"),
        (["crawl", "farsonline", "-a", "ids=1", "-s", "ARCHIVE=newer.db"], "newer farscrawler"),
        (["crawl", "farsonline", "-a", "ids=1", "-o", "x.pdf"], "there is no export format"),
        (["crawl", "farsonline", "-a", "ids=1", "-o", "no/such/x.jsonl"], "does not exist"),
        (["crawl", "farsonline", "-a", "ids=1", "-o", "torn.jsonl"], "torn"),
        (["crawl", "farsonline", "-a", "ids=@letter.bin"], "not UTF-8"),
        (["show", "nobody"], "no publisher named"),
        (["show"], "does not exist"),
        (["show", "-n", "-1"], "0 for all"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2_with_nothing_touched(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "letter.txt").write_text("dear reader", encoding="utf-8")
    (tmp_path / "letter.bin").write_bytes(b"\xff\xfe\xfa")
    (tmp_path / "torn.jsonl").write_bytes(b'{"publisher": "farsonline"}\n{"publisher": "fars')
    Archive(tmp_path / "newer.db", readonly=False).close()
    db = sqlite3.connect(tmp_path / "newer.db")
    db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.close()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name: after[name] for name in before} == before


def test_a_site_that_cannot_be_reached_is_one_sentence_and_exit_code_3(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for arguments in (["-a", "latest=20", "-O", "news.jsonl"], ["-a", "ids=1-50"], []):
            done = crawl(url, *arguments, cwd=tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=1, RETRY_TIMES=1)
            assert done.returncode == 3, done.stderr
            said = [line for line in done.stderr.splitlines() if line.startswith("farscrawler: ")]
            assert len(said) == 1
            assert f"{url} cannot be reached (" in said[0]
            assert "Traceback" not in done.stderr
    assert all(outcome == "failed" for outcome, _ in known(tmp_path).values())
    assert len(known(tmp_path)) < 10  # it did not ask for all fifty


def test_a_site_that_blocks_stops_its_crawl_and_what_it_owes_stays_owed(tmp_path: Path) -> None:
    newsroom = Newsroom(count=60)
    words = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
    with Server(newsroom, Faults(challenge=1.0, patience=1000)) as wall:
        done = crawl(wall.url, *words, cwd=tmp_path)
        assert done.returncode == 3
        assert "blocks us" in done.stderr
        assert len(wall.requests) < 30
    assert {outcome for outcome, _ in known(tmp_path).values()} == {"blocked"}
    with Server(newsroom) as server:
        assert crawl(server.url, *words, cwd=tmp_path).returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert len(list(archive.articles())) == len(newsroom.ids())


def test_pages_that_are_no_articles_are_recorded_with_their_reason(tmp_path: Path) -> None:
    deep = "<div>" * 100_000 + "x" + "</div>" * 100_000
    script = (
        "<html><body>" + "<script>var a = 'چهارشنبه 28 ارديبهشت 1401 - 14:55:59';</script>" * 2000 + "</body></html>"
    )
    home = "<html><body><ul>" + "<li><a href='/Fa/News/5/x'>خبر</a></li>" * 50 + "</ul></body></html>"
    pages: dict[str, Answer] = {
        "1": Answer(print_page(1)),
        "2": Answer(""),
        "3": Answer(home),
        "4": Answer(b"\x89PNG\r\n\x1a\n" + b"\0\1\2" * 5000, headers={"Content-Type": "image/png"}),
        "5": Answer(b"a" * 20 * 1024 * 1024),
        "6": Answer(deep),
        "7": Answer(script),
        "8": Answer("<html><body>Server Error in '/' Application.</body></html>", status=500),
        "9": Answer(print_page(9)[: len(print_page(9)) // 2]),
        "10": Answer(status=410),
        "11": Answer(status=403),
        "12": Answer(print_page(1)),  # another article's page
        "13": Answer(print_page(13), status=404),  # an article, whatever its status line says
        "14": Answer(status=302, headers={"Location": "/Error.aspx"}),
        "15": Answer(status=302, headers={"Location": "http://10.10.34.34/?type=Invalid%20Site"}),
        "16": Answer(status=302, headers={"Location": "/Incsys/PrtNews.aspx?l=Fa&code=16&k=0"}),
    }
    site = {f"print:{key}": answer for key, answer in pages.items()}
    site |= {f"/Fa/News/{key}/": answer for key, answer in pages.items()}
    with PageServer(site) as server:
        done = crawl(server.url, "-a", "ids=1-16", cwd=tmp_path, RETRY_TIMES=0)
        assert not [path for path in server.asked if "Error" in path or "10.10" in path]
    assert "Traceback" not in done.stderr
    assert done.returncode == 3
    found = known(tmp_path)
    outcomes = {int(key): outcome for key, (outcome, _) in found.items()}
    assert {n for n, outcome in outcomes.items() if outcome == "article"} == {1, 13}
    assert {n: outcomes[n] for n in (2, 4, 5, 8, 9, 10, 11, 12, 14, 15, 16)} == {
        2: "missing",
        4: "not-article",
        5: "not-article",
        8: "failed",
        9: "failed",
        10: "missing",
        11: "blocked",
        12: "not-article",
        14: "missing",
        15: "blocked",
        16: "blocked",
    }
    assert {outcomes[n] for n in (3, 6, 7)} <= {"not-article", "missing"}
    assert all(reason for key, (_, reason) in found.items() if outcomes[int(key)] != "article")


def test_the_other_form_is_tried_where_one_cannot_be_parsed(tmp_path: Path) -> None:
    newsroom = Newsroom(count=10)
    story = newsroom.story(newsroom.ids()[0])
    assert story is not None
    key = story.article_id
    with Server(newsroom, weight=5_000) as real:
        article = real.site.respond(f"/Fa/News/{key}/").body
        printed = real.site.respond(f"/Incsys/PrtNews.aspx?code={key}").body
    nothing = Answer("<html><body><p>صفحه در دست تعمیر است، لطفا کمی بعد سر بزنید.</p></body></html>")
    for site, form in (
        ({f"print:{key}": nothing, f"/Fa/News/{key}/": Answer(article)}, "print"),
        ({f"print:{key}": Answer(printed), f"/Fa/News/{key}/": nothing}, "article"),
    ):
        folder = tmp_path / form
        folder.mkdir()
        with PageServer(site) as server:
            done = crawl(server.url, "-a", f"ids={key}", "-a", f"form={form}", cwd=folder)
            assert len([path for path in server.asked if path != "/robots.txt"]) == 2
        assert done.returncode == 0, done.stderr
        assert known(folder) == {str(key): ("article", None)}
        db = sqlite3.connect(folder / "archive.db")
        assert db.execute("SELECT form, tries FROM visits").fetchall() == [
            ({"print": "article", "article": "print"}[form], 2)
        ]
        db.close()


def test_a_timestamp_that_cannot_be_read_leaves_the_article_with_a_warning(tmp_path: Path) -> None:
    page = print_page(7).replace("چهارشنبه 28", "پنجشنبه 28")
    with PageServer({"print:7": Answer(page)}) as server:
        assert crawl(server.url, "-a", "ids=7", cwd=tmp_path).returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        article = archive.article("farsonline", "7")
    assert article is not None
    assert article.published_at is None
    assert article.published_text == "پنجشنبه 28 ارديبهشت 1401 - 14:55:59"
    assert any(warning.startswith("timestamp-refused: ") for warning in article.warnings)


def test_a_second_run_on_the_same_archive_exits_75_and_names_the_first(tmp_path: Path) -> None:
    newsroom = Newsroom(count=200)
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
        first = start_to_kill(*words, cwd=tmp_path, stop_at="farscrawler.archive.store:Archive.save")
        try:
            assert first.stopped()
            second = run(*words, cwd=tmp_path)
            assert second.returncode == 75
            assert f"process {first.pid}" in second.stderr
        finally:
            assert kill_session(first)
            first.go_on()
        # its holder is dead: the lock is free
        assert run(*words, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_without_a_command_ours_are_listed(tmp_path: Path, words: list[str]) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0
    for name in ("crawl", "show", "check", "revisions", "newsroom", "demo", "schema", "publishers"):
        assert f"\n  {name} " in done.stdout


def test_version_and_an_unknown_command(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout.startswith("farscrawler 0.")
    unknown = run("crwl", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("farscrawler: there is no command 'crwl'. Did you mean crawl?")
    for word in ("list", "crawl-all"):  # Scrapy's own and ours, as they are typed
        assert run(word, "-h", cwd=tmp_path).returncode == 0


def test_a_reader_that_has_seen_enough_ends_no_command_with_a_traceback(tmp_path: Path) -> None:
    done = start("publishers", cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.stdout is not None
    done.stdout.close()  # before the first line is written
    _, said = done.communicate(timeout=PATIENCE)
    assert said == ""


def test_the_help_of_crawl_lists_every_argument_on_a_line_of_its_own(tmp_path: Path) -> None:
    lines = run("crawl", "-h", cwd=tmp_path).stdout.splitlines()
    for name in ARGUMENTS:
        assert [line for line in lines if line.startswith(f"  --{name.replace('_', '-')} ")], name


def test_what_is_owed_of_any_site_is_said_without_a_host_that_is_none(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/x"
    done = run("crawl", "news", "-a", f"urls={url}", "-s", "RETRY_TIMES=0", cwd=tmp_path)
    assert done.returncode == 3
    assert "farscrawler: 1 address of news, failed or blocked, is still pending." in done.stderr


# -- how a run ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param("RAISE(ABORT, 'the shelf is full')", "the shelf is full", id="every-row"),
        pytest.param("no_such_function()", "no such function: no_such_function", id="the-archive"),
    ],
)
@pytest.mark.parametrize("table", ["exports", "runs", "visits"])
def test_a_table_that_takes_nothing_ends_the_run_with_a_sentence(
    tmp_path: Path, table: str, fault: str, words: str
) -> None:
    execute(tmp_path, f"CREATE TRIGGER t BEFORE INSERT ON {table} BEGIN SELECT {fault}; END")
    with Site([1, 2, 3]) as site:
        done = crawl(site.url, "-a", "ids=1-3", "-o", "x.jsonl", cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert words in sentence(done)
        if table == "visits":
            execute(tmp_path, "DROP TRIGGER t")
            assert crawl(site.url, "-a", "ids=1-3", "-o", "x.jsonl", cwd=tmp_path).returncode == 0
            assert (tmp_path / "x.jsonl").read_bytes().count(b"\n") == 3


def test_an_error_nobody_foresaw_ends_the_run_and_is_never_success(tmp_path: Path) -> None:
    with Site(range(1, 200)) as site:
        assert crawl(site.url, "-a", "ids=1", cwd=tmp_path).returncode == 0
        site.ids_asked()
        words = crawl_words(site.url, "-a", "ids=1-199", "-o", "x.jsonl")
        done = run(*words, cwd=tmp_path, first=_FAULT)
        assert done.returncode == 1, done.stderr
        assert "farscrawler: an error of farscrawler itself: ZeroDivisionError" in done.stderr
        assert len(site.ids_asked()) < 199


def test_a_limit_of_scrapy_ends_a_run_with_work_owed_and_says_so(tmp_path: Path) -> None:
    with Site(range(1, 61)) as site:
        done = crawl(
            site.url, "-a", "ids=1-60", cwd=tmp_path, CLOSESPIDER_PAGECOUNT=3, CONCURRENT_REQUESTS_PER_DOMAIN=1
        )
        assert done.returncode == 3, done.stderr
        assert "ended before it was done (closespider_pagecount)" in sentence(done)
        # Scrapy counts robots.txt too, and the next page may be on its way by then or still wait.
        assert 2 <= len(stored(tmp_path)) < 10


def test_latest_that_ends_short_of_its_number_is_not_success(tmp_path: Path) -> None:
    with Site([*range(1, 20), 799, 800], [798, 799, 800]) as site:
        done = crawl(site.url, "-a", "latest=5", cwd=tmp_path)
        assert done.returncode == 3
        assert "not all was found: 500 ids in a row hold no article" in sentence(done)
        assert min(site.ids_asked()) > 200
    assert stored(tmp_path) == {799, 800}


def test_a_run_ends_with_its_floor_raised_and_its_export_on_disk(tmp_path: Path) -> None:
    with Site(range(1, 101)) as site:
        words = crawl_words(site.url, "-o", "x.jsonl", settings={"FIRST_IDS": 50, "EDGE_IDS": 5, "PROBE_MISSES": 2})
        done = run(*words, cwd=tmp_path, first=_SPY)
    assert done.returncode == 0, done.stderr
    assert floor(tmp_path) == 95  # began at 50; never into the edge
    assert f"on disk: {(tmp_path / 'x.jsonl').stat().st_ino}\n" in done.stderr
