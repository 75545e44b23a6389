"""What a right reader must find on a story's pages, computed from the story itself.

Nothing of farscrawler.extract or farscrawler.timestamps is used: the values come from the story's own
instant by way of jdatetime and the tz database, so they can stand as truth against both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jdatetime

from farscrawler.testing.newsroom import clock

if TYPE_CHECKING:
    from farscrawler.testing.newsroom.story import Story

CANONICAL_HOST = "http://www.fars-online.ir"
FORMS = ("print", "article")
_WHITESPACE = re.compile(r"[ \t\n\r\f\v]+")


def folded(text: str) -> str:
    """Return ``text`` with runs of ASCII whitespace as one space and its ends trimmed, U+00A0 included."""
    return _WHITESPACE.sub(" ", text).strip(" \u00a0")


def answers(story: Story, form: str = "print") -> dict[str, Any]:
    """Return the Article fields that a page of ``form`` determines, in the schema's order."""
    if form not in FORMS:
        raise ValueError(f"form must be print or article, not {form!r}")
    on_print = form == "print"
    local = story.published.astimezone(clock.TEHRAN)
    ambiguous = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    jalali = jdatetime.date.fromgregorian(date=local.date()).strftime("SH %Y/%m/%d")
    printed = story.print_timestamp if on_print or story.skin != "A" else story.article_timestamp
    return {
        "publisher": "farsonline",
        "article_id": str(story.article_id),
        "permalink": story.permalink if on_print else story.short_link,
        "kicker": None if story.kicker is None else folded(story.kicker),
        "headline": folded(story.headline),
        "subtitle": None,
        "dateline": None if story.dateline is None else folded(story.dateline),
        "lead": None if story.lead is None else folded(story.lead),
        "body": "\n".join(folded(paragraph) for paragraph in story.paragraphs),
        "section": None if on_print else _section(story),
        # Where an article page prints its agency is not known, so the replica's do not.
        "agency": story.agency if on_print else None,
        "authors": [],
        "tags": [] if on_print or story.skin != "1" else list(story.tags),
        "images": [] if on_print else _images(story),
        "published_text": printed,
        "published_at": None if ambiguous else local.isoformat(),
        "published_date": local.date().isoformat(),
        "published_jalali": f"{jalali} {local:%H:%M:%S}",
        "published_jalali_date": jalali,
        "published_precision": "second",
    }


def _section(story: Story) -> str | None:
    """Return the section: skin A prints the whole path, skin 1 its last label, skin 2 has no known place for it."""
    return None if story.skin == "2" else story.section[3]


def _images(story: Story) -> list[dict[str, str | None]]:
    if story.picture is None:
        return []
    # No place for a caption is known of skin A.
    caption = None if story.skin == "A" or story.picture.caption is None else folded(story.picture.caption)
    return [{"url": CANONICAL_HOST + story.picture.path, "caption": caption}]
