"""The lines of a print page that place all others: the headings above the timestamp line, and the permalink."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from farscrawler.extract.boilerplate import is_tool
from farscrawler.extract.fields import letters
from farscrawler.persian import fold_label, spelling_pattern
from farscrawler.publishers.form import normal_id
from farscrawler.timestamps import looks_like

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from farscrawler.publishers import Publisher

_DIGIT = re.compile(r"\d")  # most lines have none, and are spared the longer look
_MAX_NAME = 60  # no site's name is so long; headlines mostly are, and need no comparing
# More lines than these above a timestamp are no headings but a page of another kind.
_MAX_HEADINGS = 8
# A dated line is the clock of the page, not the timestamp, when it opens so and another follows as near as this.
_TODAY = "امروز"
_NEAR = 3
# So many lines below the first timestamp line the headline that the permalink names is still looked for: the line
# above may be the page's clock, or a kicker or headline that is a date.
_BELOW_CLOCK = 4
_TAIL = 8
_CLOCK_TIME = re.compile(r"\d\s?:\s?\d")
_ONLY_TIME = re.compile(r"\D*\d{1,2}\s?:\s?\d{2}(?:\s?:\s?\d{2})?\D*")


@dataclass(frozen=True, slots=True)
class Above:
    """The headings in order, the timestamp line (or its two halves) and the index of the first line below it.

    ``named``: the letters of the headline, where the permalink vouches for it; ``passed_over``: how many dated lines
    above are neither timestamp nor heading.
    """

    headings: list[str]
    clock: int
    published: str
    below: int
    named: str = ""
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    text: str
    dated: bool


def is_dated(text: str) -> bool:
    """Whether a line is a timestamp, valid or not."""
    return _DIGIT.search(text) is not None and looks_like(text)


def above_text(
    texts: Sequence[str],
    names: frozenset[str],
    slugs: Collection[str],
    addresses: Collection[int],
) -> Above | None:
    """Return what stands above the text; None when there is no headline with a timestamp line below it.

    ``names``: the site's, comparable; ``slugs``: the letters of the headline as permalinks of the page name it;
    ``addresses``: the indexes of those lines. Site names, buttons and ornaments are no headings. A headline that a
    permalink names is one even if it is a date; otherwise the first dated line below any heading is the timestamp.
    """
    search = _Search(texts, frozenset(filter(None, slugs)))
    for i, text in enumerate(texts):
        if text and i not in addresses and not is_frame(text, names) and search.is_over(_Row(i, text, is_dated(text))):
            break
    return search.result()


class _Search:
    """The walk down the lines above a text, a row (a line that may be a heading or a timestamp) at a time."""

    def __init__(self, texts: Sequence[str], slugs: frozenset[str]) -> None:
        self._texts = texts
        self._slugs = slugs
        self._rows: list[_Row] = []
        self._headings = 0
        self._clock: int | None = None  # the row of the timestamp
        self._named: tuple[int, int, str] | None = None  # the rows of the headline and its letters
        self._done = False

    def is_over(self, row: _Row) -> bool:
        """Take the next row; return whether no more are needed."""
        self._rows.append(row)
        if self._named is None:
            self._named = _run(self._rows, self._slugs)
            if self._named is not None:
                return False
        if self._is_clock(row):
            if self._named is not None:
                self._clock, self._done = len(self._rows) - 1, True
                return True
            if self._clock is None:
                self._clock = len(self._rows) - 1
        # Without a permalink that could name a headline further down the first timestamp line is the one.
        wait = _BELOW_CLOCK if self._slugs else 0
        late = self._clock is not None and len(self._rows) - self._clock > wait
        return late or self._headings > _MAX_HEADINGS

    def result(self) -> Above | None:
        """Return what was found."""
        if self._clock is None:
            return None
        return _placed(self._texts, self._rows, self._clock, self._named if self._done else None)

    def _is_clock(self, row: _Row) -> bool:
        if row.dated and _is_page_clock(row, self._texts):
            return False
        named = self._named is not None
        if not row.dated or (row.text.endswith(":") and not self._headings and not named):
            self._headings += 1
            return False
        return named or self._headings > 0


def is_frame(text: str, names: frozenset[str]) -> bool:
    """Whether a line is no heading but the site's name, a button, or without a letter, as in an empty template."""
    if len(text) <= _MAX_NAME and fold_label(text) in names:
        return True
    return is_tool(text) or not any(map(str.isalnum, text))


def is_of_today(text: str) -> bool:
    """Whether a dated line opens as the clock of a page does."""
    return text.startswith(_TODAY)


def _is_page_clock(row: _Row, texts: Sequence[str]) -> bool:
    if not is_of_today(row.text):
        return False
    below = [text for text in texts[row.index + 1 :] if text][:_NEAR]
    return any(map(is_dated, below))


def _run(rows: Sequence[_Row], slugs: Collection[str]) -> tuple[int, int, str] | None:
    """Return first and last row of the headline, if it ends with the last row, and its letters."""
    # Most lines end otherwise than the headline does, and are spared the whole comparing.
    tail = letters(rows[-1].text[-_TAIL:])
    if tail and not any(slug.endswith(tail[-1]) for slug in slugs):
        return None
    longest = max(map(len, slugs), default=0)
    said = ""
    for start in range(len(rows) - 1, -1, -1):
        if len(rows[start].text) > 2 * longest + _MAX_NAME:  # far longer than a headline: a paragraph
            return None
        said = letters(rows[start].text) + said
        if len(said) > longest:
            return None
        if said in slugs:
            return start, len(rows) - 1, said
    return None


def _placed(texts: Sequence[str], rows: Sequence[_Row], clock: int, named: tuple[int, int, str] | None) -> Above:
    first, last, said = named or (clock, clock - 1, "")
    headings = []
    passed_over = 0
    for i, row in enumerate(rows[:clock]):
        if not row.dated or first <= i <= last or (row.text.endswith(":") and not is_of_today(row.text)):
            headings.append(row.text)
        elif not is_of_today(row.text):
            passed_over += 1
    index, published = rows[clock].index, rows[clock].text
    below = index + 1
    # A template may print day and time apart.
    if below < len(texts) and is_dated(texts[below]) and _halves(published, texts[below]):
        published, below = f"{published} {texts[below]}", below + 1
    return Above(headings, index, published, below, said, passed_over)


def _halves(one: str, other: str) -> bool:
    """Whether of two dated lines one is a time alone and the other has none."""
    if _CLOCK_TIME.search(one):
        one, other = other, one
    return not _CLOCK_TIME.search(one) and _ONLY_TIME.fullmatch(other) is not None


# What may stand before the permalink, which is printed raw: a label, brackets, and marks of direction, which editors
# put around Latin text.
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
        """Return the letters of the headline, as the slug has them; ``""`` without a slug."""
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
