"""A page while it is read: its bytes as text and as a tree, with what was asked for.

UTF-8 is tried before any label is believed: every page seen is UTF-8, whatever it declares.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

from farscrawler.extract.captured import TOOLBAR, site_address
from farscrawler.extract.css import Index

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.extract.explain import Evidence
    from farscrawler.publishers import Publisher


# Only codecs that a web page can mean: Python knows others (punycode, unicode_escape, utf_7) that are no charsets
# of pages, are slow on hostile bytes, or warn. A label outside this table is ignored, as nonsense ones are.
_CHARSETS = frozenset(
    {
        *(f"cp{n}" for n in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 720, 864, 866)),
        *(f"iso8859-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)),
        *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
        *("mac-farsi", "mac-arabic", "koi8-r", "gb18030", "gbk", "big5", "euc_jp", "shift_jis", "euc_kr"),
    },
)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_BOMS = tuple(mark for mark, _ in _BOMS)
# Charsets that servers and editors declare unasked: pages in windows-1256 are found under these labels.
_UNMEANT = frozenset({"iso8859-1", "iso8859-15", "cp1252", "iso8859-6"})
_TIMES_AS_MANY = 3
_ARABIC_WORD = re.compile("[\u0621-\u06cc]{3,}")
_ARABIC_LETTER = re.compile("[\u0621-\u06cc]")
# The host of a page whose address nobody knows (RFC 6761); see publishers.model.ANY_SITE.
_NOWHERE = ".invalid"
# Above one undecodable byte in fifty a page is not UTF-8 with damage but something else.
_DAMAGE_SHARE = 50


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as text, the name of the encoding it was read in, and how many bytes could not be read.

    ``verbatim``: the body as it came is this text in UTF-8, byte by byte.
    """

    text: str
    encoding: str
    undecodable: int = 0
    verbatim: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return the warning that says how many bytes (NULs among them) became U+FFFD, if any did."""
        return (f"undecodable-bytes: {self.undecodable}",) if self.undecodable else ()


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode a body: byte order mark, strict UTF-8, a declared charset, damaged UTF-8, windows-1256. Never raises.

    ``content_type`` is the whole header value, if there was one. A NUL, which no page means, becomes U+FFFD.
    """
    if b"\0" not in body:
        return _decoded(body, content_type)
    wide = None if body.startswith(_WIDE_BOMS) else _declared_wide(content_type)
    found = _replacing(body, wide) if wide else _decoded(body, content_type)
    nuls = found.text.count("\0")
    return Decoded(found.text.replace("\0", "\ufffd"), found.encoding, found.undecodable + nuls)


def is_wide(body: bytes, content_type: str | None) -> bool:
    """Whether a body says that it is in an encoding that writes ASCII with NULs: by its first bytes or its header."""
    return body.startswith(_WIDE_BOMS) or _declared_wide(content_type) is not None


def _decoded(body: bytes, content_type: str | None) -> Decoded:
    marked = body.startswith(codecs.BOM_UTF8)
    if marked:
        body = body[len(codecs.BOM_UTF8) :]
    try:
        return Decoded(body.decode("utf-8"), "utf-8", verbatim=not marked)
    except UnicodeDecodeError:
        pass
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _replacing(body[len(mark) :], name)
    declared = _declared(body, content_type)
    if declared is not None:
        found = _replacing(body, declared)
        return _rather_arabic(body, found) if declared in _UNMEANT else found
    damaged = _replacing(body, "utf-8")
    if damaged.undecodable * _DAMAGE_SHARE <= len(body):
        return damaged
    arabic = _replacing(body, "cp1256")
    return arabic if _letters(arabic) > _letters(damaged) else damaged


def _rather_arabic(body: bytes, found: Decoded) -> Decoded:
    """Return a body in windows-1256 where its label makes no sense of it: few Arabic letters, or many bytes of none.

    The letters of ISO 8859-6 share half their places with windows-1256, but leave those of yeh and kaf unused.
    """
    arabic = _replacing(body, "cp1256")
    letters = _letters(arabic)
    if letters <= _TIMES_AS_MANY * _letters(found) and found.undecodable * _DAMAGE_SHARE <= letters:
        return found
    # The accents of a Latin text would be Arabic letters too, but seldom three in a row.
    in_words = sum(map(len, _ARABIC_WORD.findall(arabic.text)))
    return arabic if 2 * in_words > letters else found


def _letters(decoded: Decoded) -> int:
    return len(_ARABIC_LETTER.findall(decoded.text))


def _declared_wide(content_type: str | None) -> str | None:
    """Return the codec of UTF-16 or UTF-32 that a header declares; a page cannot declare it of itself."""
    codec = _declared(b"", content_type)
    return codec if codec and codec.startswith(("utf-16", "utf-32")) else None


def _declared(body: bytes, content_type: str | None) -> str | None:
    """Return the codec of a declared charset that is real and not UTF-8: the header's first, then the page's."""
    header = content_type.encode("ascii", "replace").decode("ascii") if content_type else None
    for name in (http_content_type_encoding(header), html_body_declared_encoding(body)):
        if name is None:
            continue
        try:
            codec = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        if codec in _CHARSETS:
            return codec
    return None


def _replacing(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, "replace")
    # What the page itself wrote as U+FFFD is text, not damage of this reading.
    own = body.count(b"\xef\xbf\xbd") if codec == "utf-8" else 0
    return Decoded(text, codec, max(text.count("\ufffd") - own, 0))


_TOOLBAR = b"wm-ipp"
_CLOSER = re.compile(r"</(?:body|html)\b", re.IGNORECASE)
# XML_ERR_RESOURCE_LIMIT of libxml2; lxml before 6 has no name for it, and libxml2 before 2.14 no such limit.
_RESOURCE_LIMIT = 114
# Thirteen times as many as the largest page seen has, a home page; each may cost some 20 µs.
MAX_ELEMENTS = 100_000
# libxml2 compares every attribute of a tag with all before it: 100,000 in one tag, less than a megabyte, take 16 s.
# No tag of a page has so many, not even one that a lost quote lets run on to the end of its paragraph.
_MAX_ATTRIBUTES = 1_000
# All that fits into a body of this size is parsed within a second, and the pages of a crawl mostly fit.
_SAFE_BYTES = 128 * 1024
_ATTRIBUTE = rb"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+[\s/]*+"""
_ATTRIBUTES = rb"[\s/]*+(?:" + _ATTRIBUTE + rb"){0,%d}+(?![^\s/>])" % _MAX_ATTRIBUTES
# Elements whose text holds no markup.
_RAW = rb"(?:script|style|title|textarea|xmp|iframe|noembed|noframes)"
# A page up to its first tag with too many attributes, left to right, each byte once: text, tags, comments and the like.
_FEW_ATTRIBUTES = re.compile(
    rb"(?:[^<]++|<(?:"
    rb"(?!" + _RAW + rb"[\s/>])[a-z][^\s/>]*+" + _ATTRIBUTES + rb"|/[^>]*+"
    rb"|" + _RAW + rb"(?=[\s/>])" + _ATTRIBUTES + rb"(?:[^<]++|<(?!/" + _RAW + rb"))*+"
    rb"|!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)|[!?][^>]*+|(?![a-z/!?])))*+",
    re.IGNORECASE,
)
# Markup in these is parsed but never shown: no selector may find it.
_UNREAD = ("noscript", "template", "noembed", "noframes")
# A page has two of its own, at its end; each one looked at costs a search through the page.
_CLOSERS_LOOKED_AT = 6
# Where they mostly are; looking for them in all of the text takes as long as decoding it.
_TAIL = 2_048


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
        """Return the page's elements by class, id and tag."""
        return Index(self.root)

    @cached_property
    def base(self) -> str:
        """Return the address that relative ones of the page are joined to: that of its ``<base>``, or its own.

        Empty where nobody knows the address of the page: what is relative then stays so.
        """
        own = "" if (urlsplit(self.url).hostname or "").endswith(_NOWHERE) else self.url
        said = next((one.get("href") for one in self.index.tagged("base") if one.get("href")), None)
        try:
            joined = site_address(urljoin(own, said.strip())) if said else own
            return joined if urlsplit(joined).scheme in ("http", "https") else own
        except ValueError:  # a bracketed host that is no address
            return own

    def absolute(self, address: str) -> str:
        """Return an address of the page in full; empty for none. Some sites write their own without a scheme."""
        address = address.strip()
        if address.partition("/")[0].lower() in self.publisher.hosts:
            return f"{urlsplit(self.base).scheme or self.publisher.scheme}://{address}"
        try:
            return urljoin(self.base, address)
        except ValueError:  # a bracketed host that is no address
            return ""

    def believe(self, evidence: Evidence | None) -> None:
        """Make the evidence of one reading that of the page, in place of readings that came to nothing."""
        if self.evidence is not None and evidence is not None:
            self.evidence.replace(evidence)


def parse(markup: bytes) -> tuple[Element | None, bool]:
    """Parse UTF-8 bytes as HTML; return the root (None when there is no markup) and whether all of it is in the tree.

    libxml2 stops silently where elements nest deeper than 2,048 (256 without ``huge_tree``): what follows is lost.
    Of a page with an ``excess`` there is no tree at all.
    """
    if excess(markup):
        return None, False
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_pis=True)
    try:
        root = etree.fromstring(markup, parser)
    except etree.LxmlError:
        return None, True
    if root is not None and next(root.iter(*_UNREAD), None) is not None:
        etree.strip_elements(root, *_UNREAD, with_tail=False)
    if root is not None and _TOOLBAR in markup:
        _without_toolbar(root)
    depth_error = any(entry.type == _RESOURCE_LIMIT for entry in parser.error_log)
    return root, not depth_error


def _without_toolbar(root: Element) -> None:
    """Take the toolbar of the Wayback Machine out of a page that was saved with it."""
    for element in [one for one in root.iter("div", "section") if one.get("id") in TOOLBAR]:
        parent = element.getparent()
        if parent is not None:
            element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stubs are older than it


def indexed(body: bytes, content_type: str | None = None) -> tuple[str, Index | None]:
    """Return a page as text and as an index of its elements, None where it holds none."""
    decoded = decode(body, content_type)
    root, _ = parse(body if decoded.verbatim else decoded.text.encode("utf-8", "replace"))
    return decoded.text, Index(root) if root is not None else None


def excess(markup: bytes) -> str | None:
    """Return of what a page has more than parsing it is worth; None for one that is parsed."""
    if has_too_many_elements(markup):
        return "elements"
    return "attributes" if overladen(markup) else None


def has_too_many_elements(markup: bytes) -> bool:
    """Whether a page has more elements than parsing it is worth."""
    # Counting costs 40 µs of 75 KB; most pages have fewer bytes than that.
    return len(markup) > MAX_ELEMENTS and markup.count(b"<") > MAX_ELEMENTS


def overladen(markup: bytes) -> bool:
    """Whether a tag has so many attributes that parsing them would take long."""
    if len(markup) <= _SAFE_BYTES:
        return False
    few = _FEW_ATTRIBUTES.match(markup)  # always matches: nothing, at least
    return few is not None and few.end() < len(markup)


def is_closed(text: str) -> bool:
    """Whether a page's source goes on to its own closing ``</body`` or ``</html``, not one in a script or comment."""
    tail = max(0, len(text) - _TAIL)
    return _closes(text, tail) or (tail > 0 and _closes(text, 0))


def _closes(text: str, start: int) -> bool:
    for at in [found.start() for found in _CLOSER.finditer(text, start)][-_CLOSERS_LOOKED_AT:]:
        in_comment = text.rfind("<!--", 0, at) > text.rfind("-->", 0, at)
        if not in_comment and not _in_script(text, at):
            return True
    return False


def _in_script(text: str, at: int) -> bool:
    opened = max(text.rfind("<script", 0, at), text.rfind("<SCRIPT", 0, at))
    closed = max(text.rfind("</script", 0, at), text.rfind("</SCRIPT", 0, at))
    return opened > closed
