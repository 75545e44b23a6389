"""How long a failure puts a publisher off: what will last is asked seldom, what passes soon."""

from __future__ import annotations

from enum import StrEnum

from farscrawler.errors import Exit
from farscrawler.outcomes.stop_rules import EndReason
from farscrawler.schedule.due import jittered
from farscrawler.schedule.profile import DAY, HOUR

_MINUTE = 60.0


class Kind(StrEnum):
    """What the end of a crawl says of asking again, as the table of the schedule has it."""

    DONE = "done"
    SOFT = "soft"  # read, not all of it: addresses are pending, or a list was not found
    TEMPORARY = "temporary"  # not reached, failing, or a crawl that broke: likely to pass
    HARD = "hard"  # refused, or set up wrongly: lasts until somebody does something
    HELD = "held"  # another run is at work for this publisher: what we wanted is being done
    STOPPED = "stopped"  # by us: says nothing of the site


_OF_REASON = {
    EndReason.BLOCKED: Kind.HARD,
    EndReason.TOO_SLOW: Kind.HARD,
    EndReason.NOT_ARTICLES: Kind.HARD,
    EndReason.UNREACHABLE: Kind.TEMPORARY,
    EndReason.TOO_MANY_FAILURES: Kind.TEMPORARY,
    EndReason.STORAGE_FAILED: Kind.TEMPORARY,
    EndReason.INCOMPLETE: Kind.SOFT,
}
_OF_EXIT = {
    Exit.DONE: Kind.DONE,
    Exit.BROKE: Kind.TEMPORARY,
    Exit.BAD_ARGUMENTS: Kind.HARD,
    Exit.OWED: Kind.SOFT,
    Exit.HELD: Kind.HELD,
    Exit.INTERRUPTED: Kind.TEMPORARY,  # by another hand than ours
}

#: First pause of each kind, doubled with every failure in a row, and the longest.
_PAUSES: dict[Kind, tuple[float, float]] = {
    # A refusal that ends is noticed within hours on the first day and within a week for ever; a wall that counts
    # requests sees four of ours on the first day.
    Kind.HARD: (6 * HOUR, 7 * DAY),
    # Most outages of news sites last minutes: the first pauses are short, and an outage of a day costs ten crawls.
    Kind.TEMPORARY: (5 * _MINUTE, 6 * HOUR),
    # Pages that failed are asked again soon, and by every later crawl anyway.
    Kind.SOFT: (15 * _MINUTE, 12 * HOUR),
    # Crawls by hand and other timers take minutes.
    Kind.HELD: (10 * _MINUTE, 10 * _MINUTE),
}
#: Temporary failures in a row after which a site counts as gone: with the pauses above, four days. A domain that comes
#: back is then noticed within a day.
GONE_AFTER = 20
_GONE_PAUSE = DAY
_LONGEST_POWER = 30  # 2**30 pauses are longer than any limit


def kind_of(exit_code: int, end_reason: str | None, *, stopped: bool) -> Kind:
    """Return the kind of a crawl's end: by its exit code (negative: killed by a signal) and the reason it said.

    ``stopped``: we have asked it to end.
    """
    if stopped and (exit_code < 0 or exit_code == Exit.INTERRUPTED):
        return Kind.STOPPED
    if exit_code not in (Exit.DONE, Exit.HELD, Exit.INTERRUPTED) and end_reason is not None:
        said = _OF_REASON.get(EndReason.of_text(end_reason))
        if said is not None:
            return said
    return _OF_EXIT[Exit(exit_code)] if exit_code in set(Exit) else Kind.TEMPORARY


def pause_after(kind: Kind, failures: int, publisher: str) -> float:
    """Return the seconds from the end of a crawl that failed to the next one; 0 where the kind is no failure.

    ``failures`` counts those of this kind in a row, this one included.
    """
    if kind not in _PAUSES:
        return 0.0
    first, longest = _PAUSES[kind]
    if kind is Kind.TEMPORARY and failures > GONE_AFTER:
        first = longest = _GONE_PAUSE
    pause = min(first * 2.0 ** min(max(failures, 1) - 1, _LONGEST_POWER), longest)
    return min(jittered(pause, publisher, failures), longest)
