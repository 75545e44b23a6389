"""Run: one run over one archive, from opening it to the closing summary and the exit code."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.utils.asyncio import create_looping_call

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.config import checked
from farscrawler.days import now
from farscrawler.errors import Exit, ExportError
from farscrawler.extensions.feeds import Feeds
from farscrawler.extensions.recorder import Settling
from farscrawler.extensions.summary import Summary, duration
from farscrawler.frontier.base import Context, crawls_news
from farscrawler.frontier.build import make_strategy
from farscrawler.frontier.inflight import InFlightLimit
from farscrawler.frontier.saved_pages import OLDER
from farscrawler.frontier.web_archive import WebArchive
from farscrawler.outcomes.judge import Verdict
from farscrawler.saved.folders import written

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence
    from typing import Any, Self

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

    from farscrawler.archive.store import Stored
    from farscrawler.frontier.base import Asker, SiteClient, Strategy, UnreachableError
    from farscrawler.frontier.web_archive import CaptureCounts
    from farscrawler.outcomes.judge import FetchedArticle, Look
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")

_TICK_SECONDS = 0.5


class Run:
    """Opens the archive, tells it every outcome, decides when to stop, and ends with an exit code.

    What becomes of each address is the affair of Settling.
    """

    def __init__(self, crawler: Crawler) -> None:
        spider: Asker = crawler.spider  # type: ignore[assignment]  # the only spider of this project
        settings = crawler.settings
        numbers = checked(settings)
        self.crawler = crawler
        self.publisher: Publisher = spider.publisher
        self.arguments = spider.arguments
        self.archive = Archive(settings["ARCHIVE"], readonly=False)
        self.ledger = Ledger(self.archive, self.publisher.key)
        try:
            self.lock = take_lock(self.ledger)
        except ArchiveError:
            self.archive.close()
            raise
        self.new = self.revised = 0
        self.exit = Exit.BROKE
        self.end_reason = ""
        self.refused: tuple[Exit, str] | None = None
        self.closed = False
        self.number = 0
        # One address being fetched and one waiting for each connection: more would only make a stop take longer.
        self.limit = InFlightLimit(2 * min(numbers["CONCURRENT_REQUESTS"], numbers["CONCURRENT_REQUESTS_PER_DOMAIN"]))
        self._settling = Settling(
            self.publisher,
            self.archive,
            self.limit,
            numbers,
            saved=self.arguments.pages is not None,
            guard=self._guarded,
            stop=self._stop,
        )
        self._feeds: Feeds | None = None
        self._tick: AsyncioLoopingCall | LoopingCall | None = None
        self._closing: asyncio.Future[None] | None = None
        self._internal_errors = 0
        self.started = time.monotonic()
        self._started_at = now()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawls_news(crawler):
            raise NotConfigured
        run = cls(crawler)
        connect = crawler.signals.connect
        connect(run._opened, signal=signals.spider_opened)
        connect(run._closed, signal=signals.spider_closed)
        connect(run._item_lost, signal=signals.item_dropped)
        connect(run._item_lost, signal=signals.item_error)
        connect(run._spider_error, signal=signals.spider_error)
        return run

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Give the run of a crawler."""
        run = crawler.get_extension(cls)
        if run is None:
            raise RuntimeError("The Run extension is switched off; NewsSpider cannot work without it (EXTENSIONS).")
        return run

    # -- the way of one address ---------------------------------------------------------------

    def make_strategy(self, client: SiteClient) -> Strategy:
        """Make the strategy of the arguments."""
        context = self._settling.context = Context(
            publisher=self.publisher,
            ledger=self.ledger,
            client=client,
            stats=self._stats,
            on_stored=self._already_stored,
        )
        strategy = self._settling.strategy = make_strategy(context, self.arguments, self.crawler.settings)
        return strategy

    @property
    def _stats(self) -> StatsCollector:
        if self.crawler.stats is None:
            raise RuntimeError("The crawler has no stats yet.")
        return self.crawler.stats

    @property
    def _passed_over(self) -> dict[str, int]:
        prefix = "farscrawler/passed_over/"
        return {k.removeprefix(prefix): v for k, v in self._stats.get_stats().items() if k.startswith(prefix)}

    @property
    def stopping(self) -> bool:
        """Whether the run is ending early."""
        return self._settling.stopping

    def is_over(self) -> bool:
        """Whether the run has ended, or is about to."""
        return self.stopping or self.closed

    def settle(self, look: Look, verdict: Verdict, article: FetchedArticle | None = None) -> None:
        """Tell the ledger what became of an address."""
        self._settling.settle(look, verdict, article)

    def pass_over(self, look: Look, verdict: Verdict) -> bool:
        """Write down that a capture is no good; tell whether the run goes on with an older one."""
        return self._settling.pass_over(look, verdict)

    def leave_owed(self, look: Look) -> None:
        """Let an address go that the ending run did not get to."""
        self._settling.leave_owed(look)

    @property
    def counts(self) -> Counter[str]:
        """How many addresses this run has settled, by outcome."""
        return self._settling.counts

    @property
    def strategy(self) -> Strategy | None:
        """The strategy, once it is made."""
        return self._settling.strategy

    @property
    def captures(self) -> CaptureCounts | None:
        """What a harvest of a web archive has come to; None for a crawl of the site itself."""
        return self.strategy.counts if isinstance(self.strategy, WebArchive) else None

    @property
    def site(self) -> str:
        """Who is asked, in sentences."""
        asker: Asker = self.crawler.spider  # type: ignore[assignment]  # the only spider of this project
        if asker.service is not None:
            return asker.service.url
        if self.publisher.anywhere:
            return self.publisher.key  # its host stands for none
        return self.arguments.base_url or self.publisher.hosts[0]

    def _already_stored(self, keys: Sequence[str]) -> None:
        if self._feeds is not None:
            self._guarded(partial(self._feeds.already_stored, keys))

    def unreachable(self, error: UnreachableError) -> None:
        """Hear that the site could not be asked at all."""
        self._stop("blocked" if error.blocked else "unreachable", str(error))

    def asked_to_wait(self, seconds: float) -> None:
        """Hear that the site wants to be left in peace for longer than a run should wait."""
        self._stop("blocked", f"it asks us to wait {duration(seconds)}")

    def _stop(self, reason: str, detail: str) -> None:
        """Begin to end the run early; what is in flight is still settled."""
        if self.stopping:
            return
        self._settling.stopping = True
        self.end_reason = f"{reason}: {detail}"
        self.limit.open_up()
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def keep(self, action: Callable[[], object]) -> bool:
        """Keep something that came from the site; tell whether that went well. If not, the run ends."""
        self._guarded(action)
        return not self.end_reason.startswith("storage failed")

    def _guarded(self, action: Callable[[], object]) -> None:
        """Do something with the archive or an export; when that fails the run must end, and say so."""
        try:
            action()
        except (ArchiveError, ExportError) as error:
            self._stop("storage failed", str(error))
        except Exception as error:
            self._internal_errors += 1
            logger.exception("What a page or a file brought was not foreseen; the run ends.")
            self._stop("storage failed", f"an error of farscrawler itself: {type(error).__name__}: {error}")

    # -- beginning and end --------------------------------------------------------------------

    def _opened(self) -> None:
        try:
            self._open()
        except Exception as error:
            # Raised through a signal it would only be logged, and the run go on without what it needs.
            bad_input = isinstance(error, ExportError)
            if not isinstance(error, (ArchiveError, ExportError)):
                logger.exception("The run could not begin.")
            self.refused = (Exit.BAD_ARGUMENTS if bad_input else Exit.BROKE, f"{error}" or type(error).__name__)
            raise CloseSpider("refused") from error

    def _open(self) -> None:
        self._feeds = self.crawler.get_extension(Feeds)
        if self._feeds is not None:
            self._feeds.open_own(self.archive, self.publisher.key, now(), self.arguments.covers)
        self.archive.listeners.append(self._stored)
        self.number = self.ledger.begin_run(self.arguments.given, self._started_at)
        self._tick = create_looping_call(lambda: self._guarded(self.archive.flush_if_due))
        self._tick.start(_TICK_SECONDS, now=False)

    def _stored(self, stored: list[Stored]) -> None:
        for change in stored:
            if change.article.revision > 1:
                self.revised += 1
            else:
                self.new += 1
        if self._feeds is not None:
            self._feeds.stored([one for one in stored if self.arguments.covers(one.article)])

    def _item_lost(self, item: FetchedArticle, exception: BaseException | None = None, **more: Any) -> None:
        """Settle an article that a pipeline dropped or broke on, so that its address stays owed."""
        error = exception or getattr(more.get("failure"), "value", None)
        look: Look | None = getattr(item, "look", None)
        if look is None:
            return
        if exception is None:
            self._internal_errors += 1
            self.settle(look, Verdict("failed", f"internal error: {type(error).__name__}: {error}"))
        else:
            self.settle(look, Verdict("not-article", str(error)))

    def _spider_error(self, failure: Any, response: Any) -> None:
        """Settle an address whose page the spider itself broke on."""
        self._internal_errors += 1
        request = getattr(response, "request", None)
        look: Look | None = request.meta.get("look") if request is not None else None
        if look is not None:
            self.settle(look, Verdict("failed", f"internal error: {failure.type.__name__}: {failure.value}"))

    def _closed(self, reason: str) -> None:
        if self._tick is not None and self._tick.running:
            self._tick.stop()
        if self.refused:
            self.exit = self.refused[0]
            self.closed = True
            self.archive.close()
            self.lock.release()
            return
        self._guarded(partial(self._finish, finished=reason == "finished" and not self.stopping))
        self.exit = self._exit_code(reason)
        if not self.end_reason:
            self.end_reason = "interrupted" if self.exit is Exit.INTERRUPTED else reason
        try:
            self.ledger.end_run(
                self.number, at=now(), reason=self.end_reason, exit_code=int(self.exit), counts=self.archive.committed
            )
            self.archive.close()
        except ArchiveError as error:
            self.exit = Exit.BROKE
            self.end_reason = f"storage failed: {error}"
        finally:
            self.lock.release()
        self.closed = True
        logger.info("%s", self.summary().sentence())

    def summary(self) -> Summary:
        """Give how the run went."""
        passed_over = self._passed_over
        return Summary(
            publisher=self.publisher.key,
            archive=str(self.archive.path),
            run=self.number,
            started_at=self._started_at,
            ended_at=now(),
            seconds=time.monotonic() - self.started,
            new=self.new,
            revised=self.revised,
            known=self._stats.get_value("farscrawler/known/articles", 0)
            + self._stats.get_value("farscrawler/known/settled", 0)
            - passed_over.get(OLDER, 0),  # those are told of by themselves
            end_reason=self.end_reason,
            exit_code=int(self.exit),
            counts=dict(self.archive.committed + self._settling.unkept),
            source=self.site if self.captures is not None else None,
            captures=self.captures,
            passed_over=passed_over,
            pages=written(str(self.arguments.pages)) if self.arguments.pages is not None else None,
        )

    def _finish(self, *, finished: bool) -> None:
        self.archive.flush()
        if self.strategy is not None:
            self.strategy.finish()
        if self._feeds is not None:
            self._feeds.close_own(finished=finished)

    def _exit_code(self, reason: str) -> Exit:
        if self.end_reason.startswith("storage failed") or self._internal_errors:
            return Exit.BROKE
        if reason == "shutdown":
            return Exit.INTERRUPTED
        if reason == "start_error":
            return Exit.BROKE
        short = self.strategy.shortfall if self.strategy is not None else None
        if reason == "finished" and short and not self.end_reason:
            self.end_reason = f"not all was found: {short}"
        if self.arguments.pages is not None and reason == "finished" and not (self.stopping or self.limit.taken):
            return Exit.OWED if short else Exit.DONE  # what a cut page owes only the site can give
        if self.stopping or self.counts["blocked"] or self.counts["failed"] or self.limit.taken or short:
            return Exit.OWED
        return Exit.DONE if reason == "finished" else Exit.OWED
