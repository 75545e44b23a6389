"""Where an HTML file was saved from, and when."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import publishers
from farscrawler.saved import folders
from farscrawler.saved.page import Complaint, SavedEntry, SavedPage, Skipped, mark_of, utc
from farscrawler.saved.url_filter import UrlFilter
from tests.support.pageserver import print_page
from tests.support.saved import SITE, print_url

if TYPE_CHECKING:
    from pathlib import Path

FARSONLINE = publishers.load("farsonline")
ARTICLE = f"{SITE}/Fa/News/7/"
AT = 1_700_000_000  # 2023-11-14T22:13:20Z


def save(folder: Path, name: str, text: str | bytes, **beside: str) -> Path:
    """Save a page with its sidecars, by their endings."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (AT, AT))
    for ending, content in beside.items():
        path.with_name(f"{path.name}.{ending}").write_text(content, encoding="utf-8")
    return path


def found(folder: Path, **url_filter: Any) -> list[SavedEntry]:
    """Read all that a folder holds."""
    return [one for file in folders.find([folder]) for one in folders.read(file, UrlFilter(FARSONLINE, **url_filter))]


def page(folder: Path, **url_filter: Any) -> SavedPage:
    """Read the one page of a folder."""
    (one,) = found(folder, **url_filter)
    assert isinstance(one, SavedPage), one
    return one


def html(head: str = "", before: str = "", body: str = "متن") -> str:
    return f"<!DOCTYPE html>\n{before}<html><head>{head}</head><body>{body}</body></html>"


SINGLE_FILE = (
    "<!--\n Page saved with SingleFile \n url: {url} \n saved date: Sat May 04 2024 10:48:03 GMT+0330 "
    "(Iran Standard Time)\n-->"
)
HTTRACK = (
    "<!-- Mirrored from www.fars-online.ir/Fa/News/7/ by HTTrack Website Copier/3.x [XR&CO'2014], "
    "Thu, 02 May 2024 07:00:01 GMT -->"
)


@pytest.mark.parametrize(
    ("text", "url", "at"),
    [
        (html(f'<link rel="canonical" href="{ARTICLE}">'), ARTICLE, None),
        (html('<link rel="Canonical nofollow" href="/Fa/News/7/">'), ARTICLE, None),
        (html(f'<meta property="og:url" content="{ARTICLE}">'), ARTICLE, None),
        (html(before=f"<!-- saved from url=(0035){ARTICLE} -->\n"), ARTICLE, None),
        (html(before=SINGLE_FILE.format(url=print_url(7))), print_url(7), "2024-05-04T07:18:03+00:00"),
        (html(before=HTTRACK), ARTICLE, "2024-05-02T07:00:01+00:00"),
    ],
)
def test_a_page_says_itself_where_it_was_saved(tmp_path: Path, text: str, url: str, at: str | None) -> None:
    save(tmp_path, "deep/er/page.html", text)
    one = page(tmp_path)
    assert (one.url, one.name, one.source) == (url, "deep/er/page.html", "deep/er/page.html")
    assert (one.at, one.time_of_file) == (at or "2023-11-14T22:13:20+00:00", at is None)


def test_the_order_of_trust(tmp_path: Path) -> None:
    text = html(
        f'<link rel="canonical" href="{SITE}/Fa/News/2/"><meta property="og:url" content="{SITE}/Fa/News/3/">',
        before=f"<!-- saved from url=(0035){SITE}/Fa/News/4/ -->{SINGLE_FILE.format(url=SITE + '/Fa/News/5/')}",
    )
    steps = [
        (text, {"url": f"{SITE}/Fa/News/1/", "json": json.dumps({"url": f"{SITE}/Fa/News/9/"})}, "1"),
        (text, {"json": json.dumps({"url": f"{SITE}/Fa/News/9/"})}, "9"),
        (text, {}, "2"),
        (text.replace('rel="canonical"', ""), {}, "3"),
        (text.replace('rel="canonical"', "").replace("og:url", ""), {}, "4"),
        (text.replace('rel="canonical"', "").replace("og:url", "").replace("saved from", ""), {}, "5"),
    ]
    for number, (markup, beside, article_id) in enumerate(steps):
        folder = tmp_path / str(number)
        save(folder, "x.html", markup, **beside)
        assert FARSONLINE.article_id(page(folder).url) == article_id


def test_a_print_page_that_calls_the_article_canonical_is_a_print_page(tmp_path: Path) -> None:
    canonical = f'<link rel="canonical" href="{ARTICLE}">'
    save(tmp_path / "a", "x.html", html(canonical, before=SINGLE_FILE.format(url=print_url(7))))
    save(tmp_path / "b", "x.html", html(canonical), url=print_url(7))
    save(tmp_path / "c", "x.html", html(canonical, before=SINGLE_FILE.format(url=print_url(8))))  # of another article
    assert [FARSONLINE.form_of(page(tmp_path / name).url) for name in "abc"] == ["print", "print", "article"]


def test_sidecars_of_several_kinds(tmp_path: Path) -> None:
    text = html()
    save(tmp_path / "a", "x.html", text, url=f"[InternetShortcut]\r\nURL={ARTICLE}\r\n")
    save(tmp_path / "b", "x.html", text)
    (tmp_path / "b/x.url").write_text(f"\ufeff{ARTICLE}\n", encoding="utf-8")
    values = {"url": ARTICLE, "fetched_at": "2020-01-01T03:30:00.5+03:30", "content_type": "text/html; charset=x"}
    save(tmp_path / "c", "x.html", text, json=json.dumps(values))
    assert {page(tmp_path / name).url for name in "abc"} == {ARTICLE}
    one = page(tmp_path / "c")
    assert (one.at, one.header(b"content-type")) == ("2020-01-01T00:00:00+00:00", b"text/html; charset=x")


@pytest.mark.parametrize(
    ("beside", "words"),
    [
        ({"url": "nothing here"}, "holds no address"),
        ({"json": "{"}, "is not JSON"),
        ({"json": "[]"}, "is no JSON object"),
        ({"json": '{"url": 3}'}, "url is no text"),
        ({"json": '{"url": "x", "fetched_at": "2020-01-01T00:00:00"}'}, "no ISO 8601 time with a zone"),
    ],
)
def test_a_sidecar_that_cannot_be_read_is_named(tmp_path: Path, beside: dict[str, str], words: str) -> None:
    path = save(tmp_path, "x.html", html(), **beside)
    (one,) = found(tmp_path)
    assert isinstance(one, Complaint)
    assert words in one.sentence
    assert str(path) in one.sentence


def test_a_page_without_an_address_is_named_with_what_helps(tmp_path: Path) -> None:
    for text in (html(), html(before="<!-- saved from url=(0014)about:internet -->")):
        path = save(tmp_path, "x.html", text)
        (one,) = found(tmp_path)
        assert isinstance(one, Complaint)
        assert f"{path} does not say" in one.sentence
        assert "x.html.url" in one.sentence


def test_what_wget_leaves(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror/www.fars-online.ir"
    save(mirror, "Fa/News/7/index.html", html())
    save(mirror, "Incsys/PrtNews.aspx?l=Fa&code=8&k=0.html", html())
    save(mirror, "Incsys/PrtNews.aspx@l=Fa&code=9&k=0", html())
    save(mirror, "robots.txt", "User-agent: *")
    head = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html;\r\n charset=windows-1256\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    save(tmp_path / "headers", "y.html", head + html(), url=ARTICLE)
    pages = {FARSONLINE.article_id(one.url): one for one in found(tmp_path / "mirror") if isinstance(one, SavedPage)}
    assert set(pages) == {"7", "8", "9"}
    assert Skipped("not HTML") in found(tmp_path / "mirror")
    one = page(tmp_path / "headers")
    assert (one.status, one.header(b"content-type")) == (404, b"text/html; charset=windows-1256")
    assert one.header(b"transfer-encoding") is None
    assert one.body.startswith(b"<!DOCTYPE")


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="a system without extended attributes")
def test_the_attribute_of_wget_and_curl(tmp_path: Path) -> None:
    path = save(tmp_path, "x.html", html())
    try:
        os.setxattr(path, "user.xdg.origin.url", ARTICLE.encode())
    except OSError:
        pytest.skip("a file system without extended attributes")
    assert page(tmp_path).url == ARTICLE


def test_what_is_passed_over(tmp_path: Path) -> None:
    save(tmp_path, "1.html", html(), url="https://www.example.ir/news/1")
    save(tmp_path, "2.html", html(), url=f"{SITE}/Fa/")
    save(tmp_path, "3.html", b"\x89PNG\r\n", url=ARTICLE)
    save(tmp_path, "4.html", html(), url=ARTICLE)
    save(tmp_path, "5.html", print_page(1) + " " * (4 * 1024 * 1024), url=ARTICLE)
    save(tmp_path, ".hidden/6.html", html(), url=ARTICLE)
    reasons = [one.reason for one in found(tmp_path, form="print") if isinstance(one, Skipped)]
    assert reasons == [
        "on another site",
        "no article's address",
        "not HTML (picture)",
        "another form than asked for",
        "larger than the size limit",
    ]


def test_files_come_in_the_order_of_their_time(tmp_path: Path) -> None:
    for name, at in (("a", "2024-01-01T00:00:00Z"), ("b", "2023-01-01T00:00:00Z"), ("c", "2025-01-01T00:00:00Z")):
        save(tmp_path, f"{name}.html", html(), json=json.dumps({"url": ARTICLE, "fetched_at": at}))
    assert [file.name for file in folders.find([tmp_path, tmp_path / "c.html"])] == ["b.html", "a.html", "c.html"]


def test_utf_16_pages_are_read(tmp_path: Path) -> None:
    save(tmp_path, "x.html", html(f'<link rel="canonical" href="{ARTICLE}">').encode("utf-16"))
    assert page(tmp_path).url == ARTICLE


def test_a_mirror_stands_for_the_site(tmp_path: Path) -> None:
    save(tmp_path, "x.html", html(), url="http://127.0.0.1:8000/Fa/News/7/")
    assert found(tmp_path) == [Skipped("on another site")]
    assert page(tmp_path, base_url="http://127.0.0.1:8000").url == ARTICLE


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00+00:00"),
        ("2024-05-01T10:00:00.999999999Z", "2024-05-01T10:00:00+00:00"),
        ("2024-05-01T10:00:00", None),
        ("2024", None),
        ("0001-01-01T00:00:00+05:00", None),
        (None, None),
    ],
)
def test_moments(text: str | None, at: str | None) -> None:
    assert utc(text) == at


def test_a_page_is_remembered_with_its_place() -> None:
    one = SavedPage(url=ARTICLE, at="t", name="a#b.warc.gz", offset=12)
    assert mark_of(one.at, one.source) == one.mark == ("t", "a#b.warc.gz", 12)
    alone = SavedPage(url=ARTICLE, at="t", name="a#b.html")
    assert mark_of(alone.at, alone.source) == alone.mark
