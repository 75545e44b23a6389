"""CPU of reading a page into an article, family by family, against trafilatura on the same pages."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import samples
from benchmarks.figures import Spread, ratio, table
from benchmarks.samples import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SHARED = Path(os.environ.get("FARSCRAWLER_SHARED", Path(__file__).resolve().parents[2] / "shared"))
_REAL = ("aryanews", "yjc")
_REPEATS = 20  # of a real page, and of the few pages that a family has among the fixtures
_OURS = "farscrawler"
_NOTE = "trafilatura cannot be imported (`pip install 'farscrawler[bench]'`), so nothing stands beside these figures."


def measure(pages: int, rounds: int) -> str:
    """Read so many print pages and half as many article pages in interleaved rounds; give the table."""
    sets = {
        "print page": samples.pages("print", pages),
        "article page, skin A": samples.pages("article", max(1, pages // 2)),
    }
    for family, found in samples.of_families().items():
        sets[f"{family}"] = found * max(1, min(pages, _REPEATS) // len(found))
    for key in _REAL:
        if real := _real_page(key):
            sets[f"a real page of {key}"] = (real,) * min(pages, _REPEATS)
    readers = _readers()
    rows: list[list[object]] = []
    for name, pages_of_set in sets.items():
        times = _rounds(pages_of_set, readers, rounds)
        for reader, series in times.items():
            size = f"{samples.mean_size(pages_of_set) / 1000:.1f}"
            rows.append([f"{name}: {reader}", size, Spread.of(series), ratio(series, times[_OURS])])
    said = table(["page and reader", "KB", "ms CPU a page", "÷ farscrawler"], rows)
    return said if len(readers) > 1 else f"{said}\n\n{_NOTE}"


def _readers() -> dict[str, Callable[[Sample], object]]:
    readers: dict[str, Callable[[Sample], object]] = {_OURS: samples.read}
    with contextlib.suppress(ImportError):
        from trafilatura import bare_extraction  # noqa: PLC0415  # an extra that need not be there

        readers["trafilatura, text only"] = lambda sample: bare_extraction(sample.body)
        readers["trafilatura, with metadata"] = lambda sample: bare_extraction(sample.body, with_metadata=True)
    return readers


def _rounds(
    pages: Sequence[Sample], readers: Mapping[str, Callable[[Sample], object]], rounds: int
) -> dict[str, list[float]]:
    """Return the milliseconds of CPU a page, a figure a round, for each reader."""
    times: dict[str, list[float]] = {name: [] for name in readers}
    for read in readers.values():
        read(pages[0])  # imports and patterns, once a process
    for _ in range(rounds):
        for name, read in readers.items():
            begun = time.process_time()
            for page in pages:
                read(page)
            times[name].append((time.process_time() - begun) * 1000 / len(pages))
    return times


def _real_page(key: str) -> Sample | None:
    """Return the saved article page of a site, where the references stand beside the checkout."""
    folder = SHARED / "pages" / key
    page = next(iter(sorted(folder.glob("*.html"))), None) if folder.is_dir() else None
    return Sample(key, "article", page.stem, page.read_bytes()) if page else None
