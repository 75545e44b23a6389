"""The readers of what a user writes: lists of addresses, arguments, stanzas and dates."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path

from farscrawler import publishers
from farscrawler.errors import FarscrawlerError
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.publishers.loader import StanzaFile
from farscrawler.timestamps import read as read_timestamp
from tests.fuzz.reader import SITE, Reader, Sample, of
from tests.support.saved import print_url

ADDRESSES = "# خبر\nhttp://www.fars-online.ir/Fa/News/1/x\r\n\nhttp://www.fars-online.ir/Fa/News/2/خبر\n"
VALUES = {
    "ids": "1,5,9-12", "urls": print_url(1), "latest": "20", "since": "1401-02-01", "until": "1401-02-28", "via": "ids",
    "refresh": "7d", "again": "missing,not-article", "form": "print", "source": "wayback", "base_url": "http://127.0.0.1:1",
}  # fmt: skip


def _read_addresses(data: bytes, _: str, place: Path) -> None:
    path = place / "list.txt"
    path.write_bytes(data)
    for name in ("urls", "ids"):
        with contextlib.suppress(FarscrawlerError):
            parse_arguments(SITE, {name: f"@{path}"})


def _read_arguments(data: bytes, name: str, _: Path) -> None:
    text = data.decode("utf-8", "surrogateescape")
    if name in ("urls", "ids") and text.startswith("@"):  # a file of this machine
        return
    parse_arguments(SITE, {name: text, **({"since": "1401"} if name in ("until", "via") else {})})


@cache
def _stanzas() -> list[Sample]:
    folder = Path(publishers.__file__).parent
    found = []
    for path in sorted(folder.glob("*.toml")):
        parts = path.read_bytes().split(b"\n\n")[:40:4]
        found += [Sample(f"{path.stem}.toml", part + b"\n") for part in parts if part.startswith(b"[")]
    return found


def _read_stanza(data: bytes, name: str, place: Path) -> None:
    path = place / name
    path.write_bytes(data)
    file = StanzaFile.read(path, own=False)
    for key in file:
        try:
            found = file.publisher(key)
        except FarscrawlerError:
            continue
        for form in found.forms:
            if found.makes("5", form):
                found.form_of(found.url_for("5", form))
        found.list_urls()


def _read_timestamp(data: bytes, _: str, __: Path) -> None:
    read_timestamp(data.decode("utf-8", "replace"))


READERS = (
    Reader("addresses", of(ADDRESSES, "1,5\n9-12 # خبر\n"), _read_addresses),
    Reader(
        "arguments",
        lambda: [Sample(name, value.encode()) for name, value in VALUES.items()],
        _read_arguments,
        (FarscrawlerError,),
    ),
    Reader("stanzas", _stanzas, _read_stanza, (FarscrawlerError,)),
    Reader(
        "timestamps",
        of("چهارشنبه 28 ارديبهشت 1401 - 14:55:59", "2022-05-18T10:00:00+04:30", "۲ ساعت پیش"),
        _read_timestamp,
    ),
)
