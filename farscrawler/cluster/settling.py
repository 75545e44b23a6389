"""What the end of an attempt makes of its job: done, queued again after a pause, or held as failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from farscrawler.errors import Exit
from farscrawler.outcomes.stop_rules import EndReason
from farscrawler.schedule.backoff import Kind, pause_after

if TYPE_CHECKING:
    from farscrawler.archive.jobs import AttemptState, Job
    from farscrawler.schedule.plan import CrawlResult

#: The ends that count as failures, of which a job may have so many in a row.
FAILURES = (Kind.SOFT, Kind.TEMPORARY)
#: Seconds until a job is tried again that this machine cannot do: another one may take it, or a person mends this one.
MACHINE_PAUSE = 300.0
#: Seconds until a job is tried again whose publisher another run holds: the crawl of a dead worker ends within seconds,
#: and an attempt that finds the publisher held asks the site for nothing.
HELD_PAUSE = 60.0
#: Seconds until a job is tried again whose database was lost, for the first time: a restart takes less. Whatever else
#: cannot be stored, such as a page on which our program breaks, would be asked for every minute for ever.
STORAGE_PAUSE = 60.0


class Verdict(NamedTuple):
    """What becomes of a job, and after how many seconds where it is queued again."""

    state: AttemptState
    pause: float = 0.0


def is_of_the_machine(end: CrawlResult) -> bool:
    """Whether a crawl was refused for its words, which were looked at when its job was added: something is set wrongly.

    A setting of the project file, or a stanza that one machine has and another one lacks.
    """
    return end.exit_code == Exit.BAD_ARGUMENTS and not end.stopped


def judge(job: Job, end: CrawlResult, failures: int, *, ran: bool = True) -> Verdict:
    """Return what becomes of a job after an attempt; ``failures`` are those in a row before.

    ``ran``: a crawl was begun for it, so that the job itself is one that can be done.
    """
    kind = end.kind
    if ran and is_of_the_machine(end) and job.attempts:
        failures += 1
        return Verdict("queued", MACHINE_PAUSE) if failures < job.attempts else Verdict("failed")
    if kind is Kind.DONE:
        return Verdict("done")
    if kind is Kind.STOPPED:
        return Verdict("queued")
    if not job.attempts or kind is Kind.HARD:
        return Verdict("failed")
    if kind is Kind.HELD:
        return Verdict("queued", HELD_PAUSE)
    failures += 1
    first_loss = failures == 1 and _lost_its_storage(end)
    pause = STORAGE_PAUSE if first_loss else pause_after(kind, failures, job.publisher)
    return Verdict("queued", pause) if failures < job.attempts else Verdict("failed")


def _lost_its_storage(end: CrawlResult) -> bool:
    return end.end_reason is not None and EndReason.of_text(end.end_reason) is EndReason.STORAGE_FAILED
