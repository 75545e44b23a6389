"""Bytes to text. UTF-8 is tried before any label is believed: every page seen is UTF-8, whatever it declares."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

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
_ARABIC_LETTER = re.compile("[\u0621-\u06cc]")
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
        """The warning that says how many bytes became U+FFFD, or none."""
        return (f"undecodable-bytes: {self.undecodable}",) if self.undecodable else ()


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode a body: byte order mark, strict UTF-8, a declared charset, damaged UTF-8, windows-1256. Never raises.

    ``content_type`` is the whole header value, if there was one.
    """
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
        return _replacing(body, declared)
    damaged = _replacing(body, "utf-8")
    if damaged.undecodable * _DAMAGE_SHARE <= len(body):
        return damaged
    arabic = _replacing(body, "cp1256")
    if len(_ARABIC_LETTER.findall(arabic.text)) > len(_ARABIC_LETTER.findall(damaged.text)):
        return arabic
    return damaged


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
