"""Settling: what becomes of each address is told to the ledger, once, and to the plan; and when a run should stop."""

from __future__ import annotations

import logging
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from farscrawler.archive import Visit
from farscrawler.days import now
from farscrawler.frontier.web_archive import WebArchive
from farscrawler.outcomes.judge import Verdict, of_no_use
from farscrawler.outcomes.stop_rules import Patience, SamePage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from farscrawler.archive import Archive, Outcome
    from farscrawler.frontier.base import Context, Strategy
    from farscrawler.frontier.inflight import InFlightLimit
    from farscrawler.outcomes.judge import FetchedArticle, Look
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")


class Settling:
    """The way of one address of a run, from the page to the ledger.

    ``counts`` counts the settled addresses by outcome, ``unkept`` those of which the ledger is told nothing, and
    ``context`` counts what was saved and is of no use. ``saved``: the run reads saved pages; ``guard`` does
    something with the archive, and ``stop`` begins to end the run, with its reason and a detail.
    """

    def __init__(
        self,
        publisher: Publisher,
        archive: Archive,
        limit: InFlightLimit,
        numbers: Mapping[str, int],
        *,
        saved: bool,
        guard: Callable[[Callable[[], object]], None],
        stop: Callable[[str, str], None],
    ) -> None:
        self.publisher = publisher
        self.counts: Counter[str] = Counter()
        self.unkept: Counter[str] = Counter()
        self.context: Context | None = None
        self.strategy: Strategy | None = None
        self.stopping = False
        self._archive = archive
        self._limit = limit
        self._saved = saved
        self._guard = guard
        self._stop = stop
        self._patience = Patience(
            blocked=numbers["STOP_AFTER_BLOCKED"],
            failed=numbers["STOP_AFTER_FAILED"],
            unreachable=numbers["STOP_AFTER_UNREACHABLE"],
        )
        self._same = SamePage(numbers["STOP_AFTER_SAME"], self._taken_for_pages)

    def settle(self, look: Look, verdict: Verdict, article: FetchedArticle | None = None) -> None:
        """Tell the ledger, once for each address, what became of it."""
        if look.settled:
            return
        if look.target.saved is not None and (reason := of_no_use(look, verdict, recovered=not self._saved)):
            if self._saved and self.context is not None:
                self.context.passed_over(reason)
            self.leave_owed(look)
            if self.strategy is not None:
                self.strategy.settled(look.target, "skipped")
            return
        look.settled = True
        # That a web archive has no good capture, or is in trouble, says nothing of the article: what is known stays.
        kept = not look.target.captures or verdict.outcome == "article"
        try:
            if kept:
                self._guard(partial(self._save, look, verdict, article))
            else:
                self.unkept[verdict.outcome] += 1
        finally:
            self._limit.leave()  # whatever broke, the plan must never wait for this address
        self.counts[verdict.outcome] += 1
        loud = verdict.outcome in ("blocked", "failed")
        logger.log(
            logging.INFO if loud else logging.DEBUG,
            "%s %s: %s (%s)",
            self.publisher.key,
            look.target.key,
            verdict.outcome,
            verdict.reason,
        )
        if self.strategy is not None:
            self.strategy.settled(look.target, verdict.outcome, article)
        if look.target.saved is None and (found := self._patience.add(verdict)):
            self._stop(*found)
        if self.strategy is None or not self.strategy.beyond(look.target):
            self._same.add(look, verdict)

    def _save(
        self,
        look: Look,
        verdict: Verdict,
        article: FetchedArticle | None = None,
        corrects: Outcome | None = None,
    ) -> None:
        # Near the newest ids an article may yet appear wherever there is none now.
        nothing = verdict.outcome in ("missing", "not-article")
        visit = Visit(
            publisher=self.publisher.key,
            key=look.target.key,
            url=look.target.url or self.publisher.canonical_url(look.target.key),
            outcome=verdict.outcome,
            reason=verdict.reason or None,
            status=look.status,
            tries=max(1, look.requests) if corrects is None else 0,
            corrects=corrects,
            form=look.form,
            etag=look.etag,
            last_modified=look.last_modified,
            page_hash=look.page_hash,
            provisional=nothing and self.strategy is not None and self.strategy.provisional(look.target),
            at=look.at or look.target.source_at or now(),
            source=look.target.source,
            source_at=look.target.source_at,
        )
        self._archive.save(visit, article)

    def pass_over(self, look: Look, verdict: Verdict) -> bool:
        """Write down that the capture a look is at is no good; tell whether the run goes on with an older one."""
        if isinstance(self.strategy, WebArchive):
            self._guard(partial(self.strategy.pass_over, look.target, verdict.outcome, verdict.reason, at=now()))
        logger.debug("%s %s: no good capture (%s)", self.publisher.key, look.target.key, verdict.reason)
        if self.stopping:
            self.leave_owed(look)
        return not self.stopping

    def leave_owed(self, look: Look) -> None:
        """Let an address go that the ending run did not get to: the ledger keeps saying what it said before."""
        if not look.settled:
            look.settled = True
            self._limit.leave()

    def _taken_for_pages(self, looks: list[Look]) -> None:
        """Take back what one and the same page for many addresses was taken for."""
        verdict = Verdict("failed", "the same page for many addresses")
        for look in looks:
            self._guard(partial(self._save, look, verdict, corrects="not-article"))
            self.counts["not-article"] -= 1
            self.counts["failed"] += 1
        if looks[0].target.saved is not None:  # a folder may hold such pages and good ones; the next file is no site
            return
        self._stop(
            "too many failures",
            f"it answers {len(looks)} addresses in a row with the same page; if that is its way to say that nothing "
            "is there, raise STOP_AFTER_SAME",
        )
