"""Times on a page of no known system: those for machines, and the one time that is printed near the headline.

What says of itself that it is no time of publication is left out: page clocks, updates, entries of lists and of live
blogs, other articles. What nothing but its place vouches for is not believed where it is the moment of the fetch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from farscrawler import timestamps
from farscrawler.extract import printed_times as times
from farscrawler.extract.css import ancestors
from farscrawler.extract.lines import inline_text
from farscrawler.extract.time_rules import TimeCandidate, read_machine_time
from farscrawler.strings import fold_blanks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

    from farscrawler.extract.general_selection import GeneralSelection
    from farscrawler.extract.metadata import JsonLd, Machine

# A line of a time has the time, a label and perhaps an author; a longer one is a sentence that tells of a time.
_MAX_TIME_LINE = 80
# So many elements above the headline may hold the time, between it and a section or kicker; a page's clock and the
# last of a list of news stand farther off. In the article's own box, as many as below it.
_ELEMENTS_ABOVE = 12
# And so many below it, unless a paragraph of the text comes first.
_ELEMENTS_BELOW = 40
# A lead may stand between headline and time; behind a second paragraph the text has begun.
_LEAST_PARAGRAPH = 40
_PARAGRAPHS_ABOVE = 1
_NO_PLACES = frozenset({"script", "style", "head", "html", "body", "meta", "link", "title"})
NEAR = "near the headline"
LABELLED = "labelled as the time of publication"
# What a page's own clock calls itself, in a class or id.
_CLOCK = re.compile(
    r"(?:[\w-]*[-_])?(?:clock|now|today|todays?-?date|(?:current|server|site|header|top|live|jalali)[-_]?(?:date|time)"
    r"|date[-_]?(?:now|today|top|header)|time[-_]?(?:now|today|top|header)|lib_time)(?:[-_][\w-]*)?",
    re.IGNORECASE,
)
_TODAY = re.compile("امروز|today", re.IGNORECASE)
_CLOCK_ALONE = re.compile(
    r"\W*(?:ساعت|زمان|در)?\W*[\d۰-۹٠-٩]{1,2}\s*[:٫]\s*[\d۰-۹٠-٩]{2}(?:\s*[:٫]\s*[\d۰-۹٠-٩]{2})?\W*"
)
_DIGIT = re.compile(r"\d")
_ZONED = re.compile(r"(?:Z|GMT|UTC|[+\-]\d\d:?\d\d)\s*$", re.IGNORECASE)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?=[T ]|$)")
_PERSIAN = re.compile("[آ-ی]")
# Entries beside an element that have times of their own, from which it is one of a list.
_ENTRIES = 2
_ICON_AND_LINK = 2  # elements that the line of a time may hold
_MOST_IN_LINE = 15  # elements: icons, labels, day and clock
_LOOKED_AT = 60  # elements of an entry, and entries


@dataclass(frozen=True, slots=True)
class _Found:
    """One time near the headline, and where it stands."""

    element: Element
    text: str
    read: timestamps.Timestamp
    machine: bool = False
    labelled: bool = False

    @property
    def key(self) -> str:
        """Return the moment, or the day where no more is known."""
        return f"{self.read.published_at or self.read.date}"


class Times:
    """The times of publication of one page."""

    def __init__(self, selection: GeneralSelection) -> None:
        self.selection = selection
        #: The printed line that was taken, None for none.
        self.line: str | None = None

    def published(self, machine: Machine, said: JsonLd) -> list[TimeCandidate]:
        """Return the times of publication: machines', and the printed line, looked for near the headline."""
        headline = self.selection.headline
        candidates = [replace(one, unvouched=not one.labelled) for one in self._usual(machine, said)]
        if all(one.machine for one in candidates):
            candidates += self._near_headline()
        if not candidates:
            candidates += self._labelled_elsewhere()
        text = inline_text(headline) or "" if headline is not None else machine.meta("og:title") or said.headline or ""
        if _PERSIAN.search(text):
            return candidates
        return [one for one in (_in_no_zone(one, self.selection) for one in candidates) if one is not None]

    def _usual(self, machine: Machine, said: JsonLd) -> list[TimeCandidate]:
        return times.published(self.selection, machine, said)

    def _near_headline(self) -> list[TimeCandidate]:
        """Return the one time printed near the headline; none where several moments are named there."""
        found = self._found(self._around_headline())
        found += self._joined(found)
        moments = _moments(self._closest(found))
        if len(moments) > 1:
            labelled = {key: one for key, one in moments.items() if one.labelled}
            if len(labelled) != 1:
                for one in moments.values():
                    self.selection.refused("published_at", NEAR, one.text, "different times are printed there")
                return []
            moments = labelled
        return [self._candidate(one, NEAR) for one in moments.values()]

    def _closest(self, found: list[_Found]) -> list[_Found]:
        """Return the times in the innermost box that holds the headline and a time; a page's head stands outside it."""
        depths = [self.selection.depth(one.element) for one in found]
        return [one for one, depth in zip(found, depths, strict=True) if depth == max(depths)]

    def _labelled_elsewhere(self) -> list[TimeCandidate]:
        """Return the one time of the page that is labelled as that of its publication, wherever it stands."""
        headline = self.selection.headline
        if headline is None:
            return []
        found = self._found(self.selection.order, labelled=True)
        moments = _moments(found)
        return [self._candidate(one, LABELLED) for one in moments.values()] if len(moments) == 1 else []

    def _candidate(self, found: _Found, where: str) -> TimeCandidate:
        if found.machine:
            return TimeCandidate(f"{where}::attr(datetime)", found.text, machine=True, unvouched=True)
        self.line = found.text
        self.selection.held.add(found.element)
        self.selection.stands("published", found.element)
        headline = self.selection.headline
        order = self.selection.order
        above = headline is not None and order[found.element] < order[headline]
        return TimeCandidate(where, found.text, labelled=found.labelled, unvouched=not found.labelled, above=above)

    def _read(self, element: Element) -> Iterator[_Found]:
        """Yield the times that an element prints, or holds for machines where it prints a relative one."""
        text = inline_text(element, self.selection.drops)
        if text is None or len(text) > _MAX_TIME_LINE or times.says_update(element):
            return
        labelled = times.says_published(element)
        if (times.is_of_update(text) or _TODAY.search(text)) and not labelled:
            return
        line = self._read_line(element, text)
        if line is not None:
            yield _Found(element, line[0], line[1], labelled=labelled)
            return
        value = fold_blanks(element.get("datetime") or "") if element.tag == "time" else ""
        if value:
            moment = read_machine_time(value, fetched_at=None, tz=self.selection.page.publisher.tz)
            if not isinstance(moment, timestamps.Refusal):
                yield _Found(element, value, moment, machine=True)
                return
        title = fold_blanks(element.get("title") or "")
        if title and timestamps.looks_like(title):
            moment = timestamps.read(title)
            if not isinstance(moment, timestamps.Refusal):
                yield _Found(element, title, moment, labelled=labelled)

    @staticmethod
    def _read_line(element: Element, text: str) -> tuple[str, timestamps.Timestamp] | None:
        """Return the time in a line; the parts of it that stand in elements of their own are words of their own.

        `<b>۱۲ مهر ۱۴۰۱</b><b>۹:۲۴</b>` is no year of five digits. Where both readings are times, they have to agree.
        """
        spaced = fold_blanks(" ".join(map(str, element.itertext()))) if len(element) else text
        found = [
            (line, read)
            for line in dict.fromkeys((spaced, text))
            if "".join(line.split()) == "".join(text.split())
            and not isinstance(read := timestamps.read(line), timestamps.Refusal)
        ]
        if len(found) > 1 and (found[0][1].published_at, found[0][1].date) != (
            found[1][1].published_at,
            found[1][1].date,
        ):
            return None
        return found[0] if found else None

    def _joined(self, found: list[_Found]) -> list[_Found]:
        """Return days with the clock that stands beside them in an element of its own."""
        joined = []
        for one in found:
            if one.read.published_at is not None or one.machine:
                continue
            clocks = {clock for clock in _beside(one.element) if _CLOCK_ALONE.fullmatch(clock)}
            if len(clocks) == 1:
                text = f"{one.text} {clocks.pop()}"
                moment = timestamps.read(text)
                if not isinstance(moment, timestamps.Refusal) and moment.date == one.read.date:
                    joined.append(replace(one, text=text, read=moment))
        return joined

    def _around_headline(self) -> list[Element]:
        """Return the elements around the headline, up to the first paragraph of a text."""
        headline = self.selection.headline
        if headline is None or headline.tag in _NO_PLACES:
            return []
        order = [one for one in self.selection.order if one.tag not in _NO_PLACES]
        at = order.index(headline)
        inside = len(list(headline.iter("*")))
        box = next((one for one in ancestors(headline) if _is_article(one)), None)
        first = at - _ELEMENTS_ABOVE if box is None else max(order.index(box), at - _ELEMENTS_BELOW)
        near = order[max(0, min(first, at - _ELEMENTS_ABOVE)) : at + inside]
        paragraphs = 0
        for element in order[at + inside : at + inside + _ELEMENTS_BELOW]:
            if element.tag == "p" and len("".join(map(str, element.itertext()))) >= _LEAST_PARAGRAPH:
                paragraphs += 1
            if paragraphs > _PARAGRAPHS_ABOVE or self.selection.is_of_others(element):
                break
            near.append(element)
        return near

    def _found(self, elements: Iterable[Element], *, labelled: bool = False) -> list[_Found]:
        """Return the times in elements that may be the article's: of no page's head, no list, no other article."""
        places = [one for one in elements if one.tag not in _NO_PLACES]
        places = [one for one in places if _may_hold_time(one)]
        if labelled:  # first: to read all the numbers of a long menu takes longer than all else of a page
            places = [one for one in places if times.says_published(one)]
        found = [time for one in places for time in self._read(one)]
        if labelled:
            found = [one for one in found if one.labelled and not one.machine]
        return [time for time in found if self._may_be_own(time.element)]

    def _may_be_own(self, element: Element) -> bool:
        if self.selection.is_within_dropped(element) or self.selection.is_of_others(element):
            return False
        return not self._is_of_page(element) and not self._is_one_of_list(element)

    def _is_of_page(self, element: Element) -> bool:
        """Whether an element is the page's own clock, or stands at the head of the page, where such clocks are."""
        for one in (element, *ancestors(element)):
            if one in self.selection.around:
                return False
            names = f"{one.get('class') or ''} {one.get('id') or ''}".split()
            if any(_CLOCK.fullmatch(name) for name in names):
                return True
            parent = one.getparent()
            if one.tag == "header" and parent is not None and parent.tag in ("body", "form", "div"):
                return not any("post" in name or "entry" in name or "article" in name for name in names)
        return False

    def _is_one_of_list(self, element: Element) -> bool:
        """Whether a time is that of an entry among others with times of their own: a list, or a live blog."""
        own = _days_in(element)
        if not own:
            return False
        for one in (element, *ancestors(element)):
            parent = one.getparent()
            if one in self.selection.around or parent is None:
                return False
            alike = [
                other
                for other in islice(parent.iterchildren(one.tag), _LOOKED_AT)
                if other is not one and other.get("class") == one.get("class")
            ]
            if sum(1 for other in alike if _days_in(other) - own) >= _ENTRIES:
                return True
        return False


def _is_article(element: Element) -> bool:
    if element.tag in _NO_PLACES:
        return False
    return element.tag == "article" or "Article" in (element.get("itemtype") or "")


def _may_hold_time(element: Element) -> bool:
    """Whether an element is as short as a line and has digits, or a time for machines."""
    if next(islice(element.iter("*"), _MOST_IN_LINE, None), None) is not None:
        return False
    return bool(_DIGIT.search("".join(map(str, element.itertext()))) or element.get("datetime"))


def _moments(found: list[_Found]) -> dict[str, _Found]:
    """Return the times by what they mean, without days whose moment is there too; of nested ones the innermost."""
    timed = {one.read.date for one in found if one.read.published_at is not None}
    kept = [one for one in found if one.read.published_at is not None or one.read.date not in timed]
    moments: dict[str, _Found] = {}
    for one in kept:
        other = moments.get(one.key)
        moments[one.key] = replace(one, labelled=one.labelled or (other is not None and other.labelled))
    return moments


def _beside(element: Element) -> Iterator[str]:
    """Yield the texts that stand directly before and behind an element, in elements of their own or bare."""
    one: Element | None = element
    while one is not None and one.getprevious() is None and one.getnext() is None:
        one = one.getparent()  # a day that is wrapped once more than its clock
    if one is None:
        return
    if one.tail and one.tail.strip():
        yield fold_blanks(one.tail)
    for step in (one.getnext, one.getprevious):
        other = step()
        while other is not None and not inline_text(other):
            other = other.getnext() if step == one.getnext else other.getprevious()
        if other is not None:
            yield inline_text(other) or ""


def _days_in(element: Element) -> set[str]:
    """Return the moments that an element prints in short lines, or the days where no more is known."""
    lines = {text for one in islice(element.iter("*"), _LOOKED_AT) if (text := _own_line(one)) is not None}
    return {moment for text in lines if (moment := _moment(text)) is not None}


@lru_cache(maxsize=256)
def _moment(text: str) -> str | None:
    found = timestamps.read(text) if timestamps.looks_like(text) else None
    return f"{found.published_at or found.date}" if isinstance(found, timestamps.Timestamp) else None


def _own_line(element: Element) -> str | None:
    if element.tag in _NO_PLACES or len(element) > _ICON_AND_LINK:
        return None
    if not _DIGIT.search("".join(map(str, islice(element.itertext(), _LOOKED_AT)))):
        return None
    text = inline_text(element)
    return text if text and len(text) <= _MAX_TIME_LINE and not times.is_of_update(text) else None


def _in_no_zone(candidate: TimeCandidate, selection: GeneralSelection) -> TimeCandidate | None:
    """Return what is certain of a time on a page that is not Persian: without a zone, the day alone."""
    if _ZONED.search(candidate.text) or not re.search(r"\d\d?:\d\d", candidate.text):
        return candidate
    day = _ISO_DAY.match(candidate.text)
    if day is not None:
        return replace(candidate, text=day[0])
    selection.refused("published_at", candidate.where, candidate.text, "it names no zone, and the page is not Persian")
    return None
