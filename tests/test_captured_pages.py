"""Pages saved out of a web archive: whose they are, when they were captured, and no word of the archive in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farscrawler import parse as parse_page
from farscrawler.extract import NoArticle, read_article
from farscrawler.extract.captured import capture_of, site_address
from farscrawler.extract.css import Index
from farscrawler.extract.document import parse
from farscrawler.extract.lines import block_lines
from farscrawler.extract.metadata import captured_at, own_addresses
from farscrawler.saved.provenance import Sidecar, origin_of, saved_at
from tests.support.engine_pages import site
from tests.support.general_pages import page, read

if TYPE_CHECKING:
    from pathlib import Path

AT = "2018-03-01T10:04:16+00:00"
OWN = "https://www.site.ir/news/7"


@pytest.mark.parametrize(
    ("address", "own", "at"),
    [
        (f"https://web.archive.org/web/20180301100416/{OWN}", OWN, AT),
        (f"http://web.archive.org/web/20180301100416id_/{OWN}", OWN, AT),
        (f"//web.archive.org/web/20180301100416im_/{OWN}", OWN, AT),
        (f"/web/20180301100416/{OWN}", OWN, AT),
        (f"https://archive.org/web/20180301/{OWN}", OWN, None),
        ("https://web.archive.org/web/20180301100416/http:/www.site.ir/news/7", "http://www.site.ir/news/7", AT),
        ("https://web.archive.org/web/20180301100416/www.site.ir/news/7", "http://www.site.ir/news/7", AT),
        (f"https://web.archive.org/web/20181399999999/{OWN}", OWN, None),
        (f"https://archive.ph/2018.03.01-100416/{OWN}", OWN, AT),
        (f"https://archive.today/20180301100416/{OWN}", OWN, AT),
    ],
)
def test_an_address_of_a_web_archive_names_the_sites_own(address: str, own: str, at: str | None) -> None:
    capture = capture_of(address)
    assert capture is not None
    assert (capture.address, capture.at) == (own, at)
    assert site_address(address) == own


@pytest.mark.parametrize(
    "address",
    [
        OWN,
        "https://www.site.ir/web/2018/news.html",
        "/web/2018/news.html",
        f"https://www.site.ir/web/20180301100416/{OWN}",
        "https://web.archive.org/web/*/www.site.ir",
        "https://archive.ph/Ab3dE",
        "",
    ],
)
def test_any_other_address_stays_as_it_is(address: str) -> None:
    assert capture_of(address) is None
    assert site_address(address) == address


@pytest.mark.parametrize(
    "head",
    [
        f"<link rel=canonical href='https://web.archive.org/web/20180301100416/{OWN}'>",
        f"<meta property=og:url content='/web/20180301100416/{OWN}'>",
        f"<base href='http://web.archive.org/web/20180301100416id_/{OWN}'>",
    ],
)
def test_a_saved_copy_gives_the_sites_address_and_the_time_of_the_capture(head: str, tmp_path: Path) -> None:
    text = page(head=head).decode()
    root, _ = parse(text.encode())
    assert root is not None
    assert [address for _, address in own_addresses(Index(root))] == [OWN]
    assert captured_at(Index(root)) == AT
    assert saved_at(text) == AT
    assert origin_of(tmp_path / "x.html", text, Sidecar(), site(selectors="")).address(site(selectors="")) == OWN


def test_the_capture_goes_before_the_time_at_which_somebody_saved_the_copy(tmp_path: Path) -> None:
    single = "<!--\n Page saved with SingleFile \n url: {} \n saved date: Tue Mar 05 2024 10:00:00 GMT+0330 (IRST)\n-->"
    archived = f"https://web.archive.org/web/20180301100416/{OWN}"
    head = f"{single.format(archived)}<link rel=canonical href='{archived}'>"
    text = page(head=head).decode()
    assert saved_at(text) == AT
    assert origin_of(tmp_path / "x.html", text, Sidecar(), site(selectors="")).loaded == [OWN]
    plain = page(head=single.format(OWN)).decode()
    assert saved_at(plain) == "2024-03-05T06:30:00+00:00"


def test_a_page_that_tells_of_a_web_archive_is_none_of_it() -> None:
    text = page(
        text="<p>نشانی <a href='https://web.archive.org/web/20180301100416/http://a.ir/'>بایگانی</a> است.</p>" * 9
    )
    assert saved_at(text.decode()) is None


def test_a_relative_time_in_a_capture_counts_from_the_capture() -> None:
    head = f"<link rel=canonical href='https://web.archive.org/web/20180301100416/{OWN}'>"
    body = page("<span class=date>۲ ساعت قبل</span>", head=head).replace(b"q9", b"text")
    publisher = site()
    article = read_article(body, publisher=publisher, url=OWN)
    assert not isinstance(article, NoArticle)
    assert (article.fetched_at, article.published_at) == (AT, "2018-03-01T11:34:16+03:30")
    unasked = parse_page(body)
    assert not isinstance(unasked, NoArticle)
    assert unasked.fetched_at == AT
    plain = read_article(body.replace(b"web.archive.org", b"example.org"), publisher=publisher, url=OWN)
    assert not isinstance(plain, NoArticle)
    assert (plain.fetched_at, plain.published_at) == ("", None)


def test_the_toolbar_is_no_text_of_the_page() -> None:
    toolbar = (
        "<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id='wm-ipp-base' lang='en'><div id='wm-ipp'><p>12 captures</p>"
        "<h1>The Wayback Machine</h1><table><tr><td>Feb</td><td>MAR 01 2018 - 10:04</td></tr></table></div></div>"
        "<!-- END WAYBACK TOOLBAR INSERT -->"
    )
    body = page().replace(b"<nav>", toolbar.encode() + b"<nav>")
    root, _ = parse(body)
    assert root is not None
    assert not any("captures" in line or "Wayback" in line for line in block_lines(root).texts)
    article = read(body)
    assert not isinstance(article, NoArticle)
    assert article.headline == "کتابخانه باز شد"
    assert article.published_at == "2022-10-04T19:24:00+03:30"


def test_pictures_of_a_capture_have_the_sites_addresses() -> None:
    picture = "<img src='https://web.archive.org/web/20180301100416im_/https://www.site.ir/a.jpg'>"
    article = read(
        page(text=f"<p>{picture}</p>" + "<p>جمله‌ای بلند برای آزمون که باید خوانده شود و چیزی کم ندارد.</p>" * 4)
    )
    assert not isinstance(article, NoArticle)
    assert [one["url"] for one in article.images] == ["https://www.site.ir/a.jpg"]
