"""Lists of a made-up site: written, and read as a crawl reads them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from farscrawler.listings.feeds import read_feed
from farscrawler.listings.pages import read_page
from farscrawler.listings.sitemaps import read_sitemap
from farscrawler.publishers.loader import read_text

if TYPE_CHECKING:
    from farscrawler.listings import Listing
    from farscrawler.publishers import Publisher

TEHRAN = ZoneInfo("Asia/Tehran")
AT = dt.datetime(2026, 10, 21, 8, 0, tzinfo=dt.UTC)
UTC = dt.UTC


def site(host: str, form: str, doors: str = "") -> Publisher:
    """Make a publisher of a host; ``form`` are the lines of its article form."""
    text = f'[x]\nname = "x"\nhosts = ["{host}"]\n[x.forms.article]\n{form}\n[x.doors]\n{doors}\n'
    return read_text(text, "custom.toml")[0]


NEWS = r"""url = "/news/{id}"
paths = ['/news/(\d+)(?:/[^/]*)?/?']"""
SITE = site("www.site.ir", NEWS)


def sitemap(text: str | bytes, publisher: Publisher = SITE) -> Listing:
    raw = text.encode() if isinstance(text, str) else text
    return read_sitemap(raw, publisher=publisher, url="https://www.site.ir/sitemap.xml")


def feed(text: str, publisher: Publisher = SITE) -> Listing:
    return read_feed(text.encode(), publisher=publisher, url="https://www.site.ir/rss")


def page(text: str, **how: str | None) -> Listing:
    return read_page(text.encode(), publisher=SITE, url="https://www.site.ir/list", fetched_at=AT, **how)


def urlset(*articles: str, lastmod: str = "") -> str:
    rows = "".join(f"<url><loc>https://www.site.ir/news/{a}</loc>{lastmod}</url>" for a in articles)
    return f"<urlset>{rows}</urlset>"


def index(*rows: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap>{row}</sitemap>' for row in rows)}</sitemapindex>"


def loc(path: str, lastmod: dt.date | None = None) -> str:
    return f"<loc>https://www.site.ir{path}</loc>" + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "")


def rows(*articles: str, following: str = "") -> str:
    return (
        "<html><body>" + "".join(f'<li><a href="/news/{a}">x</a></li>' for a in articles) + following + "</body></html>"
    )


def rss(*articles: str) -> str:
    items = "".join(
        f"<item><link>https://www.site.ir/news/{a}</link><pubDate>{a[:4]}-{a[4:6]}-{a[6:8]}</pubDate></item>"
        for a in articles
    )
    return f"<rss><channel>{items}</channel></rss>"
