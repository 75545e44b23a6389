"""Home pages and lists: no articles, though they may have headlines, times and frames of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.extract.lines import inline_text
from farscrawler.extract.links import MANY_LINKS, linked_addresses
from farscrawler.extract.metadata import own_addresses
from farscrawler.extract.page import NoArticle, Reason

if TYPE_CHECKING:
    from farscrawler.extract.document import Document
    from farscrawler.extract.selection import Selection

# An address of a home page, with or without scheme and host: `/`, `www.site.ir`, `//site.ir/fa/`, `/index.php`.
_HOME = re.compile(
    r"(?:(?:https?:)?//)?(?P<host>(?:[\w-]+\.)+[a-z]{2,})?(?::\d+)?/*(?:fa/?)?(?:(?:index|default|home|main)(?:\.\w+)?/?)?(?:[?#].*)?",
    re.IGNORECASE,
)
# The most articles that one of seven real article pages links to are 68; home pages link to 111 and 330.
_LINKS_OF_HOME = 100
# An empty frame beside more links than any of those pages has is a home page's. To call an empty template so by mistake
# costs little: both are settled, and asked again under other rules.
_LINKS_BEFORE_FRAME = 70


def says_home(page: Document) -> bool:
    """Whether an address that a page gives as its own is that of the site's home page."""
    for _, address in own_addresses(page.index):
        found = _HOME.fullmatch(address)
        if found is not None and (found["host"] is None or page.publisher.owns(f"http://{found['host'].lower()}/")):
            return True
    return False


def front_page(selection: Selection, *, has_text: bool) -> Reason | None:
    """Return why a page is a home page or a list, though it may have a headline and call itself an article.

    Some sites name their home page on every page, and some link from each headline to another address of the article,
    so it takes two signs: many articles linked, and the page says that it is the home page, or its headline leads to
    another article, or both where there is a text. So many links as no article page has are enough without a text.
    """
    page = selection.page
    home = says_home(page)
    if page.publisher.anywhere or (has_text and not home):
        return None
    linked = dict(linked_addresses(page.root, page.publisher, page.url))
    if len(linked) < MANY_LINKS:
        return None
    if _leads_elsewhere(selection):
        return Reason.HOME_PAGE if home else Reason.LIST
    return Reason.LIST if not has_text and (home or len(linked) >= _LINKS_OF_HOME) else None


def _leads_elsewhere(selection: Selection) -> bool:
    """Whether the headline is a link to another article than the one asked for, or the text of such a link."""
    page, headline = selection.page, selection.headline
    text = inline_text(headline) if headline is not None else None
    if headline is None or text is None:
        return False
    own = {page.article_id} - {None}
    inside = {*headline.iter("a"), *headline.iterancestors("a")}
    leads = {
        article_id
        for anchor in page.root.iter("a")
        if anchor in inside or inline_text(anchor) == text
        for article_id, _ in linked_addresses(anchor, page.publisher, page.url)
    }
    return bool(leads) and not any(_are_one(one, other) for one in leads for other in own)


def _are_one(one: str, other: str | None) -> bool:
    """Whether two ids may be of one article: texts may be paths with and without a slug."""
    if other is None or one == other:
        return one == other
    return not (one.isdecimal() and other.isdecimal()) and (one.startswith(other) or other.startswith(one))


def without_article(page: Document, *, frame: bool) -> NoArticle:
    """Return what a whole page without an article is; ``frame``: it has the frame of one.

    Where nobody asked for an article, none can be missing. Home pages have empty frames too, so links come before one:
    many where the page says that it is the home page, and elsewhere more than an empty template has in its margin.
    """
    links = len(dict(linked_addresses(page.root, page.publisher, page.url)))
    is_asked = frame and page.article_id is not None
    if links >= MANY_LINKS and (not is_asked or links >= _LINKS_BEFORE_FRAME or says_home(page)):
        return NoArticle("not-article", Reason.LIST)
    if is_asked:
        return NoArticle("missing", Reason.EMPTY_TEMPLATE)
    return NoArticle("not-article", Reason.NO_HEADLINE_AND_TIMESTAMP)
