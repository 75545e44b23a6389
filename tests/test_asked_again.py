"""Rules that changed reach what was refused before: asked again once, counted, and without validators."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.archive.audit.checks import check
from farscrawler.archive.captures import RejectedCaptures
from farscrawler.archive.ledger import Ledger
from farscrawler.archive.records import AskAgain
from farscrawler.archive.schema import VERSION, migrate
from farscrawler.errors import BadArgumentError
from farscrawler.extract import rules_digest as rules
from farscrawler.extract.rules_digest import rules_digest
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.publishers.loader import read_text
from tests.support import FAST, run
from tests.support.commands import PATIENCE, start, wait_until
from tests.support.pageserver import Answer, PageServer
from tests.support.records import AT, article

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

SITE = """\
[harbour]
family = "custom"
name = "بندر"
hosts = ["www.harbour.example"]
lists = ["/"]

[harbour.forms.article]
url = "/news/{id}"
paths = ["/news/([0-9]+)"]

[harbour.selectors]
headline = ["h1.title"]
body = ["div.text"]

[harbour.rules]
undated = false
"""
MENDED = SITE.replace("undated = false", "undated = true")
FIRST, COUNT = 101, 30
IDS = range(FIRST, FIRST + COUNT)
GONE = FIRST + 3


def _page(number: int) -> str:
    text = f"ناخدای کشتی شماره {number} بامداد امروز بار خود را در اسکله شرقی پیاده کرد و راهی دریا شد."
    return (
        f'<html><body><article><h1 class="title">کشتی شماره {number} پهلو گرفت</h1>'
        f'<div class="text"><p>{text}</p><p>{text}</p></div></article></body></html>'
    )


class Harbour(PageServer):
    """A site whose pages print no time, so that they are articles only where the stanza says `undated`."""

    def __init__(self) -> None:
        super().__init__({f"/news/{number}": Answer(_page(number)) for number in IDS if number != GONE})
        links = "".join(f'<li><a href="/news/{number}">کشتی</a></li>' for number in IDS)
        self.answers["/"] = Answer(f"<html><body><ul>{links}</ul></body></html>")
        self.conditional = 0
        self.tagged = False
        self.holds_after = 10_000
        self.held = threading.Event()

    def respond(self, target: str, headers: Message) -> Answer:
        answer = super().respond(target, headers)
        if target.startswith("/news/"):
            self.holds_after -= 1
            if self.holds_after < 0:
                self.held.wait(PATIENCE)
        if not self.tagged or answer.status != 200 or not target.startswith("/news/"):
            return answer
        self.conditional += headers.get("If-None-Match") is not None
        if headers.get("If-None-Match") == '"same"':
            return Answer(status=304, headers={"ETag": '"same"'})
        return dataclasses.replace(answer, headers={"ETag": '"same"'})

    def ids_asked(self) -> list[int]:
        found = [int(match[1]) for path in self.asked if (match := re.fullmatch(r"/news/(\d+)", path))]
        self.asked.clear()
        return sorted(found)


def _write(folder: Path, stanza: str) -> None:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "harbour.toml").write_text(stanza, encoding="utf-8")


def _crawl(server: PageServer, folder: Path, *words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    return run(*_words(server, *words, **settings), cwd=folder)


def _words(server: PageServer, *words: str, **settings: Any) -> list[str]:
    given = {
        **FAST,
        "PUBLISHERS": "own",
        "EDGE_IDS": 0,
        "PROBE_MISSES": 2,
        "FIRST_IDS": COUNT,
        "REFRESH_HOURS": 0,
        "STOP_AFTER_NOT_ARTICLE_IDS": 1000,
        "STOP_AFTER_NOT_ARTICLE": 1000,  # what ends such a run early has tests of its own
        **settings,
    }
    options = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
    return ["crawl", "harbour", "-a", f"base_url={server.url}", "--summary", "json", *words, *options]


def _summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_mended_stanza_needs_one_command(tmp_path: Path) -> None:
    _write(tmp_path, SITE)
    with Harbour() as server:
        first = _crawl(server, tmp_path)
        assert first.returncode == 0, first.stderr
        assert _summary(first)["counts"] == {"not-article": COUNT - 1, "missing": 3}
        server.ids_asked()
        # the same rules: nothing is asked again, and nothing is said of it
        second = _crawl(server, tmp_path)
        assert not set(server.ids_asked()) & set(IDS)
        assert _summary(second)["asked_again"] == 0
        assert "asked again" not in second.stderr

        _write(tmp_path, MENDED)
        mended = _crawl(server, tmp_path)
        assert mended.returncode == 0, mended.stderr
        assert [number for number in server.ids_asked() if number in IDS] == [n for n in IDS if n != GONE]
        assert _summary(mended)["new"] == COUNT - 1
        assert _summary(mended)["asked_again"] == COUNT - 1
        assert f"{COUNT - 1} new articles" in mended.stderr
        assert f"{COUNT - 1} asked again" in mended.stderr

        again = _crawl(server, tmp_path)
        assert not set(server.ids_asked()) & set(IDS)
        assert _summary(again)["asked_again"] == 0


def test_a_kill_in_the_middle_loses_nothing_and_what_was_read_is_not_asked_a_third_time(tmp_path: Path) -> None:
    _write(tmp_path, SITE)
    with Harbour() as server:
        assert _crawl(server, tmp_path).returncode == 0
        _write(tmp_path, MENDED)
        server.ids_asked()
        server.holds_after = 20
        process = start(*_words(server), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        db = sqlite3.connect(tmp_path / "archive.db")
        wait_until(lambda: db.execute("SELECT count(*) FROM articles").fetchone()[0] > 0, process)
        process.kill()
        process.wait()
        kept = {int(key) for (key,) in db.execute("SELECT article_id FROM articles")}
        db.close()
        server.holds_after = 10_000
        server.held.set()
        server.ids_asked()
        assert 0 < len(kept) < COUNT - 1
        done = _crawl(server, tmp_path)
        assert done.returncode == 0, done.stderr
        assert not kept & set(server.ids_asked())
        assert _summary(done)["asked_again"] == COUNT - 1 - len(kept)
    with Archive(tmp_path / "archive.db") as archive:
        assert check(archive) == []
        assert sorted(int(one.article_id) for one in archive.articles()) == [n for n in IDS if n != GONE]


def test_what_stays_refused_is_asked_once_for_each_change_of_the_rules(tmp_path: Path) -> None:
    _write(tmp_path, SITE)
    with Harbour() as server:
        assert _crawl(server, tmp_path).returncode == 0
        server.ids_asked()
        _write(tmp_path, SITE.replace("h1.title", "h1"))  # mended, but not for the right cause
        asked = []
        for _ in range(2):
            assert _crawl(server, tmp_path).returncode == 0
            asked.append(len([number for number in server.ids_asked() if number in IDS]))
    assert asked == [COUNT - 1, 0]


def test_crawls_that_name_addresses_ask_only_those_again(tmp_path: Path) -> None:
    _write(tmp_path, SITE)
    with Harbour() as server:
        assert _crawl(server, tmp_path, "-a", f"ids={IDS[0]}-{IDS[-1]}").returncode == 0
        server.ids_asked()
        _write(tmp_path, MENDED)
        done = _crawl(server, tmp_path, "-a", f"ids={IDS[0]}-{IDS[4]}")
        assert server.ids_asked() == [n for n in IDS[:5] if n != GONE]
        assert _summary(done)["asked_again"] == 4
        assert _summary(done)["new"] == 4


@pytest.mark.parametrize(
    ("again", "wanted"),
    [
        ("not-article", [n for n in IDS if n != GONE]),
        ("missing", [GONE]),
        ("missing, not-article", list(IDS)),
    ],
)
def test_again_asks_whatever_the_rules(tmp_path: Path, again: str, wanted: list[int]) -> None:
    _write(tmp_path, SITE)
    with Harbour() as server:
        assert _crawl(server, tmp_path).returncode == 0
        server.ids_asked()
        for words in ((), ("-a", f"ids={IDS[0]}-{IDS[-1]}")):  # all there are, and those that are named
            done = _crawl(server, tmp_path, "-a", f"again={again}", *words)
            assert done.returncode == 0, done.stderr
            assert [n for n in server.ids_asked() if n in IDS] == wanted
            assert _summary(done)["asked_again"] >= len(wanted)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("article", "refresh="),
        ("failed", "stays pending"),
        ("skipped,missing", "stays pending"),
        ("nothing", "write not-article"),
        ("", "write not-article"),
    ],
)
def test_again_takes_outcomes_that_are_settled_without_an_article(text: str, sentence: str) -> None:
    with pytest.raises(BadArgumentError, match=sentence):
        parse_arguments(publishers.load("farsonline"), {"again": text})


def test_a_refresh_sends_no_validators_when_the_rules_changed(tmp_path: Path) -> None:
    _write(tmp_path, MENDED)
    refresh = ("-a", f"ids={IDS[0]}-{IDS[-1]}", "-a", "refresh=7d")
    with Harbour() as server:
        server.tagged = True
        assert _crawl(server, tmp_path, *refresh, REFRESH_EVERY=0).returncode == 0
        counts = []
        for stanza in (MENDED, MENDED.replace("h1.title", "h1"), MENDED.replace("h1.title", "h1")):
            _write(tmp_path, stanza)
            server.conditional = 0
            done = _crawl(server, tmp_path, *refresh, REFRESH_EVERY=0)
            assert done.returncode == 0, done.stderr
            assert _summary(done)["counts"]["article"] == COUNT - 1
            counts.append(server.conditional)
    assert counts == [COUNT - 1, 0, COUNT - 1]


def test_an_empty_template_is_asked_again_and_a_404_is_not(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        for key, reason in (("1", "empty template"), ("2", "HTTP 404")):
            archive.save(_visit(key, "missing", reason=reason, rules="old"))
        archive.flush()
        ledger = Ledger(archive, "harbour")
        ledger.ask_again = AskAgain("new", "empty template")
        assert [key for page in ledger.to_ask_again() for key, _ in page] == ["1"]
        assert {key: known.final for key, known in ledger.known(["1", "2"]).items()} == {"1": False, "2": True}


def test_rows_without_a_digest_and_rows_of_this_run_are_left_in_peace(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        ledger = Ledger(archive, "harbour")
        archive.save(_visit("unknown", "not-article"))
        archive.save(_visit("old", "not-article", rules="old"))
        archive.flush()
        ledger.begin_run({}, AT)
        archive.save(_visit("now", "not-article", rules="old"))
        archive.flush()
        ledger.ask_again = AskAgain("new", "empty template")
        assert [key for page in ledger.to_ask_again() for key, _ in page] == ["old"]
        ledger.ask_again = AskAgain("new", "empty template", frozenset({"not-article"}))
        assert [key for page in ledger.to_ask_again() for key, _ in page] == ["old", "unknown"]


def test_a_visit_that_read_no_page_keeps_the_digest_of_the_one_before(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.save(_visit("1", "not-article", rules="old"))
        archive.save(_visit("1", "failed"))
        archive.flush()
        assert archive.db.execute("SELECT outcome, rules FROM visits").fetchall() == [("failed", "old")]


def test_a_capture_that_was_no_article_by_other_rules_is_good_again(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        old = RejectedCaptures(archive, "harbour", AskAgain("old", "empty template"))
        old.add("1", source="s1", source_at=AT, outcome="not-article", reason="x", at=AT)
        old.add("1", source="s2", source_at=AT, outcome="missing", reason="x", at=AT)
        assert old.among(["s1", "s2"]) == {"s1", "s2"}
        assert RejectedCaptures(archive, "harbour", AskAgain("new", "empty template")).among(["s1", "s2"]) == {"s2"}


def test_an_archive_of_0_2_0_is_read_as_it_is_and_migrated_by_a_crawl(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = sqlite3.connect(path, isolation_level=None)
    migrate(db, upto=2)
    db.execute(
        """INSERT INTO visits (publisher, key, url, outcome, tries, first_at, last_at, provisional)
           VALUES ('harbour', '1', 'u', 'not-article', 1, ?, ?, 0)""",
        (AT, AT),
    )
    db.close()
    with Archive(path) as archive:
        assert Ledger(archive, "harbour").known(["1"])["1"].final
        assert archive.db.execute("PRAGMA user_version").fetchone() == (2,)
    with Archive(path, readonly=False) as archive:
        ledger = Ledger(archive, "harbour")
        ledger.ask_again = AskAgain("new", "empty template")
        assert ledger.known(["1"])["1"].final
        assert archive.db.execute("PRAGMA user_version").fetchone() == (VERSION,)
        archive.save(_visit("2", "article", rules="new"), article("2"))
        archive.flush()


# -- the digest -----------------------------------------------------------------------------------


def test_the_digest_says_what_pages_are_read_by(monkeypatch: pytest.MonkeyPatch) -> None:
    def digest(stanza: str) -> str:
        (publisher,) = read_text(stanza, "own.toml")
        return rules_digest(publisher)

    same = digest(SITE)
    assert digest(SITE) == same
    assert digest(SITE + '\n[harbour.doors]\nfeeds = ["/rss"]\n') == same  # finds articles, and reads none otherwise
    assert digest(SITE.replace('lists = ["/"]', 'lists = ["/", "/all"]')) == same
    others = {
        digest(changed)
        for changed in (
            MENDED,
            SITE.replace("h1.title", "h1"),
            SITE.replace('family = "custom"', 'family = "nastooh"'),
            SITE.replace("[0-9]+", "[0-9]{3,}"),
            SITE + 'junk = ["آگهی"]\n',
        )
    }
    assert len(others | {same}) == 6
    monkeypatch.setattr(rules, "READING_VERSION", 999)
    assert digest(SITE) != same


def test_every_publisher_has_a_digest_of_its_own_that_does_not_hang_on_the_process() -> None:
    every = {key: rules_digest(publishers.load(key)) for key in publishers.names()}
    assert len(set(every.values())) == len(every)
    # Another process orders its sets otherwise; the digest must not follow it.
    code = "import sys; from farscrawler import publishers; from farscrawler.extract.rules_digest import rules_digest\n"
    code += "print(rules_digest(publishers.load('yjc')))"
    env = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == every["yjc"]


def _visit(key: str, outcome: Any, **more: Any) -> Visit:
    return Visit(publisher="harbour", key=key, url=f"http://x/{key}", outcome=outcome, at=AT, **more)


def test_a_commit_that_fails_between_the_strategies_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    """Before the settled addresses are looked up, what is new is committed: an error there is said like any other."""
    _write(tmp_path, SITE)
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        archive.db.execute("CREATE TRIGGER lame BEFORE INSERT ON visits BEGIN DELETE FROM elsewhere; END")
    with Harbour() as server:
        done = _crawl(server, tmp_path, FIRST_IDS=5)
    assert done.returncode == 1, done.stderr
    assert "no such table: main.elsewhere" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
