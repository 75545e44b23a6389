"""Pages that are no article: home, section and archive lists, the empty template, error pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import frame, words

if TYPE_CHECKING:
    from farscrawler.testing.newsroom.story import Story

_TRAP_EVERY = 10  # links


def listing(title: str, stories: list[Story], *, weight: int) -> str:
    """Return a list page: ``stories`` by differently spelt links, a trap link after every tenth."""
    items = []
    for turn, story in enumerate(stories):
        items.append(
            f'<div class="item"><h3>{frame.link(story, turn)}</h3><span>{story.print_timestamp}</span></div>\n'
        )
        if turn % _TRAP_EVERY == _TRAP_EVERY - 1:
            items.append(f"<div>{frame.TRAP}</div>\n")
    return _page(title, f'<div class="section-category list-news">\n{"".join(items)}</div>\n', weight)


def empty() -> str:
    """Return the site's frame without an article, as a template without data renders."""
    inner = (
        '<div id="content-news" class="section-category"><div class="section-name"> :: </div>'
        '<div class="section-content"><div class="info"><span class="category">\n</span></div>'
        '<h1 class="title-news">\n</h1><div class="info-news">'
        '<span class="date-created">\n</span></div><div class="main-news">\n</div></div></div>\n'
    )
    return _page("", inner, 2_000)


def not_found() -> str:
    """Return the body of a 404."""
    return _plain("404", "صفحه درخواستی شما موجود نمی باشد")


def error() -> str:
    """Return the body of /Error.aspx, which is served with status 200."""
    return _plain("خطا", "خبر مورد نظر یافت نشد. خطايي رخ داده است، لطفا دوباره تلاش کنيد.")


def unavailable() -> str:
    """Return the body of a 503 or 429."""
    return _plain("503", "سرويس در دسترس نيست")


def challenge() -> str:
    """Return a wall's page as ArvanCloud serves it at status 200, its Persian in presentation forms."""
    return (
        f'<!DOCTYPE html><html dir="rtl"><head><meta charset="utf-8">{words.SYNTHETIC}'
        "<title>Transferring to the website...</title></head>"
        f"<body><h1>{words.CHALLENGE_LINE}</h1><p>arvancloud</p>"
        '<script>document.cookie = "__arcsjs=" + (7 * 6); location.reload();</script></body></html>\n'
    )


def _page(title: str, inner: str, weight: int) -> str:
    return f"{frame.head(title)}{frame.menu(weight)}{inner}{frame.foot()}</body>\n</html>\n"


def _plain(title: str, sentence: str) -> str:
    return (
        f'<html><head><meta charset="utf-8" /><title>{title}</title></head><body>{words.SYNTHETIC}'
        f"<h1>{title}</h1><p>{sentence}</p></body></html>\n"
    )
