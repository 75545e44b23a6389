"""A row that SQLite refuses for its own sake costs that row: not its batch, not the run."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from farscrawler import Article, parse
from farscrawler.archive import Archive, ArchiveError, Visit
from farscrawler.archive.audit.checks import check
from farscrawler.archive.ledger import Ledger
from farscrawler.extract.metadata import read_jsonld
from tests.support import crawl, json_lines
from tests.support.pageserver import Answer, PageServer, print_page
from tests.support.records import article, visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from farscrawler.archive.writing.batch import RefusedRowError

HALF = "\ud83d"


def _half_emoji(of: Article, _: Visit) -> None:
    of.tags = [f"شادی {HALF}"]


def _half_emoji_in_the_address(_: Article, of: Visit) -> None:
    of.url = f"http://x/{HALF}"


def _too_great(_: Article, of: Visit) -> None:
    of.status = 2**64


def _of_no_type(of: Article, _: Visit) -> None:
    of.section = ["یک"]  # type: ignore[assignment]  # what a wrong parser may leave


def _not_json(of: Article, _: Visit) -> None:
    of.tags = [b"x"]  # type: ignore[list-item]  # what a wrong parser may leave


def _null(of: Article, _: Visit) -> None:
    of.headline = None  # type: ignore[assignment]  # what a wrong parser may leave


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_half_emoji, "surrogates not allowed"),
        (_half_emoji_in_the_address, "surrogates not allowed"),
        (_too_great, "too large"),
        (_of_no_type, "Error binding parameter"),
        (_not_json, "not JSON serializable"),
        (_null, "NOT NULL constraint failed: articles.headline"),
    ],
)
def test_a_row_that_cannot_be_stored_is_settled_as_failed_and_its_neighbours_are_stored(
    tmp_path: Path, spoil: Callable[[Article, Visit], None], words: str
) -> None:
    told: list[RefusedRowError] = []
    stored: list[str] = []
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.refusals.append(told.append)
        archive.listeners.append(lambda changes: stored.extend(one.article.article_id for one in changes))
        for key in ("1", "2", "3"):
            its_visit, its_article = visit(key), article(key)
            if key == "2":
                spoil(its_article, its_visit)
            archive.save(its_visit, its_article)
        archive.flush()
        assert [a.article_id for a in archive.articles()] == stored == ["1", "3"]
        assert dict(archive.committed) == {"article": 2, "failed": 1}
        known = Ledger(archive, "farsonline").known(["1", "2", "3"])
        reasons = archive.db.execute("SELECT key, reason FROM visits WHERE outcome = 'failed'").fetchall()
        assert check(archive) == []
    assert [known[key].outcome for key in ("1", "2", "3")] == ["article", "failed", "article"]
    ((key, reason),) = reasons
    assert key == "2"
    assert reason.startswith("cannot be stored: ")
    assert words in reason
    assert [one.key for one in told] == ["2"]


@pytest.mark.parametrize("how", ["ABORT", "ROLLBACK", "FAIL"])
def test_a_trigger_of_the_users_costs_the_rows_it_refuses(tmp_path: Path, how: str) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.db.execute(
            f"""CREATE TRIGGER no BEFORE INSERT ON articles WHEN new.article_id IN ('2', '4')
                BEGIN SELECT raise({how}, 'not these'); END"""
        )
        for key in ("1", "2", "3", "4", "5"):
            archive.save(visit(key), article(key))
        archive.flush()
        assert [a.article_id for a in archive.articles()] == ["1", "3", "5"]
        rows = archive.db.execute("SELECT key, outcome, reason FROM visits WHERE outcome != 'article'").fetchall()
    assert rows == [(key, "failed", "cannot be stored: not these") for key in ("2", "4")]


def test_where_not_even_the_failure_can_be_stored_the_commit_fails_and_nothing_is_lost(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON visits WHEN new.key = '2' BEGIN SELECT raise(ABORT, 'not this'); END"
        )
        for key in ("1", "2", "3"):
            archive.save(visit(key), article(key))
        with pytest.raises(ArchiveError, match="cannot be stored: not this"):
            archive.flush()
        assert list(archive.articles()) == []
        archive.db.execute("DROP TRIGGER no")
        archive.flush()
        assert [one.article_id for one in archive.articles()] == ["1", "3"]
        assert check(archive) == []


def test_a_stored_article_stays_when_its_new_revision_is_refused(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.save(visit("1"), article("1"))
        archive.flush()
        archive.save(visit("1"), article("1", f"تیتر {HALF}", "b"))
        archive.revise(article("1", f"تیتر {HALF}", "c"))
        archive.flush()
        assert archive.article("farsonline", "1") == article("1")
        (row,) = archive.db.execute("SELECT outcome, reason FROM visits").fetchall()
        assert check(archive) == []
    assert row[0] == "article"
    assert row[1].startswith("failed: cannot be stored")


def test_trouble_of_the_file_is_no_trouble_of_a_row(tmp_path: Path) -> None:
    """A lock held by another program ends the commit, and the batch is kept whole."""
    told: list[RefusedRowError] = []
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.refusals.append(told.append)
        archive.db.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        archive.save(visit("1"), article("1"))
        with pytest.raises(ArchiveError, match="another program"):
            archive.flush()
        other.execute("ROLLBACK")
        other.close()
        archive.flush()
        assert [a.article_id for a in archive.articles()] == ["1"]
    assert told == []


def test_a_crawl_goes_on_past_a_row_that_is_refused_and_asks_for_it_again(tmp_path: Path) -> None:
    archive_path = tmp_path / "archive.db"
    with Archive(archive_path, readonly=False) as archive:
        archive.db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON articles WHEN new.article_id = '3' BEGIN SELECT raise(ABORT, 'no'); END"
        )
    with PageServer({f"print:{n}": Answer(print_page(n)) for n in range(1, 7)}) as server:
        words = ("-a", "ids=1-6", "-o", "news.jsonl")
        done = crawl(server.url, *words, cwd=tmp_path)
        assert done.returncode == 3, done.stderr
        assert "farsonline 3 cannot be stored: no" in done.stderr
        assert "5 new articles, 1 failed" in done.stderr
        assert {line["article_id"] for line in json_lines(tmp_path / "news.jsonl")} == {"1", "2", "4", "5", "6"}
        db = sqlite3.connect(archive_path)
        db.execute("DROP TRIGGER no")
        db.close()
        again = crawl(server.url, *words, cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert sum("code=3" in path for path in server.asked) == 2
        assert sum("code=4" in path for path in server.asked) == 1
    assert {line["article_id"] for line in json_lines(tmp_path / "news.jsonl")} == {str(n) for n in range(1, 7)}


def test_the_watermark_does_not_pass_over_a_refused_row(tmp_path: Path) -> None:
    archive_path = tmp_path / "archive.db"
    with Archive(archive_path, readonly=False) as archive:
        archive.db.execute(
            "CREATE TRIGGER no BEFORE INSERT ON articles WHEN new.article_id = '3' BEGIN SELECT raise(ABORT, 'no'); END"
        )
        archive.save(visit("1"), article("1"))
        archive.flush()
    pages = {f"print:{n}": Answer(print_page(n)) for n in range(1, 7)}
    with PageServer(pages) as server:
        assert crawl(server.url, cwd=tmp_path, EDGE_IDS=0, REFRESH_HOURS=0).returncode == 3
    with Archive(archive_path) as archive:
        assert (Ledger(archive, "farsonline").watermark() or 0) < 3


# -- the strings of JSON-LD -----------------------------------------------------------------------


def test_strings_of_json_ld_are_text() -> None:
    said = {
        "@type": "NewsArticle",
        "headline": "نان &amp; آب &quot;تازه&quot;\r\nمی&zwnj;رود\u0000",
        "articleSection": "جامعه\u001b",
        "keywords": [f"شادی {HALF}", "\ud83d\ude00", "نا\u0000ن"],
        "articleBody": "بند یک\r\n\r\nبند دو &amp; \u0007سه",
    }
    found = read_jsonld([json.dumps(said)], None, None)
    assert found is not None
    assert found.headline == 'نان & آب "تازه" می\u200cرود'
    assert found.section == "جامعه"
    assert found.keywords == ("شادی \ufffd", "\U0001f600", "نان")
    assert (found.body or "").split("\n") == ["بند یک", "", "بند دو & سه"]


def test_a_page_with_half_an_emoji_in_its_json_ld_is_an_article_that_can_be_stored(tmp_path: Path) -> None:
    machine = {
        "@type": "NewsArticle",
        "headline": "آغاز برداشت انار در باغ‌های شهر",
        "datePublished": "2022-05-18T14:55:59+04:30",
        "keywords": [f"انار {HALF}"],
    }
    paragraph = "باغداران از بامداد امروز برداشت انار را آغاز کردند و می‌گویند که بار امسال بیشتر از سال گذشته است."
    page = (
        f'<html><head><script type="application/ld+json">{json.dumps(machine)}</script></head><body><article>'
        f"<h1>آغاز برداشت انار در باغ‌های شهر</h1><p>{paragraph}</p><p>{paragraph}</p><p>{paragraph}</p>"
        "</article></body></html>"
    )
    read = parse(page.encode(), url="https://news.example/1")
    assert isinstance(read, Article), read
    assert read.tags == ["انار \ufffd"]
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.save(visit(read.article_id), read)
        archive.flush()
        assert archive.committed["article"] == 1
