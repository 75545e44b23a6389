"""What a kept page costs on disk and in CPU: its compression against others, and the file that it is kept in."""

from __future__ import annotations

import sys
import tempfile
import time
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import samples
from benchmarks.figures import Spread, number, table
from benchmarks.parse import SHARED
from farscrawler.archive import Visit
from farscrawler.archive.kept.compression import DICTIONARY_PAGES, LEVEL, Dictionary, compress, decompress
from farscrawler.archive.kept.pages import KeptPage, KeptPages
from farscrawler.archive.store import BATCH_ROWS

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    #: Compress a page, and read it back.
    Method = tuple[Callable[[bytes], bytes], Callable[[bytes, int], bytes]]

_AT = "2026-01-01T00:00:00+00:00"
_TRAINED_BYTES = 112 * 1024  # what `zstd --train` makes where nothing else is said
_SAMPLES = 100
_GB = 1e9 / 100_000  # bytes a page for each gigabyte of 100,000 pages
_HEAD = ["pages and method", "KB", "KB kept", "GB for 100,000", "ms CPU to keep", "ms CPU to read back"]


def measure(pages: int, rounds: int) -> str:
    """Compress so many replica pages of each form, and the real pages that are at hand; give the table."""
    rows: list[list[object]] = []
    for form in ("article", "print"):
        found = [sample.body for sample in samples.pages(form, 2 * pages)]
        rows += _rows(f"{form} pages", found[pages:], _methods(found[:pages]), rounds)
        rows.append(_in_file(f"{form} pages", found, rounds))
    for name, bodies, before in _real():
        methods = _methods(before)
        rows += _rows(name, bodies, {key: methods[key] for key in methods if before or key in _ALONE}, rounds)
    return table(_HEAD, rows)


_ZLIB, _PLAIN = "zlib, level 6", f"zstd, level {LEVEL}"
#: Beside the level in use: what one more brings.
_MORE = LEVEL + 1
_ALONE = (_ZLIB, _PLAIN)


def _methods(earlier: Sequence[bytes]) -> dict[str, Method]:
    """Return ways to compress a page; ``earlier`` are other pages of its site."""
    found: dict[str, Method] = {
        _ZLIB: (lambda body: zlib.compress(body, 6), lambda data, _: zlib.decompress(data)),
        _PLAIN: (compress, lambda data, size: decompress(data, size=size)),
    }
    if not earlier:
        return found
    whole = Dictionary(1, b"".join(earlier[:DICTIONARY_PAGES]))
    count = min(len(earlier), DICTIONARY_PAGES)
    for level in (LEVEL, _MORE):
        found[f"zstd, level {level}, {count} whole page{'s' if count > 1 else ''}"] = (
            partial(compress, dictionary=whole, level=level),
            lambda data, size: decompress(data, whole, size=size),
        )
    if len(earlier) >= _SAMPLES // 5:
        trained = zstd.train_dict(earlier[:_SAMPLES], _TRAINED_BYTES)
        found[f"{_PLAIN}, trained dictionary"] = (
            lambda body: zstd.compress(body, level=LEVEL, zstd_dict=trained.as_digested_dict),
            lambda data, _: zstd.decompress(data, zstd_dict=trained.as_digested_dict),
        )
    return found


def _rows(name: str, bodies: Sequence[bytes], methods: Mapping[str, Method], rounds: int) -> list[list[object]]:
    keeping: dict[str, list[float]] = {method: [] for method in methods}
    reading: dict[str, list[float]] = {method: [] for method in methods}
    sizes: dict[str, float] = {}
    for _ in range(rounds):
        for method, (there, back) in methods.items():
            begun = time.process_time()
            kept = [there(body) for body in bodies]
            keeping[method].append((time.process_time() - begun) * 1000 / len(bodies))
            begun = time.process_time()
            again = [back(data, len(body)) for data, body in zip(kept, bodies, strict=True)]
            reading[method].append((time.process_time() - begun) * 1000 / len(bodies))
            if again != list(bodies):
                raise RuntimeError(f"{method} does not bring the pages back")
            sizes[method] = sum(map(len, kept)) / len(kept)
    raw = sum(map(len, bodies)) / len(bodies)
    return [
        [f"{name}: {method}", number(raw / 1000), number(size / 1000), number(size / _GB), Spread.of(keeping[method]),
         Spread.of(reading[method])]
        for method, size in sizes.items()
    ]  # fmt: skip


def _in_file(name: str, bodies: Sequence[bytes], rounds: int) -> list[object]:
    """Keep pages as a crawl does, in its batches, and give what they take on the disk."""
    keeping, reading = [], []
    size = 0.0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
            path = Path(folder) / "archive.pages.db"
            begun = time.process_time()
            with KeptPages(path, readonly=False) as pages:
                for place, body in enumerate(bodies):
                    pages.keep(*_page(place, body))
                    if place % BATCH_ROWS == BATCH_ROWS - 1:
                        pages.flush()
                pages.flush()
            keeping.append((time.process_time() - begun) * 1000 / len(bodies))
            size = path.stat().st_size / len(bodies)
            begun = time.process_time()
            with KeptPages(path) as pages:
                read = sum(1 for part in pages.parts("farsonline", keys=BATCH_ROWS) for _ in pages.read(part))
            reading.append((time.process_time() - begun) * 1000 / len(bodies))
            if read != len(bodies):
                raise RuntimeError(f"{read} of {len(bodies)} pages are in the file")
    raw = sum(map(len, bodies)) / len(bodies)
    figures = (number(raw / 1000), number(size / 1000), number(size / _GB), Spread.of(keeping), Spread.of(reading))
    return [f"{name}: the file, all in all", *figures]


def _page(place: int, body: bytes) -> tuple[Visit, list[KeptPage]]:
    key, url = str(place), f"http://www.fars-online.ir/Fa/News/{place}/"
    visit = Visit(publisher="farsonline", key=key, url=url, outcome="article", at=_AT)
    page = KeptPage(
        publisher="farsonline", key=key, form="article", url=url, outcome="article", status=200, fetched_at=_AT,
        body=body, content_type="text/html; charset=utf-8",
    )  # fmt: skip
    return visit, [page]


def _real() -> list[tuple[str, list[bytes], list[bytes]]]:
    """Return the real pages at hand: one of each site, and one of yjc with another, of another year, before it."""
    folder = SHARED / "pages"
    every = [path.read_bytes() for path in sorted(folder.glob("real/*.html"))]
    other = [path.read_bytes() for path in sorted(folder.glob("yjc/*.html"))]
    pair = [path.read_bytes() for path in sorted(folder.glob("real/yjc_*.html"))]
    found = [("real pages of six sites", every, list[bytes]())] if every else []
    return found + ([("a real page of yjc, after one of another year", pair, other[:1])] if pair and other else [])
