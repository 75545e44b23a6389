"""What a page is that no stanza can be drafted from, in words of its reader."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from farscrawler.extract.page import NoArticle, Reason
from farscrawler.saved.kinds import counted_as

if TYPE_CHECKING:
    from farscrawler.drafts.fetched import Fetched

_SNIFFED = 2_000
_PROLOG = rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*"
_NAME_ONE = "name the address of one article"
#: What begins a file, what it is, and what to do instead.
_FILES = tuple(
    (re.compile(first, re.DOTALL), what)
    for first, what in (
        (_PROLOG + rb"<(?:rss|feed|rdf:RDF)[\s>]", f"this is a feed; {_NAME_ONE} in it"),
        (_PROLOG + rb"<(?:urlset|sitemapindex)[\s>]", f"this is a sitemap; {_NAME_ONE} in it"),
        (rb"%PDF-", f"this is a PDF document; {_NAME_ONE}, a page of HTML"),
    )
)
_BY_REASON = {
    Reason.LIST: "this is a list of articles",
    Reason.HOME_PAGE: "this is a home page",
    Reason.SERVICE_PAGE: "this is a page about the site",
    Reason.SEVERAL_ARTICLES: "this page holds more than one article",
    Reason.SOFT_404: "the site says that the page is not there",
    Reason.EMPTY_TEMPLATE: "the site says that the page is not there",
    Reason.SERVER_ERROR: "the site shows an error of its own",
    Reason.EMPTY_BODY: "the page is empty",
    Reason.CUT_OFF: "the page has no end: it was cut off",
    Reason.UNFINISHED: "the page has no end, or is no HTML",
    Reason.BINARY: "this is no HTML",
    Reason.CONTENT_TYPE: "this is no HTML",
}


def why_refused(page: Fetched, found: NoArticle | None) -> str:
    """Return what a page is, and what to do instead of reading it, as the second half of a sentence.

    ``found`` is why the general rules read no article from it; None where they were not asked.
    """
    start = page.body[:_SNIFFED]
    kind = counted_as(start)
    if kind is not None:
        return f"this is no HTML ({kind}); {_NAME_ONE}"
    return next((what for first, what in _FILES if first.match(start)), None) or _why_no_article(page, found)


def _why_no_article(page: Fetched, found: NoArticle | None) -> str:
    if page.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"the site fails (HTTP {page.status}); try again later"
    if found is None or found.reason is Reason.EMPTY_BODY:
        return f"the page is empty; {_NAME_ONE}"
    if found.outcome == "blocked":
        return f"the site keeps programs out of this page ({found.text}); save it in a browser, and name the file"
    if found.reason not in _BY_REASON:
        return f"no article is found on the page ({found.text}); {_NAME_ONE}"
    return f"{_BY_REASON[found.reason]}{f' ({found.detail})' if found.detail else ''}; {_NAME_ONE}"
