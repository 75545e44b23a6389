"""`farscrawler.parse`: the bytes of one page as an article, without a crawl and without Scrapy."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.errors import BadArgumentError
from farscrawler.extract import owner_of, read_article
from farscrawler.items import Article

if TYPE_CHECKING:
    from farscrawler.extract import NoArticle
    from farscrawler.publishers import Publisher

_UTF8 = "text/html; charset=utf-8"


def parse(
    body: str | bytes,
    *,
    url: str | None = None,
    publisher: str | Publisher | None = None,
    content_type: str | None = None,
    fetched_at: dt.datetime | str | None = None,
) -> Article | NoArticle:
    """Return the article that a page holds, or the reason why it is none. No page raises an error.

    Whose page it is follows from ``publisher``, a key such as `irna` or a Publisher; without it from ``url``, then from
    the address that the page gives as its own, then from its markup. A page of no known site is read as one of
    nobody's.

    ``content_type`` is the header's value; text needs none. ``fetched_at`` (aware, or ISO 8601 with a zone) is when
    the page was fetched: «۲ ساعت قبل» is read only where this is known, and no later time is believed. A page saved out
    of a web archive tells it.

    Raise UnknownPublisher for a key of no publisher, BadArgumentError for another argument that cannot be used.
    """
    _check(body, content_type)
    moment = _as_stored(fetched_at)
    if url is not None and not url.startswith(("http://", "https://")):
        raise BadArgumentError(f"url={url}: write the whole address, which begins with http:// or https://.")
    if isinstance(body, str):
        # A text from elsewhere may hold half a surrogate pair, which UTF-8 has no bytes for.
        body, content_type = body.encode("utf-8", "surrogatepass"), _UTF8
    owner = owner_of(body, known=publishers.installed(), name=publisher, url=url, content_type=content_type)
    found = read_article(body, publisher=owner.publisher, url=owner.url, content_type=content_type, fetched_at=moment)
    if isinstance(found, Article) and owner.publisher.makes(found.article_id, "article"):
        found.url = owner.publisher.canonical_url(found.article_id)  # as a crawl stores it, whatever form was read
    return found


def _check(body: object, content_type: object) -> None:
    """Raise BadArgumentError for values of a wrong kind, which many callers' type checkers let through."""
    if not isinstance(body, str | bytes):
        raise BadArgumentError(f"body is a page, text or bytes, and not a {type(body).__name__}; read a file first.")
    if content_type is not None and not isinstance(content_type, str):
        raise BadArgumentError(f"content_type={content_type}: give the value of the header as text.")


def _as_stored(moment: dt.datetime | str | None) -> str:
    """Return the moment of a fetch as articles have it; an empty text where it is unknown."""
    if moment is None:
        return ""
    said = moment
    if isinstance(moment, str):
        try:
            moment = dt.datetime.fromisoformat(moment)
        except ValueError:
            moment = None
    if moment is None or moment.utcoffset() is None:
        raise BadArgumentError(f"fetched_at={said}: give a time with its zone, such as 2026-11-23T08:00:00+00:00.")
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
