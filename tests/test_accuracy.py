"""What is read of all fixtures, against the floors that docs/accuracy.md promises, and how reading is scored."""

from __future__ import annotations

import gzip
import json
import socket
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from statistics import mean

import pytest

from benchmarks import accuracy, readers
from benchmarks.accuracy import Known, Score
from benchmarks.readers import OURS, Asked, Found

TEHRAN = timezone(timedelta(hours=3, minutes=30))
MOMENT = datetime(2023, 10, 11, 14, 22, tzinfo=TEHRAN)
ZWNJ = "\u200c"
DOCS = Path(__file__).resolve().parents[1] / "docs" / "accuracy.md"


def known(text: str = "", moments: tuple[datetime | date, ...] = (MOMENT,), headline: str = "نان تازه") -> Known:
    return Known("a page", Asked(b"<html></html>", "https://x.ir/a", ""), text, headline, moments)


def scored(found: Found | None, page: Known | None = None) -> Score:
    score = Score()
    score.add(page or known(), found)
    return score


@pytest.fixture(scope="module")
def measured() -> dict[str, Score]:
    return accuracy.score(accuracy.fixtures(), OURS)


@pytest.mark.parametrize("reader", OURS)
def test_no_figure_is_under_its_floor(reader: str, measured: dict[str, Score]) -> None:
    refused, headlines, moments, wrong, f1, zwnj = (float(cell) for cell in floors()[reader])
    score = measured[reader]
    assert len(score.refused) <= refused, score.refused
    assert len(score.wrong) <= wrong, score.wrong
    assert score.headlines >= headlines
    assert score.right >= moments
    assert mean(score.f1) >= f1
    assert 100 * score.zwnj >= zwnj


def floors() -> dict[str, list[str]]:
    """Return the last table of the page: the floors of each reader."""
    lines = DOCS.read_text(encoding="utf-8").rpartition("## Floors")[2].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| farscrawler")]
    assert {row[0] for row in rows} == set(OURS)
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        (MOMENT, "right"),
        (MOMENT.astimezone(UTC), "right"),
        (MOMENT + timedelta(seconds=30), "right"),
        (MOMENT.replace(tzinfo=None), "right"),  # Tehran's clock
        (datetime(2023, 10, 11, 10, 52), "right"),  # noqa: DTZ001  # UTC's clock, which some peers write without a zone
        (date(2023, 10, 11), "day_only"),
        (None, "missing"),
        (MOMENT + timedelta(minutes=1), "wrong"),
        (datetime(1402, 7, 19, 14, 22), "wrong"),  # noqa: DTZ001  # a Jalali year taken for a Gregorian one
        (date(2023, 10, 12), "wrong"),
    ],
)
def test_a_moment_is_counted_once(said: datetime | date | None, counted: str) -> None:
    score = scored(Found("", said, ""))
    counts = {
        "right": score.right,
        "day_only": score.day_only,
        "missing": score.missing,
        "wrong": len(score.wrong),
    }
    assert counts == {name: int(name == counted) for name in counts}


def test_a_day_is_right_where_the_page_has_no_more_and_none_where_it_has_none() -> None:
    assert scored(Found("", date(2023, 10, 11), ""), known(moments=(date(2023, 10, 11),))).right == 1
    assert scored(Found("", None, ""), known(moments=())).right == 1
    assert len(scored(Found("", MOMENT, ""), known(moments=())).wrong) == 1


def test_a_headline_with_the_name_of_the_site_is_not_the_headline() -> None:
    assert scored(Found(" نان\u00a0 تازه ", None, "")).headlines == 1
    assert scored(Found("نان تازه - خبرگزاری", None, "")).headlines == 0


def test_half_spaces_glued_and_parted_are_counted_and_the_pages_own_spelling_is_not() -> None:
    wanted = f"می{ZWNJ}رود و می{ZWNJ}آید و می رود"
    assert accuracy.half_spaces(wanted, wanted) == (2, 0)
    assert accuracy.half_spaces("میرود و می آید و می رود", wanted) == (0, 2)
    assert accuracy.half_spaces("", wanted) == (0, 0)


def test_a_refused_page_counts_with_nothing_read() -> None:
    score = scored(None, known("نان تازه رسید"))
    assert (score.refused, score.f1, score.headlines, score.missing) == (["a page"], [0.0], 0, 1)


def test_a_reader_that_asks_the_network_refuses_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def asks(_: Asked) -> Found | None:
        with socket.create_connection(listening.getsockname(), timeout=9):
            return Found("x", None, "x")

    def module(name: str) -> object:
        if name != "goose3":
            raise ImportError(name)
        return object()

    monkeypatch.setattr(readers, "PEERS", {"goose3": asks, "trafilatura": asks})
    monkeypatch.setattr(readers, "import_module", module)
    monkeypatch.setattr(readers, "version", lambda _: "9")
    found, missing = readers.installed()
    assert (list(found), missing) == (["goose3 9"], ["trafilatura"])
    with listening:
        assert asks(known().asked) is not None
        assert found["goose3 9"](known().asked) is None


def test_both_layouts_of_public_test_sets_are_read(tmp_path: Path) -> None:
    text = "نان تازه از تنور بیرون آمد و همسایه‌ها آمدند."
    page = f"<html><body><h1>نان</h1><p>{text}</p></body></html>".encode()
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one / "html", two / "html", two / "txt"):
        folder.mkdir(parents=True)
    (one / "ground-truth.json").write_text(json.dumps({"7": {"articleBody": text, "url": "https://x.ir/7"}}))
    (one / "html" / "7.html.gz").write_bytes(gzip.compress(page))
    (two / "html" / "bread.html").write_bytes(page)
    (two / "txt" / "bread.txt").write_text(text, encoding="utf-8")
    found = {title: pages for title, pages in accuracy.sets([one, two]) if title.startswith("Pages")}
    assert {title: [(page.name, page.text) for page in pages] for title, pages in found.items()} == {
        "Pages of one": [("7", text)],
        "Pages of two": [("bread", text)],
    }
    assert [known.asked.body for pages in found.values() for known in pages] == [page, page]
    with pytest.raises(ValueError, match="laid out like neither"):
        list(accuracy.sets([tmp_path / "none"]))
