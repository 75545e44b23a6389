"""The addresses of the pages: made here, and what they ask for read here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

from datasette.utils import tilde_decode, tilde_encode

from farscrawler.archive.browsing import Conditions
from farscrawler.archive.reading.newest import Place
from farscrawler.archive.reading.selection import day_bounds
from farscrawler.browse.facets import UNDATED, Choice
from farscrawler.browse.guard import DATABASE
from farscrawler.browse.site import NotThereError
from farscrawler.days import MONTHS, DateRange, is_jalali_year, period

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.browse.site import Asked

_PLACE = 3


def address(*parts: str, **query: object) -> str:
    """Return an address on this server; ids may hold any letter. Values that are None or empty are left out."""
    path = "/" + "/".join(tilde_encode(part) for part in parts)
    said = {name: value for name, value in query.items() if value not in (None, "", (), [])}
    return f"{path}?{urlencode(said, doseq=True, quote_via=quote)}" if said else path


def row_address(table: str, *key: str) -> str:
    """Return the address of Datasette's own page of a row."""
    return f"/{DATABASE}/{tilde_encode(table)}/{','.join(map(tilde_encode, key))}"


def decoded(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the parts of an address as they were before ``address``; one that was typed by hand may have %-escapes."""
    return {name: unquote(tilde_decode(part)) if "%" in part else tilde_decode(part) for name, part in parts.items()}


def choice_of(asked: Asked) -> Choice:
    """Return what is chosen of publishers, year, month and section. Raise NotThereError for what is none."""
    year, month = asked.value("year"), asked.value("month")
    if year is not None and year != UNDATED:
        if not year.isdecimal() or not is_jalali_year(int(year)):
            raise NotThereError(f"«{year}» سال هجری خورشیدی نیست؛ چیزی مانند ۱۴۰۱ بنویسید.")
        year = str(int(year))
    if month is not None and (year in (None, UNDATED) or not month.isdecimal() or not 1 <= int(month) <= MONTHS):
        raise NotThereError(f"«{month}» ماه نیست؛ همراه سال، عددی از ۱ تا ۱۲ بنویسید.")
    publishers = [one for one in asked.query.get("publisher", []) if one]
    return Choice(
        publishers=tuple(dict.fromkeys(publishers)),
        year=year,
        month=None if month is None else int(month),
        section=asked.value("section"),
    )


def days_of(choice: Choice) -> DateRange | None:
    """Return the days of a chosen year or month, None where none is chosen."""
    if choice.year in (None, UNDATED):
        return None
    return DateRange(*period(int(choice.year or 0), choice.month))


def conditions_of(choice: Choice) -> Conditions:
    """Return a choice as the archive is asked for it."""
    days = days_of(choice)
    return Conditions(
        publishers=choice.publishers,
        bounds=None if days is None else day_bounds(days),
        undated=choice.year == UNDATED,
        section=choice.section,
    )


def query_of(choice: Choice) -> dict[str, object]:
    """Return the query of a choice."""
    return {
        "publisher": choice.publishers,
        "year": choice.year,
        "month": choice.month,
        "section": choice.section,
    }


def written_place(place: Place | None) -> str | None:
    """Return a place in a list as an address has it."""
    return None if place is None else json.dumps(place[:_PLACE], ensure_ascii=False, separators=(",", ":"))


def read_place(text: str | None) -> Place | None:
    """Return the place of ``written_place``. Raise NotThereError for another text."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != _PLACE or not all(isinstance(one, str) for one in found):
        raise NotThereError("جای این صفحه در فهرست خوانده نشد؛ از آغاز فهرست بیایید.")
    return Place(*found)
