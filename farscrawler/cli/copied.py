"""Groups of the same text as a list, and one group with its articles: lines for a terminal, cells for a pipe, JSON."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from farscrawler.cli.columns import Column, table_lines
from farscrawler.cli.output import columns_of, out_cells, out_ready, prints_letters
from farscrawler.days import MARK, duration, jalali
from farscrawler.printing import printable
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.copies.largest import GroupSummary
    from farscrawler.copies.of import Copy, Group
    from farscrawler.items import Article

#: `1401/02/28 14:55`: on a terminal the headline needs the room of the seconds.
_TO_THE_MINUTE = 16
_TEHRAN = "Asia/Tehran"
_GROUP = (("", 0), ("when", 3), ("alike", 5), ("publisher", 2), ("id", 4))
_GROUPS = (("when", 2), ("articles", 5), ("publishers", 4), ("first", 3), ("publisher", 6), ("id", 7))


def moment_of(article: Article) -> str:
    """Return when an article was published: a Jalali day, with Tehran's clock where the moment is known."""
    if article.published_at is not None:
        local = dt.datetime.fromisoformat(article.published_at).astimezone(time_zone(_TEHRAN))
        return f"{jalali(local.date())} {local:%H:%M:%S}".replace("-", "/")
    return article.published_jalali_date.removeprefix(MARK) if article.published_jalali_date is not None else "?"


def show_group(group: Group) -> None:
    """Print the articles of a group by time."""
    _print(_GROUP, [_cells(one) for one in group.copies])


def show_groups(groups: Sequence[GroupSummary]) -> None:
    """Print a line for each group: its time, its size, who was first, and its earliest article."""
    rows = [
        (
            moment_of(one.earliest),
            f"{one.articles:,}",
            f"{one.publishers:,}",
            one.first or "?",
            one.earliest.publisher,
            one.earliest.article_id,
            one.earliest.headline,
        )
        for one in groups
    ]
    _print(_GROUPS, rows)


def group_as_dict(publisher: str, article_id: str, group: Group) -> dict[str, Any]:
    """Return a group as JSON has it; ``after`` is in seconds."""
    return {
        "publisher": publisher,
        "article_id": article_id,
        "compared": group.compared,
        "first_unknown": group.doubt,
        "bulletins": group.bulletins,
        "copies": [_as_dict(one) for one in group.copies],
    }


def summary_as_dict(group: GroupSummary) -> dict[str, Any]:
    """Return a group of a list as JSON has it."""
    return {
        "root": group.root,
        "articles": group.articles,
        "publishers": group.publishers,
        "first": group.first,
        "first_unknown": group.doubt,
        "earliest": _article_as_dict(group.earliest),
    }


def _as_dict(copy: Copy) -> dict[str, Any]:
    return {
        **_article_as_dict(copy.article),
        "similarity": copy.similarity,
        "containment": copy.containment,
        "first": copy.is_first,
        "after": copy.after,
        "names": copy.names,
    }


def _article_as_dict(article: Article) -> dict[str, Any]:
    names = ("publisher", "article_id", "published_at", "published_jalali", "headline", "url")
    return {name: getattr(article, name) for name in names}


def _cells(copy: Copy) -> tuple[str, ...]:
    article = copy.article
    place = "first" if copy.is_first else f"+{duration(copy.after)}" if copy.after is not None else "?"
    alike = f"{copy.containment:.0%}"
    return place, moment_of(article), alike, article.publisher, article.article_id, article.headline


def _print(heads: Sequence[tuple[str, int]], rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows that end with a headline, which a terminal shows before all but the first column."""
    width = columns_of(sys.stdout)
    if width is None:
        for row in rows:
            out_cells(row)
        return
    at = [name for name, _ in heads].index("when")
    short = [(*row[:at], row[at][:_TO_THE_MINUTE], *row[at + 1 :]) for row in rows]
    columns = [*(Column(name, rank) for name, rank in heads), Column("headline", 1, least=20)]
    for line in table_lines(columns, [tuple(map(printable, row)) for row in short], width, letters=prints_letters()):
        out_ready(line)
