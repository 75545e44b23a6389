"""The engine of the families that are data: texts in any markup, what is none of a text, and which rules hold."""

from __future__ import annotations

import pytest

from farscrawler import publishers
from farscrawler.extract import Evidence, NoArticle, Page, read_page
from tests.support.engine_pages import SELECTORS, TIME, closed, page, read, site
from tests.support.extract_pages import article_of, no_article

DEEP = "<div class='title lead body news_pdate_c news_path item-text echo_detail'>"
HOSTILE = {
    "a field in every element": "<i class='title lead subtitle body tags_title news_path'>x</i>" * 4_000,
    "a field around every other": f"{DEEP * 1_200}<h1 class=title>x</h1>{'<a class=title>y</a>' * 2_500}",
    "a list without end": f"<ul class='list-inline breadcrumb'>{'<li><a>x</a></li>' * 6_000}</ul>",
    "times without end": "<time datetime='2020-01-01T00:00:00Z'>x</time>" * 4_000,
    "pictures without end": f"<div class=body>{'<figure><img src=a></figure>' * 4_000}</div>",
    "json-ld without end": f"<script type='application/ld+json'>{{\"headline\": {'[' * 5_000}</script>",
}


@pytest.mark.parametrize(
    "text",
    [
        "<p>یک.</p><p>دو.</p><p>سه.</p>",
        "<div>یک.<br>دو.<br><br>سه.</div>",
        "یک.<br>دو.<br>سه.",
        "<div>یک.</div><div>دو.</div><div><span>سه.</span></div>",
        "<h2>یک.</h2><ul><li>دو.</li><li>سه.</li></ul>",
        "<blockquote>یک.</blockquote><table><tr><td>دو.</td></tr><tr><td>سه.</td></tr></table>",
        "<figure class=wp-block-table><table><tr><td>یک.</td></tr></table></figure><p>دو.</p><p>سه.</p>",
        "<p>یک.<p>دو.<p>سه.",
    ],
)
def test_paragraphs_of_any_markup_in_the_order_of_reading(text: str) -> None:
    assert read(page(text)).body == "یک.\nدو.\nسه."


@pytest.mark.parametrize(
    "debris",
    [
        "<p>انتهای پیام/ن</p>",
        "<p>17302</p>",
        "<p>265 33</p>",
        "<p>/ن</p>",
        "<p>ms</p>",
        "<p>بیشتر بخوانید: خبری دیگر</p>",
        "<p>بیشتر بخوانید:</p><p><a href=/news/8>خبری دیگر</a></p>",
        "<p>https://www.site.ir/xY3</p>",
        "<p>www.site.ir/news/7</p>",
        "<p>$(document).ready(function(){ play(); });</p>",
        "<p>tavoos_init_player('x', 3)</p>",
        "<p>var player = 1; error(); });</p>",
        "<p>});</p>",
        "<div class='zxc_mb'><p>آگهی</p></div>",
        "<div class='cyt-ads-block'><a class=backlink>آگهی</a></div>",
        "<div id='mediaad-AbCd'>آگهی</div>",
        "<div class='yektanet-native'>آگهی</div>",
        "<p>انتشار یافته: ۱</p><p>در انتظار بررسی: ۰</p><p>غیر قابل انتشار: ۲</p>",
        "<p>اشتراک گذاری</p><p>کپی شد</p>",
        "<p>کد مطلب : ۱۲۳</p>",
        "<script>var x = 'نه';</script><style>p {}</style>",
        "<figure><img src=/a.jpg><figcaption>زیر عکس</figcaption></figure>",
        "<div class=wp-caption><img src=/a.jpg><p class=wp-caption-text>زیر عکس</p></div>",
    ],
)
def test_what_stands_in_a_text_and_is_none(debris: str) -> None:
    assert read(page(f"<p>یک.</p><p>دو.</p>{debris}")).body == "یک.\nدو."


@pytest.mark.parametrize(
    "line",
    [
        "در سال ۱۴۰۲",
        "پایان گزارش هفتگی بازار",
        "https://www.site.ir/news/8",
        "https://other.ir/x",
        "برای خرید بیشتر بخوانید و بپرسید.",
        "var نام متغیر است",
    ],
)
def test_what_looks_like_it_and_is_text(line: str) -> None:
    assert read(page(f"<p>{line}</p>")).body == line


def test_text_is_stored_as_printed() -> None:
    assert read(page("<p>مي\u200cروند، كتاب\u00a0ها ۱۲۳</p><p>دو.</p>")).body == "مي\u200cروند، كتاب\u00a0ها ۱۲۳\nدو."


def test_junk_and_ends_of_a_site_are_whole_paragraphs() -> None:
    rules = "[site.rules]\njunk = ['منبع: .*']\nend = ['پایان متن']\n"
    article = read(page("<p>یک.</p><p>منبع: ایران</p><p>دو. منبع: ایران</p><p>پایان متن</p><p>پس از آن</p>"), rules)
    assert article.body == "یک.\nدو. منبع: ایران"
    assert "lines-after-end-mark: 1" in article.warnings


def test_what_a_stanza_drops_is_no_text() -> None:
    drop = SELECTORS + 'drop = [".box"]\n'
    article = article_of(page("<p>یک.</p><div class=box>نه</div>"), "7", publisher=site(selectors=drop), form="article")
    assert article.body == "یک."


def test_a_lead_that_the_first_paragraph_repeats_stands_once() -> None:
    article = read(page("<p>لید خبر.</p><p>دو.</p>", "<p class=lead>لید  خبر.</p>"))
    assert (article.lead, article.body) == ("لید خبر.", "دو.")


def test_a_lead_that_is_the_first_paragraph_cut_off_is_none() -> None:
    article = read(page("<p>باران در کوهپایه بارید و رفت.</p><p>دو.</p>", "<p class=lead>باران در کوهپایه…</p>"))
    assert (article.lead, article.body) == (None, "باران در کوهپایه بارید و رفت.\nدو.")


def test_a_lead_class_of_a_list_of_teasers_is_no_lead() -> None:
    teasers = "".join(f"<p class=lead>خلاصه {i}</p>" for i in range(3))
    assert read(page("<p>یک.</p><p>دو.</p>", teasers)).lead is None
    assert read(page("<p>یک.</p><p>دو.</p>", "<p class=lead>لید.</p><p class=lead>لید.</p>")).lead == "لید."


def test_a_lead_within_the_box_of_the_text_is_no_paragraph_of_it() -> None:
    article = read(page("<p class=lead>لید.</p><p>یک.</p><p>دو.</p>"))
    assert (article.lead, article.body) == ("لید.", "یک.\nدو.")


def test_pictures_are_taken_lazily_loaded_and_with_their_captions() -> None:
    text = (
        "<figure><img src='data:image/gif;base64,R0' data-src=/a.jpg><noscript><img src=/a.jpg></noscript>"
        "<figcaption>زیر عکس</figcaption></figure><p>یک.</p><img data-lazy-src=/b.jpg src=/spacer.gif>"
    )
    assert read(page(text)).images == [
        {"url": "https://www.site.ir/a.jpg", "caption": "زیر عکس"},
        {"url": "https://www.site.ir/b.jpg", "caption": None},
    ]


def test_the_page_itself_and_the_form_around_it_are_no_box_of_text() -> None:
    body = closed(f"<form class=page><h1>تیتر</h1>{TIME}<div class=text><p>یک.</p></div></form>")
    assert read(body.replace("<body>", "<body class=text>")).body == "یک."


def test_parts_side_by_side_are_one_text_and_others_are_not() -> None:
    blocks = (
        "<div><div class=text>یک.</div><div class=ad>نه</div><div class=text>دو.</div></div><div class=text>نه</div>"
    )
    assert read(closed(f"<h1>تیتر</h1>{TIME}{blocks}")).body == "یک.\nدو."


def test_fields_are_looked_for_in_the_article_first_and_elsewhere_after() -> None:
    selectors = SELECTORS + 'article = [".main"]\nsection = [".path a"]\n'
    body = closed(
        f"<div class=main><a>نه</a></div><h1>دیگر</h1><div class=main><h1>تیتر</h1>{TIME}<p class=text>یک.</p></div>"
        "<div class=path><a>خانه</a><a>جامعه</a></div>",
    )
    article = article_of(body, "7", publisher=site(selectors=selectors), form="article")
    assert (article.headline, article.section) == ("تیتر", "جامعه")


def test_a_section_path_without_home_and_what_a_rule_skips() -> None:
    selectors = SELECTORS + 'section = [".path a"]\n'
    path = "<p class=path><a>صفحه اصلی</a><a>سایت نمونه</a><a>خبر</a><a>جامعه</a></p>"
    for skip, section in ((0, "جامعه"), (3, "جامعه")):
        publisher = site(f"[site.rules]\nsection_skip = {skip}\n", selectors=selectors)
        assert article_of(page("<p>یک.</p>", path), "7", publisher=publisher, form="article").section == section
    publisher = site("[site.rules]\nsection_skip = 4\n", selectors=selectors)
    assert article_of(page("<p>یک.</p>", path), "7", publisher=publisher, form="article").section is None


def test_section_and_tags_of_machines_where_none_are_printed() -> None:
    head = "<meta property=article:section content='سیاست > انتخابات'><meta property=article:tag content='الف، ب , پ'>"
    article = read(page("<p>یک.</p>", head=head))
    assert (article.section, article.tags) == ("انتخابات", ["الف", "ب", "پ"])


def test_a_headline_that_only_machines_are_told_needs_a_text() -> None:
    head = "<meta property=og:title content='تیتر خبر - سایت نمونه'>"
    body = closed(f"{TIME}<div class=text>یک.</div>", head)
    assert read(body).headline == "تیتر خبر"
    assert no_article(body.replace("یک.", ""), "7", publisher=site(), form="article")[0] == "missing"


def test_an_undated_page_is_an_article_only_where_the_site_has_such() -> None:
    body = page("<p>یک.</p>").replace(TIME, "")
    assert no_article(body, "7", publisher=site(), form="article") == ("not-article", "no timestamp")
    article = read(body, "[site.rules]\nundated = true\n")
    assert (article.published_at, article.published_text, "no-timestamp" in article.warnings) == (None, None, True)


def test_the_render_time_is_never_read_even_where_it_is_named() -> None:
    head = "<meta name=date content='2026-11-20 T 07:20:50 +0330'>"
    selectors = SELECTORS.replace('[".date"]', '["meta[name=date]", ".date"]')
    article = article_of(page("<p>یک.</p>", head=head), "7", publisher=site(selectors=selectors), form="article")
    assert (article.published_at, article.warnings) == ("2023-06-26T10:11:00+03:30", ["no-lead"])


def test_times_of_comments_and_updates_are_not_the_articles() -> None:
    body = closed(
        "<h1>تیتر</h1><ol class=comment-list><li><time itemprop=datePublished datetime=2024-01-01>x</time></ol>"
        "<time datetime=2023-10-01T12:00:00+03:30>آخرین به‌روزرسانی: ۹ مهر ۱۴۰۲</time>"
        "<time datetime=2023-09-07T10:15:00+03:30>۱۶ شهریور ۱۴۰۲</time><div class=text><p>یک.</p></div>",
    )
    selectors = SELECTORS.replace('".date"', '"time"')
    article = article_of(body, "7", publisher=site(selectors=selectors), form="article")
    assert article.published_at == "2023-09-07T10:15:00+03:30"
    assert article.published_text == "۱۶ شهریور ۱۴۰۲"


def test_the_text_of_json_ld_is_taken_only_where_a_rule_says_so() -> None:
    script = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"تیتر خبر","articleBody":"یک.\\nدو.",\
"datePublished":"2023-06-26T10:11:00+03:30"}</script>'
    )
    body = closed("<div id=root></div>", script)
    assert no_article(body, "7", publisher=site(), form="article")[0] == "not-article"
    article = read(body, "[site.rules]\njson_ld_body = true\n")
    assert (article.headline, article.body, article.authors) == ("تیتر خبر", "یک.\nدو.", [])


NASTOOH = closed(
    "<article id=item><div class=item-nav><div class=item-date><span>۵ تیر ۱۴۰۲ - ۱۰:۱۱</span></div></div>"
    "<h1 class=title>تیتر</h1><p class='summary introtext'>لید.</p><div class=item-body><div class=item-text><p>یک.</p>"
    "<p>دو.</p></div></div></article>",
    "<meta name=generator content=www.nastooh.ir>",
)


def test_the_markup_decides_the_family_and_says_so() -> None:
    publisher = site(family="iransamaneh", selectors='[site.selectors]\nbody = [".body"]\n')
    article = article_of(NASTOOH, "7", publisher=publisher, form="article")
    assert (article.headline, article.lead, article.body) == ("تیتر", "لید.", "یک.\nدو.")
    assert article.warnings == ["family-changed: nastooh instead of iransamaneh"]


def test_what_is_noted_of_a_page_is_of_the_reading_that_holds() -> None:
    evidence = Evidence()
    selectors = '[site.selectors]\nheadline = ["h1"]\nkicker = ["h1"]\nbody = [".nosuch", "..."]\n'
    found = read_page(
        NASTOOH.encode(),
        publisher=site(selectors=selectors),
        form="article",
        url="https://www.site.ir/news/7",
        article_id="7",
        content_type=None,
        evidence=evidence,
    )
    assert isinstance(found, Page)
    taken = [(one.field, one.where) for one in evidence.items if one.refused is None]
    assert len(taken) == len(set(taken))
    assert ("body", ".item-body .item-text") in taken


def test_a_page_of_another_family_without_an_article_changes_nothing() -> None:
    publisher = site(family="iransamaneh", selectors="")
    body = NASTOOH.replace("item-text", "x").replace("<h1 class=title>تیتر</h1>", "")
    assert no_article(body, "7", publisher=publisher, form="article") == ("not-article", "no headline and timestamp")


def test_a_page_that_bears_no_marks_is_read_by_the_stanza() -> None:
    publisher = site(family="nastooh", selectors=SELECTORS)
    article = article_of(page("<p>یک.</p>"), "7", publisher=publisher, form="article")
    assert (article.body, article.warnings) == ("یک.", ["no-lead"])


def test_a_custom_site_without_a_text_selector_takes_that_of_the_family_of_its_markup() -> None:
    selectors = '[site.selectors]\nheadline = ["h1"]\n'
    article = article_of(NASTOOH, "7", publisher=site(selectors=selectors), form="article")
    assert (article.body, article.warnings) == ("یک.\nدو.", [])


def test_entries_of_a_stanza_lie_over_those_of_its_family_and_may_keep_them() -> None:
    own = '[site.selectors]\nbody = [".rich", "..."]\nlead = [".x"]\n'
    for name, body in (("rich", "نه"), ("y", "یک.\nدو.")):
        text = NASTOOH.replace("<div class=item-body>", f"<div class={name}>نه</div><div class=item-body>")
        article = article_of(text, "7", publisher=site(family="nastooh", selectors=own), form="article")
        assert (article.lead, article.body) == (None, body)


def test_a_list_with_the_classes_of_an_article_is_none() -> None:
    items = "".join(f"<h1><a href=/news/{i}>خبر {i}</a></h1>{TIME}<p class=text>یک.</p>" for i in range(20, 30))
    found = read_page(
        closed(items).encode(),
        publisher=site(),
        form="article",
        url="https://www.site.ir/list",
        article_id=None,
        content_type=None,
    )
    assert not isinstance(found, Page)
    assert (found.outcome, found.reason) == ("not-article", "list of articles")


_READ_BY = ("yjc", "khabaronline", "ilna", "ensafnews", "bbc", "tarafdari")


# Every other family for each kind: all of them are read by one engine, and each reading takes a second.
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for n, kind in enumerate(HOSTILE) for name in _READ_BY[n % 2 :: 2]]
)
def test_a_page_made_to_be_slow_is_read_to_its_end(kind: str, name: str) -> None:
    publisher = publishers.load(name)
    body = f"<html><body>{HOSTILE[kind]}</body></html>".encode()
    found = read_page(
        body, publisher=publisher, form="article", url=publisher.base_url, article_id="5", content_type=None
    )
    assert isinstance(found, NoArticle)
