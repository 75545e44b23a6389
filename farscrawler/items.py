"""Article: the public schema. Its field names are the JSON keys, the table columns and the words of the docs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, TypedDict

from farscrawler._version import __version__

#: The version of the fields below: their names, order and forms. What carries no version is of the first one.
SCHEMA_VERSION = 2


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
    published_date: str | None = None
    published_jalali: str | None = None
    published_jalali_date: str | None = None
    published_precision: str | None = None
    modified_at: str | None = None
    fetched_at: str = ""
    content_hash: str = ""
    revision: int = 1
    warnings: list[str] = field(default_factory=list)
    schema_version: int = SCHEMA_VERSION


FIELD_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Article))
#: What other tools call fields that an article has by another name.
OTHER_NAMES = {
    "title": "headline",
    "summary": "lead",
    "description": "lead",
    "text": "body",
    "content": "body",
    "category": "section",
    "keywords": "tags",
    "author": "authors",
}


# The JSON Schema of an exported article, with a sentence for every field: the one place that documents them.
_DATE_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}$"
_JALALI_DAY = r"SH 1[34]\d{2}/\d{2}/\d{2}"

FIELD_TEXTS: dict[str, str] = {
    "publisher": "the site's name in farscrawler, such as farsonline",
    "article_id": "the site's own id; publisher and article_id together are the key",
    "url": "the canonical address of the article, percent-encoded",
    "permalink": "the article's address as the page prints it, raw",
    "kicker": "روتیتر, as printed",
    "headline": "تیتر, as printed",
    "subtitle": "زیرتیتر, as printed",
    "dateline": "the reporting agency and its city, such as پیام فارس; split from the lead; without a lead "
    "the body still opens with it as printed",
    "lead": "لید, without the dateline",
    "body": "the text, one paragraph a line; no end mark, related links or buttons",
    "section": "the section label",
    "agency": "the agency that the article was taken from, as a print page names it",
    "authors": "the writers' names",
    "tags": "the tags, in the page's order",
    "images": "the pictures, each with its address and caption",
    "published_text": "the timestamp line as printed",
    "published_at": "the moment of publication, ISO 8601 with Tehran's offset of that date; null where only a day "
    "is known or nothing is certain",
    "published_date": "the day of publication in Tehran, Gregorian: 2022-05-18; also where only the day is known",
    "published_jalali": "the moment or day of publication in the Jalali calendar (SH: solar Hijri) on Tehran's clock: "
    "SH 1401/02/28 14:55:59, or SH 1401/02/28",
    "published_jalali_date": "the day of publication in the Jalali calendar: SH 1401/02/28",
    "published_precision": "the precision of the timestamp: second, minute, hour or day",
    "modified_at": "the last change of the article, as the site gives it; never before the publication",
    "fetched_at": "the time of the fetch, by farscrawler or by the web archive that the page comes from, UTC",
    "content_hash": "a digest of the parsed fields; another digest makes another revision",
    "revision": "1, raised by one each time a changed article is stored",
    "warnings": "fields that could not be read, and oddities, such as timestamp-refused: weekday disagrees",
    "schema_version": f"the version of these fields, {SCHEMA_VERSION}; data without it is of version 1",
}

#: What JSON holds for each type of a field. Written out: itemadapter, which knows the same, loads Scrapy.
_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "str | None": {"type": ["null", "string"]},
    "int": {"type": "integer"},
    "list[str]": {"type": "array", "items": {"type": "string"}},
    "list[Image]": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"url": {"type": "string"}, "caption": {"type": ["string", "null"]}},
            "required": ["url", "caption"],
            "additionalProperties": False,
        },
    },
}
_BOUNDS: dict[str, dict[str, Any]] = {
    "article_id": {"minLength": 1},
    "url": {"format": "uri", "pattern": r"^https?://[\x21-\x7e]+$"},
    "headline": {"minLength": 1},
    "published_at": {"pattern": _DATE_TIME},
    "published_date": {"format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "published_jalali": {"pattern": rf"^{_JALALI_DAY}( \d{{2}}:\d{{2}}:\d{{2}})?$"},
    "published_jalali_date": {"pattern": f"^{_JALALI_DAY}$"},
    "published_precision": {"enum": [None, "second", "minute", "hour", "day"]},
    "modified_at": {"pattern": _DATE_TIME},
    "fetched_at": {"pattern": _DATE_TIME},
    "content_hash": {"pattern": "^[0-9a-f]+$"},
    "revision": {"minimum": 1},
    "schema_version": {"const": SCHEMA_VERSION},
}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that every exported line validates against."""
    properties = {
        one.name: {**_TYPES[str(one.type)], **_BOUNDS.get(one.name, {}), "description": FIELD_TEXTS[one.name]}
        for one in fields(Article)
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Article",
        "description": f"One Persian news article as farscrawler {__version__} exports it, "
        f"in version {SCHEMA_VERSION} of the schema.",
        "type": "object",
        "properties": properties,
        "required": list(FIELD_NAMES),
        "additionalProperties": False,
    }
