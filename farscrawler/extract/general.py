"""Pages of sites of nobody: read by the family of their markup, or as pages of no known system.

Of the latter: machine-readable fields, a time near the headline, and the box that holds the text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

from farscrawler import timestamps
from farscrawler.extract import engine
from farscrawler.extract import printed_times as times
from farscrawler.extract.body import BodyText, read_body
from farscrawler.extract.document import Document, parse
from farscrawler.extract.explain import Evidence
from farscrawler.extract.family import detections, family_data
from farscrawler.extract.fields import letters
from farscrawler.extract.lines import Lines, block_lines, inline_text
from farscrawler.extract.page import NoArticle, RawFields, Reason
from farscrawler.extract.time_rules import TimeCandidate
from farscrawler.persian import fold
from farscrawler.publishers import Publisher

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.extract.metadata import JsonLd, Machine
    from farscrawler.extract.selection import Selection

ReadAs = Callable[[Document, Publisher], tuple[RawFields | NoArticle, Evidence | None]]

# readability-lxml finds the box that holds the text. Of the extractors tried on the 23 pages with
# known texts that newspaper4k ships it had the best mean F1 of words (0.956; trafilatura 0.925, resiliparse 0.867,
# jusText 0.458), and on the two real Persian pages at hand it kept every word and every ZWNJ, which trafilatura
# deletes. What it hands back is markup, so that the lines are ours: read like those of any other page. The tree is cut
# down to the box; a page without text of this length has no article in it.
_LEAST_MAIN_TEXT = 140
# It says on every page which way it went.
logging.getLogger("readability").setLevel(logging.CRITICAL)


def main_part(text: str) -> Element | None:
    """Return the box of the text, as a tree of its own; None where the page has none. Never raises."""
    from readability import Document  # noqa: PLC0415  # slow to import, and seldom needed

    try:
        markup = Document(text).summary(html_partial=True, keep_all_images=True)
    except Exception:  # noqa: BLE001  # its own Unparseable, and whatever hostile markup makes of it
        return None
    root, _ = parse(markup.encode("utf-8", "replace"))
    if root is None or len("".join(map(str, root.itertext())).strip()) < _LEAST_MAIN_TEXT:
        return None
    return root


# A shorter text in a place that says it holds one is a teaser.
_LEAST_TEXT = 140
# A line of a time has the time, a label and perhaps an author; a longer one is a sentence that tells of a time.
_MAX_TIME_LINE = 80
# So many elements above the headline may hold the time, between it and a section or kicker; a page's clock and the
# last of a list of news stand farther off.
_ELEMENTS_ABOVE = 12
# And so many below it, unless a paragraph of the text comes first.
_ELEMENTS_BELOW = 40
# A lead may stand between headline and time; behind a second paragraph the text has begun.
_LEAST_PARAGRAPH = 40
_PARAGRAPHS_ABOVE = 1
# Where other articles and readers begin, whose times are their own.
_OTHERS = re.compile(r"relat|comment|similar|suggest|popular|latest|most-?view|sidebar|linear_news", re.IGNORECASE)
# So many lines of the main part may stand above the text: headline, time, kicker, section.
_LINES_ABOVE = 8
_NO_PLACES = frozenset({"script", "style", "head", "html", "body", "meta", "link", "title"})
_NEAR = "near the headline"
_ARTICLE_TYPES = ("article", "newsarticle", "video.other")
_ZONED = re.compile(r"(?:Z|GMT|UTC|[+\-]\d\d:?\d\d)\s*$", re.IGNORECASE)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?=[T ]|$)")
_PERSIAN = re.compile("[آ-ی]")
# Letters; shorter headings are a word or two, which any title may hold.
_LEAST_HEADLINE = 8
_HEADINGS = 5  # more of them are no titles
_HOME = re.compile(r"(?:(?:https?:)?//[^/]+)?/?(?:fa/?)?", re.IGNORECASE)


def read_fields(page: Document) -> RawFields | NoArticle:
    """Return the raw parts of an article, or what the page is instead.

    An article has a headline, a text, and says of itself that it is one: by a time of publication, or by its type.
    """
    reader = _Reader(page)
    found = engine.read_fields(page, find_text=reader.text, find_times=reader.times)
    if isinstance(found, NoArticle):
        return found
    if not any(found.paragraphs):
        return NoArticle("not-article", Reason.NO_TEXT)
    if not found.published_times and not _says_article(page):
        return NoArticle("not-article", Reason.NOT_SAID)
    return replace(found, article_id=None)


def _says_article(page: Document) -> bool:
    for meta in page.index.tagged("meta"):
        if (meta.get("property") or "").lower() == "og:type":
            return (meta.get("content") or "").strip().lower() in _ARTICLE_TYPES
    return any("NewsArticle" in (script.text or "") for script in page.index.tagged("script"))


class _Reader:
    """What the engine asks of a page whose markup nobody knows."""

    def __init__(self, page: Document) -> None:
        self.page = page
        self._time_line: str | None = None
        self._headline: str | None = None

    def times(self, selection: Selection, machine: Machine, said: JsonLd) -> list[TimeCandidate]:
        """Return the times of publication: machines', and the printed line, looked for near the headline."""
        self._headline = selection.first("headline")
        candidates = times.published(selection, machine, said)
        if all(one.machine for one in candidates):
            candidates += self._near_headline(selection)
        if _PERSIAN.search(self._headline or ""):
            return candidates
        return [one for one in (_in_no_zone(one, selection) for one in candidates) if one is not None]

    def text(self, selection: Selection) -> BodyText:
        """Return the text: where the page says it is, or else in its main part."""
        said = read_body(selection)
        if sum(map(len, said.lines.texts)) >= _LEAST_TEXT:
            return said
        box = main_part(_without_dropped(selection))
        if box is None:
            return said
        lines = self._below_headline(block_lines(box, [*box.iter("figure")]))
        selection.took("body", "the main part", next(filter(None, lines.texts), ""))
        return BodyText(box, (box,), "the main part", lines)

    def _near_headline(self, selection: Selection) -> list[TimeCandidate]:
        """Return the one time printed near the headline; none where several moments are named there."""
        around = self._around_headline(selection)
        places = [one for one in around if not selection.is_within_dropped(one) and not selection.is_of_others(one)]
        dated: dict[str, str] = {}
        for element in places:
            text = inline_text(element, selection.drops)
            if text is None or len(text) > _MAX_TIME_LINE or times.is_of_update(text):
                continue
            found = timestamps.read(text)
            if not isinstance(found, timestamps.Refusal):
                dated[f"{found.published_at or found.date}"] = text  # of nested elements the innermost stays
        if len(dated) > 1:
            for text in dated.values():
                selection.refused("published_at", _NEAR, text, "different times are printed there")
            return []
        if not dated:
            return []
        (self._time_line,) = dated.values()
        return [TimeCandidate(_NEAR, self._time_line)]

    @staticmethod
    def _around_headline(selection: Selection) -> list[Element]:
        """Return the elements around the headline, up to the first paragraph of a text."""
        headline = selection.headline
        if headline is None:
            return []
        order = [one for one in selection.page.root.iter("*") if one.tag not in _NO_PLACES]
        at = order.index(headline)
        inside = len([*headline.iter()])
        near = order[max(0, at - _ELEMENTS_ABOVE) : at]
        paragraphs = 0
        for element in order[at + inside : at + inside + _ELEMENTS_BELOW]:
            if element.tag == "p" and len("".join(map(str, element.itertext()))) >= _LEAST_PARAGRAPH:
                paragraphs += 1
            if paragraphs > _PARAGRAPHS_ABOVE or _OTHERS.search(f"{element.get('class')} {element.get('id')}"):
                break
            near.append(element)
        return near

    def _below_headline(self, lines: Lines) -> Lines:
        """Return the lines of the main part without what stands above the text and is known already."""
        known = {fold(line) for line in (self._headline, self._time_line) if line}
        start = 0
        for i, line in enumerate(lines.texts[:_LINES_ABOVE]):
            if fold(line) in known:
                start = i + 1
        links = {i - start: href for i, href in lines.links.items() if i >= start}
        return Lines(lines.texts[start:], links, {i - start for i in lines.cells if i >= start})


def _in_no_zone(candidate: TimeCandidate, selection: Selection) -> TimeCandidate | None:
    """Return what is certain of a time on a page that is not Persian: without a zone, the day alone."""
    if _ZONED.search(candidate.text) or not re.search(r"\d\d?:\d\d", candidate.text):
        return candidate
    day = _ISO_DAY.match(candidate.text)
    if day is not None:
        return replace(candidate, text=day[0])
    selection.refused("published_at", candidate.where, candidate.text, "it names no zone, and the page is not Persian")
    return None


def _without_dropped(selection: Selection) -> str:
    """Return the page's source without scripts and what is none of a text."""
    copy = deepcopy(selection.page.root)
    for element, same in zip(selection.page.root.iter(), [*copy.iter()], strict=True):
        if element in selection.drops or element.tag in ("script", "style"):
            same.clear(keep_tail=True)  # type: ignore[call-arg]  # the stubs are older than it
    source: str = etree.tostring(copy, encoding="unicode", method="html")
    return source


def read_from_anywhere(page: Document, read_as: ReadAs) -> RawFields | NoArticle:
    """Read a page by the family whose marks it bears most of, if what it finds is what the page calls itself.

    A widget of another site brings marks and headlines of its own. What no family finds so, or without a text, is read
    as a page of no known system; what is none either, as the first family has it, unless the page calls itself
    otherwise.
    """
    first: tuple[RawFields, Evidence | None] | None = None
    titles = _titles(page)
    for detected in detections(page.index, page.text):
        found, evidence = read_as(page, of_family(page.publisher, detected.family))
        if isinstance(found, NoArticle):
            continue
        found = replace(found, article_id=None)  # nobody said what it would be
        first = first or (found, evidence)
        is_titled = not titles or any(letters(found.headline) in title for title in titles)
        if is_titled and (any(found.paragraphs) or found.lead):
            page.believe(evidence)
            return found
    found, evidence = read_as(page, page.publisher)
    if isinstance(found, NoArticle) and first is not None and not titles:
        found, evidence = first
    page.believe(evidence)
    return found


def _titles(page: Document) -> list[str]:
    """Return what a page calls itself, letters and digits alone, where a heading of it says the same.

    Many titles are no more than the site's name, and the heading that says so leads to its first page.
    """
    said = [one.text for one in page.index.tagged("title")[:1]]
    said += [one.get("content") for one in page.index.tagged("meta") if one.get("property") == "og:title"]
    headings = [letters(inline_text(one) or "") for one in page.index.tagged("h1")[:_HEADINGS] if not _leads_home(one)]
    titles = {letters(one) for one in said if one}
    return [one for one in titles if any(len(h1) >= _LEAST_HEADLINE and h1 in one for h1 in headings)]


def _leads_home(heading: Element) -> bool:
    links = (*heading.iter("a"), *heading.iterancestors("a"))
    return any(_HOME.fullmatch((link.get("href") or "").strip()) for link in links)


def of_family(publisher: Publisher, name: str) -> Publisher:
    """Return a publisher as one of another family.

    Selectors of the stanza are those of the old system; what else it says holds of the site still.
    """
    return replace(publisher, family=name, selectors=MappingProxyType({}), rules=family_data(name).rules)
