"""Copies: texts as shingles, what makes a copy and what a bulletin, and who was first."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.copies.candidates import Day, Sampled, candidates
from farscrawler.copies.compare import compare
from farscrawler.copies.groups import Link, grouped
from farscrawler.copies.moments import day_and_span, first_of, lag
from farscrawler.copies.shingles import (
    LEAST,
    SAMPLE,
    Text,
    at_level,
    level_of,
    packed,
    sample,
    shingles,
    unpacked,
)
from farscrawler.persian import fold
from tests.support.copied import Writer, other_letters, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


# -- texts ------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=60))
def test_a_text_has_the_shingles_of_its_folded_words(text: str) -> None:
    """Words are folded one by one and remembered; folding the whole text has to come to the same."""
    assert shingles(text) == shingles(fold(text))
    assert Text.of(text) == Text.of(fold(text))


def test_shingles_are_the_same_numbers_for_ever() -> None:
    """Stored samples are compared with those of later versions."""
    found = shingles("هوای تهران امروز ۱۲ درجه است")
    assert sorted(found) == sorted(shingles("هوای تهران امروز 12 درجه است")), "digits of any script"
    assert packed(unpacked(b"\1\0\0\0\2\0\0\0")) == b"\1\0\0\0\2\0\0\0"
    assert min(found) == FIRST


#: The least shingle of the sentence above. Another number needs another VERSION of shingles.
FIRST = 1210480151


def test_spelling_makes_no_difference() -> None:
    text = "می‌گوید كتاب‌هاي تازه در ۱۴۰۱/۰۲/۲۸ با قیمت ۱۲٬۵۰۰ تومان، «چاپ» شد."
    assert shingles(text) == shingles(other_letters(text))


@given(st.integers(1, 5_000))
def test_a_sample_has_a_bounded_size_and_samples_of_two_levels_compare(count: int) -> None:
    found = set(random.Random(count).sample(range(2**32), count))
    level = level_of(count)
    assert count >> level <= SAMPLE
    assert level == 0 or (count - 1) >> (level - 1) >= SAMPLE
    got = sample(found)
    assert (got is None) == (count < LEAST)
    if got is not None:
        assert set(got[1]) == set(at_level(found, level))
        assert set(at_level(got[1], level + 2)) == set(at_level(found, level + 2))


# -- copies and bulletins ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [40, 80, 300])
def test_copies_are_found_whatever_was_done_to_them(words: int) -> None:
    writer = Writer(words)
    changes: list[Callable[[str], str]] = [
        lambda text: writer.preceded(text, words // 5),
        lambda text: writer.edited(text, 0.05),
        lambda text: writer.cut(text, 0.5),
        other_letters,
    ]
    for change in changes:
        texts = [writer.text(words) for _ in range(30)]
        copies = [change(text) for text in texts]
        kinds = [compare(Text.of(one), Text.of(two)).kind for one, two in zip(texts, copies, strict=True)]
        assert kinds.count("copy") >= 28, (words, change, kinds)
    others = [writer.text(words) for _ in range(30)]
    assert {compare(Text.of(one), Text.of(two)).kind for one in others for two in others if one is not two} == {None}


WEATHER = "هواشناسی از بارش پراکنده خبر داد؛ دمای {} امروز به {} درجه و شب به {} درجه می‌رسد و رطوبت {} درصد است."
PRICES = "در بازار {} هر دلار {} تومان، هر یورو {} تومان و هر سکه {} تومان فروخته شد و انس طلا به {} دلار رسید."
PRAYERS = "اذان صبح {} ساعت {}، طلوع آفتاب {}، اذان ظهر {}، غروب آفتاب {} و اذان مغرب {} به افق آن شهر است."
CITIES = ("تهران", "شیراز", "تبریز", "مشهد", "اهواز", "یزد")


def bulletin(form: str, dice: random.Random) -> str:
    """Return a bulletin of six cities, all numbers drawn anew."""
    clock = form is PRAYERS
    lines = []
    for city in CITIES:
        numbers = [
            f"{dice.randint(4, 19)}:{dice.randint(0, 59):02}" if clock else f"{dice.randint(5, 60_000)}"
            for _ in range(form.count("{}") - 1)
        ]
        lines.append(form.format(city, *numbers))
    return " ".join(lines)


@pytest.mark.parametrize("form", [WEATHER, PRICES, PRAYERS])
def test_a_bulletin_of_another_day_is_no_copy_and_one_printed_by_another_site_is(form: str) -> None:
    dice = random.Random(3)
    today, tomorrow = bulletin(form, dice), bulletin(form, dice)
    assert compare(Text.of(today), Text.of(tomorrow)).kind in ("bulletin", None)
    assert compare(Text.of(today), Text.of(f"به گزارش ما، {other_letters(today)}")).kind == "copy"


def test_a_few_numbers_brought_up_to_date_leave_a_copy() -> None:
    writer = Writer(5)
    text = f"{writer.text(60)} ۳ کشته و ۱۲ زخمی در {writer.text(20)} ساعت ۸:۳۰ {writer.text(40)}"
    assert compare(Text.of(text), Text.of(text.replace("۳ کشته", "۵ کشته"))).kind == "copy"


def test_bulletins_with_other_numbers_in_the_same_words_are_bulletins() -> None:
    line = "نرخ خرید هر {0} در بازار آزاد امروز {1} تومان اعلام شد که نسبت به روز پیش تغییر کرده است"
    day = [" ".join(line.format(name, 1_000 * at + n) for n, name in enumerate(CITIES)) for at in (7, 9)]
    found = compare(Text.of(day[0]), Text.of(day[1]))
    assert (found.kind, found.agreeing) == ("bulletin", 0.0)


def test_links_stay_few_where_a_hundred_sites_print_one_text() -> None:
    writer = Writer(6)
    text = writer.text(200)
    found = [sample(shingles(writer.preceded(text, 10))) for _ in range(100)]
    articles = [Sampled(at, *one) for at, one in enumerate(found) if one is not None]
    pairs = {one.doc: [other.doc for other in alike] for one, alike in candidates([], Day(), articles)}
    assert set(pairs) == set(range(1, 100)), "each is linked to one before it"
    assert max(map(len, pairs.values())) <= 16
    assert all(other < doc for doc, others in pairs.items() for other in others)


# -- groups -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=12), st.sets(st.integers(1, 12)))
def test_groups_are_what_links_join_wherever_one_begins(pairs: list[tuple[int, int]], start: set[int]) -> None:
    near: dict[int, set[int]] = {doc: {doc} for doc in range(1, 13)}
    for one, two in pairs:
        joined = near[one] | near[two]
        for doc in joined:
            near[doc] = joined

    def linked(docs: Iterable[int]) -> dict[int, tuple[Link, list[Link]]]:
        return {
            doc: (
                Link(doc, 1, "a"),
                [Link(two if one == doc else one, 1, "a") for one, two in pairs if doc in (one, two) and one != two],
            )
            for doc in docs
        }

    expected = {doc: min(near[doc]) for at in start for doc in near[at] if len(near[doc]) > 1}
    assert grouped(start, linked) == expected


def test_a_text_that_is_printed_day_after_day_joins_no_days() -> None:
    """A site prints it on each day, another one copies it on the second: that pair alone is a group."""
    pages = {1: (1, "a"), 2: (2, "a"), 3: (3, "a"), 4: (4, "a"), 9: (2, "b")}
    pairs = {(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4), (2, 9), (1, 9), (3, 9)}

    def linked(docs: Iterable[int]) -> dict[int, tuple[Link, list[Link]]]:
        others = {doc: [sum(pair) - doc for pair in pairs if doc in pair] for doc in docs}
        return {doc: (Link(doc, *pages[doc]), [Link(at, *pages[at]) for at in others[doc]]) for doc in docs}

    assert grouped(pages, linked) == {2: 2, 9: 2}


# -- who was first ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class At:
    publisher: str
    earliest: int
    latest: int


def spans(*articles: tuple[str, float, str]) -> list[At]:
    found = []
    for publisher, after, precision in articles:
        when = day_and_span(printed(publisher, "1", "", after=after, precision=precision), "Asia/Tehran")
        assert when is not None
        found.append(At(publisher, *when[1:]))
    return found


@pytest.mark.parametrize(
    ("articles", "first"),
    [
        ([("a", 5, "second"), ("b", 0, "second")], 1),
        ([("a", 5, "minute"), ("b", 0, "minute")], 1),
        ([("a", 0, "second"), ("b", 0, "second")], "same time"),
        ([("a", 0, "minute"), ("b", 0.5, "second")], "same time"),
        ([("a", 0, "second"), ("a", 0, "second"), ("b", 9, "second")], 0),  # the publisher is certain
        ([("a", 30, "hour"), ("b", 40, "second")], "day only"),
        ([("a", 0, "day"), ("b", 60, "second")], "day only"),
        ([("a", 0, "day"), ("b", 1440, "second")], 0),  # the next day
        ([("a", 0, "day"), ("b", 1440, "second"), ("c", 60, "second")], "day only"),
    ],
)
def test_who_was_first_is_said_where_the_times_leave_no_doubt(
    articles: list[tuple[str, float, str]], first: int | str
) -> None:
    assert first_of(spans(*articles)) == first
    found = first_of(spans(*reversed(articles)))
    assert (articles[::-1][found][0] if isinstance(found, int) else found) == (
        articles[first][0] if isinstance(first, int) else first
    )


def test_a_lag_needs_two_clocks() -> None:
    one, two, three = spans(("a", 0, "second"), ("b", 90, "minute"), ("c", 1440, "day"))
    assert (lag(one, two), lag(one, three), lag(three, two)) == (5_400, None, None)


def test_a_day_of_an_unknown_zone_is_longer() -> None:
    article = printed("a", "1", "", precision="day")
    known, unknown = day_and_span(article, "Asia/Tehran"), day_and_span(article, None)
    assert known is not None
    assert unknown is not None
    assert known[0] == unknown[0]
    assert known[2] - known[1] + 1 == 86_400
    assert unknown[1] < known[1] < known[2] < unknown[2]
    assert day_and_span(printed("a", "1", "", precision="none"), None) is None
