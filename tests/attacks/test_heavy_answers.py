"""Answers that cost more to read than all else: pages and lists of a million tags, one huge entry, endless JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.attacks import Attack, meet
from tests.support.heavy_site import ARTICLE, END, FAST, GOOD, HEAD, STANZA, WITHOUT_LISTS, crawl, packed
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from pathlib import Path

DAYS = ("since=1402-07-01", "until=1402-07-10")


def page(body: bytes | str, *said: str, settings: tuple[str, ...] = (), **more: Any) -> Attack:
    """Return the attack of one page; a good one comes after it. What is over a limit is final, so that nothing is owed.

    ``body`` stands where the text of an article would go on.
    """
    whole = HEAD.encode() + (body.encode() if isinstance(body, str) else body) + END.encode()
    return Attack(
        words=crawl("ids=1-2", settings=("LOG_LEVEL=DEBUG", *settings)),
        files={"own/custom.toml": WITHOUT_LISTS},
        site=lambda: PageServer({"/news/1": packed(whole), "/news/2": Answer(ARTICLE)}),
        says=said,
        **more,
    )


def listed(doors: str, lists: dict[str, bytes | str], *said: str, settings: tuple[str, ...] = ()) -> Attack:
    """Return the attack of one list of a site's; the run is told what it got less, and stores what others name."""
    answers = {path: packed(body) for path, body in lists.items()}
    return Attack(
        words=crawl(*DAYS, settings=settings),
        files={"own/custom.toml": STANZA.replace("DOORS", doors)},
        site=lambda: PageServer({"/news/1": Answer(ARTICLE), **answers}),
        code=3,
        says=said,
    )


def sitemap(body: bytes | str, said: str, *more: str, settings: tuple[str, ...] = ()) -> Attack:
    """Return the attack of a sitemap that stands beside a good one."""
    lists: dict[str, bytes | str] = {"/good.xml": GOOD.format(""), "/heavy.xml": body}
    return listed(
        'sitemaps = ["/good.xml", "/heavy.xml"]',
        lists,
        f"heavy.xml: {said}",
        "1 new article",
        *more,
        settings=settings,
    )


ATTACKS = {
    "page: a million links": page(
        "<a href=/news/3>x</a>" * 150_000, "heavy 1: not-article (more elements than 100000)"
    ),
    "page: 60,000 tables within tables": page("<table><tr><td>" * 20_000, "heavy 1: not-article (nested too deeply)"),
    "page: 300,000 attributes": page(
        b"<p " + b" ".join(b"a%d=1" % number for number in range(300_000)) + b">",
        "heavy 1: not-article (too many attributes)",
    ),
    "page: 4 MB of JSON-LD, nested": page(
        "<script type='application/ld+json'>" + "[" * 4_000_000 + "</script>", "2 new articles"
    ),
    "page: 3 MB of one text": page("متن " * 400_000, "2 new articles"),
    "page: as many paragraphs as a book": page("<p>متن خبر</p>" * 10_000, "2 new articles"),
    "page: longer to read than the limit": page(
        "<p>متن خبر</p>" * 30_000, "heavy 1: not-article (took too long to read)", settings=("READ_CPU_SECONDS=0.1",)
    ),
    "sitemap: one huge entry": sitemap(
        "<urlset><url>" + "<a/>" * 100_000 + "</url></urlset>", "an entry of more than 10,000 elements"
    ),
    "sitemap: empty entries": sitemap(GOOD.format("<url/>" * 250_000), "more than 200,000 addresses"),
    "sitemap: longer to read than the limit": sitemap(
        GOOD.format("<url/>" * 100_000), "took too long to read (more than 0.1 s", settings=("READ_CPU_SECONDS=0.1",)
    ),
    "sitemap: JSON, nested": sitemap("[" * 2_000_000, "JSON of too many values"),
    "feed: a million items": listed(
        'feeds = ["/rss"]', {"/rss": "<rss><channel>" + "<item/>" * 50_000}, "10,000 entries"
    ),
    "list: a million links": listed(
        "pages = '/list/{page}'", {"/list/1": "<a href=/news/1>x</a>" * 100_000}, "too many elements"
    ),
    "list: pagers within pagers": listed(
        "pages = '/list/{page}'",
        {"/list/1": "<a href=/news/1>x</a>" + "<ul class=pager>" * 1_000 + "<a href=/x>1" * 2_000},
        "1 new article",
    ),
    "feed: of a site that is read by its lists alone": Attack(
        words=crawl(),
        files={"own/custom.toml": STANZA.replace("DOORS", 'feeds = ["/rss"]\nids = false')},
        site=lambda: PageServer({"/rss": packed("<rss><channel>" + "<item/>" * 11_000), "/": Answer(ARTICLE)}),
        code=3,
        says=("lists that could not be read: https://www.heavy.ir/rss: more than 10,000 entries",),
    ),
    "home page: a million links": Attack(
        words=crawl("latest=1"),
        files={"own/custom.toml": WITHOUT_LISTS},
        site=lambda: PageServer({"/": packed("<a href=/news/1>x</a>" * 130_000), "/news/1": Answer(ARTICLE)}),
        code=3,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_heavy_answer_holds_nobody_up(name: str, tmp_path: Path) -> None:
    meet(ATTACKS[name], tmp_path)


def saved(pages: dict[str, bytes | str], *said: str, **more: Any) -> Attack:
    """Return the attack of a folder of saved pages, hostile ones and sidecars among good ones."""
    return Attack(
        words=("crawl", "heavy", "-a", "pages={folder}/saved", *[w for one in FAST for w in ("-s", one)]),
        files={
            "own/custom.toml": WITHOUT_LISTS,
            **{f"saved/{name}": body for name, body in pages.items()},
        },
        says=said,
        **more,
    )


def named(number: int, body: str = ARTICLE) -> str:
    """Return a page that says its address."""
    return body.replace("<body>", f"<link rel=canonical href='https://www.heavy.ir/news/{number}'><body>")


SAVED = {
    "sidecars nested without end": saved(
        {
            **{f"{number}.html": named(number) for number in range(1, 21)},
            **{f"{number}.html.json": "[" * 60_000 for number in range(1, 11)},
        },
        "10 new articles",
        "holds JSON that is nested too deeply",
    ),
    "pages of a million links": saved(
        {
            "1.html": named(1),
            "2.html": named(2, HEAD + "<a href=/x>x</a>" * 200_000 + END),
            "3.html": named(3, HEAD + "<p>متن</p>" * 45_000 + END),
        },
        "new article",
    ),
}


@pytest.mark.parametrize("name", SAVED)
def test_heavy_saved_files_end_no_run(name: str, tmp_path: Path) -> None:
    meet(SAVED[name], tmp_path)
