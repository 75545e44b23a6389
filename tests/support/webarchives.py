"""The Wayback Machine and Common Crawl as tests ask them: a capture in each of them, and what they answer."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.webarchives.capture import Answer, Capture
from farscrawler.webarchives.commoncrawl import CommonCrawl
from farscrawler.webarchives.wayback import Wayback

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

URL = "http://www.fars-online.ir/Fa/News/7/نان"
WAYBACK = Wayback("https://web.archive.org", largest=100_000)
CRAWL = CommonCrawl("https://index.x", "https://data.x", crawls=2, largest=100_000)
FARSONLINE = publishers.load("farsonline")
HEAD = ["timestamp", "original", "mimetype", "statuscode", "digest"]
ROW = ["20200102030405", URL, "text/html", "200", "ABC"]
LINE = {
    "url": URL, "timestamp": "20200102030405", "status": "200", "mime": "text/html", "digest": "ABC",
    "filename": "crawl-data/CC-MAIN-2020-05/warc/a.warc.gz", "offset": "100", "length": "50",
}  # fmt: skip
CAPTURE = Capture(URL, "2020-01-02T03:04:05+00:00", f"https://web.archive.org/web/20200102030405id_/{URL}", "ABC")
MEMENTO = {"memento-datetime": "Thu, 02 Jan 2020 03:04:05 GMT", "content-type": "text/html"}


def record_capture(data: bytes) -> Capture:
    return Capture(URL, CAPTURE.at, f"https://data.x/a.warc.gz#bytes=10-{9 + len(data)}")


def ranged(data: bytes, status: int = 206) -> Answer:
    headers = {"content-range": f"bytes 10-{9 + len(data)}/99999"}
    return Answer(status=status, headers=headers, body=data)


def listing(
    service: Wayback | CommonCrawl, answers: Callable[[str], Answer], since: dt.date | None = None
) -> list[object]:
    async def run() -> list[object]:
        async def fetch(url: str) -> Answer:
            return answers(url)

        return [page async for page in service.listing(fetch, ("www.a.ir", "a.ir", "b.ir"), since)]

    return asyncio.run(run())


def answer(body: object, status: int = 200) -> Answer:
    return Answer(status=status, headers={}, body=body if isinstance(body, bytes) else json.dumps(body).encode())
