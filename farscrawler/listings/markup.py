"""XML of a sitemap or feed as a stream of elements, whatever the bytes are.

Scrapy's `Sitemap` reads in the same way but gives flat texts of one level (the publication date of a news sitemap lies
deeper), raises on an empty file, and is by its own words no public interface; so lxml is asked directly.
"""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING

from lxml import etree

from farscrawler.extract.document import decode, overladen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

#: The largest sitemap that the protocol allows, unpacked (https://www.sitemaps.org/protocol.html).
MAX_BYTES = 50 * 1024 * 1024
_GZIP = b"\x1f\x8b\x08"
#: A document with declarations of its own: those of entities can make megabytes of a line, and no list has any.
_OWN_DECLARATIONS = re.compile(
    rb"\s*+(?:<!--(?:(?!-->).)*+-->\s*+|<\?(?:(?!\?>).)*+\?>\s*+)*+<!DOCTYPE[^>\[]*+\[", re.DOTALL
)
#: Numbers of libxml2's errors: an element, or the document, that ends with the file; a limit of the parser's.
_CUT = frozenset({5, 77})
_LIMITS = frozenset({89, 114, 116})


class UnreadableError(Exception):
    """The bytes are not what they should be; the message says what they are instead."""


def unpacked(body: bytes) -> bytes:
    """Give the bytes of a list, unpacked where they are gzip. Raises UnreadableError where they are too many."""
    if not body.startswith(_GZIP):
        if len(body) > MAX_BYTES:
            raise UnreadableError(_TOO_LARGE)
        return body
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise UnreadableError("damaged gzip") from error
    if len(plain) > MAX_BYTES:
        raise UnreadableError(_TOO_LARGE)
    if not stream.eof:
        raise UnreadableError("gzip that is cut off")
    return plain


_TOO_LARGE = f"larger than {MAX_BYTES // 1024**2} MB"


class Elements:
    """The elements of a document with wanted local names, one by one, each with all that it holds.

    An element is emptied when the next one is asked for, so that the tree never grows. ``root`` is the local name of
    the outermost element once there is one; ``problems`` what of the markup was wrong; ``whole`` turns False where the
    document ends too soon.
    """

    def __init__(self, body: bytes, content_type: str | None, wanted: frozenset[str]) -> None:
        """Prepare. Raises UnreadableError where the bytes had better not be parsed."""
        body = body.lstrip(b"\xef\xbb\xbf \t\r\n")
        decoded = decode(body, content_type)
        if not decoded.verbatim:
            body = decoded.text.encode("utf-8", "replace")
        if not body.strip():
            raise UnreadableError("empty")
        if _OWN_DECLARATIONS.match(body):
            raise UnreadableError("declares entities of its own")
        if overladen(body):
            raise UnreadableError("too many attributes")
        self.root: str | None = None
        self.problems: list[str] = list(decoded.warnings)
        self.whole = True
        self._wanted = wanted
        self._parser = etree.iterparse(
            BytesIO(body),
            events=("start", "end"),
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
            huge_tree=False,
            encoding="utf-8",
        )

    def __iter__(self) -> Iterator[Element]:
        inside: Element | None = None
        try:
            for event, element in self._parser:
                if self.root is None:
                    self.root = local_name(element)
                if event == "start":
                    if inside is None and local_name(element) in self._wanted:
                        inside = element
                elif inside is not None and element is inside:
                    yield inside
                    _forget(inside)
                    inside = None
                elif inside is None:
                    _forget(element)
        except etree.LxmlError as error:
            self.problems.append(f"no XML from line {getattr(error, 'lineno', 0)} on")
            self.whole = False
        self._judge()

    def require(self, roots: frozenset[str], what: str) -> None:
        """Raise UnreadableError where the outermost element, once all is read, is none of these."""
        if self.root not in roots:
            raise UnreadableError(f"no {what} but <{self.root}>" if self.root else f"no {what}")

    def _judge(self) -> None:
        errors = self._parser.error_log
        kinds = {entry.type for entry in errors}
        if kinds & _CUT:
            self.problems.append("cut off")
            self.whole = False
        elif kinds & _LIMITS:
            self.problems.append("nested too deeply, or a text too long")
            self.whole = False
        elif len(errors):
            self.problems.append(f"faulty XML, line {errors[0].line}")


def local_name(element: Element) -> str:
    """Give the name of an element without its namespace, in lower case; empty for what is no element."""
    tag: object = element.tag  # an entity or a comment has a function there
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def texts(element: Element) -> dict[str, str]:
    """Give the text of each element within one by its local name: the first of each name that has any.

    Its own children come before what lies deeper: the address of a picture is called ``loc`` too.
    """
    found: dict[str, str] = {}
    for part in chain(element, element.iterdescendants()):
        name = local_name(part)
        if name and name not in found and (text := (part.text or "").strip()):
            found[name] = text
    return found


def _forget(element: Element) -> None:
    """Empty an element that is done with, and drop what stood before it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
