"""Faults in lists: what can be made good loses nothing, and any other fault makes a list one that is not whole."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from farscrawler.listings.feeds import read_feed
from farscrawler.listings.markup import HARMLESS, MAX_BYTES
from farscrawler.listings.repair import repair
from farscrawler.listings.sitemaps import read_sitemap
from farscrawler.publishers.loader import read_text
from farscrawler.strings import clean
from tests.support.examples import examples

if TYPE_CHECKING:
    from farscrawler.listings import Listing
    from farscrawler.publishers import Publisher

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
OPEN = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="{NEWS}">\n'


def site(form: str) -> Publisher:
    text = f'[x]\nname = "x"\nhosts = ["www.site.ir"]\n[x.forms.article]\n{form}\n[x.doors]\n'
    return read_text(text, "custom.toml")[0]


SITE = site("url = '/news/{id}'\npaths = ['/news/(\\d+)(?:/[^/]*)?/?']")
BY_QUERY = site("paths = ['/view']\nquery = \"id\"")
BY_SLUG = site("id = \"text\"\npaths = ['/news/([^/]+)/?']")


def url(number: int, title: str = "") -> str:
    news = f"<news:news><news:title>{title}</news:title></news:news>" if title else ""
    return f"<url>{news}<loc>https://www.site.ir/news/{number}/x</loc></url>\n"


def urlset(*rows: str) -> str:
    return HEAD + OPEN + "".join(rows) + "</urlset>"


def sitemap(text: str | bytes, publisher: Publisher = SITE) -> Listing:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return read_sitemap(raw, publisher=publisher, url="https://www.site.ir/sitemap.xml")


def feed(text: str, publisher: Publisher = SITE) -> Listing:
    return read_feed(text.encode(), publisher=publisher, url="https://www.site.ir/rss")


def keys(listing: Listing) -> list[str]:
    return [entry.key for entry in listing.articles]


# -- made good ------------------------------------------------------------------------------------

TEXTS = [
    "سکه < ۴۰ میلیون",
    "سکه <۴۰ میلیون",
    "دما <-۵ درجه",
    "من <3 تو",
    "a <= b",
    "<<< فوری >>>",
    "پایان </ خبر",
    "هشدار <! باران",
    "پرسش <? پاسخ",
    "پیکان <",
    "گرانی & ارزانی",
    "&",
    "AT&T و &;",
    "&nbsp;نان &laquo;تازه&raquo; می&zwnj;رود",
    "&nosuchthing; &notify;",
    "نشان ]]> در متن",
    "\x00\x0b\x1b نویسه",
    "\ufffe\uffff",
    "&#0; &#x1B; &#8;",
    "&#55357;&#56832; خنده",
    "&#xD83D;&#xDE00;",
    "&#55357; نیمه",
    "&#56832;&#55357;",
    "&#x110000; &#9999999;",
    "<![CDATA[ <b>a & b</b> < ]]>",
    "<![CDATA[ </urlset> </url> ]]>",
    "<![CDATA[\x00\x1b]]>",
    "<!-- a -- b <x> & -->",
    "<!-- </urlset> -->",
    "<?php echo '</url>' ?>",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_stray_mark_in_a_text_costs_no_entry(text: str) -> None:
    found = sitemap(urlset(url(1), url(2, text), url(3, f"دنباله {text} دنباله"), url(4)))
    assert (keys(found), found.whole, found.refused) == (["1", "2", "3", "4"], True, None)
    item = "<item><title>{}</title><link>https://www.site.ir/news/{}</link></item>"
    rss = "".join(item.format(text if n == 2 else "عنوان", n) for n in range(1, 4))
    listed = feed(f"{HEAD}<rss><channel>{rss}</channel></rss>")
    assert (keys(listed), listed.whole) == (["1", "2", "3"], True)


def test_an_address_keeps_all_its_parameters() -> None:
    rows = [
        "<url><loc>https://www.site.ir/view?kind=1&id=7</loc></url>",
        "<url><loc>https://www.site.ir/view?kind=1&amp;id=8</loc></url>",
        "<url><loc>https://www.site.ir/view?copy=1&copy=2&id=9&lt=3</loc></url>",
        "<url><loc><![CDATA[https://www.site.ir/view?kind=1&id=10]]></loc></url>",
        "<url><loc>https://www.site.ir/view?kind=1&amp;amp;id=11</loc></url>",
        "<url><loc>https://www.site.ir/view?kind=1&#38;id=12</loc></url>",
    ]
    found = sitemap(urlset(*rows), BY_QUERY)
    assert (keys(found), found.whole) == (["7", "8", "9", "10", "11", "12"], True)
    assert found.articles[2].url == "https://www.site.ir/view?copy=1&copy=2&id=9&lt=3"


def test_a_reference_in_an_address_is_its_letter() -> None:
    locs = ("نان&zwnj;ها", "نان&#8204;تازه", "خنده-&#55357;&#56832;", "خنده-&#55357;", "نان&#x1b;ی")
    found = sitemap(urlset(*(f"<url><loc>https://www.site.ir/news/{slug}</loc></url>" for slug in locs)), BY_SLUG)
    assert [entry.url.rpartition("/")[2] for entry in found.articles] == [
        *("نان\u200cها", "نان\u200cتازه", "خنده-\U0001f600", "خنده-\ufffd", "نانی"),
    ]
    assert found.whole


def test_a_prefix_that_nobody_declared_is_left_out_of_the_name() -> None:
    row = "<url><loc>https://www.site.ir/news/5</loc><n:publication_date>2024-08-29</n:publication_date></url>"
    found = sitemap(f"<urlset>{row}</urlset>")
    assert (str(found.articles[0].published), found.whole) == ("2024-08-29", True)
    assert "Namespace prefix n" in found.problems[0]


FAULTS_THAT_LOSE_NOTHING = [
    '<url a="1" a="2"><loc>https://www.site.ir/news/2</loc></url>',
    '<url xml:space="some"><loc>https://www.site.ir/news/2</loc></url>',
    '<url xml:id="1 2"><loc>https://www.site.ir/news/2</loc></url>',
    '<url xmlns:q=""><loc>https://www.site.ir/news/2</loc></url>',
    "<url><loc>https://www.site.ir/news/2</loc><a:b:c>x</a:b:c></url>",
    "<url><loc>https://www.site.ir/news/2</loc><n:a>x</n:a></url>",
    '<url xmlns="http://[x"><loc>https://www.site.ir/news/2</loc></url>',
    '<url xmlns="rel"><loc>https://www.site.ir/news/2</loc></url>',
    '<url><loc>https://www.site.ir/news/2</loc><x:y xmlns:x="u:a" xmlns:z="u:a" x:k="1" z:k="2"/></url>',
]


@pytest.mark.parametrize("row", FAULTS_THAT_LOSE_NOTHING)
def test_a_fault_that_loses_nothing_leaves_a_list_whole_and_is_said(row: str) -> None:
    found = sitemap(urlset(url(1), row, url(3)))
    assert (keys(found), found.whole, len(found.problems)) == (["1", "2", "3"], True, 1)


def test_every_harmless_error_has_its_case() -> None:
    seen = set()
    for row in FAULTS_THAT_LOSE_NOTHING:
        parser = etree.XMLParser(recover=True)
        etree.fromstring(urlset(row).encode(), parser)
        seen |= {entry.type for entry in parser.error_log}
    assert seen == set(HARMLESS)


@pytest.mark.parametrize("head", ['<?xml version="1.1"?>', '<?xml version="7"?>', "\n\n" + HEAD, "<!-- x -->" + HEAD])
def test_a_strange_declaration_is_none_of_our_business(head: str) -> None:
    found = sitemap(head + OPEN + url(1) + url(2) + "</urlset>")
    assert (keys(found), found.whole, found.refused) == (["1", "2"], True, None)


# -- not whole ------------------------------------------------------------------------------------

HARMFUL = [
    "<url><loc>https://www.site.ir/news/2</loc>",
    "</url>",
    "<url><p>متن<br></p><loc>https://www.site.ir/news/2</loc></url>",
    "<url a=1><loc>https://www.site.ir/news/2</loc></url>",
    "<url a='1'b='2'><loc>https://www.site.ir/news/2</loc></url>",
    "<url a='<b>'><loc>https://www.site.ir/news/2</loc></url>",
    "<url <loc>https://www.site.ir/news/2</loc></url>",
    "<url><loc>https://www.site.ir/news/2</loc</url>",
    "<url>a <b and c<loc>https://www.site.ir/news/2</loc></url>",
    "<![CDATA[ هرگز",
    "<!-- هرگز",
    "<?هرگز",
    "<?xml هرگز",
]


@pytest.mark.parametrize("row", HARMFUL)
def test_any_other_fault_makes_a_list_one_that_is_not_whole(row: str) -> None:
    found = sitemap(urlset(url(1), row, url(3), url(4)))
    lost = not {"1", "3", "4"} <= set(keys(found))
    assert found.refused is None
    assert not found.whole or (not lost and "loc" not in row)
    assert found.whole or found.problems


def test_a_list_cut_off_anywhere_is_not_whole() -> None:
    text = urlset(url(1), url(2, "الف"), url(3))
    for end in range(len(HEAD + OPEN), len(text)):
        found = sitemap(text[:end])
        assert not found.whole or found.refused, text[:end]


PIECES = st.sampled_from(
    ["<", "&", "]]>", "<br>", "</b>", "<b", "\x00", "&#55357;", "&nbsp;", "</urlset>", "<url>", "</url>", '"', "<x:y>",
     "</", "<?", "<!", ">", "'", "<a href=x>", "<![CDATA[", "<!--", "\n", "<rss>", "<url/>", "&lt;", "<url ", "="]
)  # fmt: skip


@examples(400)
@given(st.data())
def test_whatever_stands_between_the_entries_nothing_is_lost_in_silence(data: st.DataObject) -> None:
    rows = [url(n, "سرخط" if n % 2 else "") for n in range(1, 7)]
    at = data.draw(st.integers(0, len(rows)))
    piece = data.draw(PIECES)
    inside = data.draw(st.booleans())
    if inside and at < len(rows):
        rows[at] = rows[at].replace("<url>", f"<url>{piece}", 1)
    else:
        rows.insert(at, piece)
    found = sitemap(urlset(*rows))
    complete = keys(found) == ["1", "2", "3", "4", "5", "6"]
    assert complete or not found.whole or found.refused


# -- behind the root ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "junk",
    [
        '\n<script src="//ads/x.js"></script>',
        "<script>if (a < b && c) { d() }</script>",
        "<br><p>unclosed",
        "پایان",
        "<!-- 0.2 s -->",
        "\x00\x00\x00",
        "</urlset>",
        "</body></html>",
        "<",
        "&",
    ],
)
def test_content_behind_the_root_is_no_cut(junk: str) -> None:
    found = sitemap(urlset(url(1), url(2)) + junk)
    assert (keys(found), found.whole, found.refused) == (["1", "2"], True, None)


def test_entries_behind_the_root_are_entries() -> None:
    found = sitemap(urlset(url(1)) + "<script></script>" + url(2).replace("news:", "") + url(3))
    assert (keys(found), found.whole) == (["1", "2", "3"], True)


@pytest.mark.parametrize("between", ["", "\n", "\ufeff", "<!-- next -->", "<!DOCTYPE urlset SYSTEM 'x.dtd'>"])
def test_two_documents_in_one_file_are_one_list(between: str) -> None:
    found = sitemap(urlset(url(1), url(2)) + between + urlset(url(3)) + between + urlset(url(4)))
    assert (keys(found), found.whole) == (["1", "2", "3", "4"], True)
    item = "<item><link>https://www.site.ir/news/{}</link></item>"
    rss = f"{HEAD}<rss><channel>{item}</channel></rss>"
    assert keys(feed(rss.format(1) + between + rss.format(2))) == ["1", "2"]


def test_a_second_document_that_is_cut_off_is_not_whole() -> None:
    found = sitemap(urlset(url(1), url(2)) + urlset(url(3), url(4))[:-30])
    assert keys(found)[:3] == ["1", "2", "3"]
    assert not found.whole


def test_an_end_tag_in_a_text_ends_nothing() -> None:
    text = "<description><![CDATA[<rss></rss> </channel>]]></description>"
    item = f"<item>{text}<link>https://www.site.ir/news/{{}}</link></item>"
    found = feed(f"{HEAD}<rss><channel>{item.format(1)}{item.format(2)}</channel></rss><script/>")
    assert (keys(found), found.whole, found.problems) == (["1", "2"], True, ["content behind its end"])


# -- packing --------------------------------------------------------------------------------------


def test_gzip_of_several_members_is_one_list() -> None:
    text = urlset(*map(url, range(1, 40))).encode()
    packed = b"".join(gzip.compress(text[at : at + 500]) for at in range(0, len(text), 500))
    for padding in (b"", b"\0" * 512, b"junk"):
        found = sitemap(packed + padding)
        assert (keys(found), found.whole) == ([str(n) for n in range(1, 40)], True)


def test_a_member_that_is_cut_off_refuses_the_list() -> None:
    text = urlset(*map(url, range(1, 40))).encode()
    packed = gzip.compress(text[:900]) + gzip.compress(text[900:])
    assert sitemap(packed[:-20]).refused == "gzip that is cut off"
    assert sitemap(packed[:-20] + b"\0" * 10).refused in ("gzip that is cut off", "damaged gzip")


def test_the_size_of_all_members_together_is_bounded() -> None:
    member = gzip.compress(b" " * (MAX_BYTES // 3))
    assert sitemap(member * 3).refused == "empty"
    assert sitemap(member * 4).refused == "larger than 50 MB"


# -- JSON -----------------------------------------------------------------------------------------


def test_strings_of_a_json_leaf_are_cleaned() -> None:
    slugs = (r"\ud83d-نان", r"a\u0000b", r"نان&#8204;ها\n", r"\ud83d\ude00", "a\nb")
    rows = ", ".join(f'{{"loc": " https://www.site.ir/news/{slug}"}}' for slug in slugs)
    raw = f'{{"urls": [{rows}]}}'
    found = sitemap(raw, BY_SLUG)
    assert [entry.url.rpartition("/")[2] for entry in found.articles] == [
        *("\ufffd-نان", "ab", "نان\u200cها", "\U0001f600"),
    ]
    assert found.whole
    for entry in found.articles:
        entry.url.encode()


def test_two_objects_in_one_file_are_one_list() -> None:
    leaf = json.dumps({"urls": [{"loc": "https://www.site.ir/news/1"}]})
    found = sitemap(leaf + "\n" + leaf.replace("/1", "/2") + " ")
    assert (keys(found), found.whole, found.problems) == (["1", "2"], True, [])
    assert sitemap(leaf + "<script/>").problems == ["content behind its end"]
    cut = sitemap(leaf + leaf[:-5])
    assert (keys(cut), cut.whole, cut.problems) == (["1"], False, ["JSON that is damaged"])


# -- strings of machines --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("نان و آب", "نان و آب"),
        ("نان\u200cها و آب\u00adها", "نان\u200cها و آب\u00adها"),
        (" \u00a0نان\r\n\tآب \u00a0", "نان آب"),
        ("نان\u00a0آب", "نان\u00a0آب"),
        ("نیمه \ud83d", "نیمه \ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("&#55357;&#56832; و &#xd83d;", "\U0001f600 و \ufffd"),
        ("نا\0ن\x1b\x7f\x9f", "نان"),
        ("خط\x85خط", "خط خط"),
        ("نان &amp; آب &quot;تازه&quot; &laquo;", 'نان & آب "تازه" «'),
        ("می&zwnj;رود &#8204;&#x200c;", "می\u200cرود \u200c\u200c"),
        ("?a=1&copy=2&lt", "?a=1&copy=2&lt"),
        ("&amp;amp; &nosuch; &notit; &;", "&amp; &nosuch; &notit; &;"),
        ("&#0;&#27;x", "\ufffdx"),
        ("", ""),
    ],
)
def test_a_machines_string_is_cleaned(text: str, expected: str) -> None:
    assert clean(text) == expected


@examples(500)
@given(st.text(st.one_of(st.characters(), st.sampled_from("&#;x0189dDаb \u200c\ud83d\ude00\x00\x1b")), max_size=60))
def test_what_is_clean_can_be_written_and_stays_clean_of_controls(text: str) -> None:
    found = clean(text)
    found.encode("utf-8")
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in found)
    assert found == found.strip(" \u00a0")
    if "&" not in found:
        assert clean(found) == found


@examples(300)
@given(st.text(max_size=200))
def test_what_is_repaired_has_nothing_left_to_repair(text: str) -> None:
    if "<!" not in text and "<?" not in text and "<![" not in text:
        assert repair(repair(text)) == repair(text)
