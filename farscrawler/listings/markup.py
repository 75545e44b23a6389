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
from farscrawler.listings.repair import needs_repair, repair, split_behind_root, without_declaration
from farscrawler.strings import clean

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
#: libxml2's errors (https://gnome.pages.gitlab.gnome.org/libxml2/html/xmlerror_8h.html) by which nothing of a list is
#: lost, each for a reason; after any other one an entry may be missing.
HARMLESS = {
    42: "an attribute written twice: the first one stays",
    99: "the address of a namespace is none: nobody goes there",
    100: "the address of a namespace is a relative one: nobody goes there",
    102: "a wrong value of xml:space: blanks are folded anyway",
    200: "a prefix bound to nothing, or to a wrong address: the names stay",
    201: "a prefix that is not declared: it stays before the name, and local_name leaves it out",
    202: "a name with two colons: it stays as it is written",
    203: "an attribute written twice under two prefixes: the first one stays",
    539: "an xml:id that is no name: nobody asks for it",
}
#: The document ends within an element, a comment, a text or a tag.
_CUT = frozenset({5, 45, 47, 63, 74, 77})
#: A limit of the parser's.
_LIMITS = frozenset({89, 110, 114, 116})
_ADDRESSES = frozenset({"loc", "link", "origlink", "guid", "id"})
#: An entry of a list, with any prefix.
_ENTRY = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:url|sitemap|item|entry)[\s>]", re.IGNORECASE)


#: Elements of one entry: a thousand pictures, which the protocol allows, with five elements each, and as many again.
MAX_ENTRY_ELEMENTS = 10_000


class UnreadableError(Exception):
    """The bytes are no list; the message says what they are instead.

    ``over_a_limit``: they may be one, and reading it would cost too much.
    """

    def __init__(self, what: str, *, over_a_limit: bool = False) -> None:
        super().__init__(what)
        self.over_a_limit = over_a_limit


def unpacked(body: bytes) -> bytes:
    """Return the bytes of a list, unpacked where they are gzip, of all its members.

    Raise UnreadableError where they are too many, or where the packing is damaged. What follows the last member and
    is no gzip is padding.
    """
    parts: list[bytes] = []
    size = 0
    while body.startswith(_GZIP):
        stream = zlib.decompressobj(wbits=31)
        try:
            parts.append(stream.decompress(body, MAX_BYTES + 1 - size))
        except zlib.error as error:
            raise UnreadableError("damaged gzip") from error
        size += len(parts[-1])
        if size > MAX_BYTES:
            raise UnreadableError(_TOO_LARGE, over_a_limit=True)
        if not stream.eof:
            raise UnreadableError("gzip that is cut off")
        body = stream.unused_data
    if parts:
        return b"".join(parts)
    if len(body) > MAX_BYTES:
        raise UnreadableError(_TOO_LARGE, over_a_limit=True)
    return body


_TOO_LARGE = f"larger than {MAX_BYTES // 1024**2} MB"


class Elements:
    """The elements of a document with wanted local names, one by one, each with all that it holds.

    An element is emptied when the next one is asked for, so that the tree never grows. ``root`` is the local name of
    the outermost element once there is one; ``problems`` what of the markup was wrong; ``whole`` turns False where an
    element may be missing, by a limit of ours where ``over_a_limit`` does. Entries behind the root, as those of a
    second document in the file, are elements too.
    """

    def __init__(self, body: bytes, content_type: str | None, wanted: frozenset[str]) -> None:
        """Prepare. Raise UnreadableError where the bytes had better not be parsed."""
        body = body.lstrip(b"\xef\xbb\xbf \t\r\n")
        decoded = decode(body, content_type)
        if not decoded.verbatim:
            body = decoded.text.encode("utf-8", "replace")
        if not body.strip():
            raise UnreadableError("empty")
        if _OWN_DECLARATIONS.match(body):
            raise UnreadableError("declares entities of its own")
        if overladen(body):
            raise UnreadableError("too many attributes", over_a_limit=True)
        self.root: str | None = None
        self.problems: list[str] = list(decoded.warnings)
        self.whole = True
        self.over_a_limit = False
        self._wanted = wanted
        body = without_declaration(body)
        if needs_repair(body):
            body = repair(decoded.text).encode("utf-8", "replace")
        self._body = body

    def __iter__(self) -> Iterator[Element]:
        document, rest = split_behind_root(self._body)
        yield from self._parsed(document)
        if _ENTRY.search(rest):
            yield from self._parsed(b"<behind>" + rest + b"</behind>")
        elif rest:
            self.problems.append("content behind its end")

    def _parsed(self, document: bytes) -> Iterator[Element]:
        parser = etree.iterparse(
            BytesIO(document),
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
        inside: Element | None = None
        held = 0
        try:
            for event, element in parser:
                if self.root is None:
                    self.root = local_name(element)
                if event == "start":
                    held += 1
                    if inside is None and local_name(element) in self._wanted:
                        inside, held = element, 0
                    elif inside is not None and held > MAX_ENTRY_ELEMENTS:
                        self._fail(f"an entry of more than {MAX_ENTRY_ELEMENTS:,} elements")
                        self.over_a_limit = True
                        return
                elif inside is not None and element is inside:
                    yield inside
                    _forget(inside)
                    inside = None
                elif inside is None:
                    _forget(element)
        except etree.LxmlError as error:
            self._fail(f"no XML from line {getattr(error, 'lineno', 0)} on")
        self._judge(parser)

    def require(self, roots: frozenset[str], what: str) -> None:
        """Raise UnreadableError where the outermost element, once all is read, is none of these."""
        if self.root not in roots:
            raise UnreadableError(f"no {what} but <{self.root}>" if self.root else f"no {what}")

    def _judge(self, parser: etree.iterparse[tuple[str, Element]]) -> None:
        """Add the errors of a document to the problems; only errors known to be harmless leave it whole."""
        harmful = [entry for entry in parser.error_log if entry.type not in HARMLESS]
        kinds = {entry.type for entry in harmful}
        if kinds & _CUT:
            self._fail("cut off")
        elif kinds & _LIMITS:
            self._fail("nested too deeply, or a text too long")
        elif harmful:
            self._fail(f"faulty XML, line {harmful[0].line}: {harmful[0].message}")
        elif len(parser.error_log):
            self.problems.append(f"faulty XML, line {parser.error_log[0].line}: {parser.error_log[0].message}")

    def _fail(self, problem: str) -> None:
        self.problems.append(problem)
        self.whole = False


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace, in lower case; empty for what is no element.

    A prefix that is not declared is part of the tag.
    """
    tag: object = element.tag  # an entity or a comment has a function there
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def texts(element: Element) -> dict[str, str]:
    """Return the text of each element within one by its local name: the first of each name that has any.

    Its own children come before what lies deeper: the address of a picture is called ``loc`` too.
    """
    found: dict[str, str] = {}
    for part in chain(element, element.iterdescendants()):
        name = local_name(part)
        if name and name not in found and (text := cleaned(name, part.text or "")):
            found[name] = text
    return found


def cleaned(name: str, text: str) -> str:
    """Return the text of an element or key as it is meant; an address goes on behind the end of a line."""
    return clean(text.replace("\n", "") if name in _ADDRESSES else text)


def _forget(element: Element) -> None:
    """Empty an element that is done with, and drop what stood before it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
