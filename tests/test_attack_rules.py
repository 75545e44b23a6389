"""What an attack found in single rules, each held where it is decided; and how a run ends that something breaks."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from contextlib import closing
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.settings import Settings

from farscrawler import publishers
from farscrawler.archive import Archive, Outcome, Visit
from farscrawler.archive.exports import ExportLog, open_export, write_rows
from farscrawler.config import LENGTHS, WHOLE, checked
from farscrawler.errors import BadArgumentError
from farscrawler.extract import NoArticle, Reason
from farscrawler.frontier import latest as latest_module
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.frontier.base import Target
from farscrawler.frontier.incremental import IncrementalByIds
from farscrawler.frontier.latest import LatestByIds
from farscrawler.frontier.seeds import Seeds
from farscrawler.items import Article
from farscrawler.middlewares.retry import retry_after
from farscrawler.outcomes.judge import Verdict, judge_answer, redirect_of
from farscrawler.outcomes.stop_rules import EndReason, RunEnd, StopAfterFailures
from farscrawler.outcomes.visit import VisitState
from farscrawler.spiders.loader import spider_class
from farscrawler.spiders.site_client import judge_list, newest_of
from tests.support import crawl, crawl_words, environment, run
from tests.support.desk import Desk
from tests.support.pageserver import Answer
from tests.test_attack_crawl import Site, everything, execute, floor, sentence, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FARSONLINE = publishers.load("farsonline")
HOME = "http://www.fars-online.ir/"
NOW = dt.datetime(2026, 11, 23, 8, 0, 0, tzinfo=dt.UTC)
AT = NOW.isoformat()
NO_ARTICLE = NoArticle("not-article", Reason.NO_HEADLINE)
EMPTY = NoArticle("failed", Reason.EMPTY_BODY)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.db") as archive:
        yield archive


def store(archive: Archive, key: str, publisher: str = "farsonline") -> None:
    archive.save(visit(key, publisher=publisher), article(key, publisher=publisher))
    archive.flush()


def visit(key: str, outcome: Outcome = "article", *, page: str | None = None, publisher: str = "farsonline") -> Visit:
    return Visit(publisher=publisher, key=key, url=f"http://x/{key}", outcome=outcome, at=AT, page_hash=page)


def article(key: str, *, revision: int = 1, publisher: str = "farsonline") -> Article:
    return Article(
        publisher=publisher,
        article_id=key,
        url=f"http://x/{key}",
        headline=f"تیتر {revision}",
        body="متن",
        fetched_at=AT,
        content_hash=f"{key} {revision}",
        revision=revision,
    )


# -- rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "known", "newest"),
    [
        (["5000", "4990", "999999999"], None, 5000),
        (["5000", "4990", "999999999", "9" * 20], 4995, 5000),
        (["999999999"], 5000, None),  # nothing believable is listed
        (["9" * 20], None, None),
        (["5000"], None, 5000),
        (["999999999"], 999_999_000, 999_999_999),  # not wild where its neighbours are known
        (["100000000000", "98000000000"], None, 100_000_000_000),  # ids that are time stamps lie far apart
        ([], 5000, None),
    ],
)
def test_the_newest_listed_id_has_neighbours(keys: list[str], known: int | None, newest: int | None) -> None:
    assert newest_of(keys, known) == newest


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (403, "", "blocked", "its home page answers HTTP 403"),
        (429, "", "blocked", "its home page answers HTTP 429"),
        (500, "<p>خطا</p>", "failed", "its home page answers HTTP 500"),
        (404, "", "failed", "its home page answers HTTP 404"),
        (200, "<title>Just a moment...</title>cf-chl-1", "blocked", "Cloudflare challenge"),
        (503, "<title>Just a moment...</title>cf-chl-1", "blocked", "Cloudflare challenge"),
        (206, "<p>خوش آمدید</p>", "failed", "its home page answers HTTP 206"),
    ],
)
def test_what_a_home_page_that_is_no_list_is_taken_for(status: int, body: str, outcome: str, reason: str) -> None:
    verdict = judge_list(Response(HOME, status=status, body=body.encode()))
    assert verdict is not None
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_home_page_without_links_is_a_list_all_the_same() -> None:
    assert judge_list(Response(HOME, body="<p>خوش آمدید</p>".encode())) is None


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("/maintenance.html", "failed"),
        ("/login", "failed"),
        ("/Fa/Login?ReturnUrl=/Error.aspx", "failed"),  # only the path says where it leads
        ("/Error.aspx", "missing"),
        ("/Error.aspx?aspxerrorpath=/Fa/News/7", "missing"),
        ("", "failed"),  # to itself
        ("/", "missing"),
        ("http://www.fars-online.ir", "missing"),
        ("/fa/", "missing"),
        ("/default.aspx", "missing"),
        ("/Fa/Default.aspx", "missing"),
        ("/404", "missing"),
        ("/%34%30%34", "missing"),
        ("file:///etc/passwd", "blocked"),
        ("data:text/html,x", "blocked"),
        ("javascript:alert(1)", "blocked"),
    ],
)
def test_a_redirect_is_judged_by_where_it_leads(location: str, outcome: str) -> None:
    response = Response(f"{HOME}Fa/News/7/", status=302, headers={"Location": location})
    assert judge_answer(302, redirect_of(response), NO_ARTICLE, announced_empty=True).outcome == outcome


@pytest.mark.parametrize("location", ["/a\x1b[31mb", "/a%1b%5b31mb", "/a\x9bb", "/a%0d%0ab", "/a\u202eb"])
def test_no_control_character_of_a_redirect_reaches_a_reason(location: str) -> None:
    response = Response(HOME, status=302, headers={"Location": location.encode("utf-8")})
    found = redirect_of(response)
    assert found is not None
    assert judge_answer(302, found, NO_ARTICLE, announced_empty=True).reason.isprintable()


def test_a_location_nobody_can_read_is_no_redirect() -> None:
    assert redirect_of(Response(HOME, status=302, headers={"Location": "http://[bad"})) is None
    assert redirect_of(Response(HOME, status=200, headers={"Location": "/Error.aspx"})) is None
    assert judge_answer(302, None, EMPTY, announced_empty=True).outcome == "failed"  # a way to nowhere


@pytest.mark.parametrize("status", [400, 405, 408, 425, 503])
@pytest.mark.parametrize(
    "page", [NO_ARTICLE, NoArticle("failed", Reason.EMPTY_BODY), NoArticle("missing", Reason.EMPTY_TEMPLATE)]
)
def test_an_error_that_says_nothing_of_the_article_is_never_final(status: int, page: NoArticle) -> None:
    assert judge_answer(status, None, page, announced_empty=True) == Verdict("failed", f"HTTP {status}")


@pytest.mark.parametrize(
    ("address", "proxy", "base_url", "blocked"),
    [
        ("10.10.34.34", None, None, True),
        ("127.0.0.1", None, None, True),
        ("127.0.0.1", "http://127.0.0.1:3128", None, False),
        ("127.0.0.1", None, "http://127.0.0.1:8000", False),
        ("8.8.8.8", None, None, False),
    ],
)
def test_a_private_address_blocks_unless_a_proxy_or_replica_was_chosen(
    address: str, proxy: str | None, base_url: str | None, blocked: bool
) -> None:
    spider = spider_class(FARSONLINE)()
    spider.arguments = parse_arguments(FARSONLINE, {"base_url": base_url} if base_url else {})
    request = Request(HOME, meta={"proxy": proxy} if proxy else {})
    visit = VisitState(target=Target(key="1", form="article"), form="article")
    verdict = spider._answer_without_page(visit, Response(HOME, ip_address=ip_address(address), request=request))
    assert (verdict is not None and verdict.outcome == "blocked") == blocked


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 23 Nov 2026 08:00:00 +999999999999999",
        "Mon, 99 Nov 99999999999 08:00:00 GMT",
        "Mon, 23 Nov 0 -0000",
        "\x00",
    ],
)
def test_an_absurd_retry_after_is_ignored(value: str) -> None:
    assert retry_after(value, NOW) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, str(least - 1)) for name, least in WHOLE.items()),
        *((name, "x") for name in (*WHOLE, *LENGTHS)),
        *((name, value) for name in LENGTHS for value in ("-1", "nan", "inf")),
    ],
)
def test_every_number_among_the_settings_is_checked(name: str, value: str) -> None:
    good = {**WHOLE, **dict.fromkeys(LENGTHS, 0.0)}
    assert checked(Settings(good)) == WHOLE
    with pytest.raises(BadArgumentError, match=f"-s {name}="):
        checked(Settings({**good, name: value}))


def test_a_site_that_has_answered_is_never_called_unreachable() -> None:
    dead = Verdict("failed", "the connection was refused", unreachable=True)
    patience = StopAfterFailures(blocked=5, failed=4, unreachable=2)
    assert [patience.add(verdict) for verdict in (Verdict("article", ""), dead, dead, dead)] == [None] * 4
    assert patience.add(dead) == RunEnd(
        EndReason.TOO_MANY_FAILURES, "4 in a row, the last one: the connection was refused"
    )


# -- plans and the archive ------------------------------------------------------------------------


def test_the_floor_never_rises_into_the_edge(archive: Archive) -> None:
    desk = Desk(archive, lambda number: "article" if number <= 1000 else "missing", 1000)
    desk.crawl(IncrementalByIds(desk, "print", probe_misses=5, edge=20, first=50))
    assert desk.ledger.watermark() == 980


def test_a_miss_of_a_harvest_is_provisional_only_near_the_newest(archive: Archive) -> None:
    store(archive, "500")
    desk = Desk(archive, lambda _: "missing", None)
    desk.crawl(Seeds.of_ids(desk, [480, 481, 499, 501], 4, "print", edge=20))
    known = desk.ledger.known(["480", "481", "499", "501"])
    assert {key for key, k in known.items() if k.provisional} == {"481", "499", "501"}


def test_latest_counts_only_misses_in_a_row(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest_module, "MISSES_END", 5)
    desk = Desk(archive, lambda number: "article" if number % 4 == 0 else "missing", 100)
    plan = LatestByIds(desk, 10, "print", edge=20)
    desk.crawl(plan)
    assert plan.shortfall is None
    assert [number for number in desk.asked if number % 4 == 0] == list(range(100, 60, -4))


def test_latest_says_when_it_ends_short(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest_module, "MISSES_END", 5)
    desk = Desk(archive, lambda number: "article" if number > 98 else "missing", 100)
    plan = LatestByIds(desk, 10, "print", edge=20)
    desk.crawl(plan)
    assert plan.shortfall == "5 ids in a row hold no article, down from the newest listed"
    assert min(desk.asked) == 94


def test_a_look_without_a_page_keeps_the_digest_of_the_page_before(archive: Archive) -> None:
    for page, expected in (("abc", "abc"), (None, "abc"), ("def", "def"), (None, "def")):
        archive.save(visit("1", page=page), article("1") if page else None)
        archive.flush()
        assert archive.db.execute("SELECT page_hash FROM visits").fetchone() == (expected,)


def test_what_an_export_is_owed_is_of_its_own_publisher(archive: Archive) -> None:
    log = ExportLog(archive, "x.jsonl", "farsonline")
    export = log.begin("jsonl", 0, "", AT)
    for publisher in ("yjc", "farsonline"):
        store(archive, "1", publisher)
    assert [(s.article.publisher, s.article.article_id) for page in log.pending(export) for s in page] == [
        ("farsonline", "1")
    ]


def test_an_older_revision_never_replaces_a_newer_one_in_an_sqlite_export(tmp_path: Path) -> None:
    db = open_export(tmp_path / "x.db")
    with closing(db):
        for revision in (2, 1, 3, 2):
            write_rows(db, [article("1", revision=revision)])
        assert db.execute("SELECT revision, headline FROM articles").fetchall() == [(3, "تیتر 3")]


# -- how a run ends -------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["exports", "runs", "visits"])
def test_a_table_that_takes_nothing_ends_the_run_with_a_sentence(tmp_path: Path, table: str) -> None:
    execute(tmp_path, f"CREATE TRIGGER t BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the shelf is full'); END")
    with Site([1, 2, 3]) as site:
        done = crawl(site.url, "-a", "ids=1-3", "-o", "x.jsonl", cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert "the shelf is full" in sentence(done)
        if table == "visits":
            execute(tmp_path, "DROP TRIGGER t")
            assert crawl(site.url, "-a", "ids=1-3", "-o", "x.jsonl", cwd=tmp_path).returncode == 0
            assert (tmp_path / "x.jsonl").read_bytes().count(b"\n") == 3


def test_an_error_nobody_foresaw_ends_the_run_and_is_never_success(tmp_path: Path) -> None:
    with Site(range(1, 200)) as site:
        assert crawl(site.url, "-a", "ids=1", cwd=tmp_path).returncode == 0
        execute(tmp_path, "UPDATE articles SET tags = '[' WHERE article_id = '1'")  # by other hands: no JSON
        site.ids_asked()
        done = crawl(site.url, "-a", "ids=1-199", "-o", "x.jsonl", cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert "farscrawler: an error of farscrawler itself: JSONDecodeError" in done.stderr
        assert len(site.ids_asked()) < 199


@pytest.mark.parametrize("setting", ["CONCURRENT_REQUESTS_PER_DOMAIN=0", "STOP_AFTER_BLOCKED=x", "RETRY_BACKOFF=-1"])
def test_a_number_that_cannot_be_is_exit_code_2(tmp_path: Path, setting: str) -> None:
    done = run("crawl", "farsonline", "-a", "ids=1", "-s", setting, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert f"-s {setting}: " in sentence(done)
    assert list(tmp_path.iterdir()) == []


def test_a_limit_of_scrapy_ends_a_run_with_work_owed_and_says_so(tmp_path: Path) -> None:
    with Site(range(1, 61)) as site:
        done = crawl(
            site.url, "-a", "ids=1-60", cwd=tmp_path, CLOSESPIDER_PAGECOUNT=3, CONCURRENT_REQUESTS_PER_DOMAIN=1
        )
        assert done.returncode == 3, done.stderr
        assert "ended before it was done (closespider_pagecount)" in sentence(done)
        assert 3 <= len(stored(tmp_path)) < 10


def test_a_site_that_asks_for_a_long_peace_gets_it_at_once(tmp_path: Path) -> None:
    with Site(range(1, 41)) as site:
        site.instead = everything(Answer(status=429, headers={"Retry-After": "86400"}))
        done = crawl(site.url, "-a", "ids=1-40", cwd=tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        assert done.returncode == 3
        assert "it asks us to wait 24 h 0 min" in sentence(done)
        assert len(site.ids_asked()) <= 2


def test_a_signal_while_the_program_is_still_loading_leaves_with_130(tmp_path: Path) -> None:
    # -X importtime names each module once it is loaded: a clock of the start that does not depend on the machine.
    for module in ("scrapy.settings", "farscrawler.archive.store", "farscrawler.spiders.site_client"):
        words = crawl_words("http://127.0.0.1:9", "-a", "ids=1-3", settings={"RETRY_TIMES": 0})
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", "farscrawler", *words],
            cwd=tmp_path,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        with process.stderr as lines:
            assert any(line.rstrip().endswith(f" {module}") for line in lines), module
            process.send_signal(signal.SIGINT)
            said = lines.read()
        assert "Traceback" not in said, (module, said[-2000:])
        # Within exec() of a text, as dataclasses use it, CPython ends by the signal itself: 130 to a shell as well.
        assert process.wait(60) in (130, -signal.SIGINT)


def test_latest_that_ends_short_of_its_number_is_not_success(tmp_path: Path) -> None:
    with Site([*range(1, 20), 799, 800], [798, 799, 800]) as site:
        done = crawl(site.url, "-a", "latest=5", cwd=tmp_path)
        assert done.returncode == 3
        assert "not all was found: 500 ids in a row hold no article" in sentence(done)
        assert min(site.ids_asked()) > 200
    assert stored(tmp_path) == {799, 800}


_SPY = """
import os, sys
sync = os.fsync
def told(fd):
    print("on disk:", os.fstat(fd).st_ino, file=sys.stderr)
    sync(fd)
os.fsync = told
"""


def test_a_run_ends_with_its_floor_raised_and_its_export_on_disk(tmp_path: Path) -> None:
    with Site(range(1, 101)) as site:
        words = crawl_words(site.url, "-o", "x.jsonl", settings={"FIRST_IDS": 50, "EDGE_IDS": 5, "PROBE_MISSES": 2})
        done = run(*words, cwd=tmp_path, first=_SPY)
    assert done.returncode == 0, done.stderr
    assert floor(tmp_path) == 95  # began at 50; never into the edge
    assert f"on disk: {(tmp_path / 'x.jsonl').stat().st_ino}\n" in done.stderr
