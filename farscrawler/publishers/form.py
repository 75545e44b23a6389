"""Forms of addresses and rules: what a stanza says of a site, and each of its eras of theirs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qsl


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

    def id_in(self, path: str, query: str) -> str | None:
        """Return the id of the article that a decoded path and a query stand for in this form."""
        for pattern in self.paths:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            given = found[1] if pattern.groups else None
            if self.query is not None:
                value = _query_value(query, self.query)
                given = f"{given}/{value}" if pattern.groups and value else value
            article_id = normal_id(given) if self.id == "number" else _normal_text(given)
            if article_id is not None:
                return article_id
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
