"""The one place that reads the machine's clock for what is stored."""

from __future__ import annotations

import datetime as dt


def now() -> str:
    """Give the present moment as the archive writes it: UTC, ISO 8601, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
