"""An article and its visit, as short as they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive import (
    Outcome,
    Visit,
)
from farscrawler.items import Article

if TYPE_CHECKING:
    from farscrawler.archive import Outcome


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
