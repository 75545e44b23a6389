"""Read a saved page with today's parsers, outside of a crawl: the same decompression, recognition and fields."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Headers, Response

from farscrawler.extract import MAX_BODY_BYTES, NoArticle, read_article

if TYPE_CHECKING:
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher
    from farscrawler.saved.page import SavedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page is to today's parsers: an article, or, with ``article`` None, what else and why."""

    key: str
    form: str
    at: str
    source: str
    status: int
    article: Article | None
    outcome: str = ""
    reason: str = ""
    page_hash: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class _Decompression(HttpCompressionMiddleware):
    """Scrapy's own decompression without a crawl around it."""

    def __init__(self) -> None:  # its own wants a running crawler, for its statistics alone
        self.stats = None
        self._max_size = MAX_BODY_BYTES
        self._warn_size = 0


@cache
def _decompression() -> _Decompression:
    return _Decompression()


def read_page(page: SavedPage, publisher: Publisher) -> Reading:
    """Read a page. Never raises: what is wrong with it is its reason."""
    key, form = publisher.article_id(page.url) or "", publisher.form_of(page.url) or publisher.default_form
    nothing = Reading(key=key, form=form, at=page.at, source=page.source, status=page.status, article=None)
    try:
        body = _decompressed(page)
    except Exception as error:  # noqa: BLE001  # any program may have saved any bytes under any label
        return replace(nothing, outcome="failed", reason=f"cannot be decompressed ({error})")
    nothing = replace(nothing, page_hash=hashlib.blake2b(body, digest_size=16).hexdigest())
    content_type = page.header(b"content-type")
    article = read_article(
        body,
        publisher=publisher,
        form=form,
        url=page.url,
        article_id=key,
        content_type=content_type.decode("latin-1") if content_type else None,
        fetched_at=page.at,
        stored_url=page.url if publisher.forms["article"].url is None else publisher.canonical_url(key),
    )
    if isinstance(article, NoArticle):
        return replace(nothing, outcome=article.outcome, reason=article.text)
    etag, modified = page.header(b"etag"), page.header(b"last-modified")
    return replace(
        nothing,
        article=article,
        outcome="article",
        etag=etag.decode("latin-1") if etag else None,
        last_modified=modified.decode("latin-1") if modified else None,
    )


def _decompressed(page: SavedPage) -> bytes:
    if page.header(b"content-encoding") is None:
        return page.body
    headers = Headers()
    for name, value in page.headers:
        headers.appendlist(name, value)
    answer = _decompression().process_response(Request(page.url), Response(page.url, headers=headers, body=page.body))
    assert isinstance(answer, Response)  # noqa: S101  # this middleware never answers with a request
    return answer.body
