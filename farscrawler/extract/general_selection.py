"""The selection of a page of no known system: what its markup says of itself chooses among the usual places.

The headline is the one that the page's titles repeat; tags are those of the article and not of a list in the margin;
what no reader sees is read by none.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from farscrawler.extract.css import ancestors
from farscrawler.extract.fields import letters
from farscrawler.extract.general_kinds import entries_of
from farscrawler.extract.lines import inline_text
from farscrawler.extract.queries import queries
from farscrawler.extract.selection import OF_OTHERS, Selection
from farscrawler.extract.unseen import unseen
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

    from farscrawler.extract.css import Index
    from farscrawler.extract.document import Document
    from farscrawler.extract.queries import Query

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Letters; shorter headings are a word or two, which any title may hold.
LEAST_HEADLINE = 8
#: The title that a heading repeats; whether it stands in a list, and in a link; how much of the title it says.
_Rank = tuple[int, bool, bool, int]
#: The metas in which a page gives its title.
_TITLES = ("og:title", "twitter:title")
# Places that hold a headline only where a title of the page repeats it: they head blocks and teasers too.
_ANY_HEADING = queries(
    "h2, h3, h4, h5, [itemprop~=headline], [itemprop~=name], .title, .titr, .headline, .news-title, .post-title, "
    ".entry-title, .article-title, .newsTitle, #title"
)
_ANY_BLOCK = queries("div, p, td, span, strong, b, font, center, a, li")
_PARTS_OF_HEADLINE, _MOST_OF_HEADLINE = 40, 300  # pieces of text, and characters
# Real pages have some dozens of headings; a page of thousands is made to be slow.
_MOST_HEADINGS = 200
_LINK_OF_TAG = queries("a[rel]")[0]
_LINK = queries("a[href]")[0]
_TAG_BOX = re.compile(
    r"(?:[\w-]*[-_])?(?:tags?|keywords?|barchasb\w*)(?:[-_]?(?:list|box|container|links?|wrap\w*|title|news|post|items?))?",
    re.IGNORECASE,
)
# Lists of tags that are everybody's: of the day, of the site, of the margin.
_HOT = re.compile(r"hot|trend|popular|top|most|cloud|sidebar|widget|menu|nav|header|daily|special", re.IGNORECASE)
_HOME = re.compile(r"(?:(?:https?:)?//[^/]+)?/?(?:fa/?)?", re.IGNORECASE)
_MARGINS = frozenset({"header", "nav", "aside"})
_BOXES = frozenset({"ul", "ol", "div", "p", "footer", "section", "dl", "dd", "td", "article", "main", "body"})
_MOST_TAGS = 40
# Elements before and behind the headline among which its kicker, and before and behind which its lead, may stand.
_KICKER_REACH = (25, 12)
_LEAD_REACH = (25, 80)
_REACHES = {"kicker": _KICKER_REACH, "lead": _LEAD_REACH}
#: What kickers and leads call themselves, in a class or id; what is called a subtitle is the one before the headline,
#: and the other behind it.
KICKER_NAMES = re.compile(
    r"(?:[\w-]*[-_])?(?:r[uo]o?[-_]?tit(?:r|le)|(?:sur|up|over|pre|top|on|sub|super)[-_]?tit(?:r|le)|kicker|eyebrow)(?:[-_]\w+)?",
    re.IGNORECASE,
)
LEAD_NAMES = re.compile(
    r"(?:[\w-]*[-_])?(?:leads?|lid|leed|teaser|summary|excerpt|intro(?:[-_]?text)?|sub[-_]?title|standfirst|abstract"
    r"|kholase|khulase|chekide|zir[-_]?titr)(?:[-_]?text|[-_]\w+)?\d?",
    re.IGNORECASE,
)
_BLOCKS = queries("p, div, h2, h3, h4, h5, h6, strong, span, section")
_DESCRIPTIONS = frozenset({"description", "og:description", "twitter:description"})
_PARTS_OF_LEAD = 4  # elements in it
_LEAST_OF_LEAD, _MOST_OF_LEAD, _MOST_OF_KICKER = 20, 900, 160  # characters
_OTHER_PARAGRAPHS = 2
_BLOCK_TAGS = ("p", "div", "h2", "h3", "ul", "section")
_NO_LIST = frozenset({"html", "body", "main", "article"})
_LONG = 60  # characters of a description that may be cut off
_CRUMBS = re.compile(r"(?:[\w-]*[-_])?bread-?crumbs?(?:[-_][\w-]*)?", re.IGNORECASE)
_CAPTIONS = re.compile(
    r"(?:[\w-]*[-_])?(?:caption|(?:image|img|photo|pic|picture|figure)[-_]?(?:caption|desc|description|title))"
    r"(?:[-_]text)?",
    re.IGNORECASE,
)


class GeneralSelection(Selection):
    """The elements that a page of no known system offers for its fields."""

    def __init__(self, page: Document) -> None:
        self._unread = unseen(page.index)
        self.titles = titles_of(page.index)
        super().__init__(page)

    def places(self, field: str) -> Iterator[tuple[Query, list[Element]]]:
        """Yield the elements that may hold a field by the query that found them, in order of trust."""
        if field == "headline":
            return self._headlines()
        if field == "tags":
            return self._tags()
        found = super().places(field)
        if field == "section":
            return chain(found, self._crumbs())
        if self.headline is None or field not in ("kicker", "lead"):
            return found
        return chain(self._within(found, _REACHES[field]), self._by_place(field))

    @cached_property
    def order(self) -> dict[Element, int]:
        """Return the place of each element in the order of the page."""
        return {one: i for i, one in enumerate(self.page.root.iter("*"))}

    @cached_property
    def around(self) -> frozenset[Element]:
        """Return the headline and what it stands in."""
        return frozenset() if self.headline is None else frozenset((self.headline, *ancestors(self.headline)))

    @cached_property
    def entries(self) -> set[Element]:
        """Return the entries of all lists of the page."""
        return entries_of(self.page.root)

    @cached_property
    def not_text(self) -> set[Element]:
        """Return what is none of a text, whatever it holds: what is dropped, lists of others, what stands before it."""
        found = set(self.drops)
        found |= self.entries - self.around
        for names in (self.index.classes, self.index.ids):
            for name, elements in names.items():
                if OF_OTHERS.fullmatch(name):
                    found.update(one for one in elements if one not in self.around and one.tag not in _NO_LIST)
        if self.headline is not None:
            for above in self.around:
                found.update(above.itersiblings("*", preceding=True))
        return found - self.around

    def _crumbs(self) -> Iterator[tuple[Query, list[Element]]]:
        """Yield the labels of a path, which is dropped everywhere else."""
        for query in self.queries.get("section", ()):
            found = [one for one in query.find(self.index) if not self.is_unseen(one)]
            if found and "crumb" in str(query):
                yield query, found

    def _dropped(self) -> set[Element]:
        found = super()._dropped() | self._unread
        for names in (self.index.classes, self.index.ids):
            for name, elements in names.items():
                if _CRUMBS.fullmatch(name) or _CAPTIONS.fullmatch(name):
                    found.update(one for one in elements if one.tag not in ("html", "body", *_HEADINGS))
        found.update(one for one in self.index.attributed("itemtype") if "Breadcrumb" in (one.get("itemtype") or ""))
        return found

    def is_unseen(self, element: Element) -> bool:
        """Whether no reader sees an element."""
        return bool(self._unread) and any(one in self._unread for one in (element, *ancestors(element)))

    def _headlines(self) -> Iterator[tuple[Query, list[Element]]]:
        """Yield headings, each alone: those that the page's titles repeat first, the best title first."""
        named = ((query, one) for query, elements in super().places("headline") for one in elements)
        usual = list(islice(named, _MOST_HEADINGS))
        known = {one for _, one in usual}
        headings = (
            (query, one)
            for query in _ANY_HEADING
            for one in query.find(self.index)
            if one not in known and self._may_hold(one) and self._is_of_article(one, query)
        )
        others = list(islice(headings, _MOST_HEADINGS))
        ranked: list[tuple[_Rank, Query, Element]] = []
        for is_usual, places in ((True, usual), (False, others)):
            for query, one in places:
                heading = "" if _is_long(one) else letters(inline_text(one) or "")
                rank = None if leads_home(one) else self._rank(heading)
                # Of two parts of one title the longer is the headline, and the shorter the site's name.
                if rank is not None:
                    listed = not is_usual and any(above in self.entries for above in (one, *ancestors(one)))
                    ranked.append(((rank, listed, not is_usual and _is_in_link(one), -len(heading)), query, one))
                elif is_usual:
                    ranked.append(((len(self.titles) * 2, False, False, 0), query, one))
        if not any(rank[0] < len(self.titles) * 2 for rank, _, _ in ranked):
            ranked += self._unmarked_headlines()
        for _, query, one in sorted(ranked, key=lambda each: each[0]):
            yield query, [one]

    def _unmarked_headlines(self) -> list[tuple[_Rank, Query, Element]]:
        """Return the elements that no markup calls headings and that say most of a title, links last.

        Old systems print headlines so, in cells and spans.
        """
        ranked = []
        for query in _ANY_BLOCK:
            for one in query.find(self.index):
                heading = "" if _is_long(one) else letters("".join(map(str, one.itertext())))
                rank = self._rank(heading)
                if rank is None or not self._may_hold(one) or self.is_of_others(one):
                    continue
                if 2 * len(heading) >= max(len(title) for title in self.titles if heading in title):
                    listed = any(above in self.entries for above in (one, *ancestors(one)))
                    ranked.append(((rank, listed, _is_in_link(one), -len(heading)), query, one))
        return ranked

    def _rank(self, heading: str) -> int | None:
        """Return the number of the title that repeats a heading: to the letter, or as a part; None where none does."""
        if len(heading) < LEAST_HEADLINE:
            return next((i for i, title in enumerate(self.titles) if heading and heading == title), None)
        for i, title in enumerate(self.titles):
            if heading == title:
                return i
        return next((len(self.titles) + i for i, title in enumerate(self.titles) if heading in title), None)

    @staticmethod
    def _is_of_article(element: Element, query: Query) -> bool:
        """Whether a name is that of the article, and not of its author, its publisher or a list around it."""
        if "itemprop" not in query.place:
            return True
        thing = next((one for one in ancestors(element) if one.get("itemscope") is not None), None)
        return thing is not None and "article" in (thing.get("itemtype") or "").lower().replace("posting", "article")

    def _by_place(self, field: str) -> Iterator[tuple[Query, list[Element]]]:
        """Yield what stands before the headline as a kicker, or behind it as a lead, by its name or place.

        A lead is also what repeats the page's description, unless it is a paragraph among others.
        """
        headline = self.headline
        if headline is None:
            return
        before = field == "kicker"
        at = self.order[headline]
        inner = len(list(headline.iter("*")))
        reach = _REACHES[field]
        first, last = (at - reach[0], at) if before else (at + inner, at + inner + reach[1])
        names = KICKER_NAMES if before else LEAD_NAMES
        for query in _BLOCKS:
            near = [
                one
                for one in query.find(self.index)
                if first <= self.order[one] < last and one not in self.around and self._is_short(one, before=before)
            ]
            named = [one for one in near if _is_named(one, names) or (before and self._heads(one, headline))]
            said = [one for one in near if not before and self._is_description(one)]
            for one in (*named, *said):
                if self._may_hold(one) and not self.is_of_others(one):
                    yield query, [one]

    @staticmethod
    def _is_short(element: Element, *, before: bool) -> bool:
        text = inline_text(element) if len(element) <= _PARTS_OF_LEAD else None
        if text is None or _is_link(element):
            return False
        return len(text) <= _MOST_OF_KICKER if before else _LEAST_OF_LEAD <= len(text) <= _MOST_OF_LEAD

    @staticmethod
    def _heads(element: Element, headline: Element) -> bool:
        """Whether an element is a lesser heading right before the headline."""
        return element.tag in _HEADINGS[1:] and element.getnext() is headline

    def _is_description(self, element: Element) -> bool:
        """Whether an element says what the page's description says, and is no paragraph among others."""
        parent = element.getparent()
        if next(islice(element.iterchildren(*_BLOCK_TAGS), 1, None), None) is not None:
            return False
        if parent is None or sum(1 for one in parent.iterchildren("p") if one is not element) >= _OTHER_PARAGRAPHS:
            return False
        text = fold_label(inline_text(element) or "")
        return any(text == said or (len(said) >= _LONG and text.startswith(said)) for said in self._descriptions)

    @cached_property
    def _descriptions(self) -> list[str]:
        metas = self.index.tagged("meta")
        said = [one for one in metas if (one.get("property") or one.get("name") or "").lower() in _DESCRIPTIONS]
        return [folded for one in said if (folded := fold_label(one.get("content") or "").rstrip("….").rstrip())]

    def _within(
        self, found: Iterable[tuple[Query, list[Element]]], reach: tuple[int, int]
    ) -> Iterator[tuple[Query, list[Element]]]:
        """Yield what stands near the headline, and not in a list of others."""
        at = self.order[self.headline] if self.headline is not None else 0
        first, last = at - reach[0], at + reach[1]
        for query, elements in found:
            near = [one for one in elements if first <= self.order[one] <= last and not self.is_of_others(one)]
            if near:
                yield query, near

    def _tags(self) -> Iterator[tuple[Query, list[Element]]]:
        """Yield the one group of links to tags that stands closest to the headline, and before it none."""
        groups: dict[Element, list[Element]] = {}
        for link in self._links_of_tags():
            box = next((one for one in ancestors(link) if one.tag in _BOXES), None)
            if box is not None and sum(1 for _ in box.iter("a")) == 1 and box.getparent() is not None:
                box = box.getparent()  # each tag in a box of its own
            if box is not None and not self._is_everybodys(box):
                groups.setdefault(box, []).append(link)
        at = self.order[self.headline] if self.headline is not None else 0
        behind = {box: links for box, links in groups.items() if self.order[links[0]] > at and len(links) <= _MOST_TAGS}
        if behind:
            best = max(behind, key=lambda box: (self.depth(box), -self.order[box]))
            yield _LINK_OF_TAG, behind[best]

    def _links_of_tags(self) -> list[Element]:
        links = {
            one: None
            for one in _LINK_OF_TAG.find(self.index)
            if one.tag == "a" and "tag" in re.split(r"[\s,]+", (one.get("rel") or "").lower())
        }
        for names in (self.index.classes, self.index.ids):
            for name, elements in names.items():
                if _TAG_BOX.fullmatch(name):
                    links |= {link: None for box in elements for link in box.iter("a") if box.tag not in _HEADINGS}
        return [one for one in links if not self.is_unseen(one)]

    def _is_everybodys(self, box: Element) -> bool:
        """Whether a group of tags is of the site or its margin, and not of the article."""
        for one in (box, *ancestors(box)):
            if one in self.around or one.tag == "body":
                return False
            if one.tag in _MARGINS or _HOT.search(f"{one.get('class') or ''} {one.get('id') or ''}"):
                return True
        return False

    def depth(self, element: Element) -> int:
        """Return how deep in the page the first element lies that holds an element and the headline."""
        shared = next((one for one in (element, *ancestors(element)) if one in self.around), None)
        return 0 if shared is None else sum(1 for _ in ancestors(shared))

    def _may_hold(self, element: Element) -> bool:
        return element.tag not in ("html", "body") and not self.is_within_dropped(element)


def _is_link(element: Element) -> bool:
    """Whether all that an element holds is links, as the label of a section is one."""
    return len(element) > 0 and all(one.tag == "a" for one in element) and not (element.text or "").strip()


def _is_in_link(element: Element) -> bool:
    """Whether an element stands in a link, or holds one."""
    return next(element.iter("a"), None) is not None or next(element.iterancestors("a"), None) is not None


def _is_named(element: Element, names: re.Pattern[str]) -> bool:
    said = f"{element.get('class') or ''} {element.get('id') or ''}".split()
    return any(names.fullmatch(one) for one in said)


def titles_of(index: Index) -> list[str]:
    """Return what a page calls itself, letters and digits alone: for machines first, then its ``<title>``."""
    said: dict[str, list[str]] = {}
    for meta in index.tagged("meta"):
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        if name in _TITLES:
            said.setdefault(name, []).append(meta.get("content") or "")
    texts = [text for name in _TITLES for text in said.get(name, [])]
    texts += ["".join(map(str, one.itertext())) for one in index.tagged("title")[:1]]
    return list(dict.fromkeys(filter(None, map(letters, texts))))


def _is_long(element: Element) -> bool:
    """Whether an element holds more than any headline does; only its beginning is looked at."""
    parts = list(islice(element.itertext(), _PARTS_OF_HEADLINE + 1))
    return len(parts) > _PARTS_OF_HEADLINE or sum(len(part.strip()) for part in map(str, parts)) > _MOST_OF_HEADLINE


def leads_home(heading: Element) -> bool:
    """Whether a heading is a link to the first page of a site, whose name it is then."""
    links = (*heading.iter("a"), *heading.iterancestors("a"))
    return any(_HOME.fullmatch((link.get("href") or "").strip()) for link in links)
