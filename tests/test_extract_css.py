"""Selectors asked of the index mean what they mean to cssselect's own XPath, on any tree."""

from __future__ import annotations

import cssselect
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from farscrawler.extract.css import Index
from farscrawler.extract.family import family_data
from farscrawler.extract.queries import queries
from farscrawler.publishers import all_publishers
from farscrawler.publishers.loader import families
from farscrawler.publishers.selectors import FAMILYS_OWN, FIELDS, problem
from tests.support.examples import examples

SELECTORS = (
    *("p", "*", ".a", "#i", ".a.b", "p.a", "div .a", "div > p", ".a > .b", "#i .a", ".a .b p", "div > .a > p", "p + p"),
    *(".a ~ .b", "p:first-child", "p:last-child", "p:nth-child(2)", ".a:nth-child(2n+1)", "p:not(.a)", "[title]"),
    *("[title=x]", "[title^=x]", "[title$='y']", "[title*=x]", "[class~=a]", "p[title]", ".a [title]", "div, .b"),
    *(".a > *", ".a *", "div:has(p)", ".a:empty", "#i > p:nth-child(1)", "span:contains('x')", ".noprint > :not(.a)"),
)
tags = st.sampled_from(("div", "p", "span"))
attributes = st.fixed_dictionaries(
    {},
    optional={
        "class": st.sampled_from(("a", "b", "a b", "b  a\n", "ab", "")),
        "id": st.sampled_from(("i", "j")),
        "title": st.sampled_from(("x", "xy", "y", "")),
    },
)
trees = st.recursive(
    st.tuples(tags, attributes, st.just(())),
    lambda inner: st.tuples(tags, attributes, st.lists(inner, max_size=4).map(tuple)),
    max_leaves=14,
)


def grown(node: tuple[str, dict[str, str], tuple[object, ...]]) -> etree._Element:
    tag, given_attributes, children = node
    element = etree.Element(tag, given_attributes)
    element.text = "x"
    for child in children:
        element.append(grown(child))  # type: ignore[arg-type]  # the tree is recursive
        element.append(etree.Comment("between"))
    return element


@given(trees)
@examples(60)
def test_every_selector_finds_what_xpath_finds(node: tuple[str, dict[str, str], tuple[object, ...]]) -> None:
    root = etree.Element("body")
    root.append(grown(node))
    index = Index(root)
    for selector in SELECTORS:
        wanted = root.xpath(cssselect.HTMLTranslator().css_to_xpath(selector))
        found = [one for query in queries(selector) for one in query.find(index)]
        assert set(found) == set(wanted), selector  # type: ignore[arg-type]  # elements, since no expression asks for less


def test_one_selector_gives_its_elements_in_the_pages_order_and_each_once() -> None:
    root = html.fromstring("<div class=a><div class=a><p>1</p></div><p>2</p></div><p>3</p>")
    for selector in (".a p", "p", ".a"):
        (query,) = queries(selector)
        found = query.find(Index(root))
        places = [one.getroottree().getpath(one) for one in found]
        assert len(set(places)) == len(places)
        assert found == [one for one in root.iter() if one in set(found)]


def test_every_selector_of_every_family_and_publisher_can_be_asked() -> None:
    index = Index(html.fromstring("<p>x</p>"))
    every = [*(family_data(name).selectors for name in families()), *(one.selectors for one in all_publishers())]
    every += [theme.selectors for name in families() for theme in family_data(name).themes]
    for selectors in every:
        assert set(selectors) <= set(FIELDS)
        for field, entries in selectors.items():
            for entry in entries:
                assert problem(field, entry) is None
                if entry != FAMILYS_OWN:
                    assert [query.find(index) for query in queries(entry)]


def test_every_mark_of_a_family_can_be_asked() -> None:
    index = Index(html.fromstring("<p>x</p>"))
    for name in families():
        data = family_data(name)
        marks = [
            *data.fingerprint.sure,
            *data.fingerprint.likely,
            *(mark for theme in data.themes for mark in theme.mark),
        ]
        assert not [mark for mark in marks for query in queries(mark) if query.find(index)]


@pytest.mark.parametrize(
    ("field", "selector", "said"),
    [
        ("titel", "h1", "there is no field of this name"),
        ("body", "div[", "is no CSS selector"),
        ("body", ".album >", "is no CSS selector"),
        ("drop", ".ad::attr(id)", "what is dropped is an element"),
    ],
)
def test_a_wrong_selector_is_named(field: str, selector: str, said: str) -> None:
    assert said in (problem(field, selector) or "")


def test_elements_of_a_class_come_in_the_order_of_the_page_whatever_else_they_are() -> None:
    root = html.fromstring(
        "<body><p class='b a'>0<p class=a>1<p class='a c'>2<p class='b a'>3<p class='c\ta' id=x>4</body>"
    )
    index = Index(root)
    said = {name: "".join(one.text or "" for one in found) for name, found in index.classes.items()}
    assert said == {"a": "01234", "b": "03", "c": "24"}
    assert [one.text for one in index.ids["x"]] == ["4"]
