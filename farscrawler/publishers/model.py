"""Publisher: what one site is, and the pure questions about its addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

if TYPE_CHECKING:
    from collections.abc import Mapping


ListSpan = Literal["day", "month"]
LIST_SPANS: tuple[ListSpan, ...] = get_args(ListSpan)

#: The sources of addresses in the order they are tried. The first two name days; a list of all articles has to be
#: searched for them; feeds show the last hours alone; and ids are asked one by one.
SOURCES = ("archive", "sitemaps", "pages", "feeds", "ids")
#: The fields of an address template: a day in both calendars, and the number of the page.
#: Python's format specifications hold, as in ``{jm:02}``. ``{day64}`` is Asam's name of a day's sitemap.
TEMPLATE_FIELDS = ("jy", "jm", "jd", "gy", "gm", "gd", "page", "day64")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedList:
    """Lists of one day's or month's articles: ``url`` is a template of path and query.

    ``items`` is a CSS selector of one entry (without it every article link of the page is one), ``time`` one of
    the printed time within it; ``first_page`` is the number of the first page.
    """

    url: str
    span: ListSpan = "day"
    first_page: int = 1
    items: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """By which of its pages a site leads to its articles of other days.

    Paths begin with ``/`` or are whole addresses on its hosts.

    ``sitemaps``: addresses of sitemaps or indexes of them; with date fields (see TEMPLATE_FIELDS) one for each day,
    month or year. ``feeds``: RSS, Atom or RDF; ``feed_tz`` is the zone of dates that name none. ``pages``: a list
    of all articles, newest first, with ``{page}``. ``ids``: whether article ids grow with time. In a stanza
    ``archive = false`` or ``pages = false`` says that the site lacks this source of its family.
    """

    archive: DatedList | None = None
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    feed_tz: str = "UTC"
    pages: str | None = None
    ids: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the sources that there are, in the order they are tried."""
        there = {
            "archive": self.archive is not None,
            "sitemaps": bool(self.sitemaps),
            "feeds": bool(self.feeds),
            "pages": self.pages is not None,
            "ids": self.ids,
        }
        return tuple(name for name in SOURCES if there[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one site or family: what selectors cannot say.

    ``junk``: patterns of whole paragraphs that are none of the text. ``end``: patterns of a whole paragraph at which
    the text ends. ``section_skip``: so many labels at the start of the section path are no sections («صفحه نخست» and
    the site's own name never are). ``undated``: articles may be without any date; elsewhere a page without one is no
    article. ``us_order``: slashed dates of machines are month, day, year. ``code_is_id``: the news code is the id
    of the address. ``json_ld_body``: the text may be taken from JSON-LD where the markup has none.
    """

    junk: tuple[re.Pattern[str], ...] = ()
    end: tuple[re.Pattern[str], ...] = ()
    section_skip: int = 0
    undated: bool = False
    us_order: bool = False
    code_is_id: bool = False
    json_ld_body: bool = False


IdKind = Literal["number", "text"]
ID_KINDS: tuple[IdKind, ...] = get_args(IdKind)
#: What stands between us and a site: ArvanCloud's challenge, or borders (it answers only inside Iran).
Access = Literal["arvan", "iran"]
ACCESS: tuple[Access, ...] = get_args(Access)
_DEFAULT_PORTS = {"http": 80, "https": 443}
# The longest ids known have 19 digits (Fars, microseconds); more is no id, and int() has a limit of its own.
_MAX_ID_DIGITS = 20
# Slugs are headlines; the longest address that servers take has about 2,000 characters.
_MAX_ID_LENGTH = 500
# Controls, ends of lines and halves of characters are part of no slug. Half-spaces are, and other marks that nobody
# sees: an editor copies them from the headline.
_NO_SLUG = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Form:
    """One form in which a site shows an article: ``article`` or ``print``.

    ``url`` is a template of path and query with ``{id}``, None where an address cannot be made of the id alone;
    ``paths`` are patterns a whole path must match, compared without case; the id is their first group, or the value
    of the query key ``query``. ``id`` says what it is: a ``number``, or a ``text`` such as a slug or a path. A text
    with a ``query`` is made of both, as in ``speech-content/54012``.
    """

    name: str
    url: str | None
    paths: tuple[re.Pattern[str], ...]
    query: str | None = None
    id: IdKind = "number"


@dataclass(frozen=True, slots=True)
class Publisher:
    """One site. ``key`` is its name in code, in the archive and on the command line; ``name`` is Persian.

    ``selectors`` are its own ones alone; those of its family stand in farscrawler.extract.family. ``evidence`` is the
    year of the newest source that names the site, ``access`` what stands between us and it, ``note`` a sentence for
    whoever crawls it.
    """

    key: str
    name: str
    family: str
    hosts: tuple[str, ...]
    scheme: str
    tz: str
    forms: Mapping[str, Form]
    default_form: str
    lists: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()
    datelines: tuple[str, ...] = ()
    lead_by_dateline: bool = False
    selectors: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    rules: Rules = field(default_factory=Rules)
    sources: Sources = field(default_factory=Sources)
    evidence: int | None = None
    access: Access | None = None
    note: str | None = None

    @property
    def anywhere(self) -> bool:
        """Whether its pages may be on any host, so that a redirect may lead to another one."""
        return False

    @property
    def base_url(self) -> str:
        """Return scheme and host that requests go to, without a slash at the end."""
        return f"{self.scheme}://{self.hosts[0]}"

    def owns(self, url: str) -> bool:
        """Whether an absolute address is on one of the site's hosts, over http or https."""
        return self._split(url) is not None

    def article_id(self, url: str) -> str | None:
        """Return the id of the article an absolute address stands for: ASCII digits without leading zeros, or text."""
        found = self._match(url)
        return found[1] if found else None

    def form_of(self, url: str) -> str | None:
        """Return the form (a key of ``forms``) in which an address shows an article, or None."""
        found = self._match(url)
        return found[0] if found else None

    def url_for(self, article_id: str, form: str) -> str:
        """Return the address of an article in one form; KeyError when none can be made of the id in such a form."""
        template = self.forms[form].url
        if template is None:
            raise KeyError(form)
        return f"{self.base_url}{template.format(id=quote(article_id, safe='/'))}"

    def made_of_ids(self, form: str) -> bool:
        """Whether numbers as ids make addresses in a form."""
        return self.forms[form].url is not None and self.forms[form].id == "number"

    def address(self, path: str) -> str:
        """Return the absolute address of a path on the site; one that is absolute stays as it is."""
        return path if "://" in path else f"{self.base_url}{path}"

    def canonical_url(self, article_id: str) -> str:
        """Return the one address that stands for an article, whatever was fetched."""
        return self.url_for(article_id, "article")

    def list_urls(self) -> tuple[str, ...]:
        """Return the absolute addresses of the pages that list newest articles."""
        return tuple(self.address(path) for path in self.lists)

    def _split(self, url: str) -> SplitResult | None:
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:  # a bracketed host that is no address, a port that is no number
            return None
        if parts.scheme not in _DEFAULT_PORTS or port not in (None, _DEFAULT_PORTS[parts.scheme]):
            return None
        host = (parts.hostname or "").rstrip(".")
        return parts if host in self.hosts else None

    def _match(self, url: str) -> tuple[str, str] | None:
        parts = self._split(url)
        if parts is None:
            return None
        path = unquote(parts.path)
        if path.rstrip("/") in (listed.rstrip("/") for listed in self.lists):
            return None  # where an id is a path, a list would be an article too
        for form in self.forms.values():
            for pattern in form.paths:
                found = pattern.fullmatch(path)
                if found is None:
                    continue
                given = found[1] if pattern.groups else None
                if form.query is not None:
                    value = _query_value(parts.query, form.query)
                    given = f"{given}/{value}" if pattern.groups and value else value
                article_id = normal_id(given) if form.id == "number" else _normal_text(given)
                if article_id is not None:
                    return form.name, article_id
        return None


def normal_id(digits: str | None) -> str | None:
    """Return digits of any script as an id, ``None`` for what is no positive number of a sane length."""
    if digits is None or not digits.isdecimal() or len(digits) > _MAX_ID_DIGITS:
        return None
    return str(int(digits)) if int(digits) > 0 else None


def _normal_text(text: str | None) -> str | None:
    """Return a slug or path as an id: decoded, without slashes around it, otherwise as it is."""
    text = (text or "").strip("/")
    return text if text and len(text) <= _MAX_ID_LENGTH and not _NO_SLUG.search(text) else None


def _query_value(query: str, key: str) -> str | None:
    """Return the one value of a key compared without case; two different values say nothing certain."""
    values = {value.strip() for name, value in parse_qsl(query) if name.lower() == key}
    return values.pop() if len(values) == 1 else None


#: The name of AnySite on the command line and in the archive.
NEWS = "news"
# The zone of times that name none, by the country in a host's name; elsewhere Persian pages mean Tehran's.
_ZONES = {"af": "Asia/Kabul", "tj": "Asia/Dushanbe"}
# Keys that tell where a reader came from, and nothing about the page.
_TRACKING = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"),
    *("fbclid", "gclid", "yclid", "igshid", "mc_cid", "mc_eid"),
)
# The longest address that servers take.
_MAX_LENGTH = 2_000


class AnySite(Publisher):
    """Every site of the web, as `farscrawler crawl news -a urls=…` reads it; it has no stanza.

    An article's id is its address, without scheme, fragment and tracking keys. An address cannot be made of an id,
    since the scheme is none of it: a Target brings its own.
    """

    __slots__ = ()

    @property
    def anywhere(self) -> bool:
        """Whether its pages may be on any host: they are."""
        return True

    def owns(self, url: str) -> bool:
        """Whether this is an absolute address over http or https."""
        return _article_id(url) is not None

    def article_id(self, url: str) -> str | None:
        """Return the id of the page at an address: host, path and query in one spelling."""
        return _article_id(url)

    def form_of(self, url: str) -> str | None:
        """Return ``article`` for every address there can be."""
        return "article" if self.owns(url) else None

    def url_for(self, article_id: str, form: str) -> str:
        """Return the address with the scheme that nearly all sites have; KeyError for another form than article."""
        self.forms[form]
        return f"{self.scheme}://{article_id}"


def in_zone_of(url: str) -> AnySite:
    """Return the publisher of the page at an address, with the zone of its country."""
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    return replace(ANY_SITE, tz=_ZONES[country]) if country in _ZONES else ANY_SITE


def _article_id(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname.strip("."):
            return None
        parts.port  # noqa: B018  # raises for a port that is none
        plain = url_query_cleaner(url.strip(), _TRACKING, remove=True, unique=False)
        address = canonicalize_url(plain).partition("://")[2]
    except ValueError:  # a bracketed host that is no address, a port that is no number
        return None
    return address if len(address) <= _MAX_LENGTH else None


ANY_SITE = AnySite(
    key=NEWS,
    name="خبر",
    family="unknown",
    hosts=("news.invalid",),  # never asked (RFC 6761): it has no base address
    scheme="https",
    tz="Asia/Tehran",
    forms=MappingProxyType({"article": Form(name="article", url=None, paths=())}),
    default_form="article",
    rules=Rules(undated=True),  # what a page of an unknown site is, its machine-readable fields may say
    sources=Sources(ids=False),
)
