"""Fill an Article from its page: one step a group of fields, in the order of the pipelines."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from farscrawler.days import date_fields, plain_jalali
from farscrawler.extract.fields import read_headline, read_lead
from farscrawler.extract.moments import Moments, settle_moments
from farscrawler.extract.page import Reason
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.extract.page import Page
    from farscrawler.items import Article


NO_BODY = "no-body"


def join_paragraphs(paragraphs: Sequence[str]) -> str:
    """Join the paragraphs of a body (none of them blank) by line breaks."""
    return "\n".join(paragraphs)


# How an article was come by, not what it says; the notes of the reader, which may learn to say more; what follows from
# another field; and the form of them all.
_NOT_HASHED = frozenset(
    {
        *("url", "fetched_at", "content_hash", "revision", "warnings"),
        *("published_date", "published_jalali_date", "schema_version"),
    }
)
HASHED_FIELDS = tuple(name for name in FIELD_NAMES if name not in _NOT_HASHED)
_JALALI = HASHED_FIELDS.index("published_jalali")


def content_hash(article: Article) -> str:
    """Return the SHA-256 (64 hex digits) of the parsed fields in the order of the schema, as compact JSON.

    It is the same in every version of the schema, so that an upgrade makes no revision of an article.
    """
    values: list[Any] = [getattr(article, name) for name in HASHED_FIELDS]
    if isinstance(article.published_jalali, str):
        values[_JALALI] = plain_jalali(article.published_jalali)
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def problems(article: Article) -> list[str]:
    """Return the warnings that an otherwise finished article needs."""
    return [] if article.body else [NO_BODY]


def flaw(article: Article) -> Reason | None:
    """Return why an article cannot be stored at all, or None.

    Without a key it has no place, and without a headline it is no article. One without a body is stored, with a
    warning: photo and video stories have none.
    """
    if not article.publisher or not article.article_id:
        return Reason.NO_KEY
    return None if article.headline else Reason.NO_HEADLINE


def fill(article: Article, page: Page) -> None:
    """Fill every parsed field of an article from its page; may be repeated, with the same result."""
    for step in (fill_headline, fill_lead, fill_body, fill_timestamp, finish):
        step(article, page)


def fill_headline(article: Article, page: Page) -> None:
    """Set kicker, headline and subtitle; as the first step it also starts the warnings afresh."""
    article.warnings = []
    warn(article, page.warnings)
    found = read_headline(page.raw)
    article.kicker, article.headline, article.subtitle = found.kicker, found.headline, found.subtitle
    warn(article, found.warnings)


def fill_lead(article: Article, page: Page) -> None:
    """Set dateline and lead."""
    opening = read_lead(page.raw, page.publisher)
    article.dateline, article.lead = opening.dateline, opening.lead
    warn(article, opening.warnings)


def fill_body(article: Article, page: Page) -> None:
    """Set the body and what stands around it: section, agency, authors, tags, images, permalink."""
    raw = page.raw
    article.body = join_paragraphs(read_lead(raw, page.publisher).body)
    article.section, article.agency, article.permalink = raw.section, raw.agency, raw.permalink
    article.authors, article.tags, article.images = [*raw.authors], [*raw.tags], [*raw.images]


def fill_timestamp(article: Article, page: Page, *, fetched_at: str | None = None) -> None:
    """Set the ``published_*`` fields and ``modified_at``, reading no date that lies after ``fetched_at``.

    That is the article's own field, or another moment; an empty one says that nobody knows it.
    """
    found = moments_of(article, page, fetched_at=fetched_at)
    if page.evidence is not None:
        page.evidence.moments = found
    article.published_text = page.raw.published_text
    article.published_at = found.published_at
    article.published_jalali = found.published_jalali
    article.published_date, article.published_jalali_date = date_fields(found.published_jalali)
    article.published_precision = found.published_precision
    article.modified_at = found.modified_at
    warn(article, found.warnings)


def moments_of(article: Article, page: Page, *, fetched_at: str | None = None) -> Moments:
    """Settle the times of a page, given when it was fetched."""
    return settle_moments(
        page.raw.published(),
        page.raw.modified_times,
        fetched_at=article.fetched_at if fetched_at is None else fetched_at,
        tz=page.publisher.tz,
        us_order=page.publisher.rules.us_order,
    )


def finish(article: Article, page: Page) -> None:  # noqa: ARG001 - every step is called alike
    """Add the last warnings and the content hash."""
    warn(article, problems(article))
    article.content_hash = content_hash(article)


def warn(article: Article, warnings: Iterable[str]) -> None:
    """Add warnings to an article, each once."""
    article.warnings.extend(one for one in warnings if one not in article.warnings)
