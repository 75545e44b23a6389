"""Arguments and plans: what is wanted, minus what is known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.archive import Archive, Outcome, Visit
from farscrawler.errors import BadArgumentError
from farscrawler.frontier import latest as latest_module
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.frontier.id_ranges import IdRanges, parse_ids
from farscrawler.frontier.incremental import IncrementalByIds
from farscrawler.frontier.inflight import InFlight
from farscrawler.frontier.latest import LatestByIds
from farscrawler.frontier.seeds import Seeds
from farscrawler.items import Article
from tests.support.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def archive_place(tmp_path: Path) -> Path:
    """One backend is enough: what an archive says is the same in each, and tested there."""
    return tmp_path / "archive.db"


FARSONLINE = publishers.load("farsonline")
AT = "2026-11-23T08:00:00+00:00"


def visit(key: str, outcome: Outcome = "article", *, page: str | None = None, publisher: str = "farsonline") -> Visit:
    return Visit(publisher=publisher, key=key, url=f"http://x/{key}", outcome=outcome, at=AT, page_hash=page)


def article(key: str, *, revision: int = 1, publisher: str = "farsonline") -> Article:
    return Article(
        publisher=publisher,
        article_id=key,
        url=f"http://x/{key}",
        headline=f"تیتر {revision}",
        body="متن",
        fetched_at=AT,
        content_hash=f"{key} {revision}",
        revision=revision,
    )


def store(archive: Archive, key: str, publisher: str = "farsonline") -> None:
    archive.save(visit(key, publisher=publisher), article(key, publisher=publisher))
    archive.flush()


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=8))
def test_ids_keep_their_order_and_come_once(spans: list[tuple[int, int]]) -> None:
    expected: list[int] = []
    for a, b in spans:
        for number in range(a, b + 1) if a <= b else range(a, b - 1, -1):
            if number not in expected:
                expected.append(number)
    found = parse_ids(",".join(f"{a}-{b}" for a, b in spans))
    assert list(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("267403", [267403]),
        ("1,5,9-12", [1, 5, 9, 10, 11, 12]),
        ("۱، ۵ ۹–۱۰", [1, 5, 9, 10]),
        ("3 - 1", [3, 2, 1]),
    ],
)
def test_ids_as_people_write_them(text: str, ids: list[int]) -> None:
    assert list(parse_ids(text)) == ids


def test_a_million_ids_are_not_held() -> None:
    assert len(parse_ids("1-1000000").ranges) == 1


def test_ids_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("# our list\n1-3\n\n7 # the last\n", encoding="utf-8-sig")
    assert list(parse_ids(f"@{file}")) == [1, 2, 3, 7]


@pytest.mark.parametrize(
    ("given_arguments", "words"),
    [
        ({"ids": ""}, "names no ids"),
        ({"ids": "12x"}, "'12x' is no id"),
        ({"ids": "5-"}, "no id or range"),
        ({"ids": "0-3"}, "begin at 1"),
        ({"ids": "9" * 30}, "too long"),
        ({"ids": "@missing.txt"}, "missing.txt: the file cannot be read"),
        ({"latest": "many"}, "whole number"),
        ({"latest": "0"}, "whole number"),
        ({"latest": "-5"}, "whole number"),
        ({"form": "pdf"}, "has the forms"),
        ({"urls": ""}, "names no address"),
        ({"urls": "http://example.org/news/1"}, "not an address of farsonline"),
        ({"urls": "http://www.fars-online.ir/about"}, "no article id"),
        ({"urls": "@missing.txt"}, "cannot be read"),
        ({"base_url": "localhost:8000"}, "write scheme and host"),
        ({"base_url": "http://127.0.0.1:8000/x"}, "write scheme and host"),
        ({"base_url": "http://127.0.0.1:99999"}, "write scheme and host"),
        ({"base_url": "ftp://127.0.0.1"}, "write scheme and host"),
        ({"idz": "1"}, "Did you mean ids?"),
        ({"colour": "red"}, "Known are: ids"),
        ({"ids": "1", "latest": "3"}, "cannot be given together"),
    ],
)
def test_a_bad_argument_is_a_sentence(given_arguments: dict[str, str], words: str) -> None:
    with pytest.raises(BadArgumentError) as caught:
        parse_arguments(FARSONLINE, given_arguments)
    assert words in str(caught.value)


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("1\n2\nthree\n", encoding="utf-8")
    with pytest.raises(BadArgumentError, match=r"ids\.txt, line 3: 'three'"):
        parse_arguments(FARSONLINE, {"ids": f"@{ids}"})
    urls = tmp_path / "urls.txt"
    urls.write_text("http://fars-online.ir/Fa/News/5/x\nhttp://example.org/\n", encoding="utf-8")
    with pytest.raises(BadArgumentError, match=r"urls\.txt, line 2"):
        parse_arguments(FARSONLINE, {"urls": f"@{urls}"})
    urls.write_bytes(b"http://fars-online.ir/Fa/News/5/\xff\x00bad")
    with pytest.raises(BadArgumentError, match="not UTF-8"):
        parse_arguments(FARSONLINE, {"urls": f"@{urls}"})


def test_urls_of_one_article_are_one_target_and_keep_the_form_given(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_text(
        'http://www.Fars-Online.ir/Fa/News/267403/"تیتر”-با,ویرگول\n'
        "https://www.payamefars.ir/Incsys/PrtNews.aspx?code=267403&k=0&l=Fa\n"
        "https://www.payamefars.ir/Incsys/PrtNews.aspx?CODE=8\n",
        encoding="utf-8",
    )
    targets = parse_arguments(FARSONLINE, {"urls": f"@{file}"}).urls
    assert targets is not None
    assert [(t.key, t.form) for t in targets] == [("267403", "article"), ("8", "print")]
    inline = parse_arguments(
        FARSONLINE, {"urls": "http://fars-online.ir/news/1/,http://fars-online.ir/news/2/ ", "form": "print"}
    ).urls
    assert inline is not None
    assert [(t.key, t.form) for t in inline] == [("1", "print"), ("2", "print")]


def site_up_to(newest: int) -> Callable[[int], Outcome]:
    """Every third id is a gap, and nothing is published above ``newest``."""
    return lambda number: "missing" if number % 3 == 0 or number > newest else "article"


every_third_is_missing = site_up_to(1000)


def test_the_old_name_of_an_argument_is_accepted_and_kept_as_it_was_typed() -> None:
    typed = {"since": "1402-07", "door": "ids"}
    found = parse_arguments(FARSONLINE, typed)
    assert (found.via, found.given) == ("ids", typed)
    with pytest.raises(BadArgumentError, match="via and door are the same argument; give via=ids alone"):
        parse_arguments(FARSONLINE, {**typed, "via": "ids"})


def test_the_limit_holds_addresses_back_until_one_leaves_or_the_run_ends() -> None:
    async def scenario() -> None:
        in_flight = InFlight(2)
        for key in ("1", "2"):
            await in_flight.admit(key)
        third = asyncio.ensure_future(in_flight.admit("3"))
        both = asyncio.ensure_future(in_flight.all_settled(["1", "2"]))
        await asyncio.sleep(0)
        assert not third.done()
        in_flight.leave("1")
        await asyncio.wait_for(third, 5)
        assert not both.done()
        in_flight.open_up()  # nothing waits for the limit any more, and "2" and "3" were never settled
        await asyncio.wait_for(in_flight.admit("4"), 5)
        assert in_flight.keys() == {"2", "3", "4"}
        in_flight.leave("2")
        await asyncio.wait_for(both, 5)

    asyncio.run(scenario())


def incremental(desk: Desk) -> IncrementalByIds:
    return IncrementalByIds(desk, "print", probe_misses=5, probe_most=10_000, edge=20, first=50)


def test_a_harvest_asks_only_for_what_is_owed(archive: Archive) -> None:
    desk = Desk(archive, every_third_is_missing, None)
    desk.crawl(Seeds.of_ids(desk, IdRanges([range(1, 11)]), "print", edge=20))
    assert desk.asked == list(range(1, 11))
    again = Desk(archive, every_third_is_missing, None)
    again.crawl(Seeds.of_ids(again, IdRanges([range(1, 13)]), "print", edge=20))
    assert again.asked == [11, 12]
    assert again.stored == ["1", "2", "4", "5", "7", "8", "10"]
    assert again.settled == 3


@pytest.mark.parametrize("outcome", ["failed", "blocked"])
def test_failed_and_blocked_are_owed_again(archive: Archive, outcome: Outcome) -> None:
    desk = Desk(archive, lambda _: outcome, None)
    desk.crawl(Seeds.of_ids(desk, IdRanges([range(1, 3)]), "print", edge=20))
    again = Desk(archive, every_third_is_missing, None)
    again.crawl(Seeds.of_ids(again, IdRanges([range(1, 3)]), "print", edge=20))
    assert again.asked == [1, 2]


@pytest.mark.parametrize("in_flight", [1, 4])
def test_latest_takes_exactly_so_many(archive: Archive, in_flight: int) -> None:
    desk = Desk(archive, every_third_is_missing, 1000, in_flight)
    desk.crawl(LatestByIds(desk, 10, "print", edge=20))
    articles = [n for n in desk.asked if every_third_is_missing(n) == "article"]
    assert len(articles) == 10
    assert articles == [n for n in range(1000, 0, -1) if n % 3][:10]
    again = Desk(archive, every_third_is_missing, 1000, in_flight)
    again.crawl(LatestByIds(again, 12, "print", edge=20))
    assert len(again.stored) == 10
    assert [n for n in again.asked if n % 3] == [985, 983]


def test_latest_ends_where_the_articles_end(archive: Archive) -> None:
    desk = Desk(archive, lambda n: "article" if n > 5 else "missing", 8)
    desk.crawl(LatestByIds(desk, 10, "print", edge=20))
    assert desk.asked == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("in_flight", [1, 4])
def test_the_first_incremental_crawl_is_bounded_and_probes_upwards(archive: Archive, in_flight: int) -> None:
    desk = Desk(archive, every_third_is_missing, 990, in_flight)  # the lists lag behind: 991–1000 are out already
    desk.crawl(incremental(desk))
    assert {n for n in desk.asked if every_third_is_missing(n) == "article"} == {n for n in range(941, 1001) if n % 3}
    assert max(desk.asked) == 1005  # five misses past the newest
    assert len(desk.asked) == len(set(desk.asked))


def test_the_incremental_crawl_again_fetches_no_article_twice(archive: Archive) -> None:
    desk = Desk(archive, every_third_is_missing, 1000)
    desk.crawl(incremental(desk))
    again = Desk(archive, every_third_is_missing, 1000)
    again.crawl(incremental(again))
    # only misses: those past the newest, and those near it that may have been published since
    assert all(every_third_is_missing(n) == "missing" for n in again.asked)
    assert all(n > 980 for n in again.asked)


def test_an_article_published_late_under_an_old_number_is_found(archive: Archive) -> None:
    desk = Desk(archive, every_third_is_missing, 1000)
    desk.crawl(incremental(desk))
    late = Desk(archive, lambda n: "article" if n == 999 else every_third_is_missing(n), 1000)
    late.crawl(incremental(late))
    assert 999 in late.asked
    assert late.ledger.known(["999"])["999"].outcome == "article"


def test_a_crawl_that_died_on_the_way_down_leaves_no_hole(archive: Archive) -> None:
    first = Desk(archive, site_up_to(500), 500)
    first.crawl(incremental(first))
    dead = Desk(archive, site_up_to(800), 800)
    dead.crawl(incremental(dead), die_after=230)  # dies after the probe, somewhere on the way down
    after = Desk(archive, every_third_is_missing, 1000)
    after.crawl(incremental(after))
    known = after.ledger.known(str(n) for n in range(451, 1001))
    assert {int(key) for key, k in known.items() if k.outcome == "article"} == {n for n in range(451, 1001) if n % 3}
    fetched_twice = set(dead.asked) & set(after.asked)
    assert all(site_up_to(800)(n) == "missing" for n in fetched_twice)


def test_a_miss_of_a_harvest_above_the_newest_article_is_found_later(archive: Archive) -> None:
    harvest = Desk(archive, site_up_to(500), None)
    harvest.crawl(Seeds.of_ids(harvest, IdRanges([range(400, 601)]), "print", edge=20))
    again = Desk(archive, site_up_to(700), None)
    again.crawl(Seeds.of_ids(again, IdRanges([range(400, 601)]), "print", edge=20))
    assert again.asked == []  # a harvest asks once
    later = Desk(archive, site_up_to(700), 700)
    later.crawl(incremental(later))
    known = later.ledger.known(str(n) for n in range(400, 701))
    assert {int(key) for key, k in known.items() if k.outcome == "article"} == {n for n in range(400, 701) if n % 3}


def test_the_floor_never_rises_over_something_owed(archive: Archive) -> None:
    first = Desk(archive, site_up_to(500), 500)
    first.crawl(incremental(first))
    site = site_up_to(700)
    stuck = Desk(archive, lambda n: "failed" if n == 511 else site(n), 700)
    stuck.crawl(incremental(stuck))
    assert stuck.ledger.watermark() == 510
    after = Desk(archive, site, 700)
    after.crawl(incremental(after))
    assert 511 in after.asked
    assert (after.ledger.watermark() or 0) >= 680


# -- plans and the archive ------------------------------------------------------------------------


def test_the_floor_never_rises_into_the_edge(archive: Archive) -> None:
    desk = Desk(archive, lambda number: "article" if number <= 1000 else "missing", 1000)
    desk.crawl(IncrementalByIds(desk, "print", probe_misses=5, probe_most=10_000, edge=20, first=50))
    assert desk.ledger.watermark() == 980


def test_a_miss_of_a_harvest_is_provisional_only_near_the_newest(archive: Archive) -> None:
    store(archive, "500")
    desk = Desk(archive, lambda _: "missing", None)
    desk.crawl(Seeds.of_ids(desk, parse_ids("480,481,499,501"), "print", edge=20))
    known = desk.ledger.known(["480", "481", "499", "501"])
    assert {key for key, k in known.items() if k.provisional} == {"481", "499", "501"}


def test_latest_counts_only_misses_in_a_row(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest_module, "MISSES_END", 5)
    desk = Desk(archive, lambda number: "article" if number % 4 == 0 else "missing", 100)
    plan = LatestByIds(desk, 10, "print", edge=20)
    desk.crawl(plan)
    assert plan.shortfall is None
    assert [number for number in desk.asked if number % 4 == 0] == list(range(100, 60, -4))


def test_latest_says_when_it_ends_short(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest_module, "MISSES_END", 5)
    desk = Desk(archive, lambda number: "article" if number > 98 else "missing", 100)
    plan = LatestByIds(desk, 10, "print", edge=20)
    desk.crawl(plan)
    assert plan.shortfall == "5 ids in a row hold no article, down from the newest listed"
    assert min(desk.asked) == 94
