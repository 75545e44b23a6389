"""The times of one page, settled by the written rules: each trap of dates is a test of its own name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.days import stored_jalali
from farscrawler.extract.moments import Moments, settle_moments
from farscrawler.extract.time_rules import TimeCandidate
from farscrawler.timestamps.calendars import jalali_text

FETCHED = "2026-11-23T08:00:00+00:00"
META, LD, TIME = "meta article:published_time", "json-ld datePublished", "time::attr(datetime)"


def machine(text: str, where: str = META) -> TimeCandidate:
    return TimeCandidate(where, text, machine=True)


def printed(text: str, *, labelled: bool = False) -> TimeCandidate:
    return TimeCandidate(".date", text, labelled=labelled)


def settled(*candidates: TimeCandidate, changes: tuple[TimeCandidate, ...] = (), us_order: bool = False) -> Moments:
    return settle_moments(candidates, changes, fetched_at=FETCHED, tz="Asia/Tehran", us_order=us_order)


def value(*candidates: TimeCandidate, us_order: bool = False) -> tuple[str | None, str | None, list[str]]:
    """Return moment, precision, and the kinds of warnings."""
    found = settled(*candidates, us_order=us_order)
    return found.published_at, found.published_precision, [one.partition(":")[0] for one in found.warnings]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("۱۳۹۹/۰۲/۲۱ - ۱۸:۵۹", "2020-05-10T18:59:00+04:30"),
        ("۱۴۰۰-۰۸-۱۵\\۰۴:۵۸:۰۰", "2021-11-06T04:58:00+03:30"),
        ("1403-03-29\\20:22:47", "2024-06-18T20:22:47+03:30"),
        ("1404-09-10 14:34", "2025-12-01T14:34:00+03:30"),
        ("1404-09-10T14:34:00Z", "2025-12-01T14:34:00+03:30"),
    ],
)
def test_a_jalali_year_in_a_machine_field_is_jalali_whatever_the_field_promises(text: str, moment: str) -> None:
    assert value(machine(text))[0] == moment


def test_a_zone_claimed_of_a_jalali_day_is_dropped_for_tehrans_clock() -> None:
    assert value(machine("۱۳۹۷-۰۴-۱۹T22:05:15+00:00"))[0] == "2018-07-10T22:05:15+04:30"


def test_a_doubled_zone_before_and_after_the_clock() -> None:
    assert value(machine("۱۴۰۵-۰۱-۱۹\\+۰۳۳۰۱۵:۱۷:۴۳+۰۳:۳۰"))[0] == "2026-04-08T15:17:43+03:30"


def test_two_zones_that_agree_are_one_and_two_that_do_not_are_none() -> None:
    assert value(machine("2024-05-01T10:00:00+03:30+03:30"))[0] == "2024-05-01T10:00:00+03:30"
    assert value(machine("2024-05-01T10:00:00+03:30+00:00")) == (None, None, ["timestamp-refused"])


def test_a_missing_zone_is_the_sites_own() -> None:
    assert value(machine("2024-05-01T10:00:00"))[0] == "2024-05-01T10:00:00+03:30"


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00+00:00", "1970-01-01T03:30:00+03:30", "1970-01-01"])
def test_the_epoch_of_a_schema_is_an_empty_column(text: str) -> None:
    assert settled(machine(text)).warnings == ("timestamp-refused: unset date",)
    assert value(machine(text, LD), printed("۵ تیر ۱۴۰۲ - ۱۰:۱۱")) == ("2023-06-26T10:11:00+03:30", "minute", [])


def test_a_future_machine_time_is_no_candidate() -> None:
    future = machine("2026-12-13T10:00:00+03:30")
    assert settled(future).warnings == ("timestamp-refused: later than the fetch",)
    assert value(future, printed("۵ تیر ۱۴۰۲ - ۱۰:۱۱"))[0] == "2023-06-26T10:11:00+03:30"


def test_us_order_is_read_only_where_the_site_is_known_to_write_so() -> None:
    stamp = machine("5/3/2024 1:02:03 PM")
    assert value(stamp) == (None, None, ["timestamp-refused"])
    assert value(stamp, us_order=True)[0] == "2024-05-03T13:02:03+03:30"


def test_two_places_that_agree_within_a_minute_need_no_warning_and_the_printed_line_stands() -> None:
    both = (machine("2020-05-10T18:59:01+04:30", LD), printed("۲۱ ارديبهشت ۱۳۹۹ - ۱۸:۵۹"))
    assert value(*both) == ("2020-05-10T18:59:00+04:30", "minute", [])


def test_utc_that_equals_the_printed_tehran_time_agrees() -> None:
    both = (machine("2020-02-17T03:25:00Z"), printed("۲۸ بهمن ۱۳۹۸ - ۰۶:۵۵"))
    assert value(*both) == ("2020-02-17T06:55:00+03:30", "minute", [])


def test_a_printed_day_and_an_exact_machine_time_give_the_exact_one() -> None:
    both = (machine("2026-10-01T05:06:07Z", LD), printed("۹ /مهر/ ۱۴۰۵"))
    assert value(*both) == ("2026-10-01T08:36:07+03:30", "second", [])


def test_the_pair_of_printed_line_and_machine_outweighs_another_machine_field() -> None:
    found = value(
        machine("2022-06-27T10:11:00+04:30", LD), machine("2022-06-20T08:00:00Z"), printed("۶ تیر ۱۴۰۱ - ۱۰:۱۱")
    )
    assert found == ("2022-06-27T10:11:00+04:30", "minute", ["timestamps-disagree"])


@pytest.mark.parametrize(
    "text",
    ["2023-04-26T15:12:00+00:00", "2023-04-26T08:12:00Z", "2023-04-26T11:42:00+03:30"],
    ids=["local clock as UTC", "the offset taken off twice", "UTC's clock as local"],
)
def test_hours_off_by_tehrans_offset_are_the_printed_clock_under_a_wrong_zone(text: str) -> None:
    found = value(machine(text), printed("۶ اردیبهشت ۱۴۰۲ - ۱۵:۱۲"))
    assert found == ("2023-04-26T15:12:00+03:30", "minute", ["timestamps-disagree"])


def test_the_midnight_of_a_scheduled_item_loses_to_the_printed_hour() -> None:
    both = (machine("2022-05-21T19:30:00Z"), printed("۱ خرداد ۱۴۰۱ - ۰۸:۱۵"))
    assert value(*both) == ("2022-05-22T08:15:00+04:30", "minute", ["timestamps-disagree"])


def test_a_printed_midnight_that_the_machine_confirms_is_midnight() -> None:
    assert value(machine("2023-05-21T20:30:00Z"), printed("۱ خرداد ۱۴۰۲ - ۰۰:۰۰"))[0] == "2023-05-22T00:00:00+03:30"


def test_a_printed_line_that_is_the_time_of_the_last_change_loses_to_the_time_of_publication() -> None:
    changed = TimeCandidate("json-ld dateModified", "2023-10-01T12:00:00+03:30", machine=True)
    found = settled(machine("2023-09-07T10:15:00+03:30"), printed("۹ مهر ۱۴۰۲ - ۱۲:۰۰"), changes=(changed,))
    assert found.published_at == "2023-09-07T10:15:00+03:30"
    assert found.modified_at == "2023-10-01T12:00:00+03:30"
    assert found.warnings[0].startswith("timestamps-disagree: ")


def test_a_relative_line_of_an_old_rendering_loses_to_machine_fields() -> None:
    found = value(machine("2022-08-27T04:42:00Z"), printed("۱ ساعت قبل"))
    assert found == ("2022-08-27T09:12:00+04:30", "second", ["timestamps-disagree"])


def test_a_printed_line_that_says_that_it_is_the_time_of_publication_wins() -> None:
    found = value(machine("2023-06-20T10:00:00Z"), printed("تاریخ انتشار: ۵ تیر ۱۴۰۲ - ۱۰:۱۱", labelled=True))
    assert found == ("2023-06-26T10:11:00+03:30", "minute", ["timestamps-disagree"])


def test_without_a_rule_the_day_is_certain_where_all_are_of_one_day() -> None:
    found = settled(machine("2023-06-26T05:00:00Z"), printed("۵ تیر ۱۴۰۲ - ۱۰:۱۱"))
    assert (found.published_at, found.published_jalali, found.published_precision) == (None, "SH 1402/04/05", "day")


def test_without_a_rule_and_on_several_days_nothing_is_certain() -> None:
    found = settled(machine("2023-06-20T05:00:00Z"), printed("۵ تیر ۱۴۰۲ - ۱۰:۱۱"))
    assert (found.published_at, found.published_jalali, found.published_precision) == (None, None, None)
    assert found.warnings == (
        f"timestamps-disagree: {META} 2023-06-20T08:30:00+03:30, .date 2023-06-26T10:11:00+03:30",
    )


def test_machine_fields_that_outnumber_one_win_where_nothing_is_printed() -> None:
    two = (machine("2023-06-26T05:00:00Z", LD), machine("2023-06-26T08:30:00+03:30"))
    assert value(*two, machine("2023-06-28T05:00:00Z", TIME))[0] == "2023-06-26T08:30:00+03:30"
    assert value(two[0], machine("2023-06-28T05:00:00Z", TIME))[:2] == (None, None)


def test_a_printed_line_that_contradicts_itself_is_warned_of_where_the_machine_holds() -> None:
    found = settled(machine("2023-06-26T05:00:00Z"), printed("شنبه ۵ تیر ۱۴۰۲ - ۰۸:۳۰"))
    assert found.published_at == "2023-06-26T08:30:00+03:30"
    assert found.warnings == ("timestamp-refused: weekday disagrees",)


def test_a_printed_line_without_a_date_says_nothing_against_the_machine() -> None:
    assert value(machine("2023-06-26T05:00:00Z"), printed("سیاسی")) == ("2023-06-26T08:30:00+03:30", "second", [])


def test_no_time_at_all() -> None:
    assert settled().warnings == ("no-timestamp",)


def change(text: str, where: str = "meta article:modified_time") -> TimeCandidate:
    return TimeCandidate(where, text, machine=True)


def test_modified_before_published_is_refused() -> None:
    found = settled(machine("2023-06-26T05:00:00Z"), changes=(change("2023-06-26T04:59:00Z"),))
    assert (found.modified_at, found.warnings) == (None, ("modified-refused: before publication",))


def test_a_later_modification_outweighs_one_that_repeats_the_publication() -> None:
    changes = (change("2023-06-26T05:00:00Z"), change("2023-06-27T05:00:00Z", "meta og:updated_time"))
    assert settled(machine("2023-06-26T05:00:00Z"), changes=changes).modified_at == "2023-06-27T08:30:00+03:30"


def test_a_modification_that_repeats_is_none_beside_one_that_lies_before() -> None:
    changes = (change("2023-06-26T05:00:30Z"), change("2023-06-26T04:00:00Z", "meta og:updated_time"))
    found = settled(machine("2023-06-26T05:00:00Z"), changes=changes)
    assert (found.modified_at, found.warnings) == (None, ("modified-refused: before publication",))


def test_modifications_that_disagree_are_none() -> None:
    changes = (change("2023-06-27T05:00:00Z"), change("2023-06-28T05:00:00Z", "meta og:updated_time"))
    found = settled(machine("2023-06-26T05:00:00Z"), changes=changes)
    assert (found.modified_at, found.warnings) == (None, ("modified-refused: several that disagree",))


def test_a_modification_later_than_the_fetch_is_refused() -> None:
    found = settled(machine("2023-06-26T05:00:00Z"), changes=(change("2027-06-26T05:00:00Z"),))
    assert (found.modified_at, found.warnings) == (None, ("modified-refused: later than the fetch",))


moments = st.datetimes(datetime(2010, 1, 1), datetime(2026, 11, 1)).map(  # noqa: DTZ001  # made aware at once
    lambda one: one.replace(microsecond=0, tzinfo=UTC)
)


@given(moments, st.permutations(range(4)))
def test_however_one_moment_is_written_and_ordered_it_is_that_moment(moment: datetime, order: list[int]) -> None:
    local = moment.astimezone(UTC)
    ways = [
        machine(local.isoformat(), LD),
        machine(local.strftime("%Y-%m-%dT%H:%M:%SZ")),
        machine(f"{local:%Y-%m-%d %H:%M:%S}+00:00", TIME),
        machine(f"{local:%Y-%m-%dT%H:%M:%S.250}+0000", "itemprop datePublished"),
    ]
    found = settled(*(ways[i] for i in order))
    assert found.published_at is not None
    assert datetime.fromisoformat(found.published_at) == moment
    assert found.warnings == ()


@given(moments, st.timedeltas(timedelta(hours=-50), timedelta(hours=50)))
def test_two_machine_fields_alone_are_never_split_by_a_guess(moment: datetime, gap: timedelta) -> None:
    """Whatever lies between two fields, the answer is what both can mean: the moment, the day, or nothing."""
    other = moment + gap
    found = settled(machine(moment.isoformat(), LD), machine(other.isoformat()))
    midnight = any(
        one.second == 0 and (one.hour, one.minute) in ((20, 30), (19, 30), (0, 0)) for one in (moment, other)
    )
    if abs(gap) < timedelta(minutes=1):
        assert found.published_at is not None
    elif not midnight:
        assert found.published_at is None
        assert found.warnings[0].startswith("timestamps-disagree")
        local = [(one + timedelta(hours=3, minutes=30)).date() for one in (moment, other)]
        days = {stored_jalali(jalali_text(day)) for day in local}
        if found.published_jalali is not None and moment.year >= 2023:
            assert {found.published_jalali} == days
