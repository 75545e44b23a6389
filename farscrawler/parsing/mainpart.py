"""The main part of a page of unknown markup: which of its boxes holds the article's text.

readability-lxml finds the box (extra ``news``). Of the extractors tried on the 23 pages with known texts that
newspaper4k ships it had the best mean F1 of words (0.956; trafilatura 0.925, resiliparse 0.867, jusText 0.458), and
on the two real Persian pages at hand it kept every word and every ZWNJ, which trafilatura deletes. What it hands back
is markup, so that the lines are ours: read like those of any other page.
"""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING

from farscrawler.parsing.document import parse

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: How to get what is missing.
ADVICE = "pages of unknown sites need the extra `news`: pip install 'farscrawler[news]'"
# The box that is found is cut down to it; a page without text of this length has no article in it.
_LEAST_TEXT = 140
# It says on every page which way it went.
logging.getLogger("readability").setLevel(logging.CRITICAL)


def available() -> bool:
    """Whether the extractor is installed."""
    return find_spec("readability") is not None


def main_part(text: str) -> Element | None:
    """Return the box of the text, as a tree of its own; None where the page has none. Never raises."""
    from readability import Document  # noqa: PLC0415  # an extra, and slow to import

    try:
        markup = Document(text).summary(html_partial=True, keep_all_images=True)
    except Exception:  # noqa: BLE001  # its own Unparseable, and whatever hostile markup makes of it
        return None
    root, _ = parse(markup.encode("utf-8", "replace"))
    if root is None or len("".join(map(str, root.itertext())).strip()) < _LEAST_TEXT:
        return None
    return root
