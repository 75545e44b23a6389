"""Run: one run over one archive, from opening it to the closing summary and the exit code."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import CloseSpider
from scrapy.utils.asyncio import create_looping_call

from farscrawler.archive import Archive
from farscrawler.archive.kept.pages import KeptPages, pages_location
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.archive.records import AskAgain
from farscrawler.archive.writing.transfer import refuse_unfinished
from farscrawler.config import checked, switch
from farscrawler.days import now
from farscrawler.errors import ArchiveError, BadArgumentError, Exit, ExportError, HeldError
from farscrawler.extensions.estimate import Meter, made_of, pace_of
from farscrawler.extensions.feed_exports import FeedExports
from farscrawler.extensions.held_hosts import give_back, shared_turns, take_hosts
from farscrawler.extensions.mixups import check_origin
from farscrawler.extensions.summary import Summary
from farscrawler.extract import Reason
from farscrawler.frontier.base import ASKED_AGAIN, KNOWN_ARTICLES, KNOWN_SETTLED, PASSED_OVER, Context
from farscrawler.frontier.clock import Clock, Heard
from farscrawler.frontier.saved_pages import OLDER
from farscrawler.frontier.web_archive import WebArchive
from farscrawler.locations import location_of
from farscrawler.outcomes import stats
from farscrawler.outcomes.recorder import Recorder
from farscrawler.outcomes.stop_rules import EndReason, RunEnd
from farscrawler.sandbox import Sandbox
from farscrawler.saved.folders import written
from farscrawler.spiders.news import NewsSpider
from farscrawler.spiders.pace import PACES
from farscrawler.spiders.site_client import EngineClient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

    from farscrawler.archive.writing.batch import Stored
    from farscrawler.extensions.estimate import Estimate
    from farscrawler.frontier.web_archive import CaptureCounts
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")

_TICK_SECONDS = 0.5
#: A run that takes longer is worth a word before.
_LONG_SECONDS = 60.0
#: Ends after which the same command brings no more.
_NOT_BY_AGAIN = (EndReason.INCOMPLETE, EndReason.NOT_ARTICLES, EndReason.TOO_SLOW)
#: What hosts say of the time, to all crawls of this process.
_HEARD: Heard = {}


class Run:
    """The run of a crawl: it opens archive and exports, closes them, and ends with a summary and an exit code.

    The Recorder settles the addresses, and decides on an early end.
    """

    def __init__(self, crawler: Crawler) -> None:
        spider = NewsSpider.of(crawler)
        limits = checked(crawler.settings)
        # Saved pages are kept already, in their own files.
        keeps_pages = switch(crawler.settings, "PAGES") and spider.arguments.pages is None
        self.crawler = crawler
        self.spider = spider
        self.publisher: Publisher = spider.publisher
        self.arguments = spider.arguments
        path = location_of(crawler.settings["ARCHIVE"])
        self.archive = Archive(path, readonly=False, tell=partial(logger.info, "%s: %s", path))
        self.archive.db.be_brief()  # its tables are made and up to date, which may take long
        self.ledger = Ledger(self.archive, self.publisher.key)
        try:
            refuse_unfinished(self.archive.db, path)
            check_origin(self.ledger, self.arguments.given)
            self.lock = take_lock(self.ledger)
        except (ArchiveError, BadArgumentError):
            self.archive.close()
            raise
        try:
            self.lease = take_hosts(self.lock, path, spider, crawler.settings)
            self.pages = KeptPages(pages_location(self.archive.path), readonly=False) if keeps_pages else None
            if self.pages is not None:
                self.pages.db.be_brief()
        except ArchiveError:
            self.lock.release()
            self.archive.close()
            raise
        self.clock = Clock(self.ledger.newest_run_at(), heard=_HEARD)
        self.recorder = Recorder(
            crawler,
            self.publisher,
            self.archive,
            limits,
            reads_saved_pages=self.arguments.reads_saved,
            pages=self.pages,
            clock=self.clock,
        )
        self.sandbox = Sandbox.shared(
            cpu=crawler.settings.getfloat("READ_CPU_SECONDS"), memory=limits["READ_MEMORY_MB"] * 1024 * 1024
        )
        self.stats = self.recorder.stats
        self.ledger.ask_again = AskAgain(self.recorder.rules, Reason.EMPTY_TEMPLATE, self.arguments.again)
        self.exit = Exit.BROKE
        self.end: RunEnd | None = None
        self.refused: tuple[Exit, str] | None = None
        self.number = 0
        self.started = time.monotonic()
        self._started_at = now()
        self._exports: FeedExports | None = None
        self._tick: AsyncioLoopingCall | LoopingCall | None = None
        self.dry_run = crawler.settings.getbool("DRY_RUN")
        self.estimate: Estimate | None = None
        self._meter = Meter()
        spider.begin(
            self.recorder,
            Context(
                publisher=self.publisher,
                ledger=self.ledger,
                client=EngineClient(spider, self.ledger, self.sandbox, limits),
                stats=crawler.stats,
                in_flight=self.recorder.in_flight,
                clock=self.clock,
                on_stored=self._export_known,
            ),
            self.lease,
            shared_turns(self.lock, self.lease, spider),
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = cls(crawler)
        connect = crawler.signals.connect
        connect(run._opened, signal=signals.spider_opened)
        connect(run._closed, signal=signals.spider_closed)
        connect(run._meter.answered, signal=signals.response_received)
        connect(run._meter.requested, signal=signals.request_reached_downloader)
        connect(run.sandbox.give_back, signal=signals.spider_closed)
        connect(run.recorder.item_lost, signal=signals.item_dropped)
        connect(run.recorder.item_lost, signal=signals.item_error)
        connect(run.recorder.spider_error, signal=signals.spider_error)
        return run

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the run of a crawler."""
        run = crawler.get_extension(cls)
        if run is None:
            raise RuntimeError("The Run extension is switched off; NewsSpider cannot work without it (EXTENSIONS).")
        return run

    @property
    def closed(self) -> bool:
        """Whether the run has ended and said how."""
        return self.recorder.closed

    @property
    def counts(self) -> dict[str, int]:
        """How many addresses this run has settled, by outcome."""
        return stats.under(self.stats, stats.ADDRESSES)

    @property
    def pending(self) -> int | None:
        """How many addresses the strategy still has to hand out, where it knows."""
        return self.recorder.strategy.pending if self.recorder.strategy is not None else None

    @property
    def captures(self) -> CaptureCounts | None:
        """What the crawl of a web archive has come to; None for a crawl of the site itself."""
        strategy = self.recorder.strategy
        return strategy.counts if isinstance(strategy, WebArchive) else None

    @property
    def site(self) -> str:
        """The site or web archive that is asked, as sentences name it."""
        if (server := self.spider.web_archive) is not None:
            return server.url
        if self.publisher.anywhere:
            return self.publisher.key  # its host stands for no site
        return self.arguments.base_url or self.publisher.hosts[0]

    @property
    def _saved_in(self) -> str | None:
        """Where the saved pages are that are read, None where none are."""
        if self.spider.ccnews is not None:
            return written(str(self.spider.ccnews.local or f"{self.site} (CC-NEWS)"))
        return written(str(self.arguments.pages)) if self.arguments.pages is not None else None

    # -- the beginning ----------------------------------------------------------------------------

    def _opened(self) -> None:
        try:
            self._open()
        except Exception as error:
            # Raised through a signal it would only be logged, and the run go on without what it needs.
            if not isinstance(error, (ArchiveError, ExportError)):
                logger.exception("The run could not begin.")
            code = Exit.BAD_ARGUMENTS if isinstance(error, ExportError) else Exit.BROKE
            self.refused = (Exit.HELD if isinstance(error, HeldError) else code, f"{error}" or type(error).__name__)
            raise CloseSpider("refused") from error

    def _open(self) -> None:
        self._exports = self.crawler.get_extension(FeedExports)
        if self._exports is not None:
            broken_since = self.ledger.broken_since() if self.arguments.is_incremental else None
            self._exports.open_own(self.archive, self.publisher.key, now(), self.arguments.covers, broken_since)
        self.archive.listeners.append(self._stored)
        self.number = self.ledger.begin_run(self.arguments.given, self._started_at)
        if said := self.clock.sentence:
            logger.warning("%s: %s", self.publisher.key, said)
        self._point_to_reparse()
        self._tick = create_looping_call(self._on_tick)
        self._tick.start(_TICK_SECONDS, now=False)

    def _point_to_reparse(self) -> None:
        """Say how addresses that were refused by other rules are read again without a request."""
        if self.spider.web_archive is not None or self.pages is None:
            return
        count = self.ledger.count_to_reread()
        if count:
            logger.info(
                "The pages of %s addresses that were no articles by other rules are kept: `farscrawler reparse %s`, "
                "with the same -s options, reads them without a request. This run asks the site for them again.",
                f"{count:,}", self.publisher.key,
            )  # fmt: skip

    # -- what the archive commits -------------------------------------------------------------------

    def _on_tick(self) -> None:
        with self.recorder.guarded():
            if self.lease is not None and self.lease.ended is not None:
                raise HeldError(self.lease.ended)
            self.archive.flush_if_due()
            if not self.dry_run:
                self._look_ahead()
        self._set_gauges()

    def _look_ahead(self) -> None:
        """Estimate the run, and say what a long one costs, once its strategy can tell."""
        strategy = self.recorder.strategy
        if self.estimate is not None or strategy is None or (outlook := strategy.outlook) is None:
            return
        self.estimate = made_of(
            outlook,
            self.ledger,
            pace_of(
                self.archive,
                self.publisher.key,
                self.crawler.settings,
                measured=self._meter.latency,
                asked=PACES.asked(self.spider.url_to_ask(self.publisher.base_url)),
            ),
            asks_site=not self.arguments.reads_saved,
            keeps_pages=self.pages is not None,
            each=self._meter.requests_of_each(sum(self.counts.values())),
            robots_requests=int(self.crawler.settings.getbool("ROBOTSTXT_OBEY")),
        )
        if (self.estimate.seconds or 0) > _LONG_SECONDS and not self.dry_run:  # that one prints it
            logger.info("%s: %s", self.publisher.key, self.estimate.sentences())

    def _set_gauges(self) -> None:
        """Set the stats that are no counters of ours."""
        if self.pending is not None:
            self.stats.set_value(stats.PENDING, self.pending)
        if self.captures is not None:
            for name, count in asdict(self.captures).items():
                self.stats.set_value(stats.CAPTURES + name, count)

    def _stored(self, stored: list[Stored]) -> None:
        """Count and export what a commit has stored."""
        revised = sum(change.article.revision > 1 for change in stored)
        self.stats.inc_value(stats.ARTICLES_NEW, len(stored) - revised)
        self.stats.inc_value(stats.ARTICLES_REVISED, revised)
        if self._exports is not None:
            self._exports.stored([one for one in stored if self.arguments.covers(one.article)])

    def _export_known(self, keys: Sequence[str]) -> None:
        """Export articles that were asked for and are stored already."""
        if self._exports is not None:
            with self.recorder.guarded():
                self._exports.already_stored(keys)

    # -- the end ------------------------------------------------------------------------------------

    def _closed(self, reason: str) -> None:
        if self.recorder.strategy is not None:
            self.recorder.strategy.leave()
        if self._tick is not None and self._tick.running:
            self._tick.stop()
        if self.refused:
            self.exit = self.refused[0]
            self.recorder.closed = True
            self._close_files()
            self.lock.release()
            return
        with self.recorder.guarded():
            self._finish(finished=reason == "finished" and not self.recorder.stopping)
        self.exit, self.end = self.recorder.ending(reason, estimated=self.dry_run)
        try:
            try:
                self.ledger.end_run(
                    self.number,
                    at=self.clock.now(),
                    reason=str(self.end),
                    exit_code=int(self.exit),
                    counts=self.archive.committed,
                )
            finally:
                self._close_files()
        except ArchiveError as error:
            if not self.recorder.storage_failed:  # what failed first says why
                self.exit, self.end = self.recorder.ending_of(error)
        finally:
            give_back(self.lock, self.lease, self.spider)
        self._sum_up(self.exit, self.end)
        self.recorder.closed = True
        if said := self.recorder.refusals.warning():
            logger.warning("%s: %s", self.publisher.key, said)
        logger.info("%s", self.summary().sentence())

    def _close_files(self) -> None:
        """Close the archive, which commits what is left, and then the pages, which that commit may need."""
        try:
            self.archive.close()
        finally:
            if self._exports is not None:
                self._exports.release()
            if self.pages is not None:
                self.pages.close()

    def _finish(self, *, finished: bool) -> None:
        self.archive.flush()
        # A strategy takes an address for stored whose row was refused; its watermark must not pass over it.
        if self.dry_run:
            self._look_ahead()
        elif self.recorder.strategy is not None and not self.recorder.rows_refused:
            self.recorder.strategy.finish()
        if self._exports is not None:
            self._exports.close_own(finished=finished, incremental=self.arguments.is_incremental)

    def _sum_up(self, exit_code: Exit, end: RunEnd) -> None:
        """Set the last of the stats; addresses that could not be committed are no settled ones."""
        for outcome, count in self.archive.uncommitted().items():
            self.stats.inc_value(stats.ADDRESSES + outcome, -count)
        self._set_gauges()
        self.stats.set_value(stats.END_REASON, str(end))
        self.stats.set_value(stats.EXIT_CODE, int(exit_code))

    def summary(self) -> Summary:
        """Return how the run went."""
        passed_over = stats.under(self.stats, PASSED_OVER)
        known = stats.number(self.stats, KNOWN_ARTICLES) + stats.number(self.stats, KNOWN_SETTLED)
        return Summary(
            publisher=self.publisher.key,
            archive=str(self.archive.path),
            run=self.number,
            started_at=self._started_at,
            ended_at=self.clock.now(),
            seconds=time.monotonic() - self.started,
            new=stats.number(self.stats, stats.ARTICLES_NEW),
            revised=stats.number(self.stats, stats.ARTICLES_REVISED),
            asked_again=stats.number(self.stats, ASKED_AGAIN),
            known=known - passed_over.get(OLDER, 0),  # those are told of by themselves
            clock=self.clock.sentence,
            end_reason=str(self.end or ""),
            exit_code=int(self.exit),
            counts=self.counts,
            source=self.site if self.captures is not None else None,
            captures=self.captures,
            passed_over=passed_over,
            pages=self._saved_in,
            requests=self.stats.get_value("downloader/request_count", 0),
            robots_requests=self.stats.get_value("robotstxt/request_count", 0),
            article_requests=self._meter.for_articles,
            dry_run=self.dry_run,
            goes_on=self.end is None or self.end.reason not in _NOT_BY_AGAIN,
            estimate=self.estimate,
        )
