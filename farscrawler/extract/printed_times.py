"""The times that a page gives: the printed line by its selectors, and what stands beside it for machines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler import timestamps
from farscrawler.extract.lines import inline_text
from farscrawler.extract.links import MANY_LINKS
from farscrawler.extract.metadata import RENDER_TIME
from farscrawler.extract.selection import is_large
from farscrawler.extract.time_rules import TimeCandidate
from farscrawler.persian import fold_label
from farscrawler.strings import fold_blanks

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.extract.metadata import JsonLd, Machine
    from farscrawler.extract.queries import Query
    from farscrawler.extract.selection import Selection

_MACHINES = ("datetime", "content")
_LABEL_CHARS = 80  # of a line; what follows is no label of its beginning
# With what words a page says that a time is the one of publication; compared as persian.fold has it.
_LABEL = re.compile("(?:تاریخ|زمان|ساعت|منتشر)[^:]{0,12}(?:انتشار|درج|مخابره|شده|خبر)|انتشار ?:|published|publish date")
_UPDATE = re.compile("آخرین|بروزرسانی|به روز ?رسانی|ویرایش|last|updat|modif")
# A line that opens so tells of an update, unless it tells of the publication too.
_OPENS_UPDATE = re.compile(
    r"(?!.*(?:انتشار|publish))(?:(?:آخرین|تاریخ|زمان) ?)*(?:بروزرسانی|بروز رسانی|به روز ?رسانی|ویرایش|تغییر)"
    r"|last (?:updat|modif)|updated"
)
#: Why a time of an update is refused; it is given where a page prints no other, which is not undated then.
OF_UPDATE = "it is the time of an update"
# Outside of the article's box a time may stand twice, for narrow screens, or in two calendars.
_MOST_OUTSIDE = 2


def published(selection: Selection, machine: Machine, said: JsonLd) -> list[TimeCandidate]:
    """Return the times of publication: machines' in order of trust, then the printed one."""
    printed, attributes = _read(selection, "published")
    rendered = machine.meta(RENDER_TIME)
    if rendered:
        selection.refused(
            "published_at", f"meta {RENDER_TIME}", rendered, "the moment the page was rendered, never read"
        )
    return _once([*machine.published(said), *attributes, *printed])


def modified(selection: Selection, machine: Machine, said: JsonLd) -> list[TimeCandidate]:
    """Return the times of the last change, in order of trust."""
    printed, attributes = _read(selection, "modified")
    return _once([*machine.modified(said), *attributes, *printed])


def _once(candidates: list[TimeCandidate]) -> list[TimeCandidate]:
    """Return candidates without those that were found twice, as by two selectors."""
    return list({(one.where, one.text): one for one in candidates}.values())


def is_of_list(selection: Selection, candidates: list[TimeCandidate]) -> bool:
    """Whether the only time of a page is printed in a place that is there many times, as in a list of articles."""
    if len(candidates) != 1 or candidates[0].machine:
        return False
    return any(
        str(query) == candidates[0].where and len(found) >= MANY_LINKS for query, found in selection.values("published")
    )


def _read(selection: Selection, field: str) -> tuple[list[TimeCandidate], list[TimeCandidate]]:
    """Return the one printed time that selectors find, if any, and those of the attributes they find.

    The first printed text with a date in it is taken; one without, only where there is no other.
    """
    dateless: TimeCandidate | None = None
    updated: TimeCandidate | None = None
    attributes: list[TimeCandidate] = []
    for query, elements in selection.places(field):
        if _are_of_list(selection, elements):
            text = inline_text(elements[0]) or ""
            selection.refused("published_at", str(query), text, f"stands {len(elements)} times outside of the article")
            continue
        for element in elements:
            if selection.is_of_others(element):
                selection.refused(
                    "published_at", str(query), inline_text(element) or "", "it stands among other articles"
                )
                continue
            if says_update(element) and field == "published":
                selection.refused("published_at", str(query), inline_text(element) or "", OF_UPDATE)
                updated = updated or TimeCandidate(str(query), inline_text(element) or "", refused=OF_UPDATE)
                continue
            attribute = _attribute(element, query)
            if attribute is not None and not (attributes and element.tag == "time" and selection.is_outside(element)):
                attributes.append(attribute)
            candidate = None if _is_machines(element, query) else _printed(selection, element, query)
            if candidate is not None and timestamps.looks_like(candidate.text):
                selection.held.add(element)
                selection.stands(field, element)
                return [candidate], attributes
            dateless = dateless or candidate
    spare = dateless or (None if attributes else updated)
    return ([spare] if spare else []), attributes


def _are_of_list(selection: Selection, elements: list[Element]) -> bool:
    """Whether places outside of the article's box tell many times, as a list of other articles does."""
    if len(elements) <= _MOST_OUTSIDE or not selection.is_outside(elements[0]):
        return False
    return len({inline_text(one) for one in elements}) > _MOST_OUTSIDE


def _is_machines(element: Element, query: Query) -> bool:
    """Whether a query holds a time for machines: in a meta or `datetime`; other attributes are for readers."""
    return query.attribute in _MACHINES or element.tag == "meta"


def says_update(element: Element) -> bool:
    """Whether an element says of itself, or its label does, that it is the time of an update."""
    if is_large(element):
        return False
    text = inline_text(element) or ""
    if element.tag == "time" and is_of_update(f"{element.get('class') or ''} {text}"):
        return True
    return any(_OPENS_UPDATE.match(fold_label(one)) for one in (text, (_before(element) or "")[-_LABEL_CHARS:].strip()))


def says_published(element: Element) -> bool:
    """Whether an element says of itself, or its label does, that it is the time of publication."""
    label = f"{(_before(element) or '')[-_LABEL_CHARS:]} {(inline_text(element) or '')[:_LABEL_CHARS]}"
    return _LABEL.search(fold_label(label)) is not None


def is_of_update(text: str) -> bool:
    """Whether a text says of itself that it is the time of an update."""
    return _UPDATE.search(fold_label(text)) is not None


def _attribute(element: Element, query: Query) -> TimeCandidate | None:
    """Return the time that an element, or a `time` in it, holds for machines."""
    if query.own_text:
        return None
    if query.attribute is not None:
        name = query.attribute
        value = element.get(name) if name in _MACHINES else None
    elif element.tag == "meta":
        if (element.get("name") or "").lower() == RENDER_TIME:
            return None
        name, value = "content", element.get("content")
    else:
        name = "datetime"
        holder = element if element.get(name) else next((one for one in element.iter("time") if one.get(name)), element)
        value = holder.get(name)
        if not value and element.get("itemprop"):
            name, value = "content", element.get("content")
    text = fold_blanks(value or "")
    return TimeCandidate(f"{query.place}::attr({name})", text, machine=True) if text else None


def _printed(selection: Selection, element: Element, query: Query) -> TimeCandidate | None:
    """Return the time that an element prints; its ``title``, which says more, where it prints a relative one."""
    text = selection.value(element, query)
    if text is None:
        return None
    labelled = says_published(element)
    if query.own_text:
        return TimeCandidate(str(query), text, labelled=labelled)
    title = fold_blanks(element.get("title") or "")
    if not title and element.getparent() is not None:
        title = fold_blanks(next((one.get("title") or "" for one in element.iter("time", "abbr", "span", "a")), ""))
    if title and timestamps.looks_like(title) and is_relative(text) and not is_relative(title):
        return TimeCandidate(f"{query}::attr(title)", title, labelled=labelled)
    return TimeCandidate(str(query), text, labelled=labelled)


def _before(element: Element) -> str | None:
    """Return the label that stands before an element, in one of its own or bare."""
    before = element.getprevious()
    if before is None:
        parent = element.getparent()
        return None if parent is None else parent.text
    if before.tail and before.tail.strip():
        return before.tail
    text = inline_text(before) if not is_large(before) else None
    return text if text and text.endswith(":") else None


def is_relative(text: str) -> bool:
    """Whether a text counts from the moment it was printed: «۲ ساعت قبل»."""
    found = timestamps.read(text)
    return isinstance(found, timestamps.Refusal) and found.reason == timestamps.RefusalReason.NO_FETCH_TIME
