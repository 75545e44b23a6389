"""A harvest with a hole in it, what it must have stored, and reports of archives made by hand."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from farscrawler import publishers
from farscrawler.archive import OUTCOMES, Archive, Visit
from farscrawler.coverage import Report, survey
from farscrawler.days import DateRange, plain_jalali
from farscrawler.items import Article
from farscrawler.testing.newsroom import Newsroom, answers
from tests.support import run
from tests.support.dated import dated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


SITE = publishers.load("farsonline")
#: Sixty days of ten ids each.
NEWSROOM = Newsroom(first_id=5_000, count=600, per_day=10, start="1401-01-20")
HOLE = range(5_200, 5_260)
FAILED, BLOCKED = range(5_400, 5_403), range(5_410, 5_412)
UNASKED = {*HOLE, 5_403}
#: The days that a run has harvested, so that the hole in them is one.
RANGE = ("1401-01-25", "1401-03-15")
ASKED = [at for at in range(5_000, 5_600) if at not in UNASKED]
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


def stored() -> dict[int, str]:
    """Return id and Jalali day of what the harvest must have stored."""
    troubled = {*FAILED, *BLOCKED}
    return {
        at: plain_jalali(answers(story)["published_jalali_date"])
        for at in ASKED
        if at not in troubled and (story := NEWSROOM.story(at)) is not None
    }


def as_json(folder: Path, *words: str) -> dict[str, Any]:
    done = run("coverage", "farsonline", "--json", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# -- archives of other kinds, made through the archive itself -------------------------------------------------------


def settled(key: str, outcome: str, day: str | None = None, reason: str | None = None) -> tuple[Visit, Article | None]:
    assert outcome in OUTCOMES
    visit = Visit(
        publisher="farsonline", key=key, url=f"http://x/{key}", outcome=outcome, reason=reason, at="2026-11-23T08:00:00"
    )  # fmt: skip
    if outcome != "article":
        return visit, None
    article = Article(
        publisher="farsonline", article_id=key, url=visit.url, headline="تیتر", body="متن", fetched_at=visit.at,
        content_hash=key, **dated(day),
    )  # fmt: skip
    return visit, article


def reported(path: Path, rows: Sequence[tuple[Visit, Article | None]], span: DateRange | None = None) -> Report:
    with Archive(path, readonly=False) as archive:
        for row in rows:
            archive.save(*row)
        archive.flush()
        report = survey(archive, SITE, span or DateRange(), now=NOW)
    assert report is not None
    return report
