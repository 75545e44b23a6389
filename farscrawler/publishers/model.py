"""Publisher: what one site is, and the pure questions about its addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from farscrawler.publishers.doors import Doors
from farscrawler.publishers.rules import Rules

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

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

    ``selectors`` are its own ones alone; those of its family stand in farscrawler.families.data. ``evidence`` is the
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
    doors: Doors = field(default_factory=Doors)
    evidence: int | None = None
    access: Access | None = None
    note: str | None = None

    @property
    def anywhere(self) -> bool:
        """Whether its pages may be on any host, so that a redirect may lead to another one."""
        return False

    @property
    def base_url(self) -> str:
        """Scheme and host that requests go to, without a slash at the end."""
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
    return text if text and text.isprintable() and len(text) <= _MAX_ID_LENGTH else None


def _query_value(query: str, key: str) -> str | None:
    """Return the one value of a key compared without case; two different values say nothing certain."""
    values = {value.strip() for name, value in parse_qsl(query) if name.lower() == key}
    return values.pop() if len(values) == 1 else None
