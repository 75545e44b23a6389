"""A static site: plain elements, slugs for ids, times for machines alone in `time`, and sitemaps by month."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby, islice
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom.replicas import maps
from farscrawler.testing.newsroom.replicas.edition import MONTHS, iso_tehran, persian
from farscrawler.testing.newsroom.replicas.familysite import FamilySite, page, xml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.response import Response

_LETTERS = "abcdefghij"
_PATH = re.compile(r"/yaddasht/[^/]*-([a-j]{1,18})\.html")
_MAP = re.compile(r"/map/(\d{4}-\d\d)\.xml")


class PlainSite(FamilySite):
    """«دشتستان», made by a generator of static pages: `/yaddasht/some-words-bcde.html`."""

    family = "custom"
    host = "dashtestan.example"
    publisher = "dashtestan"
    name = "دشتستان"

    def key_of(self, one: Edition) -> str:
        return self.path_for(one).removeprefix("/yaddasht/").removesuffix(".html")

    def path_for(self, one: Edition) -> str:
        letters = "".join(_LETTERS[int(digit)] for digit in str(one.number))
        return f"/yaddasht/{one.slug}-{letters}.html"

    def number_at(self, path: str) -> int | None:
        found = _PATH.fullmatch(path)
        return int("".join(str(_LETTERS.index(letter)) for letter in found[1])) if found else None

    def printed(self, one: Edition) -> str:
        year, month, day = one.jalali
        return persian(f"{day} {MONTHS[month - 1]} {year}")

    def missing(self) -> Response:
        return page(self._frame("یافت نشد", "<main><p>یافت نشد.</p></main>"), status=404, kind="article")

    def robots_txt(self) -> str:
        return f"User-agent: *\nDisallow:\nSitemap: {self.home}/map.xml\n"

    def section_of(self, one: Edition) -> str | None:
        del one  # the page names none
        return None

    def article_page(self, one: Edition) -> str:
        lead = f"<p><strong>{escape(one.lead)}</strong></p>" if one.lead else ""
        kicker = f"<p><small>{escape(one.kicker)}</small></p>" if one.kicker else ""
        body = "\n".join(f"<p>{escape(line)}</p>" for line in one.paragraphs)
        tags = "".join(
            f'<li><a rel="tag" href="/kelid/{at}.html">{escape(tag)}</a></li>' for at, tag in enumerate(one.tags)
        )
        others = "".join(
            f"<li><a href='{escape(self.path_for(other))}'>{escape(other.headline)}</a></li>\n"
            for other in islice(self.chronicle.backwards(one.published), 5)
        )
        inner = f"""<main><article><header>{kicker}<h1>{escape(one.headline)}</h1>
<time datetime="{iso_tehran(one.published)}">{self.printed(one)}</time></header>
<div class="excerpt">{lead}</div>
<section class="prose">
{body}
</section>
<footer><ul>{tags}</ul></footer></article>
<aside><h2>بیشتر بخوانید</h2><ul>{others}</ul></aside></main>"""
        return self._frame(f"{one.headline} — {self.name}", inner)

    def other(self, path: str, query: Mapping[str, str]) -> Response | None:  # noqa: ARG002  # its files have no query
        if path == "/":
            rows = "".join(
                f"<li><a href='{escape(self.path_for(one))}'>{escape(one.headline)}</a></li>\n"
                for one in self.chronicle.newest(25)
            )
            return page(self._frame(self.name, f"<main><ul>{rows}</ul></main>"), kind="home")
        months = self._months() if path.endswith(".xml") else {}
        if path == "/map.xml":
            entries = [(f"{self.home}/map/{name}.xml", max(one.changed for one in own)) for name, own in months.items()]
            return xml(maps.index(entries))
        found = _MAP.fullmatch(path)
        if found is None or found[1] not in months:
            return None
        return xml(maps.urlset((self.url_for(one), one.changed) for one in months[found[1]]))

    def _months(self) -> dict[str, Sequence[Edition]]:
        """Return the articles by Gregorian month of Tehran's clock."""
        return {name: list(own) for name, own in groupby(self.articles(), key=lambda one: f"{one.local:%Y-%m}")}

    def _frame(self, title: str, inner: str) -> str:
        return f"""<!doctype html>
<html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>{escape(title)}</title>
<link rel="stylesheet" href="/assets/site.css"></head>
<body><header><nav><a href="/">{self.name}</a> <a href="/darbare.html">درباره ما</a></nav></header>
{inner}
<footer><p>{self.name}</p></footer></body></html>
"""
