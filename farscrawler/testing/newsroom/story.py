"""Story: one invented article with all the site would know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import clock, prose, words

if TYPE_CHECKING:
    from datetime import datetime

LAYOUTS = ("1396", "1401", "1404")
PRINT_MARKUPS = ("divs", "table", "p", "br", "unclosed")
SKINS = ("A", "1", "2")
PERMALINK_HOST = "http://www.Fars-Online.ir"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture's address as printed, without a host, and its caption if one is printed."""

    path: str
    caption: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One article before any markup; every text is raw, so double spaces are still in it.

    ``opening`` is the first paragraph as printed when it stands apart (dateline, separator and lead, or the
    dateline alone); ``paragraphs`` are the rest as printed. A story of one paragraph has no ``opening``,
    and its paragraph may itself begin with the ``dateline``.
    """

    article_id: int
    revision: int
    published: datetime  # UTC
    layout: str
    clock: str  # "24", "english" (AM), "persian" (ق.ظ)
    digits: str  # of the timestamp line
    print_markup: str
    skin: str
    kicker: str | None
    headline: str
    dateline: str | None
    separator: str
    lead: str | None
    opening: str | None
    paragraphs: tuple[str, ...]
    agency: str | None
    section: tuple[int, str, int, str]  # service number and label, sub-section number and label
    tags: tuple[str, ...]
    picture: Picture | None
    end_mark: str | None
    quirks: frozenset[str]

    @property
    def slug(self) -> str:
        """The raw headline with each space turned to ``-``."""
        return self.headline.replace(" ", "-")

    @property
    def permalink(self) -> str:
        """The address a print page prints, raw."""
        language = "fa" if self.layout == "1396" else "Fa"
        return f"{PERMALINK_HOST}/{language}/News/{self.article_id}/{self.slug}"

    @property
    def short_link(self) -> str:
        """The address in the short link's input of an article page."""
        return f"{PERMALINK_HOST}/news/{self.article_id}/"

    @property
    def print_timestamp(self) -> str:
        """The timestamp line of the print page, and of the skins 1 and 2."""
        local = self.published.astimezone(clock.TEHRAN)
        year, month, day = clock.jalali_day(local.date())
        return self._digits(
            f"{clock.weekday(local.date())} {day} {words.MONTHS[month - 1]} {year} - {self._time(local)}"
        )

    @property
    def article_timestamp(self) -> str:
        """The timestamp line of skin A: no weekday, and a clock of twelve hours."""
        local = self.published.astimezone(clock.TEHRAN)
        year, month, day = clock.jalali_day(local.date())
        time = clock.twelve_hours(local, "ق.ظ", "ب.ظ")
        return self._digits(f"{day} {words.MONTHS[month - 1]} {year} - {time}")

    def _time(self, local: datetime) -> str:
        if self.clock == "24":
            return f"{local:%H:%M:%S}"
        return clock.twelve_hours(local, *(("AM", "PM") if self.clock == "english" else ("ق.ظ", "ب.ظ")))

    def _digits(self, text: str) -> str:
        return text.translate(str.maketrans(prose.ASCII_DIGITS, prose.DIGITS[self.digits]))
