"""A replica of CC-NEWS: lists of months and WARC files with the pages of newsrooms, and foreign pages in between.

Its files are laid out as Common Crawl lays them out: a gzip member for each record, the request before its answer.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Literal

from farscrawler.testing.newsroom.response import Response
from farscrawler.testing.newsroom.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from farscrawler.testing.newsroom.press import Newsroom

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})")
_FOLDER = "crawl-data/CC-NEWS/"
_REVISIT = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
_WEIGHT = 2_000
_FOREIGN_BYTES = (2_000, 9_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A page as the news crawl has it; ``state`` is how its record is: with a revisit there is no page in it."""

    url: str
    at: datetime
    body: bytes
    state: Literal["whole", "revisit", "damaged"] = "whole"


def captures_of(newsroom: Newsroom, host: str = "www.fars-online.ir", *, seed: int = 5) -> list[Captured]:
    """Return captures of every article of a newsroom, and foreign ones in between, in the order of time.

    Every third article was changed and captured again, every fifth one captured again as it was; every seventh one has
    a revisit. Between them stand pages of other sites, some of them with damaged records.
    """
    dice = random.Random(seed)
    found: list[Captured] = []
    for number, article_id in enumerate(newsroom.ids()):
        story = newsroom.story(article_id)
        if story is None:
            continue
        url = f"http://{host}/Incsys/PrtNews.aspx?l=Fa&code={article_id}&k=0"

        published = story.published.astimezone(UTC).replace(microsecond=0)
        found.append(_page(newsroom, url, published + timedelta(hours=1)))
        if number % 3 == 0:
            newsroom.revise(article_id)
            found.append(_page(newsroom, url, published + timedelta(hours=3)))
        if number % 5 == 0:
            found.append(_page(newsroom, url, published + timedelta(hours=5)))
        if number % 7 == 0:
            found.append(Captured(url=url, at=published + timedelta(hours=6), body=b"", state="revisit"))
    found += [_foreign(one.at + timedelta(seconds=dice.randint(1, 60)), dice) for one in found for _ in range(3)]
    return sorted(found, key=lambda one: one.at)


def _page(newsroom: Newsroom, url: str, at: datetime) -> Captured:
    target = "/" + url.partition("://")[2].partition("/")[2]
    return Captured(url=url, at=at, body=Site(newsroom, weight=_WEIGHT).respond(target).body)


def _foreign(at: datetime, dice: random.Random) -> Captured:
    body = b"<html lang=en><body>" + dice.randbytes(dice.randint(*_FOREIGN_BYTES)).hex().encode() + b"</body></html>"
    url = f"https://www.site{dice.randint(1, 500)}.example.com/news/{dice.randint(1, 10**9)}"
    return Captured(url=url, at=at, body=body, state="damaged" if dice.random() < 0.02 else "whole")  # noqa: PLR2004


class NewsCrawl:
    """CC-NEWS as a site of the newsroom's server: ``files`` by their paths, each of so many captures."""

    def __init__(self, captures: Sequence[Captured], *, each: int = 60) -> None:
        self.files: dict[str, bytes] = {}
        self.months = {f"{_FOLDER}{one.at:%Y/%m}/" for one in captures}
        for start in range(0, len(captures), each):
            part = captures[start : start + each]
            name = f"CC-NEWS-{part[0].at:%Y%m%d%H%M%S}-{start // each:05}.warc.gz"
            self.files[f"{_FOLDER}{part[0].at:%Y/%m}/{name}"] = warc(name, part)

    def save(self, folder: Path) -> None:
        """Write the files into a folder, as somebody has who fetched them."""
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in self.files.items():
            (folder / path.rpartition("/")[2]).write_bytes(data)

    def respond(self, target: str, headers: Mapping[str, str] | None = None) -> Response:
        """Answer a GET: of a month's list, or of a part of a file."""
        path = target.lstrip("/")
        if path in self.files:
            return self._part(self.files[path], (headers or {}).get("range", ""))
        folder = path.removesuffix("warc.paths.gz")
        listed = [one for one in self.files if one.startswith(folder)]
        if folder not in self.months:
            return Response(status=404, body=b"<Error><Code>NoSuchKey</Code></Error>", kind="other")
        text = "".join(f"{one}\n" for one in listed).encode()
        return _binary(200, gzip.compress(text, mtime=0), "list")

    def article_id_of(self, target: str) -> int | None:  # noqa: ARG002  # as the server asks its sites
        """Return None: no target is an article's."""
        return None

    @staticmethod
    def _part(data: bytes, wanted: str) -> Response:
        found = _RANGE.fullmatch(wanted)
        if found is None:
            return _binary(200, data, "file")
        first, last = int(found[1]), min(int(found[2]), len(data) - 1)
        if first >= len(data):
            return _binary(416, b"", "file")
        tag = hashlib.blake2b(data, digest_size=8).hexdigest()
        content_range = ("Content-Range", f"bytes {first}-{last}/{len(data)}")
        return _binary(206, data[first : last + 1], "file", content_range, ("ETag", f'"{tag}"'))


def _binary(status: int, body: bytes, kind: str, *headers: tuple[str, str]) -> Response:
    return Response(status=status, body=body, kind=kind, content_type="application/octet-stream", headers=headers)


def warc(name: str, captures: Iterable[Captured]) -> bytes:
    """Return a WARC file as the news crawl writes it."""
    info = b"software: StormCrawler\r\nformat: WARC File Format 1.0\r\n"
    head = (("WARC-Type", "warcinfo"), ("WARC-Filename", name), ("Content-Type", "application/warc-fields"))
    members = [_member((*head, ("WARC-Date", "2024-05-01T00:00:00Z")), info)]
    for number, one in enumerate(captures):
        place = (("WARC-Date", f"{one.at:%Y-%m-%dT%H:%M:%SZ}"), ("WARC-Target-URI", one.url))
        asked = b"GET / HTTP/1.1\r\nUser-Agent: CCBot/3.0\r\n\r\n"
        kind = ("Content-Type", "application/http; msgtype=request")
        members.append(_member((("WARC-Type", "request"), *place, kind), asked))
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + one.body
        digest = base64.b32encode(hashlib.sha1(answer, usedforsecurity=False).digest()).decode()
        own = [
            ("WARC-Type", "revisit" if one.state == "revisit" else "response"),
            ("WARC-Record-ID", f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"),
            *place,
            ("Content-Type", "application/http; msgtype=response"),
            ("WARC-Block-Digest", f"sha1:{digest}"),
        ]
        own += [("WARC-Profile", _REVISIT)] if one.state == "revisit" else []
        member = _member(own, answer)
        members.append(_damaged(member) if one.state == "damaged" else member)
    return b"".join(members)


def _member(head: Iterable[tuple[str, str]], block: bytes) -> bytes:
    lines = ["WARC/1.0", *(f"{name}: {value}" for name, value in head), f"Content-Length: {len(block)}", "", ""]
    data = "\r\n".join(lines).encode() + block + b"\r\n\r\n"
    machine = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return machine.compress(data) + machine.flush()


def _damaged(member: bytes) -> bytes:
    middle = len(member) // 2
    return member[:middle] + bytes(255 - byte for byte in member[middle : middle + 8]) + member[middle + 8 :]
