"""The articles that have some words, one after another, in the order of a list."""

from __future__ import annotations

from itertools import chain, groupby, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive import Archive
    from farscrawler.items import Article

#: Results of one query; each is read with its excerpts.
_PAGE = 50


def articles_found(
    archive: Archive,
    words: str,
    *,
    publisher: str | None,
    since: str | None,
    until: str | None,
    section: str | None,
    limit: int | None,
    oldest: bool,
) -> Iterator[Article]:
    """Yield the articles that have these words and meet every condition, those without a known day last.

    The index knows the days of articles, and not their clocks: the articles of a day are put in order here.
    """
    publishers = () if publisher is None else (publisher,)

    def newest() -> Iterator[Article]:
        after: str | None = None
        while True:
            page = archive.search(
                words, publishers=publishers, since=since, until=until, section=section, limit=_PAGE, after=after
            )
            yield from (one.article for one in page.results)
            after = page.after
            if after is None:
                return

    if oldest:
        keys = archive.matching(words, publishers=publishers, since=since, until=until, section=section)
        found = _undated_last(archive, keys)
    else:
        found = newest()
    days = groupby(found, key=lambda article: article.published_jalali_date)
    ordered = (sorted(day, key=_moment, reverse=not oldest) for _, day in days)
    yield from islice(chain.from_iterable(ordered), limit)


def _moment(article: Article) -> tuple[str, str]:
    return article.published_jalali or "", article.article_id


def _undated_last(archive: Archive, keys: Iterator[tuple[str, str]]) -> Iterator[Article]:
    """Yield the articles of keys in their order, but for those without a known day, which stand first there."""
    late = []
    for key in keys:
        article = archive.article(*key)
        if article is not None and article.published_jalali_date is None:
            late.append(key)
        elif article is not None:
            yield article
    yield from (article for key in late if (article := archive.article(*key)) is not None)
