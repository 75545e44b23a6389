"""A CMS of nested boxes: dated paths with slugs, a feed whose dates name no zone, and a list in numbered pages."""

from __future__ import annotations

import re
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom.replicas import maps
from farscrawler.testing.newsroom.replicas.edition import persian
from farscrawler.testing.newsroom.replicas.familysite import FamilySite, number_in, page, xml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.response import Response

_PATH = re.compile(r"/1[34]\d\d/\d\d/\d\d/[^/]*?-(\d{1,18})/?")
_LISTED, _PER_PAGE = 20, 20


class DivSite(FamilySite):
    """«رودبار», boxes in boxes: `/1401/02/28/some-words-1234/`."""

    family = "custom"
    host = "www.rudbar.example"
    publisher = "rudbar"
    name = "رودبار"

    def key_of(self, one: Edition) -> str:
        return self.path_for(one).strip("/")

    def path_for(self, one: Edition) -> str:
        return "/{}/{:02}/{:02}/".format(*one.jalali) + f"{one.slug}-{one.number}/"

    def number_at(self, path: str) -> int | None:
        found = _PATH.fullmatch(path)
        return int(found[1]) if found else None

    def printed(self, one: Edition) -> str:
        return persian("{}/{:02}/{:02}".format(*one.jalali) + f" - {one.local:%H:%M}")

    def missing(self) -> Response:
        return page(self._frame("پیدا نشد", "<div class='nf'>این نشانی نیست.</div>"), status=404, kind="article")

    def robots_txt(self) -> str:
        return "User-agent: *\nDisallow: /panel/\n"

    def article_page(self, one: Edition) -> str:
        kicker = f'<div class="n-rootitr"><span>{escape(one.kicker)}</span></div>' if one.kicker else ""
        lead = f'<div class="n-abs">{escape(one.lead)}</div>' if one.lead else ""
        body = "".join(f'<div class="prg">{escape(line)}</div>\n' for line in one.paragraphs)
        tags = "".join(f'<a class="tg" href="/tag/{at}">{escape(tag)}</a>' for at, tag in enumerate(one.tags))
        others = "".join(
            f'<div class="sug"><a href="{escape(self.path_for(other))}">{escape(other.headline)}</a></div>\n'
            for other in islice(self.chronicle.backwards(one.published), 5)
        )
        inner = f"""<div class="wrap n-page"><div class="n-top"><div class="breadcrumb"><a href="/">خانه</a>
<a href="/sec/{one.section[0]}">{one.section[1]}</a></div></div>
<div class="n-box"><div class="n-head">{kicker}<div class="n-title"><h1>{escape(one.headline)}</h1></div>
<div class="n-meta"><span class="n-date">{self.printed(one)}</span>
<span class="n-share">اشتراک در شبکه‌ها</span></div></div>
{lead}
<div class="n-txt">
{body}<div class="n-ad">پیوند آگهی این هفته را ببینید و با ما تماس بگیرید.</div>
</div>
<div class="tags">{tags}</div></div>
<div class="sugs">{others}</div></div>"""
        metas = (
            f'<meta property="og:title" content="{escape(one.headline)}"/><meta property="og:type" content="article"/>'
        )
        return self._frame(f"{one.headline} | {self.name}", inner, metas)

    def other(self, path: str, query: Mapping[str, str]) -> Response | None:
        if path == "/":
            return page(self._listing(list(self.chronicle.newest(_LISTED)), None), kind="home")
        if path.rstrip("/") == "/bayegani":
            at = max(1, number_in(query, "p", 1) or 1)
            stories = list(islice(self.chronicle.backwards(), (at - 1) * _PER_PAGE, at * _PER_PAGE))
            return page(self._listing(stories, at)) if stories else None
        if path.rstrip("/") == "/rss":
            items = (
                maps.item(one, self.url_for(one), f"{one.local:%d %b %Y %H:%M:%S}") for one in self.chronicle.newest(40)
            )
            return xml(maps.rss(self.name, self.home, "boxes 3", items), "feed")
        return None

    def _listing(self, stories: Sequence[Edition], at: int | None) -> str:
        rows = "".join(
            f'<div class="row-n"><a href="{escape(self.path_for(one))}">{escape(one.headline)}</a>'
            f'<span class="dt">{self.printed(one)}</span></div>\n'
            for one in stories
        )
        pager = ""
        if at is not None:
            after = f'<a href="/bayegani/?p={at + 1}">{at + 1}</a>'
            pager = f'<div class="pagination"><span class="current">{at}</span>{after}</div>'
        return self._frame(self.name, f'<div class="rows">{rows}</div>{pager}')

    def _frame(self, title: str, inner: str, metas: str = "") -> str:
        return f"""<!DOCTYPE html><html lang="fa" dir="rtl"><head><meta charset="utf-8"/><title>{escape(title)}</title>
<meta property="og:site_name" content="{self.name}"/>{metas}
<link rel="alternate" type="application/rss+xml" title="{self.name}" href="/rss"/></head>
<body><div class="hdr"><div class="lg"><a href="/">{self.name}</a></div><div class="mn"><a href="/sec/1">سیاست</a>
<a href="/sec/2">جامعه</a><a href="/bayegani/">بایگانی خبرها</a><a href="/contact">تماس با ما</a></div></div>
{inner}
<div class="ftr">همه حقوق برای {self.name} است.</div></body></html>
"""
