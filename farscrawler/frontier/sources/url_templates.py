"""Address templates with a day in them: which period one address stands for, and filling it in."""

from __future__ import annotations

import datetime as dt
import string
from typing import TYPE_CHECKING, Literal

from farscrawler.days import jalali_parts, period
from farscrawler.listings.names import day64

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.days import DateRange

Unit = Literal["day", "month", "year"]
_OF_DAY = frozenset({"jd", "gd", "day64"})
_OF_MONTH = frozenset({"jm", "gm"})
_OF_YEAR = frozenset({"jy", "gy"})
#: No site has articles of earlier days: the first Iranian newspaper went on the web in 1373.
_BEFORE_THE_WEB = dt.date(1994, 3, 21)


def fields(template: str) -> frozenset[str]:
    """Return the names of a template's fields."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def unit_of(template: str) -> Unit | None:
    """Return the finest unit of a template's date fields; None where it has none."""
    names = fields(template)
    return "day" if names & _OF_DAY else "month" if names & _OF_MONTH else "year" if names & _OF_YEAR else None


def is_jalali(template: str) -> bool:
    """Whether the months and years of a template are those of the Jalali calendar."""
    return bool(fields(template) & {"jy", "jm", "jd"})


def fill(template: str, day: dt.date, page: int = 1) -> str:
    """Return the address of a template for a day and a page."""
    year, month, number = jalali_parts(day)
    return template.format(
        jy=year,
        jm=month,
        jd=number,
        gy=day.year,
        gm=day.month,
        gd=day.day,
        page=page,
        day64=day64(day),
    )


def period_of(day: dt.date, unit: Unit, *, jalali: bool) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the day, month or year that a day lies in."""
    if unit == "day":
        return day, day
    year, month, _ = jalali_parts(day) if jalali else (day.year, day.month, day.day)
    return period(year, month if unit == "month" else None)


def periods(days: DateRange, unit: Unit, *, jalali: bool) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the first and last day of every period that a range touches, newest first; its last day must be real."""
    day = days.last
    while True:
        first, last = period_of(day, unit, jalali=jalali)
        yield first, last
        if first <= days.first or first <= _BEFORE_THE_WEB:
            return
        day = first - dt.timedelta(days=1)
