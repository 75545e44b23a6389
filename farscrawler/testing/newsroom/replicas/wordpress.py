"""WordPress with the theme Jannah and wp-parsidate: slugs, Jalali machine dates, lists by page."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import words
from farscrawler.testing.newsroom.replicas import dress, maps
from farscrawler.testing.newsroom.replicas.edition import MONTHS, iso_utc, persian
from farscrawler.testing.newsroom.replicas.familysite import LISTED, FamilySite, moved, number_in, page, xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.response import Response

PERMALINKS = ("slug", "id", "jalali")
_SLUG = re.compile(r"/[^/]*?-(\d{1,18})/?")
_ID = re.compile(r"/(\d{1,18})(?:/[^/]*)?/?")
_JALALI = re.compile(r"/1[34]\d\d/\d\d/\d\d/[^/]*?-(\d{1,18})/?")
_PAGE = re.compile(r"(?:/category/[^/]+)?/page/(\d{1,6})/?")
_MAP = re.compile(r"/post-sitemap(\d{0,4})\.xml")
_LISTS = re.compile(r"/(?:category|tag|author|page|feed|wp-[a-z]+)(?:/|$)")
_PER_PAGE, _PER_MAP = 20, 200


class WordPress(FamilySite):
    """A site of WordPress. ``permalinks`` is the form of its addresses: ``slug``, ``id`` or ``jalali`` (a day)."""

    family = "wordpress"
    host = "www.ensafnews.com"
    publisher = "ensafnews"
    name = "آزمون نامه"
    permalinks = "id"

    def key_of(self, one: Edition) -> str:
        """Return the path, or the number where addresses begin with it."""
        return str(one.number) if self.permalinks == "id" else self.path_for(one).strip("/")

    def path_for(self, one: Edition) -> str:
        """Return the address in the site's form; a slug ends with the number, so that no two are alike."""
        if self.permalinks == "id":
            return f"/{one.number}/{one.slug}/"
        day = "/{}/{:02}/{:02}".format(*one.jalali) if self.permalinks == "jalali" else ""
        return f"{day}/{one.slug}-{one.number}/"

    def number_at(self, path: str) -> int | None:
        """Read the site's form alone: WordPress answers 404 for another."""
        pattern = {"slug": _SLUG, "id": _ID, "jalali": _JALALI}[self.permalinks]
        found = None if _LISTS.match(path) else pattern.fullmatch(path)
        return int(found[1]) if found else None

    def printed(self, one: Edition) -> str:
        """Return ``۲۸ اردیبهشت ۱۴۰۱ ساعت ۱۴:۵۵``."""
        year, month, day = one.jalali
        return persian(f"{day} {MONTHS[month - 1]} {year} ساعت {one.local:%H:%M}")

    def picture_url(self, one: Edition) -> str:
        """Return an address among the uploads."""
        return f"{self.home}/wp-content/uploads/{one.picture}"

    def missing(self) -> Response:
        """Answer 404, with a page that lists the latest articles."""
        inner = f"<h1>۴۰۴</h1><p>چیزی در این نشانی یافت نشد.</p>{self._entries(self.chronicle.newest(5))}"
        return page(self._frame("یافت نشد", inner, 2_000, "error404"), status=404, kind="article")

    def shown(self, one: Edition, path: str, query: Mapping[str, str]) -> Response:
        """Answer the page at its own address; another slug with the same number leads there."""
        if path.strip("/") != self.path_for(one).strip("/"):
            return moved(maps.encoded(self.path_for(one)))
        return super().shown(one, path, query)

    def robots_txt(self) -> str:
        """Forbid the administration."""
        return (
            "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\n"
            f"Sitemap: {self.home}/sitemap_index.xml\n"
        )

    def machine_time(self, one: Edition) -> str:
        """Return the machine's date as wp-parsidate leaves it: right, or Jalali in one of the plugin's forms."""
        year, month, day = one.jalali
        forms = (
            iso_utc(one.published).replace("Z", "+00:00"),
            persian(f"{year}-{month:02}-{day:02}\\{one.local:%H:%M:%S}"),
            f"{year}-{month:02}-{day:02}\\{one.local:%H:%M:%S}",
            persian(f"{year}-{month:02}-{day:02}") + f"T{one.local:%H:%M:%S}+00:00",
        )
        return forms[one.number % len(forms)]

    def article_page(self, one: Edition) -> str:
        """Return the page in Jannah's markup."""
        picture = ""
        if one.picture is not None:
            caption = (
                f'<figcaption class="single-caption-text">{dress.text(one.caption)}</figcaption>' if one.caption else ""
            )
            picture = (
                f'<div class="featured-area"><figure class="single-featured-image">'
                f'<img src="{self.picture_url(one)}" alt=""/>'
                f"{caption}</figure></div>\n"
            )
        kicker = f'<div class="rotitr">{dress.text(one.kicker)}</div>\n' if one.kicker else ""
        lead = f'<h2 class="entry-sub-title">{dress.text(one.lead)}</h2>\n' if one.lead else ""
        lines = [*one.paragraphs, *filter(None, [one.end_mark])]
        body = "\n".join(f"<p>{dress.text(line)}</p>" for line in lines)
        tags = " ".join(f'<a href="/tag/{at}/" rel="tag">{tag}</a>' for at, tag in enumerate(one.tags))
        inner = f"""<article id="the-post" class="container-wrapper post-content">
<nav id="breadcrumb"><a href="/">خانه</a><em class="delimiter">/</em>\
<a href="/category/{one.section[0]}/">{one.section[1]}</a></nav>
<header class="entry-header-outer"><div class="entry-header">{kicker}\
<h1 class="post-title entry-title">{dress.text(one.headline)}</h1>
{lead}<div class="post-meta"><span class="date meta-item">{self.printed(one)}</span></div></div></header>
{picture}<div class="entry-content entry clearfix">
{body}
<div class="post-bottom-meta post-bottom-tags"><span class="tagcloud">{tags}</span></div>
</div>
<div class="post-shortlink"><input value="{self.home}/?p={one.number}"/></div>
</article>
<div id="related-posts">{self._entries(list(islice(self.chronicle.backwards(one.published), 5)))}</div>
<ol class="commentlist"><li><cite>رهگذر</cite><p>نظر خواننده درباره این نوشته.</p></li></ol>"""
        return self._frame(one.headline, inner, self.weight, "single single-post", self._metas(one))

    def _metas(self, one: Edition) -> str:
        stamp = self.machine_time(one)
        data = {"@type": "NewsArticle", "headline": one.headline, "datePublished": stamp, "dateModified": stamp}
        return (
            dress.meta("og:type", "article")
            + dress.meta("og:title", f"{one.headline} - {self.name}")
            + dress.meta("og:url", maps.encoded(self.url_for(one)))
            + dress.meta("article:published_time", stamp)
            + dress.meta("og:updated_time", iso_utc(one.changed).replace("Z", "+00:00"))
            + f'<link rel="canonical" href="{maps.encoded(self.url_for(one))}"/>\n'
            + f'<link rel="shortlink" href="{self.home}/?p={one.number}"/>\n'
            + dress.ld_json(data)
        )

    def _frame(self, title: str, inner: str, weight: int, css: str, metas: str = "") -> str:
        return (
            f'<!DOCTYPE html>\n<html dir="rtl" lang="fa-IR"><head><meta charset="UTF-8"/>'
            f"<title>{dress.text(title)}</title>\n"
            f"{dress.meta('generator', 'WordPress 6.4', 'name')}{metas}"
            '<link rel="https://api.w.org/" href="/wp-json/"/>'
            '<link rel="stylesheet" href="/wp-content/themes/jannah/style.css"/></head>\n'
            f'<body class="rtl {css}">{words.SYNTHETIC}\n<header>{dress.menu(weight - len(inner.encode()))}</header>\n'
            f'<div id="content"><div class="main-content">\n{inner}\n</div></div></body></html>\n'
        )

    def other(self, path: str, query: Mapping[str, str]) -> Response | None:
        """Answer the home page and short links, the lists by page, sitemaps and the feed."""
        if path == "/":
            one = self.chronicle.article(number_in(query, "p") or 0)
            if one is not None:
                return moved(maps.encoded(self.path_for(one)))
            return page(self._listing(self.chronicle.newest(LISTED)), kind="home")
        if found := _PAGE.fullmatch(path):
            start = (int(found[1]) - 1) * _PER_PAGE
            stories = list(islice(self.chronicle.backwards(), max(0, start), max(0, start) + _PER_PAGE))
            return page(self._listing(stories)) if stories else None
        if path.rstrip("/") == "/feed":
            at = max(1, number_in(query, "paged", 1) or 1)
            items = (
                maps.item(one, self.url_for(one), maps.rfc822(one.published, gmt=False))
                for one in islice(self.chronicle.backwards(), (at - 1) * 10, at * 10)
            )
            return xml(maps.rss(self.name, self.home, "https://wordpress.org/?v=6.4", items), "feed")
        return self._sitemap(path)

    def _listing(self, stories: list[Edition]) -> str:
        return self._frame(self.name, self._entries(stories), self.weight // 4, "home blog")

    def _entries(self, stories: list[Edition]) -> str:
        items = "".join(
            f'<li class="post-item"><h2 class="post-title"><a href="{dress.attr(self.path_for(one))}">'
            f"{dress.text(one.headline)}</a></h2>"
            f'<span class="date meta-item">{persian("{}/{}/{}".format(*one.jalali))}</span>'
            f'<p class="post-excerpt">{dress.text(one.lead or "")}</p></li>\n'
            for one in stories
        )
        return f'<ul class="posts-items">\n{items}</ul>'

    def _sitemap(self, path: str) -> Response | None:
        """Answer Yoast's index and its parts, oldest articles first; one part lists categories instead."""
        oldest = self.articles() if path.endswith(".xml") else []
        parts = [oldest[at : at + _PER_MAP] for at in range(0, len(oldest), _PER_MAP)]
        if path == "/sitemap_index.xml":
            entries = [
                (f"{self.home}/post-sitemap{at if at > 1 else ''}.xml", max(one.changed for one in part))
                for at, part in enumerate(parts, 1)
            ]
            return xml(maps.index([*entries, (f"{self.home}/category-sitemap.xml", None)]))
        if path == "/category-sitemap.xml":
            return xml(maps.urlset((f"{self.home}/category/{number}/", None) for number, _, _ in words.SECTIONS))
        found = _MAP.fullmatch(path)
        at = int(found[1] or 1) if found else 0
        if not 1 <= at <= len(parts):
            return None
        return xml(maps.urlset((self.url_for(one), one.changed) for one in parts[at - 1]))
