"""Replicas of sites that have lists, sitemaps and feeds: the known articles of one agency behind three kinds of doors.

All of it is invented; the markup of the article pages is that of IranSamaneh.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import jdatetime

from farscrawler.days import gregorian, jalali
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from email.message import Message

    from farscrawler.days import DateRange

TEHRAN = ZoneInfo("Asia/Tehran")
_FA = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_MONTHS = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
_WEEKDAYS = ["دوشنبه", "سه\u200cشنبه", "چهارشنبه", "پنج\u200cشنبه", "جمعه", "شنبه", "یکشنبه"]
_PAGE = 20


@dataclass(frozen=True, slots=True)
class Story:
    """One article: ``number`` grows with time, ``at`` is its publication; ``dated`` is False where no page says it."""

    number: int
    at: dt.datetime
    dated: bool = True

    @property
    def day(self) -> dt.date:
        return self.at.date()

    @property
    def printed(self) -> str:
        """The timestamp line of its page, Jalali, to the minute."""
        if not self.dated:
            return "۳۱ مهر ۱۴۰۲ - ۱۰:۰۰"  # Mehr has thirty days
        there = jdatetime.datetime.fromgregorian(datetime=self.at)
        text = f"{there.day} {_MONTHS[there.month - 1]} {there.year} - {self.at:%H:%M}"
        return f"{_WEEKDAYS[self.at.weekday()]} {text.translate(_FA)}"


def is_busy(day: dt.date) -> bool:
    """Return the days of more than a page."""
    return day.day == 17 and day.month % 2 == 0


def stories(first: dt.date, last: dt.date, *, seed: int) -> list[Story]:
    """Make the articles of some days: some days silent, some busy, some articles within a minute of midnight."""
    dice = random.Random(seed)
    found: list[Story] = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = dt.date.fromordinal(ordinal)
        minutes = {dice.randrange(24 * 60) for _ in range(dice.randint(0, 2))}
        if dice.random() < 0.2:
            minutes |= {0, 24 * 60 - 1}
        if is_busy(day):
            minutes |= {*range(600, 600 + _PAGE + 5)}
        for minute in sorted(minutes):
            at = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), TEHRAN)
            found.append(Story(100_000 + 3 * len(found), at, dated=dice.random() > 0.01))
    return found


class ReplicaSite(PageServer):
    """A site of these articles. ``lists`` are the addresses of lists, sitemaps and feeds that were asked.

    Every answer has an ETag and honours it. ``broken`` are patterns of addresses that answer 500.
    """

    stanza: str
    host = "www.replica.ir"

    def __init__(self, agency: list[Story]) -> None:
        super().__init__({})
        self.agency = agency
        self.by_key = {self.key(story): story for story in agency}
        self.statuses: list[tuple[str, int]] = []
        self.broken: list[str] = []
        self.forbidden: list[str] = []

    def respond(self, target: str, headers: Message) -> Answer:
        answer = self.found(target, headers)
        self.statuses.append((target, answer.status))
        return answer

    def found(self, target: str, headers: Message) -> Answer:
        if any(re.search(pattern, target) for pattern in self.broken):
            return Answer(status=500)
        if target == "/robots.txt":
            return Answer("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in self.forbidden))
        parts = urlsplit(target)
        body = self.page(unquote(parts.path), {name: values[0] for name, values in parse_qs(parts.query).items()})
        if body is None:
            return Answer("<html><body><p>صفحه مورد نظر یافت نشد</p></body></html>", status=404)
        raw = body.encode() if isinstance(body, str) else body
        tag = f'"{hashlib.blake2b(raw, digest_size=8).hexdigest()}"'
        if headers.get("If-None-Match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        return Answer(raw, headers={"ETag": tag})

    # -- what a kind of site says itself ---------------------------------------------------------

    def key(self, story: Story) -> str:
        raise NotImplementedError

    def path(self, story: Story) -> str:
        raise NotImplementedError

    def page(self, path: str, query: dict[str, str]) -> str | bytes | None:
        raise NotImplementedError

    # -- what all have ---------------------------------------------------------------------------

    def address(self, story: Story) -> str:
        return f"https://{self.host}{quote(self.path(story))}"

    def article(self, story: Story) -> str:
        return (
            f'<html><head><link rel="canonical" href="{self.address(story)}"><title>خبر</title></head><body>'
            f'<div class="title"><h1>{self.headline(story)}</h1></div>'
            f'<div class="news_pdate_c"><span class="news_nav_title">تاریخ انتشار:</span> {story.printed}</div>'
            f'<div class="body"><p>متن خبر شماره {story.number} است.</p></div></body></html>'
        )

    def headline(self, story: Story) -> str:
        return f"خبر شماره {story.number}"

    def feed(self, count: int) -> str:
        items = "".join(
            f"<item><title>x</title><link>{escape(self.address(story))}</link>"
            f"<pubDate>{story.at:%d %b %Y %H:%M:%S}</pubDate></item>"
            for story in self.agency[: -count - 1 : -1]
        )
        return f"<?xml version='1.0'?><rss version='2.0'><channel><link>x</link>{items}</channel></rss>"

    def home(self) -> str:
        links = "".join(f'<a href="{self.path(story)}">خبر</a>' for story in self.agency[:-16:-1])
        return f"<html><body>{links}<a href='/about'>درباره</a></body></html>"

    def truth(self, span: DateRange) -> set[str]:
        """Return the keys of the articles of a span, as an export must hold them."""
        return {self.key(story) for story in self.agency if story.dated and story.day in span}

    def articles_asked(self) -> Counter[str]:
        """Count the requests for each article."""
        return Counter(key for path in self.asked if (key := self.key_of(path)) is not None)

    def lists_asked(self) -> list[str]:
        """Return the addresses asked that are neither articles nor robots.txt."""
        return [path for path in self.asked if self.key_of(path) is None and path != "/robots.txt"]

    def key_of(self, target: str) -> str | None:
        path = unquote(urlsplit(target).path)
        return next((key for key in (self._keys_in(path)) if key in self.by_key), None)

    def _keys_in(self, path: str) -> list[str]:
        return [*re.findall(r"\d+", path), path.strip("/")]


class ListSite(ReplicaSite):
    """A site with a list a day, of twenty a page, that runs on into all earlier days, with links beside the items."""

    stanza = r"""
[replica]
name = "بدل"
hosts = ["www.replica.ir", "replica.ir"]
[replica.forms.article]
url = "/fa/news/{id}"
[replica.doors]
sitemaps = []
feeds = []
ids = false
[replica.doors.archive]
url = "/archive?pi={page}&ms=0&dy={jd}&mn={jm}&yr={jy}"
items = "li.news"
time = "time"
"""

    def key(self, story: Story) -> str:
        return str(story.number)

    def path(self, story: Story) -> str:
        return f"/fa/news/{story.number}/خبر-{story.number}"

    def page(self, path: str, query: dict[str, str]) -> str | bytes | None:
        if path == "/":
            return self.home()
        if path == "/archive":
            day = gregorian(int(query["yr"]), int(query["mn"]), int(query["dy"]))
            return self.day_list(day, int(query["pi"]))
        key = self.key_of(path)
        return self.article(self.by_key[key]) if key else None

    def day_list(self, day: dt.date, page: int) -> str:
        up_to = [story for story in reversed(self.agency) if story.day <= day]
        rows = "".join(map(self.row, up_to[(page - 1) * _PAGE : page * _PAGE]))
        beside = f'<aside><a href="{self.path(self.agency[0])}">پربازدید</a></aside>'
        return f"<html><body><ul>{rows}</ul>{beside}</body></html>"

    def row(self, story: Story) -> str:
        """Print an item; every third with a relative text, and the time in its title."""
        time = f"<time>{story.printed}</time>"
        if story.number % 9 == 0:
            time = f'<time title="{story.printed}">چند روز پیش</time>'
        return f'<li class="news"><h3><a href="{self.path(story)}">{self.headline(story)}</a></h3>{time}</li>'


class RepeatingSite(ListSite):
    """The same without running on: past the end of a day's list it gives the last page for ever."""

    def day_list(self, day: dt.date, page: int) -> str:
        held = [story for story in reversed(self.agency) if story.day == day]
        last = max(1, -(-len(held) // _PAGE))
        start = (min(page, last) - 1) * _PAGE
        return f"<html><body><ul>{''.join(map(self.row, held[start : start + _PAGE]))}</ul></body></html>"


class SitemapSite(ReplicaSite):
    """A site with an index of one sitemap a day of UTC, under base64 names; some are packed and some are JSON.

    Ids are Jalali stamps of thirteen digits, which do not count up one by one.
    """

    stanza = r"""
[replica]
name = "بدل"
hosts = ["www.replica.ir", "replica.ir"]
[replica.forms.article]
paths = ['/fa/news/(\d{13})/[^/]*/?']
[replica.doors]
archive = false
sitemaps = ["/sitemap.xml"]
feeds = ["/rss"]
feed_tz = "Asia/Tehran"
ids = false
"""

    def key(self, story: Story) -> str:
        return f"{(jalali(story.day) or '').replace('-', '')}{story.number % 100_000:05}"

    def path(self, story: Story) -> str:
        return f"/fa/news/{self.key(story)}/خبر-{story.number}"

    def page(self, path: str, query: dict[str, str]) -> str | bytes | None:  # noqa: ARG002  # as all of them
        if path == "/":
            return self.home()
        if path == "/rss":
            return self.feed(30)
        if path == "/sitemap.xml":
            return self.index()
        if path.startswith("/sitemap/"):
            return self.leaf(path)
        key = self.key_of(path)
        return self.article(self.by_key[key]) if key else None

    def days(self) -> list[dt.date]:
        return sorted({story.at.astimezone(dt.UTC).date() for story in self.agency})

    def name(self, day: dt.date) -> str:
        text = json.dumps({"model": "newsstudioDateRange", "date": day.isoformat(), "n": day.day})
        code = base64.urlsafe_b64encode(text.encode()).decode().replace("=", ",")
        return f"/sitemap/{code}.xml" + (".gz" if day.day % 3 == 0 else "")

    def index(self) -> str:
        rows = "".join(
            f"<sitemap><loc>https://{self.host}{self.name(day)}</loc><lastmod>{day}</lastmod></sitemap>"
            for day in self.days()
        )
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'

    def leaf(self, path: str) -> bytes | None:
        day = next((day for day in self.days() if self.name(day) == path), None)
        if day is None:
            return None
        held = [story for story in self.agency if story.at.astimezone(dt.UTC).date() == day]
        if day.day % 5 == 0:
            rows = [{"loc": self.address(s), "lastmode": s.at.isoformat()} for s in held]
            raw = json.dumps({"urls": rows}).encode()
        else:
            items = "".join(
                f"<url><loc>{escape(self.address(s))}</loc><lastmod>{s.at.isoformat()}</lastmod></url>" for s in held
            )
            raw = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'.encode()
        return gzip.compress(raw, mtime=0) if day.day % 3 == 0 else raw


class PagedSite(ReplicaSite):
    """A site known by slugs, with a list of all articles that prints no dates, and a feed."""

    stanza = r"""
[replica]
name = "بدل"
hosts = ["www.replica.ir", "replica.ir"]
[replica.forms.article]
id = "text"
paths = ['/((?!page/|feed)[^/]+)/?']
[replica.doors]
archive = false
sitemaps = []
feeds = ["/feed/"]
feed_tz = "Asia/Tehran"
pages = "/page/{page}/"
ids = false
"""

    def key(self, story: Story) -> str:
        return f"خبر-شماره-{story.number}"

    def path(self, story: Story) -> str:
        return f"/{self.key(story)}/"

    def page(self, path: str, query: dict[str, str]) -> str | bytes | None:  # noqa: ARG002  # as all of them
        if path == "/":
            return self.home()
        if path == "/feed/":
            return self.feed(30)
        if found := re.fullmatch(r"/page/(\d+)/", path):
            start = (int(found[1]) - 1) * 10
            shown = self.agency[::-1][start : start + 10]
            links = "".join(f'<h2><a href="{quote(self.path(story))}">خبر</a></h2>' for story in shown)
            return f"<html><body>{links}</body></html>" if shown else None
        key = self.key_of(path)
        return self.article(self.by_key[key]) if key else None
