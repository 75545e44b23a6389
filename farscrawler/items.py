"""Article: the public schema. Its field names are the JSON keys, the table columns and the words of the docs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypedDict


class Image(TypedDict):
    """One picture of an article: its absolute address and its caption, where the page prints one."""

    url: str
    caption: str | None


@dataclass(kw_only=True)
class Article:
    """One article as its page says it; every text is stored as printed, ASCII whitespace folded.

    ``publisher`` and ``article_id`` together are the key of everything. A value that could not be read
    with certainty is ``None``, and ``warnings`` says why.
    """

    publisher: str
    article_id: str
    url: str
    permalink: str | None = None
    kicker: str | None = None  # روتیتر
    headline: str = ""  # تیتر
    subtitle: str | None = None  # زیرتیتر
    dateline: str | None = None
    lead: str | None = None  # لید
    body: str = ""
    section: str | None = None
    agency: str | None = None
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    published_text: str | None = None
    published_at: str | None = None
    published_jalali: str | None = None
    published_precision: str | None = None
    modified_at: str | None = None
    fetched_at: str = ""
    content_hash: str = ""
    revision: int = 1
    warnings: list[str] = field(default_factory=list)


FIELD_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Article))
