"""A plain Scrapy spider that does the job as a user would write it after Scrapy's tutorial.

Selectors for headline, lead, body and time, jdatetime for the date, a feed of JSON lines and a pipeline for SQLite. It
knows one markup of the print page and one of the article page, and nothing else: no revisions, no ledger, no kept page.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import jdatetime
from scrapy import Spider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response, TextResponse

TEHRAN = ZoneInfo("Asia/Tehran")
_ONE_WAY = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩يك", "01234567890123456789یک")
_MONTHS = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
_TIME = re.compile(r"(\d{1,2}) (\w+) (\d{4}) - (\d{1,2}):(\d{2})(?::(\d{2}))?\s*(AM|PM|ق\.ظ|ب\.ظ)?")


def published_of(text: str | None) -> str | None:
    """Return the moment of a timestamp line, in ISO 8601; None for a line of another shape."""
    found = _TIME.search((text or "").translate(_ONE_WAY))
    if found is None or found[2] not in _MONTHS:
        return None
    hour = int(found[4])
    if found[7]:
        hour = hour % 12 + (12 if found[7] in ("PM", "ب.ظ") else 0)
    day = jdatetime.date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1])).togregorian()
    at = jdatetime.datetime.combine(jdatetime.date.fromgregorian(date=day), jdatetime.time(hour, int(found[5])))
    moment = at.togregorian().replace(second=int(found[6] or 0), tzinfo=TEHRAN)
    return str(moment.isoformat())


def article_of(response: TextResponse) -> dict[str, Any]:
    """Return the five fields of a page: its address, headline, lead, body and time of publication."""
    if response.css("#print"):
        headline, time = response.css(".prt-headline::text").get(), response.css(".prt-time::text").get()
        lead, lines = response.css(".prt-lead::text").get(), response.css(".prt-body::text").getall()
    else:
        headline, time = response.css("h1.title-news::text").get(), response.css(".date-created::text").get()
        lead, lines = None, response.css(".section-content .main-news::text").getall()
    return {
        "url": response.url,
        "headline": (headline or "").strip() or None,
        "lead": lead.strip() if lead else None,
        "body": "\n".join(line.strip() for line in lines if line.strip()) or None,
        "published": published_of(time),
    }


class SqlitePipeline:
    """Stores each item in articles.db."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the file."""
        self.db = sqlite3.connect("articles.db")
        self.db.execute("CREATE TABLE IF NOT EXISTS articles (url PRIMARY KEY, headline, lead, body, published)")

    def close_spider(self) -> None:
        """Close the file."""
        self.db.close()

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Store an item."""
        self.db.execute("INSERT OR REPLACE INTO articles VALUES (:url, :headline, :lead, :body, :published)", item)
        self.db.commit()
        return item


class PlainSpider(Spider):
    """Fetches the addresses of a file, one a line."""

    name = "plain"

    def __init__(self, urls: str, **more: Any) -> None:
        super().__init__(**more)
        self.start_urls = Path(urls).read_text(encoding="ascii").split()

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        """Yield the article of a page."""
        yield article_of(response)  # type: ignore[arg-type]  # pages are texts
