"""The pages of `farscrawler browse` in a browser: direction, font, phones, colours, and no request outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from farscrawler.testing.newsroom import Server
from tests.support import crawl, run
from tests.support.browsed import Pages, served
from tests.support.chromium import Chromium, chromium, needs_chromium
from tests.support.dated import date_of
from tests.support.newsroom_tools import young_newsroom
from tests.support.pages import EVIL
from tests.support.searched import archive_of, news

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_chromium
_PAGES = (
    "/", "/articles", "/search?q=متن", "/article/irna/66", "/article/farsonline/1003", "/article/farsonline/1003/page",
    "/coverage/farsonline", "/day/irna/1401-02-28", "/ledger/farsonline?outcome=missing",
)  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Serve a crawl of the newsroom, and a hostile article with words that nothing parts."""
    folder = tmp_path_factory.mktemp("chromium")
    newsroom = young_newsroom()
    with Server(newsroom) as server:
        assert crawl(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", cwd=folder).returncode == 0
    body = f"متن {EVIL} {'بی‌پایان' * 80}"
    hostile = news("66", body, day=None, headline=EVIL + "س" * 300, section="x" * 200, tags=[EVIL])
    date_of(hostile, "1401-02-28")
    archive_of(folder / "archive.db", [hostile])
    assert run("search", "متن", cwd=folder).returncode == 0
    with served(folder / "archive.db") as found:
        yield found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


def test_pages_fit_a_phone_from_right_to_left_in_their_font_in_both_colours(pages: Pages, browser: Chromium) -> None:
    grounds = set()
    for width, dark in ((390, False), (390, True), (1200, False)):
        browser.show_as(width=width, dark=dark)
        for path in _PAGES:
            browser.open(f"http://127.0.0.1:{pages.port}{path}")
            assert browser.value("getComputedStyle(document.documentElement).direction") == "rtl", path
            assert browser.value("document.fonts.ready.then(() => document.fonts.check('16px Vazirmatn', 'خبر'))"), path
            assert browser.value("[...document.fonts].some(one => one.status == 'loaded')"), path
            assert browser.value("document.documentElement.scrollWidth") <= width, (path, width)
        grounds.add((dark, browser.value("getComputedStyle(document.body).backgroundColor")))
    assert len(grounds) == 2
    assert browser.errors == []
    assert {urlsplit(one).netloc for one in browser.asked} == {f"127.0.0.1:{pages.port}"}


def test_datasettes_own_pages_have_the_colours_of_the_screen(pages: Pages, browser: Chromium) -> None:
    """Light letters on a dark ground, or dark ones on a light one, in boxes and tables too."""
    for dark in (False, True):
        browser.show_as(width=1200, dark=dark)
        for path, selector in (
            ("/archive", "body"), ("/archive", "textarea"), ("/archive/articles", "table.rows-and-columns td"),
            ("/archive?sql=select+1", "table.rows-and-columns th"), ("/archive/articles", "header"),
        ):  # fmt: skip
            browser.open(f"http://127.0.0.1:{pages.port}{path}")
            style = f"getComputedStyle(document.querySelector('{selector}'))"
            ground, letters = (lightness(browser.value(f"{style}.{of}")) for of in ("backgroundColor", "color"))
            is_bar = selector == "header"  # dark on every screen
            assert (ground < letters) is (dark or is_bar), (path, selector, dark)
            assert abs(ground - letters) > 100, (path, selector, dark)


def lightness(colour: str) -> float:
    """Return the mean of red, green and blue, from 0 to 255; of nothing that is painted, that of white."""
    red, green, blue, *opacity = (float(one) for one in re.findall(r"[\d.]+", colour))
    return 255 if opacity == [0] else (red + green + blue) / 3


def test_a_click_on_a_day_shows_its_articles(pages: Pages, browser: Chromium) -> None:
    browser.show_as(width=1200)
    browser.open(f"http://127.0.0.1:{pages.port}/coverage/irna")
    browser.follow(".cells a[title^='۱۴۰۱/۰۲/۲۸']")
    assert browser.value("location.pathname") == "/day/irna/1401-02-28"
    assert browser.value("document.querySelectorAll('td.headline a').length") == 1
    browser.follow("td.headline a")
    assert browser.value("location.pathname") == "/article/irna/66"
    # Nothing of the article has become a part of the page.
    assert browser.value("document.querySelectorAll('script, img, svg').length") == 0
    assert browser.errors == []
