"""What reads a page that its publisher's stanza does not fit: the family of its markup, and then the general rules.

A site changes its markup over night, and its articles go on. What other rules find is an article only if the page
itself says so, since a stanza's refusal is mostly right: walls, soft 404s, empty templates with a clock and a list in
their margin, service pages and home pages are no articles. So the headline has to be the one that the page calls itself
by, the text a text, the time certain, and the page's own address none of another article. What a stanza takes for an
empty template or a list has to name itself as the article that was asked for, or as an article to machines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from farscrawler.extract import general
from farscrawler.extract.explain import Evidence
from farscrawler.extract.family import detections
from farscrawler.extract.fields import letters
from farscrawler.extract.general_kinds import no_article, says_article
from farscrawler.extract.general_selection import LEAST_HEADLINE, titles_of
from farscrawler.extract.general_text import LEAST_TEXT
from farscrawler.extract.metadata import own_addresses
from farscrawler.extract.moments import settle_moments
from farscrawler.extract.page import NoArticle, RawFields, Reason

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.extract.document import Document
    from farscrawler.publishers import Publisher

ReadAs = Callable[["Document", "Publisher"], tuple[RawFields | NoArticle, Evidence | None]]

#: Refusals that may be the fault of selectors. What is cut off is asked for again as it is.
_UNFIT = frozenset(
    {
        *(Reason.NO_TIMESTAMP, Reason.NO_HEADLINE_AND_TIMESTAMP, Reason.NO_TEXT, Reason.UNKNOWN_LAYOUT),
        *(Reason.EMPTY_TEMPLATE, Reason.LIST),
    }
)
#: Those that are right of pages that look much like articles.
_DOUBTED = frozenset({Reason.EMPTY_TEMPLATE, Reason.LIST})
#: Five times the elements of the largest real page seen, and three times the depth: what is beyond is made to be slow,
#: and would be read three times more.
_MOST_ELEMENTS, _DEEPEST = 20_000, 200
#: The family of the general rules.
_GENERAL = "unknown"


def read(page: Document, refused: NoArticle, read_as: ReadAs) -> RawFields | None:
    """Return the article of a page that its publisher's stanza refused, None where the refusal stands.

    The article bears a warning that names the rules that have read it, and why the stanza has not.
    """
    if (
        refused.reason not in _UNFIT
        or page.publisher.anywhere
        or not (_is_modest(page.root) and _may_be(page, refused))
    ):
        return None
    for warning, publisher in _ways(page, refused):
        found, evidence = read_as(page, publisher)
        if isinstance(found, RawFields) and _is_sure(page, found):
            page.believe(evidence)
            return replace(found, warnings=(warning, *found.warnings))
    return None


def _is_modest(root: Element) -> bool:
    """Whether a page is of a size that articles have."""
    depths = {root: 0}
    for one in islice(root.iter("*"), 1, None):
        parent = one.getparent()
        depths[one] = 1 + (depths.get(parent, 0) if parent is not None else 0)
        if depths[one] > _DEEPEST or len(depths) > _MOST_ELEMENTS:
            return False
    return True


def _ways(page: Document, refused: NoArticle) -> list[tuple[str, Publisher]]:
    """Return the publishers that a page may be read as one of, each with its warning."""
    publisher = page.publisher
    ways: list[tuple[str, Publisher]] = []
    for detected in detections(page.index, page.text):
        family = general.of_family(publisher, detected.family)
        if detected.family != publisher.family:
            ways.append((f"family-changed: {detected.family} instead of {publisher.family}", family))
        elif publisher.selectors:
            ways.append((f"stanza-passed-over: {detected.family}; {refused.text}", family))
    rules = replace(publisher.rules, undated=False, section_skip=0)
    unknown = replace(publisher, family=_GENERAL, selectors=MappingProxyType({}), rules=rules)
    return [*ways, (f"general-rules: {refused.text}", unknown)]


def _may_be(page: Document, refused: NoArticle) -> bool:
    """Whether a page may be the article that was asked for, by what it says of itself."""
    own = {one for one in _own_ids(page) if one is not None}
    if own and page.article_id is not None:
        return page.article_id in own
    if refused.reason in _DOUBTED:
        return bool(own) or says_article(page)
    return True


def _own_ids(page: Document) -> list[str | None]:
    ids = []
    for _, address in own_addresses(page.index):
        try:
            ids.append(page.publisher.article_id(urljoin(page.base, address)))
        except ValueError:
            continue
    return ids


def _is_sure(page: Document, found: RawFields) -> bool:
    """Whether what other rules have found is an article beyond doubt, with a time of publication."""
    if found.article_id is not None and page.article_id not in (None, found.article_id):
        return False
    if sum(map(len, found.paragraphs)) + len(found.lead or "") < LEAST_TEXT:
        return False
    if not _is_titled(page, found.headline) or no_article(page, found) is not None:
        return False
    # A site's own clock stands above the headline of an empty template too.
    if all(one.above and not one.labelled for one in found.published()):
        return False
    moments = settle_moments(
        found.published(),
        found.modified_times,
        fetched_at="",
        tz=page.publisher.tz,
        us_order=page.publisher.rules.us_order,
    )
    return moments.published_jalali is not None


def _is_titled(page: Document, headline: str) -> bool:
    """Whether a headline is what the page calls itself; the site's name is none."""
    said = letters(headline)
    names = {letters(one) for one in (*page.publisher.site_names, page.publisher.name)}
    if said in names:
        return False
    return any(said == title or (len(said) >= LEAST_HEADLINE and said in title) for title in titles_of(page.index))
