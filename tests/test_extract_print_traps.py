"""Print pages that mislead: dates that are no timestamp, permalinks in disguise, and more than one article."""

from __future__ import annotations

import itertools

import pytest

from farscrawler import extract as parsing
from tests.support.extract_pages import MARKUPS, article_of, no_article, print_page, recognise

SITE = "پیام فارس"
KICKER = "در دفتر آسیابان روستا:"
CLOCK = "شنبه 28 خرداد 1401 - 08:05:09"
LEAD = "پیام فارس - آسیاب روستا باز شد."
BODY = ["چرخ آن با آب رود می گردد.", "گندم تازه از راه رسید."]
BUTTONS = "بستن\u00a0\u00a0\u00a0چاپ"
HEADLINE = "آسیاب آبی روستا به کار افتاد"
ADDRESS = "http://www.Fars-Online.ir/Fa/News/271000/"


def address(headline: str, number: int = 271000) -> str:
    return f"http://www.Fars-Online.ir/Fa/News/{number}/{headline.replace(' ', '-')}"


def page(*above: str, headline: str = HEADLINE, clock: str = CLOCK, markup: str = "divs") -> str:
    """Return a page with these lines above its timestamp; its permalink names the headline."""
    return print_page([*above, clock, LEAD, "", *BODY, address(headline), BUTTONS], markup)


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.parametrize(
    "headline",
    ["19 دی 1356", "۱۲ فروردین ۱۳۵۸", "ساعت ۲۱:۴۵", "3 آبان", "سه شنبه 4 تیر 1392 - 10:20", "۲۰۱۹/۰۳/۲۱", "08:00"],
)
@pytest.mark.parametrize("above", [(), (SITE,), (KICKER,), (SITE, KICKER)])
def test_a_headline_that_is_a_date_is_known_by_the_permalink(
    headline: str, above: tuple[str, ...], markup: str
) -> None:
    article = article_of(page(*above, headline, headline=headline, markup=markup), "271000")
    assert (article.headline, article.published_text) == (headline, CLOCK)
    assert article.kicker == (KICKER if KICKER in above else None)
    assert (article.lead, article.body) == ("آسیاب روستا باز شد.", "\n".join(BODY))
    assert article.warnings == []


def test_a_headline_of_which_one_line_is_a_date() -> None:
    article = article_of(
        page(KICKER, "آسیاب روستا پس از", "5 مهر 1340", headline="آسیاب روستا پس از 5 مهر 1340"), "271000"
    )
    assert (article.kicker, article.headline) == (KICKER, "آسیاب روستا پس از 5 مهر 1340")
    assert article.published_text == CLOCK


def test_a_kicker_that_is_a_date_is_kept_when_it_ends_as_kickers_do() -> None:
    for above in ((SITE, "30 تیر 1331:", HEADLINE), ("30 تیر 1331:", HEADLINE)):
        article = article_of(page(*above), "271000")
        assert (article.kicker, article.headline, article.published_text) == ("30 تیر 1331:", HEADLINE, CLOCK)
        assert article.warnings == []


def test_a_bare_date_above_the_headings_is_warned_of() -> None:
    article = article_of(page(SITE, "30 تیر 1331", HEADLINE), "271000")
    assert (article.kicker, article.headline, article.published_text) == (None, HEADLINE, CLOCK)
    assert article.warnings == ["unplaced-lines: 1"]


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.parametrize("today", ["امروز: دوشنبه 2 آذر 1405", "امروز دوشنبه 2 آذر 1405 - 11:12:13"])
def test_the_clock_of_the_page_is_never_the_timestamp(today: str, markup: str) -> None:
    orders = [
        order
        for order in itertools.permutations([today, KICKER, HEADLINE])
        if order.index(KICKER) < order.index(HEADLINE)
    ]
    for above in orders:
        for slug in (HEADLINE, "نام دیگر"):
            article = article_of(page(*above, headline=slug, markup=markup), "271000")
            assert (article.kicker, article.headline) == (KICKER, HEADLINE), above
            assert (article.published_text, article.body) == (CLOCK, "\n".join(BODY))
            assert article.warnings == []


def test_a_timestamp_that_says_today_is_one_where_no_other_follows() -> None:
    article = article_of(page(KICKER, HEADLINE, clock="امروز 07:10"), "271000")
    assert (article.headline, article.published_text) == (HEADLINE, "امروز 07:10")


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.parametrize(
    ("halves", "at"),
    [
        (("شنبه 28 خرداد 1401", "08:05:09"), "2022-06-18T08:05:09+04:30"),
        (("28 خرداد 1401", "ساعت 08:05"), "2022-06-18T08:05:00+04:30"),
        (("08:05:09", "شنبه 28 خرداد 1401"), "2022-06-18T08:05:09+04:30"),
    ],
)
def test_a_timestamp_on_two_lines_is_joined(halves: tuple[str, str], at: str, markup: str) -> None:
    lines = [KICKER, HEADLINE, *halves, "ایسنا", LEAD, "", *BODY, address(HEADLINE)]
    article = article_of(print_page(lines, markup), "271000")
    assert (article.published_text, article.published_at) == (" ".join(halves), at)
    assert (article.agency, article.dateline, article.body) == ("ایسنا", SITE, "\n".join(BODY))


def test_a_first_paragraph_that_is_a_date_is_no_half_of_the_timestamp() -> None:
    for opening in ("5 آبان 1370", "10:20", "شنبه 4 تیر 1401 - 10:20"):
        lines = [HEADLINE, CLOCK, opening, *BODY, address(HEADLINE)]
        article = article_of(print_page(lines), "271000")
        assert (article.published_text, article.body) == (CLOCK, "\n".join([opening, *BODY]))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([SITE, ":", "1/1/0001 12:00:00 AM", ADDRESS, BUTTONS], ("missing", "empty template")),
        ([SITE, " - ", ":", BUTTONS], ("missing", "empty template")),
        ([SITE, "…", CLOCK, "", ADDRESS], ("missing", "empty template")),
        (["مطلب مورد نظر پیدا نشد", CLOCK, ADDRESS], ("missing", "soft 404")),
        ([SITE, "Runtime Error", CLOCK, ADDRESS], ("failed", "server error page")),
    ],
)
def test_an_empty_template_or_a_notice_in_it_is_no_article(lines: list[str], expected: tuple[str, str]) -> None:
    assert no_article(print_page(lines), "271000") == expected


def test_a_headline_that_quotes_a_notice_over_a_text_is_an_article() -> None:
    headline = "وقتی «خبر مورد نظر یافت نشد» پاسخ می آید"
    assert article_of(page(headline, headline=headline), "271000").headline == headline


OTHER = [
    "دریاچه کوچک پر آب شد",
    "یکشنبه 29 خرداد 1401 - 09:10:11",
    "دریاچه پر شد.",
    address("دریاچه کوچک پر آب شد", 271001),
]
OWN = [HEADLINE, CLOCK, LEAD, *BODY, address(HEADLINE)]
SEVERAL = ("not-article", "more than one article")


def test_the_text_of_another_article_never_comes_under_an_id() -> None:
    for markup in MARKUPS:
        assert no_article(print_page([*OTHER, *OWN], markup), "271000") == SEVERAL
        assert no_article(print_page([SITE, *OTHER, BUTTONS, SITE, *OWN, BUTTONS], markup), "271000") == SEVERAL
        nameless = [*OWN[:-1], ADDRESS]
        assert no_article(print_page([*OTHER, *nameless], markup), "271000") == SEVERAL
        assert no_article(print_page([*nameless, *OTHER], markup), "271000") == SEVERAL


def test_an_article_above_another_is_read_when_its_permalink_names_it() -> None:
    article = article_of(print_page([*OWN, *OTHER]), "271000")
    assert (article.headline, article.lead, article.body) == (HEADLINE, "آسیاب روستا باز شد.", "\n".join(BODY))


def test_a_list_with_the_article_in_it_is_no_article_of_another_headline() -> None:
    rows = [row for n in range(270998, 271003) for row in (f"خبر {n}", CLOCK, address(f"خبر {n}", n))]
    for number in range(270999, 271003):
        assert no_article(print_page(rows), str(number)) == SEVERAL


def test_a_raw_address_of_another_article_in_the_text_is_text() -> None:
    article = article_of(print_page([*OWN[:3], BODY[0], OTHER[-1], BODY[1], OWN[-1]]), "271000")
    assert article.body == "\n".join([BODY[0], OTHER[-1], BODY[1]])


PLAIN = address(HEADLINE)


@pytest.mark.parametrize(
    ("printed", "stored"),
    [
        (f"\u200e{PLAIN}", PLAIN),
        (f"\u202a{PLAIN}\u202c", PLAIN),
        (f"لینک: {PLAIN}", PLAIN),
        (f"لینك خبر : \u200e{PLAIN}", PLAIN),
        (f"({PLAIN})", PLAIN),
        (f"({PLAIN}", PLAIN),
        (PLAIN.removeprefix("http://"), PLAIN.removeprefix("http://")),
        (PLAIN.replace(".ir/", ".ir:80/"), PLAIN.replace(".ir/", ".ir:80/")),
        (PLAIN.replace(".ir/", ".ir//"), PLAIN.replace(".ir/", ".ir//")),
        (f"{PLAIN} بستن", PLAIN),
        (f"{PLAIN}\u00a0\u00a0بستن | چاپ", PLAIN),
    ],
)
@pytest.mark.parametrize("markup", MARKUPS)
def test_a_permalink_in_any_dress_is_one(printed: str, stored: str, markup: str) -> None:
    article = article_of(print_page([KICKER, HEADLINE, CLOCK, LEAD, *BODY, printed, BUTTONS], markup), "271000")
    assert (article.permalink, article.body, article.warnings) == (stored, "\n".join(BODY), [])


def test_a_permalink_in_a_field_is_one() -> None:
    text = print_page([KICKER, HEADLINE, CLOCK, LEAD, *BODY, "لینک: @"]).replace(
        "@", f"<input value='{PLAIN}' readonly>"
    )
    article = article_of(text, "271000")
    assert (article.permalink, article.body) == (PLAIN, "\n".join(BODY))
    hidden = text.replace("<input ", "<input type=hidden ")
    assert no_article(hidden, "271000") == ("failed", "cut off: no permalink")


def test_words_of_buttons_that_end_a_headline_stay_in_its_permalink() -> None:
    headline = "آغاز\u00a0چاپ"
    article = article_of(print_page([headline, CLOCK, *BODY, address(headline)]), "271000")
    assert article.permalink == address(headline)


def test_a_permalink_wrapped_over_lines_is_whole() -> None:
    at = len(ADDRESS) + 9
    for rows in (
        [PLAIN[:at], PLAIN[at:]],
        [PLAIN[:at], PLAIN[at : at + 5], PLAIN[at + 5 :]],
        [ADDRESS, PLAIN[len(ADDRESS) :]],
    ):
        text = print_page([KICKER, HEADLINE, CLOCK, LEAD, *BODY, *rows, BUTTONS], "bare-breaks")
        article = article_of(text, "271000")
        assert (article.permalink, article.kicker, article.body) == (PLAIN, KICKER, "\n".join(BODY))


@pytest.mark.parametrize("markup", MARKUPS)
def test_a_whole_page_without_a_permalink_is_stored_with_a_warning(markup: str) -> None:
    rows = [SITE, KICKER, HEADLINE, CLOCK, LEAD, *BODY, "انتهای پیام", "", BUTTONS]
    article = article_of(print_page(rows, markup), "271000")
    assert (article.kicker, article.headline, article.lead, article.body) == (
        KICKER,
        HEADLINE,
        "آسیاب روستا باز شد.",
        "\n".join(BODY),
    )
    assert (article.permalink, article.warnings) == (None, ["no-permalink"])
    cut = ("failed", "cut off: no permalink")
    assert no_article(print_page(rows, markup, closed=False), "271000") == cut
    assert no_article(print_page(rows[:-1], markup), "271000") == cut
    assert no_article(print_page([*rows[:-1], *rows[2:]], markup), "271000") == cut


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.parametrize("last", [f"لینک: \u202a{PLAIN}\u202c", f"({PLAIN})", f"{PLAIN} بستن | چاپ"])
def test_a_page_with_a_dressed_permalink_cut_anywhere_is_never_a_shorter_article(last: str, markup: str) -> None:
    text = print_page([SITE, "امروز: دوشنبه 2 آذر 1405", KICKER, HEADLINE, CLOCK, LEAD, *BODY, last, BUTTONS], markup)
    whole = article_of(text, "271000")
    for end in range(len(text)):
        found = recognise(text[:end], "271000")
        if isinstance(found, parsing.NoArticle):
            assert found.outcome == "failed", end
            continue
        article = article_of(text[:end], "271000")
        for name in ("kicker", "headline", "lead", "body", "permalink", "published_text"):
            assert getattr(article, name) == getattr(whole, name), (end, name)


def test_a_cut_inside_a_wrapped_permalink_is_owed() -> None:
    at = len(ADDRESS) + 9
    text = print_page([KICKER, HEADLINE, CLOCK, LEAD, *BODY, PLAIN[:at], PLAIN[at:]], "bare-breaks", closed=False)
    cut = text[: text.index(PLAIN[at:])]
    assert no_article(cut, "271000") == ("failed", "cut off: in the permalink")


def test_the_permalink_that_names_the_headline_goes_before_others_of_its_article() -> None:
    below = ["نظر خواننده:", "این را هم ببینید", f"{ADDRESS}نظر", "همه حقوق محفوظ است."]
    article = article_of(print_page([*OWN, *below]), "271000")
    assert (article.permalink, article.body) == (PLAIN, "\n".join(BODY))
    again = article_of(print_page([*OWN, "نظر خواننده:", PLAIN, "پایان"]), "271000")
    assert (again.permalink, again.body) == (PLAIN, "\n".join(BODY))


def test_a_subtitle_below_the_headline_is_known_by_the_permalink() -> None:
    for above in ((KICKER, HEADLINE, "سنگ آن را دوباره تراشیدند"), (HEADLINE, "سنگ آن را دوباره تراشیدند")):
        article = article_of(page(*above), "271000")
        assert (article.headline, article.subtitle) == (HEADLINE, "سنگ آن را دوباره تراشیدند")
        assert (article.kicker, article.warnings) == (KICKER if KICKER in above else None, [])


@pytest.mark.parametrize("agency", ["ایسنا:", "خبرگزاری سپیدار:", "نمای بازار:", "خبرگزاری سپیدار :"])
def test_an_agency_may_end_with_a_colon(agency: str) -> None:
    article = article_of(print_page([HEADLINE, CLOCK, agency, LEAD, "", *BODY, PLAIN]), "271000")
    assert (article.agency, article.dateline, article.lead) == (agency, SITE, "آسیاب روستا باز شد.")


def test_a_speaker_before_a_colon_is_no_agency() -> None:
    article = article_of(print_page([HEADLINE, CLOCK, "آسیابان روستا:", *BODY, PLAIN]), "271000")
    assert (article.agency, article.body) == (None, "\n".join(["آسیابان روستا:", *BODY]))


@pytest.mark.parametrize("dash", ["ـ", "--", "−", "—"])
def test_any_dash_ends_a_dateline(dash: str) -> None:
    lead = f"پیام فارس {dash} آسیاب روستا باز شد."
    article = article_of(print_page([HEADLINE, CLOCK, lead, "", *BODY, PLAIN]), "271000")
    assert (article.dateline, article.lead) == (SITE, "آسیاب روستا باز شد.")


@pytest.mark.parametrize(
    "blank",
    [
        "<div></div>",
        "<div><span></span></div>",
        "<div>\n</div>",
        "<table><tr><td>\n<tr><td></td></tr></table>",
        "<ul><li></ul>",
    ],
)
def test_any_blank_block_sets_the_lead_apart(blank: str) -> None:
    opening = "آسیاب روستا دوباره باز شد."
    text = print_page([HEADLINE, CLOCK, opening, "@", *BODY, PLAIN]).replace("<div>@</div>", blank)
    article = article_of(text, "271000")
    assert (article.lead, article.body) == (opening, "\n".join(BODY))
