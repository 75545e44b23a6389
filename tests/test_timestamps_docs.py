"""docs/timestamps.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from farscrawler.timestamps import MAX_LENGTH, RefusalReason, read
from farscrawler.timestamps.calendars import FIRST_YEAR, LAST_YEAR
from farscrawler.timestamps.resolve import CLOCK_SKEW

DOCS = (Path(__file__).resolve().parents[1] / "docs" / "timestamps.md").read_text(encoding="utf-8")


def test_the_docs_list_the_reasons_of_the_code_in_its_order() -> None:
    assert re.findall(r"^\| `([^`]+)` \|", DOCS, re.MULTILINE) == [str(reason) for reason in RefusalReason]


def test_the_docs_name_the_limits_of_the_code() -> None:
    assert f"more than {MAX_LENGTH} characters" in DOCS
    assert f"{FIRST_YEAR}–{LAST_YEAR}" in DOCS
    assert CLOCK_SKEW.total_seconds() == 10 * 60
    assert "ten minutes" in DOCS


def test_the_examples_of_the_reasons_are_refused_for_them() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)`", DOCS, re.MULTILINE)
    assert len(rows) >= len(RefusalReason) // 2
    assert {example: str(getattr(read(example), "reason", "read")) for _, example in rows} == {
        example: reason for reason, example in rows
    }
