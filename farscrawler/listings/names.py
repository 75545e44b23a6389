"""The days that addresses name: dated paths, and the base64 names of Asam's sitemaps."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from farscrawler.days import is_jalali_year, period

if TYPE_CHECKING:
    from collections.abc import Sequence

Days = tuple[dt.date, dt.date]

_LONGEST_MONTH = 31
_NUMBER = re.compile(r"\d+", re.ASCII)
#: Years that a path may mean; the Jalali ones are those of the web so far and some to come.
_JALALI = range(1370, 1450)
_GREGORIAN = range(1990, 2100)
#: With separators, or all eight digits.
_DAY = re.compile(r"(?<!\d)(\d{4})(?:([-_/.])(\d\d?)\2(\d\d?)|()(\d\d)(\d\d))(?!\d)", re.ASCII)
#: Two digits always: `1402-5` may as well be the fifth part of a year.
_MONTH = re.compile(r"(?<!\d)(\d{4})[-_/.](\d\d)(?!\d)", re.ASCII)
#: A year alone only as a folder: `post-sitemap1402.xml` is the 1402nd of its kind.
_YEAR = re.compile(r"/(\d{4})/", re.ASCII)
_PATH_DAY = re.compile(r"/(\d{4})/(\d\d?)/(\d\d?)/", re.ASCII)
#: Base64 of a JSON object, which begins with `{"`; its standard alphabet has a slash.
_BASE64 = re.compile(r"eyJ[A-Za-z0-9+/_\-]{16,400}[=,]{0,2}", re.ASCII)
_MODEL = "newsstudioDateRange"


def day64(day: dt.date) -> str:
    """Return Asam's name of a day's sitemap: base64 of a little JSON, of 51 bytes and so without padding."""
    text = json.dumps({"model": _MODEL, "date": day.isoformat()}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def days_named(url: str) -> Days | None:
    """Return the first and last day that the name of a sitemap says it covers; None where it names no day surely."""
    path = _path(url)
    day = _in_base64(path)
    if day is not None:
        return day, day
    for pattern in (_DAY, _MONTH, _YEAR):
        # The last one: a month's folder may stand in a year's.
        found = [days for match in pattern.finditer(path) if (days := _days(match))]
        if found:
            return found[-1]
    return None


def days_of_leaves(urls: Sequence[str]) -> list[Days | None]:
    """Return the days that each name of an index covers.

    Names that differ in their numbers only are believed together or not at all: where one of them reads as a month
    and the next as none, they are counted, not dated.
    """
    named = [days_named(url) for url in urls]
    kinds: dict[str, set[int]] = {}
    for url, days in zip(urls, named, strict=True):
        kinds.setdefault(_shape(url), set()).add(_kind(days))
    return [days if len(kinds[_shape(url)]) == 1 else None for url, days in zip(urls, named, strict=True)]


def _shape(url: str) -> str:
    path = _path(url)
    return "base64" if _in_base64(path) else _NUMBER.sub("#", path)


def _kind(days: Days | None) -> int:
    """Return a number that differs for names of nothing, of a day, of a month and of a year."""
    if days is None:
        return 0
    length = (days[1] - days[0]).days
    return 1 if length == 0 else 2 if length < _LONGEST_MONTH else 3


def day_in_path(url: str) -> dt.date | None:
    """Return the day that stands in an article's address, `/1402/07/23/` or `/2024/05/27/`; None where none does."""
    match = _PATH_DAY.search(_path(url))
    days = _days(match) if match else None
    return days[0] if days else None


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return unquote(parts.path + ("?" + parts.query if parts.query else ""))


def _in_base64(path: str) -> dt.date | None:
    """Read a name such as base64 of `{"model":"newsstudioDateRange","date":"2024-08-30"}`.

    Standard or url-safe, its padding as it should be, left out, or written as commas.
    """
    for name in _BASE64.findall(path):
        plain = name.rstrip("=,").replace("-", "+").replace("_", "/")
        try:
            said = json.loads(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
            return dt.date.fromisoformat(said["date"])
        except (binascii.Error, ValueError, LookupError, TypeError, RecursionError):
            continue
    return None


def _days(match: re.Match[str]) -> Days | None:
    """Return the first and last day of a matched year, month or day."""
    numbers = [int(part) for part in match.groups() if part and part.isdigit()]
    year, month, day = [*numbers, None, None][:3]
    if year is None:
        return None
    if year not in (_JALALI if is_jalali_year(year) else _GREGORIAN):
        return None
    try:
        return period(year, month, day)
    except ValueError:
        return None
