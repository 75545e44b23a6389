"""A stats collector of a user's own: it writes what a run has counted into a file when the spider is closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scrapy.statscollectors import MemoryStatsCollector

FILE = "stats.json"


class FileStats(MemoryStatsCollector):
    def _persist_stats(self, stats: dict[str, Any]) -> None:
        Path(FILE).write_text(json.dumps(stats, default=str), encoding="utf-8")
