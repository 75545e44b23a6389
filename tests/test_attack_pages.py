"""Pages that were invented to be misread: what a reader sees in them, held against what is stored."""

from __future__ import annotations

import pytest

from farscrawler.families.detect import detect_in
from farscrawler.pagecommand import indexed
from farscrawler.publishers.anysite import ANY_SITE
from tests.parsing_pages import article_of
from tests.test_engine import closed, page, read

LONG = "جمله‌ای از متن خبر که آن اندازه بلند است که کسی آن را تیتر یا برچسب نگیرد و باز هم چند کلمه دارد. " * 3
HOTLINK = '<img src="https://www.other.ir/files/fa/news/1402/1/1.jpg">'


@pytest.mark.parametrize("cell", ["td", "th"])
def test_the_last_figures_of_a_table_are_no_reporters_code(cell: str) -> None:
    rows = f"<tr><td>سکه</td><td>۳۰۱۲۳</td></tr><tr><td>نیم سکه</td><{cell}>15123</{cell}></tr>"
    text = f"<p>قیمت‌ها.</p><table>{rows}</table>"
    assert read(page(text)).body == "قیمت‌ها.\nسکه\n۳۰۱۲۳\nنیم سکه\n15123"
    assert read(page(f"{text}<p>17302</p>")).body == "قیمت‌ها.\nسکه\n۳۰۱۲۳\nنیم سکه\n15123"


def test_a_reporters_code_in_a_table_of_layout_is_one() -> None:
    assert read(page("<table><tr><td>یک.<br>دو.<br>17302</td></tr></table>")).body == "یک.\nدو."


def test_a_picture_of_another_site_brings_no_family_with_it() -> None:
    head = '<meta name=generator content="WordPress 6.4">'
    time = "<span class=publish-date>۱۲ مهر ۱۴۰۲ - ۱۰:۱۱</span>"
    body = closed(
        f"<article class=post><h1 class='entry-title title-news'>تیتر</h1>{time}"
        f"<div class=entry-content><p>{HOTLINK}{LONG}</p></div></article>",
        head,
    )
    text, index = indexed(body.encode())
    assert index is not None
    detected = detect_in(index, text)
    assert detected is not None
    assert detected.family == "wordpress"
    article = article_of(body, publisher=ANY_SITE, form="article", url="https://a.ir/1")
    assert article.body == LONG.strip()


def test_a_picture_of_another_site_takes_no_text_from_a_page_of_no_family() -> None:
    time = "<span class=publish-date>۱۲ مهر ۱۴۰۲ - ۱۰:۱۱</span>"
    body = closed(f"<h1 class=title-news>تیتر</h1>{time}<div class=x><p>{HOTLINK}{LONG}</p><p>{LONG}</p></div>")
    article = article_of(body, publisher=ANY_SITE, form="article", url="https://a.ir/1")
    assert article.body == f"{LONG.strip()}\n{LONG.strip()}"
    assert article.published_at == "2023-10-04T10:11:00+03:30"
