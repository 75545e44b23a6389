"""The gold rows of the shared references, where they are at hand: every column of every row."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from farscrawler.timestamps import Timestamp, read
from tests.support import SHARED

GOLD = SHARED / "gold" / "timestamps.jsonl"


def _rows() -> list[dict[str, Any]]:
    if not GOLD.is_file():
        return []
    return [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]


@pytest.mark.skipif(not GOLD.is_file(), reason="the shared gold rows are not here")
@pytest.mark.parametrize("row", _rows(), ids=[str(row["id"]) for row in _rows()])
def test_a_gold_row_is_read_or_refused_as_it_says(row: dict[str, Any]) -> None:
    now = row.get("reference_now")
    fetched_at = datetime.fromisoformat(now) if now else None
    found = read(row["text"], fetched_at=fetched_at, tz=row.get("tz") or "Asia/Tehran")
    instant = None
    if isinstance(found, Timestamp):
        instant = found.published_at.isoformat() if found.published_at else found.date.isoformat()
    assert (found.jalali, instant, found.precision) == (row["jalali"], row["iso"], row["precision"])
