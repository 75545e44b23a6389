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


def read(page: Document) -> Anatomy | NoArticle:
    """Return the raw parts of an article page, or what it is instead. Never raises.

    The markup decides: a page that bears no mark of its publisher's family, and those of another one, is read as that
    one's, with a warning. A family with a module of its own reads first, and only a page in which it finds nothing is
    looked at again. What the stanza of a site on a system of its own does not say, the family of its markup may. A page
    from anywhere is read by the family of its markup, or as one of no known system.
    """
    if page.publisher.anywhere:
        found = _otherwise(page)
        if found is not None and (any(found.paragraphs) or found.lead):
            return found
        # One mark may have come with a picture of another site: the text may stand where that family has none.
        result = family(page.publisher.family).dissect(page)
        return result if found is None or isinstance(result, Anatomy) else found
    own = family_data(page.publisher.family)
    is_custom, has_module = own.fingerprint.is_empty, not own.selectors
    if not is_custom and not has_module and not bears(own.name, page.index, page.text):
        found = _otherwise(page)
        if found is not None:
            return found
    result = family(own.name).dissect(page)
    if isinstance(result, NoArticle):
        if has_module and result.outcome == "not-article":
            return _otherwise(page) or result
        return (_completed(page) or result) if is_custom and result.outcome != "failed" else result
    return result if not is_custom or result.paragraphs or result.lead else _completed(page) or result


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
    if page.publisher.anywhere:  # nobody said what it would be
        return replace(found, article_id=None)
    warning = f"family-changed: {data.name} instead of {page.publisher.family}"
    return replace(found, warnings=(warning, *found.warnings))
