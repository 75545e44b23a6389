"""NewsSpider: takes targets from a strategy, fetches them, and tells article, missing, blocked and failed apart."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider, NotConfigured

from farscrawler import publishers
from farscrawler.archive.records import page_hash
from farscrawler.errors import ArchiveError
from farscrawler.extract import NoArticle, Reason, read_page
from farscrawler.frontier.arguments import Arguments, parse_arguments
from farscrawler.frontier.base import HeavyAnswerError, UnreachableError
from farscrawler.frontier.build import make_strategy
from farscrawler.outcomes.judge import Refusal, RefusedRequestError, Verdict, judge_answer, judge_failure, redirect_of
from farscrawler.outcomes.stop_rules import EndReason, RunEnd
from farscrawler.outcomes.visit import META_KEY, FetchedArticle, ReadAnswer, VisitState
from farscrawler.sandbox import OverBudgetError
from farscrawler.spiders.captures import CaptureVisits
from farscrawler.webarchives.service import CCNEWS, load, load_ccnews, manners

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from farscrawler.archive.guard import SharedTurns
    from farscrawler.archive.lease import Lease
    from farscrawler.extract import Page
    from farscrawler.frontier.base import Context
    from farscrawler.outcomes.recorder import Recorder
    from farscrawler.publishers import Publisher
    from farscrawler.webarchives.ccnews import CcNews
    from farscrawler.webarchives.service import Service

#: The consoles by the settings that open them. Scrapy imports one that stays shut too, even where it is set to None,
#: with aiohttp or conch: a tenth of the start of a crawl.
_CONSOLES = {
    "TELNETCONSOLE_ENABLED": "scrapy.extensions.telnet.TelnetConsole",
    "REMOTE_CONTROL_ENABLED": "scrapy.extensions.remote_control.RemoteControl",
}


class NewsSpider(Spider):
    """The spider of every publisher; ``publisher`` is set on the class the loader makes.

    ``service`` is the web archive that is asked instead of the site, ``ccnews`` the one whose files are read;
    ``recorder`` and ``context`` come from the Run extension, which has opened the archive, and ``lease`` where it holds
    its hosts against other machines; of a web archive, which they share, it waits for its ``turns``.
    """

    name = "news"
    publisher: ClassVar[Publisher]
    arguments: Arguments
    service: Service | None = None
    ccnews: CcNews | None = None
    captures: CaptureVisits | None = None
    lease: Lease | None = None
    turns: SharedTurns | None = None
    recorder: Recorder
    context: Context

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: str) -> Self:
        """Check the arguments. Raises BadArgumentError before anything is opened or fetched."""
        mirror = crawler.settings["BASE_URL"]
        if mirror and not {"base_url", "source", "pages"} & set(given):
            given["base_url"] = mirror
        arguments = parse_arguments(cls.publisher, given)
        spider = super().from_crawler(crawler, *args)
        spider.arguments = arguments
        for name, extension in _CONSOLES.items():
            if not crawler.settings.getbool(name):
                crawler.settings["EXTENSIONS_BASE"].pop(extension, None)
        if not cls.publisher.verify_certificates and arguments.web_archive is None:
            # The settings of this crawl alone: beside it others may run in the same process.
            crawler.settings.set("DOWNLOAD_VERIFY_CERTIFICATES", False, priority="spider")
        if arguments.web_archive is not None:
            if arguments.web_archive == CCNEWS:
                spider.ccnews = load_ccnews(crawler.settings, arguments.days)
            else:
                spider.service = load(arguments.web_archive, crawler.settings)
            for name, value in manners(arguments.web_archive, crawler.settings).items():
                crawler.settings.set(name, value, priority="spider")  # what the user says with -s counts more
        return spider

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the spider of a crawl.

        Raises NotConfigured, which switches a component off, for the commands of Scrapy (`shell`, `fetch`, `view`) and
        ours of one page, which bring spiders of their own.
        """
        if not isinstance(crawler.spider, cls):
            raise NotConfigured
        return crawler.spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Take the publisher's own settings, and name the contact in the user agent: a site's keeper can reach us."""
        super().update_settings(settings)
        for name, value in settings.getdict("PUBLISHER_SETTINGS").get(cls.name, {}).items():
            settings.set(name, value, priority="spider")
        if contact := settings.get("CONTACT"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")

    @property
    def web_archive(self) -> Service | CcNews | None:
        """The web archive that is asked instead of the site, None where the site is."""
        return self.service or self.ccnews

    def chosen_servers(self) -> list[str]:
        """Return the servers that the user has chosen in the site's stead: a mirror, the services of a web archive."""
        base = self.arguments.base_url
        return [*([base] if base is not None else []), *(self.web_archive.origins if self.web_archive else ())]

    def asked_urls(self) -> list[str]:
        """Return the addresses of articles that the user has asked for."""
        return [target.url for target in self.arguments.urls or () if target.url is not None]

    def begin(
        self, recorder: Recorder, context: Context, lease: Lease | None = None, turns: SharedTurns | None = None
    ) -> None:
        """Take over what the Run extension has opened."""
        self.recorder, self.context, self.lease, self.turns = recorder, context, lease, turns
        if self.service is not None:
            self.captures = CaptureVisits(self.publisher, self.service, recorder, context.client)

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests of the strategy, never more at a time than the in-flight limit lets through."""
        recorder = getattr(self, "recorder", None)
        if recorder is None:
            raise RuntimeError("The Run extension is switched off; NewsSpider cannot work without it (EXTENSIONS).")
        if recorder.stopping or recorder.closed:  # refused, or ended by a limit, before it began
            return
        strategy = recorder.strategy = make_strategy(self.context, self.arguments, self.settings)
        dry_run = self.settings.getbool("DRY_RUN")
        try:
            async for target in strategy.estimate() if dry_run else strategy.targets():
                await recorder.in_flight.admit(target.key)
                if recorder.end is not None:  # the address stays in flight: it is not settled
                    return
                again = self.context.handed_out(target)
                yield self.request(VisitState(target=target, form=target.form, asked_again=again))
        except UnreachableError as error:
            # What robots.txt forbids, or lists do not name, the same command will not bring.
            final = error.answered or error.forbidden
            reason = EndReason.INCOMPLETE if final else EndReason.UNREACHABLE
            reason = EndReason.NOTHING_LISTED if error.nothing_listed else reason
            recorder.stop(RunEnd(EndReason.BLOCKED if error.blocked else reason, str(error)))
            raise CloseSpider("unreachable") from error
        except ArchiveError as error:  # a strategy commits, and keeps lists and captures
            recorder.stop(recorder.ending_of(error)[1])
            raise CloseSpider("storage failed") from error

    def request(self, visit: VisitState) -> Request:
        """Return the request for the capture, the saved page or the page form that a visit is at."""
        target = visit.target
        visit.received_at = None
        visit.kept = target.saved.record if target.saved is not None else None
        meta: dict[str, Any] = {META_KEY: visit}
        headers: dict[str, str | None] = {}
        if self.service is not None:
            url, given = self.service.request_for(target.captures[0])
            headers.update(given)
            # A redirect is either the capture of one, or leads to another capture than the one that was listed.
            meta["dont_redirect"] = True
        elif target.saved is not None:  # see SavedPagesMiddleware; nothing may lead from it to the site
            url = target.saved.url
            meta.update(dont_redirect=True, dont_retry=True)
        else:
            url = self.url_to_ask(self._url_of(visit))
            if visit.form == target.form and not visit.tried:
                headers = {"If-None-Match": target.etag, "If-Modified-Since": target.last_modified}
        return Request(
            url,
            callback=self.read,
            errback=self.fail,
            headers={name: value for name, value in headers.items() if value},
            dont_filter=True,  # each address comes from the strategy once; the ledger knows the rest
            meta=meta,
        )

    def _url_of(self, visit: VisitState) -> str:
        """Return the address of the form a visit is at; as it was found, where it was found in that form."""
        found = visit.target.url
        if found is not None and self.publisher.form_of(found) in (visit.form, None):
            return found
        return self.publisher.url_for(visit.target.key, visit.form)

    def url_to_ask(self, url: str) -> str:
        """Return the address to ask: the site's own, or the same on ``base_url``."""
        base = self.arguments.base_url
        if base is None or url.startswith(base + "/"):
            return url
        return base + "/" + url.split("://", 1)[1].partition("/")[2]

    def site_url(self, url: str) -> str:
        """Return the site's own address of one on ``base_url``."""
        base = self.arguments.base_url
        if base is not None and url.startswith(base):
            return f"{self.publisher.base_url}{url[len(base) :] or '/'}"
        return url

    def read(self, response: Response) -> list[Any] | Coroutine[Any, Any, list[Any]]:
        """Read an answer: an article for the pipelines, the request for another form or capture, or an outcome.

        What is read at once is returned at once: of a coroutine Scrapy makes a task.
        """
        visit: VisitState = response.meta[META_KEY]
        visit.requests += 1 + response.meta.get("retry_times", 0)
        if self.captures is not None:
            return self._read_capture(self.captures, visit, response)
        self._take(visit, response)
        verdict = self._answer_without_page(visit, response)
        if verdict is not None:
            self.recorder.settle(visit, verdict)
            return []
        given = self._page_to_read(visit, response)
        try:
            page = self.context.client.read_here(read_page, response.body, **given)
        except HeavyAnswerError:
            return self._read_apart(visit, response, given)
        return self._take_page(visit, response, page)

    async def _read_capture(self, captures: CaptureVisits, visit: VisitState, response: Response) -> list[Any]:
        captured = await captures.read(visit, response)
        if captured is not None:
            return [self._article(visit, captured)]
        return [] if visit.settled else [self.request(visit)]

    async def _read_apart(self, visit: VisitState, response: Response, given: Mapping[str, Any]) -> list[Any]:
        page: Page | NoArticle
        try:
            page = await self.context.client.read_apart(read_page, response.body, **given)
        except OverBudgetError as error:
            page = NoArticle("not-article", Reason.TOOK_TOO_MUCH if error.of_memory else Reason.TOOK_TOO_LONG)
        return self._take_page(visit, response, page)

    def _take_page(self, visit: VisitState, response: Response, page: Page | NoArticle) -> list[Any]:
        """Return the article of a page that was read, or the request for another form; or settle its address."""
        if not isinstance(page, NoArticle):
            return [self._article(visit, page)]
        verdict = judge_answer(
            response.status,
            redirect_of(response),
            page,
            announced_empty=response.headers.get("Content-Length") == b"0",
        )
        if verdict.outcome == "not-article" and (form := self._other_form(visit)):
            visit.tried.append(visit.form)
            visit.form = form
            return [self.request(visit)]
        self.recorder.settle(visit, verdict)
        return []

    def fail(self, failure: Failure) -> list[Any]:
        """Settle a request that brought no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        visit: VisitState = request.meta[META_KEY]
        error = failure.value
        if isinstance(error, RefusedRequestError) and error.refusal is Refusal.STOPPING:
            self.recorder.release(visit)
            return []
        visit.requests += 1 + request.meta.get("retry_times", 0)
        if self.captures is None:
            self.recorder.settle(visit, judge_failure(error))
            return []
        self.captures.fail(visit, error)
        return [] if visit.settled else [self.request(visit)]

    @staticmethod
    def _take(visit: VisitState, response: Response) -> None:
        """Take status, time, validators and digest of an answer over into the state of its visit."""
        visit.at = visit.target.source_at or visit.received_at
        visit.status = response.status
        etag, last_modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
        visit.etag = etag.decode("latin-1") if etag else None
        visit.last_modified = last_modified.decode("latin-1") if last_modified else None
        if response.status == HTTPStatus.NOT_MODIFIED:  # such an answer need not repeat the validators
            visit.etag = visit.etag or visit.target.etag
            visit.last_modified = visit.last_modified or visit.target.last_modified
        else:
            visit.page_hash = page_hash(response.body)

    def _answer_without_page(self, visit: VisitState, response: Response) -> Verdict | None:
        """Return the verdict on an answer that brings no page: HTTP 304."""
        if response.status == HTTPStatus.NOT_MODIFIED:
            sent = response.request.headers if response.request is not None else {}
            asked = "If-None-Match" in sent or "If-Modified-Since" in sent or visit.target.saved is not None
            return Verdict("article", "not modified") if asked else Verdict("failed", "HTTP 304, unasked")
        return None

    def _page_to_read(self, visit: VisitState, response: Response) -> dict[str, Any]:
        """Note an answer whose page is read; return what `read_page` takes beside its body."""
        url = self.site_url(response.url)
        catalogue = publishers.of(self.settings)
        publisher, form, article_id = catalogue.reader(self.publisher, visit.target.key, visit.form, url)
        header = response.headers.get("Content-Type")
        content_type = header.decode("latin-1") if header else None
        visit.answers.append(
            ReadAnswer(
                form=visit.form,
                url=url,
                status=response.status,
                body=response.body,
                page_hash=visit.page_hash,
                content_type=content_type,
                etag=visit.etag,
                last_modified=visit.last_modified,
                kept=visit.kept,
            )
        )
        return {
            "publisher": publisher,
            "form": form,
            "url": url,
            "article_id": article_id,
            "content_type": content_type,
        }

    def _article(self, visit: VisitState, page: Page) -> FetchedArticle:
        """Return the article of a page, for the pipelines to fill."""
        clock = self.recorder.clock
        if visit.at is None:
            visit.at = clock.now()
        article = FetchedArticle(
            publisher=self.publisher.key,
            article_id=visit.target.key,
            url=visit.target.url or self.publisher.canonical_url(visit.target.key),
            fetched_at=visit.at,
        )
        article.time_doubtful = clock.doubtful and visit.target.source_at is None
        article.page = page
        article.visit = visit
        return article

    def _other_form(self, visit: VisitState) -> str | None:
        """Return another form of a page that could not be read, if it is to be tried.

        Where an article is visited again, another form would differ for its own reasons and make a revision that is
        none.
        """
        if visit.target.again or visit.target.saved is not None:
            return None
        for name in self.publisher.forms:
            if name != visit.form and name not in visit.tried and self.publisher.makes(visit.target.key, name):
                return name
        return None
