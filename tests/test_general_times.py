"""Times on pages of nobody: which one is the publication's, and which are none."""

from __future__ import annotations

import pytest

from tests.support.general_pages import BODY, MOMENT, TEXT, TIME, article_of, page

ISO = "2022-10-04T15:54:00Z"
ARTICLE = "<meta property='og:type' content='article'>"
LIVE = (
    '<script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"کتابخانه باز شد","datePublished":"'
    + ISO
    + '","liveBlogUpdate":[{"@type":"BlogPosting","headline":"به‌روز یک","datePublished":"2022-10-05T09:00:00+03:30"},'
    '{"@type":"BlogPosting","headline":"کتابخانه باز شد","datePublished":"2022-10-05T10:00:00+03:30"}]}</script>'
)
ENTRIES = "".join(
    f"<div class=entry><span class=when>۱{day} مهر ۱۴۰۱ - ۱۰:۰{day}</span><p>خبر کوتاه شماره {day} که رسید.</p></div>"
    for day in (3, 4, 5)
)

#: What stands around the headline, and the moment that it gives.
GIVEN = {
    "a date and a clock in sibling spans": "<div class=i><span>۱۲ مهر ۱۴۰۱</span><span>۱۹:۲۴</span></div>",
    "a clock before its date": "<ul><li>۱۹:۲۴</li><li>۱۲ مهر ۱۴۰۱</li></ul>",
    "a date and a clock, each in a box of its own": (
        "<div><span class=d><b>۱۲ مهر ۱۴۰۱</b></span><i></i><span class=t>ساعت ۱۹:۲۴</span></div>"
    ),
    "three elements without a blank between them": "<p><b>سه‌شنبه</b><b>۱۲ مهر ۱۴۰۱</b><b>۱۹:۲۴</b></p>",
    "a label before each": "<div><p>تاریخ: ۱۲ مهر ۱۴۰۱</p><p>زمان: ۱۹:۲۴</p><p>بازدید: ۲۵۰۴۵</p></div>",
    "numbers of a date alone": "<div><span>1401/07/12</span><span>19:24</span></div>",
    "day, month and year apart": "<div><i>۱۲</i><i>مهر</i><i>۱۴۰۱</i> - <i>۱۹:۲۴</i></div>",
    "a date with its clock bare behind it": "<div><span>۱۲ مهر ۱۴۰۱</span> ۱۹:۲۴</div>",
    "a date and a clock among views and code": (
        "<div class=meta><span>۱۲ مهر ۱۴۰۱</span><span>۱۹:۲۴</span><span>کد خبر: ۸۱۲۳۴</span>"
        "<span>نویسنده: سارا باغبان، دبیر گروه کتاب و کتابخانه‌های محله</span></div>"
    ),
    "a datetime beside a relative text": f"<span><time datetime='{ISO}'>۴ سال پیش</time></span>",
    "a title beside a relative text": "<abbr class=ago title='۱۲ مهر ۱۴۰۱ - ۱۹:۲۴'>۴ سال پیش</abbr>",
    "published and updated on one line each": f"{TIME}<div>به‌روزرسانی: ۱۴ مهر ۱۴۰۱ - ۰۸:۰۰</div>",
    "the label of an update in an element of its own": (
        f"{TIME}<p><b>آخرین ویرایش:</b><span>۱۴ مهر ۱۴۰۱ - ۰۸:۰۰</span></p>"
    ),
    "two times of which one is labelled": "<div>انتشار: ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div><div>۱۳ مهر ۱۴۰۱ - ۱۰:۰۰</div>",
    "the same moment in two calendars": f"{TIME}<div>4 October 2022 - 19:24</div>",
    "a date alone and the whole time": f"{TIME}<small>۱۲ مهر ۱۴۰۱</small>",
    "classes of a framework": f"<div class='position-relative correlated'>{TIME}</div>",
}


@pytest.mark.parametrize("kind", GIVEN)
def test_one_moment_is_given_near_the_headline(kind: str) -> None:
    article = article_of(page(GIVEN[kind]))
    assert (article.published_at, article.body) == (MOMENT, BODY)


def test_a_time_far_above_the_headline_is_the_articles_in_its_own_box() -> None:
    tools = "".join(f"<li><i></i><b>ابزار {i}</b></li>" for i in range(7))
    body = page("", above=f"<ul><li>{TIME}</li>{tools}</ul>", head=ARTICLE).decode()
    assert article_of(body).published_at is None
    inside = page("").decode().replace("<main>", f"<main><article><ul><li>{TIME}</li>{tools}</ul>")
    assert article_of(inside.replace("</main>", "</article></main>")).published_at == MOMENT


def test_a_time_far_from_the_headline_is_believed_where_a_label_says_what_it_is() -> None:
    boxes = "".join(f"<div class=tool{i}><a href='/t/{i}'>ابزار {i}</a></div>" for i in range(20))
    article = article_of(
        page(f"{boxes}{'<i></i>' * 30}", text=f"{TEXT}<p class=z>تاریخ انتشار: ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</p>")
    )
    assert article.published_at == MOMENT


#: Heads of pages, and the moment that they give.
MACHINE = {
    "og:article": f"<meta property='og:article:published_time' content='{ISO}'>",
    "JSON-LD in another case": (
        f'<script type="Application/LD+JSON">{{"@type":"NewsArticle","datePublished":"{ISO}"}}</script>'
    ),
    "a live blog's start, and not that of an entry of the same name": LIVE,
}


@pytest.mark.parametrize("kind", MACHINE)
def test_one_moment_is_given_for_machines(kind: str) -> None:
    assert article_of(page("", head=MACHINE[kind])).published_at == MOMENT


def test_entries_of_a_live_blog_have_no_say_in_microdata_or_print_either() -> None:
    entries = "".join(
        f"<div itemprop=liveBlogUpdate itemscope itemtype='http://schema.org/BlogPosting'><time itemprop=datePublished "
        f"datetime='2022-10-05T1{i}:00:00+03:30'>۱۳ مهر ۱۴۰۱ - ۱{i}:۰۰</time><p>خبری کوتاه.</p></div>"
        for i in range(3)
    )
    assert article_of(page("", head=ARTICLE, text=entries + TEXT)).published_at is None
    start = f"<meta property='article:published_time' content='{ISO}'>"
    assert article_of(page("", head=start, text=entries + TEXT)).published_at == MOMENT
    assert article_of(page(TIME, text=entries + TEXT)).published_at == MOMENT


#: What gives no moment, around the headline or above the page.
NOT_GIVEN = {
    "two times": ("<span>۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</span><span>۱۳ مهر ۱۴۰۱ - ۱۰:۰۰</span>", ""),
    "a date between two clocks": ("<p><i>۰۹:۰۰</i><b>۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</b><b>۱۳ مهر ۱۴۰۱</b></p>", ""),
    "an update alone": ("<div>آخرین به‌روزرسانی: ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div>", ""),
    "entries of a list": (ENTRIES, ""),
    "a clock by its name": ("", "<div class=top-clock>سه‌شنبه ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div>"),
    "a clock in the head of the page": ("", "<header><span>سه‌شنبه ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</span></header>"),
    "a clock named within main": ("<div id=current-time>سه‌شنبه ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div>", ""),
    "today's date by its word": ("<div>امروز سه‌شنبه ۱۲ مهر ۱۴۰۱</div>", ""),
    "a hidden time": ("<div style='display: none'>سه‌شنبه ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div>", ""),
    "a comment's time": ("<ul class=comments><li>۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</li></ul>", ""),
    "a related article's": ("<div class=related-news><a href='/b'>دیگر</a> ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div>", ""),
}


@pytest.mark.parametrize("kind", NOT_GIVEN)
def test_no_moment_is_given(kind: str) -> None:
    middle, above = NOT_GIVEN[kind]
    article = article_of(page(middle, above=above, head=ARTICLE))
    assert (article.published_at, article.published_jalali) == (None, None)


def test_a_page_clock_beside_the_articles_own_time_takes_nothing_from_it() -> None:
    assert article_of(page(TIME, above="<div>چهارشنبه ۲ آذر ۱۴۰۵ - ۱۱:۳۰</div>")).published_at == MOMENT


def test_a_clock_in_the_text_is_no_time_of_the_article() -> None:
    text = f"<p>ساعت ۱۰:۳۰ بود که درِ کتابخانه باز شد و تا ۱۲:۰۰ همه آمدند؛ ۵ مهر ۱۳۹۹ هم چنین روزی بود.</p>{TEXT}"
    article = article_of(page(TIME, text=text))
    assert article.published_at == MOMENT
    assert article.body.startswith("ساعت ۱۰:۳۰ بود")


@pytest.mark.parametrize(
    ("middle", "head"),
    [(TIME, ""), ("", f"<meta property='article:published_time' content='{ISO}'>")],
)
def test_the_moment_of_the_fetch_is_no_publication(middle: str, head: str) -> None:
    fetched = "2022-10-04T15:54:20+00:00"
    article = article_of(page(middle, head=head + ARTICLE), fetched_at=fetched)
    assert article.published_at is None
    assert any("the moment of the fetch" in warning for warning in article.warnings)
    later = "2022-10-04T16:10:00+00:00"
    assert article_of(page(middle, head=head + ARTICLE), fetched_at=later).published_at == MOMENT


def test_the_day_of_the_fetch_above_the_headline_is_a_calendars() -> None:
    fetched = "2022-10-04T15:54:20+00:00"
    above = page("", above="<div class=d>سه‌شنبه ۱۲ مهر ۱۴۰۱</div>", head=ARTICLE)
    article = article_of(above, fetched_at=fetched)
    assert (article.published_at, article.published_jalali) == (None, None)
    below = page("<div class=d>سه‌شنبه ۱۲ مهر ۱۴۰۱</div>", head=ARTICLE)
    assert article_of(below, fetched_at=fetched).published_jalali == "SH 1401/07/12"
    assert article_of(above, fetched_at="2022-10-06T15:54:20+00:00").published_jalali == "SH 1401/07/12"


def test_a_page_that_took_a_minute_to_arrive_has_a_clock_all_the_same() -> None:
    article = article_of(page(TIME, head=ARTICLE), fetched_at="2022-10-04T15:55:40+00:00")
    assert article.published_at is None


def test_a_time_labelled_as_published_is_believed_at_the_moment_of_the_fetch() -> None:
    body = page("<div>تاریخ انتشار: ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div>")
    assert article_of(body, fetched_at="2022-10-04T15:54:20+00:00").published_at == MOMENT
