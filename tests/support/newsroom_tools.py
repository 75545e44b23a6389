"""What the tests of the newsroom share: its stories, and a client that shows everything that came over a socket."""

from __future__ import annotations

import datetime as dt
import re
import socket
from typing import TYPE_CHECKING, NamedTuple

import jdatetime

from farscrawler.archive import Archive
from farscrawler.archive.ledger import Ledger
from farscrawler.testing.newsroom import Newsroom, Server, Story, answers
from tests.support.commands import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path


def stories_of(newsroom: Newsroom) -> list[Story]:
    return [story for at in newsroom.ids() if (story := newsroom.story(at)) is not None]


NEWSROOM = Newsroom()
STORIES = stories_of(NEWSROOM)
PRINT = "/Incsys/PrtNews.aspx?l=Fa&code={}&k=0"
FIRST = NEWSROOM.ids()[0]


class Raw(NamedTuple):
    """What came over a socket until it closed: head, body, and whether the connection was reset."""

    head: str
    body: bytes
    reset: bool

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def header(self, name: str) -> str | None:
        found = re.search(rf"^{name}: (.*)$", self.head, re.MULTILINE | re.IGNORECASE)
        return found[1].strip() if found else None


def raw_get(
    server: Server, target: str, *headers: str, method: str = "GET", limit: int = 10**9, last: bool = True
) -> Raw:
    data, reset = b"", False
    with socket.create_connection((server.host, server.port), timeout=PATIENCE) as client:
        lines = [f"{method} {target} HTTP/1.1", "Host: www.Fars-Online.ir", *headers, "", ""]
        if last:
            lines.insert(2, "Connection: close")
        client.sendall("\r\n".join(lines).encode())
        try:
            while len(data) < limit and (block := client.recv(65_536)):
                data += block
        except ConnectionResetError:
            reset = True
    head, _, body = data.partition(b"\r\n\r\n")
    return Raw(head.decode("latin-1"), body, reset)


def young_newsroom(count: int = 60) -> Newsroom:
    """A newsroom whose articles appeared within the last days."""
    today = jdatetime.date.fromgregorian(date=dt.datetime.now(dt.UTC).date())
    day = dt.timedelta(days=1)
    return Newsroom(count=count, start=str(today - 3 * day), until=str(today - day))


def assert_all_right(folder: Path, newsroom: Newsroom, ids: range, form: str = "print") -> None:
    """Every field of every article is the known answer, and every gap is recorded as missing."""
    with Archive(folder / "archive.db", readonly=True) as archive:
        stored = {article.article_id: article for article in archive.articles("farsonline")}
        known = Ledger(archive, "farsonline").known(str(number) for number in ids)
    for number in ids:
        story = newsroom.story(number)
        if story is None:
            assert known[str(number)].outcome == "missing"
            assert str(number) not in stored
        else:
            assert known[str(number)].outcome == "article"
            truth = answers(story, form)
            assert {name: getattr(stored[str(number)], name) for name in truth} == truth
    assert len(stored) == sum(newsroom.story(number) is not None for number in ids)
