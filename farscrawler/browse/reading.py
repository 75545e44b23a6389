"""The page of an article, its revisions, and its kept page as text."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from farscrawler.archive.browsing import neighbours, visits_of
from farscrawler.archive.copies.tables import is_made
from farscrawler.archive.kept.pages import DamagedPage, KeptPages, path_of
from farscrawler.browse.addresses import address, row_address
from farscrawler.browse.days import visit_line
from farscrawler.browse.labels import FIELDS, PRECISIONS, dashed, in_tehran, long_time, short_time, warning
from farscrawler.browse.site import NotThereError
from farscrawler.copies.html import length
from farscrawler.copies.of import copies_of
from farscrawler.days import day_of
from farscrawler.extract.document import decode
from farscrawler.markup import count
from farscrawler.word_diff import changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive import Archive
    from farscrawler.browse.site import Asked, Site
    from farscrawler.items import Article

#: Characters of a kept page that are shown; the largest pages that are read have some five million.
_SHOWN = 2_000_000


def article(site: Site, asked: Asked) -> dict[str, Any]:
    """Return the page of an article."""
    with site.archive() as archive:
        found = _article(archive, asked)
        before, after = neighbours(archive, found)
        visit = visits_of(archive, found.publisher, [found.article_id]).get(found.article_id)
        copies = _copies(site, archive, found)
    key = (found.publisher, found.article_id)
    date = day_of(found)
    return {
        "title": found.headline,
        "article": found,
        "publisher": site.name(found.publisher),
        "of_publisher": address("articles", publisher=found.publisher),
        "of_section": address("articles", publisher=found.publisher, section=found.section) if found.section else None,
        "day": address("day", found.publisher, dashed(date)) if date is not None else None,
        "time": long_time(found.published_jalali),
        "precision": PRECISIONS.get(found.published_precision or ""),
        "paragraphs": [one for one in found.body.split("\n") if one],
        "fields": list(_fields(found)),
        "warnings": [warning(one) for one in found.warnings],
        "links": list(_links(found)),
        "revisions": address("article", *key, "revisions") if found.revision > 1 else None,
        "page": address("article", *key, "page") if visit is not None and visit.page_kept else None,
        "visit": None if visit is None else visit_line(visit),
        "before": _neighbour(before),
        "after": _neighbour(after),
        "copies": copies,
        "row": row_address("articles", *key),
    }


def _article(archive: Archive, asked: Asked) -> Article:
    publisher, article_id = asked.parts["publisher"], asked.parts["id"]
    found = archive.article(publisher, article_id)
    if found is None:
        raise NotThereError(f"در این بایگانی خبری با شناسهٔ {article_id} از ناشر {publisher} نیست.")
    return found


def _fields(found: Article) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the fields that stand below the text."""
    values = {
        "published_text": found.published_text,
        "modified_at": in_tehran(found.modified_at),
        "dateline": found.dateline,
        "agency": found.agency,
        "authors": "، ".join(found.authors),
        "article_id": found.article_id,
        "revision": count(found.revision),
        "fetched_at": in_tehran(found.fetched_at),
    }
    yield from ((FIELDS[name], value) for name, value in values.items() if value)


def _links(found: Article) -> Iterator[tuple[str, str]]:
    """Yield the addresses of an article on its site, each with its name."""
    yield FIELDS["url"], found.url
    if found.permalink is not None and found.permalink != found.url:
        yield FIELDS["permalink"], found.permalink


def _neighbour(found: Article | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {
        "href": address("article", found.publisher, found.article_id),
        "headline": found.headline,
        "time": short_time(found.published_jalali),
    }


def _copies(site: Site, archive: Archive, found: Article) -> list[dict[str, Any]]:
    """Return the articles with the same text, by time, where articles were compared and there are others."""
    if not is_made(archive):
        return []
    group = copies_of(archive, found.publisher, found.article_id, names=site.names_in_pages)
    if group is None or len(group.copies) < 2:  # noqa: PLR2004  # itself alone
        return []
    return [
        {
            "href": address("article", one.article.publisher, one.article.article_id),
            "publisher": site.name(one.article.publisher),
            "headline": one.article.headline,
            "time": short_time(one.article.published_jalali),
            "first": one.is_first,
            "after": None if one.after is None else length(one.after),
            "itself": (one.article.publisher, one.article.article_id) == (found.publisher, found.article_id),
        }
        for one in group.copies
    ]


def revisions(site: Site, asked: Asked) -> dict[str, Any]:
    """Return the page of the revisions of an article, each with what changed in it, the newest first."""
    with site.archive() as archive:
        found = _article(archive, asked)
        stored = archive.revisions(found.publisher, found.article_id)
    steps = [
        {
            "number": count(new.revision),
            "time": in_tehran(new.fetched_at),
            "changes": [(FIELDS[name], pieces) for name, pieces in changes(old, new)],
        }
        for old, new in pairwise(stored)
    ]
    return {
        "title": f"نسخه‌های «{found.headline}»",
        "article": found,
        "href": address("article", found.publisher, found.article_id),
        "steps": steps[::-1],
        "first": {"number": count(stored[0].revision), "time": in_tehran(stored[0].fetched_at)},
    }


def kept_page(site: Site, asked: Asked) -> dict[str, Any]:
    """Return the kept pages of an address as text; they are never shown as pages."""
    publisher, key = asked.parts["publisher"], asked.parts["id"]
    file = path_of(site.path)
    if not file.exists():
        raise NotThereError("کنار این بایگانی پروندهٔ صفحه‌های نگه‌داشته نیست.")
    with site.kept_pages_lock, KeptPages(file) as pages:
        found = list(pages.of_address(publisher, key))
    if not found:
        raise NotThereError(f"صفحه‌ای از {publisher} {key} نگه داشته نشده است.")
    return {
        "title": f"صفحهٔ نگه‌داشتهٔ {publisher} {key}",
        "href": address("article", publisher, key),
        "pages": [
            {"form": one.form, "damaged": one.sentence}
            if isinstance(one, DamagedPage)
            else {
                "form": one.form,
                "url": one.url,
                "source": one.source,
                "time": in_tehran(one.fetched_at),
                "status": one.status,
                "size": count(len(one.body)),
                "text": decode(one.body, one.content_type).text[:_SHOWN],
            }
            for one in found
        ],
    }
