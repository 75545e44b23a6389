"""The pages of `farscrawler browse` over HTTP: a server of an archive, and what its answers have to be."""

from __future__ import annotations

import html
import http.client
import re
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from tests.support import start
from tests.support.commands import PATIENCE
from tests.support.pages import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: status, headers by lower name, and text."""

    status: int
    headers: dict[str, str]
    text: str

    def links(self, beginning: str) -> list[str]:
        """Return the addresses of links that begin so, in their order."""
        found = (html.unescape(one) for one in re.findall(r'href="([^"]*)"', self.text))
        return [one for one in found if one.startswith(beginning)]

    def marked(self) -> list[str]:
        return [html.unescape(one) for one in re.findall(r"<mark>(.*?)</mark>", self.text)]


@dataclass(frozen=True, slots=True)
class Pages:
    """A server, and the archive that it reads."""

    port: int
    archive: Path

    def ask(self, path: str, *, method: str = "GET", body: str | None = None, **headers: str) -> Page:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as client:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            client.request(method, path, body=body, headers=given)
            got = client.getresponse()
            return Page(
                got.status, {name.lower(): value for name, value in got.getheaders()}, got.read().decode("utf-8")
            )

    def get(self, *parts: str, **query: object) -> Page:
        """Return a page of our own, which must be there, whole, and of the right direction."""
        path = "/" + "/".join(quote(one, safe="") for one in parts)
        page = self.ask(f"{path}?{urlencode(query, doseq=True)}" if query else path)
        assert page.status == 200, page.text
        parser = Strict.of(page.text)
        assert ("html", "dir", "rtl") in parser.attributes
        assert not {"script", "iframe", "object", "style", "img"} & set(parser.tags)
        return page

    def sql(self, statement: str) -> Page:
        return self.ask(f"/archive.json?{urlencode({'sql': statement, '_shape': 'arrays'})}")


@contextmanager
def served(archive: Path, *options: str) -> Iterator[Pages]:
    """Serve an archive while the block lasts."""
    with start(
        "browse", *options, "--port", "0", "--archive", archive.name, cwd=archive.parent,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = re.search(r"http://127\.0\.0\.1:(\d+)/", process.stdout.readline())
        assert told is not None
        try:
            yield Pages(int(told[1]), archive)
        finally:
            process.terminate()
        assert process.wait(PATIENCE) == 0
