"""Sitemaps and feeds in the forms that the families serve them."""

from __future__ import annotations

import gzip
import json
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from farscrawler.testing.newsroom.replicas.edition import iso_tehran

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from farscrawler.testing.newsroom.replicas.edition import Edition

Entry = tuple[str, "datetime | None"]
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def encoded(url: str) -> str:
    """Return an address with its Persian percent-encoded."""
    return quote(url, safe=":/?=&,%#-_.~")


def index(entries: Iterable[Entry]) -> bytes:
    """Return a sitemap index."""
    return _listing("sitemapindex", "sitemap", entries)


def urlset(entries: Iterable[Entry]) -> bytes:
    """Return a sitemap of pages."""
    return _listing("urlset", "url", entries)


def json_leaf(entries: Iterable[Entry]) -> bytes:
    """Return the JSON that some old leaves of Nastooh are, ``lastmode`` and all."""
    urls = [{"loc": encoded(url), "lastmode": iso_tehran(moment) if moment else None} for url, moment in entries]
    return json.dumps({"urls": urls}).encode()


def packed(body: bytes) -> bytes:
    """Return a file packed with gzip, the same bytes each time."""
    return gzip.compress(body, mtime=0)


def _listing(outer: str, inner: str, entries: Iterable[Entry]) -> bytes:
    lines = []
    for url, moment in entries:
        changed = "" if moment is None else f"<lastmod>{iso_tehran(moment)}</lastmod>"
        lines.append(f"<{inner}><loc>{escape(encoded(url))}</loc>{changed}</{inner}>")
    return f"{_HEAD}<{outer} {_SPACE}>\n{chr(10).join(lines)}\n</{outer}>\n".encode()


def rss(title: str, home: str, generator: str, items: Iterable[str]) -> bytes:
    """Return a feed of items."""
    return (
        f'{_HEAD}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>\n'
        f"<title>{escape(title)}</title><link>{home}</link><language>fa</language>"
        f"<generator>{escape(generator)}</generator>\n{''.join(items)}</channel></rss>\n"
    ).encode()


def item(one: Edition, url: str, date: str, more: str = "") -> str:
    """Return one item of a feed; ``date`` is spelt as the family spells it."""
    return (
        f"<item><title>{escape(one.headline)}</title><link>{escape(encoded(url))}</link>"
        f"<description>{escape((one.lead or one.paragraphs[0])[:150])}</description>"
        f"{more}<pubDate>{date}</pubDate></item>\n"
    )


def rfc822(moment: datetime, *, gmt: bool) -> str:
    """Return a feed's date: ``Wed, 18 May 2022 10:25:00 GMT`` or ``+0000``."""
    return format_datetime(moment, usegmt=gmt)
