"""Section, tags and authors: what stands around an article as labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.families.desk import LESS_TRUSTED
from farscrawler.persian import comparable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element as Element

    from farscrawler.families.desk import Desk
    from farscrawler.parsing.jsonld import JsonLd
    from farscrawler.parsing.metas import Machine

# Labels at the start of a section path that are no section.
_HOME = frozenset(
    map(
        comparable, ("صفحه نخست", "صفحه اصلی", "صفحه اول", "خانه", "اصلی", "home", "شما اینجا هستید", "سرویس:", "گروه:")
    )
)
_PATH = re.compile(r"\s*(?:»|›|::|[>\\]|»)\s*")
_COMMAS = re.compile(r"\s*[,،؛]\s*")
_TAG_LABEL = re.compile(r"(?:برچسب|تگ|کلید\s?واژه|کلمات کلیدی)[\s\u200c]?(?:ها|های خبر|های مطلب)?\s*:\s*")
_BY = re.compile(r"(?:نویسنده|خبرنگار|به قلم|گزارشگر|عکاس)\s*:\s*")


def section(desk: Desk, machine: Machine, said: JsonLd, headline: str | None) -> str | None:
    """Return the last label of the section path, the most specific one."""
    publisher = desk.page.publisher
    none = {*_HOME, *map(comparable, (*publisher.site_names, publisher.name, headline or ""))}
    taken: str | None = None
    for where, path, elements in _paths(desk, machine, said):
        labels = path[publisher.rules.section_skip :]
        sections = [one for one in labels if comparable(one) not in none and not _is_cut_off(one, headline)]
        if not sections:
            desk.refused("section", where, " > ".join(path), "no label of it is a section")
        elif taken is None:
            taken = sections[-1]
            desk.took("section", where, " > ".join(path), *elements)
            if not desk.is_explained:
                break
        else:
            desk.refused("section", where, sections[-1], LESS_TRUSTED)
    return taken


def _is_cut_off(label: str, headline: str | None) -> bool:
    """Whether a label is the beginning of the headline, as the last one of a path often is."""
    if headline is None or not label.endswith(("…", "...")):
        return False
    return comparable(headline).startswith(comparable(label).rstrip("….").rstrip())


def _paths(desk: Desk, machine: Machine, said: JsonLd) -> Iterator[tuple[str, list[str], list[Element]]]:
    for source, found in desk.values("section"):
        yield str(source), _split(_PATH, [value for _, value in found]), [one for one, _ in found]
    machines = {"meta article:section": machine.meta("article:section"), "json-ld articleSection": said.section}
    for where, value in machines.items():
        if value:
            yield where, _split(_PATH, [value]), []


def tags(desk: Desk, machine: Machine, said: JsonLd) -> tuple[str, ...]:
    """Return the tags, each once: one an element, or one list separated by commas."""
    taken: tuple[str, ...] = ()
    for where, values, elements in _tag_lists(desk, machine, said):
        one_list = len(values) == 1
        texts = _split(_COMMAS, values) if one_list else values
        found = tuple(dict.fromkeys(filter(None, (_TAG_LABEL.sub("", text).strip(" #\u00a0") for text in texts))))
        if found and not taken:
            taken = found
            desk.took("tags", where, "، ".join(found), *elements)
            if not desk.is_explained:
                break
        elif found:
            desk.refused("tags", where, "، ".join(found), LESS_TRUSTED)
    return taken


def _tag_lists(desk: Desk, machine: Machine, said: JsonLd) -> Iterator[tuple[str, Sequence[str], list[Element]]]:
    for source, found in desk.values("tags"):
        yield str(source), [value for _, value in found], [one for one, _ in found]
    machines = {"meta article:tag": machine.metas.get("article:tag", []), "json-ld keywords": said.keywords}
    for where, values in machines.items():
        if values:
            yield where, values, []


def authors(desk: Desk) -> tuple[str, ...]:
    """Return the authors that the page prints, each once."""
    for source, found in desk.values("authors"):
        names = tuple(dict.fromkeys(filter(None, (_BY.sub("", value).strip() for _, value in found))))
        if names:
            desk.took("authors", str(source), "، ".join(names), *(one for one, _ in found))
            return names
    return ()


def _split(separator: re.Pattern[str], values: Sequence[str]) -> list[str]:
    return [part for value in values for part in separator.split(value) if part]
