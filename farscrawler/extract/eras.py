"""The era of a page: whether it is read as one of the site today, or as one of an earlier system of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from farscrawler.extract.explain import Evidence
from farscrawler.extract.family import bears
from farscrawler.extract.page import NoArticle
from farscrawler.extract.selection import is_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.extract.document import Document
    from farscrawler.extract.page import RawFields
    from farscrawler.publishers import Era, Publisher

    ReadFields = Callable[[Document], RawFields | NoArticle]


def read(page: Document, read_fields: ReadFields) -> tuple[RawFields | NoArticle, Document]:
    """Return the raw fields of a page, and the page as it was read: with the publisher in the era that is the page's.

    A mark of an era tells it; without one the address does, by its form or host. Where the page is no article of that
    era it is read as one of today: a site may show its old articles under their old addresses in its new clothes.
    """
    publisher = page.publisher
    marked = next((era for era in publisher.eras if era.mark and is_any(era.mark, page.index)), None)
    era = marked or publisher.era_of(page.url)
    if era is None or era.family is None:
        return read_fields(page), page
    then = replace(page, publisher=in_era(publisher, era))
    is_of_today = marked is None and era.family != publisher.family and bears(publisher.family, page.index, page.text)
    first, second = (page, then) if is_of_today else (then, page)
    found, evidence = _read(first, read_fields)
    if isinstance(found, NoArticle) and found.outcome not in ("failed", "blocked"):
        other, of_other = _read(second, read_fields)
        if not isinstance(other, NoArticle):
            found, evidence, first = other, of_other, second
    page.believe(evidence)
    return found, first


def _read(page: Document, read_fields: ReadFields) -> tuple[RawFields | NoArticle, Evidence | None]:
    """Read a page with evidence of its own."""
    evidence = None if page.evidence is None else Evidence()
    return read_fields(replace(page, evidence=evidence)), evidence


def in_era(publisher: Publisher, era: Era) -> Publisher:
    """Return a publisher as it was in an era: its family, selectors and rules of that time."""
    if era.family is None:
        return publisher
    return replace(publisher, family=era.family, selectors=era.selectors, rules=era.rules)
