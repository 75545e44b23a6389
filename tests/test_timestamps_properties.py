"""Properties of read: it never raises, its answers agree with themselves, checksums catch a changed digit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.timestamps import MAX_LENGTH, Refusal, RefusalReason, Timestamp, looks_like, read
from farscrawler.timestamps.common import read_common, read_iso
from farscrawler.timestamps.normalise import normalise
from farscrawler.timestamps.reader import read_any
from farscrawler.timestamps.result import RefusedError
from farscrawler.timestamps.vocabulary import VOCABULARY
from tests.support.examples import examples
from tests.support.timestamps_layouts import ARABIC_DIGITS, GREGORIAN, LAYOUTS, PERSIAN_DIGITS, Day, days

if TYPE_CHECKING:
    from collections.abc import Callable

TEHRAN = ZoneInfo("Asia/Tehran")
FETCHED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAYS = st.sampled_from(days())
WORDS = [" ".join((first, *rest)) for first, entries in VOCABULARY.items() for rest, _ in entries]
NUMBERS = ["1401", "28", "02", "۱۴۰۰", "٣", "98", "14:55", "05:12:13", "12 : 10", "+04:30", "1401/02/28", "2022-05-18"]
MARKS = ["/", "-", "|", "\n", ":", "،", ".", "Z", "T", "#", "+", "(", "\u200f", "\u200c", "\x00", "1443/10/16"]
TEXTS = st.one_of(
    st.text(st.characters(), max_size=200),  # surrogates among them
    st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.binary(max_size=200).map(lambda raw: raw.decode("cp1256", "replace")),
    st.builds(
        lambda glue, parts: glue.join(parts),
        st.sampled_from(["", " ", "\n"]),
        st.lists(st.sampled_from(WORDS) | st.sampled_from(NUMBERS) | st.sampled_from(MARKS), max_size=20),
    ),
)


def assert_consistent(found: Timestamp | Refusal) -> None:
    """Assert that the parts of an answer say the same."""
    if isinstance(found, Refusal):
        assert found.reason in set(RefusalReason)
        assert (found.jalali is None) == (found.precision is None)
        assert found.jalali is None or found.reason == RefusalReason.DOUBLE_HOUR
        return
    year, month, day = map(int, found.jalali[:10].split("-"))
    assert jdatetime.date(year, month, day).togregorian() == found.date
    assert (found.published_at is None) == (found.precision == "day") == (len(found.jalali) == len("1401-02-28"))
    if found.published_at:
        local = found.published_at.astimezone(UTC).astimezone(TEHRAN)
        assert (local.date(), local.utcoffset()) == (found.date, found.published_at.utcoffset())
        assert found.jalali[11:] == f"{local:%H:%M:%S}"


@examples(300)
@given(text=TEXTS, fetched=st.sampled_from([None, FETCHED]), tz=st.sampled_from(["Asia/Tehran", "Asia/Kabul", "UTC"]))
def test_any_text_is_read_or_refused_and_the_answer_agrees_with_itself(
    text: str, fetched: datetime | None, tz: str
) -> None:
    found = read(text, fetched_at=fetched, tz=tz)
    assert_consistent(found)
    assert read(text, fetched_at=fetched, tz=tz) == found
    assert isinstance(looks_like(text), bool)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1/",
        "1:1",
        ":",
        " : ",
        "مهر ",
        "مهر 12 ",
        "12 مهر 98 ",
        "1401/02/28 ",
        "a-",
        "1.1",
        "ساعت 1 و ",
        "5 روز و ",
        "\ufdfa",
    ],
)
@pytest.mark.parametrize("length", [MAX_LENGTH, 1_000_000])
def test_the_same_piece_over_and_over_is_no_harm(piece: str, length: int) -> None:
    text = (piece * length)[:length]
    assert_consistent(read(text, fetched_at=FETCHED))
    looks_like(text)


@examples(200)
@given(
    day=DAYS,
    layout=st.sampled_from(sorted(LAYOUTS)),
    marks=st.lists(
        st.tuples(st.integers(0, 80), st.sampled_from("\u200c\u200e\u200f\u202b\u2067\ufeff\u00ad\u0640")), max_size=8
    ),
    digits=st.sampled_from([{}, PERSIAN_DIGITS, ARABIC_DIGITS]),
)
def test_marks_anywhere_and_any_digits_change_nothing(
    day: Day, layout: str, marks: list[tuple[int, str]], digits: dict[int, int]
) -> None:
    write, clock = LAYOUTS[layout]
    text = write(day).translate(digits)
    for place, mark in marks:
        text = text[:place] + mark + text[place:]
    found = read(text)
    assert isinstance(found, Timestamp), found
    assert found.jalali == f"{day.jalali}T{clock}"


@examples(200)
@given(day=DAYS, place=st.integers(0, 7), digit=st.integers(0, 9))
def test_a_changed_digit_fits_the_weekday_or_is_refused(day: Day, place: int, digit: int) -> None:
    text = f"{day.weekday} {day.jalali.replace('-', '/')} 14:55"
    places = [index for index, char in enumerate(text) if char.isdigit()]
    changed = text[: places[place]] + str(digit) + text[places[place] + 1 :]
    found = read(changed)
    if isinstance(found, Timestamp):
        assert found.date.weekday() == day.gregorian.weekday()
        # A changed century may make the year a Gregorian one: 1370 and 1970.
        assert changed.split()[1].replace("/", "-") in (found.jalali[:10], found.date.isoformat())
        assert found.jalali.endswith("T14:55:00")
    else:
        assert changed != text


@examples(200)
@given(day=DAYS, place=st.integers(0, 20), digit=st.integers(0, 9))
def test_a_changed_digit_of_one_of_two_calendars_is_refused(day: Day, place: int, digit: int) -> None:
    gregorian = f"{day.gregorian.day:02} {GREGORIAN[day.gregorian.month - 1]} {day.gregorian.year}"
    text = f"{day.year}/{day.month:02}/{day.day:02} - {gregorian}"
    places = [index for index, char in enumerate(text) if char.isdigit()]
    index = places[place % len(places)]
    changed = text[:index] + str(digit) + text[index + 1 :]
    found = read(changed)
    if changed == text:
        assert isinstance(found, Timestamp)
        assert found.date == day.gregorian
    else:
        assert isinstance(found, Refusal), changed


COMMON_PARTS = st.builds(
    "{}{}{}{} {} {}{}{}".format,
    st.sampled_from(["", "", "تاریخ انتشار: "]),
    st.sampled_from(["", "شنبه ", "چهارشنبه ", "سه شنبه ", "مهر ", "خبر ", "دوم "]),
    st.integers(0, 33),
    st.just(""),
    st.sampled_from(["ارديبهشت", "مهر", "اسفند", "حوت", "می", "شوال", "شنبه", "خبر", "شهریور", "فروردین"]),
    st.sampled_from(["1400", "۱۴۰۱", "1499", "1500", "2022", "140", "1300"]),
    st.sampled_from([" - ", "، ", " ", " ساعت ", " | ", " , "]),
    st.sampled_from(["14:55", "00:30", "23:30:07", "24:00", "9:05", "9:5", "12:60", "12:30:61", "14:55 ب.ظ", ""]),
)


@examples(600)
@given(text=COMMON_PARTS, tz=st.sampled_from(["Asia/Tehran", "Asia/Kabul", "Europe/Berlin"]))
def test_the_common_line_is_read_as_the_whole_grammar_reads_it(text: str, tz: str) -> None:
    normal, site = normalise(text), ZoneInfo(tz)
    common = answer(lambda: read_common(normal, site))
    assert common in (None, answer(lambda: read_any(text, normal, None, site)))


OFFSETS = [
    "",
    "Z",
    "z",
    "+03:30",
    "+0430",
    "+04:30",
    "-05:00",
    "+00:00",
    "+05:45",
    "+11:30",
    "+12:00",
    "+03:25",
    " +01:00",
]
ISO_PARTS = st.builds(
    "{}-{:02}-{:02}T{:02}:{:02}{}{}".format,
    st.sampled_from([1404, 1989, 1990, 2015, 2021, 2022, 2026, 2099, 2100]),
    st.integers(0, 13),
    st.integers(0, 32),
    st.integers(0, 25),
    st.integers(0, 61),
    st.sampled_from(["", ":00", ":59", ":60", ".000", ":07.123"]),
    st.sampled_from(OFFSETS),
)


@examples(600)
@given(text=ISO_PARTS, tz=st.sampled_from(["Asia/Tehran", "Asia/Kabul", "Europe/Berlin"]))
def test_a_time_in_iso_8601_is_read_as_the_whole_grammar_reads_it(text: str, tz: str) -> None:
    normal, site = normalise(text), ZoneInfo(tz)
    found = answer(lambda: read_iso(normal, site))
    assert found in (None, answer(lambda: read_any(text, normal, None, site)))


@pytest.mark.parametrize("text", ["2022-05-18T14:55:59+04:30", "2022-05-18T10:25:59Z", "2022-05-18T14:55"])
def test_the_usual_times_for_machines_are_read_at_once(text: str) -> None:
    assert read_iso(normalise(text), TEHRAN) == read(text)


def answer(reading: Callable[[], Timestamp | None]) -> Timestamp | Refusal | None:
    try:
        return reading()
    except RefusedError as error:
        return error.refusal


def test_the_common_line_covers_the_usual_page() -> None:
    assert read_common(normalise("چهارشنبه 28 ارديبهشت 1401 - 14:55:59"), TEHRAN) is not None


@pytest.mark.parametrize("mark", ["AM", "PM", "ق.ظ", "ب.ظ"])
def test_the_common_line_reads_half_days_as_the_grammar_does(mark: str) -> None:
    taken = 0
    for hour in range(26):
        text = f"شنبه 29 مهر 1396 - {hour}:25:40 {mark}"
        common = answer(lambda text=text: read_common(normalise(text), TEHRAN))  # type: ignore[misc]  # bound as it is
        taken += common is not None
        assert common in (None, answer(lambda text=text: read_any(text, normalise(text), None, TEHRAN)))  # type: ignore[misc]
    assert taken == 11
