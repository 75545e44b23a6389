"""Articles of some publishers and years for a dataset, and what a dataset holds, read by pyarrow file by file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from farscrawler.archive import Archive, Visit
from farscrawler.items import FIELD_NAMES, Article
from tests.support.records import AT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Days of publication that follow each other in the articles, of three years; the last is none.
DAYS = (("1400/12/29", "2022-03-20"), ("1401/01/01", "2022-03-21"), ("1402/01/01", "2023-03-21"), (None, None))
PUBLISHERS = ("farsonline", "irna")


def article(number: int, *, text: str = "متن", day: int | None = None, length: int = 0) -> Article:
    jalali, date = DAYS[(number if day is None else day) % len(DAYS)]
    return Article(
        publisher=PUBLISHERS[number // len(DAYS) % len(PUBLISHERS)],
        article_id=str(number),
        url=f"https://farsonline.example/{number}",
        headline=f"تیتر {number}",
        body=f"{text} {number} نیم‌فاصله " + "ب" * length,
        tags=["ایران", f"برچسب {number % 7}"],
        images=[{"url": f"https://farsonline.example/{number}.jpg", "caption": None}],
        published_at=f"{date}T23:50:00+03:30" if date else None,
        published_date=date,
        published_jalali=f"SH {jalali} 23:50:00" if jalali else None,
        published_jalali_date=f"SH {jalali}" if jalali else None,
        published_precision="minute" if date else None,
        fetched_at=AT,
        content_hash=f"{text} {number}".encode().hex(),
    )


def store(path: Path, articles: Iterable[Article]) -> Path:
    with Archive(path, readonly=False) as archive:
        for one in articles:
            key = one.article_id
            archive.save(Visit(publisher=one.publisher, key=key, url=one.url, outcome="article", at=AT), one)
    return path


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of all parts that a reader finds, in no order that matters."""
    rows = [row for path in sorted(folder.glob("data/**/*.parquet")) for row in pq.ParquetFile(path).read().to_pylist()]
    return sorted(rows, key=lambda row: (row["publisher"], int(row["article_id"]), row["revision"]))


def expected(path: Path, *, all_revisions: bool = False) -> list[dict[str, Any]]:
    """Return the rows that a dataset of an archive is to hold; moments as texts are compared by `plain`."""
    found: list[dict[str, Any]] = []
    with Archive(path) as archive:
        for one in archive.articles():
            kept = archive.revisions(one.publisher, one.article_id) if all_revisions else [one]
            found += [{name: getattr(each, name) for name in FIELD_NAMES} for each in kept]
    return sorted(found, key=lambda row: (row["publisher"], int(row["article_id"]), row["revision"]))


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of a dataset with the texts of an article, as JSON lines have them."""
    return [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in ({name: row[name] for name in FIELD_NAMES} for row in rows)
    ]


def faults(folder: Path, archive: Path, *, all_revisions: bool = False) -> list[str]:
    """Return what is wrong with a dataset: rows lost, doubled or changed, and files that its manifest does not know."""
    rows, truth = rows_of(folder), expected(archive, all_revisions=all_revisions)
    found = [] if plain(rows) == truth else [f"{len(rows)} rows in place of {len(truth)}, or other ones"]
    known = json.loads((folder / "manifest.json").read_text())
    parts = {part["path"]: part for part in known["parts"]}
    there = {str(path.relative_to(folder)) for path in folder.glob("data/**/*") if path.is_file()}
    if there != set(parts):
        found.append(f"files beside the manifest: {sorted(there ^ set(parts))}")
    for path, part in parts.items():
        if set(pq.ParquetFile(folder / path).read()["jalali_year"].to_pylist()) != {part["jalali_year"]}:
            found.append(f"{path} has rows of another year")
    return found
