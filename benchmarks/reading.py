"""`python reading.py READER FOLDER ROUNDS`: what a reader takes for the pages of a folder, as one line of JSON.

A script and no module of the package: it runs by the interpreter of any environment. READER is `now` or `0.2.0`, whose
names were others, or `plain`, the spider beside this file. FOLDER holds pages.json: the form and the ids of the pages.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[bytes, str, str], Any]

_SITE, _TYPE, _AT = "farsonline", "text/html; charset=utf-8", "2026-01-01T00:00:00+00:00"


def now() -> Read:
    """Return this tree's reader: from the bytes of a page to its article."""
    extract = importlib.import_module("farscrawler.extract")
    publisher = importlib.import_module("farscrawler.publishers").load(_SITE)

    def read(body: bytes, form: str, key: str) -> Any:
        given = {"url": publisher.url_for(key, form), "article_id": key, "content_type": _TYPE, "fetched_at": _AT}
        return extract.read_article(body, publisher=publisher, form=form, **given).headline

    return read


def of_0_2_0() -> Read:
    """Return the same of version 0.2.0."""
    parsing = importlib.import_module("farscrawler.parsing")
    publisher = importlib.import_module("farscrawler.publishers").load(_SITE)
    article_class = importlib.import_module("farscrawler.items").Article

    def read(body: bytes, form: str, key: str) -> Any:
        given = {"url": publisher.url_for(key, form), "article_id": key, "content_type": _TYPE}
        page = parsing.recognise(body, publisher=publisher, form=form, **given)
        article = article_class(
            publisher=_SITE, article_id=key, url=publisher.canonical_url(key), fetched_at=_AT
        )  # fmt: skip
        parsing.fill(article, page)
        return article.headline

    return read


def plain() -> Read:
    """Return the reader of the plain spider."""
    spider = importlib.import_module("plain_spider")
    response = importlib.import_module("scrapy.http").HtmlResponse

    def read(body: bytes, _: str, key: str) -> Any:
        given = {"headers": {"Content-Type": _TYPE}, "body": body}
        return spider.article_of(response(f"http://plain.example/{key}", **given))["headline"]

    return read


def measure(reader: str, folder: Path, rounds: int) -> float:
    """Return the milliseconds of CPU of a page, in the best of some rounds. Raise ValueError for a page not read."""
    read = {"now": now, "0.2.0": of_0_2_0, "plain": plain}[reader]()
    told = json.loads((folder / "pages.json").read_text(encoding="ascii"))
    pages = [((folder / f"{key}.html").read_bytes(), told["form"], key) for key in told["ids"]]
    unread = [key for body, form, key in pages if not read(body, form, key)]
    if unread:
        raise ValueError(f"{reader} finds no headline in {unread}")
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        for body, form, key in pages:
            read(body, form, key)
        best = min(best, time.process_time() - begun)
    return best * 1000 / len(pages)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
