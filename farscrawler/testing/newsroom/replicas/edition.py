"""Edition: a story as a site of a family prints it, before any markup; and what a right reader must find of it.

The answers are computed from the edition, never by the crawler's readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import jdatetime

from farscrawler.testing.newsroom import clock, prose, words
from farscrawler.testing.newsroom.truth import folded

if TYPE_CHECKING:
    from datetime import date, datetime

    from farscrawler.testing.newsroom.story import Story

ARABIC_MONTHS = words.MONTHS
MONTHS = tuple(prose.Spelling("kept", "farsi", "ascii").write(month).replace("ي", "ی") for month in words.MONTHS)
WEEKDAYS = ("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه")  # Saturday first
_PERSIAN = str.maketrans(prose.ASCII_DIGITS, prose.DIGITS["persian"])
_NO_SLUG = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """The texts of a story without the first site's dateline; times are UTC, in whole minutes.

    These sites print minutes, and their machine fields the same minute. ``modified`` is None until a revision.
    """

    number: int
    revision: int
    published: datetime
    modified: datetime | None
    kicker: str | None
    headline: str
    lead: str | None
    paragraphs: tuple[str, ...]
    service: tuple[int, str]
    section: tuple[int, str]
    tags: tuple[str, ...]
    picture: str | None
    caption: str | None
    end_mark: str | None

    @property
    def slug(self) -> str:
        """The headline's words, joined by ``-``."""
        return _NO_SLUG.sub("-", self.headline).strip("-")

    @property
    def local(self) -> datetime:
        """The moment of publication on Tehran's clock."""
        return self.published.astimezone(clock.TEHRAN)

    @property
    def changed(self) -> datetime:
        """The moment of the last change: what a sitemap gives."""
        return self.modified or self.published

    @property
    def jalali(self) -> tuple[int, int, int]:
        """The Jalali day of publication in Tehran."""
        return clock.jalali_day(self.local.date())


def edition(story: Story) -> Edition:
    """Return a story as these sites print it: whole minutes, and no dateline of the first site."""
    prefix = "" if story.dateline is None else f"{story.dateline} {story.separator} "
    first, *rest = story.paragraphs
    published = story.published.replace(second=0, microsecond=0)
    return Edition(
        number=story.article_id,
        revision=story.revision,
        published=published,
        modified=published + timedelta(hours=story.revision) if story.revision else None,
        kicker=None if story.kicker is None else folded(story.kicker),
        headline=folded(story.headline),
        # A page whose lead is its only paragraph over again has one text, and no reader could say which it is.
        lead=None if story.opening is None or story.lead in (None, first) else folded(story.lead),
        paragraphs=tuple(folded(text) for text in (first.removeprefix(prefix), *rest)),
        service=(story.section[0], _plain(story.section[1])),
        section=(story.section[2], _plain(story.section[3])),
        tags=story.tags,
        picture=None
        if story.picture is None
        else f"{published:%Y/%m/%d}/{story.article_id % 5}/{story.article_id}.jpg",
        caption=None if story.picture is None or story.picture.caption is None else folded(story.picture.caption),
        end_mark=story.end_mark,
    )


def answers(
    one: Edition,
    *,
    publisher: str,
    article_id: str,
    printed: str,
    pictures: list[dict[str, str | None]],
    section: str | None,
) -> dict[str, Any]:
    """Return the Article fields that the page determines, in the schema's order.

    ``published_at`` is given to the minute, which is what these sites print. An hour that the end of summer time
    doubles is told apart by the machine fields, so it has an instant here.
    """
    local = one.local
    jalali = jdatetime.date.fromgregorian(date=local.date()).strftime("SH %Y/%m/%d")
    return {
        "publisher": publisher,
        "article_id": article_id,
        "kicker": one.kicker,
        "headline": one.headline,
        "subtitle": None,
        "lead": one.lead,
        "body": "\n".join(one.paragraphs),
        "section": section,
        "authors": [],
        "tags": list(one.tags),
        "images": pictures,
        "published_text": printed,
        "published_at": local.isoformat(timespec="seconds"),
        "published_date": local.date().isoformat(),
        "published_jalali": f"{jalali} {local:%H:%M:%S}",
        "published_jalali_date": jalali,
    }


def _plain(label: str) -> str:
    return label.replace("ي", "ی").replace("ك", "ک")


def persian(text: str) -> str:
    """Return a text with Persian digits."""
    return text.translate(_PERSIAN)


def weekday(day: date) -> str:
    """Return the name of a day of the week."""
    return WEEKDAYS[(day.weekday() + 2) % 7]


def iso_utc(moment: datetime) -> str:
    """Return a moment as ``2022-05-18T10:25:00Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def iso_tehran(moment: datetime) -> str:
    """Return a moment with Tehran's offset of that day, ``2022-05-18T14:55:00+04:30``."""
    return moment.astimezone(clock.TEHRAN).isoformat(timespec="seconds")
