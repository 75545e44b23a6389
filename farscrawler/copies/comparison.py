"""Bring the comparison up to date: read what is new, compare the days that it concerns, and group what is the same.

Each step is a short transaction, computed before it begins, and what is left to be done is in the archive itself: a run
that was killed is continued by the next one, and many runs find what a single one would have found.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from farscrawler.archive.connection import PAGE_ROWS
from farscrawler.archive.copies import comparison as stored
from farscrawler.archive.copies.tables import affected, make
from farscrawler.copies.agencies import named_in
from farscrawler.copies.candidates import Day, Sampled, candidates, window
from farscrawler.copies.compare import compare
from farscrawler.copies.groups import Link, grouped
from farscrawler.copies.moments import day_and_span
from farscrawler.copies.shingles import Text, packed, sample, shingles, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from farscrawler.archive import Archive
    from farscrawler.copies.groups import Linked

#: Articles whose shingles are kept for the next comparisons, 3 KB each.
_KEPT_TEXTS = 20_000
#: Articles that are grouped in one transaction.
_GROUPED = 2_000


@dataclass(slots=True)
class Updated:
    """What an update has done: articles read, articles taken out because they are not there, days compared."""

    read: int = 0
    gone: int = 0
    days: int = 0
    anew: bool = False


def update(
    archive: Archive,
    *,
    zone_of: Callable[[str], str | None],
    tell: Callable[[str, int, int], None] = lambda *_: None,
) -> Updated:
    """Compare what was stored, revised or removed since the last update.

    ``zone_of`` returns the time zone of a publisher, None where it is not known. The caller sees to it that no second
    update is at work. Raise ArchiveError where the archive cannot be written; a later update goes on from there.
    """
    done = Updated(anew=make(archive))
    _take_out(archive, done)
    _read(archive, zone_of, done, tell)
    _compare(archive, done, tell)
    _group(archive, tell)
    return done


def _take_out(archive: Archive, done: Updated) -> None:
    for docs in list(stored.gone(archive)):
        for start in range(0, len(docs), PAGE_ROWS):
            part = docs[start : start + PAGE_ROWS]
            stored.remove(archive, part, affected(stored.days_of(archive, part)))
            done.gone += len(part)


def _read(
    archive: Archive, zone_of: Callable[[str], str | None], done: Updated, tell: Callable[[str, int, int], None]
) -> None:
    begun, upto = stored.read_seq(archive), stored.newest_seq(archive)
    for seq, sources in stored.unread(archive, upto):
        rows = [_row(archive, doc, source, zone_of(source.publisher)) for doc, source in sources]
        days = stored.days_of(archive, [row.doc for row in rows])
        days.update(row.day for row in rows if row.day is not None)
        stored.store(archive, rows, affected(days), seq=seq)
        done.read += len(rows)
        tell("articles read", seq - begun, upto - begun)


def _row(archive: Archive, doc: int, source: stored.Source, zone: str | None) -> stored.Row:
    """Return what is known of an article. Raise DamagedArchiveError where its time is none."""
    try:
        when = day_and_span(source, zone)
    except ValueError as error:
        raise stored.damaged(archive, source) from error
    found = sample(shingles(stored.text_of(source))) if when is not None else None
    named = named_in(agency=source.agency, dateline=source.dateline, lead=source.lead, body=source.body)
    day, earliest, latest = when or (None, None, None)
    level, digest = (found[0], packed(found[1])) if found else (None, None)
    names = json.dumps(named, ensure_ascii=False)
    key = (doc, source.publisher, source.article_id, source.revision)
    return stored.Row(*key, day, earliest, latest, level, digest, names)


class _Texts:
    """The texts of the articles that are compared, the last ones kept."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._kept: OrderedDict[int, Text] = OrderedDict()

    def of(self, docs: Iterable[int]) -> dict[int, Text]:
        """Return the texts of articles; one that is not there any more is left out."""
        found: dict[int, Text] = {}
        wanted = []
        for doc in docs:
            if (known := self._kept.get(doc)) is not None:
                found[doc] = known
                self._kept.move_to_end(doc)
            else:
                wanted.append(doc)
        for doc, source in stored.texts(self._archive, wanted):
            found[doc] = self._kept[doc] = Text.of(stored.text_of(source))
            if len(self._kept) > _KEPT_TEXTS:
                self._kept.popitem(last=False)
        return found


def _compare(archive: Archive, done: Updated, tell: Callable[[str, int, int], None]) -> None:
    texts = _Texts(archive)
    days = stored.open_days(archive)
    read: dict[int, Day] = {}
    for at, day in enumerate(days, 1):
        near_days = window(day)[:-1]
        before = {near: read[near] if near in read else Day(_samples(archive, near)) for near in near_days}
        read = {**before, day: Day()}
        found = _pairs(texts, list(before.values()), read[day], _samples(archive, day))
        stored.store_pairs(archive, day, list(found))
        done.days += 1
        tell("days compared", at, len(days))


def _samples(archive: Archive, day: int) -> Iterator[Sampled]:
    for doc, level, data in stored.samples(archive, day):
        yield Sampled(doc, level, unpacked(data))


#: Articles whose candidates are compared at a time: their texts are in memory together.
_COMPARED = 200


def _pairs(texts: _Texts, before: Sequence[Day], own: Day, today: Iterable[Sampled]) -> Iterator[stored.Pair]:
    part: list[tuple[int, list[int]]] = []
    for one, alike in candidates(before, own, today):
        part.append((one.doc, [other.doc for other in alike]))
        if len(part) >= _COMPARED:
            yield from _compared(texts, part)
            part = []
    yield from _compared(texts, part)


def _compared(texts: _Texts, part: Sequence[tuple[int, list[int]]]) -> Iterator[stored.Pair]:
    found = texts.of({doc for later, others in part for doc in (later, *others)})
    for later, others in part:
        mine = found.get(later)
        if mine is None:
            continue
        as_set = set(mine.pairs)
        for earlier in others:
            if (other := found.get(earlier)) is not None:
                likeness = compare(mine, other, pairs=as_set)
                if likeness.kind is not None:
                    yield stored.Pair(
                        later,
                        earlier,
                        round(likeness.similarity, 4),
                        round(likeness.containment, 4),
                        likeness.kind == "bulletin",
                    )


def _group(archive: Archive, tell: Callable[[str, int, int], None]) -> None:
    def linked(docs: Iterable[int]) -> Mapping[int, Linked]:
        found: dict[int, Linked] = {}
        rows = sorted(stored.linked(archive, docs), key=itemgetter(0))
        for doc, links in groupby(rows, key=itemgetter(0)):
            several = list(links)
            near = [Link(row[3], row[4] or 0, row[5] or "") for row in several if row[3] is not None]
            found[doc] = Link(doc, several[0][1], several[0][2]), near
        return found

    settled, most = 0, stored.count_ungrouped(archive)
    while docs := stored.ungrouped(archive, _GROUPED):
        stored.store_groups(archive, docs, grouped(docs, linked))
        settled += len(docs)
        tell("articles grouped", min(settled, most), most)
