"""The parts of the day (صبح، ق.ظ، PM …) beside a time: which hour of the whole day it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.timestamps.result import Reason
from farscrawler.timestamps.vocabulary import Kind
from farscrawler.timestamps.words import DAYPARTS

if TYPE_CHECKING:
    from farscrawler.timestamps.chains import Chain
    from farscrawler.timestamps.clocks import Clock


def apply_dayparts(run: Chain, clock: Clock) -> None:
    """Turn the hour of ``clock`` into that of the whole day by the parts of the day beside it.

    At either end of a run a part of the day may belong to a name (عصر ایران): it is left out where a mark parts it
    from the date, and must change nothing where none does, nor where a bar makes it an item of its own (سحر | …).
    """
    hours: set[int] = set()
    for index, token in enumerate(run.tokens):
        if token.kind is not Kind.DAYPART:
            continue
        _, meant, unclear, in_names = DAYPARTS[token.word.value]
        if in_names and (run.apart(index) or (index == 0 and run.names_first())):
            continue
        if clock.hour not in meant:
            clock.reason = Reason.DAYPART_UNCLEAR if clock.hour in unclear else Reason.DAYPART_CONTRADICTS
            return
        at_start, at_end = index == 0, index == len(run.tokens) - 1
        doubtful = (at_start and run.open_start) or (at_end and run.open_end) or run.is_item(index)
        if in_names and doubtful and meant[clock.hour] != clock.hour:
            clock.reason = Reason.DAYPART_UNCLEAR
            return
        hours.add(meant[clock.hour])
    if len(hours) > 1:
        clock.reason = Reason.DAYPART_UNCLEAR
    elif hours:
        clock.hour = hours.pop()
    elif clock.half_day:
        clock.reason = Reason.CLOCK_UNCLEAR
