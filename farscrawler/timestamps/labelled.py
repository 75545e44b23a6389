"""Two times on one line, one labelled as that of publication and one as that of an update, and one date for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.timestamps.chunks import Chunk, Parts, Rank, is_hard
from farscrawler.timestamps.resolve import apply_dayparts, resolve_time
from farscrawler.timestamps.result import RefusalReason, RefusedError, Timestamp
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.zones import whole_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

_RANKS = frozenset((Rank.PUBLISHED, Rank.UPDATED))
_TWO = 2
_ZONES = frozenset((Kind.ZONE, Kind.ZONE_LEAD, Kind.ZONE_OFFSET))


@dataclass(frozen=True, slots=True)
class LabelledTimes:
    """The chunks with the times of publication and update; both None where the labels leave open which is which."""

    published: Chunk | None = None
    updated: Chunk | None = None

    def resolve(self, day: date, dated: Sequence[Chunk], site: tzinfo) -> Timestamp:
        """Return the moment of publication on ``day``, or the day alone where the labels leave the time open.

        Refuses a publication later than the update where the date is the update's: it was on a day before.
        """
        if self.published is None or self.updated is None:
            return whole_day(day)
        resolved = resolve_time(day, [self.published], site)
        apart = any(is_hard(token.gap) for token in self.updated.tokens[1:])
        its_own = [chunk.label for chunk in dated] == [self.updated.label] and not apart
        if its_own and _time(self.published) > _time(self.updated):
            raise RefusedError(RefusalReason.TWO_CLOCKS)
        others = [chunk for chunk in dated if chunk is not self.published]
        if any(token.kind in _ZONES for chunk in [*others, self.updated] for token in chunk.tokens):
            raise RefusedError(RefusalReason.ZONES_DISAGREE)
        return resolved


def labelled_times(parts: Parts) -> LabelledTimes | None:
    """Return the times under a label of publication and one of an update; None where a text has no such two."""
    timed = [chunk for chunk in parts.chunks if chunk.clocks and chunk.rank is not Rank.ELSEWHERE]
    if len(parts.labels) < _TWO or len({clock.time for chunk in timed for clock in chunk.clocks}) < _TWO:
        return None
    published = [chunk for chunk in timed if chunk.rank is Rank.PUBLISHED]
    updated = [chunk for chunk in timed if chunk.rank is Rank.UPDATED]
    both = _RANKS.issubset(parts.labels)
    if len({chunk.clocks[0].time for chunk in published}) > 1 or (both and _has_label_alone(parts)):
        return LabelledTimes()
    if not (both and published and updated):
        return None
    if len(timed) > _TWO or any(len(chunk.clocks) > 1 for chunk in timed):
        return LabelledTimes()
    return LabelledTimes(published[0], updated[0])


def _has_label_alone(parts: Parts) -> bool:
    """Whether a label has no date and no time after it: the labels may stand after their times.

    Two labels of one meaning in a row are one: «منتشر شده در تاریخ».
    """
    valued = {chunk.label for chunk in parts.chunks if chunk.dates or chunk.clocks or _is_relative(chunk)}
    for number, rank in enumerate(parts.labels, 1):
        if rank in _RANKS and number not in valued and parts.labels[number : number + 1] != [rank]:
            return True
    return False


def _is_relative(chunk: Chunk) -> bool:
    return any(token.kind in (Kind.DAY_BACK, Kind.AGO) for token in chunk.tokens)


def _time(chunk: Chunk) -> tuple[int, int, int]:
    """Return the time of day of a chunk, by the part of the day beside it."""
    clock = chunk.clocks[0]
    if clock.reason is None:
        apply_dayparts(chunk, clock)
    return clock.time
