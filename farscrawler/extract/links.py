"""The articles a page links to: what discovery reads from home, section and list pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from farscrawler.extract.captured import site_address
from farscrawler.extract.document import decode, parse
from farscrawler.extract.lines import label_text
from farscrawler.extract.service_pages import is_service_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from farscrawler.publishers import Publisher

# A page without an article that links to this many is a list; a print page links to one at most.
MANY_LINKS = 5
#: Links that are shown of a page, where none is an article's.
SHOWN_LINKS = 3
# Headlines have so many words; labels of menus have fewer.
_HEADLINE_WORDS = 4
# A template link without its colon (`https/t.me/x`) grows the path by one address after the id.
_TRAP = re.compile(r"/(?:https?:?|ftp:?|tg:?|mailto:?|www\.[^/]*)(?:/|$)", re.IGNORECASE)
_BEYOND_ID = re.compile(r"(?i)(/news/\d+(?:/[^/]*)?)/.*", re.DOTALL)


def article_links(
    body: bytes,
    *,
    publisher: Publisher,
    url: str,
    content_type: str | None = None,
) -> list[tuple[str, str]]:
    """Return (article id, absolute URL) of every article a page links to, each id once, in the page's order.

    The URL is the publisher's canonical one: the id is the identity, and slugs are hazardous (a raw quote in an
    ``href`` ends the attribute). Where the id makes no address it is the one found first. Trap links are left out: a
    path with more than one segment after the id counts only when it was written out from the root (a headline with a
    slash makes such a slug) and holds no address.
    Never raises.
    """
    root, _ = parse(decode(body, content_type).text.encode("utf-8", "replace"))
    if root is None:
        return []
    found: dict[str, str] = {}
    for article_id, address in linked_addresses(root, publisher, url):
        if article_id not in found:
            made = publisher.makes(article_id, "article")
            found[article_id] = publisher.canonical_url(article_id) if made else address
    return [*found.items()]


def linked_articles(root: Element, publisher: Publisher, url: str) -> tuple[str, ...]:
    """Return the ids of the articles a parsed page links to, each once, in the page's order."""
    return tuple(dict.fromkeys(found for found, _ in linked_addresses(root, publisher, url)))


def linked_addresses(root: Element, publisher: Publisher, url: str) -> Iterator[tuple[str, str]]:
    """Yield (article id, absolute address as found) of every link to an article in a part of a page, in its order.

    A link whose text says that it leads to a page about the site, such as «درباره ما», is none to an article.
    """
    base = _base(root, url)
    for anchor in root.iter("a"):
        href = (anchor.get("href") or "").strip()
        try:
            address = site_address(urljoin(base, href)) if href else ""
        except ValueError:
            continue
        article_id = _linked_id(href, address, publisher) if address else None
        if article_id is not None and not is_service_label(label_text(anchor), publisher):
            yield article_id, address


def _base(root: Element, url: str) -> str:
    """Return the address that links of a page, or of a part of it, are joined to: its ``<base>``, or its own."""
    said = root.getroottree().getroot().find("head/base[@href]")
    try:
        base = urljoin(url, (said.get("href") or "").strip()) if said is not None else url
        return base if urlsplit(base).scheme in ("http", "https") else url
    except ValueError:  # a bracketed host that is no address
        return url


def other_links(body: bytes, *, publisher: Publisher, url: str, content_type: str | None = None) -> list[str]:
    """Return up to three addresses that a page leads to where it leads to no article. Never raises."""
    root, _ = parse(decode(body, content_type).text.encode("utf-8", "replace"))
    return [] if root is None else other_addresses(root, publisher, url)


def other_addresses(root: Element, publisher: Publisher, url: str) -> list[str]:
    """Return up to three addresses of a parsed page that has no link to an article, likely articles first.

    These are links on the site's own hosts, and links with a text as long as a headline. Empty for a page with a link
    to an article, and for one without links to other pages.
    """
    if next(linked_addresses(root, publisher, url), None) is not None:
        return []
    ranks: dict[str, tuple[bool, bool, int]] = {}
    for anchor in root.iter("a"):
        href = (anchor.get("href") or "").strip()
        try:
            parts = urlsplit(address := urljoin(url, href))
        except ValueError:
            continue
        if parts.scheme not in ("http", "https") or parts.path in ("", "/") or not href.isprintable():
            continue
        text = label_text(anchor)
        rank = (len(text.split()) >= _HEADLINE_WORDS, publisher.owns(address), len(text))
        ranks[address] = max(rank, ranks.get(address, rank))
    return sorted(ranks, key=ranks.__getitem__, reverse=True)[:SHOWN_LINKS]


def _linked_id(href: str, address: str, publisher: Publisher) -> str | None:
    article_id = publisher.article_id(address)
    if article_id is not None or not href.startswith(("/", "http://", "https://")):
        return article_id
    slug = address.partition("://")[2].partition("/")[2]
    if _TRAP.search(slug):
        return None
    return publisher.article_id(_BEYOND_ID.sub(r"\1", address))
