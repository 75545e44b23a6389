"""What a reading yields: a Timestamp, or a Refusal that carries its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime

Precision = Literal["second", "minute", "hour", "day"]


class RefusalReason(StrEnum):
    """Every reason a text is refused for. The values are stable: they end up in an article's warnings."""

    TOO_LONG = "text too long"
    NO_DATE = "no date"
    TIME_ONLY = "time without a date"
    NO_YEAR = "no year"
    NO_DAY = "no day"
    NO_SUCH_DAY = "no such day"
    NO_SUCH_TIME = "no such time of day"
    YEAR_OUTSIDE = "year outside the window"
    MAYBE_LUNAR = "maybe a lunar year"
    LUNAR_ONLY = "lunar date alone"
    AMBIGUOUS_ORDER = "order of day, month and year unclear"
    TWO_DATES = "two different dates"
    TWO_CLOCKS = "two different times"
    CALENDARS_DISAGREE = "calendars disagree"
    WEEKDAY_DISAGREES = "weekday disagrees"
    PAGE_CLOCK = "not the date of publication"
    SPAN = "a span, not a moment"
    STRAY_NUMBER = "number without a role beside the date"
    CLOCK_APART = "time apart from the date"
    CLOCK_UNCLEAR = "time of day unclear"
    DAYPART_CONTRADICTS = "part of the day contradicts the time"
    DAYPART_UNCLEAR = "part of the day unclear"
    UNKNOWN_ZONE = "unknown time zone"
    ZONES_DISAGREE = "time zones disagree"
    MISSING_HOUR = "hour skipped by summer time"
    DOUBLE_HOUR = "hour repeated by summer time"
    AFTER_FETCH = "later than the fetch"
    NO_FETCH_TIME = "relative without a fetch time"
    VAGUE = "relative and vague"
    COARSE = "relative and coarser than a day"
    RELATIVE_AND_DATE = "relative beside a date"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment, or a day, read with certainty.

    ``published_at`` is aware, with Tehran's offset of that date, and ``None`` exactly when ``precision`` is
    ``day``. ``date`` is the Gregorian day in Tehran. ``jalali`` is Tehran's wall clock,
    ``1401-02-28T14:55:59``, or the day alone, ``1401-02-28``.
    """

    published_at: datetime | None
    date: date
    jalali: str
    precision: Precision


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was read; ``reason`` is one of the values of ``RefusalReason``.

    ``jalali`` and ``precision`` are given only with ``RefusalReason.DOUBLE_HOUR``: the wall clock is certain there,
    the instant is one of two.
    """

    reason: str
    jalali: str | None = None
    precision: Precision | None = None


class RefusedError(Exception):
    """Carries a refusal from the depth of the grammar to ``read``, which returns it; it never leaves the package."""

    def __init__(self, reason: RefusalReason, jalali: str | None = None, precision: Precision | None = None) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, jalali, precision)
