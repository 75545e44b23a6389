"""Whole harvests of web archives, from a replica of their documented endpoints: the newest good capture of each id."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.ledger import Ledger
from farscrawler.testing.newsroom import Newsroom, Server
from farscrawler.webarchives.capture import moment
from tests.support import crawl, environment, json_lines, run
from tests.support.gone_site import Gone, gone_site, without_revisits
from tests.support.killing import Hold, kill_on_hold
from tests.support.pageserver import Answer, PageServer
from tests.support.replica_archives import Archives, Trouble
from tests.support.snapshots import Snapshot

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SOURCES = ("wayback", "commoncrawl")
CANONICAL = "http://www.fars-online.ir/Fa/News/{}/"
GONE = gone_site(42)
#: Logs every address a process connects to or looks up.
_WATCH = """
import os, socket
_file = open(os.environ["WATCHED"], "a", buffering=1)
_connect, _connect_ex, _lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
def connect(self, address):
    print(*address[:2], file=_file) if self.family != socket.AF_UNIX else None
    return _connect(self, address)
def connect_ex(self, address):
    print(*address[:2], file=_file) if self.family != socket.AF_UNIX else None
    return _connect_ex(self, address)
def lookup(host, port, *rest, **more):
    print(host, port, file=_file)
    return _lookup(host, port, *rest, **more)
socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = connect, connect_ex, lookup
"""


def words(url: str, source: str, *more: str, **settings: Any) -> list[str]:
    """Return the words of a harvest of the replica, without politeness unless it is asked for."""
    given = {
        "WAYBACK_URL": url, "COMMONCRAWL_INDEX_URL": url, "COMMONCRAWL_DATA_URL": url, "WAYBACK_DELAY": 0,
        "COMMONCRAWL_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "WEB_ARCHIVE_BACKOFF": 0.02, **settings,
    }  # fmt: skip
    found = ["crawl", "farsonline", "-a", f"source={source}", *more]
    for name, value in given.items():
        found += ["-s", f"{name}={value}"]
    return found


def harvest(
    url: str, source: str, *more: str, cwd: Path, code: int = 0, **settings: Any
) -> subprocess.CompletedProcess[str]:
    """Harvest the replica in a folder, and see how it ended."""
    done = run(*words(url, source, *more, **settings), cwd=cwd)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def known_of(source: str) -> Gone:
    return without_revisits(GONE) if source == "commoncrawl" else GONE


def rows(folder: Path, statement: str, *values: Any) -> list[Any]:
    with Archive(folder / "archive.db", readonly=True) as archive:
        return archive.db.execute(statement, values).fetchall()


def assert_exact(folder: Path, gone: Gone, url: str, source: str) -> None:
    """Every article is the newest good capture of its id, with its time and place; nothing else is in the archive."""
    with Archive(folder / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        stored = {article.article_id: article for article in archive.articles("farsonline")}
        found = archive.db.execute("SELECT key, outcome, url, form, source, source_at, etag FROM visits").fetchall()
    assert set(stored) == set(gone.wanted)
    visits = {row[0]: row[1:] for row in found}
    assert set(visits) == set(gone.wanted)
    for key, fields in gone.wanted.items():
        article, good = stored[key], gone.good[key]
        assert {name: getattr(article, name) for name in fields} == fields, gone.cases[key]
        outcome, visited, _, place, source_at, etag = visits[key]
        assert (outcome, visited, etag) == ("article", CANONICAL.format(key), None)
        assert article.url == CANONICAL.format(key)
        assert article.revision == 1
        assert article.fetched_at == source_at == moment(good.at)
        if source == "wayback":
            assert place == f"{url}/web/{good.at}id_/{good.url}"
        else:
            assert place.startswith(f"{url}/crawl-data/CC-MAIN-")


@pytest.mark.parametrize("source", SOURCES)
def test_the_newest_good_capture_of_each_id_exactly_whatever_goes_wrong(source: str, tmp_path: Path) -> None:
    gone = known_of(source)
    trouble = Trouble(unavailable=0.06, too_many=0.01, cut=0.05, seed=3)
    watched = tmp_path / "watched"
    with Archives(gone.snapshots, page_lines=4, trouble=trouble, odd_lines=1) as archives:
        archives.planned = {"index" if source == "commoncrawl" else "cdx": [503, 429], "code=1005": [503, 1]}
        given = words(archives.url, source, "-O", "news.jsonl", "--summary", "json", CONTACT="mailto:us@example.org")
        done = run(*given, cwd=tmp_path, env=environment(WATCHED=str(watched)), first=_WATCH)
        assert done.returncode == 0, done.stderr
        assert_exact(tmp_path, gone, archives.url, source)
        # Only the replica was asked, for its documented endpoints alone, and told who asks.
        assert set(watched.read_text(encoding="utf-8").splitlines()) <= {"127.0.0.1 " + archives.url.rpartition(":")[2]}
        assert {one.status for one in archives.asked} <= {200, 206, 302, 404, 429, 503}
        assert {429, 503} <= {one.status for one in archives.asked}
        assert not any("robots" in one.path for one in archives.asked)
        assert all("mailto:us@example.org" in one.agent for one in archives.asked)
        captures = archives.count("capture")
        # No capture twice, what arrived broken aside; no content twice.
        served = Counter(one.path for one in archives.asked if one.kind == "capture" and one.status < 400)
        told = json.loads(done.stdout)
        assert told["source"] == archives.url
        assert told["captures"]["ids"] == len(gone.wanted) + len(gone.without)
        assert told["captures"]["fetched"] <= captures
        assert told["counts"] == {"article": len(gone.wanted), "missing": len(gone.without)}
        assert told["captures"]["unreadable"] > 0
        assert "lines that cannot be read" in done.stderr
        listed, fetched, bad = (told["captures"][name] for name in ("listed", "fetched", "passed_over"))
        sentence = f"from {archives.url} ({listed} captures of {told['captures']['ids']} articles listed, "
        assert sentence + f"{fetched} fetched, {bad} no good), in " in done.stderr
        assert fetched == len(gone.wanted) + bad
        assert rows(tmp_path, "SELECT count(*) FROM captures") == [(bad,)]
        if source == "wayback":
            assert all(count <= 3 for count in served.values())
        # What is stored, and what is known to be no good, is not fetched again.
        archives.trouble = Trouble()
        again = harvest(archives.url, source, "-O", "again.jsonl", cwd=tmp_path)
        assert archives.count("capture") == captures
        assert f"{len(gone.wanted) + len(gone.without)} known before" in again.stderr
    lines = json_lines(tmp_path / "news.jsonl")
    assert {line["article_id"]: line["headline"] for line in lines} == {
        key: fields["headline"] for key, fields in gone.wanted.items()
    }
    assert len(lines) == len(gone.wanted)
    assert {line["article_id"] for line in json_lines(tmp_path / "again.jsonl")} == set(gone.wanted)


@pytest.mark.parametrize("source", SOURCES)
def test_a_harvest_killed_again_and_again_is_exact(source: str, tmp_path: Path) -> None:
    gone = known_of(source)
    with Archives(gone.snapshots, page_lines=40) as archives:
        given = words(archives.url, source, "-o", "news.jsonl")
        for captures in (0, 25, 60):  # while it lists, and while it fetches

            def reached(captures: int = captures, begun: int = len(archives.asked)) -> bool:
                return archives.count("capture") >= captures and len(archives.asked) > begun

            assert kill_on_hold(Hold(archives, "_answer", reached), *given, cwd=tmp_path)
        harvest(archives.url, source, "-o", "news.jsonl", cwd=tmp_path)
        assert_exact(tmp_path, gone, archives.url, source)
    lines = json_lines(tmp_path / "news.jsonl")
    assert sorted(line["article_id"] for line in lines) == sorted(gone.wanted)


def test_what_is_stored_of_the_site_is_newer_and_stays(tmp_path: Path) -> None:
    """A live crawl, then its web archive, then the site again: each fills in only what the others do not have."""
    newsroom = Newsroom(count=60, start="1391-02-01", until="1402-06-01")
    for at in newsroom.ids():
        newsroom.revise(at)
        newsroom.revise(at)
    live = [key for key in sorted(GONE.wanted) if int(key) < 1020]
    bad = max(GONE.without)
    statement = "SELECT * FROM visits WHERE key < '1020' ORDER BY key"
    with Server(newsroom) as site, Archives(GONE.snapshots, page_lines=500) as archives:
        assert crawl(site.url, "-a", "ids=1000-1019", cwd=tmp_path).returncode == 0
        before = rows(tmp_path, statement), rows(tmp_path, "SELECT * FROM articles ORDER BY article_id")
        # A page that was missing when the site was asked, and is in the web archive all the same.
        with Archive(tmp_path / "archive.db", readonly=False) as archive:
            archive.db.execute("UPDATE visits SET outcome = 'missing', reason = 'HTTP 404' WHERE key = ?", (live[-1],))
            archive.db.execute("DELETE FROM articles WHERE article_id = ?", (live[-1],))
            archive.db.execute("DELETE FROM changes WHERE article_id = ?", (live[-1],))
        harvest(archives.url, "wayback", cwd=tmp_path)
        after = rows(tmp_path, statement), rows(tmp_path, "SELECT * FROM articles ORDER BY article_id")
        for was, now in zip(before, after, strict=True):  # rows of visits, rows of articles
            kept = [row for row in was if row[1] != live[-1]]
            assert [row for row in now if row in kept] == kept
        assert [row[1] for row in after[1]] == sorted({*GONE.wanted, *(row[1] for row in before[1])})
        asked = [one.path for one in archives.asked if one.kind == "capture"]
        assert not any(f"code={key}&" in path or f"/{key}/" in path for key in live[:-1] for path in asked)
        assert any(f"code={live[-1]}&" in path or f"/{live[-1]}/" in path for path in asked)
        # That it has no good capture does not hide an article from the site.
        assert not rows(tmp_path, "SELECT 1 FROM visits WHERE key = ?", bad)
        assert rows(tmp_path, "SELECT count(*) FROM captures WHERE key = ?", bad) == [(2,)]
        assert crawl(site.url, "-a", f"ids={bad}", cwd=tmp_path).returncode == 0
        assert rows(tmp_path, "SELECT outcome, source FROM visits WHERE key = ?", bad) == [("article", None)]


@pytest.mark.parametrize("source", SOURCES)
def test_the_service_is_asked_one_thing_at_a_time_and_never_faster_than_its_delay(source: str, tmp_path: Path) -> None:
    delay = 0.2
    gone = gone_site(9)
    with Archives(gone.snapshots, page_lines=20) as archives:
        archives.planned = {"collinfo" if source == "commoncrawl" else "cdx": [429]}
        # The settings for sites, a jitter among them, do not count here.
        harvest(
            archives.url, source, cwd=tmp_path, WAYBACK_DELAY=delay, COMMONCRAWL_DELAY=delay, AUTOTHROTTLE_ENABLED=True,
        )  # fmt: skip
        times = [one.at for one in archives.asked]
        gaps = [after - before for before, after in pairwise(times)]
        assert len(gaps) > 15
        # One request may be on its way for longer than the next one, but not all of them.
        assert times[-1] - times[1] >= (len(gaps) - 1) * delay * 0.9
        assert archives.asked[0].status == 429
        assert gaps[0] >= 1.0  # Retry-After
        assert archives.most_at_once == 1


def test_a_service_in_trouble_leaves_the_article_owed_and_no_older_capture_is_taken(tmp_path: Path) -> None:
    key = next(key for key, case in GONE.cases.items() if case == 0)
    good = GONE.good[key]
    with Archives(GONE.snapshots, page_lines=500) as archives:
        archives.planned = {f"/web/{good.at}": [503] * 4}
        done = harvest(archives.url, "wayback", "-a", f"ids={key}", cwd=tmp_path, code=3)
        assert "1 failed" in done.stderr
        assert "1 address of" in done.stderr
        assert rows(tmp_path, "SELECT count(*) FROM visits") == [(0,)]
        assert rows(tmp_path, "SELECT count(*) FROM captures") == [(0,)]
        harvest(archives.url, "wayback", "-a", f"ids={key}", cwd=tmp_path)
        assert rows(tmp_path, "SELECT key, source_at FROM visits") == [(key, moment(good.at))]
        # A refusal that does not mend ends the run, and names who refuses.
        archives.planned = {"/cdx/": [403]}
        done = harvest(archives.url, "wayback", cwd=tmp_path, code=3)
        assert f"{archives.url} blocks us (its index answers HTTP 403)" in done.stderr
        archives.planned, archives.retry_after = {"/cdx/": [429]}, "3600"
        done = harvest(archives.url, "wayback", cwd=tmp_path, code=3)
        assert "it asks us to wait 1 h 0 min" in done.stderr
        assert archives.asked[-1].status == 429


def test_ids_urls_and_days_choose_among_the_captures(tmp_path: Path) -> None:
    keys = sorted(GONE.wanted)
    day = {key: GONE.wanted[key]["published_date"] for key in keys}
    since, until = day[keys[12]], day[keys[20]]
    with Archives(GONE.snapshots, page_lines=500) as archives:
        harvest(archives.url, "wayback", "-a", f"ids={keys[3]},{keys[8]},5", "-O", "ids.jsonl", cwd=tmp_path)
        assert {line["article_id"] for line in json_lines(tmp_path / "ids.jsonl")} == {keys[3], keys[8]}
        url = CANONICAL.format(keys[9])
        harvest(archives.url, "wayback", "-a", f"urls={url}", "-O", "urls.jsonl", cwd=tmp_path)
        assert [line["article_id"] for line in json_lines(tmp_path / "urls.jsonl")] == [keys[9]]
        harvest(
            archives.url, "wayback", "-a", f"since={since}", "-a", f"until={until}", "-O", "days.jsonl", cwd=tmp_path
        )
        asked = [one.path for one in archives.asked if "/cdx/" in one.path]
        assert "from=" in asked[-1]
        assert "from=" not in asked[0]
        found = {line["article_id"] for line in json_lines(tmp_path / "days.jsonl")}
        assert found == {key for key in keys if since <= day[key] <= until}
        # No capture from before the range was fetched for it.
        lowest = dt.date.fromisoformat(GONE.wanted[keys[12]]["published_at"][:10]) - dt.timedelta(days=1)
        begun = max(number for number, one in enumerate(archives.asked) if "/cdx/" in one.path)
        fetched = [one.path[5:13] for one in archives.asked[begun:] if one.path.startswith("/web/")]
        assert len(fetched) > len(found)
        assert min(fetched) >= lowest.strftime("%Y%m%d") > min(one.at[:8] for one in GONE.good.values())
        # Without a first day all is listed; with a form, that form goes before newer captures in another one.
        harvest(archives.url, "wayback", "-a", f"until={since}", "-a", "form=article", "-O", "old.jsonl", cwd=tmp_path)
        assert [one.path for one in archives.asked if "/cdx/" in one.path][-1].count("from=") == 0
        old = {line["article_id"]: line for line in json_lines(tmp_path / "old.jsonl")}
        assert set(old) == {key for key in keys if day[key] <= since}
        [key] = [key for key in GONE.instead if key in old and key not in found]
        assert old[key]["body"] == GONE.instead[key][1]["body"] != GONE.wanted[key]["body"]


def test_hosts_that_are_excluded_and_archives_that_hold_nothing_are_said(tmp_path: Path) -> None:
    with Archives(GONE.snapshots, page_lines=500, excluded=("payamefars.ir",)) as archives:
        done = harvest(archives.url, "wayback", "-a", "ids=1000-1004", cwd=tmp_path, code=3)
        assert "shows nothing of payamefars.ir: it is excluded" in done.stderr
        assert rows(tmp_path, "SELECT count(*) > 0 FROM articles") == [(1,)]
        for source in SOURCES:
            done = harvest(archives.url, source, "-a", "ids=7", cwd=tmp_path, code=3)
            assert f"{archives.url} lists no capture of what was asked for" in done.stderr or source == "wayback"
    with Archives([]) as archives:
        done = harvest(archives.url, "commoncrawl", cwd=tmp_path, code=3)
        assert "lists no capture" in done.stderr
        done = harvest(archives.url, "commoncrawl", cwd=tmp_path, code=3, COMMONCRAWL_CRAWLS="CC-MAIN-1999-01")
        assert "it has no crawl CC-MAIN-1999-01" in done.stderr


def test_so_many_captures_are_tried_and_no_more(tmp_path: Path) -> None:
    wall = "<html><title>x</title><body>در حال انتقال به سایت مورد نظر __arcsjs {}</body></html>"
    url = "http://www.fars-online.ir/Incsys/PrtNews.aspx?l=Fa&code=1000&k=0"
    good = next(one for one in GONE.snapshots if one is GONE.good["1000"])
    walls = [Snapshot(url=url, at=f"2024010{n}000000", body=wall.format(n).encode()) for n in range(1, 5)]
    with Archives([good, *walls], page_lines=3) as archives:
        done = harvest(archives.url, "wayback", cwd=tmp_path, CAPTURES_PER_ARTICLE=4)
        assert "1 missing" in done.stderr
        assert archives.count("capture") == 4
        harvest(archives.url, "wayback", cwd=tmp_path, CAPTURES_PER_ARTICLE=5)
        assert archives.count("capture") == 5
        assert rows(tmp_path, "SELECT source_at FROM visits") == [(moment(good.at),)]


def test_no_request_is_led_off_the_service(tmp_path: Path) -> None:
    with PageServer({}) as elsewhere:
        away = Answer(status=302, headers={"Location": f"{elsewhere.url}/cdx/search/cdx"})
        with PageServer({"/cdx/search/cdx": away}) as service:
            done = harvest(service.url, "wayback", cwd=tmp_path, code=3)
        assert "redirected off the web archive, to 127.0.0.1" in done.stderr
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("words_", "sentence"),
    [
        (("-a", "source=archive.today"), "known web archives are wayback, commoncrawl and ccnews"),
        (("-a", "source=wayback", "-a", "latest=5"), "latest and source cannot be given together"),
        (("-a", "source=wayback", "-a", "refresh=2d"), "refresh and source cannot be given together"),
        (("-a", "source=wayback", "-a", "base_url=http://127.0.0.1:1"), "base_url and source cannot be given together"),
        (("-a", "source=wayback", "-s", "WAYBACK_URL=web.archive.org"), "write scheme and host"),
        (("-a", "source=wayback", "-s", "WAYBACK_DELAY=fast"), "WAYBACK_DELAY=fast: write a number"),
        (("-a", "source=wayback", "-s", "WEB_ARCHIVE_BACKOFF=-1"), "it must not be negative"),
        (("-a", "source=wayback", "-s", "CAPTURES_PER_ARTICLE=0"), "it must be at least 1"),
        (("-a", "source=commoncrawl", "-s", "COMMONCRAWL_CRAWLS=0"), "write a number of newest crawls"),
        (("-a", "source=commoncrawl", "-s", "COMMONCRAWL_DATA_URL=https://x/y"), "write scheme and host"),
    ],
)
def test_bad_arguments_are_said_before_anything_is_fetched(
    words_: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    done = run("crawl", "farsonline", *words_, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_ledger_counts_a_capture_as_any_article(tmp_path: Path) -> None:
    with Archives(GONE.snapshots, page_lines=500) as archives:
        harvest(archives.url, "wayback", "-a", "ids=1000", cwd=tmp_path)
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        known = Ledger(archive, "farsonline").known(["1000"])["1000"]
    assert known.final
    assert known.last_at == moment(GONE.good["1000"].at)
