"""Which of the lines above the timestamp is what."""

from __future__ import annotations

import pytest

from farscrawler.extract.fields import Headings, place_headings, read_headline
from farscrawler.extract.page import RawFields


@pytest.mark.parametrize(
    ("lines", "slug", "expected"),
    [
        (["تیتر"], None, Headings(None, "تیتر")),
        (["تیتر"], "دیگر", Headings(None, "تیتر")),
        (["روتیتر:", "تیتر"], None, Headings("روتیتر:", "تیتر")),
        (["روتیتر:", "تیتر"], "تیتر", Headings("روتیتر:", "تیتر")),
        (["روتیتر:", "تیتر"], "چیز-دیگر", Headings("روتیتر:", "تیتر")),
        (["تیتر بلند", "بر دو خط"], "تیتر-بلند-بر-دو-خط", Headings(None, "تیتر بلند بر دو خط")),
        (["روتیتر:", "تیتر بلند", "بر دو خط"], "تیتر-بلند-بر-دو-خط", Headings("روتیتر:", "تیتر بلند بر دو خط")),
        (["روتیتر:", '"تیتر” بلند', "بر  خط"], '"تیتر”-بلند-بر--خط', Headings("روتیتر:", '"تیتر” بلند بر  خط')),
        (["روتیتر:", "تیتر"], "%D8%AA%DB%8C%D8%AA%D8%B1", Headings("روتیتر:", "تیتر")),
        (["تیتر", "تیتر"], "تیتر", Headings("تیتر", "تیتر")),
        (["تیتر", "زیرتیتر"], "تیتر", Headings(None, "تیتر", "زیرتیتر")),
        (["الف:", "تیتر", "زیر"], "تیتر", Headings("الف:", "تیتر", "زیر")),
        (["ا", "ب", "تیتر", "بلند", "پ", "ت"], "تیتر-بلند", Headings("ب", "تیتر بلند", "پ", ("unplaced-lines: 2",))),
        (["الف", "ب", "تیتر"], "تیتر", Headings("ب", "تیتر", None, ("unplaced-lines: 1",))),
        (["الف", "ب", "پ", "تیتر"], None, Headings("پ", "تیتر", None, ("unplaced-lines: 2",))),
    ],
)
def test_place(lines: list[str], slug: str | None, expected: Headings) -> None:
    assert place_headings(lines, slug) == expected


def test_lines_that_the_caller_could_not_place_are_counted_too() -> None:
    assert place_headings(["تیتر"], None, 1).warnings == ("unplaced-lines: 1",)
    assert place_headings(["الف", "ب", "تیتر"], None, 2).warnings == ("unplaced-lines: 3",)


def test_a_subtitle_that_is_the_lead_is_no_subtitle() -> None:
    assert read_headline(RawFields(headline="تیتر", published_text="", subtitle="زیر", lead="زیر")).subtitle is None
    assert read_headline(RawFields(headline="تیتر", published_text="", subtitle="زیر", lead="لید")).subtitle == "زیر"
