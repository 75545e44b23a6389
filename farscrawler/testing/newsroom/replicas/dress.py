"""What stands around an article on the replicas: metas, JSON-LD, menus, boxes, padding."""

from __future__ import annotations

import json
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from farscrawler.testing.newsroom import words
from farscrawler.testing.newsroom.replicas.edition import persian

if TYPE_CHECKING:
    from collections.abc import Iterable

    from farscrawler.testing.newsroom.replicas.edition import Edition

_STEP = 8_192


def text(value: str) -> str:
    """Return a text as content of an element."""
    return escape(value, quote=False)


def attr(value: str) -> str:
    """Return a text as the value of an attribute in double quotes."""
    return escape(value)


def meta(name: str, content: str, key: str = "property") -> str:
    """Return one meta element."""
    return f'<meta {key}="{name}" content="{attr(content)}"/>\n'


def ld_json(value: dict[str, Any]) -> str:
    """Return a script of JSON-LD."""
    body = json.dumps({"@context": "https://schema.org", **value}, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{body}</script>\n'


def related(stories: Iterable[tuple[str, Edition]], css: str) -> str:
    """Return a box of links to other articles, with their leads as teasers and their days."""
    items = "".join(
        f'<li class="news"><div class="desc"><h3><a href="{attr(path)}">{text(one.headline)}</a></h3>'
        f'<p class="introtext">{text(one.lead or one.paragraphs[0])}</p>'
        f"<time>{persian('{}/{}/{}'.format(*one.jalali))}</time></div></li>\n"
        for path, one in stories
    )
    return f'<section class="box {css}"><header><h2>دیگر خبرها</h2></header><ul>\n{items}</ul></section>\n'


def menu(weight: int) -> str:
    """Return mega-menus of about ``weight`` bytes, in whole steps, so that few different ones are kept."""
    return _menu(max(0, round(weight / _STEP)) * _STEP)


@lru_cache(maxsize=16)
def _menu(weight: int) -> str:
    parts: list[str] = []
    size = turn = 0
    while size < weight or not parts:
        number, label, sections = words.SECTIONS[turn % len(words.SECTIONS)]
        inner = "".join(f'<li><a href="/service/{part}">{name}</a></li>' for part, name in sections)
        filler = words.MENU_FILLER[turn % len(words.MENU_FILLER)]
        parts.append(
            f'<li class="dropdown nav-item"><a class="nav-link" href="/service/{number}" title="{filler}">{label}</a>'
            f'<ul class="dropdown-menu">{inner}'
            f'<li><a href="/page/{turn}" data-src="/img/{turn}.svg">{filler}</a></li></ul></li>\n'
        )
        size += len(parts[-1].encode())
        turn += 1
    return f'<nav class="navbar"><ul class="navbar-nav">\n{"".join(parts)}</ul></nav>\n'
