"""The groups of the same text as a list: the largest first, each with its earliest article."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING

from farscrawler.archive.copies import comparison as stored
from farscrawler.archive.copies.tables import check_made
from farscrawler.copies.moments import first_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from farscrawler.archive import Archive
    from farscrawler.archive.copies.comparison import Member
    from farscrawler.days import DateRange
    from farscrawler.items import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSummary:
    """A group: the numbers of its articles and publishers, and its earliest article.

    ``root`` is its number in the archive. ``first`` is the publisher that was first for certain; None where that is not
    known, for the reason ``doubt``.
    """

    root: int
    articles: int
    publishers: int
    first: str | None
    doubt: str | None
    earliest: Article


def largest_groups(
    archive: Archive, limit: int | None, *, publishers: Collection[str] = (), span: DateRange
) -> Iterator[GroupSummary]:
    """Yield groups of at most so many, those of the most publishers first, then those of the most articles.

    With ``publishers``, one of them is in each group. A group belongs to the day of its earliest article. Memory is
    that of the groups that are yielded. Raise ArchiveError where the articles were not compared yet.
    """
    check_made(archive)
    wanted = (
        group
        for group in stored.groups(archive)
        if dt.date.fromordinal(_earliest(group).day) in span
        and (not publishers or any(one.publisher in publishers for one in group))
    )
    found = sorted(wanted, key=_size, reverse=True) if limit is None else nlargest(limit, wanted, key=_size)
    for group in found:
        first, earliest = first_of(group), _earliest(group)
        article = archive.article(earliest.publisher, earliest.article_id)
        if article is not None:
            yield GroupSummary(
                root=earliest.root,
                articles=len(group),
                publishers=len({one.publisher for one in group}),
                first=group[first].publisher if isinstance(first, int) else None,
                doubt=first if isinstance(first, str) else None,
                earliest=article,
            )


def _earliest(group: list[Member]) -> Member:
    return min(group, key=lambda one: (one.earliest, one.latest, one.doc))


def _size(group: list[Member]) -> tuple[int, int, int]:
    return len({one.publisher for one in group}), len(group), -group[0].root
