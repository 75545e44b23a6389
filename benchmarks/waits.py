"""A Scrapy add-on that measures how long the writers of one archive wait for each other."""

from __future__ import annotations

import atexit
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler.archive.connection import Transaction

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_begin = Transaction.__enter__
_waited: list[float] = []


def _timed(transaction: Transaction) -> Any:
    begun = time.perf_counter()
    db = _begin(transaction)
    _waited.append(time.perf_counter() - begun)
    return db


class Waits:
    """Writes the seconds of each wait of this process into the folder of the variable BENCHMARK_WAITS, when it ends."""

    def update_settings(self, settings: BaseSettings) -> None:  # noqa: ARG002  # Scrapy calls it so
        """Begin to measure, once a process."""
        if Transaction.__enter__ is not _timed:
            setattr(Transaction, "__enter__", _timed)  # noqa: B010  # a method, replaced
            atexit.register(_write, Path(os.environ["BENCHMARK_WAITS"]))


def _write(folder: Path) -> None:
    (folder / f"waits-{os.getpid()}.json").write_text(json.dumps(_waited), encoding="ascii")
