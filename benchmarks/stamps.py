"""Time of reading a timestamp line."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING

from benchmarks.crawls import replica_of
from benchmarks.figures import Spread, table
from benchmarks.parse import SHARED
from farscrawler.timestamps import Timestamp, read

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The line of nearly every print page of the first site, in its own letters.
COMMON_LINE = "چهارشنبه 28 ارديبهشت 1401 - 14:55:59"

Text = tuple[str, dt.datetime | None, str]


def measure(sweeps: int, rounds: int) -> str:
    """Read every text so often in each of the rounds; give the table."""
    fetched = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    newsroom = replica_of(300)
    stories = filter(None, map(newsroom.story, newsroom.ids()))
    sets: dict[str, list[Text]] = {
        "the first site's common line": [(COMMON_LINE, fetched, "Asia/Tehran")],
        "timestamp lines of the replica": [(story.print_timestamp, fetched, "Asia/Tehran") for story in stories],
    }
    if gold := _gold():
        sets["gold texts, of all kinds, those to be refused among them"] = gold
    answer = read(COMMON_LINE)
    assert isinstance(answer, Timestamp), answer  # a refusal would be quick, and no figure
    rows = []
    for name, texts in sets.items():
        means, slowest = _rounds(texts, max(1, sweeps * 300 // len(texts)), rounds)
        rows.append([name, len(texts), Spread.of(means), f"{slowest:.0f}"])
    return table(["texts", "number", "µs a text", "the slowest text (its best time), µs"], rows)


def _rounds(texts: Sequence[Text], sweeps: int, rounds: int) -> tuple[list[float], float]:
    """Return the mean microseconds a text, a figure a round, and the best time of the text that takes longest."""
    best = [float("inf")] * len(texts)
    means = []
    for _ in range(rounds):
        total = 0.0
        for _ in range(sweeps):
            for at, (text, fetched_at, zone) in enumerate(texts):
                begun = time.perf_counter()
                read(text, fetched_at=fetched_at, tz=zone)
                taken = time.perf_counter() - begun
                best[at] = min(best[at], taken)
                total += taken
        means.append(total * 1e6 / (sweeps * len(texts)))
    return means, max(best) * 1e6


def _gold() -> list[Text]:
    file = SHARED / "gold" / "timestamps.jsonl"
    if not file.exists():
        return []
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        (
            row["text"],
            dt.datetime.fromisoformat(row["reference_now"]) if row.get("reference_now") else None,
            row.get("tz") or "Asia/Tehran",
        )
        for row in rows
    ]
