"""Leases: a harvest cut into parts, each a job of its own: several machines share it, and a lost one costs little.

A part is a Jalali month of a range of days, a range of ids, or a WARC file. Leases are asked like any crawl: the ledger
knows what is stored, so that parts that meet, or are done twice, fetch nothing twice.
"""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from farscrawler.days import MONTHS, gregorian, jalali, jalali_parts, parse_date_range
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.id_ranges import IdRanges, parse_ids
from farscrawler.saved import folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from farscrawler.days import DateRange

T = TypeVar("T")

#: Ids of a lease: at a request a second its crawl takes three hours.
IDS = 10_000
#: More jobs than these from one harvest are a slip: ten million ids, or eighty years of months, make a thousand.
MOST = 10_000
#: What --lease takes besides a number.
MONTH, NONE = "month", "none"


def months(days: DateRange) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield first and last day of each Jalali month of a range with closed ends, cut to the range."""
    first = days.first
    while first <= days.last:
        year, month, _ = jalali_parts(first)
        following = gregorian(year + 1, 1, 1) if month == MONTHS else gregorian(year, month + 1, 1)
        yield first, min(following - dt.timedelta(days=1), days.last)
        first = following


def id_ranges(ids: IdRanges, size: int) -> Iterator[str]:
    """Yield ids as texts of so many ids, the last one of fewer, in the order they were asked for."""
    pieces: list[range] = []
    room = size
    for part in ids.ranges:
        rest = part
        while rest:
            pieces.append(rest[:room])
            room, rest = room - len(pieces[-1]), rest[room:]
            if not room:
                yield repr(IdRanges(pieces))
                pieces, room = [], size
    if pieces:
        yield repr(IdRanges(pieces))


def leases(given: Mapping[str, str], lease: str | None, today: dt.date) -> list[dict[str, str]]:
    """Return the arguments of the crawls that a harvest is cut into; those of the crawl itself where it is none.

    ``given`` are the arguments of the whole, ``lease`` a number of ids, `month`, `none`, or None for the usual size.
    Raise BadArgumentError where one does not fit the other.
    """
    size = _size(lease)
    if "ids" in given and size != NONE:
        if isinstance(size, str):
            raise BadArgumentError("--lease month cuts days; ids are cut by their number: --lease 10000.")
        return _counted([{**given, "ids": text} for text in _at_most(id_ranges(parse_ids(given["ids"]), size or IDS))])
    if {"since", "until"} & set(given) and size != NONE:
        if isinstance(size, int):
            raise BadArgumentError(f"--lease {size} cuts ids; days are cut by the month: --lease month.")
        if "since" not in given:
            raise BadArgumentError(
                "--until alone has no beginning to cut from; add --since, or --lease none for one job."
            )
        days = parse_date_range(given.get("since"), given.get("until")).closed(first=dt.date.min, last=today)
        if days.first > days.last:
            raise BadArgumentError(f"since={given['since']} lies in the future.")
        rest = {name: value for name, value in given.items() if name not in ("since", "until")}
        found = [
            {**rest, "since": jalali(first) or "", "until": jalali(last) or ""}
            for first, last in _at_most(months(days))
        ]
        return _counted(found)
    if isinstance(size, int) or size == MONTH:
        raise BadArgumentError(f"--lease {lease} cuts nothing here: name --since or --ids.")
    return [dict(given)]


def warc_files(folder: Path, publisher: str, known: Sequence[str]) -> list[str]:
    """Return the WARC files in a folder that may hold pages of a publisher, as paths within it, the oldest first.

    ``known`` are the names of all publishers. Files that a crawl is writing are left out.
    """
    return [
        str(file.path.relative_to(folder))
        for file in folders.find([folder])
        if folders.is_warc(file.path) and not file.path.name.endswith(folders.OPEN)
        and folders.may_hold(file.path.name, publisher, known)
    ]  # fmt: skip


def _size(lease: str | None) -> int | str | None:
    if lease is None or lease in (MONTH, NONE):
        return lease
    if not lease.isdecimal() or int(lease) < 1:
        raise BadArgumentError(f"--lease {lease}: write month, a number of ids, or none.")
    return int(lease)


def _at_most(parts: Iterator[T]) -> Iterator[T]:
    """Yield parts, one more than MOST at most."""
    return islice(parts, MOST + 1)


def _counted(found: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(found) > MOST:
        raise BadArgumentError(f"this makes more than {MOST:,} jobs; name less, or a larger --lease.")
    return found
