"""A Jalali year as a figure: bars for its months, and below them a cell for each day, a week a column.

Weeks begin on Saturday, and time runs from right to left as on the whole page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from farscrawler.coverage.gaps import months
from farscrawler.days import gregorian
from farscrawler.markup import count, day, element
from farscrawler.persian import digits
from farscrawler.timestamps.months import PERSIAN_MONTHS, WEEKDAYS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    from lxml.html import HtmlElement

    from farscrawler.coverage.model import Day, Month

    Link = Callable[[dt.date, dt.date], str]

#: Saturday first.
WEEKDAY_NAMES = tuple(WEEKDAYS[(5 + at) % 7].partition("|")[0].replace(" ", "\u200c") for at in range(7))
#: Shades of days with an article; the colours are in markup.css.
SHADES = 5
#: From this number of years on a cell is a week, so that the page stays small: a year of days is some 25 KB.
DAILY_YEARS = 12
#: What a day is called that no run has asked for: nothing is said of what it lacks.
NOT_HARVESTED = "برداشت‌نشده"
_WEEK, _MONTHS = 7, 12
#: Steps between two shades that read well, times a power of ten.
_ROUND = (1, 2, 3, 4, 5, 6, 8, 10)
_BARS_TOP, _BARS_HEIGHT = 16, 88  # pixels; above the bars stand their numbers
_BAR = 3.4  # columns; a month begins in four or five of its own


def step_of(days: Sequence[Day]) -> int:
    """Return the articles of a day between two shades; only the fullest twentieth of the days has the darkest one."""
    held = sorted(one.articles for one in days if one.articles)
    if not held:
        return 1
    needed = held[(len(held) - 1) * 19 // 20] / (SHADES - 1)
    power = 10 ** max(0, math.floor(math.log10(needed))) if needed > 1 else 1
    return next(step * power for step in _ROUND if step * power >= needed)


def shade(articles: float, step: int) -> int:
    """Return the shade of a day's articles: 0 for a day without any, up to ``SHADES``."""
    return min(SHADES, math.ceil(articles / step))


def legend(days: Sequence[Day]) -> HtmlElement:
    """Return the list of shades, each with its numbers of articles."""
    step = step_of(days)
    texts = ["هیچ"]
    texts += [f"{count(low)} تا {count(low + step - 1)}" if step > 1 else count(low)
              for low in range(1, step * (SHADES - 1) + 1, step)]  # fmt: skip
    texts.append(f"{count(step * (SHADES - 1) + 1)} و بیشتر")
    shades = [element("li", element("i", kind=f"c{at}"), text) for at, text in enumerate(texts)]
    shades.append(element("li", element("i", kind="c1 f"), "کمتر از نیم میانهٔ همان روز هفته"))
    if not all(one.harvested for one in days):
        shades.append(element("li", element("i", kind="n"), NOT_HARVESTED))
    if weekly(days):
        shades.append(element("li", "هر خانه یک هفته است و رنگش میانگین روزهای آن"))
    return element("ul", *shades, kind="legend", aria_label="راهنمای رنگ‌ها")


def weekly(days: Sequence[Day]) -> bool:
    """Whether the days span ``DAILY_YEARS`` or more, so that a cell is a week."""
    return bool(days) and days[-1].date.year - days[0].date.year >= DAILY_YEARS


@dataclass(frozen=True, slots=True)
class Frame:
    """The columns of a year: day ``n`` from 0 is in column ``(offset + n) // 7``."""

    year: int
    first: dt.date
    offset: int
    weeks: int

    @classmethod
    def of(cls, year: int) -> Frame:
        """Return the frame of a Jalali year."""
        first = gregorian(year, 1, 1)
        offset = (first.weekday() + 2) % _WEEK
        length = (gregorian(year + 1, 1, 1) - first).days
        return cls(year, first, offset, math.ceil((offset + length) / _WEEK))

    def column(self, date: dt.date) -> int:
        """Return the column of a day of the year."""
        return (self.offset + (date - self.first).days) // _WEEK

    def months(self) -> list[tuple[int, int]]:
        """Return for each month the column of its first day and the number of columns up to the next month."""
        starts = [self.column(gregorian(self.year, month, 1)) for month in range(1, _MONTHS + 1)]
        return [(start, end - start) for start, end in zip(starts, [*starts[1:], self.weeks], strict=True)]


def years(days: Sequence[Day], link: Link | None = None) -> Iterator[HtmlElement]:
    """Yield the figure of each year; with ``link`` a cell leads to the address of its first and its last day."""
    if not days:
        return
    step = step_of(days)
    parts = [(year, list(part)) for year, part in groupby(months(days), key=lambda month: month.year)]
    most = max(month.articles for _, part in parts for month in part)
    by_week = weekly(days)
    at = 0
    for year, part in parts:
        size = sum(month.days for month in part)
        held = days[at : at + size]
        at += size
        frame = Frame.of(year)
        articles, flagged = sum(month.articles for month in part), sum(month.flagged for month in part)
        told = f"{count(articles)} خبر در {count(size)} روز" + (f"، {count(flagged)} روز کم‌خبر" if flagged else "")
        bare = sum(month.not_harvested for month in part)
        told += f"، {count(bare)} روز {NOT_HARVESTED}" if bare else ""
        cells = _weeks(held, frame, step, link) if by_week else _days(held, frame, step, link)
        label = f"تقویم سال {digits(str(year))}: {told}"
        yield element(
            "section",
            element("h2", digits(str(year)), " ", element("small", told)),
            element(
                "div",
                _bars(part, frame, most),
                _names(frame),
                *([] if by_week else [_weekdays()]),
                element(
                    "div",
                    *cells,
                    kind="cells weeks" if by_week else "cells",
                    role="img" if link is None else "group",  # what is in an image is hidden from a screen reader
                    aria_label=label,
                ),
                kind=f"year w{frame.weeks}",
            ),
            kind="calendar",
        )


def _bars(part: Sequence[Month], frame: Frame, most: int) -> HtmlElement:
    """Return a bar for each month, over the columns of its weeks; all years have the same scale."""
    shapes = []
    columns = frame.months()
    for month in part:
        start, width = columns[month.month - 1]
        height = _BARS_HEIGHT * month.articles / most if most else 0
        left = frame.weeks - start - width  # of an SVG, x runs from the left
        title = f"{PERSIAN_MONTHS[month.month - 1]} {digits(str(month.year))}: {count(month.articles)} خبر"
        y = f"{_BARS_TOP + _BARS_HEIGHT - height:.1f}"
        bar = element(
            "rect",
            element("title", title),
            x=_percent(left + (width - _BAR) / 2, frame),
            width=_percent(_BAR, frame),
            y=y,
            height=f"{height:.1f}",
        )
        above = f"{_BARS_TOP + _BARS_HEIGHT - height - 4:.1f}"
        shapes += [bar, element("text", count(month.articles), x=_percent(left + width / 2, frame), y=above)]
    label = f"خبرهای هر ماه سال {digits(str(frame.year))}"
    return element(
        "svg", *shapes, kind="bars", width="100%", height=str(_BARS_TOP + _BARS_HEIGHT), role="img", aria_label=label
    )


def _names(frame: Frame) -> HtmlElement:
    """Return the months' names over their columns; a narrow window shows their numbers."""
    names = enumerate(zip(PERSIAN_MONTHS, frame.months(), strict=True), 1)
    return element(
        "div",
        *(element("span", name, kind=f"k{width}", data_number=count(at)) for at, (name, (_, width)) in names),
        kind="months",
        aria_hidden="true",
    )


def _weekdays() -> HtmlElement:
    return element("div", *(element("span", name) for name in WEEKDAY_NAMES), kind="weekdays", aria_hidden="true")


def _days(held: Sequence[Day], frame: Frame, step: int, link: Link | None) -> Iterator[HtmlElement]:
    """Yield a cell for each day; cells without colour stand for the days of the year before the first one."""
    before = (held[0].date - frame.first).days
    for at in range(before):
        yield element("i", kind=f"s{frame.offset}" if at == 0 else None)
    for one in held:
        kinds = [f"c{shade(one.articles, step)}" if one.harvested else "n"]
        told = f"{day(one.date)}: {count(one.articles)} خبر"
        if one.flagged:
            kinds.append("f")
            told += f"، میانه {count(one.median or 0)}"
        if not one.harvested:
            told += f"، {NOT_HARVESTED}"
        if one.date == frame.first:
            kinds.append(f"s{frame.offset}")
        yield _cell(" ".join(kinds), told, one.date, one.date, link)


def _cell(kind: str, told: str, first: dt.date, last: dt.date, link: Link | None) -> HtmlElement:
    if link is None:
        return element("i", kind=kind, title=told)
    return element("a", kind=kind, title=told, href=link(first, last), aria_label=told)


def _weeks(held: Sequence[Day], frame: Frame, step: int, link: Link | None) -> Iterator[HtmlElement]:
    """Yield a cell for each week, in the shade of its mean day."""
    for _ in range(frame.column(held[0].date)):
        yield element("i")
    for _, part in groupby(held, key=lambda one: frame.column(one.date)):
        week = list(part)
        articles, flagged = sum(one.articles for one in week), sum(one.flagged for one in week)
        told = f"{day(week[0].date)} تا {day(week[-1].date)}: {count(articles)} خبر"
        if flagged:
            told += f"، {count(flagged)} روز کم‌خبر"
        bare = sum(not one.harvested for one in week)
        if bare:
            told += f"، {count(bare)} روز {NOT_HARVESTED}"
        kind = ("n" if bare == len(week) else f"c{shade(articles / len(week), step)}") + (" f" if flagged else "")
        yield _cell(kind, told, week[0].date, week[-1].date, link)


def _percent(columns: float, frame: Frame) -> str:
    return f"{100 * columns / frame.weeks:.2f}%"
