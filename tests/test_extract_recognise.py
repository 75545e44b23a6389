"""Everything an address can answer that is no article, and the edges between the two."""

from __future__ import annotations

import gzip

import pytest

from farscrawler import extract as parsing
from farscrawler import publishers
from farscrawler.extract import MAX_BODY_BYTES, NoArticle, Reason, read_article, read_page
from farscrawler.extract.article import fill_body, fill_headline, fill_lead, fill_timestamp, finish
from farscrawler.extract.document import parse
from farscrawler.items import Article
from tests.support.cases import cases
from tests.support.extract_pages import FETCHED_AT, HTML, article_of, no_article, page_of, print_page

LINES = [
    "پیام فارس",
    "قنات ده دوباره پر آب شد",
    "شنبه 28 خرداد 1401 - 08:05:09",
    "پیام فارس - قنات پر آب شد.",
    "",
    "کشاورزان خرسندند.",
    "http://www.Fars-Online.ir/Fa/News/7/قنات-ده-دوباره-پر-آب-شد",
]
PAGE = print_page(LINES)


@pytest.mark.parametrize("form", ["print", "article"])
@pytest.mark.parametrize("body", [b"", b"  \r\n\t ", b"\xef\xbb\xbf", b"<!-- nothing -->"])
def test_an_empty_body_is_owed_again(form: str, body: bytes) -> None:
    assert no_article(body, "7", form=form) == ("failed", "empty body")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xd8\xff\xe0" + b"x" * 50, "binary"),
        (b"\x89PNG\r\n\x1a\n", "binary"),
        (b"%PDF-1.4", "binary"),
        (gzip.compress(PAGE.encode(), mtime=0), "binary"),
        (PAGE.encode() + b"\0", "binary"),
        (b"<p>x</p>" * (MAX_BODY_BYTES // 8 + 1), f"larger than {MAX_BODY_BYTES} bytes"),
    ],
)
def test_what_is_no_page_of_text(body: bytes, reason: str) -> None:
    assert no_article(body, "7", content_type=None) == ("not-article", reason)


@pytest.mark.parametrize("kind", ["image/jpeg", "Application/PDF", "application/json; charset=utf-8", "video/mp4"])
def test_a_content_type_that_is_no_html(kind: str) -> None:
    assert no_article('{"a": 1}', "7", content_type=kind)[0] == "not-article"
    assert "content type" in no_article('{"a": 1}', "7", content_type=kind)[1]


def test_a_stray_nul_in_a_page_is_replaced_and_counted() -> None:
    body = print_page([*LINES[:5], *["باغبان ها خرسندند."] * 100, LINES[-1]]).encode()
    at = body.rindex("باغبان".encode())
    article = article_of(body[:at] + b"\0" + body[at:], "7")
    assert article.body.endswith("خرسندند.\n\ufffdباغبان ها خرسندند.")
    assert article.warnings == ["undecodable-bytes: 1"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_wide_page_is_read_by_its_header_alone(codec: str) -> None:
    article = article_of(PAGE.encode(codec), "7", content_type=f"text/html; charset={codec}")
    assert (article.headline, article.body, article.warnings) == (LINES[1], "کشاورزان خرسندند.", [])
    assert no_article(PAGE.encode(codec), "7") == ("not-article", "binary")


def _laden(attributes: int, before: str = "") -> str:
    names = " ".join(f"a{n}" for n in range(attributes))
    filler = "<p>باغ</p>" * 12_000  # above the size from which attributes are counted
    return PAGE.replace("<body>", f"<body>{before}<p {names}></p>").replace("</body>", f"{filler}</body>")


@pytest.mark.parametrize(
    "before",
    [
        "",
        "<!-- a -->",
        "<p title='>' alt=\"<!--\">",
        '<script>if (a<b) c = "</p"; </script>',
        "<script x='<style>'></script>",
        "<!-->",
        '<p x">',
        "</p x='>",
    ],
)
def test_a_tag_with_attributes_without_end_is_refused_unparsed(before: str) -> None:
    assert no_article(_laden(100_000, before), "7") == ("not-article", "too many attributes")
    assert no_article(_laden(1_001, before), "7") == ("not-article", "too many attributes")
    assert article_of(_laden(1_000, before), "7").headline == LINES[1]
    root_links = parsing.article_links(
        _laden(100_000, before).encode(), publisher=publishers.load("farsonline"), url="http://www.fars-online.ir/"
    )
    assert root_links == []


def test_words_in_scripts_comments_and_values_are_no_attributes() -> None:
    many = "x " * 5_000
    for hidden in (f"<script>a<b {many}</script>", f"<!-- <b {many} -->", f"<p title='{many}' data-x=\"{many}\">"):
        assert article_of(_laden(1, hidden), "7").headline == LINES[1]


def test_an_article_under_a_wrong_content_type_is_one_all_the_same() -> None:
    assert article_of(PAGE, "7", content_type="image/jpeg").headline == LINES[1]


@pytest.mark.parametrize(
    "kind", [None, "", "text/html", "text/plain", "application/xhtml+xml", "application/octet-stream", ";;"]
)
def test_a_missing_or_odd_content_type_refuses_nothing(kind: str | None) -> None:
    assert article_of(PAGE, "7", content_type=kind).headline == LINES[1]


def test_a_large_page_below_the_limit_is_read() -> None:
    body = print_page([*LINES[:5], *["باغ " * 100] * 500, LINES[-1]])
    assert len(article_of(body, "7").body.split("\n")) == 500


def test_a_page_nested_many_times_is_read_whole_or_refused() -> None:
    body = "<div>" * 90_000 + PAGE
    if parse(body.encode())[1]:  # by a libxml2 without a limit
        assert article_of(body, "7").body == "کشاورزان خرسندند."
    else:
        assert no_article(body, "7") == ("not-article", "nested too deeply")


def test_a_page_of_too_many_elements_is_refused() -> None:
    assert no_article("<div>" * 100_000 + PAGE, "7") == ("not-article", "more elements than 100000")


def test_a_page_nested_below_the_limit_is_read_whole() -> None:
    body = PAGE.replace("<body>", "<body>" + "<font>" * 1_000)
    assert article_of(body, "7").body == "کشاورزان خرسندند."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<title>Just a moment...</title><script src='/cdn-cgi/x'></script>", ("blocked", "Cloudflare challenge")),
        ("<html><script>window._cf_chl_opt={}</script></html>", ("blocked", "Cloudflare challenge")),
        ("<html><script src='/TSPD/08aa?type=9'></script></html>", ("blocked", "F5 challenge")),
        ("<title>Transferring to the website...</title><p>1", ("blocked", "ArvanCloud challenge")),
        ("<script>document.cookie='__arcsjs=1'</script>", ("blocked", "ArvanCloud challenge")),
        ("<body>در ﺣﺎل اﻧﺘﻘﺎل ﺑﻪ ﺳﺎﯾﺖ ﻣﻮرد ﻧﻈﺮ ﻫﺴﺘﯿﺪ...</body>", ("blocked", "ArvanCloud challenge")),
        ("<h1>Server Error in '/' Application.</h1><h2>Runtime Error</h2>", ("failed", "server error page")),
        ("<h1>503 Service Unavailable</h1>", ("failed", "server error page")),
        ("<h1>Server Error in '/' Application.</h1><h2>The resource cannot be found.</h2>", ("missing", "soft 404")),
        ("<p>خبر مورد نظر يافت نشد</p>", ("missing", "soft 404")),
        ("<p>صفحه درخواستی شما موجود نمی‌باشد</p>", ("missing", "soft 404")),
        ("<html><p>نه تیتر و نه تاریخ</p></html>", ("not-article", "no headline and timestamp")),
        ("<p>نه تیتر و نه پایان", ("failed", "unfinished page")),
    ],
)
@pytest.mark.parametrize("form", ["print", "article"])
@pytest.mark.parametrize("key", ["farsonline", "yjc"])
def test_pages_that_say_what_they_are(key: str, form: str, body: str, expected: tuple[str, str]) -> None:
    assert no_article(body, "7", form=form, publisher=publishers.load(key)) == expected


def test_an_article_that_names_a_wall_or_quotes_an_error_is_an_article() -> None:
    quotes = ["arvancloud و Just a moment... /TSPD/ cf-chl-", "خبر مورد نظر یافت نشد", "Runtime Error"]
    assert article_of(print_page([*LINES[:5], *quotes, LINES[-1]]), "7").body == "\n".join(quotes)


def test_a_cut_article_that_quotes_an_error_is_still_owed() -> None:
    body = print_page([*LINES[:5], "خبر مورد نظر یافت نشد"], closed=False)
    assert no_article(body, "7") == ("failed", "cut off: no permalink")


def test_a_long_page_that_loads_a_wall_is_not_blocked() -> None:
    body = f"<html><script src='/TSPD/1'></script><p>{'باغ ' * 300}</p></html>"
    assert no_article(body, "7") == ("not-article", "no headline and timestamp")


def test_text_in_scripts_makes_no_article() -> None:
    hidden = "".join(f"<div>{line}</div>" for line in LINES)
    for tag in ("script", "noscript", "template", "style", "textarea"):
        outcome, _ = no_article(f"<html><body><{tag}>{hidden}</{tag}></body></html>", "7")
        assert outcome != "failed", tag
    assert no_article(f"<html><body><!-- {hidden} --></body></html>", "7")[0] == "missing"


def test_the_id_asked_for_may_come_from_the_address() -> None:
    assert no_article(PAGE, None, url="http://fars-online.ir/Fa/News/8/") == ("not-article", "is article 7")
    assert page_of(PAGE, None, url="file:///saved/page.html").article_id == "7"


def test_warnings_of_the_bytes_reach_the_article() -> None:
    body = PAGE.encode().replace("خرسندند".encode(), "خرسندند".encode() + b"\xff")
    article = article_of(body, "7")
    assert article.warnings == ["undecodable-bytes: 1"]
    assert article.body == "کشاورزان خرسندند\ufffd."


def test_the_page_says_where_it_came_from() -> None:
    page = page_of(PAGE, "7", content_type=HTML)
    assert (page.form, page.url, page.encoding, page.publisher.key) == (
        "print",
        "http://www.fars-online.ir/Incsys/PrtNews.aspx?l=Fa&code=7&k=0",
        "utf-8",
        "farsonline",
    )
    assert isinstance(page.raw, parsing.RawFields)


def test_reasons_are_stored_as_0_2_0_wrote_them() -> None:
    """Archives hold these texts, and people's queries ask for them: a changed one would split one reason in two."""
    detailed = {
        NoArticle("failed", Reason.CUT_OFF, "page not closed"): "cut off: page not closed",
        NoArticle("failed", Reason.CUT_OFF, "in the permalink"): "cut off: in the permalink",
        NoArticle("failed", Reason.CUT_OFF, "no permalink"): "cut off: no permalink",
        NoArticle("not-article", Reason.ANOTHER_ARTICLE, "271001"): "is article 271001",
        NoArticle("not-article", Reason.CONTENT_TYPE, "image/png"): "content type image/png",
        NoArticle("not-article", Reason.TOO_LARGE, "4194304 bytes"): "larger than 4194304 bytes",
        NoArticle("not-article", Reason.TOO_MANY_ELEMENTS, "100000"): "more elements than 100000",
    }
    assert {one: one.text for one in detailed} == detailed
    alone = set(Reason) - {one.reason for one in detailed}
    assert {NoArticle("failed", one).text for one in alone} == {
        *("empty body", "unfinished page", "binary", "too many attributes", "nested too deeply", "no article id"),
        *("no headline and timestamp", "no timestamp", "no text", "list of articles", "more than one article"),
        *("no time, and nothing says that it is an article", "unknown layout", "empty template", "soft 404"),
        *("home page", "page about the site", "took too long to read", "took too much memory to read"),
        "a selector fails on it",
        *("server error page", "ArvanCloud challenge", "Cloudflare challenge", "F5 challenge", "no key", "no headline"),
    }


def test_a_page_is_read_at_once_as_it_is_in_steps() -> None:
    """The one entry is made of the functions that spider and pipelines call, and says the same of every fixture."""
    read = 0
    for case in cases():
        asked = {"publisher": case.publisher, **{key: case.expected[key] for key in ("form", "content_type")}}
        url = case.expected.get("url") or f"{case.publisher.base_url}/"
        asked |= {"url": url, "article_id": case.expected["article_id"]}
        whole = read_article(case.body, fetched_at=FETCHED_AT, **asked)
        page = read_page(case.body, **asked)
        if isinstance(page, NoArticle):
            assert whole == page
            continue
        article = Article(publisher=case.publisher.key, article_id=page.article_id, url=url, fetched_at=FETCHED_AT)
        for step in (fill_headline, fill_lead, fill_body, fill_timestamp, finish):
            step(article, page)
        assert whole == article
        read += 1
    assert read > 100
