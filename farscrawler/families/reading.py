"""Read a page by the family its publisher is said to be of, or by the one whose marks it bears instead."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from farscrawler.families import family
from farscrawler.families.data import family_data
from farscrawler.families.detect import bears, detect_in
from farscrawler.parsing.page import Anatomy, NoArticle

if TYPE_CHECKING:
    from farscrawler.parsing.document import Document

FAMILY_CHANGED = "family-changed"


def read(page: Document) -> Anatomy | NoArticle:
    """Return the raw parts of an article page, or what it is instead. Never raises.

    The markup decides: a page that bears no mark of its publisher's family, and those of another one, is read as that
    one's, with a warning. A publisher that has everything in its stanza, or a family with a module of its own, is read
    first, and only a page in which nothing was found is looked at again.
    """
    own = family_data(page.publisher.family)
    first_own = own.fingerprint.is_empty or not own.selectors
    if not first_own and not bears(own.name, page.index, page.text):
        found = _otherwise(page)
        if isinstance(found, Anatomy):
            return found
    result = family(own.name).dissect(page)
    if not first_own:
        return result
    if isinstance(result, NoArticle):
        return (_otherwise(page) or result) if result.outcome == "not-article" else result
    if result.paragraphs or result.lead or not own.selectors:
        return result
    return _completed(page) or result


def _completed(page: Document) -> Anatomy | None:
    """Return an article whose stanza says not where its text is, read by the family whose marks the page bears."""
    detected = detect_in(page.index, page.text)
    if detected is None:
        return None
    publisher = replace(page.publisher, family=detected.family)
    found = family(detected.family).dissect(replace(page, publisher=publisher))
    return found if isinstance(found, Anatomy) and found.paragraphs else None


def _otherwise(page: Document) -> Anatomy | None:
    """Return the article of a page by the family whose marks it bears, None where it bears none or shows none."""
    detected = detect_in(page.index, page.text)
    if detected is None or detected.family == page.publisher.family:
        return None
    data = family_data(detected.family)
    # Selectors of the stanza are those of the old system; what else it says holds of the site still.
    publisher = replace(page.publisher, family=data.name, selectors=MappingProxyType({}), rules=data.rules)
    found = family(data.name).dissect(replace(page, publisher=publisher))
    if isinstance(found, NoArticle):
        return None
    warning = f"{FAMILY_CHANGED}: {data.name} instead of {page.publisher.family}"
    return replace(found, warnings=(warning, *found.warnings))
