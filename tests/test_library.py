"""What `import farscrawler` gives: these names, typed, fast, without Scrapy; and the examples of docs/library.md."""

from __future__ import annotations

import datetime as dt
import doctest
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import farscrawler
from farscrawler.archive import Visit
from farscrawler.errors import ArchiveError, BadArgumentError, UnknownPublisher
from farscrawler.extract import read_article
from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom.site import Site
from tests.support.commands import ROOT, environment

PUBLISHER = farscrawler.publishers.load("farsonline")
IDS = ("1950", "1953", "1954")
NAMES = [
    "Archive",
    "Article",
    "NoArticle",
    "Publisher",
    "Refusal",
    "Timestamp",
    "fold",
    "parse",
    "publishers",
    "read_timestamp",
]


def page(article_id: str, form: str = "print") -> bytes:
    url = PUBLISHER.url_for(article_id, form)
    return Site(Newsroom(), weight=0).respond(url.removeprefix(PUBLISHER.base_url)).body


def article(article_id: str) -> farscrawler.Article:
    found = farscrawler.parse(page(article_id), url=PUBLISHER.url_for(article_id, "print"))
    assert isinstance(found, farscrawler.Article), found
    return found


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return the file of an archive with three articles."""
    path = tmp_path / "archive.db"
    with farscrawler.Archive(path, readonly=False) as opened:
        for number in IDS:
            found = article(number)
            opened.save(
                Visit(
                    publisher="farsonline", key=number, url=found.url, outcome="article", form="print",
                    at="2026-11-23T08:00:00+00:00",
                ),
                found,
            )  # fmt: skip
    return path


def test_the_names_are_these() -> None:
    assert farscrawler.__all__ == NAMES
    assert set(NAMES) <= set(dir(farscrawler))
    for name in NAMES:
        assert getattr(farscrawler, name) is not None
    with pytest.raises(AttributeError, match="module 'farscrawler' has no attribute 'crawl'"):
        _ = farscrawler.crawl  # type: ignore[attr-defined]  # that a type checker sees it too is the point


def test_the_import_loads_nothing_and_use_does_not_load_scrapy() -> None:
    said = """
import sys
before = set(sys.modules)
import farscrawler
ours = sorted(name for name in sys.modules if name.startswith("farscrawler"))
assert ours == ["farscrawler", "farscrawler._version"], ours
others = {name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
assert others == {"farscrawler"}, others
from farscrawler import *
for name in farscrawler.__all__:
    assert name in globals(), name
parse("<html></html>")
heavy = {"scrapy", "twisted", "itemadapter", "tldextract", "asyncio", "rich"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_examples_of_the_docs_run(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive.parent)
    (archive.parent / "page.html").write_bytes(page("1953"))
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    examples = "".join(re.findall(r"^```pycon\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(examples, {}, "docs/library.md", None, None)
    assert len(test.examples) > 15
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.FAIL_FAST).run(test, out=said.append)
    assert said == []


def test_a_page_is_read_as_a_crawl_reads_it() -> None:
    """Bytes and text, by address, key and publisher: one article, and its address is the canonical one."""
    body, url = page("1953"), PUBLISHER.url_for("1953", "print")
    expected = read_article(
        body, publisher=PUBLISHER, url=url, form="print", article_id="1953", content_type=None,
        fetched_at="2022-01-01T00:00:00+00:00", stored_url=PUBLISHER.canonical_url("1953"),
    )  # fmt: skip
    assert isinstance(expected, farscrawler.Article)
    moment = dt.datetime(2022, 1, 1, 3, 30, tzinfo=dt.timezone(dt.timedelta(hours=3, minutes=30)))
    for given in (body, body.decode()):
        for publisher in (None, "farsonline", PUBLISHER):
            found = farscrawler.parse(given, url=url, publisher=publisher, fetched_at=moment)
            assert found == expected
    assert farscrawler.parse(body, url=url, fetched_at="2022-01-01T03:30:00+03:30") == expected


def test_a_page_without_an_address_is_known_by_the_one_it_gives() -> None:
    body = (ROOT / "tests" / "fixtures" / "8sobh" / "news" / "page.html").read_bytes()
    found = farscrawler.parse(body)
    assert isinstance(found, farscrawler.Article)
    assert found.publisher == "8sobh"
    assert found == farscrawler.parse(body, publisher="8sobh", url=found.url)


@pytest.mark.parametrize("body", ["", b"", "\ud800", b"\xff\xfe\x00", "<html>" * 3000, b"%PDF-1.4"])
def test_no_page_raises(body: str | bytes) -> None:
    for publisher in (None, "farsonline", "irna"):
        assert isinstance(farscrawler.parse(body, publisher=publisher), farscrawler.NoArticle)


def test_wrong_arguments_are_sentences() -> None:
    with pytest.raises(UnknownPublisher, match=r"no publisher named 'farsonlin'\. Did you mean farsonline"):
        farscrawler.parse(b"", publisher="farsonlin")
    with pytest.raises(BadArgumentError, match=r"url=www\.irna\.ir/x: write the whole address"):
        farscrawler.parse(b"", url="www.irna.ir/x")
    for moment in ("yesterday", "2022-01-01T00:00:00", dt.datetime(2022, 1, 1)):  # noqa: DTZ001  # the fault meant
        with pytest.raises(BadArgumentError, match="give a time with its zone"):
            farscrawler.parse(b"", fetched_at=moment)


def test_an_archive_is_opened_to_be_read(archive: Path) -> None:
    before = archive.read_bytes()
    with farscrawler.Archive(archive) as opened:
        assert sorted(found.article_id for found in opened.articles()) == sorted(IDS)
        opened.save(Visit(publisher="p", key="k", url="u", outcome="missing", form="print", at="x"))
        with pytest.raises(ArchiveError, match=r"cannot be written"):
            opened.flush()
    assert archive.read_bytes() == before
    missing = archive.with_name("missing.db")
    with pytest.raises(ArchiveError, match="does not exist"):
        farscrawler.Archive(missing)
    assert not missing.exists()


def test_articles_of_days_in_every_writing(archive: Path) -> None:
    with farscrawler.Archive(archive) as opened:
        day = dt.date(2021, 5, 22)

        def ids(since: dt.date | str | None = None, until: dt.date | str | None = None) -> list[str]:
            return [found.article_id for found in opened.articles("farsonline", since=since, until=until)]

        assert ids(since=day, until=day) == ids(until=day)[1:] == ["1953"]
        assert ids(since="1400-03-01", until="2021-05-22") == ids(since="1400-03", until="1400/3/1") == ["1953"]
        assert ids(since="1401") == []
        with pytest.raises(BadArgumentError, match="is a moment"):
            ids(since=dt.datetime(2021, 5, 22, tzinfo=dt.UTC))
        with pytest.raises(BadArgumentError, match="write a day"):
            ids(since="yesterday")


@pytest.mark.parametrize("body", [None, Path("page.html"), 7, ["<p>"]])
def test_what_is_no_page_is_said_in_a_sentence(body: Any) -> None:
    with pytest.raises(BadArgumentError, match=f"not a {type(body).__name__}; read a file"):
        farscrawler.parse(body)
    with pytest.raises(BadArgumentError, match="content_type=5: give"):
        farscrawler.parse("<p>", content_type=5)  # type: ignore[arg-type]  # a slip that no type checker saw
