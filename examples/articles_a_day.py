"""Articles a day, by weekday and on the holidays of the Jalali calendar: `articles_a_day.py ARCHIVE [PUBLISHER]`.

A holiday is held against the same weekday of the four weeks before and after it, so that neither Fridays nor the growth
of a site look like holidays. A day without articles counts as 0: look with `farscrawler coverage` first, whether days
were never harvested. Religious holidays are left out: they follow the moon, and no table of them is kept here.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from statistics import mean

import jdatetime

WEEKDAYS = ("Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
#: Month and day of what is a holiday in every year.
HOLIDAYS = {
    (1, 1): "Nowruz", (1, 2): "Nowruz", (1, 3): "Nowruz", (1, 4): "Nowruz", (1, 12): "Islamic Republic Day",
    (1, 13): "Nature Day", (3, 14): "Death of Khomeini", (3, 15): "15 Khordad", (11, 22): "Revolution Day",
    (12, 29): "Oil Nationalisation Day",
}  # fmt: skip
AROUND = [dt.timedelta(weeks=weeks) for weeks in range(-4, 5) if weeks]


def articles_by_day(path: str, publisher: str | None) -> dict[dt.date, int]:
    """Return the number of articles of every day from the first one to the last; the days are those in Iran."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows = db.execute(
            """SELECT published_date, count(*) FROM articles
               WHERE published_date IS NOT NULL AND (?1 IS NULL OR publisher = ?1) GROUP BY 1""",
            (publisher,),
        ).fetchall()
    found = {dt.date.fromisoformat(day): count for day, count in rows}
    if not found:
        return {}
    first, last = min(found), max(found)
    return {day: found.get(day, 0) for day in (first + dt.timedelta(days=at) for at in range((last - first).days + 1))}


def holiday(day: dt.date) -> tuple[int, int] | None:
    """Return month and day of a holiday."""
    jalali = jdatetime.date.fromgregorian(date=day)
    return (jalali.month, jalali.day) if (jalali.month, jalali.day) in HOLIDAYS else None


def main() -> None:
    """Print both tables."""
    if len(sys.argv) < 2:  # noqa: PLR2004  # ARCHIVE, and maybe PUBLISHER
        sys.exit("Name an archive: articles_a_day.py ARCHIVE [PUBLISHER]")
    path, publisher = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None  # noqa: PLR2004  # as above
    if not Path(path).exists():
        sys.exit(f"{path} does not exist.")
    counts = articles_by_day(path, publisher)
    if not counts:
        sys.exit(f"{path} holds no such article with a known day.")
    weekdays: dict[str, list[int]] = defaultdict(list)
    for day, count in counts.items():
        if holiday(day) is None:
            weekdays[WEEKDAYS[(day.weekday() + 2) % 7]].append(count)
    print(f"{len(counts):,} days, {sum(counts.values()):,} articles\n\nweekday      articles a day")
    for name in WEEKDAYS:
        print(f"{name:12} {mean(weekdays[name]):14.1f}")

    print("\nholiday                        years  articles a day  usual  share")
    for key, name in HOLIDAYS.items():
        pairs = [
            (count, mean(usual))
            for day, count in counts.items()
            if holiday(day) == key
            and (usual := [counts[day + week] for week in AROUND if day + week in counts and not holiday(day + week)])
        ]
        if pairs:
            there, usual_there = (mean(values) for values in zip(*pairs, strict=True))
            share = f"{there / usual_there:5.0%}" if usual_there else "    -"
            print(f"{key[0]:2}/{key[1]:02} {name:24} {len(pairs):5} {there:15.1f} {usual_there:6.1f}  {share}")


if __name__ == "__main__":
    main()
