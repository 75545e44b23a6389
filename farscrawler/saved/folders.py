"""Find and read saved files in folders of any depth: HTML files, web archive files, and those to be named and left."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from farscrawler.days import now
from farscrawler.extract import MAX_BODY_BYTES
from farscrawler.extract.document import decode, excess
from farscrawler.files import is_stream, open_file, read_stream
from farscrawler.saved.kinds import counted_as, named
from farscrawler.saved.mhtml import MhtmlError, read_mhtml
from farscrawler.saved.page import Complaint, SavedPage, Skipped, as_utc
from farscrawler.saved.provenance import SIDECARS, SidecarError, origin_of, saved_at, sidecar_of
from farscrawler.saved.url_filter import NOT_HTML, TOO_LARGE
from farscrawler.saved.wacz import first_time_of, read_wacz
from farscrawler.saved.warc_reader import first_time, read_warc
from farscrawler.webarchives.http_message import headers_of_saved_body, is_markup, read_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from farscrawler.saved.page import SavedEntry
    from farscrawler.saved.url_filter import UrlFilter
    from farscrawler.webarchives.http_message import Headers

WARCIO_MISSING = (
    "writing WARC files needs warcio; install it with: pip install 'farscrawler[warc]' (in a clone: "
    "pip install '.[warc]')"
)

#: The ending of a WARC file until it is closed; the ledger knows its pages by the name without it.
OPEN = ".open"
#: The WARC files that a crawl writes: publisher, UTC time of the beginning, and serial number.
_TIME = "%Y%m%dT%H%M%SZ"
_OURS = re.compile(rf"(?P<publisher>.+)-(?P<time>\d{{8}}T\d{{6}}Z)-\d{{5,}}\.warc\.gz(?P<open>{re.escape(OPEN)})?")
_WARC_NAMES = (".warc", ".warc.gz", ".warc.zst", f".warc{OPEN}", f".warc.gz{OPEN}", ".arc", ".arc.gz")
#: The program that saved a page writes its name and the time within these first bytes.
_SNIFFED = 4096
_MHTML_NAMES = (".mht", ".mhtml")
_WACZ_NAMES = (".wacz",)
_HTTP = b"HTTP/"  # `wget --save-headers` begins a file with them


@dataclass(frozen=True, slots=True, order=True)
class SavedFile:
    """A file with saved pages: ``at`` is the time of its first page, empty where no time is known.

    ``name`` is its path relative to the given one, without the ending that a WARC file has while it is written.
    """

    at: str
    name: str
    path: Path = field(compare=False)

    @property
    def is_warc(self) -> bool:
        """Whether it is a WARC or ARC file."""
        return is_warc(self.path)

    @property
    def holds_many(self) -> bool:
        """Whether it holds any number of pages, and not one."""
        return self.is_warc or _is_named(self.path, _WACZ_NAMES)


def is_warc(path: Path) -> bool:
    """Whether a file is a WARC or ARC file, by its name; a file that is still being written is one."""
    return _is_named(path, _WARC_NAMES)


def _is_named(path: Path, endings: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(endings)


def find(given: Iterable[Path]) -> list[SavedFile]:
    """Return every saved file in these files and folders in the order of time, hidden files and sidecars left out.

    Only names and times are held in memory, about 300 bytes a file.
    """
    found = {}
    for place in given:
        for path in _files(place):
            name = written(str(path.relative_to(place)) if path != place else path.name)
            found[path.resolve()] = SavedFile(_time_of(path), name.removesuffix(OPEN) if is_warc(path) else name, path)
    return sorted(found.values())


def written(name: str) -> str:
    """Return a file's name as UTF-8 text: old Persian names are often in CP1256."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.suffix.lower() not in SIDECARS and path.is_file():
                yield path


def _time_of(path: Path) -> str:
    """Return the time of a file's first page, for the order alone; an unreadable file is named when it is its turn."""
    try:
        if is_warc(path):
            with open_file(path) as file:
                return first_time(file) or ""
        if _is_named(path, _WACZ_NAMES):
            return first_time_of(path) or ""
        with open_file(path) as file:
            if _is_named(path, _MHTML_NAMES):
                beside = sidecar_of(path).at or read_mhtml(file, largest=MAX_BODY_BYTES).at
                return _when(path, "", beside)[0]
            return _when(path, file.read(_SNIFFED).decode("utf-8", "replace"), sidecar_of(path).at)[0]
    except (OSError, SidecarError, MhtmlError):
        return ""


def read(file: SavedFile, url_filter: UrlFilter, *, start: int = 0, stop: int | None = None) -> Iterator[SavedEntry]:
    """Yield what a file holds; a file or record that cannot be read is a complaint, never an error.

    ``start`` and ``stop`` bound the records of a WARC file (see ``read_warc``).
    """
    try:
        if _is_named(file.path, _WACZ_NAMES):
            yield from read_wacz(file.path, file.name, url_filter)
        elif not file.is_warc:
            yield _read_page(file, url_filter)
        else:
            with open_file(file.path) as opened:
                yield from read_warc(opened, str(file.path), file.name, url_filter, start=start, stop=stop)
    except OSError as error:
        yield Complaint(f"{file.path} cannot be read ({error.strerror or error}).")


def _read_page(file: SavedFile, url_filter: UrlFilter) -> SavedEntry:
    try:
        found = _one_page(file.path)
        beside = sidecar_of(file.path)
    except (MhtmlError, SidecarError) as error:
        return Complaint(f"{file.path} was left out: {error}.")
    if isinstance(found, (Skipped, Complaint)):
        return found
    body, status, headers = found.body, found.status, found.headers
    if len(body) > MAX_BODY_BYTES:
        return Skipped(TOO_LARGE)
    if beside.content_type is not None:
        headers = ((b"Content-Type", beside.content_type.encode("latin-1", "replace")), *headers)
    beside.url = beside.url or found.url
    text = decode(body, beside.content_type or found.content_type).text
    url = origin_of(file.path, text, beside, url_filter.publisher).address(url_filter.publisher)
    if url is None:
        return Complaint(_without_address(file.path, body))
    url = url_filter.site_url(url)
    refused = url_filter.refuses(url)
    if refused is not None:
        return Skipped(refused)
    at, guessed = _when(file.path, text, beside.at or found.at)
    page = SavedPage(url=url, at=at, name=file.name, status=status, headers=headers, body=body, time_of_file=guessed)
    refused = url_filter.refuses_answer(page)
    return Skipped(refused) if refused is not None else page


def _without_address(path: Path, body: bytes) -> str:
    if (what := excess(body)) is not None:  # the address that it gives as its own was not looked for
        return f"{path} was left out: it has too many {what} to be read."
    return f"{path} does not say from which address it was saved; write that into a file {path.name}.url beside it."


@dataclass(frozen=True, slots=True)
class _OnePage:
    """The page in a file of its own, with what the file itself says of it."""

    body: bytes
    status: int = 200
    headers: Headers = ()
    content_type: str | None = None
    url: str | None = None
    at: str | None = None


def _one_page(path: Path) -> _OnePage | Skipped | Complaint:
    """Return the page in a file, or what the file is instead. Raise MhtmlError."""
    with open_file(path) as stream:
        if _is_named(path, _MHTML_NAMES):
            saved = read_mhtml(stream, largest=MAX_BODY_BYTES)
            kind = saved.content_type
            headers: Headers = ((b"Content-Type", kind.encode("latin-1", "replace")),) if kind else ()
            return _OnePage(saved.body, headers=headers, content_type=kind, url=saved.url, at=saved.at)
        body = stream.read(MAX_BODY_BYTES + 1)
    status, headers = 200, ()
    if body.startswith(_HTTP):
        opened = BytesIO(body)
        head = read_head(opened)
        if head is not None:
            status, body = head[0], opened.read()
            headers = headers_of_saved_body(head[1], body)
    sentence = named(path, body[:_SNIFFED])
    if sentence is not None:
        return Complaint(sentence)
    other = counted_as(body[:_SNIFFED])
    if other is not None or not is_markup(body):
        return Skipped(f"{NOT_HTML} ({other})" if other is not None else NOT_HTML)
    return _OnePage(body, status, headers)


class NoPageError(Exception):
    """A file holds no page of its own; the message is a sentence."""


def page_in(path: Path) -> bytes:
    """Return the page of a file that holds one, HTML or MHTML. Raise NoPageError or OSError.

    What is no HTML as far as its first bytes show is returned all the same: the parser says what is wrong with it.
    """
    if is_warc(path) or _is_named(path, _WACZ_NAMES):
        raise NoPageError(f"{path} holds any number of pages; `farscrawler crawl PUBLISHER --pages {path}` reads them.")
    with _opened(path) as stream:
        if not _is_named(path, _MHTML_NAMES):
            body = stream.read(MAX_BODY_BYTES + 1)
            if len(body) > MAX_BODY_BYTES:
                raise NoPageError(f"{path} is larger than a page may be ({MAX_BODY_BYTES:,} bytes).")
            sentence = named(path, body[:_SNIFFED])
            if sentence is not None:
                raise NoPageError(sentence)
            return body
        try:
            return read_mhtml(stream, largest=MAX_BODY_BYTES).body
        except MhtmlError as error:
            raise NoPageError(f"{path} cannot be read: {error}.") from error


def _opened(path: Path) -> BinaryIO:
    """Open a file, or a pipe such as `<(curl …)` of a shell, whose program is waited for. Raise OSError."""
    return BytesIO(read_stream(path, largest=MAX_BODY_BYTES)) if is_stream(path) else open_file(path)


def _when(path: Path, text: str, beside: str | None) -> tuple[str, bool]:
    """Return when a page was saved, and whether that is only the time of its file."""
    found = beside or saved_at(text)
    if found is not None:
        return found, False
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return as_utc(changed) or now(), True  # a clock that was ahead has set a future time


def has_warcio() -> bool:
    """Whether WARC files can be written here; everything else works without warcio."""
    return find_spec("warcio") is not None


def warc_name(publisher: str, begun: dt.datetime, serial: int) -> str:
    """Return the name of a WARC file; the sorted names of a publisher are in the order of time."""
    return f"{publisher}-{begun.astimezone(dt.UTC).strftime(_TIME)}-{serial:05}.warc.gz"


def publisher_of_warc(file_name: str) -> str | None:
    """Return whose pages a WARC file of a crawl holds, None for any other name."""
    match = _OURS.fullmatch(file_name)
    return match["publisher"] if match else None


def may_hold(file_name: str, publisher: str, known: Sequence[str]) -> bool:
    """Whether a file may hold pages of a publisher: a WARC file of ours that is named after another does not.

    ``known`` are the names of all publishers.
    """
    ours = publisher_of_warc(file_name)
    return ours in (None, publisher) or ours not in known


def is_open_warc(file_name: str, publisher: str) -> bool:
    """Whether a WARC file of this publisher is being written, or was when its run was killed."""
    match = _OURS.fullmatch(file_name)
    return match is not None and match["publisher"] == publisher and match["open"] is not None


def closed_since(folder: Path, publisher: str, at: str) -> list[Path]:
    """Return the closed WARC files of a publisher that were begun at a moment (ISO 8601) or later, in order."""
    moment = dt.datetime.fromisoformat(at).astimezone(dt.UTC).strftime(_TIME)
    found = []
    for path in sorted(folder.iterdir()):
        match = _OURS.fullmatch(path.name)
        if match and match["publisher"] == publisher and not match["open"] and match["time"] >= moment:
            found.append(path)
    return found
