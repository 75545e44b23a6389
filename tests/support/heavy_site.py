"""A site whose answers cost more to read than all else, and tasks for the process that reads them."""

from __future__ import annotations

import gzip
import os
import signal

from tests.support.pageserver import Answer

STANZA = """
[heavy]
name = "heavy"
hosts = ["www.heavy.ir"]
[heavy.forms.article]
url = "/news/{id}"
paths = ['/news/(\\d+)']
[heavy.doors]
DOORS
[heavy.selectors]
headline = ["h1"]
published = ["time"]
body = ["div.text"]
"""
HEAD = "<html><body><h1>تیتر خبر</h1><time>۱۴۰۲/۰۷/۰۵ - ۱۰:۲۰</time><div class=text><p>متن خبر</p>"
END = "</div></body></html>"
ARTICLE = HEAD + END
GOOD = "<urlset><url><loc>https://www.heavy.ir/news/1</loc><lastmod>2023-09-27</lastmod></url>{}</urlset>"
FAST = ("DOWNLOAD_DELAY=0", "ROBOTSTXT_OBEY=0", "RETRY_TIMES=0", "AUTOTHROTTLE_ENABLED=0", "PUBLISHERS=own")
WITHOUT_LISTS = STANZA.replace("[heavy.doors]\nDOORS\n", "")


def crawl(*arguments: str, settings: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the words of a crawl of the site."""
    given = [word for argument in ("base_url={url}", *arguments) for word in ("-a", argument)]
    return ("crawl", "heavy", *given, *[word for setting in (*FAST, *settings) for word in ("-s", setting)])


def packed(body: bytes | str) -> Answer:
    """Return an answer as hostile sites send it: a few kilobytes on the wire."""
    plain = body.encode() if isinstance(body, str) else body
    return Answer(gzip.compress(plain, 1), headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})


def spin(body: bytes) -> None:
    while True:
        len(body)


def hog(body: bytes) -> int:
    return len(body * 1_000)


def die(body: bytes) -> None:  # noqa: ARG001
    os.kill(os.getpid(), signal.SIGKILL)


def break_(body: bytes) -> None:
    raise LookupError(body.decode())


def process_id(body: bytes) -> tuple[int, int]:  # noqa: ARG001
    return os.getpid(), os.getppid()
