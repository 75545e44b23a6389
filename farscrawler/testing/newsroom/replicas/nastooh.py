"""Nastooh ("Saba Enterprise Newsroom"): its article page, archive by day or month, sitemaps by year, feed."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import words
from farscrawler.testing.newsroom.replicas import dress, maps
from farscrawler.testing.newsroom.replicas.chronicle import bounds, month_bounds
from farscrawler.testing.newsroom.replicas.edition import MONTHS, iso_utc, persian, weekday
from farscrawler.testing.newsroom.replicas.familysite import LISTED, FamilySite, number_in, page, xml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from farscrawler.testing.newsroom.replicas.chronicle import Day
    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.response import Response

GENERATOR = "www.nastooh.ir"
_ARTICLE = re.compile(r"/(?:news|photo|media|live|video)/(\d{1,14})(?:/[^/]*)?/?")
_PRINT = re.compile(r"/print/(\d{1,14})/?")
_YEAR_MAP = re.compile(r"/sitemap/(all|\d{4})/sitemap\.xml")
_DAY_MAP = re.compile(r"/sitemap/(?:all|\d{4})/(\d{4})-(\d\d)-(\d\d)\.xml")
_PER_PAGE = 20
# A day's pages run on into the days before it, by the rest of a page and one page more.
_SPILL_PAGES = 1
# Leaves of older years are JSON.
_JSON_AFTER = 3
_LIES = 4


class Nastooh(FamilySite):
    """A site of Nastooh, as khabaronline.ir is one."""

    family = "nastooh"
    host = "www.khabaronline.ir"
    publisher = "khabaronline"
    name = "خبرآزمون"

    def key_of(self, one: Edition) -> str:
        """Return the number."""
        return str(one.number)

    def path_for(self, one: Edition) -> str:
        """Return ``/news/1003/slug``."""
        return f"/news/{one.number}/{one.slug}"

    def number_at(self, path: str) -> int | None:
        """Read news, photo, media, live, video and print addresses; the slug is ignored."""
        found = _ARTICLE.fullmatch(path) or _PRINT.fullmatch(path)
        return int(found[1]) if found else None

    def printed(self, one: Edition) -> str:
        """Return ``۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵``."""
        year, month, day = one.jalali
        return persian(f"{day} {MONTHS[month - 1]} {year} - {one.local:%H:%M}")

    def missing(self) -> Response:
        """Answer 404."""
        return page(self.not_found(), status=404, kind="article")

    def robots_txt(self) -> str:
        """Forbid print, link and search, and list the sitemaps of every year."""
        newest = self._newest_year()
        years = range(self.chronicle.first().jalali[0], newest)
        found = [f"{self.home}/sitemap/{year}/sitemap.xml" for year in years]
        found += [f"{self.home}/sitemap/all/sitemap.xml", f"{self.home}/sitemap/news/sitemap.xml"]
        lines = ["User-agent: *", "Disallow: /print/", "Disallow: /link/", "Disallow: /search", ""]
        return "\n".join([*lines, *(f"Sitemap: {url}" for url in found), ""])

    def article_page(self, one: Edition) -> str:
        """Return the page: visible time to the minute, machine times in UTC, two of the family's lies among them."""
        head = self._head(one)
        article = self._article(one)
        others = list(islice(self.chronicle.backwards(one.published), 8))
        boxes = dress.related([(self.path_for(other), other) for other in others[:4]], "box-related")
        boxes += dress.related([(self.path_for(other), other) for other in others[4:]], "box-latest")
        rest = len(f"{head}{article}{boxes}".encode())
        return (
            f'{head}<body class="rtl fa pt-news nt-news">{words.SYNTHETIC}\n'
            f'<div class="print-header hidden"><ul><li class="url">{self.home}/news/{one.number}</li>'
            f'<li class="date">{self.printed(one)}</li>'
            f'<li class="id">کد خبر: {persian(str(one.number))}</li></ul></div>\n'
            f"<header>{dress.menu(self.weight - rest)}</header>\n"
            f'<main id="mainbody"><div class="row"><div class="main-content col-lg-8">\n{article}</div>\n'
            f'<aside class="col-lg-4">{boxes}</aside></div></main>\n'
            "<footer><p>Nastooh Saba Newsroom</p></footer></body></html>\n"
        )

    def _head(self, one: Edition) -> str:
        lead = one.lead or ""
        # The family's modified time can lie before the publication; the meta "date" is the moment of rendering.
        lie = one.published - timedelta(minutes=7) if one.number % _LIES == 0 else one.published
        rendered = one.local + timedelta(days=90)
        data = {
            "@type": "NewsArticle",
            "headline": one.headline,
            "description": lead,
            "datePublished": iso_utc(one.published),
            "dateModified": iso_utc(one.modified or lie),
            "author": {"@type": "Organization", "name": self.name},
            "publisher": {"@type": "Organization", "name": self.name},
        }
        return (
            '<!DOCTYPE html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8"/>\n'
            f"<title>{dress.text(one.headline)} - {self.name}</title>\n"
            + dress.meta("generator", GENERATOR, "name")
            + dress.meta("description", lead, "name")
            + dress.meta("keywords", ", ".join(one.tags), "name")
            + dress.meta("date", f"{rendered:%Y-%m-%d T %H:%M:%S %z}", "name")
            + f'<link rel="canonical" href="{dress.attr(self.url_for(one))}"/>\n'
            + dress.meta("og:type", "article")
            + dress.meta("og:title", one.headline)
            + dress.meta("og:url", self.url_for(one))
            + dress.meta("article:published_time", iso_utc(one.published))
            + dress.meta("article:modified_time", iso_utc(one.modified or lie))
            + dress.meta("article:modified", iso_utc(one.published))
            + dress.meta("article:section", f"{one.service[1]} > {one.section[1]}")
            + dress.meta("article:tag", ", ".join(one.tags))
            + dress.meta("nastooh:nid", str(one.number))
            + dress.meta("nastooh:topic", one.service[1])
            + dress.meta("nastooh:subtopic", one.section[1])
            + dress.ld_json(data)
            + '<link rel="stylesheet" href="/resources/theme/khabar/style.css"/></head>\n'
        )

    def _article(self, one: Edition) -> str:
        image = ""
        if one.picture is not None:
            caption = f"<figcaption>{dress.text(one.caption)}</figcaption>" if one.caption else ""
            image = (
                '<figure class="item-img"><img itemprop="image" alt="" '
                f'src="{self.picture_url(one)}"/>{caption}</figure>\n'
            )
        body = "\n".join(f"<p>{dress.text(line)}</p>" for line in (*one.paragraphs, *filter(None, [one.end_mark])))
        # A bare code of the reporter is the last paragraph of most pages.
        code = f"<p>{17_000 + one.number % 900}</p>" if one.number % 2 else ""
        tags = "".join(f'<li><a href="/tag/{tag}" rel="index, tag">{tag}</a></li>' for tag in one.tags)
        return f"""<article id="item" class="item" itemscope itemtype="http://schema.org/NewsArticle">
<div class="item-header"><div class="item-nav row"><div class="col-6 item-date"><span>{self.printed(one)}</span></div>
<div class="col-6 item-code">کد خبر: <span>{persian(str(one.number))}</span></div></div>
<ol class="breadcrumb"><li><a href="/">صفحه اصلی</a></li>\
<li><a itemprop="articleSection" href="/service/{one.service[0]}">{one.service[1]}</a></li>\
<li><a itemprop="articleSection" href="/service/{one.section[0]}">{one.section[1]}</a></li></ol>
<div class="item-title"><h4 class="subtitle kicker">{dress.text(one.kicker or "")}</h4>
<h1 class="title"><a itemprop="headline" href="{dress.attr(self.path_for(one))}">\
{dress.text(one.headline)}</a></h1></div>
<meta itemprop="datePublished" content="{iso_utc(one.published)}"/></div>
{image}<div class="item-summary">\
<p class="summary introtext" itemprop="description">{dress.text(one.lead or "")}</p></div>
<div class="item-body"><div class="item-text" itemprop="articleBody">
{body}{code}
</div></div>
<section class="tags"><header><h2>برچسب‌ها</h2></header><ul>{tags}</ul></section>
<div class="short-link-container"><input type="text" readonly value="{self.home}/news/{one.number}"/></div>
<div class="sharing"><a href="http://share.example/">اشتراک‌گذاری</a></div>
<div class="comments"><h2>نظرها</h2><ul class="comments-list"><li><div class="date">۳ سال پیش</div>
<div class="author">رهگذر</div><div class="comment-body">نظر خواننده درباره این خبر.</div></li></ul></div>
</article>
"""

    def other(self, path: str, query: Mapping[str, str]) -> Response | None:
        """Answer the home page, the archive under both its names, sitemaps and the feed."""
        if path == "/":
            items = "".join(self._item(one) for one in self.chronicle.newest(LISTED))
            return page(self._list("صفحه اصلی", items, ""), kind="home")
        if path in ("/archive", "/page/archive.xhtml"):
            return self._archive(query)
        if path == "/rss":
            return self._feed()
        return self._sitemap(path)

    def _archive(self, query: Mapping[str, str]) -> Response:
        year, month, day = (number_in(query, key) for key in ("yr", "mn", "dy"))
        at = max(1, number_in(query, "pi", 1) or 1)
        try:
            start, end = bounds((year or 0, month or 0, day)) if day else month_bounds(year or 0, month or 0)
        except ValueError:  # no such day, or none asked for
            return page(self._list("آرشیو", "", ""))
        own = len(self.chronicle.between(start, end))
        last = max(1, -(-own // _PER_PAGE)) + _SPILL_PAGES
        found = list(islice(self.chronicle.backwards(end), (at - 1) * _PER_PAGE, at * _PER_PAGE)) if at <= last else []
        pager = "".join(
            f'<li class="page-item"><a href="?pi={number}">{number}</a></li>' for number in range(1, last + 1)
        )
        return page(self._list("آرشیو", "".join(self._item(one) for one in found), pager))

    def _item(self, one: Edition) -> str:
        """Return an entry: its time in ISO shape and Jalali, or relative with the whole one as its title."""
        year, month, day = one.jalali
        if one.number % 2:
            shown, title = persian(f"{year}-{month:02}-{day:02} {one.local:%H:%M}"), ""
        else:
            shown = persian("۱۱ روز قبل")
            name = f"{weekday(one.local.date())} {day} {MONTHS[month - 1]} {year} - {one.local:%H:%M}"
            title = f' title="{persian(name)}"'
        return (
            f'<li class="news"><figure><a href="{dress.attr(self.path_for(one))}"><img src="/x.jpg"/></a></figure>'
            f'<div class="desc"><h4>{dress.text(one.kicker or "")}</h4>'
            f'<h3><a href="{dress.attr(self.path_for(one))}">{dress.text(one.headline)}</a></h3>'
            f"<p>{dress.text(one.lead or '')}</p>"
            f'<time{title}><a href="/news/{one.number}">{shown}</a></time></div></li>\n'
        )

    def _list(self, title: str, items: str, pager: str) -> str:
        return (
            f'<!DOCTYPE html>\n<html lang="fa" dir="rtl"><head><meta charset="utf-8"/>'
            f"<title>{title} - {self.name}</title>"
            f'{dress.meta("generator", GENERATOR, "name")}</head><body class="rtl fa pt-archive">{words.SYNTHETIC}\n'
            f'<header>{dress.menu(self.weight // 4)}</header><main><section class="box"><ul>\n{items}</ul></section>'
            f'<ul class="pagination justify-content-center">{pager}</ul></main></body></html>\n'
        )

    def _feed(self) -> Response:
        items = (
            maps.item(
                one,
                self.url_for(one),
                maps.rfc822(one.published, gmt=True),
                f'<category domain="{one.section[0]}">{one.service[1]} &gt; {one.section[1]}</category>',
            )
            for one in self.chronicle.newest(LISTED)
        )
        return xml(maps.rss(self.name, self.home, f"Saba Enterprise Newsroom ({GENERATOR})", items), "feed")

    def _newest_year(self) -> int:
        return self.chronicle.newest(1)[0].jalali[0]

    def _sitemap(self, path: str) -> Response | None:
        newest = self._newest_year()
        if path == "/sitemap/news/sitemap.xml":
            return xml(maps.urlset((self.url_for(one), one.changed) for one in self.chronicle.newest(LISTED)))
        if found := _YEAR_MAP.fullmatch(path):
            return self._year_map(found[1], newest)
        found = _DAY_MAP.fullmatch(path)
        return None if found is None else self._day_map((int(found[1]), int(found[2]), int(found[3])), newest)

    def _year_map(self, name: str, newest: int) -> Response | None:
        """Return the index of a year's days; the current year is under ``all`` alone."""
        year = newest if name == "all" else int(name)
        if name == str(newest) or not self.chronicle.first().jalali[0] <= year <= newest:
            return None
        days = dict.fromkeys(one.jalali for one in self.chronicle.between(*_year(year)))
        return xml(
            maps.index((f"{self.home}/sitemap/{name}/{'{}-{:02}-{:02}'.format(*day)}.xml", None) for day in days)
        )

    def _day_map(self, day: Day, newest: int) -> Response | None:
        try:
            entries = [(self.url_for(one), one.changed) for one in self.chronicle.day(day)]
        except ValueError:
            return None
        if day[0] <= newest - _JSON_AFTER:
            return xml(maps.json_leaf(entries), content_type="application/json")
        return xml(maps.urlset(entries))


def _year(year: int) -> tuple[datetime, datetime]:
    return month_bounds(year, 1)[0], month_bounds(year, 12)[1]
