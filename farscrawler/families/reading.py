"""Read a page by the family its publisher is said to be of, or by the one whose marks it bears instead."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from farscrawler.families import family
from farscrawler.families.data import family_data
from farscrawler.families.detect import bears, detect_in, detections
from farscrawler.parsing.evidence import Evidence
from farscrawler.parsing.headline import letters
from farscrawler.parsing.lines import inline_text
from farscrawler.parsing.page import Anatomy, NoArticle

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.parsing.document import Document
    from farscrawler.publishers import Publisher

# Letters; shorter headings are a word or two, which any title may hold.
_LEAST_HEADLINE = 8
_HEADINGS = 5  # more of them are no titles
_HOME = re.compile(r"(?:(?:https?:)?//[^/]+)?/?(?:fa/?)?", re.IGNORECASE)


def read(page: Document) -> Anatomy | NoArticle:
    """Return the raw parts of an article page, or what it is instead. Never raises.

    The markup decides: a page that bears no mark of its publisher's family, and those of another one, is read as that
    one's, with a warning. A family with a module of its own reads first, and only a page in which it finds nothing is
    looked at again. What the stanza of a site on a system of its own does not say, the family of its markup may. A page
    from anywhere is read by the family of its markup, or as one of no known system.
    """
    if page.publisher.anywhere:
        return _from_anywhere(page)
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
    found, evidence = _read_apart(page, replace(page.publisher, family=detected.family))
    if isinstance(found, NoArticle) or not found.paragraphs:
        return None
    _believe(page, evidence)
    return found


def _otherwise(page: Document) -> Anatomy | None:
    """Return the article of a page by the family whose marks it bears, None where it bears none or shows none."""
    detected = detect_in(page.index, page.text)
    if detected is None or detected.family == page.publisher.family:
        return None
    found, evidence = _read_apart(page, _of_family(page.publisher, detected.family))
    if isinstance(found, NoArticle):
        return None
    _believe(page, evidence)
    warning = f"family-changed: {detected.family} instead of {page.publisher.family}"
    return replace(found, warnings=(warning, *found.warnings))


def _from_anywhere(page: Document) -> Anatomy | NoArticle:
    """Read a page by the family whose marks it bears most of, if what it finds is what the page calls itself.

    A widget of another site brings marks and headlines of its own. What no family finds so, or without a text, is read
    as a page of no known system; what is none either, as the first family has it, unless the page calls itself
    otherwise.
    """
    first: tuple[Anatomy, Evidence | None] | None = None
    titles = _titles(page)
    for detected in detections(page.index, page.text):
        found, evidence = _read_apart(page, _of_family(page.publisher, detected.family))
        if isinstance(found, NoArticle):
            continue
        found = replace(found, article_id=None)  # nobody said what it would be
        first = first or (found, evidence)
        is_titled = not titles or any(letters(found.headline) in title for title in titles)
        if is_titled and (any(found.paragraphs) or found.lead):
            _believe(page, evidence)
            return found
    found, evidence = _read_apart(page, page.publisher)
    if isinstance(found, NoArticle) and first is not None and not titles:
        found, evidence = first
    _believe(page, evidence)
    return found


def _titles(page: Document) -> list[str]:
    """Return what a page calls itself, letters and digits alone, where a heading of it says the same.

    Many titles are no more than the site's name, and the heading that says so leads to its first page.
    """
    said = [one.text for one in page.index.tagged("title")[:1]]
    said += [one.get("content") for one in page.index.tagged("meta") if one.get("property") == "og:title"]
    headings = [letters(inline_text(one) or "") for one in page.index.tagged("h1")[:_HEADINGS] if not _leads_home(one)]
    titles = {letters(one) for one in said if one}
    return [one for one in titles if any(len(h1) >= _LEAST_HEADLINE and h1 in one for h1 in headings)]


def _leads_home(heading: Element) -> bool:
    links = (*heading.iter("a"), *heading.iterancestors("a"))
    return any(_HOME.fullmatch((link.get("href") or "").strip()) for link in links)


def _of_family(publisher: Publisher, name: str) -> Publisher:
    """Return a publisher as one of another family.

    Selectors of the stanza are those of the old system; what else it says holds of the site still.
    """
    return replace(publisher, family=name, selectors=MappingProxyType({}), rules=family_data(name).rules)


def _read_apart(page: Document, publisher: Publisher) -> tuple[Anatomy | NoArticle, Evidence | None]:
    """Read a page as one of a publisher of another family, with notes of its own."""
    evidence = None if page.evidence is None else Evidence()
    return family(publisher.family).dissect(replace(page, publisher=publisher, evidence=evidence)), evidence


def _believe(page: Document, evidence: Evidence | None) -> None:
    """Make the notes of one reading those of the page, in place of those of others that came to nothing."""
    if page.evidence is not None and evidence is not None:
        page.evidence.findings[:] = evidence.findings
