"""Two times on one line, one labelled as that of publication and one as that of an update, and one date for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.timestamps.chains import Chain, Parts, Rank, is_hard
from farscrawler.timestamps.dayparts import apply_dayparts
from farscrawler.timestamps.result import Reason, RefusedError, Timestamp
from farscrawler.timestamps.settle import settle_time
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
    """The runs with the time of publication and of the update; both None where the labels leave open which is which."""

    published: Chain | None = None
    updated: Chain | None = None

    def settle(self, day: date, dated: Sequence[Chain], site: tzinfo) -> Timestamp:
        """Return the moment of publication on ``day``, or the day alone where the labels leave the time open.

        Refuses a publication later than the update where the date is the update's: it was on a day before.
        """
        if self.published is None or self.updated is None:
            return whole_day(day)
        settled = settle_time(day, [self.published], site)
        apart = any(is_hard(token.gap) for token in self.updated.tokens[1:])
        its_own = [run.label for run in dated] == [self.updated.label] and not apart
        if its_own and _time(self.published) > _time(self.updated):
            raise RefusedError(Reason.TWO_CLOCKS)
        others = [run for run in dated if run is not self.published]
        if any(token.kind in _ZONES for run in [*others, self.updated] for token in run.tokens):
            raise RefusedError(Reason.ZONES_DISAGREE)
        return settled


def labelled_times(parts: Parts) -> LabelledTimes | None:
    """Return the times under a label of publication and one of an update; None where a text has no such two."""
    timed = [run for run in parts.runs if run.clocks and run.rank is not Rank.ELSEWHERE]
    if len(parts.labels) < _TWO or len({clock.time for run in timed for clock in run.clocks}) < _TWO:
        return None
    published = [run for run in timed if run.rank is Rank.PUBLISHED]
    updated = [run for run in timed if run.rank is Rank.UPDATED]
    both = _RANKS.issubset(parts.labels)
    if len({run.clocks[0].time for run in published}) > 1 or (both and _has_label_alone(parts)):
        return LabelledTimes()
    if not (both and published and updated):
        return None
    if len(timed) > _TWO or any(len(run.clocks) > 1 for run in timed):
        return LabelledTimes()
    return LabelledTimes(published[0], updated[0])


def _has_label_alone(parts: Parts) -> bool:
    """Return whether a label has no date and no time after it: the labels may stand after their times.

    Two labels of one meaning in a row are one: «منتشر شده در تاریخ».
    """
    valued = {run.label for run in parts.runs if run.dates or run.clocks or _is_relative(run)}
    for number, rank in enumerate(parts.labels, 1):
        if rank in _RANKS and number not in valued and parts.labels[number : number + 1] != [rank]:
            return True
    return False


def _is_relative(run: Chain) -> bool:
    return any(token.kind in (Kind.DAY_BACK, Kind.AGO) for token in run.tokens)


def _time(run: Chain) -> tuple[int, int, int]:
    """Return the time of day of a run, by the part of the day beside it."""
    clock = run.clocks[0]
    if clock.reason is None:
        apply_dayparts(run, clock)
    return clock.time
