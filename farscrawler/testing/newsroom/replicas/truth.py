"""What a right reader must find on a replica's page, computed from the edition, never by the crawler's readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jdatetime

if TYPE_CHECKING:
    from farscrawler.testing.newsroom.replicas.edition import Edition


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
    jalali = jdatetime.date.fromgregorian(date=local.date()).strftime("%Y-%m-%d")
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
        "published_jalali": f"{jalali}T{local:%H:%M:%S}",
    }
