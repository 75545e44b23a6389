"""The page of `farscrawler coverage --html`: whole, small, without a request, and in Persian."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import OUTCOMES
from farscrawler.coverage.calendar import DAILY_YEARS
from farscrawler.coverage.html import OUTCOMES as OUTCOME_NAMES
from farscrawler.coverage.html import page
from farscrawler.days import DateRange, gregorian
from farscrawler.persian import digits
from tests.support import run
from tests.support.coverage_harvest import as_json, reported, settled, stored
from tests.support.pages import EVIL, Strict, obeyed

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.coverage import Report


# -- the page -------------------------------------------------------------------------------------------------------


def evil(folder: Path) -> Report:
    rows = [settled(str(at), "article", f"1401-{1 + at // 31:02}-{1 + at % 30:02}") for at in range(60, 120)]
    return reported(
        folder / "<b>.db", [*rows, settled("130", "failed", reason=EVIL), settled("<i>x", "blocked", reason=EVIL)]
    )


def test_the_page_is_whole_asks_for_nothing_and_obeys_no_text(tmp_path: Path) -> None:
    text = page(evil(tmp_path))
    obeyed(text)
    assert text.count("&lt;script&gt;") == 2


def test_the_dates_of_the_page_have_slashes(tmp_path: Path) -> None:
    parser = obeyed(page(evil(tmp_path)))
    assert any("۱۴۰۱/۰۲/۳۰" in value for _, name, value in parser.attributes if name in ("title", "aria-label"))


def test_the_page_has_a_cell_for_every_day_and_a_bar_for_every_month(harvest: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = run("coverage", "farsonline", "--html", str(out), cwd=harvest)
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout
    found = as_json(harvest)
    parser = Strict.of(out.read_text(encoding="utf-8"))
    titles = [value for tag, name, value in parser.attributes if (tag, name) == ("i", "title")]
    assert [title.partition("،")[0] for title in titles] == [
        digits(f"{day['day'].replace('-', '/')}: {day['articles']} خبر") for day in found["days"]
    ]
    kinds = [value.split() for tag, name, value in parser.attributes if (tag, name) == ("i", "class")]
    marked = sum("f" in kind for kind in kinds) - 1  # one is in the legend
    assert marked == sum(day["flagged"] for day in found["days"])
    assert parser.tags["rect"] == len(found["months"])
    assert digits(f"{found['ids']['never_asked']}") in parser.shown


def test_json_and_page_at_once(harvest: Path, tmp_path: Path) -> None:
    found = as_json(harvest, "--html", str(tmp_path / "page.html"))
    assert found["articles"] == len(stored())
    assert (tmp_path / "page.html").stat().st_size > 10_000


@pytest.mark.parametrize("years", [10, DAILY_YEARS + 2])
def test_a_page_of_many_years_stays_small(tmp_path: Path, years: int) -> None:
    first, last = gregorian(1380, 1, 1), gregorian(1380 + years, 1, 1) - dt.timedelta(days=1)
    report = reported(
        tmp_path / "a.db",
        [settled("5", "article", "1380-01-01"), settled("9", "article", f"{1379 + years}-12-29")],
        DateRange(first, last),
    )
    text = page(report)
    assert len(text.encode()) < 400_000
    parser = Strict.of(text)
    days = sum(title.startswith("۱") for tag, name, title in parser.attributes if (tag, name) == ("i", "title"))
    assert len(report.days) == (last - first).days + 1
    assert (days == len(report.days)) == (years <= DAILY_YEARS)
    assert days > 50 * years


def test_every_outcome_has_a_persian_name() -> None:
    assert tuple(OUTCOME_NAMES) == ("article", "missing", "not-article", "failed", "blocked", "skipped")
    assert set(OUTCOME_NAMES) == set(OUTCOMES)
