"""CC-NEWS, the news crawl of Common Crawl: which WARC files it has for which days. No requests.

Documented on commoncrawl.org/blog/news-dataset-available: a list `crawl-data/CC-NEWS/YYYY/MM/warc.paths.gz` for each
month since 2016-08, and files of about 1 GB whose names hold the time of their beginning.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from farscrawler.days import DateRange

#: Of one file, as Common Crawl cuts them; for estimates alone.
TYPICAL_BYTES = 1_073_741_824
#: Before it there are no files.
FIRST_MONTH = dt.date(2016, 8, 1)
#: A news crawl comes by within hours, and for slow feeds within two days. A site's day begins up to 14 hours before
#: that of UTC, in which the files are dated, and a file holds up to a few hours.
_BEFORE, _AFTER = dt.timedelta(days=1), dt.timedelta(days=2)
_NAME = re.compile(r"CC-NEWS-(\d{8})(\d{6})-\d{1,9}\.warc(?:\.gz)?", re.ASCII)
_PATH = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)
#: A list of a month has some 500 lines.
_LARGEST_LIST = 16 * 1024 * 1024
_HOST = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#:]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewsFile:
    """A WARC file of CC-NEWS: its ``name``, by which the archive knows it, and where it is: at ``url`` or ``path``."""

    name: str
    url: str | None = None
    path: Path | None = None

    def __str__(self) -> str:
        return self.url or str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class CcNews:
    """Where CC-NEWS is taken from, and of which days.

    ``local`` is a folder with its files or a list of their paths, None where all of it is at ``url``. ``days`` are the
    days of publication that are asked for, None for all that there is. ``part_bytes`` is how much of a file is asked
    for at a time.
    """

    url: str
    days: DateRange | None
    part_bytes: int
    local: Path | None = None

    @property
    def origins(self) -> frozenset[str]:
        """The only addresses, as scheme and host, that are requested."""
        return frozenset({self.url})

    def months(self, today: dt.date) -> Iterator[tuple[int, int]]:
        """Yield year and month of each list that may name a wanted file."""
        first, last = self._span(today)
        day = max(first, FIRST_MONTH).replace(day=1)
        while day <= last:
            yield day.year, day.month
            day = (day + dt.timedelta(days=31)).replace(day=1)

    def list_url(self, year: int, month: int) -> str:
        """Return the address of the list of a month's files."""
        return f"{self.url}/crawl-data/CC-NEWS/{year:04}/{month:02}/warc.paths.gz"

    def is_wanted(self, name: str, today: dt.date) -> bool:
        """Whether a file, by its name, may hold a page of the wanted days; one with another name may."""
        found = _NAME.fullmatch(name)
        if self.days is None or found is None:
            return True
        first, last = self._span(today)
        return f"{first:%Y%m%d}" <= found[1] <= f"{last:%Y%m%d}"

    def remote(self, paths: Iterable[str]) -> list[NewsFile]:
        """Return the files at paths as a list of Common Crawl has them; a line that is no path is left out."""
        return [NewsFile(path.rpartition("/")[2], url=f"{self.url}/{path}") for path in paths if _PATH.fullmatch(path)]

    def _span(self, today: dt.date) -> tuple[dt.date, dt.date]:
        if self.days is None:
            return FIRST_MONTH, today
        first = self.days.first - _BEFORE if self.days.first > FIRST_MONTH else FIRST_MONTH
        return first, self.days.last + _AFTER if self.days.last < today - _AFTER else today


def read_paths(data: bytes) -> list[str]:
    """Return the lines of a list of paths, which may be packed with gzip. Raise ValueError for what is no such list."""
    if data.startswith(b"\x1f\x8b"):
        machine = zlib.decompressobj(zlib.MAX_WBITS + 16)
        try:
            data = machine.decompress(data, _LARGEST_LIST)
        except zlib.error as error:
            raise ValueError(f"it cannot be unpacked ({error})") from error
        if not machine.eof:
            raise ValueError("it is cut, or longer than any list of a month")
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise ValueError("it is no text") from error
    return [path for line in lines if (path := line.strip()) and not path.startswith("#")]


def host_of(url: str) -> str:
    """Return the host of an address in lower case, empty where there is none; quick, and for a first choice alone."""
    found = _HOST.match(url)
    return found[1].lower().rstrip(".") if found else ""


#: The commonest words of Persian, in the letters of either keyboard; other languages write hardly one of them so. Of
#: twelve real pages eleven have all three, and a short one may lack one.
_COMMON = (("است",), ("که", "كه"), ("این", "اين"))
_IN_UTF_8 = tuple(tuple(word.encode() for word in spellings) for spellings in _COMMON)
_IN_CP1256 = tuple((spellings[-1].encode("cp1256"),) for spellings in _COMMON)
_BEHIND = rb"(?=[\s.:!)<\xa1\xba\xbf]|\xd8[\x8c\x9b\x9f]|\xc2\xbb)"  # Persian marks in either encoding
_LANGUAGE = re.compile(rb"<html[^>]{0,500}\slang\s*=\s*[\"']?(?:fa|prs)\b", re.IGNORECASE)
_ENOUGH = 2
_LOOKED_AT = 2 * 1024 * 1024


def seems_persian(page: bytes) -> bool:
    """Whether a page says that it is Persian, or has two of the commonest words of Persian."""
    start = page[:_LOOKED_AT]
    return _LANGUAGE.search(start) is not None or any(
        sum(any(_has_word(start, word) for word in spellings) for spellings in words) >= _ENOUGH
        for words in (_IN_UTF_8, _IN_CP1256)
    )


def _has_word(text: bytes, word: bytes) -> bool:
    return word in text and re.search(rb"[\s>]" + re.escape(word) + _BEHIND, text) is not None


def is_address(text: str) -> bool:
    """Whether a line of a list is an address, and no path."""
    return urlsplit(text).scheme in ("http", "https")
