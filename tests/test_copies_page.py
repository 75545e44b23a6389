"""The page of `farscrawler copies --report --html`: whole, without a request, in Persian, and true to the report."""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive.copies.comparison import Sizes
from farscrawler.copies.figures import OTHERS, SIDES, merged
from farscrawler.copies.html import LISTED, report_page
from farscrawler.copies.report import LAGS, Flow, Report, lag_classes
from farscrawler.days import DateRange
from farscrawler.persian import digits
from tests.support import run
from tests.support.copied import Writer, compared, printed, store
from tests.support.pages import EVIL, Strict, obeyed

if TYPE_CHECKING:
    from pathlib import Path

AT = dt.datetime(2026, 11, 30, 8, 5, tzinfo=dt.UTC)
NAMES = {"irna": "ایرنا", "isna": "ایسنا"}


def reported(publishers: int, *, name: str = "archive.db") -> Report:
    """Return a report of flows from each publisher to each other one, over two months."""
    keys = ["irna", "isna", EVIL, *map(str, range(publishers - 3))][:publishers]
    found = Report(
        name, DateRange(), (), Sizes(100, 2, 1, 0, 0, 5), across=9, within=1, doubts=Counter({"same time": 2})
    )
    for at, first in enumerate(keys):
        for to, later in enumerate(keys):
            if first != later:
                lags = array("q", [60 * (at + to + 1), 4_000, 300_000])
                for month in ((1401, 12), (1402, 1)):
                    found.flows[month, first, later] = Flow(at + 3, lags, Counter({"first": 2, "other": 1}))
    return found


def test_the_page_is_whole_and_obeys_no_text() -> None:
    text = report_page(reported(4, name="<b>.db"), NAMES, made_at=AT)
    parser = obeyed(text, foreign_names=True)
    assert "&lt;b&gt;.db" in text
    assert parser.tags["svg"] == 3
    assert "ایرنا" in parser.shown
    assert "اسفند ۱۴۰۱" in parser.shown


@pytest.mark.parametrize("publishers", [2, 3, 30])
def test_the_figures_show_every_copy(publishers: int) -> None:
    report = reported(publishers)
    parser = Strict.of(report_page(report, NAMES, made_at=AT))
    flows = merged((key, flow.copies) for key, flow in report.by_flow())
    assert parser.tags["path"] == len(flows)
    assert sum(flows.values()) == report.total().copies
    assert len({key[0] for key in flows}) == min(publishers, SIDES + 1)
    assert any(OTHERS in key for key in flows) == (publishers > SIDES)
    bars = len(LAGS) + len(report.by_month())
    nodes = len({key[0] for key in flows}) + len({key[1] for key in flows})
    assert parser.tags["rect"] == bars + nodes
    assert parser.tags["tr"] == 1 + min(LISTED, publishers * (publishers - 1)) + 1 + 2
    for lag in (0, 299, 300, 86_399, 10**7):
        assert sum(lag_classes([lag])) == 1


def test_no_shape_leaves_its_figure() -> None:
    parser = Strict.of(report_page(reported(30), NAMES, made_at=AT))
    boxes = [tuple(map(float, value.split())) for _, name, value in parser.attributes if name == "viewbox"]
    assert len(boxes) == 3
    tall, wide = max(box[3] for box in boxes), max(box[2] for box in boxes)
    numbers: dict[str, list[float]] = {"x": [], "y": []}
    for tag, name, value in parser.attributes:
        if tag in ("rect", "text") and name in numbers:
            numbers[name].append(float(value.rstrip("%")))
    assert min(numbers["x"]) >= 0
    assert max(numbers["x"]) <= wide
    assert min(numbers["y"]) >= 0
    assert max(numbers["y"]) <= tall


def test_a_page_without_copies_says_so() -> None:
    report = Report("a.db", DateRange(dt.date(2023, 3, 21), dt.date.max), ("irna",), Sizes(0, 0, 0, 0, 0, 0))
    parser = obeyed(report_page(report, NAMES, made_at=AT))
    assert not parser.tags["svg"]
    assert any("۱۴۰۲/۰۱/۰۱" in text for text in parser.shown)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    writer = Writer(1)
    text = writer.text(80)
    store(tmp_path / "archive.db", [printed("irna", "1", text), printed("isna", "1", text, after=7)])
    compared(tmp_path / "archive.db")
    done = run("copies", "--report", "--html", "page.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "page.html is written" in done.stdout
    parser = obeyed((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert digits("7") + " دقیقه" in parser.shown
