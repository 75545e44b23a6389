"""Drafts of stanzas in tests: what needs no loop of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.drafts.draft import SiteDraft, draft_site
from farscrawler.drafts.fetched import Fetched

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

    from farscrawler.extract import NoArticle


HOST = "https://www.site.example"
WORDS = ("آب", "باران", "چشمه", "رود", "کوه")


def at_once(work: Coroutine[Any, Any, SiteDraft | NoArticle]) -> SiteDraft | NoArticle:
    """Return what a coroutine returns that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        found: SiteDraft | NoArticle = done.value
        return found
    raise AssertionError("it has waited")


def text(number: int, lines: int = 4) -> list[str]:
    """Return paragraphs that no other page has."""
    return [
        f"بند {line} از خبر {number}: گزارش {WORDS[number % 5]} و {WORDS[line % 5]} در روستای {number * 7 + line} "
        "با همه ریزه‌کاری‌هایش برای خوانندگان هفته‌نامه نوشته شد."
        for line in range(lines)
    ]


def page(number: int, *, head: str = "", before: str = "", inside: str = "", box: str = "matn") -> str:
    """Return an article's page in markup of its own, with more at three places."""
    paragraphs = "".join(f"<p>{line}</p>" for line in text(number))
    links = "".join(f'<a href="/story/{other}">خبر دیگر شماره {other}</a>' for other in range(1, 9))
    return f"""<html><head><meta charset="utf-8"><title>سرگذشت آبیاری شماره {number} | نامه</title></head><body>
<div class="menu"><a href="/">خانه</a></div><div class="page">{head}<h1>سرگذشت آبیاری شماره {number}</h1>
<div class="stamp">{number} مهر ۱۴۰۳ - ۱۰:{number + 10}</div>{before}
<div class="{box}">{paragraphs}{inside}</div></div><div class="links">{links}</div></body></html>"""


def drafted(pages: Mapping[int, str], **others: str) -> SiteDraft:
    """Return the draft of a site that has these pages and nothing else."""
    answers = {f"{HOST}/story/{number}": body for number, body in pages.items()} | {
        HOST + at: b for at, b in others.items()
    }

    async def fetch(url: str) -> Fetched:
        body = answers.get(url)
        return Fetched(url, 404) if body is None else Fetched(url, 200, body.encode())

    first = min(pages)
    found = at_once(draft_site(Fetched(f"{HOST}/story/{first}", 200, pages[first].encode()), fetch=fetch, most=5))
    assert isinstance(found, SiteDraft), found
    return found
