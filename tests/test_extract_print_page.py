"""Print pages of our own words: every optional line absent, in every markup, and pages that end too early."""

from __future__ import annotations

import itertools

import pytest

from farscrawler import extract as parsing
from tests.support.extract_pages import MARKUPS, article_of, no_article, print_page, recognise

SITE = "پیام فارس"
KICKER = "یک آهنگر جوان:"
HEADLINE = "کوره های کوچک بازار دوباره گرم شدند"
CLOCK = "شنبه 28 خرداد 1401 - 08:05:09"
AGENCY = "خبرگزاری سپیدار"
LEAD = "پیام فارس - آهنگران بازار از سفارش های تازه خبر دادند."
BODY = ["آهنگر گفت: چکش\u00a0،سندان و دم سه یار قدیمی هستند.", "کار از سپیده‌دم آغاز می شود."]
END = "انتهای پیام/م"
PERMALINK = "http://www.Fars-Online.ir/Fa/News/271000/کوره-های-کوچک-بازار-دوباره-گرم-شدند"
BUTTONS = "بستن\u00a0\u00a0\u00a0چاپ"
OPTIONAL = ("site", "kicker", "agency", "blank", "end", "blank-below", "buttons")


def lines(present: set[str]) -> list[str]:
    rows = [
        ("site", SITE),
        ("kicker", KICKER),
        ("headline", HEADLINE),
        ("clock", CLOCK),
        ("agency", AGENCY),
        ("lead", LEAD),
        ("blank", ""),
        *(("body", paragraph) for paragraph in BODY),
        ("end", END),
        ("blank-below", ""),
        ("permalink", PERMALINK),
        ("buttons", BUTTONS),
    ]
    return [text for role, text in rows if role not in OPTIONAL or role in present]


@pytest.mark.parametrize("markup", MARKUPS)
def test_any_combination_of_optional_lines_may_be_absent(markup: str) -> None:
    for count in range(len(OPTIONAL) + 1):
        for present in map(set, itertools.combinations(OPTIONAL, count)):
            article = article_of(print_page(lines(present), markup), "271000")
            assert article.kicker == (KICKER if "kicker" in present else None), present
            assert article.agency == (AGENCY if "agency" in present else None), present
            assert article.headline == HEADLINE
            assert article.dateline == SITE
            assert article.lead == LEAD.removeprefix("پیام فارس - ")
            assert article.body == "\n".join(BODY), present
            assert article.permalink == PERMALINK
            assert article.published_at == "2022-06-18T08:05:09+04:30"
            assert article.warnings == []


@pytest.mark.parametrize("markup", MARKUPS)
def test_a_lone_paragraph_is_the_body_as_printed_whatever_it_opens_with(markup: str) -> None:
    article = article_of(print_page([HEADLINE, CLOCK, "", "", LEAD, PERMALINK], markup), "271000")
    assert (article.lead, article.body, article.dateline) == (None, LEAD, SITE)
    assert article.warnings == ["no-lead"]


def test_a_page_without_any_text_is_stored_with_a_warning() -> None:
    article = article_of(print_page([SITE, HEADLINE, CLOCK, PERMALINK]), "271000")
    assert (article.headline, article.lead, article.body) == (HEADLINE, None, "")
    assert article.warnings == ["no-lead", "no-body"]


def test_a_dateline_alone_on_its_line_is_no_lead_and_no_body() -> None:
    article = article_of(print_page([HEADLINE, CLOCK, "پیام فارس -", *BODY, PERMALINK]), "271000")
    assert (article.dateline, article.lead, article.body) == (SITE, None, "\n".join(BODY))
    assert article.warnings == ["no-lead"]


def test_todays_date_under_the_site_name_is_not_the_timestamp() -> None:
    page = print_page([SITE, "امروز: دوشنبه 2 آبان 1401", *lines({"kicker"})])
    article = article_of(page, "271000")
    assert (article.kicker, article.headline, article.published_text) == (KICKER, HEADLINE, CLOCK)
    assert article.warnings == []


def test_an_unreadable_timestamp_line_is_kept_and_warned_of() -> None:
    page = print_page([KICKER, HEADLINE, "چهارشنبه 31 مهر 1404 - 13:33:20", LEAD, *BODY, PERMALINK])
    article = article_of(page, "271000")
    assert article.published_text == "چهارشنبه 31 مهر 1404 - 13:33:20"
    assert (article.published_at, article.published_jalali, article.published_precision) == (None, None, None)
    assert article.warnings == ["timestamp-refused: no such day"]


def test_a_double_hour_keeps_its_wall_clock_but_no_instant() -> None:
    page = print_page([HEADLINE, "چهارشنبه 30 شهریور 1401 - 23:30:00", LEAD, *BODY, PERMALINK])
    article = article_of(page, "271000")
    assert article.published_at is None
    assert (article.published_jalali, article.published_precision) == ("SH 1401/06/30 23:30:00", "second")
    assert article.warnings == ["timestamp-refused: hour repeated by summer time"]


def test_paragraphs_below_the_end_mark_are_left_out_with_a_warning() -> None:
    page = print_page([HEADLINE, CLOCK, LEAD, *BODY, END, "متنی از خبری دیگر که زیر نشان پایان مانده است.", PERMALINK])
    article = article_of(page, "271000")
    assert article.body == "\n".join(BODY)
    assert article.warnings == ["lines-after-end-mark: 1"]


def test_an_end_mark_between_two_parts_of_a_body_cuts_nothing_off() -> None:
    page = print_page([HEADLINE, CLOCK, LEAD, BODY[0], "انتهای پیام", BODY[1], "انتهای پیام", PERMALINK])
    assert article_of(page, "271000").body == "\n".join(BODY)


def test_a_short_first_paragraph_is_no_agency() -> None:
    page = print_page([HEADLINE, CLOCK, "باران آمد", *BODY, PERMALINK])
    article = article_of(page, "271000")
    assert (article.agency, article.body) == (None, "\n".join(["باران آمد", *BODY]))


def test_an_unknown_agency_is_known_by_the_dateline_below_it() -> None:
    page = print_page([HEADLINE, CLOCK, "نمای بازار", LEAD, *BODY, PERMALINK])
    assert article_of(page, "271000").agency == "نمای بازار"


def test_heading_lines_nobody_can_place_are_warned_of() -> None:
    page = print_page(["خط نخست", KICKER, HEADLINE, CLOCK, LEAD, *BODY, PERMALINK])
    article = article_of(page, "271000")
    assert (article.kicker, article.headline) == (KICKER, HEADLINE)
    assert article.warnings == ["unplaced-lines: 1"]


@pytest.mark.parametrize("markup", MARKUPS)
def test_a_print_page_cut_anywhere_is_never_a_shorter_article(markup: str) -> None:
    text = print_page(lines(set(OPTIONAL)), markup)
    whole = article_of(text, "271000")
    for end in range(len(text)):
        found = cut_off(text[:end].encode())
        if found is not None:
            assert found == (whole.kicker, whole.headline, whole.lead, whole.body, whole.permalink), end


def cut_off(body: bytes) -> tuple[str | None, ...] | None:
    if isinstance(recognise(body, "271000"), parsing.NoArticle):
        assert no_article(body, "271000")[0] == "failed"
        return None
    article = article_of(body, "271000")
    return article.kicker, article.headline, article.lead, article.body, article.permalink


def test_the_id_of_the_permalink_must_be_the_one_asked_for() -> None:
    page = print_page(lines(set(OPTIONAL)))
    assert no_article(page, "271001") == ("not-article", "is article 271000")
    assert article_of(page, None).article_id == "271000"


def test_an_address_of_another_article_inside_the_text_is_not_the_permalink() -> None:
    other = "http://www.Fars-Online.ir/Fa/News/5/خبری-دیگر"
    article = article_of(print_page([HEADLINE, CLOCK, LEAD, BODY[0], PERMALINK, other]), "271000")
    assert (article.permalink, article.body) == (PERMALINK, BODY[0])


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (print_page([SITE, "", "", BUTTONS]), ("missing", "empty template")),
        (print_page([SITE, "", "http://www.Fars-Online.ir/Fa/News//", BUTTONS]), ("missing", "empty template")),
        (print_page([SITE, KICKER, HEADLINE, BUTTONS]), ("not-article", "no headline and timestamp")),
        (print_page([SITE, KICKER, HEADLINE], closed=False), ("failed", "unfinished page")),
        (print_page([KICKER, HEADLINE, CLOCK, LEAD, *BODY, END]), ("failed", "cut off: no permalink")),
        (print_page([SITE, CLOCK, PERMALINK, BUTTONS]), ("missing", "empty template")),
    ],
)
def test_print_pages_without_an_article(page: str, expected: tuple[str, str]) -> None:
    assert no_article(page, "271000") == expected
