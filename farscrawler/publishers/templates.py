"""Address templates of a stanza: which fields may stand in one, and how they are written out."""

from __future__ import annotations

import re
import string
from functools import cache

#: The fields of an address template: a day in both calendars, and the number of the page.
#: ``{day64}`` is Asam's name of a day's sitemap.
TEMPLATE_FIELDS = ("jy", "jm", "jd", "gy", "gm", "gd", "page", "day64")
#: What may stand behind a field's colon: a width, filled with zeros or not, as in ``{jm:02}``. A width of more than two
#: digits would be an address that no server takes, and one of eleven all memory.
_WIDTH = re.compile(r"(?:0?[1-9][0-9]?)?d?")


@cache
def is_template(path: str) -> bool:
    """Whether a text is a path or an address, with no fields but those that we know how to fill."""
    found = _fields(path)
    return found is not None and path.startswith(("/", "http://", "https://")) and all(map(_is_known, found))


def is_id_template(path: str) -> bool:
    """Whether a text is a path and query in which ``{id}`` stands once, percent-encoded."""
    return path.startswith("/") and path.isascii() and _fields(path) == [("id", "", "")]


def _fields(text: str) -> list[tuple[str, str, str]] | None:
    """Return name, format and conversion of every field; None for what is no template."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:  # a brace that is not closed, or not opened
        return None
    return [(name, width or "", conversion or "") for _, name, width, conversion in parts if name is not None]


def _is_known(field: tuple[str, str, str]) -> bool:
    name, width, conversion = field
    digits = _WIDTH.fullmatch(width) is not None and not (name == "day64" and width.endswith("d"))  # it is a text
    return name in TEMPLATE_FIELDS and not conversion and digits
