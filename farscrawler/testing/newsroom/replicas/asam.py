"""Asam (aasaam.com): its article page, sections' lists, sitemaps by day under base64 names, feeds."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from farscrawler.testing.newsroom import words
from farscrawler.testing.newsroom.replicas import dress, maps
from farscrawler.testing.newsroom.replicas.chronicle import gregorian_bounds
from farscrawler.testing.newsroom.replicas.edition import MONTHS, iso_tehran, persian
from farscrawler.testing.newsroom.replicas.familysite import LISTED, FamilySite, moved, number_in, page, xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.response import Response

_ARTICLE = re.compile(r"/(?:[^/]+-\d+|fa/news)/(\d{1,18})(?:-[^/]*)?/?")
_TINY = re.compile(r"/fa/tiny/news-(\d{1,18})/?")
_SECTION = re.compile(r"/بخش-[^/]+-(\d{1,6})/?")
_DAY_MAP = re.compile(r"/sitemap/([\w+/=,-]+)\.xml")
# The body's element changed its name with the age of the theme.
_BODIES = ('id="echo_detail"', 'id="echo-detail"', 'id="main_ck_editor"', 'id="content-text"', 'class="echo_detail"')
_PER_PAGE = 24


class Asam(FamilySite):
    """A site of Asam, as ilna.ir is one."""

    family = "asam"
    host = "www.ilna.ir"
    publisher = "ilna"
    name = "آزمون‌نیوز"

    def key_of(self, one: Edition) -> str:
        """Return the number."""
        return str(one.number)

    def path_for(self, one: Edition) -> str:
        """Return ``/بخش-شهری-31/1003-slug``."""
        return f"/بخش-{one.section[1].replace(' ', '-')}-{one.section[0]}/{one.number}-{one.slug}"

    def number_at(self, path: str) -> int | None:
        """Read the long form, ``/fa/news/<id>-`` and the short link."""
        found = _ARTICLE.fullmatch(path) or _TINY.fullmatch(path)
        return int(found[1]) if found else None

    def printed(self, one: Edition) -> str:
        """Return ``۲۸ اردیبهشت ۱۴۰۱ - ۱۴:۵۵``."""
        year, month, day = one.jalali
        return persian(f"{day:02} {MONTHS[month - 1]} {year} - {one.local:%H:%M}")

    def picture_url(self, one: Edition) -> str:
        """Return an address on the site's own store of files."""
        return f"https://static{one.number % 2 + 1}.{self.home.removeprefix('https://www.')}/thumbnail/{one.picture}"

    def caption_of(self, one: Edition) -> str | None:  # noqa: ARG002  # no place for a caption is known
        """Return None: no place for a caption is known of this family."""
        return None

    def missing(self) -> Response:
        """Return a redirect to the page of errors."""
        return moved("/404", 302)

    def shown(self, one: Edition, path: str, query: Mapping[str, str]) -> Response:
        """Answer the page; the short link of every other article leads to its long address."""
        if _TINY.fullmatch(path) and one.number % 2:
            return moved(maps.encoded(self.path_for(one)))
        return super().shown(one, path, query)

    def robots_txt(self) -> str:
        """Forbid the administration."""
        return (
            "User-agent: *\nDisallow: /admin\nDisallow: /fa/admin/newsstudios\nDisallow: *:id*\n"
            f"Sitemap: {self.home}/sitemap.xml\n"
        )

    def article_page(self, one: Edition) -> str:
        """Return the page: time[datetime], one of the body's names, ads and boxes inside the body."""
        path = dress.attr(self.path_for(one))
        # Two articles of a family of themes: the name of the body changes from site to site.
        body_mark = _BODIES[self.newsroom.seed % len(_BODIES)]
        picture = ""
        if one.picture is not None:
            picture = f'<figure class="image_top_primary"><img src="{self.picture_url(one)}" alt=""/></figure>\n'
        lines = [f'<p style="text-align:justify">{dress.text(line)}</p>' for line in one.paragraphs]
        lines.insert(1, '<div class="inline-news-box"><a href="/fa/tiny/news-1">بیشتر بخوانید: خبری دیگر</a></div>')
        lines.append('<div class="zxc"><a href="http://ads.example/">آگهی</a></div>')
        if one.end_mark:
            lines.append(f"<p>{one.end_mark}</p>")
        tags = "".join(f'<a href="/tags/{at}">{tag}</a>' for at, tag in enumerate(one.tags))
        inner = f"""<article class="news_page_article" id="news_page_article">
<ul class="bread_crump"><li><a href="/">خانه</a></li><li><a href="/service/{one.service[0]}">{one.service[1]}</a></li>\
<li><a href="/بخش-{one.section[1].replace(" ", "-")}-{one.section[0]}">{one.section[1]}</a></li></ul>
<div class="news_time"><time datetime="{iso_tehran(one.published)}">{self.printed(one)}</time></div>
<h2 class="uptitle">{dress.text(one.kicker or "")}</h2>
<h1 class="title"><a href="{path}">{dress.text(one.headline)}</a></h1>
<p class="lead" itemprop="description">{dress.text(one.lead or "")}</p>
{picture}<div {body_mark}>
{chr(10).join(lines)}
</div>
<div class="article_tags">{tags}</div>
<div class="noprint"><div class="short_link_cnt">{self.home}/fa/tiny/news-{one.number}</div>
<div class="share_news">کپی شد</div></div>
</article>
<aside class="others_known">{self._entries(list(islice(self.chronicle.backwards(one.published), 6)))}</aside>"""
        return self._frame(one.headline, inner, self.weight, self._metas(one))

    def _metas(self, one: Edition) -> str:
        return (
            dress.meta("og:type", "article")
            + dress.meta("og:title", one.headline)
            + dress.meta("og:url", self.url_for(one))
            + dress.meta("article:published_time", iso_tehran(one.published))
            + f'<link rel="canonical" href="{dress.attr(self.url_for(one))}"/>\n'
        )

    def _frame(self, title: str, inner: str, weight: int, metas: str = "") -> str:
        return (
            f'<!DOCTYPE html>\n<html dir="rtl" lang="fa"><head><meta charset="utf-8"/>'
            f"<title>{dress.text(title)}</title>\n"
            f'{metas}</head><body class="news">{words.SYNTHETIC}\n'
            f"<header>{dress.menu(weight - len(inner.encode()))}</header><main>\n{inner}\n</main>\n"
            '<footer><a href="https://aasaam.com">aasaam</a></footer></body></html>\n'
        )

    def other(self, path: str, query: Mapping[str, str]) -> Response | None:
        """Answer the home page, the sections' lists, sitemaps and feeds."""
        if path == "/":
            return page(
                self._frame(self.name, self._entries(self.chronicle.newest(LISTED)), self.weight // 4), kind="home"
            )
        if path.rstrip("/") in ("/feeds", "/fa/feeds"):
            items = (
                maps.item(one, self.url_for(one), maps.rfc822(one.published, gmt=False))
                for one in self.chronicle.newest(LISTED)
            )
            return xml(maps.rss(self.name, self.home, "aasaam", items), "feed")
        if found := _SECTION.fullmatch(path):
            return self._section_list(int(found[1]), max(1, number_in(query, "page", 1) or 1))
        return self._sitemap(path)

    def _section_list(self, section: int, at: int) -> Response:
        stories = (one for one in self.chronicle.backwards() if one.section[0] == section)
        entries = self._entries(list(islice(stories, (at - 1) * _PER_PAGE, at * _PER_PAGE)))
        pager = f'<footer class="service_pagination"><a href="?page={at + 1}">{at + 1}</a></footer>'
        return page(self._frame(self.name, entries + pager, self.weight // 4))

    def _entries(self, stories: list[Edition]) -> str:
        return "".join(
            f'<div class="news_item"><h3><a href="{dress.attr(self.path_for(one))}">{dress.text(one.headline)}</a></h3>'
            f'<p class="lead">{dress.text(one.lead or "")}</p><time>{self.printed(one)}</time></div>\n'
            for one in stories
        )

    def _sitemap(self, path: str) -> Response | None:
        if path == "/sitemap.xml":
            latest: dict[date, Any] = {}
            for one in self.chronicle.backwards():
                day = one.local.date()
                latest[day] = max(latest.get(day, one.changed), one.changed)
            return xml(maps.index((f"{self.home}/sitemap/{day_name(day)}.xml", at) for day, at in latest.items()))
        found = _DAY_MAP.fullmatch(path)
        wanted = None if found is None else day_of_name(found[1])
        if wanted is None:
            return None
        stories = self.chronicle.between(*gregorian_bounds(wanted.year, wanted.month, wanted.day))
        return xml(maps.urlset((self.url_for(one), one.changed) for one in stories))


def day_name(day: date) -> str:
    """Return the name of a day's sitemap: the base64 of what the site asks itself, its padding kept."""
    asked = f'{{"model":"newsstudioDateRange","date":"{day.isoformat()}"}}'
    return base64.b64encode(asked.encode()).decode("ascii")


def day_of_name(name: str) -> date | None:
    """Read a day's sitemap's name, in the plain or the url-safe alphabet, padded with ``=``, ``,`` or nothing."""
    plain = name.rstrip("=,").replace("-", "+").replace("_", "/")
    try:
        asked = json.loads(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
        return date.fromisoformat(asked["date"]) if asked["model"] == "newsstudioDateRange" else None
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
