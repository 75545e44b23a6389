"""Make docs/coverage.png anew: `python docs/coverage_picture.py` (needs Chromium; takes half a minute).

The harvest is invented, and its articles are the newsroom's. Some ids are recorded as missing, which gives the site its
rhythm (Fridays, holidays, a quiet summer). Other ids are left out, or recorded as failed or blocked: the gaps.
The picture shows the page that `farscrawler coverage --html` writes.
"""
# ruff: noqa: INP001  # a folder of documents with a script in it, not a package

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import jdatetime

from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.days import plain_jalali
from farscrawler.items import Article
from farscrawler.testing.newsroom import Newsroom, answers

if TYPE_CHECKING:
    from farscrawler.archive import Outcome
    from farscrawler.testing.newsroom import Story

PICTURE = Path(__file__).resolve().with_name("coverage.png")
SITE = publishers.load("farsonline")
NEWSROOM = Newsroom(first_id=240_000, count=19_000, start="1401-01-01", until="1403-01-01", gap_rate=0.04)
#: Jalali days, both included, and what became of their ids: never asked, or an outcome with its reason.
TROUBLES: tuple[tuple[str, str, tuple[Outcome, str] | None], ...] = (
    ("1401-03-08", "1401-03-15", None),
    ("1401-08-21", "1401-08-22", ("failed", "HTTP 503")),
    ("1402-02-19", "1402-02-19", ("blocked", "challenge page")),
    ("1402-05-02", "1402-05-26", None),
    ("1402-10-11", "1402-10-12", ("failed", "no answer in time")),
)
#: The share of ids with an article: by weekday (Monday is 0), and what holidays and a month take off.
WEEKDAYS = (0.95, 0.95, 0.95, 0.7, 0.4, 0.9, 0.95)
HOLIDAYS = {(1, 1): 0.3, (1, 2): 0.3, (1, 3): 0.4, (1, 4): 0.5, (1, 13): 0.3}
MONTHS = {1: 0.9, 5: 0.8}
_CUT = 1 / 900  # the share of pages that came in half
_AT = "2026-11-23T08:00:00+00:00"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_WINDOW = "1080,1240"


def build(path: Path, newsroom: Newsroom = NEWSROOM) -> None:
    """Fill an archive with the harvest."""
    dice = random.Random(newsroom.seed)
    day = ""  # that of the last article: an id without one belongs to no day of its own
    with Archive(path, readonly=False) as archive:
        ledger = Ledger(archive, SITE.key)
        run = ledger.begin_run({"since": "1401"}, _AT)
        for article_id in range(newsroom.first_id, newsroom.newest_id + 1):
            story = newsroom.story(article_id)
            article = None if story is None else _article(story)
            day = day if article is None else plain_jalali(article.published_jalali or day)[:10]
            settled = _settled(article_id, article, day, dice.random())
            if settled is not None:
                archive.save(*settled)
        archive.flush()
        ledger.end_run(run, at=_AT, reason="finished", exit_code=0, counts=archive.committed)


def _article(story: Story) -> Article:
    key = str(story.article_id)
    return Article(**answers(story), url=SITE.canonical_url(key), fetched_at=_AT, content_hash=key.zfill(64))


def _settled(article_id: int, article: Article | None, day: str, chance: float) -> tuple[Visit, Article | None] | None:
    """Return the visit of an id with its article, if any, or None for an id that was never requested."""
    for first, last, trouble in TROUBLES:
        if first <= day <= last:
            return None if trouble is None else (_visit(article_id, *trouble), None)
    if article is None:
        return _visit(article_id, "missing", "HTTP 404"), None
    year, month, number = map(int, day.split("-"))
    weekday = jdatetime.date(year, month, number).togregorian().weekday()
    if chance > WEEKDAYS[weekday] * HOLIDAYS.get((month, number), 1) * MONTHS.get(month, 1):
        return _visit(article_id, "missing", "redirected to /Error.aspx"), None
    if chance < _CUT:
        return _visit(article_id, "failed", "the body was cut off"), None
    return _visit(article_id, "article"), article


def _visit(article_id: int, outcome: Outcome, reason: str | None = None) -> Visit:
    key = str(article_id)
    return Visit(publisher=SITE.key, key=key, url=SITE.canonical_url(key), outcome=outcome, reason=reason, at=_AT)


def picture(folder: Path, target: Path) -> None:
    """Write the picture of the page, with an archive in a folder of its own."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        sys.exit("No Chromium was found; install it, and run this again.")
    build(folder / "archive.db")
    words = [sys.executable, "-m", "farscrawler", "coverage", SITE.key, "--html", "coverage.html"]
    subprocess.run(words, cwd=folder, check=True)  # noqa: S603  # our own command
    quiet = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
    subprocess.run(  # noqa: S603  # a browser with a profile of its own, on a file that asks for nothing
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", *quiet,
            f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars", f"--window-size={_WINDOW}",
            f"--screenshot={target}", (folder / "coverage.html").as_uri(),
        ],
        check=True,
    )  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="farscrawler-picture-") as temporary:
        picture(Path(temporary), PICTURE)
