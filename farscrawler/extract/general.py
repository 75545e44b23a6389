"""Pages of sites of nobody: read by the family of their markup, or as pages of no known system.

Of the latter: machine-readable fields, the headline that the page's titles repeat, a time near it, and the box that
holds the text. Pages of a publisher whose stanza does not fit are read so too (``farscrawler.extract.fallback``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from farscrawler.extract import engine
from farscrawler.extract.document import Document
from farscrawler.extract.explain import Evidence
from farscrawler.extract.family import detections, family_data
from farscrawler.extract.fields import letters
from farscrawler.extract.general_kinds import is_service, no_article, says_article
from farscrawler.extract.general_selection import LEAST_HEADLINE, GeneralSelection, leads_home, titles_of
from farscrawler.extract.general_text import find_text
from farscrawler.extract.general_times import Times
from farscrawler.extract.lines import inline_text
from farscrawler.extract.page import NoArticle, RawFields, Reason
from farscrawler.publishers import Publisher

if TYPE_CHECKING:
    from farscrawler.extract.body import BodyText
    from farscrawler.extract.metadata import JsonLd, Machine
    from farscrawler.extract.selection import Selection
    from farscrawler.extract.time_rules import TimeCandidate

ReadAs = Callable[[Document, Publisher], tuple[RawFields | NoArticle, Evidence | None]]

# A page without a time that has so many paragraphs, each and together so long in characters, is no table of contents.
_PARAGRAPHS, _LEAST_PROSE, _PROSE = 3, 30, 200
_HEADINGS = 5  # more of them are no titles


def read_fields(page: Document) -> RawFields | NoArticle:
    """Return the raw parts of an article, or what the page is instead.

    An article has a headline, a text, and says of itself that it is one: by a time of publication, by its type, or by
    its shape, running prose under the headline that the page calls itself by.
    """
    rules = replace(page.publisher.rules, json_ld_body=True)
    page = replace(page, publisher=replace(page.publisher, rules=rules))
    reader = _Reader(page)
    found = engine.read_fields(page, select=GeneralSelection, find_text=reader.text, find_times=reader.times)
    if isinstance(found, NoArticle):
        return found
    if not any(found.paragraphs) and not (found.lead and reader.is_said):  # photo stories have a lead alone
        return NoArticle("not-article", Reason.NO_TEXT)
    if (refused := no_article(page, found)) is not None:
        return refused
    if not found.published_times and not reader.is_said and not _is_shaped(page, found):
        return NoArticle("not-article", Reason.NOT_SAID)
    return found


def _is_shaped(page: Document, found: RawFields) -> bool:
    """Whether a page without a time is an article beyond doubt by its shape."""
    headline = letters(found.headline)
    if len(headline) < LEAST_HEADLINE or not any(headline in title for title in titles_of(page.index)):
        return False
    prose = [line for line in found.paragraphs if len(line) >= _LEAST_PROSE]
    return len(prose) >= _PARAGRAPHS and sum(map(len, prose)) >= _PROSE and not is_service(page, found.headline)


class _Reader:
    """What the engine asks of a page whose markup nobody knows."""

    def __init__(self, page: Document) -> None:
        self.page = page
        self.is_said = says_article(page)
        self._times: Times | None = None
        self._candidates: list[TimeCandidate] = []

    def times(self, selection: Selection, machine: Machine, said: JsonLd) -> list[TimeCandidate]:
        """Return the times of publication: machines', and the printed line, looked for near the headline."""
        self._times = Times(cast("GeneralSelection", selection))
        self._candidates = self._times.published(machine, said)
        return self._candidates

    def text(self, selection: Selection) -> BodyText:
        """Return the text: where the page says it is, or else in its main part."""
        headline = inline_text(selection.headline) if selection.headline is not None else None
        known = (headline, self._times.line if self._times is not None else None)
        return find_text(cast("GeneralSelection", selection), known, is_said=self.is_said or bool(self._candidates))


def read_from_anywhere(page: Document, read_as: ReadAs) -> RawFields | NoArticle:
    """Read a page by the family whose marks it bears most of, if what it finds is what the page calls itself.

    A widget of another site brings marks and headlines of its own. What no family finds so, or without a text, is read
    as a page of no known system; what is none either, as the first family has it, unless the page calls itself
    otherwise. A home page or list is no article, whatever family reads it.
    """
    first: tuple[RawFields, Evidence | None] | None = None
    titles = _titles(page)
    for detected in detections(page.index, page.text):
        found, evidence = read_as(page, of_family(page.publisher, detected.family))
        if isinstance(found, NoArticle):
            continue
        found = replace(found, article_id=None)  # nobody said what it would be
        if (refused := no_article(page, found)) is not None:
            return refused
        first = first or (found, evidence)
        is_titled = not titles or any(letters(found.headline) in title for title in titles)
        if is_titled and (any(found.paragraphs) or found.lead):
            page.believe(evidence)
            return found
    found, evidence = read_as(page, page.publisher)
    if isinstance(found, NoArticle) and first is not None and not titles and found.reason is not Reason.HOME_PAGE:
        found, evidence = first
    page.believe(evidence)
    return found if isinstance(found, NoArticle) else replace(found, article_id=None)


def _titles(page: Document) -> list[str]:
    """Return what a page calls itself, letters and digits alone, where a heading of it says the same.

    Many titles are no more than the site's name, and the heading that says so leads to its first page.
    """
    said = [one.text for one in page.index.tagged("title")[:1]]
    said += [one.get("content") for one in page.index.tagged("meta") if one.get("property") == "og:title"]
    headings = [letters(inline_text(one) or "") for one in page.index.tagged("h1")[:_HEADINGS] if not leads_home(one)]
    titles = {letters(one) for one in said if one}
    return [one for one in titles if any(len(h1) >= LEAST_HEADLINE and h1 in one for h1 in headings)]


def of_family(publisher: Publisher, name: str) -> Publisher:
    """Return a publisher as one of another family.

    Selectors of the stanza are those of the old system; what else it says holds of the site still.
    """
    return replace(publisher, family=name, selectors=MappingProxyType({}), rules=family_data(name).rules)
