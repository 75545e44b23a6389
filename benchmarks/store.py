"""Cost of storing an article, and of writing it into an export."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exporters import JsonLinesItemExporter

from benchmarks import samples
from benchmarks.figures import Spread, ratio, table
from farscrawler.archive import Archive, Visit
from farscrawler.archive.exports import ExportLog
from farscrawler.archive.store import BATCH_ROWS
from farscrawler.exporters.formats import JsonLines
from farscrawler.exporters.textfile import LineFile
from farscrawler.extract.article import content_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from farscrawler.archive.writing.batch import Stored
    from farscrawler.items import Article

_AT = "2026-01-01T00:00:00+00:00"
_SITE = "farsonline"
_NEW = "new articles"
_LINE = "lines of an export, remembered in the archive"


def measure(rows: int, rounds: int) -> str:
    """Store so many articles new, unchanged and revised, and export them, in interleaved rounds; give the table."""
    articles = [samples.read(page) for page in samples.pages("print", rows)]
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
            for name, seconds in _round(articles, Path(folder)).items():
                times.setdefault(name, []).append(seconds * 1e6 / rows)
    found = [
        [name, Spread.of(1e6 / one for one in series), Spread.of(series), ratio(series, times[_NEW])]
        for name, series in times.items()
    ]
    return table(["rows", "rows/s", "µs a row", "÷ new articles"], found)


def _round(articles: Sequence[Article], folder: Path) -> dict[str, float]:
    revised = [replace(article, body=f"{article.body}\nپایان") for article in articles]
    for article in revised:
        article.content_hash = content_hash(article)
    times: dict[str, float] = {}
    with Archive(folder / "archive.db", readonly=False) as archive:
        kept: list[Stored] = []
        archive.listeners.append(kept.extend)
        times[_NEW] = _timed(lambda: _save(archive, articles, expected=len(articles)))
        times["unchanged articles"] = _timed(lambda: _save(archive, articles, expected=0))
        times["revisions"] = _timed(lambda: _save(archive, revised, expected=len(revised)))
        stored = kept[: len(articles)]
        file = LineFile(folder / "out.jsonl", JsonLines(), ExportLog(archive, "out.jsonl", _SITE), kind="jsonl", at=_AT)
        file.open(overwrite=True)
        times[_LINE] = _timed(lambda: _export(file, stored))
        file.close()
    times["JSON lines through Scrapy's own exporter"] = _timed(
        lambda: _through_scrapy(folder / "scrapy.jsonl", articles)
    )
    return times


def _timed(action: Callable[[], None]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def _save(archive: Archive, articles: Sequence[Article], *, expected: int) -> None:
    """Settle articles as a crawl does, in the archive's own batches; ``expected`` of them are new revisions."""
    stored: list[Stored] = []
    archive.listeners.append(stored.extend)
    for article in articles:
        visit = Visit(
            publisher=article.publisher,
            key=article.article_id,
            url=article.url,
            outcome="article",
            at=_AT,
            status=200,
            form="print",
            page_hash=article.content_hash[:32],
        )
        archive.save(visit, article)
    archive.flush()
    archive.listeners.pop()
    if len(stored) != expected:
        raise RuntimeError(f"{len(stored)} revisions were stored, not {expected}")


def _export(file: LineFile, stored: Sequence[Stored]) -> None:
    """Write committed articles as a crawl does: a batch of the archive at a time."""
    for at in range(0, len(stored), BATCH_ROWS):
        file.write(stored[at : at + BATCH_ROWS])


def _through_scrapy(path: Path, articles: Sequence[Article]) -> None:
    with path.open("wb") as file:
        exporter = JsonLinesItemExporter(file, encoding="utf-8")  # type: ignore[arg-type]  # any binary file will do
        exporter.start_exporting()
        for article in articles:
            exporter.export_item(article)
        exporter.finish_exporting()
