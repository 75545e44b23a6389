"""What the end of a crawl makes of a publisher's record: when it is due, by how it ended and what was learned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.archive.schedule import ScheduleRecord
from farscrawler.errors import Exit
from farscrawler.outcomes.stop_rules import EndReason, RunEnd
from farscrawler.schedule.backoff import GONE_AFTER, Kind, kind_of, pause_after
from farscrawler.schedule.budget import Limits
from farscrawler.schedule.learned import learn
from farscrawler.schedule.plan import (
    FIRST_COST,
    FIRST_CRAWL,
    CrawlResult,
    corrected,
    day_part,
    first_records,
    is_overdue,
    next_day,
    settled,
    tehran_day,
    used_on,
)
from farscrawler.schedule.profile import DAY, HOUR, Profile, hour_begins, hour_number

NOW = 1_796_029_200.0
LIMITS = Limits(300.0, 12 * HOUR, 10_000.0)
RECORD = ScheduleRecord(publisher="north", since=NOW - 30 * DAY, due_at=NOW, cost=FIRST_COST)


def end(exit_code: int = 0, reason: EndReason | None = EndReason.FINISHED, **more: float) -> CrawlResult:
    known = {"begun": NOW, "ended": NOW + 60.0, "requests": 13, "articles": 10, "new": 10}
    return CrawlResult(exit_code=exit_code, end_reason=None if reason is None else str(reason), **{**known, **more})  # type: ignore[arg-type]


def after(record: ScheduleRecord, found: CrawlResult, price: float = 1.0) -> ScheduleRecord:
    return settled(record, found, Profile(), price=price, limits=LIMITS)


@pytest.mark.parametrize("reason", list(EndReason))
def test_a_reason_is_read_from_what_the_table_of_runs_says(reason: EndReason) -> None:
    if reason is EndReason.CLOSED:
        assert EndReason.of_text("memusage_exceeded") is EndReason.CLOSED
    else:
        assert EndReason.of_text(str(RunEnd(reason, "3 in a row: late"))) is reason
        assert EndReason.of_text(str(RunEnd(reason))) is reason


@pytest.mark.parametrize(
    ("code", "reason", "stopped", "kind"),
    [
        (Exit.DONE, EndReason.FINISHED, False, Kind.DONE),
        (Exit.OWED, EndReason.FINISHED, False, Kind.SOFT),
        (Exit.OWED, EndReason.INCOMPLETE, False, Kind.SOFT),
        (Exit.OWED, EndReason.BLOCKED, False, Kind.HARD),
        (Exit.OWED, EndReason.TOO_SLOW, False, Kind.HARD),
        (Exit.OWED, EndReason.NOT_ARTICLES, False, Kind.HARD),
        (Exit.OWED, EndReason.UNREACHABLE, False, Kind.TEMPORARY),
        (Exit.OWED, EndReason.TOO_MANY_FAILURES, False, Kind.TEMPORARY),
        (Exit.BROKE, EndReason.STORAGE_FAILED, False, Kind.TEMPORARY),
        (Exit.BROKE, None, False, Kind.TEMPORARY),
        (Exit.BAD_ARGUMENTS, None, False, Kind.HARD),
        (Exit.HELD, None, False, Kind.HELD),
        (-9, None, False, Kind.TEMPORARY),
        (-9, None, True, Kind.STOPPED),
        (Exit.INTERRUPTED, EndReason.INTERRUPTED, True, Kind.STOPPED),
        (Exit.INTERRUPTED, EndReason.INTERRUPTED, False, Kind.TEMPORARY),
        (Exit.DONE, EndReason.FINISHED, True, Kind.DONE),
        (99, None, False, Kind.TEMPORARY),
    ],
)
def test_kinds_of_failure(code: int, reason: EndReason | None, stopped: bool, kind: Kind) -> None:
    assert kind_of(code, None if reason is None else f"{reason}: so it was", stopped=stopped) is kind


@given(st.sampled_from([Kind.SOFT, Kind.TEMPORARY, Kind.HARD]), st.integers(1, 10_000), st.text())
def test_pauses_grow_with_every_failure_up_to_a_week(kind: Kind, failures: int, name: str) -> None:
    now, later = pause_after(kind, failures, name), pause_after(kind, failures + 1, name)
    assert 0 < now <= 7 * DAY
    assert later >= now * 0.8  # jitter, where neither is at its longest


def test_what_lasts_is_asked_seldom_and_what_passes_soon() -> None:
    assert pause_after(Kind.TEMPORARY, 1, "north") < 6 * 60 < 5 * HOUR < pause_after(Kind.HARD, 1, "north")
    assert sum(pause_after(Kind.TEMPORARY, n, "north") for n in range(1, 9)) < 18 * HOUR
    assert pause_after(Kind.TEMPORARY, GONE_AFTER, "north") <= 6 * HOUR
    assert pause_after(Kind.TEMPORARY, GONE_AFTER + 1, "north") > 20 * HOUR
    assert pause_after(Kind.DONE, 0, "north") == 0.0


@given(
    st.floats(0.001, 100.0),
    st.floats(1e-9, 1e9),
    st.sampled_from(
        [(0, EndReason.FINISHED), (3, EndReason.INCOMPLETE), (3, EndReason.BLOCKED), (75, None), (-9, None)]
    ),
    st.integers(0, 50),
    st.floats(1.0, 20_000.0),
)
def test_the_next_crawl_is_within_the_limits_and_never_in_the_past(
    rate: float, price: float, ending: tuple[int, EndReason | None], failures: int, seconds: float
) -> None:
    profile = Profile()
    profile.observe(NOW - DAY, NOW, {hour_number(NOW - HOUR * h): rate for h in range(24)})
    found = end(*ending, ended=NOW + seconds)
    record = settled(replace(RECORD, failures=failures), found, profile, price=price, limits=LIMITS)
    assert record.due_at >= found.ended
    assert record.due_at >= NOW + LIMITS.shortest
    longest = LIMITS.longest if ending[0] in (0, 3) and ending[1] is not EndReason.BLOCKED else 7 * DAY
    assert record.due_at <= max(found.ended, NOW + longest) + (seconds if longest > LIMITS.longest else 0)


def test_failures_in_a_row_count_by_kind_and_a_good_crawl_forgets_them() -> None:
    first = after(RECORD, end(3, EndReason.UNREACHABLE, requests=4, articles=0, new=0))
    second = after(first, end(3, EndReason.UNREACHABLE, requests=4, articles=0, new=0))
    assert [first.failures, second.failures] == [1, 2]
    assert second.due_at > first.due_at
    assert second.read_at is None  # it has read nothing
    blocked = after(second, end(3, EndReason.BLOCKED))
    assert (blocked.kind, blocked.failures) == ("hard", 1)
    done = after(blocked, end())
    assert (done.kind, done.failures, done.reason, done.read_at) == ("done", 0, None, NOW)


def test_a_crawl_that_we_have_stopped_is_due_at_once_and_says_nothing_of_the_site() -> None:
    failed = after(RECORD, end(3, EndReason.UNREACHABLE))
    record = settled(failed, end(130, EndReason.INTERRUPTED, stopped=True), Profile(), price=1.0, limits=LIMITS)
    assert record.due_at == NOW + 60  # its end
    assert not record.has_begun
    assert (record.kind, record.failures) == (failed.kind, failed.failures)
    assert record.requests == 26  # they were made all the same


def test_requests_are_counted_by_the_day_in_tehran() -> None:
    record = after(after(RECORD, end()), end())
    assert record.requests == 26
    midnight = next_day(NOW)
    assert tehran_day(midnight) != tehran_day(midnight - 1) == tehran_day(NOW)
    assert day_part(midnight) == 0.0
    tomorrow = after(record, end(begun=midnight - 5, ended=midnight + 5))
    assert (tomorrow.day, tomorrow.requests) == (tehran_day(midnight), 13)
    assert used_on([record, tomorrow], tehran_day(NOW)) == 26


def test_the_cost_of_a_crawl_and_the_articles_of_a_day_are_learned() -> None:
    record = RECORD
    for number in range(100):
        at = NOW + number * HOUR
        record = after(record, end(begun=at, ended=at + 60, requests=33, articles=13, new=3))
    assert record.cost == pytest.approx(20.0, rel=0.01)
    assert record.article_requests == pytest.approx(13 * 24, rel=0.3)
    assert record.articles == pytest.approx(3 * 24, rel=0.3)


def test_first_crawls_are_spread_by_how_many_are_crawled_at_once() -> None:
    records = first_records([f"site{number}" for number in range(20)], NOW, at_once=8)
    assert [(one.due_at - NOW) / FIRST_CRAWL for one in records] == [0] * 8 + [1] * 8 + [2] * 4


def test_after_a_clock_was_set_back_a_pause_begins_now() -> None:
    record = replace(RECORD, asked_at=NOW + 5 * DAY, read_at=NOW + 5 * DAY, due_at=NOW + 5 * DAY + HOUR)
    found = corrected(record, NOW)
    assert (found.asked_at, found.read_at, found.due_at) == (NOW, NOW, NOW + HOUR)
    assert corrected(found, NOW) is found


def test_after_a_sleep_all_are_due_and_long_overdue() -> None:
    record = after(RECORD, end())
    assert not is_overdue(record, record.due_at + 3000, 3600)
    assert is_overdue(record, record.due_at + 3 * DAY, 3600)
    assert corrected(record, record.due_at + 3 * DAY) is record


def test_a_first_crawl_tells_the_rate_of_a_site_in_spite_of_old_articles_at_the_head_of_its_list() -> None:
    record = replace(RECORD, since=NOW, read_at=NOW)
    listed = {hour_number(NOW) - hour: 10.0 for hour in range(1, 7)}
    plain = learn(listed, record).level()
    assert 3.0 < plain < 10.0
    pinned = learn({**listed, hour_number(NOW) - 40 * 24: 1.0}, record).level()
    assert pinned == pytest.approx(plain, rel=0.25)


def test_a_site_without_readable_times_is_known_by_how_many_articles_came() -> None:
    record = replace(RECORD, read_at=NOW, articles=480.0)
    assert learn({}, record).level() == pytest.approx(20.0, rel=0.15)
    assert learn({}, replace(record, articles=0.0)).level() < 0.5


def test_what_was_published_after_the_last_reading_is_not_learned_twice() -> None:
    record = replace(RECORD, read_at=NOW)
    profile = learn({hour_number(NOW) + 30: 1000.0}, record)
    assert profile.level() < 0.5
    assert profile.seen_to == NOW


def test_a_publisher_that_was_never_read_has_the_profile_of_an_unknown_one() -> None:
    assert learn({hour_number(NOW): 5.0}, RECORD).rates() == Profile().rates()
    assert hour_begins(hour_number(NOW)) <= NOW
