"""A site of print pages that is told what goes wrong, and what a crawl of it has written down."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.archive.ledger import Ledger
from tests.support.pageserver import Answer, PageServer, print_page

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable
    from pathlib import Path


NOTHING = Answer("<html><body><p>این بخش به زودی به راه می‌افتد.</p></body></html>")
WALL = Answer("<html><head><title>Just a moment...</title></head><body>cf-chl-1</body></html>")


class Site(PageServer):
    """A site that has ``articles``, a home page with ``listed`` ids, and ``instead`` for what shall go wrong."""

    def __init__(self, articles: Iterable[int], listed: Iterable[int] | None = None) -> None:
        super().__init__({})
        self.articles = set(articles)
        self.listed = sorted(self.articles if listed is None else set(listed), reverse=True)[:40]
        self.instead: Callable[[str], Answer | None] = lambda _: None

    def answer(self, key: str) -> Answer:
        answer = self.instead(key) or self.answers.get(key)
        if answer is not None:
            return answer
        if key == "/":
            links = "".join(f'<li><a href="/Fa/News/{number}/x">خبر {number}</a></li>' for number in self.listed)
            return Answer(f"<html><body><ul>{links}</ul></body></html>")
        if key.startswith("print:") and int(key[6:]) in self.articles:
            return Answer(print_page(int(key[6:])))
        return Answer(status=404)

    def ids_asked(self) -> list[int]:
        """Return the ids that print pages were asked for, and forget them."""
        found = [int(path.split("code=")[1].split("&")[0]) for path in self.asked if "code=" in path]
        self.asked.clear()
        return found


def everything(answer: Answer) -> Callable[[str], Answer | None]:
    """Answer every address but robots.txt with one page."""
    return lambda key: None if key == "/robots.txt" else answer


def visits(folder: Path) -> dict[int, tuple[str, str]]:
    """Return outcome and reason by id."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        rows = db.execute("SELECT key, outcome, reason FROM visits").fetchall()
    return {int(key): (outcome, reason or "") for key, outcome, reason in rows}


def stored(folder: Path) -> set[int]:
    return {number for number, (outcome, _) in visits(folder).items() if outcome == "article"}


def floor(folder: Path) -> int | None:
    with Archive(folder / "archive.db", readonly=True) as archive:
        return Ledger(archive, "farsonline").watermark()


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence with which a run that was not done ends; no traceback beside it."""
    assert "Traceback" not in done.stderr, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("farscrawler: ")]
    assert len(said) == 1, done.stderr
    return said[0]


def execute(folder: Path, *statements: str) -> None:
    """Change an archive by hand, made first where there is none."""
    Archive(folder / "archive.db", readonly=False).close()
    with closing(sqlite3.connect(folder / "archive.db")) as db, db:
        for statement in statements:
            db.execute(statement)
