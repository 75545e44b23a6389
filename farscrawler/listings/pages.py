"""List pages: dated archives, sections and home pages in HTML."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin

from lxml import etree

from farscrawler.extract.document import decode, excess, parse
from farscrawler.extract.lines import inline_text, label_text
from farscrawler.extract.links import linked_addresses, other_addresses
from farscrawler.extract.queries import select
from farscrawler.listings.entry import Entry, Listing
from farscrawler.listings.moments import read_printed
from farscrawler.publishers.form import normal_id

if TYPE_CHECKING:
    import datetime as dt

    from lxml.etree import _Element as Element

    from farscrawler.listings.moments import Moment
    from farscrawler.publishers import Publisher

#: A list of thousands of items is no page that people read; it bounds what is held of one.
MAX_ENTRIES = 10_000
#: Items that one may lie within; the list of a teaser within a teaser is known, and no more.
_NESTED = 3
#: Printed times of one item that are looked at, and elements around each.
_TIMES = 8
_NEXT = etree.XPath("descendant::*[self::a or self::link][contains(concat(' ', normalize-space(@rel), ' '), ' next ')]")
#: `pagination`, `pager`, `paging`, Asam's `service_pagination`.
_PAGER = etree.XPath("descendant::*[contains(@class, 'pagin') or contains(@class, 'pager')]")
_CURRENT = re.compile(r"(?:^|[\s_-])(?:active|current|selected)(?:$|[\s_-])", re.IGNORECASE)
_NEXT_WORDS = frozenset({"بعدی", "صفحه بعد", "صفحه بعدی", "بعد", "next", "next page", "›", "»", "→", ">"})


def read_page(
    body: bytes,
    *,
    publisher: Publisher,
    url: str,
    fetched_at: dt.datetime,
    items: str | None = None,
    time: str | None = None,
    content_type: str | None = None,
) -> Listing:
    """Read a list page: its articles in the page's order, each once, and the address of the next page.

    ``items`` is the selector of one entry (without it every article link of the page is one), ``time`` that of
    the printed time within it; ``fetched_at`` is aware. Never raises, on any bytes; ``refused`` only where there is no
    markup at all.
    """
    listing = Listing(url=url)
    markup = decode(body, content_type).text.encode("utf-8", "replace")
    root, whole = parse(markup)
    if root is None:
        listing.refused = "no page" if whole else f"too many {excess(markup)}"
        listing.over_a_limit = not whole
        return listing
    if not whole:
        listing.problems.append("nested too deeply")
        listing.whole = False
    parts = _least_nested(select(items, root), listing) if items else [root]
    seen: set[str] = set()
    for part in parts:
        when = _time(part, time, publisher.tz, fetched_at) if items else None
        for key, address in islice(linked_addresses(part, publisher, url), 1 if items else None):
            # The first link of an item is its own; further ones are those it mentions.
            if key not in seen and len(seen) < MAX_ENTRIES:
                listing.articles.append(Entry(key, address, when))
            seen.add(key)
    if len(seen) > MAX_ENTRIES:
        listing.problems.append(f"more than {MAX_ENTRIES:,} articles")
        listing.whole, listing.over_a_limit = False, True
    listing.following = _following(root, url)
    if not listing.articles:
        listing.other_links = other_addresses(root, publisher, url)
    return listing


def _least_nested(items: list[Element], listing: Listing) -> list[Element]:
    """Return the items that lie within few others: a page of items within items would be read a thousand times."""
    levels: dict[Element | None, int] = {None: 0}  # of each element that was passed on the way up
    wanted = set(items)
    kept = []
    for item in items:
        path: list[Element] = []
        above: Element | None = item
        while above not in levels and above is not None:
            path.append(above)
            above = above.getparent()
        level = levels[above]
        for element in reversed(path):
            level += element in wanted
            levels[element] = level
        if levels[item] <= _NESTED:
            kept.append(item)
    if len(kept) < len(items):
        listing.problems.append("items nested too deeply")
        listing.whole, listing.over_a_limit = False, True
    return kept


def _time(item: Element, selector: str | None, tz: str, fetched_at: dt.datetime) -> Moment | None:
    """Read the first printed time of an item that can be read."""
    for element in select(selector or "time", item)[:_TIMES]:
        above = [one for one in islice(element.iterancestors(), _TIMES) if one.tag == "time"]
        around = [element, *above, *islice(element.iter("time"), _TIMES)]
        titles = [value for one in around for name in ("title", "datetime") if (value := one.get(name))]
        found = read_printed(inline_text(element) or "", titles, tz=tz, fetched_at=fetched_at)
        if found is not None:
            return found
    return None


def _following(root: Element, url: str) -> str | None:
    """Return the address of the next page: `rel=next`, or where the pager leads to after the current number."""
    links = [*cast("list[Element]", _NEXT(root)), *_after_current(root)]
    for link in links:
        try:
            address = urljoin(url, (link.get("href") or "").strip())
        except ValueError:
            continue
        if link.get("href", "").strip() and address.startswith(("http://", "https://")) and address != url:
            return address
    return None


def _after_current(root: Element) -> list[Element]:
    found = []
    read: set[Element] = set()
    for pager in cast("list[Element]", _PAGER(root)):
        if pager in read:  # a part of another one
            continue
        read.update(pager.iter())
        current = next((n for e in pager.iter() if _is_current(e) and (n := _number(e)) is not None), None)
        for link in pager.iter("a"):
            text = label_text(link).strip().lower()
            if text in _NEXT_WORDS or (current is not None and _number(link) == current + 1):
                found.append(link)
    return found


def _is_current(element: Element) -> bool:
    return bool(element.get("aria-current")) or bool(_CURRENT.search(element.get("class") or ""))


def _number(element: Element) -> int | None:
    digits = normal_id(label_text(element).strip())
    return int(digits) if digits else None
