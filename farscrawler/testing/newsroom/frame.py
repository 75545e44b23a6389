"""What stands around an article: head, scripts, menus, sidebar, related links, padding."""

from __future__ import annotations

from functools import lru_cache, partial
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from farscrawler.testing.newsroom import words

if TYPE_CHECKING:
    from farscrawler.testing.newsroom.story import Story

text = partial(escape, quote=False)
TRAP = '<a href="https/t.me/payam_newsroom">کانال تلگرام</a>'
_HOSTS = ("", "", "", "http://www.Fars-Online.ir", "http://fars-online.ir", "https://www.payamefars.ir")
_WORDS = ("/Fa/News/", "/fa/News/", "/FA/NEWS/", "/fa/news/")


def head(title: str) -> str:
    """Return everything up to the first tag of the body, scripts and styles with misleading text among it."""
    return (
        '\n\n<!DOCTYPE html>\n\n<html xmlns="http://www.w3.org/1999/xhtml" dir=\'rtl\' lang="fa">\n'
        f"<head><title>\n\t{words.SITE_NAME} - {text(title)}\n</title>"
        '<meta http-equiv="content-type" content="text/html; charset=utf-8" />'
        '<meta property="og:type" content="text/html" /><meta property="og:url" content="/" />\n'
        '<link type="text/css" rel="stylesheet" href="/assets/style.rtl.all.css" />\n'
        '<script type="text/javascript">\nvar page = \'<h1 class="title-news">اسکریپت</h1>\', '
        "clock = '1 فروردين 1390 - 10:00:00';\n(function () { document.cookie = 'seen=1'; })();\n</script>\n"
        "<style>.main-news{line-height:2}</style>\n</head>\n"
        f'<body class="body">{words.SYNTHETIC}\n'
    )


def menu(weight: int) -> str:
    """Return the menu of the sections, repeated as mega-menus until it has about ``weight`` bytes."""
    return _menu(max(weight, 0))


@lru_cache(maxsize=8)
def _menu(weight: int) -> str:
    parts: list[str] = []
    size = turn = 0
    while size < weight or not parts:
        number, label, subsections = words.SECTIONS[turn % len(words.SECTIONS)]
        inner = "".join(
            f"<li class='libo'><a href='/NewsAll/{part}/{name.replace(' ', '-')}'>{name}</a></li>"
            for part, name in subsections
        )
        filler = words.MENU_FILLER[turn % len(words.MENU_FILLER)]
        share = quote(filler * 4)
        parts.append(
            f"<li class='dropdown'><a href='/Service/{number}/{label.replace(' ', '-')}'>{label}</a>"
            f'<ul class="row">{inner}</ul><a href="http://share.example/?title={share}">{filler}</a></li>\n'
        )
        size += len(parts[-1].encode())
        turn += 1
    return f'<ul class="nav navbar-nav">\n{"".join(parts)}</ul>\n'


def address(story: Story, turn: int) -> str:
    """Return one of the spellings of the article's address, the slug raw; ``turn`` decides which."""
    host, word = _HOSTS[turn % len(_HOSTS)], _WORDS[turn // 2 % len(_WORDS)]
    return f"{host}{word}{story.article_id}/{text(story.slug)}"


def link(story: Story, turn: int) -> str:
    """Return a link quoted with ``"``, so that a raw quote in the slug ends the attribute too early."""
    return f'<a href="{address(story, turn)}" target="_blank">{text(story.headline)}</a>'


def sidebar(stories: list[Story]) -> str:
    """Return the box of latest news beside an article."""
    items = "".join(f"<li>{link(story, story.article_id)}</li>\n" for story in stories)
    return (
        '<div class="col-md-4 sidebar"><div class="section-category">'
        '<div class="section-name"><a href="#">آخرين مطالب</a>'
        f'</div><ul class="list">\n{items}<li>{TRAP}</li></ul></div></div>\n'
    )


def related(stories: list[Story]) -> str:
    """Return the box of related news below an article, its classes those of the article's own parts."""
    items = "".join(
        f"<div class='thumb'><a href='{address(story, story.article_id + 1)}'>"
        f"<img src='/Incsys/Photo.aspx?image=Uploads/NewsPics/{story.article_id}.jpg&width=208&height=154' />"
        f"<div class='caption'><div class='title'>{text(story.headline)}</div></div></a></div>\n"
        for story in stories
        if "'" not in story.slug
    )
    return (
        '<div class="also-read section-category">'
        '<div class="section-name"><a href="#">ساير اخبار مهم</a></div>'
        f'<div class="section-content">{items}</div></div>\n'
    )


def foot() -> str:
    """Return what follows everything else."""
    return (
        '<div class="footer"><p>کليه حقوق محفوظ است</p>'
        f"{TRAP}</div>\n"
        '<script type="text/javascript">var ended = \'<div class="main-news">نه</div>\';</script>\n'
    )
