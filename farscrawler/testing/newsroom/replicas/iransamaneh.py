"""IranSamaneh: its article page of two ages, archive of a span, sitemaps by month, feed without weekdays."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import clock, words
from farscrawler.testing.newsroom.replicas import dress, maps
from farscrawler.testing.newsroom.replicas.chronicle import bounds, gregorian_bounds
from farscrawler.testing.newsroom.replicas.edition import ARABIC_MONTHS, iso_tehran, persian
from farscrawler.testing.newsroom.replicas.familysite import LISTED, FamilySite, number_in, page, xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.response import Response

_ARTICLE = re.compile(r"/[a-z]{2}/(?:amp/)?(?:news|photos|video|print)/(\d{1,18})(?:/[^/]*)?/?")
_MONTH_MAP = re.compile(r"/fa-sitemap-newsarchive-(\d{1,4})(\.xml\.gz)?")
_DAY = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")
_MOST_PER_PAGE = 100
_FORBIDDEN = ("archive", "save", "print", "send", "report", "ajax")
# Sitemaps of older months are packed.
_PACKED_AFTER = 12
_JALALI_METAS = 1401  # before that year the metas of a page are Jalali with Persian digits


class IranSamaneh(FamilySite):
    """A site of IranSamaneh, as yjc.ir is one."""

    family = "iransamaneh"
    host = "www.yjc.ir"
    publisher = "yjc"
    name = "باشگاه آزمون"

    def key_of(self, one: Edition) -> str:
        """Return the number."""
        return str(one.number)

    def path_for(self, one: Edition) -> str:
        """Return ``/fa/news/1003/slug``."""
        return f"/fa/news/{one.number}/{one.slug}"

    def number_at(self, path: str) -> int | None:
        """Read news, photos, video, amp and print addresses; the slug is ignored."""
        found = _ARTICLE.fullmatch(path)
        return int(found[1]) if found else None

    def printed(self, one: Edition) -> str:
        """Return ``۲۸ ارديبهشت ۱۴۰۱ - ۱۴:۵۵``: months with Arabic yeh."""
        year, month, day = one.jalali
        return persian(f"{day:02} {ARABIC_MONTHS[month - 1]} {year} - {one.local:%H:%M}")

    def picture_url(self, one: Edition) -> str:
        """Return an address on the site's own store of files."""
        return f"https://cdn.{self.home.removeprefix('https://').removeprefix('www.')}/files/fa/news/{one.picture}"

    def caption_of(self, one: Edition) -> str | None:  # noqa: ARG002  # no place for a caption is known
        """Return None: no place for a caption is known of this family."""
        return None

    def missing(self) -> Response:
        """Answer the soft 404: a page of the site at status 200."""
        inner = '<div class="error_container">صفحه درخواستی شما موجود نمی باشد</div>'
        return page(self._frame("خطا", inner, 2_000), kind="article")

    def robots_txt(self) -> str:
        """Forbid the archive and the tools, as the family's own file does."""
        rules = "\n".join(f"Disallow: /fa/{what}" for what in _FORBIDDEN)
        maps_ = "\n".join(f"Sitemap: {self.home}/fa-sitemap-news{what}" for what in ("", "archive"))
        return f"User-agent: *\n{rules}\n{maps_}\n"

    def article_page(self, one: Edition) -> str:
        """Return the page: every block twice, Jalali metas on old articles, right JSON-LD."""
        number, path = one.number, dress.attr(self.path_for(one))
        picture = ""
        if one.picture is not None:
            picture = f'<p><img src="{self.picture_url(one)}" alt="" class="lead_image_in"/></p>\n'
        lines = [*one.paragraphs, *filter(None, [one.end_mark and f"{one.end_mark.rstrip('/')}/ر"])]
        body = "\n".join(f"<p>{dress.text(line)}</p>" for line in lines)
        tags = " ، ".join(f'<a class="tags_item" href="/fa/tags/{at}">{tag}</a>' for at, tag in enumerate(one.tags))
        others = list(islice(self.chronicle.backwards(one.published), 5))
        teasers = "".join(
            f'<div class="linear_news"><a class="title5" href="{dress.attr(self.path_for(other))}">'
            f'{dress.text(other.headline)}</a><div class="subtitle5">{dress.text(other.lead or "")}</div></div>\n'
            for other in others
        )
        clock_face = persian(f"{one.local:%M} : {one.local:%H}")
        inner = f"""<div class="clock visible-lg">{clock_face}</div>
<div class="news_toolbar"><div class="news_nav news_id_c"><span class="news_nav_title">کد خبر: </span>\
{persian(str(number))}</div>
<div class="news_path">گروه : <a href="/fa/service/{one.service[0]}">{one.service[1]}</a> <span>»</span> \
<a href="/fa/service/{one.section[0]}">{one.section[1]}</a></div>
<div class="news_nav news_pdate_c"><span class="news_nav_title">تاریخ انتشار: </span>{self.printed(one)}</div></div>
<div class="news_nav news_pdate_c_mobile visible-xs">{self.printed(one)}</div>
<div class="rutitr_body"><div class="rutitr">{dress.text(one.kicker or "")}</div></div>
<div class="title"><h1 class="Htags"><a class="title" href="{path}">
   {dress.text(one.headline)} </a></h1></div>
<div class="title_mobile visible-xs"><h2><a href="{path}">{dress.text(one.headline)}</a></h2></div>
<div class="subtitle">{dress.text(one.lead or "")}</div>
<div class="news_tools"><a class="news_print_botton" onclick='window.open("/fa/print/{number}")'>چاپ</a></div>
<div class="body" style="text-align:justify"> {picture}{body}
<div class="wrapper"></div></div>
<div class="tags_container"><div class="tags_title"><span>برچسب ها: </span>{tags}</div></div>
<div class="comments_item"><span>انتشار یافته: ۱</span> <span>در انتظار بررسی: ۰</span>
<div class="comm_info_name">رهگذر</div><div class="comm_info_date">۱۰:۲۰</div>
<div class="comments">نظر خواننده.</div></div>
<form><input type="button" value="ارسال"/>گزارش خطا</form>
<div class="related">اخبار مرتبط\n{teasers}</div>"""
        return self._frame(one.headline, inner, self.weight, self._metas(one))

    def _metas(self, one: Edition) -> str:
        if one.jalali[0] < _JALALI_METAS:
            year, month, day = one.jalali
            published = persian(f"{year}/{month:02}/{day:02} - {one.local:%H:%M}")
            # On the saved page the change lies a minute before the publication.
            before = one.local - timedelta(minutes=1)
            modified = persian("{}/{:02}/{:02} - ".format(*clock.jalali_day(before.date())) + f"{before:%H:%M}")
        else:
            published, modified = iso_tehran(one.published), iso_tehran(one.published)
        data = {
            "@type": "NewsArticle",
            "headLine": one.headline,
            "datePublished": iso_tehran(one.published),
            "articleBody": one.lead or "",
            "author": {"@type": "Organization", "name": self.name},
        }
        return (
            dress.meta("og:type", "website")
            + dress.meta("og:title", one.headline)
            + dress.meta("og:url", f"{self.home}/fa/news/{one.number}")
            + dress.meta("og:site_name", self.name)
            + dress.meta("article:published_time", published)
            + dress.meta("article:modified_time", modified)
            + dress.meta("article:section", one.section[1])
            + dress.ld_json(data)
        )

    def _frame(self, title: str, inner: str, weight: int, metas: str = "") -> str:
        rest = len(inner.encode()) + len(metas.encode())
        return (
            f'<!-- {7_000_001 + len(title)} --> <!DOCTYPE HTML>\n<html lang="fa-IR"><head>'
            f"<title>{dress.text(title)}</title>\n"
            f'<meta charset="utf-8"/><link rel="alternate" type="application/rss+xml" href="/fa/rss/allnews"/>\n{metas}'
            '<link rel="stylesheet" href="/client/themes/fa/main/css/news.css"/></head>\n'
            f'<body>{words.SYNTHETIC}<div class="col-xs-36">{dress.menu(weight - rest)}</div>\n'
            '<div class="container"><div class="row"><div class="col-md-24 news_body_serv2">\n'
            f"{inner}\n</div></div></div>\n"
            '<div class="iransamaneh"><a href="http://www.iransamaneh.com">طراحی و تولید: ایران سامانه</a></div>'
            "</body></html>\n"
        )

    def other(self, path: str, query: Mapping[str, str]) -> Response | None:
        """Answer the home page, the archive of a span, sitemaps and the feed."""
        if path in ("/", "/fa"):
            return page(self._list("صفحه نخست", self.chronicle.newest(LISTED)), kind="home")
        if path == "/fa/archive":
            return self._archive(query)
        if path == "/fa/rss/allnews":
            # No weekday, and the local time.
            items = (
                maps.item(one, self.url_for(one), f"{one.local:%d %b %Y %H:%M:%S %z}")
                for one in self.chronicle.newest(LISTED)
            )
            return xml(maps.rss(self.name, self.home, "SepehrFeed V1.2", items), "feed")
        if path == "/fa-sitemap-news":
            return xml(maps.urlset((self.url_for(one), one.changed) for one in self.chronicle.newest(LISTED)))
        return self._sitemap(path)

    def _archive(self, query: Mapping[str, str]) -> Response:
        size = min(number_in(query, "rpp", 20) or 20, _MOST_PER_PAGE)
        at = max(1, number_in(query, "p", 1) or 1)
        days = [_DAY.fullmatch(query.get(key, "")) for key in ("from_date", "to_date")]
        try:
            spans = [bounds((int(day[1]), int(day[2]), int(day[3]))) for day in days if day]
        except ValueError:
            spans = []
        stories = self.chronicle.between(spans[0][0], spans[-1][1]) if len(spans) == len(days) else []
        return page(self._list("آرشیو", stories[(at - 1) * size : at * size]))

    def _list(self, title: str, stories: list[Edition]) -> str:
        items = "".join(
            f'<div class="linear_news"><a class="title5" href="{dress.attr(self.path_for(one))}">'
            f'{dress.text(one.headline)}</a> <span class="news_time">{self.printed(one)}</span></div>\n'
            for one in stories
        )
        return self._frame(title, f'<div class="archive_content">\n{items}</div>', self.weight // 4)

    def _sitemap(self, path: str) -> Response | None:
        """Answer the index of months, newest first and numbered, and each month's sitemap."""
        months = self._months()
        if path == "/fa-sitemap-newsarchive":
            entries = []
            for number in range(len(months), 0, -1):
                changed = max((one.changed for one in self._month(months[number - 1])), default=None)
                packed = ".xml.gz" if number <= len(months) - _PACKED_AFTER else ""
                entries.append((f"{self.home}/fa-sitemap-newsarchive-{number}{packed}", changed))
            return xml(maps.index(entries))
        found = _MONTH_MAP.fullmatch(path)
        if found is None or not 1 <= int(found[1]) <= len(months):
            return None
        body = maps.urlset((self.url_for(one), one.changed) for one in self._month(months[int(found[1]) - 1]))
        return xml(maps.packed(body), content_type="application/x-gzip") if found[2] else xml(body)

    def _months(self) -> list[tuple[int, int]]:
        first, last = (one.local for one in (self.chronicle.first(), self.chronicle.newest(1)[0]))
        span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        return [(at // 12, at % 12 + 1) for at in span]

    def _month(self, month: tuple[int, int]) -> list[Edition]:
        return self.chronicle.between(*gregorian_bounds(*month))
