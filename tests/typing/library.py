"""Uses of the library as a type checker sees them: `make lint` fails where a type is lost or another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator  # assert_type takes it at run time
from pathlib import Path
from typing import Literal, assert_type

from farscrawler import (
    Archive,
    Article,
    NoArticle,
    Publisher,
    Refusal,
    Timestamp,
    fold,
    parse,
    publishers,
    read_timestamp,
)
from farscrawler.items import Image  # as above


def pages() -> None:
    publisher = publishers.load("irna")
    assert_type(publisher, Publisher)
    found = parse(b"", url="https://www.irna.ir/news/1", publisher=publisher, content_type="text/html")
    assert_type(found, Article | NoArticle)
    assert_type(parse("", publisher="irna", fetched_at=dt.datetime.now(dt.UTC)), Article | NoArticle)
    if isinstance(found, NoArticle):
        assert_type(found.outcome, Literal["not-article", "missing", "blocked", "failed"])
        assert_type(found.text, str)
        return
    assert_type(found.headline, str)
    assert_type(found.lead, str | None)
    assert_type(found.images, list[Image])


def archives() -> None:
    with Archive(Path("archive.db")) as archive:
        assert_type(archive, Archive)
        found = archive.articles("irna", since="1401-02", until=dt.date(2022, 5, 18), section="ورزش")
        assert_type(found, Iterator[Article])
        assert_type(archive.article("irna", "1"), Article | None)
        assert_type(archive.revisions("irna", "1"), list[Article])


def words() -> None:
    found = read_timestamp("۱۴۰۱/۰۲/۲۸", fetched_at=dt.datetime.now(dt.UTC), tz="Asia/Tehran")
    assert_type(found, Timestamp | Refusal)
    if isinstance(found, Timestamp):
        assert_type(found.published_at, dt.datetime | None)
    assert_type(fold("ي"), str)
    assert_type(publishers.names(), tuple[str, ...])
    assert_type(publishers.all_publishers(), tuple[Publisher, ...])
