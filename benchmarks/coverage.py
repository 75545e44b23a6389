"""Time of `farscrawler coverage` on an archive of many ids, and of its page."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Spread, ratio, table
from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.coverage import survey
from farscrawler.coverage.html import page
from farscrawler.days import DateRange, jalali, parse_date_range, stored_jalali
from farscrawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Callable

_SITE = publishers.load("farsonline")
_FIRST_DAY = dt.date(2015, 3, 21)  # 1 Farvardin 1394
_DAYS = 3650
_AT = "2026-01-01T00:00:00+00:00"
_NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_BODY = "متن " * 100  # no part of an article is read, so it need not be long
_NEVER_ASKED, _ARTICLE = 0.05, 0.8  # shares of the ids; the rest is missing, failed or blocked
_SCAN = "SELECT published_jalali_date, count(*) FROM articles GROUP BY 1"


def measure(ids: int, rounds: int) -> str:
    """Survey an archive of so many ids over ten years, asked and never asked ones scattered; give the table."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
        path = Path(folder) / "archive.db"
        _build(path, ids)
        with Archive(path, readonly=True) as archive:
            report = survey(archive, _SITE, DateRange(), now=_NOW)
            if report is None or report.ids is None or not 0 < report.ids.never_asked < ids:
                raise RuntimeError("the survey does not see the archive")
            month = parse_date_range("1400-02", "1400-02")
            scan = "SQLite counts the articles of each day"
            tasks: dict[str, Callable[[], object]] = {
                scan: lambda: archive.db.execute(_SCAN).fetchall(),
                "survey": lambda: survey(archive, _SITE, DateRange(), now=_NOW),
                "survey of one month": lambda: survey(archive, _SITE, month, now=_NOW),
                "page": lambda: page(report),
            }
            for _ in range(rounds):
                for name, task in tasks.items():
                    begun = time.perf_counter()
                    task()
                    times.setdefault(name, []).append(time.perf_counter() - begun)
    found = [[name, Spread.of(series), ratio(series, times[scan])] for name, series in times.items()]
    return table([f"{ids:,} ids", "seconds", "÷ the plain count"], found)


def _build(path: Path, ids: int) -> None:
    dice = random.Random(ids)
    with Archive(path, readonly=False) as archive:
        for number in range(ids):
            chance = dice.random()
            if chance < _NEVER_ASKED:
                continue
            key, day = str(100_000 + number), _FIRST_DAY + dt.timedelta(days=number * _DAYS // ids)
            found = chance < _NEVER_ASKED + _ARTICLE
            archive.save(
                Visit(
                    publisher=_SITE.key,
                    key=key,
                    url=_SITE.canonical_url(key),
                    outcome="article" if found else dice.choice(("missing", "missing", "missing", "failed", "blocked")),
                    at=_AT,
                    reason=None if found else dice.choice(("HTTP 404", "HTTP 503", "redirected to /Error.aspx")),
                ),
                _article(key, day) if found else None,
            )


def _article(key: str, day: dt.date) -> Article:
    return Article(
        publisher=_SITE.key,
        article_id=key,
        url=_SITE.canonical_url(key),
        headline="تیتر",
        body=_BODY,
        fetched_at=_AT,
        content_hash=key.zfill(64),
        published_at=f"{day}T10:00:00+03:30",
        published_date=day.isoformat(),
        published_jalali=stored_jalali(f"{jalali(day)}T10:00:00"),
        published_jalali_date=stored_jalali(jalali(day) or ""),
    )
