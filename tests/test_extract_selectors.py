"""Selectors of stanzas as Scrapy's users write them: CSS with pseudo-elements, and XPath, in every field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html
from parsel import Selector as Parsel

from farscrawler.errors import MalformedPublisher
from farscrawler.extract import Evidence, read_article
from farscrawler.extract.css import Index
from farscrawler.extract.queries import queries, select
from farscrawler.items import Article
from farscrawler.listings.pages import read_page as read_list
from farscrawler.publishers.loader import read_text
from farscrawler.publishers.selectors import FIELDS, BadSelectorError, problem, read

if TYPE_CHECKING:
    from farscrawler.publishers import Publisher

STANZA = """
[bagh]
name = "باغ"
family = "custom"
hosts = ["bagh.example"]
[bagh.forms.article]
url = "/news/{{id}}"
paths = ['/news/(\\d+)']
[bagh.selectors]
{rows}
"""
#: Every field of this page has a label or a neighbour that is none of it, so that the form of its selector shows.
PAGE = """<!doctype html><html><head><meta charset=utf-8><title>باغ</title></head><body>
<div class=crumbs><a href=/>خانه</a><a href=/k>کشاورزی<i>۱۲</i></a></div>
<main class=story data-code="کد: 271" data-link="https://bagh.example/s/7">
<h4 class=kicker><b>ویژه</b> گزارش از باغ</h4>
<h1 class=title>انار باغ <span class=badge>تازه</span>رسید</h1>
<h3 class=sub><b>زیر:</b> خوشه‌ها سرخ شدند</h3>
<time class=when datetime="2022-05-18T14:55:00+04:30"><i>انتشار</i> 1401/02/28 14:55</time>
<span class=changed data-at="2022-05-19T10:00:00+04:30">ویرایش</span>
<p class=lead><strong>لید</strong> باغبان از نخستین چیدن انار می‌گوید.</p>
<img class=photo src=/small.jpg data-large="/large.jpg">
<div class=text data-text="متن در ویژگی&#10;بند دوم در ویژگی">
<p>باغ در دامنه است <em>و آب</em> از چشمه می‌آید.</p><p>سال گذشته سرما زد.</p><p class=ad>تبلیغ</p></div>
<ul class=tags><li><b>#</b>انار</li><li><b>#</b>باغ</li></ul>
<p class=by data-who="ن. باغبان"><b>نویسنده</b> ن. باغبان</p><p class=agency data-name="خبرگزاری باغ">به نقل</p>
</main></body></html>"""


def publisher_of(**rows: str) -> Publisher:
    base = {"headline": "h1.title", "published": "time.when", "body": ".text"}
    lines = "\n".join(f"{field} = [{selector!r}]" for field, selector in {**base, **rows}.items())
    (publisher,) = read_text(STANZA.format(rows=lines), "own.toml")
    return publisher


def read_with(**rows: str) -> Article:
    url = "https://bagh.example/news/271"
    found = read_article(PAGE.encode(), publisher=publisher_of(**rows), url=url)
    assert isinstance(found, Article), found
    return found


@pytest.mark.parametrize(
    ("field", "selector", "value"),
    [
        # ::text is the element's own text, as "".join(….getall()) gives it
        ("headline", "h1.title::text", "انار باغ رسید"),
        ("headline", "//h1[@class='title']/text()", "انار باغ رسید"),
        ("headline", "xpath:descendant::h1/text()", "انار باغ رسید"),
        # with a blank before it, and as //text(), it is all text in the element
        ("headline", "h1.title ::text", "انار باغ تازهرسید"),
        ("headline", ".//h1//text()", "انار باغ تازهرسید"),
        ("headline", "(//h1)[1]", "انار باغ تازهرسید"),
        ("kicker", ".kicker::text", "گزارش از باغ"),
        ("kicker", "//*[has-class('kicker')]/text()", "گزارش از باغ"),
        ("subtitle", "h3.sub::text", "خوشه‌ها سرخ شدند"),
        ("subtitle", "//h3[re:test(@class, '^su')]/text()", "خوشه‌ها سرخ شدند"),
        ("lead", "p.lead::text", "باغبان از نخستین چیدن انار می‌گوید."),
        ("lead", "//p[@class='lead']/text()", "باغبان از نخستین چیدن انار می‌گوید."),
        ("section", ".crumbs a::text", "کشاورزی"),
        ("section", "//div[@class='crumbs']/a/text()", "کشاورزی"),
        ("tags", ".tags li::text", ["انار", "باغ"]),
        ("tags", "//ul[@class='tags']/li/text()", ["انار", "باغ"]),
        ("authors", ".by::text", ["ن. باغبان"]),
        ("authors", ".by::attr(data-who)", ["ن. باغبان"]),
        ("authors", ".by ::attr(data-who)", ["ن. باغبان"]),
        ("authors", "//p[@class='by']/@data-who", ["ن. باغبان"]),
        ("agency", ".agency::attr(data-name)", "خبرگزاری باغ"),
        ("agency", "//p/@data-name", "خبرگزاری باغ"),
        ("agency", "main ::attr(data-name)", "خبرگزاری باغ"),
        ("permalink", ".story::attr(data-link)", "https://bagh.example/s/7"),
        ("permalink", "//main/@data-link", "https://bagh.example/s/7"),
        ("permalink", "//@data-link", "https://bagh.example/s/7"),
        ("permalink", "/html/body//@data-link", "https://bagh.example/s/7"),
        ("body", ".text p::text", "باغ در دامنه است از چشمه می‌آید.\nسال گذشته سرما زد.\nتبلیغ"),
        ("body", "//div[@class='text']/p/text()", "باغ در دامنه است از چشمه می‌آید.\nسال گذشته سرما زد.\nتبلیغ"),
        ("body", ".text ::text", "باغ در دامنه است و آب از چشمه می‌آید.\nسال گذشته سرما زد.\nتبلیغ"),
        ("body", "//div[@class='text']", "باغ در دامنه است و آب از چشمه می‌آید.\nسال گذشته سرما زد.\nتبلیغ"),
        ("body", ".text::attr(data-text)", "متن در ویژگی\nبند دوم در ویژگی"),
        ("drop", "//p[@class='ad']", None),
        ("article", "//main[has-class('story')]", None),
    ],
)
def test_a_field_is_read_as_its_selector_says(field: str, selector: str, value: Any) -> None:
    found = read_with(**{field: selector})
    if field == "drop":
        assert found.body == "باغ در دامنه است و آب از چشمه می‌آید.\nسال گذشته سرما زد."
    elif field == "article":
        assert found.headline == "انار باغ تازهرسید"
    else:
        assert getattr(found, field) == value


@pytest.mark.parametrize(
    ("selector", "text", "where"),
    [
        ("time.when::text", "1401/02/28 14:55", "time.when::text"),
        ("//time/text()", "1401/02/28 14:55", "//time::text"),
        ("time.when::attr(datetime)", "2022-05-18T14:55:00+04:30", "time.when::attr(datetime)"),
        ("//time/@datetime", "2022-05-18T14:55:00+04:30", "//time::attr(datetime)"),
    ],
)
def test_a_time_is_read_from_where_its_selector_says_and_from_nowhere_else(
    selector: str, text: str, where: str
) -> None:
    evidence = Evidence()
    publisher = publisher_of(published=selector)
    found = read_article(PAGE.encode(), publisher=publisher, url="https://bagh.example/news/271", evidence=evidence)
    assert isinstance(found, Article)
    assert (found.published_at, found.published_text) == ("2022-05-18T14:55:00+04:30", text)
    assert {one.where for one in evidence.in_order() if one.field == "published_at"} == {where}


def test_the_time_of_a_change_and_a_pictures_address_are_read_from_attributes() -> None:
    for selector in (".changed::attr(data-at)", "//*[has-class('changed')]/@data-at"):
        assert read_with(modified=selector).modified_at == "2022-05-19T10:00:00+04:30"
    for selector in ("img.photo::attr(data-large)", "//img/@data-large"):
        assert read_with(images=selector).images == [{"url": "https://bagh.example/large.jpg", "caption": None}]


def test_the_alternatives_of_an_entry_each_say_what_their_value_is() -> None:
    assert read_with(agency="i.none, .agency::attr(data-name)").agency == "خبرگزاری باغ"
    assert read_with(agency="//i[@class='none'] | //p/@data-name").agency == "خبرگزاری باغ"
    (plain, attribute) = queries("h1 , a::attr(href)")
    assert (str(plain), str(attribute)) == ("h1", "a::attr(href)")


@pytest.mark.parametrize(
    "css",
    [
        "h1::text",
        ".tags li::text",
        "a::attr(href)",
        "img::attr('data-large')",
        "main ::attr(data-who)",
        ".by ::attr(data-who)",
    ],
)
def test_what_is_selected_is_what_parsel_selects(css: str) -> None:
    """Element by element: our value of each is what parsel's strings of it make together."""
    wanted = [one.strip() for one in Parsel(PAGE).css(css).getall() if one.strip()]
    (query,) = queries(css)
    found = []
    for element in query.find(Index(html.document_fromstring(PAGE))):
        if query.attribute is not None:
            found.append(element.get(query.attribute) or "")
        else:
            found += [element.text or "", *(child.tail or "" for child in element)]
    assert [one.strip() for one in found if one.strip()] == wanted


def test_xpath_and_css_name_the_same_elements_within_an_element() -> None:
    root = html.document_fromstring(PAGE)
    (box,) = select(".tags", root)
    assert select("li", box) == select(".//li", box) == [*box]
    assert select("li, b", box) == select(".//li | .//b", box)


@pytest.mark.parametrize(
    ("field", "selector", "said"),
    [
        ("headline", "h1::txt", "no CSS selector (The pseudo-element ::txt is unknown); an XPath begins with /, ./, ("),
        ("headline", "h1:nosuch", "is no CSS selector (The pseudo-class :nosuch is unknown)"),
        ("headline", "h1::attr()", "Expected a single string or ident for ::attr()"),
        ("headline", "normalize-space(//h1)", "an XPath begins with /, ./, ( or xpath:"),
        ("headline", "//h1[", "is no XPath (Invalid"),
        ("headline", "//h1[nosuch:x()]", "is no XPath (there is no function nosuch:x())"),
        ("headline", "//h1[$x]", "is no XPath (a selector has no variables)"),
        ("headline", "//h1[re:test(@class, '[')]", "is no XPath ("),
        ("headline", "xpath:string(//h1)", "gives a text, not elements"),
        ("headline", "xpath:count(//h1)", "gives a number, not elements"),
        ("headline", "xpath://h1 = 'x'", "gives a truth value, not elements"),
        ("headline", "//text()", "names no element before its last step"),
        ("headline", "//h1/text()[1]", "text() and @name stand at the very end, as in //h1/text()"),
        ("headline", "(//h1/text())[1]", "text() and @name stand at the very end"),
        ("headline", "//h1/@class/..  | //h2/@*", "text() and @name stand at the very end"),
        ("headline", "//h1/comment()", "does not end in an element"),
        ("drop", ".ad::text", "what is dropped is an element, not an attribute or a text"),
        ("drop", ".ad ::text", "what is dropped is an element, not an attribute or a text"),
        ("drop", "//p/text()", "what is dropped is an element, not an attribute or a text"),
        ("article", "main::attr(class)", "the box of an article is an element, not an attribute or a text"),
        ("images", "figure::text", "the address of a picture is no text; write ::attr(src)"),
    ],
)
def test_a_selector_that_cannot_be_used_is_refused_by_file_and_line_with_a_sentence(
    field: str, selector: str, said: str
) -> None:
    with pytest.raises(MalformedPublisher) as refused:
        publisher_of(**{field: selector})
    text = str(refused.value)
    assert said in text
    assert text.startswith("own.toml, line ")
    assert f"[bagh.selectors]: {field}: " in text


@pytest.mark.parametrize(
    ("key", "selector", "said"),
    [
        ("items", "li::text", "should name elements, without ::text, ::attr(…) or their like in XPath"),
        ("items", "//li//text()", "should name elements"),
        ("items", "li[", "is no CSS selector"),
        ("time", "//time", "looks in the whole page; begin it with ./ or .// to look in the entry alone"),
        ("time", "(//time)[1]", "looks in the whole page"),
        ("time", "time::attr(datetime)", "should name elements"),
    ],
)
def test_a_selector_of_a_list_page_that_cannot_be_used_is_refused(key: str, selector: str, said: str) -> None:
    rows = f"headline = ['h1']\n[bagh.doors.archive]\nurl = '/a?d={{jd}}'\n{key} = {selector!r}"
    with pytest.raises(MalformedPublisher, match=rf"own.toml, line 13: \[bagh.doors.archive\]: {key}: ") as refused:
        read_text(STANZA.format(rows=rows), "own.toml")
    assert said in str(refused.value)


@pytest.mark.parametrize(("items", "time"), [("li.new", "time"), ("//li[@class='new']", ".//time"), ("//li", "./time")])
def test_a_list_page_is_read_by_selectors_of_either_kind(items: str, time: str) -> None:
    page = """<time>1399/01/01</time><ul><li class=new><a href=/news/7>هفت</a><time>1401/02/28 14:55</time></li>
    <li class=new><a href=/news/8>هشت</a><time>1401/02/29 10:00</time></li></ul>"""
    at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    found = read_list(
        page.encode(), publisher=publisher_of(), url="https://bagh.example/a", fetched_at=at, items=items, time=time
    )
    assert [(one.key, str(one.published)[:10]) for one in found.articles] == [
        ("7", "2022-05-18"),
        ("8", "2022-05-19"),
    ]


def test_every_form_is_taken_in_every_field_that_can_hold_it() -> None:
    for field in FIELDS:
        bare = field in ("drop", "article")
        for entry in ("a", "//a", "./div", "(//a)[1]", "xpath:a"):
            assert problem(field, entry) is None, (field, entry)
        for entry in ("a::attr(title)", "//a/@title", "//a//@title"):
            assert (problem(field, entry) is None) is not bare, (field, entry)
        for entry in ("a::text", "//a/text()"):
            assert (problem(field, entry) is None) is not (bare or field == "images"), (field, entry)


def test_a_string_in_an_xpath_stays_as_it_is_written() -> None:
    (one,) = read("//p[. = 'a  |  b']")
    assert one.xpath == "//p[. = 'a  |  b']"
    assert problem("body", "//p[contains(., '$nosuch(x)')]") is None
    with pytest.raises(BadSelectorError):
        read("//p | ")
