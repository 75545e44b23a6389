"""What stands around a text and is none of it."""

from __future__ import annotations

import pytest

from farscrawler import publishers
from farscrawler.extract.boilerplate import Paragraphs, after_label, article_text, is_end_mark, is_tool
from farscrawler.extract.lines import Lines

FARSONLINE = publishers.load("farsonline")


@pytest.mark.parametrize(
    "line",
    [
        "انتهای پیام",
        "انتهاي پيام",
        "انتهای پیام/",
        "انتهای پیام/ی",
        "انتهای پیام / م.ن",
        "انتهای پیام/ 1204",
        "انتهای\u00a0پیام",
        "پایان پیام",
        "پایان پیام/۱۲۰۴",
        "پایان خبر",
        "- انتهای پیام -",
        "*** انتهای پیام ***",
    ],
)
def test_end_marks(line: str) -> None:
    assert is_end_mark(line)


@pytest.mark.parametrize(
    "line",
    [
        "انتهای پیام او این بود که باغ ها را نگه داریم.",
        "در انتهای پیام",
        "پیام",
        "",
        "انتهای پیامک های تبلیغی",
        "پایان پیام " + "الف" * 20,
    ],
)
def test_no_end_marks(line: str) -> None:
    assert not is_end_mark(line)


@pytest.mark.parametrize(
    "line",
    [
        "بستن\u00a0\u00a0\u00a0چاپ",
        "بستن چاپ",
        "چاپ",
        "-->",
        "بزرگنمایی:",
        "بزرگنمايي: کوچک بزرگ",
        "لینک کوتاه: http://www.fars-online.ir/news/5/",
        "کد خبر: ۱۲۳",
        "اشتراک‌گذاری",
    ],
)
def test_tools(line: str) -> None:
    assert is_tool(line)


@pytest.mark.parametrize(
    "line", ["چاپ کتاب آغاز شد", "بستن راه روستا", "کد خبرنگاری", "", "خبر -->", "درباره لینک کوتاه: یک"]
)
def test_no_tools(line: str) -> None:
    assert not is_tool(line)


def test_what_follows_a_label() -> None:
    assert after_label("لینک کوتاه: http://a/ ", "لینک کوتاه:") == "http://a/"
    assert after_label("لينك كوتاه:", "لینک کوتاه:") is None
    assert after_label("متن", "لینک کوتاه:") is None


def text(*lines: str, links: dict[int, str] | None = None) -> Paragraphs:
    return article_text(Lines(list(lines), links or {}), FARSONLINE, "5")


def test_blank_lines_are_kept_once_and_only_inside() -> None:
    assert text("", "یک", "", "", "دو", "").texts == ("یک", "", "دو")


def test_related_links_go_with_their_heading() -> None:
    found = text("یک", "بیشتر بخوانید:", "دو", "سه", "چهار", links={2: "/Fa/News/1/", 3: "http://a.ir/"})
    assert found == Paragraphs(("یک", "چهار"))


def test_a_heading_over_text_goes_alone() -> None:
    assert text("یک", "بیشتر بخوانید:", "دو.", "سه.").texts == ("یک", "دو.", "سه.")


@pytest.mark.parametrize("heading", ["بیشتر:", "آخرین اخبار", "آخرین مطالب", "سایر اخبار مهم"])
def test_words_that_may_be_text_are_a_heading_only_over_links(heading: str) -> None:
    assert text("یک", heading, "دو.", "سه.").texts == ("یک", heading, "دو.", "سه.")
    assert text("یک", heading).texts == ("یک", heading)
    assert text("یک", heading, "", "دو", "سه.", links={3: "http://a.ir/"}).texts == ("یک", "سه.")
    assert text("یک", heading, "دو", "سه", links={3: "http://a.ir/"}).texts == ("یک", heading, "دو", "سه")


def test_a_last_sentence_that_is_all_link_is_text() -> None:
    assert text("یک", "دو.", links={1: "/Fa/News/1/"}).texts == ("یک", "دو.")
    assert text("یک", "دو.", "سه", links={1: "/Fa/News/1/", 2: "/Fa/News/2/"}).texts == ("یک", "دو.")


def test_links_to_other_articles_at_the_end_are_related() -> None:
    links = {1: "/Fa/News/1/", 2: "http://fars-online.ir/Fa/News/2/", 3: "/Fa/News/5/"}
    assert text("یک", "دو", "سه", links=links).texts == ("یک",)
    assert text("یک", "دو", "سه", "چهار", links=links).texts == ("یک", "دو", "سه", "چهار")


def test_a_link_line_inside_the_text_stays() -> None:
    assert text("یک", "دو", "سه", links={1: "/Fa/News/1/"}).texts == ("یک", "دو", "سه")


def test_lines_after_the_end_mark_are_counted_unless_they_are_codes_or_tools() -> None:
    assert text("یک", "انتهای پیام", "17302", "265 33", "ک.م", "چاپ", "") == Paragraphs(("یک",))
    assert text("یک", "انتهای پیام", "یک جمله دیگر.") == Paragraphs(("یک",), ("lines-after-end-mark: 1",))
