"""An article and its visit, as short as they may be; and an archive that is given some, with whoever follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive import Visit
from farscrawler.items import Article

if TYPE_CHECKING:
    from farscrawler.archive import Archive, Outcome
    from farscrawler.exporters.sqlitefile import SqliteFile
    from farscrawler.exporters.textfile import LineFile

AT = "2026-11-23T08:00:00+00:00"


def visit(key: str, outcome: Outcome = "article", reason: str | None = None) -> Visit:
    return Visit(publisher="farsonline", key=key, url=f"http://x/{key}", outcome=outcome, at=AT, reason=reason)


def article(key: str, headline: str = "تیتر", content_hash: str = "a") -> Article:
    return Article(
        publisher="farsonline",
        article_id=key,
        url=f"http://x/{key}",
        headline=headline,
        body="نیم‌فاصله و\u00a0ي",
        tags=["یک", "دو"],
        images=[{"url": "http://x/i.jpg", "caption": None}],
        fetched_at=AT,
        content_hash=content_hash,
    )


def store(archive: Archive, *keys: str, headline: str = "تیتر", publisher: str = "farsonline") -> None:
    for key in keys:
        archive.save(
            Visit(publisher=publisher, key=key, url="http://x/", outcome="article", at=AT),
            Article(
                publisher=publisher,
                article_id=key,
                url=f"http://x/{key}",
                headline=f"{headline} {key}",
                body='بند «یک»\nبند "دو", با ویرگول؛ نیم‌فاصله',
                fetched_at=AT,
                content_hash=f"{headline}{key}",
            ),
        )
    archive.flush()


def follow(archive: Archive, file: LineFile | SqliteFile) -> None:
    archive.listeners[:] = [file.write]
