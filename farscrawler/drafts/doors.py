"""The sources of a site's addresses, as its pages name them: feeds, sitemaps, lists by day and in numbered pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from farscrawler.days import is_jalali_year
from farscrawler.frontier.sources.url_templates import fill

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from farscrawler.extract.css import Index
    from farscrawler.publishers import Publisher

#: Places where feeds and sitemaps mostly are; asked only where the site names none.
FEEDS = ("/feed/", "/rss", "/rss.xml")
SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml")
#: So many of each kind are asked for.
MOST_ASKED = 3

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_FEED_LINK = re.compile(r"(?:^|[/.?=_-])(?:rss|feeds?|atom)(?:[/.?=_-]|$)", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|نظر|دیدگاه", re.IGNORECASE)
_ARCHIVE_TEXT = re.compile("آرشیو|آرشيو|بایگانی|بايگانی|archive", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_PAGE_KEY = re.compile(r"(?<!\d)2(?!\d)")
_YEAR = re.compile(r"(?:1[34]|19|20)\d\d", re.ASCII)
_WHOLE_DAY = re.compile(r"((?:1[34]|19|20)\d\d)([-/.])(\d\d?)\2(\d\d?)", re.ASCII)
_PART = re.compile(r"\d\d?", re.ASCII)
#: How a field of a template ends: padded with a zero, as short as it is, and where its number does not tell.
_PADDED, _SHORT, _UNTOLD = ":02}", ":}", ":?}"
_WIDTH = re.compile(r":(?:02|\?)?\}")
_PART_FIELD = re.compile(r"(\{[jg][md])\}")
_MOST_MONTHS, _MOST_DAYS = 12, 31


@dataclass(frozen=True)
class DatedTemplate:
    """The template of a list of one day's or month's articles, and how many links of it were ``seen``.

    ``told``: one of them shows whether numbers of one digit have a zero before them.
    """

    url: str
    span: str
    seen: int = 1
    told: bool = True

    def unpadded(self) -> DatedTemplate:
        """Return the template whose numbers have as many digits as they need."""
        return DatedTemplate(self.url.replace(_PADDED, "}"), self.span, self.seen, self.told)

    def filled(self, day: dt.date) -> str:
        """Return the path of a day's list."""
        return fill(self.url, day)


@dataclass(frozen=True)
class DoorDraft:
    """One source that was found: its name in a stanza, its value there, and a phrase that says what proves it."""

    name: str
    value: str | DatedTemplate
    why: str


@dataclass
class DoorDrafts:
    """The sources of a site, and a sentence for each that was looked for in vain."""

    found: list[DoorDraft] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    feed_tz: str | None = None

    def named(self, name: str) -> list[DoorDraft]:
        """Return the sources of one name."""
        return [one for one in self.found if one.name == name]


def feeds_named(index: Index, url: str) -> Iterator[str]:
    """Yield the addresses of feeds that a page names: in its head, then in its links, without those of comments."""
    for link in index.tagged("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind in _FEED_TYPES and not _COMMENTS.search(f"{link.get('title') or ''} {link.get('href') or ''}"):
            yield from _joined(url, link.get("href"))
    for anchor in index.tagged("a"):
        href = anchor.get("href") or ""
        if _FEED_LINK.search(href) and not _COMMENTS.search(href):
            yield from _joined(url, href)


def sitemaps_named(robots: str, url: str) -> Iterator[str]:
    """Yield the addresses of sitemaps that a robots.txt names."""
    for address in _SITEMAP_LINE.findall(robots):
        yield from _joined(url, address)


def archive_named(links: Sequence[tuple[str, str]]) -> str | None:
    """Return the address of the page that a site calls its archive."""
    return next(
        (url for url, text in links if _ARCHIVE_TEXT.search(text) or _ARCHIVE_TEXT.search(urlsplit(url).path)), None
    )


def dated_templates(links: Iterable[tuple[str, str]], site: Publisher) -> list[DatedTemplate]:
    """Return the templates of lists by day or month that links show, the finest and most frequent first.

    An address of an article is none of a list, though it may have a day in it.
    """
    seen: dict[tuple[str, str], set[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for url, _ in links:
        if site.article_id(url) is None and (found := _template(url)) is not None:
            template, span = found
            plain = _WIDTH.sub("}", template), span
            seen.setdefault(plain, set()).update(_WIDTH.findall(template))
            counts[plain] = counts.get(plain, 0) + 1
    templates = []
    for (plain_url, span), widths in seen.items():
        # Where no number of one digit was seen, nobody knows whether it would be padded: both are tried.
        padded = _PADDED in widths or _SHORT not in widths
        url = _PART_FIELD.sub(rf"\1{_PADDED}", plain_url) if padded else plain_url
        templates.append(DatedTemplate(url, span, counts[plain_url, span], told=bool(widths & {_PADDED, _SHORT})))
    return sorted(templates, key=lambda one: (one.span != "day", -one.seen))


def page_template(following: str, site: Publisher) -> str | None:
    """Return the template of a numbered list by the address of its second page; None where its number is not plain."""
    path = path_on(following, site)
    if path is None or len(_PAGE_KEY.findall(path)) != 1 or "{" in path or "}" in path:
        return None
    return _PAGE_KEY.sub("{page}", path)


def path_on(url: str, site: Publisher) -> str | None:
    """Return an address as a stanza writes it: its path on the first host, whole on another; None on no host of it."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracketed host that is no address
        return None
    if not site.owns(url) or "{" in url or "}" in url:  # what a stanza would take for a field
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return path if parts.hostname in (site.hosts[0], *_beside(site.hosts[0])) else url


def _beside(host: str) -> tuple[str]:
    """Return the same host with or without its www."""
    return (host.removeprefix("www."),) if host.startswith("www.") else (f"www.{host}",)


def _joined(base: str, href: str | None) -> Iterator[str]:
    try:
        url = urljoin(base, (href or "").strip())
        is_web = urlsplit(url).scheme in ("http", "https")
    except ValueError:  # a bracketed host that is no address
        return
    if href and is_web and url.isprintable():
        yield url


def _template(url: str) -> tuple[str, str] | None:
    """Return the template of a list's address with a day or month in it, and its span; None for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracketed host that is no address
        return None
    if "{" in url or "}" in url:
        return None
    segments = parts.path.split("/")
    for at, segment in enumerate(segments[:-1]):
        if _YEAR.fullmatch(segment) and (found := _parts(segment, segments[at + 1 : at + 3])) is not None:
            segments[at : at + len(found)] = found
            query = f"?{parts.query}" if parts.query else ""
            return f"{'/'.join(segments)}{query}", _span(found)
    return _query_template(parts.path, parse_qsl(parts.query))


def _query_template(path: str, pairs: list[tuple[str, str]]) -> tuple[str, str] | None:
    for at, (key, value) in enumerate(pairs):
        whole = _WHOLE_DAY.fullmatch(value)
        if whole is not None and (found := _parts(whole[1], [whole[3], whole[4]])) is not None:
            filled = [*pairs[:at], (key, whole[2].join(found)), *pairs[at + 1 :]]
            return f"{path}?{_query(filled)}", _span(found)
        if _YEAR.fullmatch(value):
            month = next((n for n, (name, text) in enumerate(pairs) if _is_part(name, text, "m")), None)
            day = next((n for n, (name, text) in enumerate(pairs) if _is_part(name, text, "d")), None)
            if month is None:
                return None
            others = [pairs[month][1], *([pairs[day][1]] if day is not None else [])]
            parts = _parts(value, others)
            if parts is None:
                return None
            filled = list(pairs)
            for place, part in zip((at, month, day), parts, strict=False):
                if place is not None:
                    filled[place] = (pairs[place][0], part)
            return f"{path}?{_query(filled)}", _span(parts)
    return None


def _is_part(name: str, text: str, letter: str) -> bool:
    return name.lower().startswith(letter) and _PART.fullmatch(text) is not None


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{key}={value}" for key, value in pairs)


def _parts(year: str, others: Sequence[str]) -> list[str] | None:
    """Return the fields that stand for a year and the one or two numbers behind it; None where they are no day."""
    calendar = "j" if is_jalali_year(int(year)) else "g"
    parts = [f"{{{calendar}y}}"]
    for letter, text, most in zip("md", others, (_MOST_MONTHS, _MOST_DAYS), strict=False):
        if not _PART.fullmatch(text) or not 1 <= int(text) <= most:
            break
        width = _PADDED if text.startswith("0") else _SHORT if len(text) == 1 else _UNTOLD
        parts.append(f"{{{calendar}{letter}{width}")
    return parts if len(parts) > 1 else None


def _span(parts: Sequence[str]) -> str:
    return "day" if len(parts) > 2 else "month"  # noqa: PLR2004  # a year, a month, a day
