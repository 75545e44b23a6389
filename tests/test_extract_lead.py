"""How an article's text opens: dateline, city, lead."""

from __future__ import annotations

import pytest

from farscrawler import publishers
from farscrawler.extract.fields import Dateline, Opening, read_lead, split_dateline
from farscrawler.extract.page import RawFields

NAMES = ("پیام فارس", "فارس آنلاین")
FARSONLINE, ARYANEWS, YJC = (publishers.load(key) for key in ("farsonline", "aryanews", "yjc"))


def opening(*paragraphs: str, lead: str | None = None, publisher: publishers.Publisher = FARSONLINE) -> Opening:
    return read_lead(RawFields(headline="تیتر", published_text="", paragraphs=paragraphs, lead=lead), publisher)


@pytest.mark.parametrize(
    ("text", "dateline", "rest"),
    [
        ("پیام فارس - باران آمد", "پیام فارس", "باران آمد"),
        ("پیام فارس – باران آمد", "پیام فارس", "باران آمد"),
        ("پیام فارس — باران آمد", "پیام فارس", "باران آمد"),
        ("پیام فارس_باران آمد", "پیام فارس", "باران آمد"),
        ("پیام فارس: باران آمد", "پیام فارس", "باران آمد"),
        ("پیام فارس-باران آمد", "پیام فارس", "باران آمد"),
        ("پیام\u00a0فارس\u00a0-\u00a0باران آمد", "پیام\u00a0فارس", "باران آمد"),
        ("پيام فارس - باران آمد", "پيام فارس", "باران آمد"),
        ("فارس آنلاین - شیراز _ باران آمد", "فارس آنلاین - شیراز", "باران آمد"),
        ("فارس آنلاین - نی ریز - باران آمد", "فارس آنلاین - نی ریز", "باران آمد"),
        ("فارس آنلاین - خانه\u200cزنیان – باران آمد", "فارس آنلاین - خانه\u200cزنیان", "باران آمد"),
        ("پیام فارس - شیراز : باران آمد", "پیام فارس - شیراز", "باران آمد"),
        ("پیام فارس - شهردار شیراز: باران آمد", "پیام فارس", "شهردار شیراز: باران آمد"),
        ("پیام فارس - شیراز-یاسوج باز شد", "پیام فارس", "شیراز-یاسوج باز شد"),
        ("پیام فارس - مدیر باغ های شهر شیراز - باران آمد", "پیام فارس", "مدیر باغ های شهر شیراز - باران آمد"),
        ("پیام فارس - منطقه 2 - باران آمد", "پیام فارس", "منطقه 2 - باران آمد"),
        ("پیام فارس -", "پیام فارس", ""),
        ("پیام فارس", "پیام فارس", ""),
        ("پیام فارس - شیراز", "پیام فارس", "شیراز"),
        ("پیام فارس - شیراز -", "پیام فارس - شیراز", ""),
    ],
)
def test_a_dateline_is_split_off_as_printed(text: str, dateline: str, rest: str) -> None:
    assert split_dateline(text, NAMES) == Dateline(dateline, rest)


@pytest.mark.parametrize(
    "text", ["پیام فارس باران آمد", "به گزارش پیام فارس - باران", "پیام فارسی - باران", "", "باران - آمد"]
)
def test_no_dateline(text: str) -> None:
    assert split_dateline(text, NAMES) is None


def test_a_publisher_without_datelines_splits_none() -> None:
    assert split_dateline("پیام فارس - باران", ()) is None


def test_the_first_of_several_paragraphs_is_the_lead_when_a_dateline_opens_it() -> None:
    assert opening("پیام فارس - باران آمد.", "دوم.") == Opening("پیام فارس", "باران آمد.", ("دوم.",))


def test_a_lone_paragraph_is_body_with_its_dateline() -> None:
    text = "پیام فارس - باران آمد."
    assert opening(text) == Opening("پیام فارس", None, (text,), ("no-lead",))


def test_a_blank_line_sets_a_lead_apart() -> None:
    assert opening("باران آمد.", "", "دوم.", "سوم.") == Opening(None, "باران آمد.", ("دوم.", "سوم."))
    assert opening("باران آمد.", "", "دوم.") == Opening(None, "باران آمد.", ("دوم.",))


def test_blank_lines_between_all_paragraphs_set_none_apart() -> None:
    assert opening("یک.", "", "دو.", "", "سه.") == Opening(None, None, ("یک.", "دو.", "سه."), ("no-lead",))


def test_without_dateline_and_blank_line_all_is_body() -> None:
    assert opening("یک.", "دو.", "", "سه.") == Opening(None, None, ("یک.", "دو.", "سه."), ("no-lead",))


def test_an_empty_lead_leaves_the_dateline() -> None:
    assert opening("پیام فارس -", "یک.", "دو.") == Opening("پیام فارس", None, ("یک.", "دو."), ("no-lead",))


def test_a_publisher_without_leads_keeps_its_first_paragraph() -> None:
    text = "خبرگزاری آریا - باران آمد."
    assert opening(text, "", "دوم.", publisher=ARYANEWS) == Opening("خبرگزاری آریا", None, (text, "دوم."), ("no-lead",))


def test_a_lead_that_the_markup_sets_apart() -> None:
    assert opening("یک.", lead="باران آمد.", publisher=YJC) == Opening(None, "باران آمد.", ("یک.",))
    assert opening("یک.", lead="پیام فارس - باران آمد.") == Opening("پیام فارس", "باران آمد.", ("یک.",))
    assert opening("یک.", lead="پیام فارس -") == Opening("پیام فارس", None, ("یک.",), ("no-lead",))


def test_a_lead_element_without_a_body_is_the_lone_paragraph() -> None:
    text = "پیام فارس - باران آمد."
    assert opening(lead=text) == Opening("پیام فارس", None, (text,), ("no-lead",))


def test_no_text_at_all() -> None:
    assert opening() == Opening(None, None, (), ("no-lead",))
