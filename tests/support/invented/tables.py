"""An old site: tables within tables, numbers in the query, a Jalali line, and lists by day; nothing for machines."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import TYPE_CHECKING

from farscrawler.days import gregorian, jalali_parts
from farscrawler.testing.newsroom.replicas.edition import MONTHS, persian, weekday
from farscrawler.testing.newsroom.replicas.familysite import FamilySite, number_in, page, path_of, query_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.response import Response

_LISTED, _DAYS = 30, 7


class TableSite(FamilySite):
    """«کوهستان», by hand since 1385: `/shownews.php?nid=1234`."""

    family = "custom"
    host = "www.kuhestan.example"
    publisher = "kuhestan"
    name = "کوهستان"

    def key_of(self, one: Edition) -> str:
        return str(one.number)

    def path_for(self, one: Edition) -> str:
        return f"/shownews.php?nid={one.number}"

    def number_at(self, path: str) -> int | None:
        del path  # the number stands in the query
        return None

    def article_id_of(self, target: str) -> int | None:
        return number_in(query_of(target), "nid") if path_of(target) == "/shownews.php" else None

    def printed(self, one: Edition) -> str:
        year, month, day = one.jalali
        return persian(f"{weekday(one.local.date())} {day} {MONTHS[month - 1]} {year} ساعت {one.local:%H:%M}")

    def missing(self) -> Response:
        return page(self._frame("خطا", "<p align=center>خبری با این شماره نیست.</p>"), status=404, kind="article")

    def robots_txt(self) -> str:
        return "User-agent: *\nDisallow: /admin/\n"

    def section_of(self, one: Edition) -> str | None:
        del one  # the page names none
        return None

    def article_page(self, one: Edition) -> str:
        kicker = f"<font color='#808080' size='2'>{escape(one.kicker)}</font><br>" if one.kicker else ""
        lead = f"<tr><td class='kholase'><b>{escape(one.lead)}</b></td></tr>" if one.lead else ""
        lines = "<br><br>\n".join(escape(line) for line in one.paragraphs)
        others = "".join(
            f"<tr><td><a href='{self.path_for(other)}'>{escape(other.headline)}</a></td></tr>\n"
            for other, _ in zip(self.chronicle.backwards(one.published), range(6), strict=False)
        )
        return self._frame(
            f"{one.headline} - {self.name}",
            f"""<table width="100%" cellpadding="4">
<tr><td class="tarikh" align="left">{self.printed(one)}</td></tr>
<tr><td align="center">{kicker}<font color="#003366" size="5"><b>{escape(one.headline)}</b></font></td></tr>
{lead}
<tr><td class="matn" align="justify">{lines}</td></tr>
<tr><td align="left"><small>کد خبر: {one.number}</small></td></tr>
</table>
<table width="100%" bgcolor="#eeeeee"><tr><td>خبرهای دیگر</td></tr>
{others}</table>""",
        )

    def other(self, path: str, query: Mapping[str, str]) -> Response | None:
        if path == "/shownews.php":
            one = self.chronicle.article(number_in(query, "nid") or 0)
            return self.missing() if one is None else self.shown(one, path, query)
        if path in ("/", "/index.php"):
            return page(self._listing("تازه‌ها", self.chronicle.newest(_LISTED)), kind="home")
        if path == "/archive.php":
            day = tuple(number_in(query, key) or 0 for key in ("y", "m", "d"))
            try:
                stories = self.chronicle.day((day[0], day[1], day[2]))
            except ValueError:
                stories = []
            return page(self._listing("آرشیو", stories))
        return None

    def _listing(self, title: str, stories: Sequence[Edition]) -> str:
        rows = "".join(
            f"<tr><td><a href='{self.path_for(one)}'>{escape(one.headline)}</a></td></tr>\n" for one in stories
        )
        return self._frame(f"{title} - {self.name}", f"<table width='100%'>{rows}</table>")

    def _frame(self, title: str, inner: str) -> str:
        newest = self.chronicle.newest(1)[0].jalali
        days = "".join(self._day_link(newest, back) for back in range(_DAYS))
        return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>{escape(title)}</title></head>
<body dir="rtl" bgcolor="#ffffff"><table width="770" align="center" border="0"><tr><td colspan="2" height="90">
<img src="/images/top.gif" width="770" height="90"></td></tr>
<tr valign="top"><td width="150" bgcolor="#003366"><table>
<tr><td><a href="/">خانه</a></td></tr><tr><td><a href="/about.php">درباره ما</a></td></tr>
<tr><td><a href="/cat.php?id=1">سیاست</a></td></tr><tr><td><a href="/cat.php?id=2">اقتصاد</a></td></tr>
{days}</table></td>
<td width="620">
{inner}
</td></tr></table></body></html>
"""

    @staticmethod
    def _day_link(newest: tuple[int, int, int], back: int) -> str:
        year, month, day = jalali_parts(gregorian(*newest) - dt.timedelta(days=back))
        shown = persian(f"{year}/{month}/{day}")
        return f"<tr><td><a href='/archive.php?y={year}&amp;m={month}&amp;d={day}'>روز {shown}</a></td></tr>\n"
