"""A page of a report, held against the rules that all of them keep."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

_VOID = {"meta", "br", "hr", "img", "input", "link"}
EVIL = '</td><script>alert("x")</script><img src=http://evil.example/x onerror=alert(1)>\x1b[31m\x00\u202e'


class Strict(HTMLParser):
    """Holds a page against the rules this one keeps: tags in balance, nothing loaded, no digit but Persian ones."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.shown: list[str] = []
        self.style = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif "bdi" not in self.open:
            self.shown.append(data)

    @classmethod
    def of(cls, text: str) -> Strict:
        parser = cls()
        parser.feed(text)
        parser.close()
        assert parser.open == []
        return parser


def obeyed(text: str, *, foreign_names: bool = False) -> Strict:
    """Assert that a page is whole, asks for nothing, and obeys no text in it.

    Its numbers are Persian, unless there are ``foreign_names`` in its figures.
    """
    assert text.startswith("<!DOCTYPE html>\n<html")
    parser = Strict.of(text)
    assert ("html", "lang", "fa") in parser.attributes
    assert ("html", "dir", "rtl") in parser.attributes
    names = {name for _, name, _ in parser.attributes}
    assert not names & {"src", "href", "srcset", "style", "action", "data", "xlink:href"}
    assert not [name for name in names if name.startswith("on")]
    assert not {"script", "img", "link", "iframe", "object", "form", "a"} & set(parser.tags)
    assert "url(" not in parser.style
    assert "@import" not in parser.style
    assert "\x1b" not in text
    assert "\x00" not in text
    policy = next(value for tag, name, value in parser.attributes if tag == "meta" and "default-src" in value)
    digest = base64.b64encode(hashlib.sha256(parser.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    told = [value for _, name, value in parser.attributes if name in ("title", "aria-label")]
    for piece in [] if foreign_names else [*parser.shown, *told]:
        assert not re.search(r"[0-9]", piece), piece
        assert not re.search(r"[۰-۹]-[۰-۹]", piece), piece
    return parser
