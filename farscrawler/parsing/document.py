"""A page while it is read: its text, its one parsed tree, and what was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from farscrawler.parsing.css import Index

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.parsing.evidence import Evidence
    from farscrawler.publishers import Publisher

_CLOSER = re.compile(r"</(?:body|html)\b", re.IGNORECASE)
# XML_ERR_RESOURCE_LIMIT of libxml2; lxml before 6 has no name for it, and libxml2 before 2.14 no such limit.
_RESOURCE_LIMIT = 114
# libxml2 compares every attribute of a tag with all before it: 100,000 in one tag, less than a megabyte, take 16 s.
# No tag of a page has so many, not even one that a lost quote lets run on to the end of its paragraph.
_MAX_ATTRIBUTES = 1_000
# All that fits into a body of this size is parsed within a second, and the pages of a crawl mostly fit.
_SAFE_BYTES = 128 * 1024
_ATTRIBUTE = rb"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
# Left to right, each byte once: comments, the like, and tags (group 1), with the text of those that hold no markup.
_TAG = re.compile(
    rb"<!---?>|<!--(?:[^-]++|-(?!-!?>))*+|<[!?/][^>]*+"
    rb"|(<(?:(script|style|title|textarea|xmp|iframe|noembed|noframes)(?=[\s/>])|[a-z][^\s/>]*+)"
    rb"(?:[\s/]++|" + _ATTRIBUTE + rb")*+)"
    rb"(?(2)(?:[^<]++|<(?!/(?:script|style|title|textarea|xmp|iframe|noembed|noframes)))*+)",
    re.IGNORECASE,
)
_ATTRIBUTES = re.compile(rb"[\s/]++|(" + _ATTRIBUTE + rb")")
# Markup in these is parsed but never shown: no selector may find it.
_UNREAD = ("noscript", "template", "noembed", "noframes")
# A page has two of its own, at its end; each one looked at costs a search through the page.
_CLOSERS_LOOKED_AT = 6


@dataclass(frozen=True, kw_only=True)
class Document:
    """One decoded page and its tree. ``article_id`` is the id that was asked for, None when nobody knows.

    ``evidence`` takes notes of where each field comes from, if somebody wants to know.
    """

    publisher: Publisher
    form: str
    url: str
    article_id: str | None
    text: str
    root: Element
    evidence: Evidence | None = None

    @cached_property
    def index(self) -> Index:
        """The page's elements by class, id and tag; made when first asked for."""
        return Index(self.root)


def parse(markup: bytes) -> tuple[Element | None, bool]:
    """Parse UTF-8 bytes as HTML; return the root (None when there is no markup) and whether all of it is in the tree.

    libxml2 stops silently where elements nest deeper than 2,048 (256 without ``huge_tree``): what follows is lost.
    Of a page that is ``overladen`` there is no tree at all.
    """
    if overladen(markup):
        return None, False
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_pis=True)
    try:
        root = etree.fromstring(markup, parser)
    except etree.LxmlError:
        return None, True
    if root is not None and next(root.iter(*_UNREAD), None) is not None:
        etree.strip_elements(root, *_UNREAD, with_tail=False)
    depth_error = any(entry.type == _RESOURCE_LIMIT for entry in parser.error_log)
    return root, not depth_error


def overladen(markup: bytes) -> bool:
    """Whether a tag has so many attributes that parsing them would take long."""
    if len(markup) <= _SAFE_BYTES:
        return False
    for tag in _TAG.finditer(markup):
        start, end = tag.span(1)
        # An attribute takes two bytes at least, its name and a space.
        if end - start > 2 * _MAX_ATTRIBUTES:
            held = sum(1 for found in _ATTRIBUTES.finditer(markup, start, end) if found[1])
            if held > _MAX_ATTRIBUTES:
                return True
    return False


def is_closed(text: str) -> bool:
    """Whether a page's source goes on to its own closing ``</body`` or ``</html``, not one in a script or comment."""
    for at in [found.start() for found in _CLOSER.finditer(text)][-_CLOSERS_LOOKED_AT:]:
        in_comment = text.rfind("<!--", 0, at) > text.rfind("-->", 0, at)
        if not in_comment and not _in_script(text, at):
            return True
    return False


def _in_script(text: str, at: int) -> bool:
    opened = max(text.rfind("<script", 0, at), text.rfind("<SCRIPT", 0, at))
    closed = max(text.rfind("</script", 0, at), text.rfind("</SCRIPT", 0, at))
    return opened > closed
