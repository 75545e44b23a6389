"""Publisher: what one site is, and the pure questions about its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

_DEFAULT_PORTS = {"http": 80, "https": 443}
# The longest ids known have 19 digits (Fars, microseconds); more is no id, and int() has a limit of its own.
_MAX_ID_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Form:
    """One form in which a site shows an article: ``article`` or ``print``.

    ``url`` is a template of path and query with ``{id}``; ``paths`` are patterns a whole path must match,
    compared without case; the id is their first group, or the value of the query key ``query``.
    """

    name: str
    url: str
    paths: tuple[re.Pattern[str], ...]
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """One site. ``key`` is its name in code, in the archive and on the command line; ``name`` is Persian."""

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

    @property
    def base_url(self) -> str:
        """Scheme and host that requests go to, without a slash at the end."""
        return f"{self.scheme}://{self.hosts[0]}"

    def owns(self, url: str) -> bool:
        """Whether an absolute address is on one of the site's hosts, over http or https."""
        return self._split(url) is not None

    def article_id(self, url: str) -> str | None:
        """Return the id of the article an absolute address stands for, in ASCII digits without leading zeros."""
        found = self._match(url)
        return found[1] if found else None

    def form_of(self, url: str) -> str | None:
        """Return the form (a key of ``forms``) in which an address shows an article, or None."""
        found = self._match(url)
        return found[0] if found else None

    def url_for(self, article_id: str, form: str) -> str:
        """Return the address of an article in one form; KeyError when the site has no such form."""
        return f"{self.base_url}{self.forms[form].url.format(id=article_id)}"

    def canonical_url(self, article_id: str) -> str:
        """Return the one address that stands for an article, whatever was fetched."""
        return self.url_for(article_id, "article")

    def list_urls(self) -> tuple[str, ...]:
        """Return the absolute addresses of the pages that list newest articles."""
        return tuple(f"{self.base_url}{path}" for path in self.lists)

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
        for form in self.forms.values():
            for pattern in form.paths:
                found = pattern.fullmatch(path)
                if found is None:
                    continue
                digits = found[1] if form.query is None else _query_value(parts.query, form.query)
                article_id = normal_id(digits)
                if article_id is not None:
                    return form.name, article_id
        return None


def normal_id(digits: str | None) -> str | None:
    """Return digits of any script as an id, ``None`` for what is no positive number of a sane length."""
    if digits is None or not digits.isdecimal() or len(digits) > _MAX_ID_DIGITS:
        return None
    return str(int(digits)) if int(digits) > 0 else None


def _query_value(query: str, key: str) -> str | None:
    """Return the one value of a key compared without case; two different values say nothing certain."""
    values = {value.strip() for name, value in parse_qsl(query) if name.lower() == key}
    return values.pop() if len(values) == 1 else None
