"""Fields of an article: section, tags, authors and pictures from its selection; headings and lead from raw fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import unquote

from farscrawler.extract.lines import inline_text
from farscrawler.extract.markup import figure_caption, has_class, images, images_at
from farscrawler.extract.selection import CAPTION_BOX, LESS_TRUSTED
from farscrawler.persian import fold_label, spelling_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element as Element

    from farscrawler.extract.body import BodyText
    from farscrawler.extract.metadata import JsonLd, Machine
    from farscrawler.extract.page import RawFields
    from farscrawler.extract.selection import Selection
    from farscrawler.items import Image
    from farscrawler.publishers import Publisher


# A label of so many words that begins the headline is that headline, cut off without a mark.
_TITLE_WORDS = 4
# Labels at the start of a section path that are no section.
_HOME = frozenset(
    map(
        fold_label, ("صفحه نخست", "صفحه اصلی", "صفحه اول", "خانه", "اصلی", "home", "شما اینجا هستید", "سرویس:", "گروه:")
    )
)
_PATH = re.compile(r"\s*(?:»|›|::|[>\\]|»)\s*")
_COMMAS = re.compile(r"\s*[,،؛]\s*")
_TAG_LABEL = re.compile(r"(?:برچسب|تگ|کلید\s?واژه|کلمات کلیدی)[\s\u200c]?(?:ها|های خبر|های مطلب)?\s*:\s*")
_BY = re.compile(r"(?:نویسنده|خبرنگار|به قلم|گزارشگر|عکاس)\s*:\s*")


def section_of(selection: Selection, machine: Machine, said: JsonLd, headline: str | None) -> str | None:
    """Return the last label of the section path, the most specific one."""
    publisher = selection.page.publisher
    none = {*_HOME, *map(fold_label, (*publisher.site_names, publisher.name, headline or ""))}
    taken: str | None = None
    for where, path, elements in _paths(selection, machine, said):
        labels = path[publisher.rules.section_skip :]
        sections = [one for one in labels if fold_label(one) not in none and not _is_cut_off(one, headline)]
        if not sections:
            selection.refused("section", where, " > ".join(path), "no label of it is a section")
        elif taken is None:
            taken = sections[-1]
            selection.took("section", where, " > ".join(path), *elements)
            if not selection.is_explained:
                break
        else:
            selection.refused("section", where, sections[-1], LESS_TRUSTED)
    return taken


def _is_cut_off(label: str, headline: str | None) -> bool:
    """Whether a label is the beginning of the headline, as the last one of a path often is."""
    if headline is None or not (label.endswith(("…", "...")) or len(label.split()) >= _TITLE_WORDS):
        return False
    return fold_label(headline).startswith(fold_label(label).rstrip("….").rstrip())


def _paths(selection: Selection, machine: Machine, said: JsonLd) -> Iterator[tuple[str, list[str], list[Element]]]:
    for query, found in selection.values("section"):
        yield str(query), _split(_PATH, [value for _, value in found]), [one for one, _ in found]
    machines = {"meta article:section": machine.meta("article:section"), "json-ld articleSection": said.section}
    for where, value in machines.items():
        if value:
            yield where, _split(_PATH, [value]), []


def tags_of(selection: Selection, machine: Machine, said: JsonLd) -> tuple[str, ...]:
    """Return the tags, each once: one an element, or one list separated by commas."""
    taken: tuple[str, ...] = ()
    for where, values, elements in _tag_lists(selection, machine, said):
        one_list = len(values) == 1
        texts = _split(_COMMAS, values) if one_list else values
        found = tuple(dict.fromkeys(filter(None, (_TAG_LABEL.sub("", text).strip(" #\u00a0") for text in texts))))
        if found and not taken:
            taken = found
            selection.took("tags", where, "، ".join(found), *elements)
            if not selection.is_explained:
                break
        elif found:
            selection.refused("tags", where, "، ".join(found), LESS_TRUSTED)
    return taken


def _tag_lists(
    selection: Selection, machine: Machine, said: JsonLd
) -> Iterator[tuple[str, Sequence[str], list[Element]]]:
    for query, found in selection.values("tags"):
        yield str(query), [value for _, value in found], [one for one, _ in found]
    machines = {"meta article:tag": machine.metas.get("article:tag", []), "json-ld keywords": said.keywords}
    for where, values in machines.items():
        if values:
            yield where, values, []


def authors_of(selection: Selection) -> tuple[str, ...]:
    """Return the authors that the page prints, each once."""
    for query, found in selection.values("authors"):
        names = tuple(dict.fromkeys(filter(None, (_BY.sub("", value).strip() for _, value in found))))
        if names:
            selection.took("authors", str(query), "، ".join(names), *(one for one, _ in found))
            return names
    return ()


def _split(separator: re.Pattern[str], values: Sequence[str]) -> list[str]:
    return [part for value in values for part in separator.split(value) if part]


def images_of(selection: Selection, text: BodyText) -> tuple[Image, ...]:
    """Return the pictures with their captions, those beside the text first, each once."""
    base = selection.page.base
    beside: tuple[Image, ...] = ()
    for query, elements in selection.places("images"):
        if query.attribute is not None:
            beside = images_at(elements, query.attribute, base, caption)
        elif elements[0].tag == "meta":
            if not text.parts or not any(True for part in text.parts for _ in part.iter("img")):
                beside = images_at(elements[:1], "content", base, lambda _: None)
        else:
            beside = images((one for element in elements for one in element.iter("img")), base, caption)
        if beside:
            selection.took("images", str(query), beside[0]["url"])
            break
    within = [one for part in text.parts for one in part.iter("img") if not _is_dropped(one, selection)]
    if within:
        selection.took("images", f"in {text.where}", within[0].get("src") or "")
    found = {one["url"]: one for one in (*beside, *images(within, base, caption)) if one["url"]}
    return tuple(found.values())


def caption(picture: Element) -> str | None:
    """Return what a page prints under a picture; the ``alt`` text is not printed."""
    for parent in picture.iterancestors("div", "dl", "p"):
        if has_class(parent, CAPTION_BOX):
            return inline_text(parent)
    return figure_caption(picture)


def _is_dropped(element: Element, selection: Selection) -> bool:
    return bool(selection.drops) and any(parent in selection.drops for parent in element.iterancestors())


@dataclass(frozen=True, slots=True)
class Headings:
    """The lines above an article's text."""

    kicker: str | None
    headline: str
    subtitle: str | None = None
    warnings: tuple[str, ...] = ()


def read_headline(raw: RawFields) -> Headings:
    """Return kicker, headline and subtitle; a subtitle that the site means as the lead is no subtitle."""
    subtitle = raw.subtitle if raw.subtitle != raw.lead else None
    return Headings(raw.kicker, raw.headline, subtitle)


def place_headings(lines: Sequence[str], slug: str | None, unplaced: int = 0) -> Headings:
    """Return kicker and headline of the lines above the timestamp: at least one, without site names and blanks.

    The last line is the headline and the one before it the kicker, unless the permalink's slug, which is the headline
    with its spaces turned to ``-``, shows that the headline runs over more lines or stands above a subtitle. What is
    left over is warned of, together with so many ``unplaced`` lines that the caller knows of.
    """
    start, end = _headline(lines, slug) or (len(lines) - 1, len(lines))
    before, after = lines[:start], lines[end:]
    unplaced += len(before[:-1]) + len(after[1:])
    return Headings(
        before[-1] if before else None,
        " ".join(lines[start:end]),
        after[0] if after else None,
        (f"unplaced-lines: {unplaced}",) if unplaced else (),
    )


def _headline(lines: Sequence[str], slug: str | None) -> tuple[int, int] | None:
    """Return start and end of the lines that say what the slug says."""
    wanted = letters(unquote(slug)) if slug and len(lines) > 1 else ""
    if not wanted:
        return None
    for start in reversed(range(len(lines))):  # where two lines say it the lower one is the headline
        said = ""
        for end, line in enumerate(lines[start:], start + 1):
            said += letters(line)
            if said == wanted:
                return start, end
            if len(said) >= len(wanted):
                break
    return None


@lru_cache(maxsize=64)  # the few headings of a page are asked for more than once
def letters(text: str) -> str:
    """Return letters and digits alone: sites drop or change quotes and marks in their slugs."""
    return "".join(filter(str.isalnum, fold_label(text)))


NO_LEAD = "no-lead"
# A city stands between two separators and is one to three words. The second separator stands free:
# «تهران-شیراز» is not cut in two, and in «شهردار شیراز: …» a speaker is named, not a place.
_SEPARATOR = r"[-–—_:ـ−]+"
_WORD = r"(?!ـ)[^\W\d_]+"  # the tatweel is a letter to a regular expression, and a dash to some typists
_CITY = rf"{_WORD}(?:[ \u200c\u00a0]{_WORD}){{0,2}}(?=\s+{_SEPARATOR}(?:\s|$))"
_DATELINE = rf"(?P<dateline>(?:NAMES)(?:\s*{_SEPARATOR}\s*{_CITY})?)(?:\s*{_SEPARATOR}\s*|\s*$)"


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline as printed, with its city if any, and the text after its separator (may be empty)."""

    dateline: str
    rest: str


@dataclass(frozen=True, slots=True)
class Opening:
    """How an article's text divides: dateline, lead, the paragraphs of the body, and why there is no lead."""

    dateline: str | None
    lead: str | None
    body: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def split_dateline(text: str, names: tuple[str, ...]) -> Dateline | None:
    """Split a paragraph opened by one of the publisher's datelines; None when it is not."""
    if not names:
        return None
    found = _pattern(names).match(text)
    if found is None:
        return None
    return Dateline(found["dateline"], text[found.end() :])


def read_lead(raw: RawFields, publisher: Publisher) -> Opening:
    """Divide an article's text into dateline, lead and body.

    A lead is what the markup sets apart, or (where the publisher prints one) the first of several paragraphs when a
    dateline opens it or a blank line sets it apart from all others. A lone paragraph is body, exactly as printed.
    """
    paragraphs = tuple(filter(None, raw.paragraphs))
    names = publisher.datelines
    if raw.lead is not None and paragraphs:
        opened = split_dateline(raw.lead, names)
        if opened is None:
            return Opening(None, raw.lead, paragraphs)
        return Opening(opened.dateline, opened.rest or None, paragraphs, () if opened.rest else (NO_LEAD,))
    if raw.lead is not None:
        paragraphs = (raw.lead,)
    if not paragraphs:
        return Opening(None, None, (), (NO_LEAD,))
    first, *others = paragraphs
    opened = split_dateline(first, names)
    if others and publisher.lead_by_dateline:
        if opened is not None:
            return Opening(opened.dateline, opened.rest or None, tuple(others), () if opened.rest else (NO_LEAD,))
        if _set_apart(raw.paragraphs):
            return Opening(None, first, tuple(others))
    return Opening(opened.dateline if opened else None, None, paragraphs, (NO_LEAD,))


def _set_apart(lines: tuple[str, ...]) -> bool:
    """Whether a blank line follows the first paragraph and not every other: where all do, none tells the lead."""
    if len(lines) < len(("lead", "", "body")) or lines[1]:
        return False
    rest = lines[2:]
    return len(rest) == 1 or any(a and b for a, b in pairwise(rest))


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    # Longest first, so that no name is cut short by one that begins it.
    alternatives = "|".join(spelling_pattern(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(_DATELINE.replace("NAMES", alternatives))
