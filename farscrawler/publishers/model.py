"""Publisher: what one site is, and the pure questions about its addresses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import SplitResult, quote, unquote, urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from farscrawler.networks import plain_url
from farscrawler.publishers.era import ID_MARK, Era
from farscrawler.publishers.form import Form, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


ListSpan = Literal["day", "month"]
LIST_SPANS: tuple[ListSpan, ...] = get_args(ListSpan)

#: The sources of addresses in the order they are tried. The first two name days; a list of all articles has to be
#: searched for them; feeds show the last hours alone; and ids are asked one by one.
SOURCES = ("archive", "sitemaps", "pages", "feeds", "ids")


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

    ``sitemaps``: addresses of sitemaps or indexes of them; with date fields (see templates) one for each day,
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


#: What stands between us and a site: ArvanCloud's challenge, or borders (it answers only inside Iran).
Access = Literal["arvan", "iran"]
ACCESS: tuple[Access, ...] = get_args(Access)
#: A longer address is no article's: browsers and servers take no more than some 2,000 letters, and a list may hold
#: millions of them.
MAX_URL_LENGTH = 2_000
_DEFAULT_PORTS = {"http": 80, "https": 443}
# What servers of old take as it is in the part of an address that is the id: `/news/<title with +>`.
_KEPT = "/+,^"


@dataclass(frozen=True, slots=True)
class Publisher:
    """One site. ``key`` is its name in code, in the archive and on the command line; ``name`` is Persian.

    ``selectors`` are its own ones alone; those of its family stand in farscrawler.extract.family. ``evidence`` is the
    year of the newest source that names the site, ``access`` what stands between us and it, ``note`` a sentence for
    whoever crawls it. ``eras`` are its earlier systems and addresses; ``hosts`` holds the hosts of all of them, the
    one that is requested first. ``verify_certificates`` is False where the site's certificate is known to be broken.
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
    eras: tuple[Era, ...] = ()
    verify_certificates: bool = True

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

    def era_of(self, url: str) -> Era | None:
        """Return the era that an address is of: by its form, or by its host; None for one of today."""
        if not self.eras:
            return None
        found = self._match(url)
        if found is not None:
            return found[2]
        parts = self._split(url)
        host = _host(parts) if parts is not None else None
        return next((era for era in self.eras if host in era.hosts), None)

    def url_for(self, article_id: str, form: str) -> str:
        """Return the address of an article in one form; KeyError when none can be made of the id in such a form."""
        era, own_id = self._era_of_id(article_id)
        template = (self.forms if era is None else era.forms)[form].url
        if template is None:
            raise KeyError(form)
        if era is None:
            return f"{self.base_url}{template.format(id=quote(own_id, safe='/'))}"
        base = f"{era.scheme}://{era.hosts[0]}" if era.hosts else self.base_url
        return f"{base}{template.format(id=quote(own_id, safe=_KEPT))}"

    def makes(self, article_id: str, form: str) -> bool:
        """Whether the address of an article in one form can be made of its id."""
        era, _ = self._era_of_id(article_id)
        found = (self.forms if era is None else era.forms).get(form)
        return found is not None and found.url is not None

    def id_of_code(self, code: str, wanted: str | None) -> str | None:
        """Return the id of the article whose page prints this number as its code, among ids such as the ``wanted``.

        None where those ids are no numbers.
        """
        era, own_id = self._era_of_id(wanted or "")
        if era is None:
            return code
        return f"{era.prefix}{code}" if own_id.isdecimal() else None

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
        if len(url) > MAX_URL_LENGTH:
            return None
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:  # a bracketed host that is no address, a port that is no number
            return None
        if parts.scheme not in _DEFAULT_PORTS or port not in (None, _DEFAULT_PORTS[parts.scheme]):
            return None
        return parts if _host(parts) in self.hosts else None

    def _match(self, url: str) -> tuple[str, str, Era | None] | None:
        """Return form and id of an address, and its era. An address of today is never one of an era."""
        parts = self._split(url)
        if parts is None:
            return None
        path = unquote(parts.path)
        if path.rstrip("/").lower() in ("/fa", *(listed.rstrip("/").lower() for listed in self.lists)):
            return None  # where an id is a path, a list or the home page would be an article too
        for era, form in self._forms_on(_host(parts)):
            article_id = form.id_in(path, parts.query)
            if article_id is not None:
                if era is None:
                    return form.name, article_id, None
                # Forms that only the era has, such as a print page, are no forms of the site.
                return form.name if form.name in self.forms else "article", f"{era.prefix}{article_id}", era
        return None

    def _forms_on(self, host: str) -> Iterator[tuple[Era | None, Form]]:
        """Yield the forms that an address on a host may have, those of today first, each with its era."""
        of_host = [era for era in self.eras if host in era.hosts]
        if not of_host:
            yield from ((None, form) for form in self.forms.values())
        for era in of_host or self.eras:
            yield from ((era, form) for form in era.forms.values())
            if of_host and not era.forms:
                yield from ((era, form) for form in self.forms.values())

    def _era_of_id(self, article_id: str) -> tuple[Era | None, str]:
        """Return the era whose own id this is, and the id as it stands in the address; None for one of today."""
        name, mark, own_id = article_id.partition(ID_MARK) if self.eras else ("", "", article_id)
        for era in self.eras:
            if mark and era.prefix and era.name == name:
                return era, own_id
        return None, article_id


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")


#: The name of AnySite on the command line and in the archive.
NEWS = "news"
# The zone of times that name none, by the country in a host's name; elsewhere Persian pages mean Tehran's.
_ZONES = {"af": "Asia/Kabul", "tj": "Asia/Dushanbe"}
# Keys that tell where a reader came from, and nothing about the page.
_TRACKING = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"),
    *("fbclid", "gclid", "yclid", "igshid", "mc_cid", "mc_eid"),
)


class AnySite(Publisher):
    """Every site of the web, as `farscrawler crawl news --urls …` reads it; it has no stanza.

    An article's id is its address, without scheme, user name, default port, fragment and tracking keys. An address
    cannot be made of an id, since the scheme is none of it: a Target brings its own.
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
    if len(url) > MAX_URL_LENGTH:
        return None
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname.strip("."):
            return None
        plain = url_query_cleaner(plain_url(url.strip()), _TRACKING, remove=True, unique=False)
        address = canonicalize_url(plain).partition("://")[2]
    except ValueError:  # a bracketed host that is no address, a port that is no number
        return None
    return address if len(address) <= MAX_URL_LENGTH else None


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
