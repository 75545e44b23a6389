"""Where each field of a stored article is from: its kept page is read again, and what was stored is held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.extract import Evidence, NoArticle, read_article
from farscrawler.extract.article import HASHED_FIELDS
from farscrawler.extract.explain import lines, shown
from farscrawler.extract.warnings import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.kept.pages import KeptPage
    from farscrawler.items import Article
    from farscrawler.publishers import Catalogue, Publisher


def explained_lines(article: Article, kept: KeptPage, publisher: Publisher, known: Catalogue) -> Iterator[str]:
    """Yield the explanation of a stored article by its kept page, as today's rules read it."""
    reader, form, article_id = known.reader(publisher, kept.key, kept.form, kept.url)
    evidence = Evidence()
    read = read_article(
        kept.body,
        publisher=reader,
        form=form,
        url=kept.url,
        article_id=article_id,
        content_type=kept.content_type,
        fetched_at=kept.fetched_at,
        evidence=evidence,
    )
    yield f"the {kept.form} page of {kept.source or kept.url}, {kept.fetched_at}, as it is read today:"
    if isinstance(read, NoArticle):
        yield f"no article: {read.outcome}, {read.text}"
        return
    yield from lines(read, evidence.in_order())
    for warning in read.warnings:
        yield f"warning: {in_words(warning)}"
    read.publisher, read.article_id = article.publisher, article.article_id
    others = [name for name in HASHED_FIELDS if getattr(read, name) != getattr(article, name)]
    for name in others:
        yield f"stored otherwise: {name}: {shown(getattr(article, name))}"
    if others:
        yield f"`farscrawler reparse {article.publisher}` stores what is read today as a revision."
