"""The form of a site's addresses: from one article's, and from those that its pages link to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from farscrawler.publishers.form import ID_KINDS, Form, IdKind
from farscrawler.publishers.loader import named_urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: So many other addresses of a form prove it; most pages link to dozens of articles.
ENOUGH = 3
#: Of the addresses beside an article's so many are of its form, or the form is another one.
_SHARE = 0.5
_EXTENSION = r"\.[A-Za-z]{2,5}"
_NUMBER = re.compile(rf"(?P<head>\D*)(?P<id>\d+)(?P<tail>{_EXTENSION}|[-_][^/]*)?")
_LEAST_DIGITS = 3  # of a number that stands among letters
_WORDS = re.compile(r"(?:[^-_]+[-_]){2,}")  # a slug before the number
_YEAR = re.compile(r"1[34]\d\d|(?:19|20)\d\d", re.ASCII)
_PART = re.compile(r"\d\d?", re.ASCII)
_JALALI_DATE, _GREGORIAN_DATE = r"1[34]\d\d", r"(?:19|20)\d\d"
#: Forms by name that have a day in them, and those that have none.
_DATED_NAMES, _OTHER_NAMES = ("jalali-date", "gregorian-date"), ("category-slug", "slug")
_SPECIAL = re.compile(r"([.^$*+?{}\[\]\\|()])")
#: So many digits are a moment and no count: `14040812103000`, microseconds.
_DIGITS_OF_TIME = 12


@dataclass(frozen=True, slots=True)
class Address:
    """An address in parts: its path decoded, without slashes around it, and its query."""

    path: str
    query: str
    slashed: bool

    @classmethod
    def of(cls, url: str) -> Address | None:
        """Read an address; None for one that is none."""
        try:
            parts = urlsplit(url)
        except ValueError:  # a bracketed host that is no address
            return None
        path = unquote(parts.path)
        return cls(path or "/", parts.query, path.endswith("/"))

    @property
    def segments(self) -> list[str]:
        """Return the parts of the path."""
        return self.path.strip("/").split("/")


@dataclass(frozen=True)
class FormDraft:
    """A form of addresses. ``named`` is its name where the catalogue has one.

    ``shortened``: the address that ``url`` makes leaves out a part of the one that was seen, so that only a request can
    tell whether the site knows it; ``proof`` is what that request showed. ``seen`` counts other addresses of the form.
    """

    url: str | None
    paths: tuple[str, ...]
    query: str | None = None
    id: IdKind = ID_KINDS[0]
    named: str | None = None
    shortened: bool = False
    seen: int = 0
    proof: str | None = None

    @cached_property
    def form(self) -> Form:
        """The form as a publisher has it."""
        patterns = tuple(re.compile(one, re.IGNORECASE) for one in self.paths)
        return Form(name="article", url=self.url, paths=patterns, query=self.query, id=self.id)

    def id_of(self, url: str) -> str | None:
        """Return the id of the article that an address stands for in this form."""
        address = Address.of(url)
        return None if address is None else self.form.id_in(address.path, address.query)


def is_moment(article_id: str) -> bool:
    """Whether an id has as many digits as a moment."""
    return article_id.isdecimal() and len(article_id) >= _DIGITS_OF_TIME


def form_of(url: str, others: Iterable[str]) -> FormDraft | None:
    """Return the form of an article's address, by the other addresses on the site's hosts; None where none fits."""
    address = Address.of(url)
    if address is None or (address.path.strip("/") == "" and not address.query):
        return None
    beside = [one for other in dict.fromkeys(others) if (one := Address.of(other)) is not None and one != address]
    best: FormDraft | None = None
    for draft in _candidates(address):
        own = draft.id_of(url)
        if own is None:
            continue
        ids = {found for one in beside if (found := draft.form.id_in(one.path, one.query)) is not None} - {own}
        counted = FormDraft(
            draft.url, draft.paths, draft.query, draft.id, draft.named, shortened=draft.shortened, seen=len(ids)
        )
        alike = _alike(draft, address, beside)
        if len(ids) >= ENOUGH and len(ids) >= _SHARE * alike:
            return counted
        if best is None or counted.seen > best.seen:
            best = counted
    return best


def _alike(draft: FormDraft, address: Address, others: Sequence[Address]) -> int:
    """Return how many addresses look like the article's by the beginning and length of their path."""
    if draft.query is not None:
        return sum(1 for one in others if one.path == address.path)
    first = address.segments[:-1][:1]
    length = len(address.segments)
    beside = (one for one in others if one.path.strip("/"))
    return sum(1 for one in beside if len(one.segments) == length and one.segments[:-1][:1] == first)


def _candidates(address: Address) -> Iterator[FormDraft]:
    """Yield the forms that an address may have: ids that are numbers first, and fixed parts before those that vary."""
    yield from _of_query(address)
    segments = address.segments
    day = _day(segments)
    if day is not None:
        yield from _of_day(address, day)
    else:
        numbers = [(at, found) for at, one in enumerate(segments) if (found := _number(one)) is not None]
        for fixed in (True, False):
            for at, found in sorted(numbers, key=lambda one: -len(one[1]["id"])):
                if fixed or at > 0:
                    yield _of_number(address, at, found, fixed=fixed)
        yield from _of_text(address)


def _of_query(address: Address) -> Iterator[FormDraft]:
    pairs = parse_qsl(address.query)
    for key, value in sorted(pairs, key=lambda one: -len(one[1])):
        if value.isdecimal() and value.isascii() and key.isascii() and "{" not in address.path:
            url = f"{quote(address.path)}?{quote(key)}={{id}}"
            yield FormDraft(url, (f"{_escaped(address.path)}",), key.lower(), shortened=len(pairs) > 1)


def _of_number(address: Address, at: int, found: re.Match[str], *, fixed: bool) -> FormDraft:
    """Return the form whose id is the number in a part of the path; ``fixed``: what stands before it never varies."""
    segments = address.segments
    head, tail = found["head"], found["tail"] or ""
    extension = re.fullmatch(_EXTENSION, tail) is not None
    in_slug = bool(_WORDS.fullmatch(head))
    before = [_escaped(one) if fixed else "[^/]+" for one in segments[:at]]
    number = r"(?:[^/]*[-_])?(\d+)" if in_slug else rf"{_escaped(head)}(\d+)"
    number += _escaped(tail) if extension else r"(?:[-_][^/]*)?" if tail else ""
    behind = len(segments) - at - 1
    number += r"(?:/[^/]*)?" if behind == 1 else rf"(?:/[^/]*){{0,{behind}}}" if behind else ""
    pattern = "/" + "/".join((*before, number)) + ("" if extension and not behind else "/?")
    shortened = behind > 0 or (bool(tail) and not extension)
    url = None
    if (fixed or at == 0) and not in_slug:
        kept = tail if extension else ""
        end = "/" if address.slashed and not shortened else ""
        url = quote("/" + "/".join((*segments[:at], head))) + "{id}" + quote(kept) + end
    return FormDraft(url, (pattern,), shortened=shortened)


def _of_day(address: Address, day: tuple[int, int]) -> Iterator[FormDraft]:
    """Yield the forms of a path with a day in it, which is part of the id: numbers may begin anew each day."""
    for name in _DATED_NAMES:
        if (draft := _named(name, address)) is not None:
            yield draft
    first, last = day
    segments = address.segments
    year = _JALALI_DATE if segments[first].startswith(("13", "14")) else _GREGORIAN_DATE
    date = "/".join((year, *[r"\d\d?"] * (last - first)))
    rest = segments[last + 1 :]
    yield from _text_form(address, first, date, rest)


def _of_text(address: Address) -> Iterator[FormDraft]:
    segments = address.segments
    if len(segments) > 1:
        yield from _text_form(address, len(segments) - 1, "", segments[-1:])
    for name in _OTHER_NAMES:
        if (draft := _named(name, address)) is not None:
            yield draft
    if len(segments) > 2:  # noqa: PLR2004  # a section before the slug, and something fixed before the section
        yield from _text_form(address, len(segments) - 2, "[^/]+", segments[-1:])
    yield from _text_form(address, 0, "/".join("[^/]+" for _ in segments[:-1]), segments[-1:])


def _text_form(address: Address, first: int, opening: str, rest: Sequence[str]) -> Iterator[FormDraft]:
    """Yield the form whose id is the path from a part of it on: an ``opening``, and the parts behind that."""
    segments = address.segments
    tail = rest[-1] if rest else segments[-1]
    found = re.search(rf"{_EXTENSION}$", tail)
    extension = found[0] if found else ""
    inner = [one for one in (opening, *["[^/]+"] * len(rest)) if one]
    if not inner:
        return
    if extension:
        inner[-1] = "[^/]+?"
    before = [_escaped(one) for one in segments[:first]]
    end = "" if extension else "/?"
    pattern = "/" + "/".join((*before, f"({'/'.join(inner)}){_escaped(extension)}")) + end
    prefix = quote("/" + "".join(f"{one}/" for one in segments[:first]))
    slash = "/" if address.slashed else ""
    if "{" not in prefix:
        yield FormDraft(f"{prefix}{{id}}{extension}{slash}", (pattern,), id="text")


def _named(name: str, address: Address) -> FormDraft | None:
    """Return a form of the catalogue that an address has, with what the catalogue says of it."""
    said: dict[str, Any] = named_urls()[name]["forms"]["article"]
    kind: IdKind = "text" if said.get("id") == "text" else "number"
    draft = FormDraft(said["url"], tuple(said["paths"]), id=kind, named=name)
    return draft if draft.form.id_in(address.path, address.query) is not None else None


def _day(segments: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and last part of a path that name a day or a month: a year with one or two numbers behind."""
    for at, segment in enumerate(segments[:-1]):
        if _YEAR.fullmatch(segment) and _PART.fullmatch(segments[at + 1]):
            with_day = at + 2 < len(segments) and _PART.fullmatch(segments[at + 2]) is not None
            return at, at + 1 + with_day
    return None


def _number(segment: str) -> re.Match[str] | None:
    """Return the number that may be the id in a part of a path: alone, or long enough among letters."""
    found = _NUMBER.fullmatch(segment) or re.fullmatch(
        rf"(?P<head>(?:[^/]*[-_]))(?P<id>\d+)(?P<tail>{_EXTENSION})?", segment
    )
    if found is None or not found["id"].isascii():
        return None
    return found if found["id"] == segment or len(found["id"]) >= _LEAST_DIGITS or not found["head"] else None


def _escaped(text: str) -> str:
    """Return a text as a pattern that is easy to read: `re.escape` marks hyphens and blanks too."""
    return _SPECIAL.sub(r"\\\1", text)
