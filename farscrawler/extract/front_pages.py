"""Home pages, lists, and pages about the site itself: no articles, though they have headlines, times and frames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.extract.lines import inline_text
from farscrawler.extract.links import MANY_LINKS, linked_addresses
from farscrawler.extract.metadata import own_addresses
from farscrawler.extract.page import NoArticle, Reason
from farscrawler.persian import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from farscrawler.extract.document import Document
    from farscrawler.extract.selection import Selection
    from farscrawler.publishers import Publisher

# An address of a home page, with or without scheme and host: `/`, `www.site.ir`, `//site.ir/fa/`, `/index.php`.
_HOME = re.compile(
    r"(?:(?:https?:)?//)?(?P<host>(?:[\w-]+\.)+[a-z]{2,})?(?::\d+)?/*(?:fa/?)?(?:(?:index|default|home|main)(?:\.\w+)?/?)?(?:[?#].*)?",
    re.IGNORECASE,
)
# The most articles that one of seven real article pages links to are 68; home pages link to 111 and 330.
_LINKS_OF_HOME = 100
# What pages about the site are called, as `fold` has it; with its name in place of «ما» too.
_ABOUT = ("درباره", "تماس با", "ارتباط با", "تبلیغات در", "تبلیغ در", "همکاری با")
_US = "ما"
_SERVICE = frozenset(
    map(
        fold, (*(f"{about} {_US}" for about in _ABOUT[:3]), "تبلیغات", "فرصت های شغلی", "فرصت‌های شغلی", "تعرفه تبلیغات")
    )
)
# Labels of a section that no news stands under; «تبلیغات» and «فرصت‌های شغلی» may be sections of news.
_SERVICE_SECTIONS = frozenset(map(fold, (f"{about} {_US}" for about in _ABOUT[:3])))
_NAME_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
# «درباره‌ی ما»
_SOUND = fold("ی")
_ENDS = " .:!»«\u200c"


def is_service_page(headline: str, section: str | None, publisher: Publisher, named: Iterable[str] = ()) -> bool:
    """Whether a page is about the site: «درباره ما», «تماس با ما», «تبلیغات» and their like.

    Its whole headline says so, or the last label of its path; an article whose headline only holds such words is an
    article. ``named`` are names that the page gives its site.
    """
    if section is not None and _plain(section) in _SERVICE_SECTIONS:
        return True
    said = _plain(headline)
    if said in _SERVICE:
        return True
    about = next((one for one in map(fold, _ABOUT) if said.startswith(f"{one} ")), None)
    return about is not None and said.removeprefix(about).strip() in _names(publisher, named)


def _plain(text: str) -> str:
    """Return a label to compare: without marks at its ends and the sound between words, a half-space like a space."""
    words = fold(text).replace("\u0654", "").replace("\u200c", " ").strip(_ENDS).split()
    return " ".join(word for word in words if word != _SOUND)


def _names(publisher: Publisher, named: Iterable[str]) -> set[str]:
    names = [*publisher.site_names, *named, *(() if publisher.anywhere else (publisher.name,))]
    names += [part for name in names for part in (*_NAME_IN_BRACKETS.findall(name), name.partition("(")[0])]
    return {_plain(name) for name in names} - {""}


def says_home(page: Document) -> bool:
    """Whether an address that a page gives as its own is that of the site's home page."""
    for _, address in own_addresses(page.root):
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

    Where nobody asked for an article, none can be missing; and links to many articles come before an empty frame, which
    home pages have too.
    """
    if len(dict(linked_addresses(page.root, page.publisher, page.url))) >= MANY_LINKS:
        return NoArticle("not-article", Reason.LIST)
    if frame and page.article_id is not None:
        return NoArticle("missing", Reason.EMPTY_TEMPLATE)
    return NoArticle("not-article", Reason.NO_HEADLINE_AND_TIMESTAMP)
