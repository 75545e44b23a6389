"""Small faults of XML made good before it is parsed, so that the parser's recovery has nothing to leave out.

libxml2 goes on after an error, but at a cost nobody sees: of `دلار < ۵۰` it drops all that follows, of `?a=1&b=2` the
name of the parameter, of `]]>` a mark. Here such marks are what their writer meant, plain text.
"""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

from farscrawler.strings import code_of, join_surrogates

#: What bytes that are parsed as they came may not hold. Names of elements are ASCII in every list.
_SUSPECT = re.compile(
    rb"<(?![A-Za-z_/])|</(?![A-Za-z_])|&(?!(?:amp|lt|gt|quot|apos);)|\]\]>|[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]"
)
_DECLARATION = re.compile(rb"\s*+<\?xml\s[^<>]*+\?>")
_MARKS = re.compile(
    r"<!\[CDATA\[|<!--|<\?(?=[A-Za-z_])|<!(?=(?i:DOCTYPE))|<(?![A-Za-z_/])|</(?![A-Za-z_])|\]\]>"
    r"|&(?!(?:amp|lt|gt|quot|apos);)|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
)
#: The end of what is left as it is, and of what is left out with all that is in it.
_KEPT = {"<![CDATA[": "]]>"}
_DROPPED = {"<!--": "-->", "<?": "?>", "<!": ">"}
_ESCAPED = {"<": "&lt;", "</": "&lt;/", "]]>": "]]&gt;"}
_NUMBERED = re.compile(r"(?:&#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});)+")
_ONE = re.compile(r"&#(?:([0-9]{1,7})|[xX]([0-9A-Fa-f]{1,6}));")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_UNPRINTED = dict.fromkeys((*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF))
_LAST = 0x10FFFF

#: The name of the outermost element, after what may stand before it.
_ROOT = re.compile(rb"(?:[^<]*+(?:<!--(?:[^-]|-(?!->))*+-->|<\?[^>]*+>|<![^>]*+>))*+[^<]*+<([A-Za-z_][^\s/>]*+)")
_BLANK = b" \t\r\n"
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"


def without_declaration(body: bytes) -> bytes:
    """Return XML without the declaration at its start, whose encoding is known by now."""
    found = _DECLARATION.match(body)
    return body[found.end() :] if found else body


def needs_repair(body: bytes) -> bool:
    """Whether XML in UTF-8 has anything but elements, text and the five references that every parser knows."""
    return _SUSPECT.search(body) is not None


def repair(text: str) -> str:
    """Return XML without comments, instructions and types, its stray marks as text, its references as characters."""
    parts: list[str] = []
    at = 0
    while (mark := _MARKS.search(text, at)) is not None:
        found, start = mark[0], mark.start()
        parts.append(text[at:start])
        at = mark.end()
        if closing := _KEPT.get(found) or _DROPPED.get(found):
            end = text.find(closing, at)
            if end < 0:  # cut off within: the parser says so
                at = start
                break
            if found in _KEPT:
                parts.append(text[start : end + len(closing)].translate(_UNPRINTED))
            at = end + len(closing)
        elif found == "&":
            reference, at = _referenced(text, start)
            parts.append(reference)
        else:
            parts.append(_ESCAPED.get(found, ""))
    parts.append(text[at:])
    return "".join(parts)


def _referenced(text: str, at: int) -> tuple[str, int]:
    """Return what the references at ``at`` stand for, as XML, and where they end; a bare ampersand is itself."""
    if numbered := _NUMBERED.match(text, at):
        codes = (code_of(one) for one in _ONE.finditer(numbered[0]))
        held = "".join(chr(code) for code in codes if code is not None and code <= _LAST)
        return escape(join_surrogates(held).translate(_UNPRINTED)), numbered.end()
    named = _NAMED.match(text, at)
    if named is None or named[1] not in html5:
        return "&amp;", at + 1
    return escape(html5[named[1]]), named.end()


def split_behind_root(body: bytes) -> tuple[bytes, bytes]:
    """Return a document up to the end tag of its root, and what stands behind it."""
    root = _ROOT.match(body)
    end = _end_of_root(body, root[1]) if root else len(body)
    rest = body[end:].strip(_BLANK)
    return (body[:end], rest) if rest else (body, b"")


def _end_of_root(body: bytes, name: bytes) -> int:
    """Return where the end tag of the root ends, or the end of the body where it has none. Each byte is seen once."""
    tag = b"</" + name
    at, closing = 0, body.find(tag)
    while closing >= 0:
        cdata = body.find(_CDATA, at, closing)
        if cdata >= 0:
            at = body.find(_CDATA_END, cdata)
            if at < 0:
                break
        else:
            at = closing + len(tag)
            if end := re.match(rb"\s*>", body[at : at + 100]):
                return at + end.end()
        if closing < at:
            closing = body.find(tag, at)
    return len(body)
