"""Kept pages for tests: made by hand, and read from the file beside an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farscrawler.archive import Visit
from farscrawler.archive.kept.pages import DamagedPage, KeptPage, KeptPages, path_of
from tests.support.records import AT

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.archive import Outcome

#: The same on every page of a site, and long enough to be worth a dictionary.
MENU = "".join(f'<li><a href="/service/{n}/{n * 7919 % 1000}">سرویس {n * 104729 % 9973}</a></li>' for n in range(400))


def template(number: int, menu: str = MENU) -> bytes:
    """Return a page with the menu of its site."""
    return f"<html><body><ul>{menu}</ul><h1>خبر {number}</h1><p>{number * 31337}</p></body></html>".encode()


def page(key: str, body: bytes, *, at: str = AT, outcome: Outcome = "article", **more: Any) -> KeptPage:
    given: dict[str, Any] = {"publisher": "farsonline", "form": "print", "url": f"http://x/{key}", "status": 200}
    return KeptPage(key=key, fetched_at=at, outcome=outcome, body=body, **{**given, **more})


def keep(pages: KeptPages, *kept: KeptPage, flush: bool = True) -> Visit:
    """Keep the pages of one visit, and return the visit."""
    first = kept[0]
    visit = Visit(
        publisher=first.publisher, key=first.key, url=first.url, outcome=first.outcome, at=first.fetched_at
    )  # fmt: skip
    pages.keep(visit, kept)
    if flush:
        pages.flush()
    return visit


def read_all(pages: KeptPages, publisher: str = "farsonline", *, keys: int = 3) -> list[KeptPage | DamagedPage]:
    return [page for part in pages.parts(publisher, keys=keys) for page in pages.read(part)]


def kept_in(archive: Path, publisher: str = "farsonline") -> dict[tuple[str, str], KeptPage]:
    """Return the pages kept beside an archive, by key and form; none of them is damaged."""
    with KeptPages(path_of(archive)) as pages:
        found = read_all(pages, publisher, keys=100)
    assert not [one for one in found if isinstance(one, DamagedPage)]
    return {(one.key, one.form): one for one in found if isinstance(one, KeptPage)}
