"""Provenance of an HTML file: from which address it was saved, and when, by its sidecar, its text and its path.

In the order of trust: a sidecar (`NAME.url`, `NAME.json`), the attribute that wget and curl write with `--xattr`,
`<link rel=canonical>`, `og:url`, the comments of browsers, SingleFile and HTTrack, and the folders of a wget mirror.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from farscrawler.extract.captured import capture_of, site_address
from farscrawler.extract.css import Index
from farscrawler.extract.document import parse
from farscrawler.extract.metadata import captured_in, own_addresses
from farscrawler.files import open_file
from farscrawler.saved.page import as_utc, utc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.publishers import Publisher

#: The endings of sidecars: files beside a page that name its address.
SIDECARS = (".url", ".json")
#: Browsers write their comment into the first lines; SingleFile and HTTrack right behind the opening tag.
_HEAD = 16_384
_SIDECAR_BYTES = 65_536
_XATTR = "user.xdg.origin.url"  # freedesktop.org's common attributes; wget and curl write it

_BROWSER = re.compile(r"<!--\s*saved from url=\((\d{4})\)(\S+)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(r"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)\s+saved date:\s*([^\r\n]*?)\s*(?:\n|-->)")
_SINGLE_FILE_DATE = "%a %b %d %Y %H:%M:%S GMT%z"
_HTTRACK = re.compile(r"<!--\s*Mirrored from (\S+) by HTTrack[^,>]*(?:\[[^\]]*\])?, ([^>]*?GMT)\s*-->")
_HTTRACK_DATE = "%a, %d %b %Y %H:%M:%S GMT"
_INDEX = re.compile(r"(?:^|(?<=/))index\.html?\Z", re.IGNORECASE)
_ADDED_ENDING = re.compile(r"\.html?\Z", re.IGNORECASE)


class SidecarError(ValueError):
    """A sidecar cannot be read, or says something impossible; the message names the file and what is wrong."""


@dataclass(slots=True)
class Sidecar:
    """What a sidecar says of a page: its address, when it was taken, and its Content-Type, each None if not said."""

    url: str | None = None
    at: str | None = None
    content_type: str | None = None


@dataclass(slots=True)
class Origin:
    """The addresses that a file gives: ``named`` in the order of trust, ``loaded`` those it was loaded from."""

    named: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def address(self, publisher: Publisher) -> str | None:
        """Return the first address of an article of the publisher, else the first of all, else None.

        A page may call another form of itself canonical. Where a browser says that it loaded the same article from
        elsewhere, that address is the page's.
        """
        wanted = next((url for url in self.named if publisher.form_of(url) is not None), None)
        if wanted is None:
            return next(iter(self.named), None)
        key = publisher.article_id(wanted)
        return next((url for url in self.loaded if publisher.article_id(url) == key), wanted)


def sidecar_of(path: Path) -> Sidecar:
    """Read the sidecar of a page, `page.html.url` or `page.url`; an empty one where there is no such file.

    A `.url` file holds the address, or is a shortcut of Windows; a `.json` file is an object with ``url`` and, if
    known, ``fetched_at`` (ISO 8601 with a zone) and ``content_type``. Raise SidecarError.
    """
    found = Sidecar()
    for ending in SIDECARS:
        for beside in (path.with_name(path.name + ending), path.with_suffix(ending)):
            if beside == path or not beside.is_file():
                continue
            read = _read_url if ending == ".url" else _read_json
            said = read(beside)
            found.url = found.url or said.url
            found.at = found.at or said.at
            found.content_type = found.content_type or said.content_type
            break
    return found


def _text_of(path: Path) -> str:
    try:
        with open_file(path) as file:
            return file.read(_SIDECAR_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SidecarError(f"{path} is not UTF-8 text (byte {error.start})") from error


def _read_url(path: Path) -> Sidecar:
    for line in _text_of(path).splitlines():
        text = line.strip()
        name, sign, value = text.partition("=")
        if sign and name.strip().upper() == "URL":
            return Sidecar(url=value.strip())
        if text.startswith(("http://", "https://")):
            return Sidecar(url=text)
    raise SidecarError(f"{path} holds no address; write one line such as https://www.example.ir/news/1")


def _read_json(path: Path) -> Sidecar:
    try:
        values = json.loads(_text_of(path))
    except RecursionError as error:
        raise SidecarError(f"{path} holds JSON that is nested too deeply") from error
    except ValueError as error:
        if isinstance(error, SidecarError):
            raise
        raise SidecarError(f"{path} is not JSON ({error})") from error
    if not isinstance(values, dict):
        raise SidecarError(f"{path} is no JSON object")
    found = Sidecar()
    for name in ("url", "fetched_at", "content_type"):
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            raise SidecarError(f"{path}: {name} is no text")
        if name == "fetched_at" and value is not None:
            found.at = utc(value)
            if found.at is None:
                raise SidecarError(f"{path}: fetched_at={value!r} is no ISO 8601 time with a zone that has come")
        elif name == "url":
            found.url = value
        else:
            found.content_type = value
    return found


def origin_of(path: Path, text: str, sidecar: Sidecar, publisher: Publisher) -> Origin:
    """Return every address that a page's file gives; ``text`` is the decoded page."""
    found = Origin()
    attribute = _attribute(path)
    head = text[:_HEAD]
    found.loaded = [*filter(None, [attribute, _browser(head), _single_file(head)[0], *_httrack_urls(head, publisher)])]
    found.named = [
        *filter(None, [sidecar.url, attribute]),
        *_in_markup(text, publisher),
        *found.loaded,
        *_mirrored(path, publisher),
    ]
    if sidecar.url is not None:
        found.loaded.insert(0, sidecar.url)
    for urls in (found.named, found.loaded):  # browsers write `about:internet` too, which is no address
        urls[:] = [site_address(url) for url in urls if url.startswith(("http://", "https://"))]
    return found


def saved_at(text: str) -> str | None:
    """Return when a page was taken from its site, by its text, or None.

    That is the capture of a page out of a web archive, whoever saved it from there later; of any other page it is what
    the saving program wrote into its head.
    """
    head = text[:_HEAD]
    comment = capture_of(_browser(head) or "")
    return utc(captured_in(text) or (comment.at if comment is not None else None)) or _saved_at(head)


def _saved_at(head: str) -> str | None:
    """Return the time that the saving program wrote into the head of a page, or None."""
    return _single_file(head[:_HEAD])[1] or _httrack(head[:_HEAD])[1]


def _attribute(path: Path) -> str | None:
    try:
        return os.getxattr(path, _XATTR).decode("utf-8", "replace")
    except (OSError, AttributeError):  # no such attribute, a file system or a system without any
        return None


def _browser(head: str) -> str | None:
    """Return the address in the comment of Internet Explorer, Chrome and others; its number is the address's length."""
    match = _BROWSER.search(head)
    return match[2] if match else None


def _single_file(head: str) -> tuple[str | None, str | None]:
    match = _SINGLE_FILE.search(head)
    if match is None:
        return None, None
    return match[1], _moment(match[2].partition(" (")[0], _SINGLE_FILE_DATE)


def _httrack(head: str) -> tuple[str | None, str | None]:
    match = _HTTRACK.search(head)
    if match is None:
        return None, None
    return match[1], _moment(match[2], _HTTRACK_DATE)


def _httrack_urls(head: str, publisher: Publisher) -> Iterator[str]:
    """Yield the address in HTTrack's comment, which leaves the scheme out."""
    address = _httrack(head)[0]
    if address is not None:
        yield address if "://" in address else f"{publisher.scheme}://{address}"


def _moment(text: str, form: str) -> str | None:
    try:
        moment = dt.datetime.strptime(text, form)  # noqa: DTZ007  # HTTrack's GMT is no zone to it
    except ValueError:
        return None
    return as_utc(moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC))


def _in_markup(text: str, publisher: Publisher) -> Iterator[str]:
    root, _ = parse(text.encode("utf-8", "replace"))
    if root is None:
        return
    for _, address in own_addresses(Index(root)):
        if address.strip("/"):  # some systems name the home page on every page, as Fars-Online does
            try:
                yield urljoin(publisher.base_url + "/", address)
            except ValueError:
                continue


def _mirrored(path: Path, publisher: Publisher) -> Iterator[str]:
    """Yield the addresses that the folders of a mirror stand for, `…/HOST/PATH` as `wget --mirror` lays them out.

    wget puts `index.html` where a path ends with a slash, `@` for the question mark on some systems, and `.html`
    behind what has another ending (`--adjust-extension`).
    """
    parts = path.parts
    for index, part in enumerate(parts[:-1]):
        if part.lower() not in publisher.hosts:
            continue
        rest = "/".join(parts[index + 1 :])
        plain = _INDEX.sub("", rest)
        for name in dict.fromkeys((plain, _ADDED_ENDING.sub("", plain))):
            for address in dict.fromkeys((name, name.replace("@", "?", 1))):
                yield f"{publisher.scheme}://{part.lower()}/{address}"
