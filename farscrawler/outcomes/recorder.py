"""Recorder: settles each address of a run, once, from the verdict on its page to ledger, strategy and stop rules."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from farscrawler.archive import FINAL, Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.config import shows_pages
from farscrawler.errors import ArchiveError, Exit, ExportError, HeldError
from farscrawler.extract.rules_digest import rules_digest
from farscrawler.frontier.base import PASSED_OVER
from farscrawler.frontier.clock import Clock
from farscrawler.frontier.inflight import InFlight
from farscrawler.frontier.web_archive import WebArchive
from farscrawler.outcomes.judge import Verdict, reason_to_pass_over
from farscrawler.outcomes.keeping import pages_to_keep
from farscrawler.outcomes.refusals import Refusals
from farscrawler.outcomes.stats import ADDRESSES, INTERNAL_ERRORS
from farscrawler.outcomes.stop_rules import EndReason, RunEnd, StopAfterFailures, StopAfterSame
from farscrawler.outcomes.visit import META_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scrapy.crawler import Crawler

    from farscrawler.archive import Archive, Outcome
    from farscrawler.archive.kept.pages import KeptPages
    from farscrawler.archive.writing.batch import RefusedRowError
    from farscrawler.frontier.base import Strategy, Target
    from farscrawler.outcomes.visit import FetchedArticle, VisitState
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")


#: Ends after which nothing more is written.
_STORAGE = (EndReason.STORAGE_FAILED, EndReason.TAKEN_OVER)


class Recorder:
    """The way of every address of a run, from its page to the archive, and the early end of the run.

    ``reads_saved_pages``: the run reads saved pages and asks no site. ``strategy`` is set once the run has begun.
    ``rules`` is the digest of the rules by which the run reads pages; ``pages`` keeps them, None where none is kept;
    ``clock`` dates the visits.
    ``end`` says why the run ends before its strategy is done; ``broke`` that farscrawler itself is at fault,
    ``left_pending`` that an address failed or was blocked, and ``rows_refused`` that the archive could not store one.
    """

    def __init__(
        self,
        crawler: Crawler,
        publisher: Publisher,
        archive: Archive,
        limits: Mapping[str, int],
        *,
        reads_saved_pages: bool,
        pages: KeptPages | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.publisher = publisher
        self.archive = archive
        self.reads_saved_pages = reads_saved_pages
        self.rules = rules_digest(publisher)
        self.pages = pages
        self.clock = clock or Clock()
        if pages is not None:
            archive.preparations.append(pages.flush)
        self.stats = crawler.stats
        self._shows_pages = shows_pages(crawler.settings)
        self.strategy: Strategy | None = None
        self.end: RunEnd | None = None
        self.closed = self.broke = self.left_pending = self.rows_refused = False
        # One address being fetched and one waiting for each connection: more would only make a stop take longer.
        self.in_flight = InFlight(2 * min(limits["CONCURRENT_REQUESTS"], limits["CONCURRENT_REQUESTS_PER_DOMAIN"]))
        self._crawler = crawler
        self._closing: asyncio.Future[None] | None = None
        self._after_failures = StopAfterFailures(
            blocked=limits["STOP_AFTER_BLOCKED"],
            failed=limits["STOP_AFTER_FAILED"],
            # Of pages from anywhere each may be on another site: that some of these are shut says nothing of the rest.
            unreachable=limits["STOP_AFTER_FAILED" if publisher.anywhere else "STOP_AFTER_UNREACHABLE"],
        )
        self._after_same = StopAfterSame(limits["STOP_AFTER_SAME"])
        self.refusals = Refusals(
            publisher, named=limits["STOP_AFTER_NOT_ARTICLE"], walked=limits["STOP_AFTER_NOT_ARTICLE_IDS"]
        )
        archive.refusals.append(self._row_refused)
        #: Called with each visit before it is stored, with its verdict and its article.
        self.observers: list[Callable[[VisitState, Verdict, FetchedArticle | None], None]] = []

    # -- one address ------------------------------------------------------------------------------

    def settle(self, visit: VisitState, verdict: Verdict, article: FetchedArticle | None = None) -> None:
        """Settle an address: in the archive, in the counters, for the strategy and for the stop rules."""
        if visit.settled:
            return
        saved = visit.target.saved is not None
        if saved and (reason := reason_to_pass_over(visit, verdict, recovered=not self.reads_saved_pages)):
            self._pass_over_saved(visit, reason)
            return
        visit.settled = True
        self._observe(visit, verdict, article)
        try:
            # That a web archive has no good capture says nothing of the article: what the ledger knows stays.
            if verdict.outcome == "article" or not visit.target.captures:
                self._save(visit, verdict, article)
        finally:
            self.in_flight.leave(visit.target.key)  # whatever broke, the strategy must never wait for this address
        self.stats.inc_value(ADDRESSES + verdict.outcome)
        trouble = verdict.outcome in ("blocked", "failed")
        self.left_pending = self.left_pending or trouble
        if trouble or self._shows_pages:
            level = logging.INFO if trouble else logging.DEBUG
            logger.log(level, "%s %s: %s (%s)", self.publisher.key, visit.target.key, verdict.outcome, verdict.reason)
        beyond = named = False
        if self.strategy is not None:
            named = self.strategy.named(visit.target)  # while it knows where the address came from
            self.strategy.settled(visit.target, verdict.outcome, article)
            beyond = self.strategy.beyond(visit.target)
        if not saved and (end := self._after_failures.add(verdict)):
            self.stop(end)
        if not beyond and (same := self._after_same.add(visit, verdict)):
            self._take_back(same)
        if article is not None:
            self.refusals.count_other_rules(article.warnings)
        if (
            not beyond
            and self._tells_of_the_site(visit, verdict)
            and (end := self.refusals.add(verdict, self._own_url(visit.target, article), named=named))
        ):
            self.stop(end)

    def _observe(self, visit: VisitState, verdict: Verdict, article: FetchedArticle | None = None) -> None:
        for observe in self.observers:
            with self.guarded():
                observe(visit, verdict, article)

    def _tells_of_the_site(self, visit: VisitState, verdict: Verdict) -> bool:
        """Whether a page says something of the site as it is: no old page does, and none of just anywhere.

        What was refused before is asked again after every change of the rules, be it an article or not; refused once
        more it tells something only where the archive holds no article of the site yet.
        """
        target = visit.target
        if target.saved is not None or target.captures or self.publisher.anywhere:
            return False
        # An answer that nothing has changed comes without a page.
        if visit.status == HTTPStatus.NOT_MODIFIED:
            return False
        return verdict.outcome == "article" or not (visit.asked_again and self.has_articles)

    @cached_property
    def has_articles(self) -> bool:
        """Whether the archive holds an article of this publisher; asked for once, and seldom."""
        return bool(Ledger(self.archive, self.publisher.key).counts().get("article"))

    def release(self, visit: VisitState) -> None:
        """Let an address go that the ending run did not get to; its entry in the ledger stays as it is.

        It stays in flight: it was never settled, and no strategy may count it as done.
        """
        visit.settled = True

    def reject_capture(self, visit: VisitState, verdict: Verdict) -> None:
        """Write down that the capture a visit is at is no good; in an ending run the visit is over with it."""
        if isinstance(self.strategy, WebArchive):
            with self.guarded():
                self.strategy.pass_over(visit.target, verdict.outcome, verdict.reason, at=self.clock.now())
        self._observe(visit, verdict)
        logger.debug("%s %s: no good capture (%s)", self.publisher.key, visit.target.key, verdict.reason)
        if self.stopping:
            self.release(visit)

    def _save(
        self,
        visit: VisitState,
        verdict: Verdict,
        article: FetchedArticle | None = None,
        corrects: Outcome | None = None,
    ) -> None:
        target = visit.target
        if visit.at is None:
            visit.at = target.source_at or self.clock.now()
        # Near the newest ids an article may yet appear wherever there is none now.
        miss = verdict.outcome in ("missing", "not-article")
        try:
            record = Visit(
                publisher=self.publisher.key,
                key=target.key,
                url=self._own_url(target, article),
                outcome=verdict.outcome,
                reason=verdict.reason or None,
                status=visit.status,
                tries=max(1, visit.requests) if corrects is None else 0,
                corrects=corrects,
                form=visit.form,
                etag=visit.etag,
                last_modified=visit.last_modified,
                page_hash=visit.page_hash,
                provisional=miss and self.strategy is not None and self.strategy.provisional(target),
                at=visit.at,
                source=target.source,
                source_at=target.source_at,
                rules=self.rules if _was_read(visit, verdict) else None,
            )
            self._keep(visit, record)
            self.archive.save(record, article)
        except Exception as error:  # noqa: BLE001  # all of them end the run
            self._fail_storage(error)

    def _own_url(self, target: Target, article: FetchedArticle | None) -> str:
        """Return the site's own address of an article; one that was fetched has it already."""
        if article is not None:
            return article.url
        return target.url or self.publisher.canonical_url(target.key)

    def _keep(self, visit: VisitState, record: Visit) -> None:
        """Keep the pages of a visit, or take back those of one whose outcome is corrected."""
        if self.pages is None:
            return
        if record.corrects is not None:
            self.pages.forget(record)
        elif pages := pages_to_keep(visit, record):
            self.pages.keep(record, pages)

    def _row_refused(self, refused: RefusedRowError) -> None:
        """Count an address as failed that was settled and cannot be stored."""
        logger.warning("%s %s %s", self.publisher.key, refused.key, refused.reason)
        self.left_pending = self.rows_refused = True
        if refused.visit is not None:
            self.stats.inc_value(ADDRESSES + refused.visit.outcome, -1)
            self.stats.inc_value(ADDRESSES + "failed")

    def _pass_over_saved(self, visit: VisitState, reason: str) -> None:
        """Count a saved page that says nothing of its address, and let the address go."""
        if self.reads_saved_pages:
            self.stats.inc_value(PASSED_OVER + reason)
        visit.settled = True
        self.in_flight.leave(visit.target.key)
        if self.strategy is not None:
            self.strategy.settled(visit.target, "skipped")

    def _take_back(self, visits: list[VisitState]) -> None:
        """Correct the outcome of visits that were all answered with the same page."""
        verdict = Verdict("failed", "the same page for many addresses")
        for visit in visits:
            self._observe(visit, verdict)
            self._save(visit, verdict, corrects="not-article")
            self.stats.inc_value(ADDRESSES + "not-article", -1)
            self.stats.inc_value(ADDRESSES + "failed")
            self.left_pending = True
        if visits[0].target.saved is not None:  # a folder may hold such pages and good ones; the next file is no site
            return
        detail = (
            f"it answers {len(visits)} addresses in a row with the same page; if that is its way to say that nothing "
            "is there, raise STOP_AFTER_SAME"
        )
        self.stop(RunEnd(EndReason.TOO_MANY_FAILURES, detail))

    # -- pages that broke something -----------------------------------------------------------------

    def item_lost(self, item: FetchedArticle, exception: BaseException | None = None, **more: Any) -> None:
        """Settle an article that a pipeline dropped or broke on (signals item_dropped and item_error)."""
        visit: VisitState | None = getattr(item, "visit", None)
        if visit is None:
            return
        if exception is not None:
            self.settle(visit, Verdict("not-article", str(exception)))
        else:
            self._settle_broken(visit, getattr(more.get("failure"), "value", None))

    def spider_error(self, failure: Any, response: Any) -> None:
        """Settle an address whose page the spider itself broke on (signal spider_error)."""
        request = getattr(response, "request", None)  # of a response, or of the failure that an errback was given
        self._settle_broken(request.meta.get(META_KEY) if request is not None else None, failure.value)

    def _settle_broken(self, visit: VisitState | None, error: BaseException | None) -> None:
        self._count_internal_error()
        if visit is not None:
            self.settle(visit, Verdict("failed", f"internal error: {type(error).__name__}: {error}"))

    def _count_internal_error(self) -> None:
        self.broke = True
        self.stats.inc_value(INTERNAL_ERRORS)

    # -- the early end ------------------------------------------------------------------------------

    @property
    def stopping(self) -> bool:
        """Whether the run is ending early."""
        return self.end is not None

    @property
    def storage_failed(self) -> bool:
        """Whether the run ends because archive, export or WARC file could not be written, or not by this run."""
        return self.end is not None and self.end.reason in _STORAGE

    def stop(self, end: RunEnd) -> None:
        """Begin to end the run early; what is in flight is still settled."""
        if self.end is not None:
            if end.reason in _STORAGE and not self.storage_failed:  # the worse end of the two
                self.end = end
            return
        self.end = end
        self.in_flight.open_up()
        self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=end.reason.value))

    def ending(self, reason: str, *, estimated: bool) -> tuple[Exit, RunEnd]:
        """Return exit code and end of the run, given Scrapy's reason for closing the spider.

        ``estimated``: the run was to say what it would cost, and nothing else.
        """
        end = self.end or RunEnd.of_closing(reason)
        if self.storage_failed or self.broke:
            held = end.reason is EndReason.TAKEN_OVER and not self.broke
            return Exit.HELD if held else Exit.BROKE, end
        if reason == "shutdown":
            return Exit.INTERRUPTED, self.end or RunEnd(EndReason.INTERRUPTED)
        if reason == "start_error":
            return Exit.BROKE, end
        if reason != "finished" or self.stopping:
            return Exit.OWED, end
        if estimated:
            end = RunEnd(EndReason.ESTIMATED)
        elif wanting := self._wanting():
            return Exit.OWED, wanting
        # What a page saved without its end leaves pending only the site can give.
        left = self.left_pending and not self.reads_saved_pages and not estimated
        return (Exit.OWED if left or self.in_flight else Exit.DONE), end

    @staticmethod
    def ending_of(error: ArchiveError) -> tuple[Exit, RunEnd]:
        """Return exit code and end of a run whose archive could not be written."""
        if isinstance(error, HeldError):
            return Exit.HELD, RunEnd(EndReason.TAKEN_OVER, str(error))
        return Exit.BROKE, RunEnd(EndReason.STORAGE_FAILED, str(error))

    def _wanting(self) -> RunEnd | None:
        """Return why a run that came to its end has not done what it was asked; None where it has."""
        shortfall = self.strategy.shortfall if self.strategy is not None else None
        refused = self.refusals.at_end()
        if shortfall is None or refused is None:
            return refused if shortfall is None else RunEnd(EndReason.INCOMPLETE, shortfall)
        # Without a single article every strategy falls short, and its own words for that are no cause.
        return RunEnd(refused.reason, f"{refused.detail}. Not all was found: {shortfall}")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Run a block that writes archive, export or WARC file; an error there ends the run, and is said."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # all of them end the run
            self._fail_storage(error)

    def _fail_storage(self, error: Exception) -> None:
        if isinstance(error, HeldError):
            self.stop(self.ending_of(error)[1])
            return
        detail = str(error)
        if not isinstance(error, (ArchiveError, ExportError)):
            self._count_internal_error()
            logger.error("What a page or a file brought was not foreseen; the run ends.", exc_info=error)
            detail = f"an error of farscrawler itself: {type(error).__name__}: {error}"
        self.stop(RunEnd(EndReason.STORAGE_FAILED, detail))


def _was_read(visit: VisitState, verdict: Verdict) -> bool:
    """Whether a visit brought a page that the rules have judged; HTTP 304 brings none, and a failure no judgement."""
    return verdict.outcome in FINAL and visit.page_hash is not None and visit.status != HTTPStatus.NOT_MODIFIED
