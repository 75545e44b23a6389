"""The permalink line of a print page: an address of the site, printed raw."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from farscrawler.parsing.furniture import is_tool
from farscrawler.parsing.headline import letters
from farscrawler.persian import spelling_pattern
from farscrawler.publishers.model import normal_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.publishers import Publisher

# What may stand before the address: a label, brackets, and marks of direction, which editors put around Latin text.
_LABELS = """
    لینک|لینک خبر|لینک مطلب|لینک صفحه|لینک ثابت|لینک دائم|لینک کوتاه|پیوند|پیوند ثابت|آدرس|آدرس خبر|آدرس صفحه|
    آدرس اینترنتی|آدرس اینترنتی خبر|نشانی|نشانی خبر|نشانی اینترنتی|link|url
"""
_BIDI = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LABEL = "|".join(spelling_pattern(label.strip()) for label in _LABELS.split("|"))
_SITE = rf"(?:https?:)?(?://)?(?P<host>[^/\s:{_BIDI}]+)(?::\d+)?"
# The slug may hold quotes, spaces and slashes.
_PERMALINK = re.compile(
    rf"[{_BIDI}]*+(?:(?:{_LABEL})\s*+:[\s{_BIDI}]*+)?(?P<open>[(\[<«]?)[{_BIDI}]*+"
    rf"(?P<address>{_SITE}/{{1,2}}(?:[a-z]{{2}}/)?(?:news|print)/(?P<id>\d+)(?:/(?P<slug>.*))?)",
    re.IGNORECASE,
)
_OWN = re.compile(rf"[{_BIDI}]*+{_SITE}", re.IGNORECASE)
_MAX_LINE = 2_000  # the longest known has 119 characters raw, 438 encoded
_AROUND = _BIDI + " \u00a0|"
_CLOSERS = {"(": ")", "[": "]", "<": ">", "«": "»"}
# What the line of the address may end with: buttons.
_BUTTONS = frozenset({"بستن", "چاپ", "|", ""})
# More lines than these a wrapped address does not fill.
_MAX_WRAPPED = 4


@dataclass(frozen=True, slots=True)
class Permalink:
    """A line that is an address of an article: where it stands, its last line, what it says, its id and raw slug."""

    index: int
    last: int
    text: str
    article_id: str
    slug: str | None

    @property
    def headline(self) -> str:
        """The letters of the headline, as the slug has them; ``""`` without a slug."""
        return letters(unquote(self.slug)) if self.slug else ""


def permalinks(texts: Sequence[str], publisher: Publisher) -> list[Permalink]:
    """Return the lines that are addresses of the site's articles, in order.

    A line that ends with buttons is there twice, with them and without: a headline may end with their words.
    """
    found = []
    for i, text in enumerate(texts):
        if "/" not in text or len(text) > _MAX_LINE:  # as most lines
            continue
        match = _PERMALINK.match(text)
        article_id = normal_id(match["id"]) if match and match["host"].lower() in publisher.hosts else None
        if match is None or article_id is None:
            continue
        printed, slug_at = match["address"], match.start("slug") - match.start("address")
        variants = dict.fromkeys(_trimmed(one, match["open"]) for one in (printed, _without_buttons(printed)))
        for address in variants:
            slug = address[slug_at:] if match["slug"] is not None else None
            found.append(Permalink(i, i, address, article_id, slug or None))
    return found


def _without_buttons(address: str) -> str:
    plain = address.replace("\u00a0", " ")
    head, space, word = plain.rpartition(" ")
    while space and word in _BUTTONS:
        head, space, word = (plain := head).rpartition(" ")
    return address[: len(plain)]


def _trimmed(address: str, opener: str) -> str:
    """Return an address without what was set around it: bracket, marks of direction, a bar before buttons."""
    bare = address.rstrip(_AROUND)
    if opener and bare.endswith(_CLOSERS[opener]):
        bare = bare[:-1].rstrip(_AROUND)
    return bare


def is_own_address(text: str, publisher: Publisher) -> bool:
    """Whether a line is an address of the site, such as the permalink of a template without an article."""
    found = _OWN.match(text)
    return found is not None and found["host"].lower() in publisher.hosts


def wrapped(permalink: Permalink, texts: Sequence[str]) -> list[Permalink]:
    """Return what a permalink would be if its slug went on over the next lines, one of them and more."""
    longer = []
    text, slug = permalink.text, permalink.slug or ""
    for last in range(permalink.last + 1, min(permalink.last + _MAX_WRAPPED, len(texts))):
        if not texts[last] or is_tool(texts[last]):
            break
        text, slug = text + texts[last], slug + texts[last]
        longer.append(Permalink(permalink.index, last, text, permalink.article_id, slug))
    return longer


def choose(candidates: Sequence[Permalink], wanted: str | None, headline: str) -> Permalink | None:
    """Return the page's own permalink among the addresses below its timestamp.

    That is the first whose slug is the headline (a comment may repeat it); else the last of the article asked for;
    else the last of all, which then says what article this is. ``headline``: its letters, ``""`` when not known.
    """
    own = [one for one in candidates if wanted is None or one.article_id == wanted]
    for one in own:
        if headline and one.headline == headline:
            return one
    return next(reversed(own or candidates), None)
