"""The benchmarks at tiny sizes: that each does its work and prints its table. What they measure is not tested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from benchmarks import (
    backends,
    copies,
    coverage,
    crawls,
    figures,
    fleets,
    hops,
    machine,
    machines,
    memory,
    parse,
    processes,
    reparse,
    scale,
    search,
    stamps,
    store,
)
from benchmarks.__main__ import SECTIONS, main
from tests.support.postgres import needs_postgres

if TYPE_CHECKING:
    from pathlib import Path

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)? \(\d[\d,]*(?:\.\d+)?–\d[\d,]*(?:\.\d+)?\)")


def rows(text: str) -> dict[str, list[str]]:
    """Read the first Markdown table of a text: the figures of each row, by the row's name."""
    first = text[text.index("|") :].split("\n\n", maxsplit=1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in first.splitlines()]
    head, rule, *body = cells
    assert set("".join(rule)) <= set("-: ")
    assert all(len(row) == len(head) for row in body)
    return {row[0]: row[1:] for row in body}


def test_a_spread_is_the_median_between_the_extremes() -> None:
    spread = figures.Spread.of([3.0, 100.0, 1.0])
    assert (spread.middle, spread.lowest, spread.highest) == (3.0, 1.0, 100.0)
    assert str(spread) == "3.00 (1.00–100)"
    with pytest.raises(ValueError, match="no round"):
        figures.Spread.of([])


def test_a_ratio_is_taken_round_by_round() -> None:
    # Of a machine three times as slow in the second round; the medians of the sides would give 2 as well, the
    # spread would not.
    spread = figures.ratio([10.0, 30.0, 10.0], [5.0, 15.0, 5.0])
    assert (spread.lowest, spread.middle, spread.highest) == (2.0, 2.0, 2.0)
    with pytest.raises(ValueError, match="shorter"):
        figures.ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("value", "written"), [(0.254, "0.25"), (9.999, "10.00"), (12.34, "12.3"), (1234.5, "1,234"), (-0.5, "-0.50")]
)
def test_a_figure_has_the_digits_that_mean_something(value: float, written: str) -> None:
    assert figures.number(value) == written


def test_the_machine_is_named_with_every_version_that_matters() -> None:
    said = machine.description()
    for word in ("cores", "Python 3.", "Scrapy 2.", "SQLite 3.", "lxml ", "load "):
        assert word in said


def test_every_contestant_of_the_crawl_fetches_every_page() -> None:
    said = crawls.measure(6, 1, forms=("print",), extra=["CONCURRENT_ITEMS=1"])
    found = rows(said)
    names = (crawls.OURS, crawls.EXPORTING, crawls.DEFAULTS, crawls.SETTINGS, "a with `CONCURRENT_ITEMS=1`")
    assert tuple(found) == tuple(rows(said[said.index("| whole process") :])) == names
    assert all(_FIGURE.fullmatch(cell) for row in found.values() for cell in row[:6])
    # A crawl against itself, in each of the ratios to b.
    assert [found[crawls.DEFAULTS][place] for place in (1, 4)] == ["1.00 (1.00–1.00)"] * 2
    assert found[crawls.DEFAULTS][6] == found[crawls.SETTINGS][7] == "1.00"


def test_a_crawl_that_does_not_do_its_work_is_no_measurement(tmp_path: Path) -> None:
    newsroom = crawls.replica_of(3)
    with processes.replica(tmp_path, newsroom.count) as base_url:
        course = crawls.Course(base_url, "print", (*newsroom.ids()[:2], newsroom.newest_id + 1))
        with pytest.raises(RuntimeError, match="HTTP 302"):
            processes.fetch_all(course.urls())
        with pytest.raises(RuntimeError, match="did not do its work"):
            crawls.ours(course, tmp_path)


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 2"):
        processes.crawl(["farscrawler", "crawl", "nosuchsite"], tmp_path)


def test_memory_is_compared_between_a_small_plan_and_one_of_a_million() -> None:
    found = rows(memory.measure(5, 1))
    assert list(found) == ["5 ids", "1,000,000 ids, stopped after 5 pages"]
    assert found["5 ids"][1] == "1.00 (1.00–1.00)"


def test_pages_are_read_and_the_table_says_what_was_missing() -> None:
    said = parse.measure(8, 2)
    found = rows(said)
    assert {"print page: farscrawler", "article page, skin A: farscrawler"} <= set(found)
    assert float(found["article page, skin A: farscrawler"][0]) > 70
    assert ("cannot be imported" in said) != any("trafilatura" in name for name in found)


def test_timestamp_lines_are_read() -> None:
    found = rows(stamps.measure(1, 2))
    assert list(found)[:2] == ["the first site's common line", "timestamp lines of the replica"]
    assert all(_FIGURE.fullmatch(row[1]) for row in found.values())


def test_articles_are_stored_new_unchanged_and_revised_and_exported() -> None:
    found = rows(store.measure(60, 2))
    assert len(found) == 5
    assert all(_FIGURE.fullmatch(cell) for row in found.values() for cell in row)


@needs_postgres
def test_articles_are_stored_into_both_kinds_of_archive_and_copied() -> None:
    stored, copied = backends.measure((30, 60)).split("\n\n")
    assert list(rows(stored)) == ["SQLite, 30", "SQLite, 60", "PostgreSQL, 30", "PostgreSQL, 60"]
    assert list(rows(copied)) == ["file → PostgreSQL, 60 articles", "PostgreSQL → file, 60 articles"]


def test_coverage_is_surveyed_and_its_page_written() -> None:
    found = rows(coverage.measure(3_000, 2))
    assert len(found) == 4
    assert all(_FIGURE.fullmatch(cell) for row in found.values() for cell in row)


def test_copies_are_found_beside_peers() -> None:
    said = copies.measure(30, 1)
    found = rows(said)
    assert [float(cell) for cell in found["farscrawler"][:3]] == [100.0] * 3
    assert rows(said[said.index("| an archive") :])["articles"] == ["600"]


def test_kept_pages_are_reparsed_by_one_process_and_by_two() -> None:
    found = rows(reparse.measure(30, 1))
    assert len(found) == 6
    assert all(_FIGURE.fullmatch(cell) for row in found.values() for cell in row[1:])
    assert {row[2] for name, row in found.items() if "lxml" in name} == {"1.00 (1.00–1.00)"}


def test_a_hop_is_a_call_in_another_module() -> None:
    way = hops.Way(("spiders.news", "spiders.news", "extract.reader", "days", "spiders.news", "days", "pipelines"))
    assert way.hops == ["spiders.news", "extract.reader", "days", "spiders.news", "days", "pipelines"]
    assert way.outside_extraction().hops == ["spiders.news", "days", "pipelines"]


def test_the_way_of_an_id_and_of_a_probe_is_traced() -> None:
    found = rows(hops.table(ways := hops.measure()))
    assert list(found) == ["one id", "one probe"]
    modules = {name: {module for way in traced for module in way.modules} for name, traced in ways.items()}
    assert {"frontier.seeds", "outcomes.recorder", "archive.store", "extract.reader"} <= modules["one id"]
    assert {"frontier.bisect_dates", "frontier.bisection", "archive.ledger"} <= modules["one probe"]


def test_only_what_is_asked_for_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--only", "timestamps"])
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("## ")] == [f"## {SECTIONS['timestamps'][0]}"]


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--articles", "-5"], ["--articles", "many"], ["--only", "all"]])
def test_a_size_that_cannot_be_measured_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_typed_texts_are_searched_and_archives_indexed() -> None:
    said = search.measure(40, (60,), 1)
    found, saved, searched = (rows(part) for part in re.split(r"\n\n(?=\|)", said))
    assert list(found)[-1] == "farscrawler search"
    assert float(found["farscrawler search"][0].rstrip("%")) > 95
    assert len(saved) == 6
    assert all(re.fullmatch(r"[\d.,]+ / [\d.,]+ / [\d.,]+", cell) for row in searched.values() for cell in row)


def test_a_fleet_is_crawled_by_one_process_and_by_two() -> None:
    said = fleets.measure(1, sites=3, pages=2)
    assert said.startswith("3 sites, 2 pages of each")
    assert set(rows(said)) == {"1", "2"}
    assert all(_FIGURE.fullmatch(cell) for cells in rows(said).values() for cell in cells)


@needs_postgres
def test_the_database_of_many_machines_gives_its_three_tables() -> None:
    said = machines.measure((20, 30), 20, 20, 50).split("\n\n")
    assert [len(rows(one)) for one in said] == [2, 3, 12]


def test_the_table_of_many_machines_is_that_of_the_docs() -> None:
    page = (processes.ROOT / "docs" / "many-machines.md").read_text(encoding="utf-8")
    assert scale.scaled() in page
    for text in (
        f"{scale.CRAWLS} crawls of a site a day",
        f"with {scale.LISTS} requests each",
        f"{scale.VISITS} requests an article",
        f"{scale.PAGE_CPU * 1e3:.0f} ms a page",
        f"a crawl lasts {scale.CRAWL_SECONDS} seconds",
        f"{scale.ARTICLE_BYTES:,} bytes an article",
        ", ".join(f"{one.articles:,}" for one in scale.STEPS[:-1]),
    ):
        assert text in page, text
