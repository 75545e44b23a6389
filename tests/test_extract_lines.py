"""The block-level lines of any markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from farscrawler.extract.document import parse
from farscrawler.extract.lines import BLOCKS, block_lines, inline_text
from farscrawler.strings import fold_blanks


def lines_of(markup: str) -> list[str]:
    root, whole = parse(markup.encode())
    assert root is not None
    assert whole
    return block_lines(root).texts


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>یک<p>دو", ["یک", "دو"]),
        ("یک<br>دو<br/>سه", ["یک", "دو", "سه"]),
        ("یک<br><br>دو", ["یک", "", "دو"]),
        ("<div>یک<br></div><div>دو</div>", ["یک", "دو"]),
        ("<p>یک</p><p>&nbsp;</p><p>دو</p>", ["یک", "", "دو"]),
        ("<div>یک</div><div></div><div>دو</div>", ["یک", "", "دو"]),
        ("<table><tr><td>یک</td></tr><tr></tr><tr><td>دو</td></tr></table>", ["یک", "", "دو"]),
        ("<div>یک</div><hr><div>دو</div>", ["یک", "دو"]),
        ("<ul><li>یک<li>دو</ul><dl><dt>سه<dd>چهار</dl>", ["یک", "دو", "سه", "چهار"]),
        ("<form>یک<h1>دو</h1>سه</form>", ["یک", "دو", "سه"]),
        ("<p>یک <b>دو</b><i>سه</i> <a href=x>چهار</a></p>", ["یک دوسه چهار"]),
        ("<p>یک\r\n   دو\tسه</p>", ["یک دو سه"]),
        ("<pre>یک\n\n  دو\r\nسه</pre>", ["یک", "", "دو", "سه"]),
        ("<p>می\u200cرود\u00a0،باد &zwnj;</p>", ["می\u200cرود\u00a0،باد \u200c"]),
        ("<p>&nbsp; یک &nbsp;</p>", ["یک"]),
        ("<p>&#1777&#1779 &quot;گل&quot; &amp; &lt;b&gt;</p>", ['۱۳ "گل" & <b>']),
        ("<p>یک<!-- نه --><?php نه ?>دو</p>", ["یکدو"]),
        ("<p>یک<script>نه</script><style>نه</style><noscript><p>نه</p></noscript>دو</p>", ["یکدو"]),
        ("<div>یک<template><p>نه</p></template><textarea>نه</textarea><select><option>نه</select></div>", ["یک"]),
        ("<title>نه</title><body>یک", ["یک"]),
        ("<p>یک</p><div><span></span></div><p>دو</p>", ["یک", "", "دو"]),
        ("<p>یک</p><div>\n <b> </b></div><p>دو</p>", ["یک", "", "دو"]),
        ("<p>یک</p><div><div><!-- نه --></div></div><p>دو</p>", ["یک", "", "دو"]),
        ("<table><tr><td>یک<td>\n<tr><td>دو</table>", ["یک", "", "دو"]),
        ("<table><tr><td>یک<tr><td><table><tr><td></table><tr><td>دو</table>", ["یک", "", "دو"]),
        ("<ul><li>یک<li><li>دو</ul>", ["یک", "", "دو"]),
        ("<p>یک</p><div><img src=a></div><div><script>نه</script></div><div><hr></div><p>دو</p>", ["یک", "دو"]),
        ("<p>یک<input value='http://a'></p>", ["یک"]),
        ("<p>«ﻧﯿﻢ‌فاصله» ي ك ي\u064b", ["«ﻧﯿﻢ‌فاصله» ي ك ي\u064b"]),
    ],
)
def test_lines(markup: str, expected: list[str]) -> None:
    assert lines_of(markup) == expected


def test_every_block_element_breaks_lines() -> None:
    for tag in BLOCKS - {"body", "option", "caption", "tbody", "thead", "tfoot", "tr", "td", "th"}:
        root = etree.Element("body")
        for word in ("یک", "دو"):
            etree.SubElement(root, tag).text = word
        assert block_lines(root).texts == ["یک", "دو"], tag


def test_skipped_elements_and_classes_leave_their_tails() -> None:
    root, _ = parse("<div>یک<p class='x ad y'>نه</p>دو<figure>نه</figure>سه<p class=adverse>چهار</p></div>".encode())
    assert root is not None
    figures = list(root.iter("figure"))
    assert block_lines(root, figures, ("ad",)).texts == ["یک", "دو", "سه", "چهار"]


def test_addresses_in_text_fields_are_read_where_asked() -> None:
    fields = (
        "<p>یک <input value=' http://a.ir/  b '></p><input type=URL value=//c><input type=hidden value=//d>"
        "<input type=button value=//e><input value='جستجو'><input>"
    )
    root, _ = parse(fields.encode())
    assert root is not None
    assert block_lines(root, fields=True).texts == ["یک http://a.ir/ b", "//c"]
    assert block_lines(root).texts == ["یک"]


def test_lines_that_are_all_link_are_known_with_their_address() -> None:
    root, _ = parse(
        "<p><a href='/a'>یک</a><p>دو <a href='/b'>سه</a><p><a href='/c'>چهار</a><a href='/d'>پنج</a>".encode()
    )
    assert root is not None
    found = block_lines(root)
    assert found.texts == ["یک", "دو سه", "چهارپنج"]
    assert found.links == {0: "/a"}


def test_inline_text_is_one_line_or_nothing() -> None:
    root, _ = parse(b"<h1> a<br>b </h1><h2>&nbsp;</h2>")
    assert root is not None
    assert inline_text(next(root.iter("h1"))) == "a b"
    assert inline_text(next(root.iter("h2"))) is None
    assert inline_text(None) is None


def test_ten_thousand_nested_elements_are_walked_without_recursion() -> None:
    root = element = etree.Element("div")
    for _ in range(10_000):  # ten times the recursion limit; lxml itself takes 20 s to build 100,000
        element = etree.SubElement(element, "div")
    element.text = "ته"
    assert block_lines(root).texts == ["ته"]


def test_libxml2_stops_at_a_depth_and_it_is_noticed() -> None:
    deep, whole = parse(b"<div>" * 2_000 + b"x" + b"</div>" * 2_000 + b"<p>y")
    assert deep is not None
    assert whole
    assert block_lines(deep).texts == ["x", "y"]
    deeper, whole = parse(b"<div>" * 3_000 + b"x" + b"</div>" * 3_000 + b"<p>y")
    assert deeper is not None
    # Some versions of libxml2 have no limit.
    assert whole == (block_lines(deeper).texts == ["x", "y"])


@given(st.text())
def test_fold_changes_ascii_whitespace_only(text: str) -> None:
    folded = fold_blanks(text)
    assert folded == re.sub(r"[ \t\n\r\f\v]+", " ", text).strip(" \u00a0")
    assert fold_blanks(folded) == folded


@given(st.lists(st.text(alphabet="ابپ \u200c\u00a0يك,.", min_size=1).map(fold_blanks).filter(bool), min_size=1))
def test_whatever_the_markup_the_lines_come_back(texts: list[str]) -> None:
    for form in ("<p>{}</p>", "<div>{}</div>\n", "{}<br>", "<tr><td>{}</td></tr>", "<li>{}", "<h2>\n\t{}\n</h2>"):
        assert lines_of("<body>" + "".join(form.format(text) for text in texts)) == texts, form
