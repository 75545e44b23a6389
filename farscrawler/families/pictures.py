"""The pictures of an article: beside its text, and in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.families.desk import CAPTION_BOX
from farscrawler.parsing.lines import inline_text
from farscrawler.parsing.markup import figure_caption, has_class, images

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.families.desk import Desk
    from farscrawler.families.story import Story
    from farscrawler.items import Image


def images_of(desk: Desk, text: Story) -> tuple[Image, ...]:
    """Return the pictures with their captions, those beside the text first, each once."""
    base = desk.page.publisher.base_url + "/"
    beside: tuple[Image, ...] = ()
    for source, elements in desk.places("images"):
        if elements[0].tag == "meta":
            if not text.parts or not any(True for part in text.parts for _ in part.iter("img")):
                beside = tuple({"url": desk.value(one, source) or "", "caption": None} for one in elements[:1])
        else:
            beside = images((one for element in elements for one in element.iter("img")), base, caption)
        if beside:
            desk.took("images", str(source), beside[0]["url"])
            break
    within = [one for part in text.parts for one in part.iter("img") if not _is_dropped(one, desk)]
    if within:
        desk.took("images", f"in {text.where}", within[0].get("src") or "")
    found = {one["url"]: one for one in (*beside, *images(within, base, caption)) if one["url"]}
    return tuple(found.values())


def caption(picture: Element) -> str | None:
    """Return what a page prints under a picture; the ``alt`` text is not printed."""
    for parent in picture.iterancestors("div", "dl", "p"):
        if has_class(parent, CAPTION_BOX):
            return inline_text(parent)
    return figure_caption(picture)


def _is_dropped(element: Element, desk: Desk) -> bool:
    return bool(desk.drops) and any(parent in desk.drops for parent in element.iterancestors())
