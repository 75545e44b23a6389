"""Selectors: which elements of a page hold which field, as CSS in the data of families and publishers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cssselect import SelectorError, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The fields that selectors can name, with what each of them selects; in all of them the first one with a value wins.
FIELDS: Mapping[str, str] = {
    "article": "the box of the article: fields are looked for in it first, and elsewhere where it has none",
    "kicker": "روتیتر",
    "headline": "تیتر",
    "subtitle": "زیرتیتر, where the page has it beside a lead",
    "lead": "لید",
    "body": "the box of the text, or its parts where they stand side by side",
    "published": "the printed time of publication, or a meta, time or other element of a machine-readable one",
    "modified": "the time of the last change, printed or machine-readable",
    "section": "the labels of the section path; the last one is the section",
    "tags": "one element a tag, or a list separated by commas",
    "authors": "one element an author",
    "agency": "the agency that the page names as its source",
    "images": "pictures, or boxes of pictures, beside those in the text",
    "code": "the news code (کد خبر)",
    "permalink": "the short link or permalink as the page prints it",
    "drop": "what in the text or in a field is none of it: boxes of related links, shares, comments, ads",
}
#: In a list of selectors this entry stands for all that the family says of the field.
FAMILYS_OWN = "..."
_ATTRIBUTE = re.compile(r"(.*?)::attr\(\s*([\w:-]+)\s*\)\s*", re.DOTALL)


def split_attribute(selector: str) -> tuple[str, str | None]:
    """Return a selector without its ``::attr(name)``, and that name."""
    found = _ATTRIBUTE.fullmatch(selector)
    return (found[1], found[2]) if found else (selector, None)


def problem(field: str, selector: str) -> str | None:
    """Return what is wrong with a selector or the name of its field, None when nothing is."""
    if field not in FIELDS:
        return f"there is no field of this name; fields are {', '.join(FIELDS)}"
    if selector == FAMILYS_OWN:
        return None
    css, attribute = split_attribute(selector)
    if attribute is not None and field == "drop":
        return "what is dropped is an element, not an attribute"
    try:
        parse(css)
    except SelectorError as error:
        return f"{selector!r} is no CSS selector ({error})"
    return None
