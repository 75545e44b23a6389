"""Reports as pages for any browser: one file, right to left, that asks nothing of the network.

lxml writes the elements, so that no text can be taken for markup.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from typing import TYPE_CHECKING

from lxml import html

from farscrawler.days import slashed
from farscrawler.persian import digits
from farscrawler.printing import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from typing import TypeAlias

    from lxml.html import HtmlElement

    Child: TypeAlias = HtmlElement | str

#: Characters that no markup can hold and `printable` leaves alone.
_IMPOSSIBLE = re.compile("[\ufffe\uffff]")


def element(tag: str, *children: Child, kind: str | None = None, **attributes: str) -> HtmlElement:
    """Return an element; ``kind`` is its class, and an underscore in the name of an attribute is a hyphen."""
    made: HtmlElement = html.Element(tag)
    for name, value in {**({"class": kind} if kind else {}), **attributes}.items():
        made.set(name.replace("_", "-"), clean(value))
    last: HtmlElement | None = None
    for child in children:
        if not isinstance(child, str):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + clean(child)
        else:
            last.tail = (last.tail or "") + clean(child)
    return made


def clean(text: str) -> str:
    """Return a text without what a browser would obey, or markup cannot hold."""
    return _IMPOSSIBLE.sub("\ufffd", printable(text, lines=True))


def foreign(text: str) -> HtmlElement:
    """Return a text of unknown direction, isolated from the text around it."""
    return element("bdi", text)


def count(value: float) -> str:
    """Return a number as it is written in Persian."""
    return digits(f"{value:,g}" if value % 1 else f"{int(value):,}")


def day(date: dt.date | None) -> str:
    """Return a day as it is written in Persian, ۱۴۰۱/۰۲/۲۸."""
    return digits(slashed(date))


def table(caption: str, heads: tuple[str, ...], rows: list[tuple[Child, ...]]) -> HtmlElement:
    """Return a table that a screen reader can follow and a narrow window scrolls."""
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
            element("tbody", *(element("tr", *(element("td", cell) for cell in row)) for row in rows)),
        ),
        kind="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def page(title: str, *children: Child, styles: str) -> str:
    """Return a whole page. ``styles`` are its own ones beside those of every report."""
    style = resources.files("farscrawler").joinpath("markup.css").read_text(encoding="utf-8") + styles
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta", http_equiv="Content-Security-Policy", content=f"default-src 'none'; style-src 'sha256-{digest}'"
        ),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", style),
    )
    document = element("html", head, element("body", element("main", *children)), lang="fa", dir="rtl")
    written: str = html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")
    return f"{written}\n"


def cards(items: Iterable[tuple[str, str, str]]) -> HtmlElement:
    """Return the numbers at the top of a report, each with its name and a remark."""
    return element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", value, element("small", more)))
            for name, value, more in items
        ),
        kind="cards",
    )


def notes(sentences: Iterable[str]) -> HtmlElement:
    """Return the sentences that say how a report is read."""
    listed = element("ul", *(element("li", sentence) for sentence in sentences), kind="notes")
    return element("section", element("h2", "این صفحه را چگونه بخوانیم"), listed)
