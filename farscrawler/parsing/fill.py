"""Fill an Article from its page: one step a group of fields, in the order of the pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.parsing import body, headline, lead, timestamp, validation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from farscrawler.items import Article
    from farscrawler.parsing.page import Page


def fill(article: Article, page: Page) -> None:
    """Fill every parsed field of an article from its page; may be repeated, with the same result."""
    for step in (fill_headline, fill_lead, fill_body, fill_timestamp, finish):
        step(article, page)


def fill_headline(article: Article, page: Page) -> None:
    """Set kicker, headline and subtitle; as the first step it also starts the warnings afresh."""
    article.warnings = []
    warn(article, page.warnings)
    found = headline.read(page.anatomy)
    article.kicker, article.headline, article.subtitle = found.kicker, found.headline, found.subtitle
    warn(article, found.warnings)


def fill_lead(article: Article, page: Page) -> None:
    """Set dateline and lead."""
    opening = lead.read(page.anatomy, page.publisher)
    article.dateline, article.lead = opening.dateline, opening.lead
    warn(article, opening.warnings)


def fill_body(article: Article, page: Page) -> None:
    """Set the body and what stands around it: section, agency, authors, tags, images, permalink."""
    anatomy = page.anatomy
    article.body = body.join(lead.read(anatomy, page.publisher).body)
    article.section, article.agency, article.permalink = anatomy.section, anatomy.agency, anatomy.permalink
    article.authors, article.tags, article.images = [*anatomy.authors], [*anatomy.tags], [*anatomy.images]


def fill_timestamp(article: Article, page: Page) -> None:
    """Set the ``published_*`` fields and ``modified_at``, reading no date that lies after ``fetched_at``."""
    anatomy = page.anatomy
    found = moments(article, page)
    article.published_text = anatomy.published_text
    article.published_at = found.published_at
    article.published_jalali = found.published_jalali
    article.published_precision = found.published_precision
    article.modified_at = found.modified_at
    warn(article, found.warnings)


def moments(article: Article, page: Page) -> timestamp.Moments:
    """Settle the times of a page, given when it was fetched."""
    return timestamp.read(
        page.anatomy.published(),
        page.anatomy.changes,
        fetched_at=article.fetched_at,
        tz=page.publisher.tz,
        us_order=page.publisher.rules.us_order,
    )


def finish(article: Article, page: Page) -> None:  # noqa: ARG001 - every step is called alike
    """Add the last warnings and the content hash."""
    warn(article, validation.problems(article))
    article.content_hash = validation.content_hash(article)


def warn(article: Article, warnings: Iterable[str]) -> None:
    """Add warnings to an article, each once."""
    article.warnings.extend(one for one in warnings if one not in article.warnings)
