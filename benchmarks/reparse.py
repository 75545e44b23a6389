"""Speed of reparse on one process and on two, against lxml merely parsing the same pages."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from benchmarks import samples
from benchmarks.figures import Spread, ratio, table
from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.saved import folders, reading, reparse
from farscrawler.saved.warc_writer import Exchange, WarcFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.samples import Sample

_SITE = "farsonline"
_AT = "2026-01-01T00:00:00+00:00"
#: Small enough that what is in work when the clock is started or stopped is next to nothing.
_PARTS = 64
_LXML = "lxml only parses them"
_ALONE = "reparse, 1 process"


@dataclass(frozen=True, slots=True)
class Shelf:
    """An archive with the articles of some pages, and a folder with the WARC files of those pages."""

    archive: Path
    warcs: Path
    pages: Sequence[Sample]


def measure(pages: int, rounds: int) -> str:
    """Reparse so many print pages and a quarter as many article pages in interleaved rounds; give the table.

    The articles are all unchanged, as most are in a reparse.
    """
    rows: list[list[object]] = []
    for form, number in (("print", pages), ("article", max(8, pages // 4))):
        with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
            shelf = _shelf(Path(folder), form, number)
            times: dict[str, list[float]] = {}
            for _ in range(rounds):
                for name, seconds in _round(shelf).items():
                    times.setdefault(name, []).append(seconds)
            size = f"{samples.mean_size(shelf.pages) / 1000:.1f}"
            rows += [
                [
                    f"{form} pages: {name}",
                    size,
                    Spread.of(1 / one for one in series),
                    ratio(times[_LXML], series),
                    ratio(times[_ALONE], series),
                ]
                for name, series in times.items()
            ]
    return table(["pages and reader", "KB", "pages/s", "÷ lxml", "÷ 1 process"], rows)


def _shelf(folder: Path, form: str, number: int) -> Shelf:
    pages = samples.pages(form, number)
    publisher = publishers.load(_SITE)
    warcs = WarcFolder(folder, _SITE, max_bytes=10**9, info={"software": "farscrawler/benchmarks"})
    with Archive(folder / "archive.db", readonly=False) as archive:
        for page in pages:
            article = samples.read(page)
            article.fetched_at = _AT
            visit = Visit(
                publisher=_SITE, key=page.article_id, url=article.url, outcome="article", at=_AT, status=200, form=form
            )
            archive.save(visit, article)
            warcs.write(
                Exchange(
                    url=publisher.url_for(page.article_id, form),
                    at=_AT,
                    method="GET",
                    sent=(),
                    sent_body=b"",
                    protocol="HTTP/1.1",
                    status=200,
                    reason="OK",
                    headers=((b"Content-Type", b"text/html; charset=utf-8"),),
                    body=page.body,
                    address=None,
                )
            )
    warcs.close()
    return Shelf(folder / "archive.db", folder, pages)


def _round(shelf: Shelf) -> dict[str, float]:
    times = {_LXML: _timed_lxml(shelf)}
    for jobs in (1, 2):
        times[_ALONE if jobs == 1 else f"reparse, {jobs} processes"] = _timed_reparse(shelf, jobs)
    return times


def _timed_lxml(shelf: Shelf) -> float:
    """Return the seconds a page."""
    begun = time.perf_counter()
    for page in shelf.pages:
        etree.fromstring(page.body, etree.HTMLParser(encoding="utf-8"))
    return (time.perf_counter() - begun) / len(shelf.pages)


def _timed_reparse(shelf: Shelf, jobs: int) -> float:
    """Reparse once, and give the seconds a page from the first part on: starting processes is no page's time."""
    files = [file for file in folders.find([shelf.warcs]) if file.is_warc]
    size = sum(file.path.stat().st_size for file in files)
    work = [*reading.segments(files, part=max(4096, size // _PARTS))]
    told: list[tuple[float, int]] = []
    with Archive(shelf.archive, readonly=False) as archive:
        report = reparse.reparse(
            archive,
            publishers.load(_SITE),
            work,
            reading.parse_segment,
            jobs=jobs,
            tell=lambda report, _: told.append((time.perf_counter(), report.pages)),
        )
    if (report.pages, report.unchanged) != (len(shelf.pages), len(shelf.pages)):
        raise RuntimeError(f"{report.unchanged} of {len(shelf.pages)} pages were read unchanged")
    (begun, first), (ended, last) = told[0], told[-1]
    return (ended - begun) / (last - first)
