"""`farscrawler parse-page` and `farscrawler detect`: what they say of saved pages, and of an address."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from farscrawler.__main__ import main
from farscrawler.publishers.loader import read_text
from tests.support import FAST, run
from tests.support.cases import cases
from tests.support.extract_pages import shared
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from pathlib import Path

CASES = {case.name: case for case in cases()}
ROBOTS = Answer("User-agent: *\nDisallow: /private\n", headers={"Content-Type": "text/plain"})


@dataclass
class Told:
    """What a command said, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


Tell = Callable[..., Told]


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Run a command in this process, in a folder of its own: a process a command would take most of the time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "farscrawler.settings")

    def command(*words: str) -> Told:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return Told(int(ended.value.code or 0), said.out, said.err)

    return command


def saved(tmp_path: Path, name: str) -> str:
    (tmp_path / "page.html").write_bytes(CASES[name].body)
    return "page.html"


def test_a_saved_page_of_a_publisher_is_read_into_its_article(tell: Tell, tmp_path: Path) -> None:
    case = CASES["khabaronline/news"]
    found = tell("parse-page", saved(tmp_path, case.name), "--publisher", "khabaronline", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    article = json.loads(found.stdout)
    for name, value in case.expected["article"].items():
        assert article[name] == value, name
    assert (article["publisher"], article["article_id"]) == ("khabaronline", case.expected["article_id"])


def test_the_publisher_follows_from_the_address_that_the_page_gives_as_its_own(tell: Tell, tmp_path: Path) -> None:
    found = tell("parse-page", saved(tmp_path, "khabaronline/news"))
    assert found.returncode == 0
    assert found.stdout.startswith("read as: khabaronline, by the address that the page gives as its own\n")


def test_each_field_is_explained_from_the_reading_itself(tell: Tell, tmp_path: Path) -> None:
    words = ("parse-page", saved(tmp_path, "khabaronline/news"), "--explain")
    found = tell(*words)
    assert found.returncode == 0
    text = found.stdout
    published = text.split("\npublished_at: ")[1].split("\npublished_date: ")[0]
    assert "\n    <- .item-nav .item-date span: " in published
    assert "\n    x json-ld datePublished: " in published
    assert "(agrees with the one taken)" in published
    assert "x meta date: " in published
    assert "(the moment the page was rendered, never read)" in published
    assert "(before publication)" in text.split("\nmodified_at: ")[1]
    assert "(modified-refused: before publication)" in text.split("\nwarning: ")[1]
    assert "    <- h1.title [itemprop=headline]: " in text.split("\nheadline: ")[1].split("\nsubtitle: ")[0]
    evidence = json.loads(tell(*words, "--json").stdout)["evidence"]
    taken = {one["field"]: one for one in evidence if one["refused"] is None}
    assert taken["body"]["where"] == ".item-body .item-text"
    assert taken["lead"]["where"] == "p.summary.introtext"
    assert {"article_id", "section", "tags", "images", "published_at"} <= set(taken)


def test_the_fields_of_a_family_with_a_module_are_explained_too(tell: Tell, tmp_path: Path) -> None:
    page = saved(tmp_path, "farsonline/article-skin-a")
    found = tell("parse-page", page, "--publisher", "farsonline", "--form", "article", "--explain")
    assert "    <- skin A: " in found.stdout.split("\nheadline: ")[1].split("\nlead: ")[0]


def test_a_page_of_an_unknown_site_is_read_by_the_family_of_its_markup(tell: Tell, tmp_path: Path) -> None:
    page = CASES["khabaronline/news"].body.replace(b"khabaronline.ir", b"nosuch.example")
    (tmp_path / "page.html").write_bytes(page)
    found = tell("parse-page", "page.html")
    assert found.returncode == 0
    assert found.stdout.startswith("read as: a site of nastooh (its markup has ")
    assert f"headline: {CASES['khabaronline/news'].expected['article']['headline']}" in found.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nosuch.html"], 2, "nosuch.html cannot be read (No such file or directory)."),
        (["none.html"], 1, "(read as a page of no site that is known; --url says where it is from)"),
        (["none.html", "--publisher", "nosuch"], 2, "there is no publisher named 'nosuch'"),
        (["none.html", "--publisher", "yjc"], 1, "no article: not-article, no headline and timestamp"),
        (["none.html", "--publisher", "yjc", "--form", "x"], 2, "yjc has no form x; it has article, print."),
        (["none.html", "--publisher", "yjc", "--fetched", "now"], 2, "--fetched takes a time with its zone"),
        ([], 2, "name one file with a saved page"),
    ],
)
def test_what_cannot_be_read_is_said(tell: Tell, tmp_path: Path, words: list[str], code: int, said: str) -> None:
    (tmp_path / "none.html").write_text("<html><body><p>سلام</p></body></html>", encoding="utf-8")
    found = tell("parse-page", *words)
    assert found.returncode == code
    assert said in found.stderr + found.stdout
    assert "Traceback" not in found.stderr


def test_a_time_of_fetching_lets_relative_lines_be_read(tell: Tell, tmp_path: Path) -> None:
    case = CASES["khabaronline/news"]
    page = case.body.decode().replace(case.expected["article"]["published_text"], "۲ ساعت قبل")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    words = ("parse-page", "page.html", "--json", "--explain")
    alone = json.loads(tell(*words).stdout)
    assert any(one["refused"] == "relative without a fetch time" for one in alone["evidence"])
    told = json.loads(tell(*words, "--fetched", "2026-11-23T08:00:00+00:00").stdout)
    assert any(one["value"] == "۲ ساعت قبل = 2026-11-23T09:30:00+03:30" for one in told["evidence"])
    assert told["fetched_at"] == "2026-11-23T08:00:00+00:00"


def test_detect_tells_family_marks_and_a_stanza_of_a_file(tell: Tell, tmp_path: Path) -> None:
    found = tell("detect", saved(tmp_path, "sharghdaily/news"))
    assert (found.returncode, found.stderr) == (0, "")
    assert (
        "publisher: sharghdaily (شرق), of the family asam\nfamily: asam\nmatched: #echo_detail (sure)\n" in found.stdout
    )
    assert '\n[sharghdaily]\nfamily = "asam"\n' in found.stdout


def test_the_stanza_of_detect_can_be_read_as_it_is(tell: Tell, tmp_path: Path) -> None:
    for name in ("sharghdaily/news", "khabaronline/news", "tabnak/news", "ensafnews/news"):
        found = tell("detect", saved(tmp_path, name), "--output", f"{name.partition('/')[0]}.toml")
        assert found.returncode == 0, found.stderr
        file = tmp_path / f"{name.partition('/')[0]}.toml"
        (publisher,) = read_text(file.read_text(encoding="utf-8"), file.name)
        assert publisher.family == CASES[name].family
        assert publisher.owns(f"https://{CASES[name].publisher.hosts[0]}/")


def test_detect_claims_no_family_for_a_page_of_none(tell: Tell, tmp_path: Path) -> None:
    (tmp_path / "none.html").write_text("<html><body><h1>x</h1><p class=lead>y</p></body></html>", encoding="utf-8")
    found = tell("detect", "none.html")
    assert (found.returncode, found.stdout) == (1, "")
    assert "none.html: no article is found on the page (no text); name the address of one article." in found.stderr
    assert "It bears one likely mark of asam" in found.stderr


@pytest.mark.parametrize(("words", "code"), [(["nosuch.html"], 2), (["ftp://x.ir/"], 2), ([], 2)])
def test_detect_says_what_it_cannot_read(tell: Tell, words: list[str], code: int) -> None:
    found = tell("detect", *words)
    assert found.returncode == code
    assert "Traceback" not in found.stderr


def test_detect_of_one_page_fetches_it_once_and_obeys_robots(tmp_path: Path) -> None:
    fast = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]
    page = Answer(CASES["khabaronline/news"].body)
    with PageServer({"/robots.txt": ROBOTS, "/news/1355001": page, "/private": page}) as site:
        found = run("detect", f"{site.url}/news/1355001", "--try", "1", *fast, cwd=tmp_path)
        assert (found.returncode, found.stderr) == (0, "")
        assert "family: nastooh\n" in found.stdout
        assert 'hosts = ["127.0.0.1"' in found.stdout
        assert site.asked == ["/robots.txt", "/news/1355001"]
        found = run("detect", f"{site.url}/private", *fast, cwd=tmp_path)
        assert (found.returncode, found.stdout) == (1, "")
        assert "no page came (forbidden by robots.txt)." in found.stderr
        assert site.asked[2:] == ["/robots.txt"]


def test_the_real_page_of_yjc_is_explained(tell: Tell) -> None:
    page = shared() / "pages" / "yjc" / "7349926.html"
    found = tell("parse-page", str(page), "--explain")
    published = found.stdout.split("\npublished_at: ")[1].split("\npublished_date: ")[0].splitlines()
    assert published[0] == "2020-05-10T18:59:00+04:30"
    assert published[1].startswith("    x json-ld datePublished: 2020-05-10T18:59:01+04:30")
    assert published[2].startswith("    x meta article:published_time: ۱۳۹۹/۰۲/۲۱ - ۱۸:۵۹ = 2020-05-10T18:59:00+04:30")
    assert published[3].startswith("    <- .news_pdate_c: ۲۱ ارديبهشت ۱۳۹۹ - ۱۸:۵۹ = ")
