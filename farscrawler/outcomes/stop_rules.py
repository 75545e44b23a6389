"""When a run gives up, and why it ended: so many refusals, failures or same pages in a row (STOP_AFTER_…)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

    from farscrawler.outcomes.judge import Verdict
    from farscrawler.outcomes.visit import VisitState


class EndReason(StrEnum):
    """Why a run has ended, as the table of runs, the log and the summary begin to say it."""

    FINISHED = "finished"
    ESTIMATED = "estimated"  # a dry run: nothing of its plan was done
    INTERRUPTED = "interrupted"
    UNREACHABLE = "unreachable"
    NOTHING_LISTED = "no article is listed"  # the site answers, and may be another one than was meant
    BLOCKED = "blocked"
    TOO_SLOW = "asks for longer pauses than are kept"
    TOO_MANY_FAILURES = "too many failures"
    STORAGE_FAILED = "storage failed"
    TAKEN_OVER = "taken over by another run"  # which holds the lock that this one has lost
    INCOMPLETE = "not all was found"
    NOT_ARTICLES = "most pages hold no article"
    CLOSED = "closed"  # by Scrapy or one of its extensions, whose own word for it is the detail

    @classmethod
    def of_text(cls, text: str) -> EndReason:
        """Return the reason of an end as the table of runs says it, with its detail; CLOSED for one of Scrapy's own."""
        said = text.partition(": ")[0]
        return cls(said) if said in set(cls) else cls.CLOSED


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The end of a run: its reason, and a detail for people."""

    reason: EndReason
    detail: str = ""

    def __str__(self) -> str:
        if self.reason is EndReason.CLOSED:
            return self.detail
        return f"{self.reason}: {self.detail}" if self.detail else self.reason.value

    @classmethod
    def of_closing(cls, reason: str) -> Self:
        """Return the end of a run that nothing but Scrapy's ``reason`` for closing a spider explains."""
        return cls(EndReason.FINISHED) if reason == "finished" else cls(EndReason.CLOSED, reason)


class StopAfterFailures:
    """The limits of failures in a row; ``unreachable`` holds only while the site has never answered."""

    def __init__(self, *, blocked: int, failed: int, unreachable: int) -> None:
        self.limits = {
            EndReason.BLOCKED: blocked,
            EndReason.TOO_MANY_FAILURES: failed,
            EndReason.UNREACHABLE: unreachable,
        }
        self._streaks: Counter[EndReason] = Counter()
        self._answered = False

    def add(self, verdict: Verdict) -> RunEnd | None:
        """Count a verdict; return the end of the run when a limit is reached."""
        if verdict.outcome not in ("blocked", "failed"):
            self._streaks.clear()
            self._answered = True
            return None
        self._streaks[EndReason.BLOCKED if verdict.outcome == "blocked" else EndReason.TOO_MANY_FAILURES] += 1
        if verdict.unreachable:
            self._streaks[EndReason.UNREACHABLE] += 1
        for reason, count in self._streaks.items():
            if count >= self.limits[reason] and not (reason is EndReason.UNREACHABLE and self._answered):
                return RunEnd(reason, f"{count} in a row, the last one: {verdict.reason}")
        return None


class StopAfterSame:
    """The limit of pages in a row that are no articles and the same to the byte.

    One and the same page for many addresses is no answer about any of them: a site in maintenance, an unknown wall.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._visits: list[VisitState] = []
        self._noticed: str | None = None

    def add(self, visit: VisitState, verdict: Verdict) -> list[VisitState]:
        """Count a settled visit; return the visits whose outcome is to be taken back, all at once or none.

        A known way of saying that nothing is there (``missing``) says nothing about the site.
        """
        if verdict.outcome != "not-article" or visit.page_hash is None:
            self._visits = []
            return []
        if visit.page_hash == self._noticed:  # was in flight when the run began to end
            return [visit]
        if self._visits and self._visits[0].page_hash != visit.page_hash:
            self._visits = []
        self._visits.append(visit)
        if len(self._visits) < self.limit:
            return []
        self._noticed = visit.page_hash
        found, self._visits = self._visits, []
        return found
