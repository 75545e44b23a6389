"""`farscrawler browse`: every page over HTTP, true to the archive, safe from what is in it, and for reading alone."""

from __future__ import annotations

import html
import http.client
import json
import re
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from farscrawler.archive import Archive
from farscrawler.items import FIELD_NAMES
from farscrawler.testing.newsroom import Server
from tests.support import crawl, crawl_words, run, start
from tests.support.browsed import Pages, served
from tests.support.commands import PATIENCE
from tests.support.dated import date_of
from tests.support.newsroom_tools import young_newsroom
from tests.support.pages import EVIL, Strict
from tests.support.searched import archive_of, news

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.items import Article


def irna(key: str, body: str, day: str | None, **more: Any) -> Article:
    """Return an article of IRNA of a Jalali day."""
    one = news(key, body, day=None, **more)
    date_of(one, day)
    return one


#: Sections, years and months that can be told apart by their numbers.
IRNA = [
    *(irna(str(at), f"نان و آب {at}", f"1401-02-28T10:00:0{at}", section="اقتصاد") for at in range(1, 4)),
    *(irna(str(at), f"باران در شیراز {at}", "1401-03-20", section="جامعه") for at in range(4, 39)),
    irna("50", "برف", "1401-10-15", section="اقتصاد"),
    irna("51", "تاریخ ندارد", None),
]
SCRIPT = "<script>alert(1)</script>"
#: What a page may try in each field.
HOSTILE = irna(
    "66",
    f"{EVIL}\n{SCRIPT}<img src=x onerror=alert(1)> \u202eراست\u202c",
    "1401-02-28",
    headline=f'"><svg onload=alert(1)>{SCRIPT}\u202e',
    kicker="<b onclick=alert(1)>رو</b>",
    lead=EVIL,
    section=SCRIPT,
    agency=EVIL,
    authors=[EVIL],
    tags=['"><script>alert(1)</script>'],
    permalink="javascript:alert(1)",
    images=[{"url": "javascript:alert(2)", "caption": SCRIPT}, {"url": "data:text/html,<script>1</script>"}],
    warnings=[f"no-lead {SCRIPT}"],
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Serve a crawl of the newsroom, one of its articles revised, and the articles above, with an index."""
    folder = tmp_path_factory.mktemp("browse")
    newsroom = young_newsroom()
    ids = ("-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
    with Server(newsroom) as server:
        assert crawl(server.url, *ids, cwd=folder).returncode == 0
        newsroom.revise(newsroom.ids()[5])
        assert crawl(server.url, *ids, "-a", "refresh=7d", cwd=folder, REFRESH_EVERY=0).returncode == 0
    archive_of(folder / "archive.db", [*IRNA, HOSTILE])
    assert run("search", "نان", cwd=folder).returncode == 0
    with served(folder / "archive.db") as found:
        yield found


def crawled(pages: Pages) -> list[Article]:
    """Return the articles of the newsroom, by time."""
    with Archive(pages.archive) as archive:
        return list(archive.newest(None, "farsonline", oldest=True))


def test_the_first_page_leads_to_every_publisher_and_the_newest_articles(pages: Pages) -> None:
    page = pages.get()
    assert "/articles?publisher=irna" in page.links("/articles")
    assert page.links("/coverage/") == ["/coverage/farsonline", "/coverage/irna"]
    assert crawled(pages)[-1].article_id in {one.rsplit("/", 1)[1] for one in page.links("/article/farsonline/")}


def test_facets_combine_and_say_how_many(pages: Pages) -> None:
    whole = pages.get("articles", publisher="irna", year="1401")
    assert "۴۰ خبر؛" in whole.text  # three, 35, one, and the hostile one
    both = pages.get("articles", publisher="irna", year="1401", section="اقتصاد")
    assert "۴ خبر؛" in both.text
    assert both.links("/article/irna/") == [f"/article/irna/{one}" for one in ("50", "3", "2", "1")]
    month = next(one for one in both.links("/articles?") if "month=10" in one)
    one = pages.ask(month)
    assert one.links("/article/") == ["/article/irna/50"]
    # Each condition can be taken away again, and the others stay.
    assert month.replace("&month=10", "") in one.links("/articles?")
    assert pages.get("articles", publisher="irna", year="none").links("/article/") == ["/article/irna/51"]
    assert pages.get("articles", publisher=["irna", "farsonline"], year="1401", month="2").links("/article/irna/")


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_of_a_list_hold_every_article_once(pages: Pages, order: str) -> None:
    found, path = [], f"/articles?order={order}"
    while path:
        page = pages.ask(path)
        found += page.links("/article/")
        path = next((one for one in page.links("/articles?") if "after=" in one), "")
    with Archive(pages.archive) as archive:
        stored = [
            f"/article/{one.publisher}/{one.article_id}" for one in archive.newest(None, oldest=order == "oldest")
        ]
    assert found == stored


def test_a_search_is_that_of_the_archive_with_its_hits_marked(pages: Pages) -> None:
    page = pages.get("search", q="باران", publisher="irna")
    with Archive(pages.archive) as archive:
        first = archive.search("باران", publishers=("irna",), limit=30)
        second = archive.search("باران", publishers=("irna",), limit=30, after=first.after)
    assert page.links("/article/") == [f"/article/irna/{one.article.article_id}" for one in first.results]
    assert page.marked() == ["باران"] * 30
    rest = pages.ask(next(one for one in page.links("/search?") if "after=" in one))
    assert rest.links("/article/") == [f"/article/irna/{one.article.article_id}" for one in second.results]
    assert not pages.get("search", q="باران", publisher="irna", section="اقتصاد").links("/article/")
    refused = pages.ask("/search?" + urlencode({"q": '"ناتمام'}))
    assert refused.status == 400
    assert 'id="refused"' in refused.text


def test_an_article_is_shown_whole_between_its_neighbours(pages: Pages) -> None:
    before, one, after = crawled(pages)[3:6]
    page = pages.get("article", "farsonline", one.article_id)
    shown = "".join(Strict.of(page.text).shown)
    assert one.headline in shown
    for paragraph in one.body.split("\n"):
        assert paragraph in shown
    assert page.links("/article/farsonline/")[-2:] == [
        f"/article/farsonline/{other.article_id}" for other in (before, after)
    ]
    assert one.url in page.links("http")
    assert 'rel="noreferrer noopener nofollow external"' in page.text
    assert pages.ask("/article/farsonline/999999").status == 404
    assert pages.ask("/article/nobody/1").status == 404


def test_revisions_show_what_was_changed_word_by_word(pages: Pages) -> None:
    revised = next(one for one in crawled(pages) if one.revision == 2)
    path = f"/article/farsonline/{revised.article_id}/revisions"
    assert path in pages.get("article", "farsonline", revised.article_id).links(path)
    page = pages.get("article", "farsonline", revised.article_id, "revisions")
    changed = re.findall(r'<p class="diff" dir="auto">(.*?)</p>', page.text, re.DOTALL)
    assert changed
    with Archive(pages.archive) as archive:
        old, new = archive.revisions("farsonline", revised.article_id)
    for kind, one in (("ins", old), ("del", new)):
        # Without what was added stands the old text, and without what was taken away the new one.
        kept = [re.sub(rf"<{kind}>.*?</{kind}>", "", text, flags=re.DOTALL) for text in changed]
        texts = {html.unescape(re.sub(r"</?(?:ins|del)>", "", text)) for text in kept}
        assert {one.headline, one.lead, one.body} & texts
        assert texts <= {str(getattr(one, name) or "") for name in FIELD_NAMES}


def test_a_kept_page_is_text_and_never_a_page(pages: Pages) -> None:
    one = crawled(pages)[0]
    page = pages.get("article", "farsonline", one.article_id, "page")
    assert "&lt;html" in page.text.lower()
    assert "text/html" in page.headers["content-type"]


def test_a_cell_of_the_calendar_leads_to_its_day_and_the_ledger_behind_it(pages: Pages) -> None:
    calendar = pages.get("coverage", "irna", year="1401")
    cell = re.search(r'<a class="[^"]*" title="۱۴۰۱/۰۲/۲۸: ۴ خبر[^"]*" href="([^"]*)"', calendar.text)
    assert cell is not None
    assert cell[1] == "/day/irna/1401-02-28"
    day = pages.ask(cell[1])
    assert sorted(day.links("/article/irna/")) == [f"/article/irna/{one}" for one in ("1", "2", "3", "66")]
    assert "https://www.irna.ir/news/1" in day.links("https://www.irna.ir/")
    assert "خبر ذخیره‌شده" in day.text
    assert "/coverage/irna?year=1401" in day.links("/coverage")
    assert "خبری از این روز" in pages.get("day", "irna", "1401-02-29").text
    assert pages.ask("/day/irna/1401-13-01").status == 404
    missing = pages.get("ledger", "farsonline", outcome="missing")
    with Archive(pages.archive) as archive:
        keys = [key for (key,) in archive.db.execute("SELECT key FROM visits WHERE outcome = 'missing' ORDER BY key")]
    assert keys
    assert re.findall(r"<tr><td><bdi>(\d+)</bdi>", missing.text) == keys[:100]
    runs = pages.get("coverage", "farsonline")
    assert "/ledger/farsonline?outcome=missing" in runs.links("/ledger/")
    assert "refresh=7d" in runs.text


def test_tables_and_sql_are_there_for_reading(pages: Pages) -> None:
    assert pages.ask("/archive").status == 200
    table = pages.ask("/archive/articles?publisher=irna&_facet=section")
    assert table.status == 200
    assert "/article/irna/50" in table.links("/article/")
    assert pages.ask("/archive/search_index").status == 200
    assert json.loads(pages.sql("SELECT count(*) FROM articles WHERE publisher = 'irna'").text)["rows"] == [[41]]
    # The functions that the package gives to Datasette.
    assert json.loads(pages.sql("SELECT fold('كتاب‌ها')").text)["rows"] == [["کتاب ها"]]
    found = pages.sql("SELECT count(*) FROM search_index WHERE search_index MATCH search_words('بارانِ publisher:irna')")
    assert json.loads(found.text)["rows"] == [[35]]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO articles (publisher) VALUES ('x')",
        "WITH a AS (SELECT 1) DELETE FROM articles",
        "WITH a AS (SELECT 1) UPDATE sqlite_master SET sql = ''",
        "ATTACH DATABASE 'other.db' AS other",
        "PRAGMA user_version = 1",
        "SELECT * FROM pragma_journal_mode('delete')",
        "VACUUM INTO 'other.db'",
        "SELECT load_extension('x')",
        "SELECT zeroblob(500000000)",
        "SELECT 1; DELETE FROM articles",
    ],
)
def test_no_statement_writes(pages: Pages, statement: str) -> None:
    before = pages.archive.read_bytes()
    answer = pages.sql(statement)
    assert json.loads(answer.text)["ok"] is False, answer.text
    assert pages.ask("/archive?" + urlencode({"sql": statement})).status in (200, 400)
    assert pages.archive.read_bytes() == before
    assert not (pages.archive.parent / "other.db").exists()


def test_a_statement_without_an_end_is_stopped(pages: Pages) -> None:
    page = pages.sql("WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT count(*) FROM a")
    assert page.status == 400
    assert json.loads(page.text)["error"].startswith("The statement took longer than a second")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_reading_is_answered(pages: Pages, method: str) -> None:
    for path in ("/", "/archive", "/archive/articles/-/insert"):
        page = pages.ask(path, method=method, body="{}")
        assert page.status == 405
        assert page.headers["allow"] == "GET, HEAD"


def test_other_names_than_those_of_loopback_are_not_answered(pages: Pages) -> None:
    for name in ("evil.example", f"evil.example:{pages.port}", "127.0.0.1.evil.example", "localhost@evil.example", ""):
        assert pages.ask("/archive.json?sql=select+1", Host=name).status == 403, name
    for name in ("localhost", f"localhost:{pages.port}", f"127.0.0.1:{pages.port}", f"[::1]:{pages.port}"):
        assert pages.ask("/", Host=name).status == 200, name
    assert pages.ask("/archive.json", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status == 403
    led = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert pages.ask("/", **led).status == 200
    for path in ("/-/plugins", "/-/databases.json", "/_memory", "/archive.db", "/../etc/passwd"):
        assert pages.ask(path).status == 404, path


#: What a browser would fetch by itself from another host.
_LOADED_FROM_ELSEWHERE = re.compile(
    rb'(?:<(?:link rel="stylesheet"|script|img)[^>]*(?:src|href)=["\']?|@import *["\']|url[(]["\']?)(?:https?:)?//'
)


def test_every_answer_runs_no_script_and_asks_no_other_host(pages: Pages) -> None:
    own = ("/", "/articles", "/search?q=x", "/article/irna/66", "/coverage/irna", "/nothing", "/browse.css")
    for path in (*own, "/archive", "/archive/articles", "/archive?sql=select+1", "/browse-static/Vazirmatn.woff2"):
        with closing(http.client.HTTPConnection("127.0.0.1", pages.port, timeout=PATIENCE)) as client:
            client.request("GET", path)
            answer = client.getresponse()
            policy = dict(
                one.strip().split(" ", 1) for one in (answer.headers["content-security-policy"] or "").split(";")
            )
            body = answer.read()
        assert policy["default-src"] == "'none'"
        assert "script-src" not in policy
        assert {one for value in policy.values() for one in value.split()} <= {"'none'", "'self'", "'unsafe-inline'"}
        assert path.startswith("/archive") or "'unsafe-inline'" not in policy.values(), path
        assert answer.headers["set-cookie"] is None
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert not re.search(_LOADED_FROM_ELSEWHERE, body), path
    assert pages.ask("/browse-static/Vazirmatn-OFL.txt").text.count("SIL OPEN FONT LICENSE")


@pytest.mark.parametrize(
    "path",
    [
        "/article/irna/66",
        "/articles?publisher=irna&section=" + quote(SCRIPT),
        "/search?q=" + quote(f'"{SCRIPT}"'),
        "/search?q=alert",
        "/day/irna/1401-02-28",
        "/article/" + quote(f"{SCRIPT}/{SCRIPT}".replace("/", "%2F"), safe=""),
        "/coverage/" + quote(EVIL, safe=""),
        "/articles?year=" + quote(SCRIPT),
    ],
)
def test_what_is_in_an_article_or_an_address_is_inert(pages: Pages, path: str) -> None:
    text = pages.ask(path).text
    if "text/plain" not in pages.ask(path).headers["content-type"]:
        parser = Strict.of(text)
        assert not {"script", "svg", "img", "b"} & set(parser.tags)
        assert not [name for _, name, _ in parser.attributes if name.startswith("on")]
        assert not [
            value for _, name, value in parser.attributes if name == "href" and re.match("(?i)javascript|data", value)
        ]
    for letter in ("\u202e", "\x00", "\x1b"):
        assert letter not in text


def test_tables_keep_hostile_texts_inert_too(pages: Pages) -> None:
    for path in ("/archive/articles?article_id=66", "/archive/articles/irna,66", "/archive?sql=select+*+from+articles"):
        text = pages.ask(path).text
        assert "<script>alert" not in text
        assert "<svg onload" not in text
        assert not re.search(r'href="(?:javascript|data):', text)


def refused(folder: Path, *words: str, code: int = 2) -> str:
    """Return with which sentence a command ends at once."""
    done = run("browse", *words, cwd=folder)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def test_what_cannot_be_browsed_is_a_sentence(tmp_path: Path) -> None:
    assert "archive.db" in refused(tmp_path, "--port", "0")
    assert list(tmp_path.iterdir()) == []
    old = archive_of(tmp_path / "old.db", IRNA[:1])
    with closing(sqlite3.connect(old)) as db:
        db.execute("PRAGMA user_version = 4")
    assert "has the older schema 4" in refused(tmp_path, "--archive", "old.db", "--port", "0")
    said = refused(tmp_path, "--archive", "postgresql:///news", "--port", "0")
    assert "browse reads an archive that is a file" in said
    assert "`farscrawler copy postgresql:///news FILE`" in said
    assert "--port must be a whole number" in refused(tmp_path, "--port", "70000")
    assert "browse takes no arguments" in refused(tmp_path, "archive.db")


def test_a_taken_port_is_a_sentence(pages: Pages) -> None:
    said = refused(pages.archive.parent, "--port", str(pages.port), code=1)
    assert said == f"farscrawler: port {pages.port} is in use; try --port 0"


def test_without_an_index_the_page_says_which_command_makes_it(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "archive.db", IRNA[:2])
    with served(archive) as found:
        assert "farscrawler search --archive archive.db" in found.get("search", q="نان").text
        assert run("search", "نان", cwd=tmp_path).returncode == 0
        assert found.get("search", q="نان").links("/article/") == ["/article/irna/2", "/article/irna/1"]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_reads_while_a_crawl_writes_and_ends_in_order(tmp_path: Path, ending: signal.Signals) -> None:
    archive = archive_of(tmp_path / "archive.db", IRNA[:2])
    newsroom = young_newsroom()
    commit = "farscrawler.archive.guard:Guard.check"
    words = crawl_words("{}", "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}")
    with Server(newsroom) as server, start(
        "browse", "--port", "0", "--port-file", "port", cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert "archive.db is open at http://127.0.0.1:" in process.stdout.readline()
        found = Pages(int((tmp_path / "port").read_text()), archive)
        words = [one.format(server.url) for one in words]
        with start(*words, cwd=tmp_path, stderr=subprocess.DEVNULL, stop_at=commit, call=2) as writer:
            assert writer.stopped()
            assert found.get("articles").links("/article/irna/")
            assert found.ask("/archive/articles").status == 200
            writer.go_on()
            assert writer.wait(PATIENCE) == 0
        assert len(found.get("articles").links("/article/farsonline/")) == 30
        process.send_signal(ending)
        _, errors = process.communicate()
        assert process.returncode == 0
    assert errors == ""
