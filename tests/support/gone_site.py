"""A site that is gone, and what web archives keep of it: every way a capture can be good or no good, and the answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from farscrawler.testing.newsroom import Newsroom, answers, lists
from farscrawler.testing.newsroom.site import Site
from tests.support.snapshots import Snapshot

if TYPE_CHECKING:
    from farscrawler.testing.newsroom import Story

WIRES = ("plain", "gzip", "chunked", "masked")
CASES = 9


@dataclass
class Gone:
    """The captures, and what a right reader finds: by id the fields, or nothing."""

    snapshots: list[Snapshot] = field(default_factory=list)
    wanted: dict[str, dict[str, Any]] = field(default_factory=dict)
    good: dict[str, Snapshot] = field(default_factory=dict)  # by id, the newest good capture
    without: set[str] = field(default_factory=set)  # ids of which no capture is good
    cases: dict[str, int] = field(default_factory=dict)
    #: By id, what is the newest good one where revisits are not kept.
    instead: dict[str, tuple[Snapshot, dict[str, Any]]] = field(default_factory=dict)


def gone_site(count: int = 60, *, seed: int = 1401) -> Gone:
    """Make a site of so many ids. Each article was changed once: its older captures hold another text."""
    newsroom = Newsroom(count=count, seed=seed, start="1391-02-01", until="1402-06-01")
    site = Site(newsroom, weight=2_000)
    gone = Gone()
    for number, at in enumerate(newsroom.ids()):
        first = newsroom.story(at)
        assert first is not None
        older = _print(site, at), _article(site, at)
        _captures(gone, site, (first, newsroom.revise(at)), older, number)
    gone.snapshots += _noise(newsroom)
    gone.snapshots = gone.snapshots[::-1]
    return gone


def _captures(  # noqa: C901  # a case a branch
    gone: Gone, site: Site, stories: tuple[Story, Story], older: tuple[bytes, bytes], number: int
) -> None:
    first, story = stories
    at, case = story.article_id, number % CASES
    key = str(at)
    gone.cases[key] = case

    def taken(days: int, body: bytes, url: str | None = None, **more: Any) -> Snapshot:
        moment = story.published + dt.timedelta(days=days)
        one = Snapshot(
            url=url or f"http://www.Fars-Online.ir/Incsys/PrtNews.aspx?l=Fa&code={at}&k=0",
            at=moment.strftime("%Y%m%d%H%M%S"), body=body, wire=WIRES[number % len(WIRES)], **more,
        )  # fmt: skip
        gone.snapshots.append(one)
        return one

    now, now_article = _print(site, at), _article(site, at)
    slug = f"http://www.fars-online.ir/Fa/News/{at}/" + story.slug.replace("#", "").replace("?", "").replace("/", "")
    good, form = None, "print"
    taken(1, older[0])
    if case == 0:  # the newest of several is good
        good = taken(20, now, keeps_gzip=number % 2 == 0)
    elif case == 1:  # the newest one shows the article page, under its slug, over https, on another host
        taken(10, older[0], f"https://payamefars.ir/Incsys/PrtNews.aspx?code={at}&l=Fa&k=0")
        good, form = (
            taken(25, now_article, slug.replace("http://www.fars-online.ir", "https://www.payamefars.ir")),
            "article",
        )
    elif case == 2:  # a wall stands before the newer captures
        good = taken(5, now)
        taken(30, lists.challenge().encode())
    elif case == 3:  # soft 404, redirect and error after the article was taken down
        good = taken(6, now)
        taken(31, lists.not_found().encode())
        taken(32, b"", status="302", location="http://www.fars-online.ir/Error.aspx")
        taken(33, b"", status="302", location="http://www.fars-online.ir/Error.aspx", revisits=True)
        taken(34, b"gone" + key.encode(), status="404")
    elif case == 4:  # the newest one is cut off
        good = taken(7, now)
        taken(34, now[: len(now) // 3], truncated=number % 2 == 0)
    elif case == 5:  # the same bytes at several addresses: the newest is the one
        taken(8, now)
        taken(9, now, f"http://fars-online.ir:80/incsys/PRTNEWS.aspx?l=fa&code={at}&k=0")
        good = taken(11, now, f"https://payamefars.ir/Incsys/PrtNews.aspx?l=Fa&code={at}&k=0")
    elif case == 6:  # nothing good at all
        gone.snapshots.pop()
        taken(2, lists.empty().encode())
        taken(12, lists.challenge().encode())
    elif case == 7:  # a revisit found the newest page again, after it had been another one for a while
        before = taken(13, now)
        between = taken(14, older[1], slug)
        gone.instead[key] = between, answers(first, "article")
        good = taken(15, now, revisits=True)
        assert good.digest == before.digest
    else:  # the newest one was mislabelled, and is an article all the same
        good = taken(16, now, kind="application/octet-stream")
    if good is None:
        gone.without.add(key)
        return
    gone.good[key] = good
    gone.wanted[key] = _as_seen_at(good.url, answers(story, form))


def _as_seen_at(url: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a page as it was captured: its pictures are where the page was."""
    images = [
        {**image, "url": urljoin(url, urlsplit(image["url"])._replace(scheme="", netloc="").geturl())}
        for image in fields["images"]
    ]
    return {**fields, "images": images}


def without_revisits(gone: Gone) -> Gone:
    """Return what is known where no revisit is: Common Crawl keeps none."""
    found = replace(gone, wanted=dict(gone.wanted), good=dict(gone.good))
    for key, (one, fields) in gone.instead.items():
        found.good[key], found.wanted[key] = one, fields
    return found


def _print(site: Site, at: int) -> bytes:
    return site.respond(f"/Incsys/PrtNews.aspx?l=Fa&code={at}&k=0").body


def _article(site: Site, at: int) -> bytes:
    return site.respond(f"/Fa/News/{at}/").body


def _noise(newsroom: Newsroom) -> list[Snapshot]:
    """Return captures that are of no article, or of no host of the site."""
    host = "http://www.fars-online.ir"
    body = lists.listing("", newsroom.newest(3), weight=2_000).encode()
    return [
        Snapshot(url=f"{host}/", at="20180101000000", body=body),
        Snapshot(url=f"{host}/Fa/NewsAll/12", at="20190101000000", body=body),
        Snapshot(url=f"{host}/images/1000.jpg", at="20190101000000", body=b"\xff\xd8", kind="image/jpeg"),
        Snapshot(url=f"{host}/Fa/News/{newsroom.first_id}/a.css", at="20250101000000", body=b"a{}", kind="text/css"),
        Snapshot(url=f"http://elsewhere.fars-online.ir/Fa/News/{newsroom.first_id}/", at="20250101000000", body=body),
        Snapshot(url="http://fars-online.irx/Fa/News/5/", at="20250101000000", body=body),
    ]
