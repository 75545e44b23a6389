"""The machine and the versions that figures were taken with; without them no figure means anything."""

from __future__ import annotations

import datetime as dt
import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path


def description() -> str:
    """Name the machine in one line."""
    today = dt.datetime.now(dt.UTC).date()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, Scrapy {version('scrapy')}, Twisted {version('twisted')}, "
        f"lxml {version('lxml')}, SQLite {sqlite3.sqlite_version}; {today}; load before the run {load}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
