"""Run: one run over one archive, from opening it to the closing summary and the exit code."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.utils.asyncio import create_looping_call

from farscrawler.archive import Archive, ArchiveError, Visit, lock
from farscrawler.archive.ledger import Ledger
from farscrawler.clock import now
from farscrawler.discovery.captures import Captures
from farscrawler.discovery.context import crawls_news
from farscrawler.discovery.plans import make_plan
from farscrawler.discovery.room import Room
from farscrawler.discovery.saved import OLDER
from farscrawler.exporters.errors import ExportError
from farscrawler.extensions.exitcodes import Exit
from farscrawler.extensions.feeds import Feeds
from farscrawler.extensions.numbers import checked
from farscrawler.extensions.summary import Summary, duration
from farscrawler.outcomes.judge import Verdict
from farscrawler.outcomes.patience import Patience
from farscrawler.outcomes.same import SamePage
from farscrawler.outcomes.saved import of_no_use

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Self

    from scrapy.crawler import Crawler
    from scrapy.utils.asyncio import AsyncioLoopingCall
    from twisted.internet.task import LoopingCall

    from farscrawler.archive import Outcome
    from farscrawler.archive.store import Stored
    from farscrawler.discovery.captures import CaptureCounts
    from farscrawler.discovery.context import Asker, ListPage, Plan, UnreachableError
    from farscrawler.outcomes.fetched import FetchedArticle
    from farscrawler.outcomes.look import Look
    from farscrawler.publishers import Publisher

logger = logging.getLogger("farscrawler")

_TICK_SECONDS = 0.5


class Run:
    """Opens the archive, tells it every outcome, decides when to stop, and ends with an exit code.

    It is the Context that the plans ask. ``counts`` counts this run's settled addresses by outcome.
    """

    def __init__(self, crawler: Crawler) -> None:
        spider: Asker = crawler.spider  # type: ignore[assignment]  # the only spider of this project
        settings = crawler.settings
        numbers = checked(settings)
        self.crawler = crawler
        self.publisher: Publisher = spider.publisher
        self.arguments = spider.arguments
        self.archive = Archive(settings["ARCHIVE"])
        self.ledger = Ledger(self.archive, self.publisher.key)
        try:
            self.lock = lock.take(self.ledger)
        except ArchiveError:
            self.archive.close()
            raise
        self.counts: Counter[str] = Counter()
        self._unkept: Counter[str] = Counter()  # settled addresses of which the ledger is told nothing
        self.new = self.revised = 0
        self.known_stored = self.known_settled = 0
        self.passed: Counter[str] = Counter()
        self.stopping = False
        self.exit = Exit.BROKE
        self.end_reason = ""
        self.refused: tuple[Exit, str] | None = None
        self.closed = False
        self.plan: Plan | None = None
        self.number = 0
        # One address being fetched and one waiting for each connection: more would only make a stop take longer.
        self.room = Room(2 * min(numbers["CONCURRENT_REQUESTS"], numbers["CONCURRENT_REQUESTS_PER_DOMAIN"]))
        self._patience = Patience(
            blocked=numbers["STOP_AFTER_BLOCKED"],
            failed=numbers["STOP_AFTER_FAILED"],
            unreachable=numbers["STOP_AFTER_UNREACHABLE"],
        )
        self._same = SamePage(numbers["STOP_AFTER_SAME"], self._taken_for_pages)
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

    async def newest_listed(self) -> int | None:
        """Ask the site's lists (Context of the plans)."""
        asker: Asker = self.crawler.spider  # type: ignore[assignment]  # the only spider of this project
        return await asker.newest_listed(self.ledger.newest_id())

    async def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> ListPage:
        """Fetch a list page (Context of the plans)."""
        asker: Asker = self.crawler.spider  # type: ignore[assignment]  # the only spider of this project
        return await asker.fetch(url, etag=etag, last_modified=last_modified)

    def make_plan(self) -> Plan:
        """Make the plan of the arguments."""
        self.plan = make_plan(self, self.arguments, self.crawler.settings)
        return self.plan

    def is_over(self) -> bool:
        """Whether the run has ended, or is about to."""
        return self.stopping or self.closed

    def settle(self, look: Look, verdict: Verdict, article: FetchedArticle | None = None) -> None:
        """Tell the ledger, once for each address, what became of it."""
        if look.settled:
            return
        if look.target.saved is not None and (
            reason := of_no_use(look, verdict, recovered=self.arguments.pages is None)
        ):
            if self.arguments.pages is not None:
                self.passed_over(reason)
            self.leave_owed(look)
            if self.plan is not None:
                self.plan.settled(look.target, "skipped")
            return
        look.settled = True
        # That a web archive has no good capture, or is in trouble, says nothing of the article: what is known stays.
        kept = not look.target.captures or verdict.outcome == "article"
        try:
            if kept:
                self._guarded(partial(self._save, look, verdict, article))
            else:
                self._unkept[verdict.outcome] += 1
        finally:
            self.room.leave()  # whatever broke, the plan must never wait for this address
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
        if self.plan is not None:
            self.plan.settled(look.target, verdict.outcome, article)
        if look.target.saved is None and (found := self._patience.add(verdict)):
            self._stop(*found)
        if self.plan is None or not self.plan.beyond(look.target):
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
            provisional=nothing and self.plan is not None and self.plan.provisional(look.target),
            at=look.at or look.target.source_at or now(),
            source=look.target.source,
            source_at=look.target.source_at,
        )
        self.archive.save(visit, article)

    def pass_over(self, look: Look, verdict: Verdict) -> bool:
        """Write down that the capture a look is at is no good; tell whether the run goes on with an older one."""
        if isinstance(self.plan, Captures):
            self._guarded(partial(self.plan.pass_over, look.target, verdict.outcome, verdict.reason, at=now()))
        logger.debug("%s %s: no good capture (%s)", self.publisher.key, look.target.key, verdict.reason)
        if self.stopping:
            self.leave_owed(look)
        return not self.stopping

    @property
    def captures(self) -> CaptureCounts | None:
        """What a harvest of a web archive has come to; None for a crawl of the site itself."""
        return self.plan.counts if isinstance(self.plan, Captures) else None

    @property
    def site(self) -> str:
        """Who is asked, in sentences."""
        asker: Asker = self.crawler.spider  # type: ignore[assignment]  # the only spider of this project
        if asker.service is not None:
            return asker.service.url
        return self.arguments.base_url or self.publisher.hosts[0]

    def leave_owed(self, look: Look) -> None:
        """Let an address go that the ending run did not get to: the ledger keeps saying what it said before."""
        if not look.settled:
            look.settled = True
            self.room.leave()

    def already_stored(self, keys: Sequence[str]) -> None:
        """Hear that these articles of the plan are stored; an export of the plan holds them too."""
        self.known_stored += len(keys)
        if self._feeds is not None and keys:
            self._guarded(partial(self._feeds.already_stored, keys))

    def already_settled(self, count: int) -> None:
        """Hear that so many addresses of the plan were settled before."""
        self.known_settled += count

    def passed_over(self, reason: str) -> None:
        """Hear that something saved is of no use."""
        self.passed[reason] += 1

    def unreachable(self, error: UnreachableError) -> None:
        """Hear that the site could not be asked at all."""
        self._stop("blocked" if error.blocked else "unreachable", str(error))

    def asked_to_wait(self, seconds: float) -> None:
        """Hear that the site wants to be left in peace for longer than a run should wait."""
        self._stop("blocked", f"it asks us to wait {duration(seconds)}")

    def _taken_for_pages(self, looks: list[Look]) -> None:
        """Take back what one and the same page for many addresses was taken for."""
        verdict = Verdict("failed", "the same page for many addresses")
        for look in looks:
            self._guarded(partial(self._save, look, verdict, corrects="not-article"))
            self.counts["not-article"] -= 1
            self.counts["failed"] += 1
        if looks[0].target.saved is not None:  # a folder may hold such pages and good ones; the next file is no site
            return
        self._stop(
            "too many failures",
            f"it answers {len(looks)} addresses in a row with the same page; if that is its way to say that nothing "
            "is there, raise STOP_AFTER_SAME",
        )

    def _stop(self, reason: str, detail: str) -> None:
        """Begin to end the run early; what is in flight is still settled."""
        if self.stopping:
            return
        self.stopping = True
        self.end_reason = f"{reason}: {detail}"
        self.room.open_up()
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
        return Summary(
            publisher=self.publisher.key,
            archive=str(self.archive.path),
            run=self.number,
            started_at=self._started_at,
            ended_at=now(),
            seconds=time.monotonic() - self.started,
            new=self.new,
            revised=self.revised,
            known=self.known_stored + self.known_settled - self.passed[OLDER],  # those are told of by themselves
            end_reason=self.end_reason,
            exit_code=int(self.exit),
            counts=dict(self.archive.committed + self._unkept),
            source=self.site if self.captures is not None else None,
            captures=self.captures,
            passed_over=dict(self.passed),
            pages=str(self.arguments.pages) if self.arguments.pages is not None else None,
        )

    def _finish(self, *, finished: bool) -> None:
        self.archive.flush()
        if self.plan is not None:
            self.plan.finish()
        if self._feeds is not None:
            self._feeds.close_own(finished=finished)

    def _exit_code(self, reason: str) -> Exit:
        if self.end_reason.startswith("storage failed") or self._internal_errors:
            return Exit.BROKE
        if reason == "shutdown":
            return Exit.INTERRUPTED
        if reason == "start_error":
            return Exit.BROKE
        short = self.plan.shortfall if self.plan is not None else None
        if reason == "finished" and short and not self.end_reason:
            self.end_reason = f"not all was found: {short}"
        if self.arguments.pages is not None and reason == "finished" and not (self.stopping or self.room.taken):
            return Exit.OWED if short else Exit.DONE  # what a cut page owes only the site can give
        if self.stopping or self.counts["blocked"] or self.counts["failed"] or self.room.taken or short:
            return Exit.OWED
        return Exit.DONE if reason == "finished" else Exit.OWED
