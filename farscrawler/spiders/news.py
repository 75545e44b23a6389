"""NewsSpider: takes addresses from a plan, fetches them, and tells article, missing, blocked and failed apart."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider

from farscrawler import publishers
from farscrawler.days import now
from farscrawler.extensions.run import Run
from farscrawler.extract import NoArticle, read_page
from farscrawler.frontier.arguments import Arguments, parse_arguments
from farscrawler.frontier.base import UnreachableError
from farscrawler.outcomes.judge import (
    FetchedArticle,
    Look,
    StoppingError,
    Verdict,
    judge_failure,
    judge_status,
    redirect_of,
)
from farscrawler.spiders.captures import capture_failed, capture_request, read_capture
from farscrawler.spiders.site_client import SpiderClient
from farscrawler.webarchives.service import load, manners

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from farscrawler.extract.page import Page
    from farscrawler.publishers import Publisher
    from farscrawler.webarchives.service import Service

_HTTP_NOT_MODIFIED = 304


class NewsSpider(Spider):
    """The spider of every publisher; ``publisher`` is set on the class the loader makes."""

    name = "news"
    publisher: ClassVar[Publisher]
    arguments: Arguments
    run: Run
    service: Service | None = None  # the web archive that is asked instead of the site

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: str) -> Self:
        """Check the arguments. Raises BadArgumentError before anything is opened or fetched."""
        arguments = parse_arguments(cls.publisher, given)
        spider = super().from_crawler(crawler, *args)
        spider.arguments = arguments
        if arguments.source is not None:
            spider.service = load(arguments.source, crawler.settings)
            for name, value in manners(arguments.source, crawler.settings).items():
                crawler.settings.set(name, value, priority="cmdline")
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Name the contact in the user agent, so that a site's keeper can reach who crawls."""
        super().update_settings(settings)
        if contact := settings.get("CONTACT"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        """Hand out what the plan owes, never more at a time than the downloader has room for."""
        run = self.run = Run.of(self.crawler)
        if run.is_over():  # refused, or ended by a limit, before it began
            return
        strategy = run.make_strategy(SpiderClient(self, run.ledger))
        try:
            async for target in strategy.targets():
                await run.limit.wait()
                if run.stopping:
                    return
                look = Look(target=target, form=target.form)
                run.limit.enter()
                yield self.request(look)
        except UnreachableError as error:
            run.unreachable(error)
            raise CloseSpider("unreachable") from error

    def request(self, look: Look) -> Request:
        """Make the request for the form, or the capture, the look is at."""
        if self.service is not None:
            return capture_request(self, self.service, look)
        page = look.target.saved
        if page is not None:  # see SavedPagesMiddleware; nothing may lead from it to the site
            meta = {"look": look, "saved": page, "dont_redirect": True, "dont_retry": True}
            return Request(page.url, callback=self.read, errback=self.give_up, dont_filter=True, meta=meta)
        headers = {}
        if look.form == look.target.form and not look.tried:
            headers = {"If-None-Match": look.target.etag, "If-Modified-Since": look.target.last_modified}
        return Request(
            self.fetch_url(self._address(look)),
            callback=self.read,
            errback=self.give_up,
            headers={name: value for name, value in headers.items() if value},
            dont_filter=True,  # each address comes from the plan once; the ledger knows the rest
            meta={"look": look},
        )

    def _address(self, look: Look) -> str:
        """Give the address of the form a look is at; as it was found, where it was found in that form."""
        found = look.target.url
        if found is not None and self.publisher.form_of(found) in (look.form, None):
            return found
        return self.publisher.url_for(look.target.key, look.form)

    def fetch_url(self, url: str) -> str:
        """Give the address to ask: the site's own, or the same on ``base_url``."""
        base = self.arguments.base_url
        if base is None or url.startswith(base + "/"):
            return url
        return base + "/" + url.split("://", 1)[1].partition("/")[2]

    def site_url(self, url: str) -> str:
        """Give the site's own address of one on ``base_url``."""
        base = self.arguments.base_url
        if base is not None and url.startswith(base):
            return f"{self.publisher.base_url}{url[len(base) :] or '/'}"
        return url

    def read(self, response: Response) -> list[Any]:
        """Read a page: an article for the pipelines, another form to try, or an outcome for the ledger."""
        look: Look = response.meta["look"]
        if self.service is not None:
            return read_capture(self, self.service, look, response)
        self._note(look, response)
        if response.status == _HTTP_NOT_MODIFIED:
            sent = response.request.headers if response.request is not None else {}
            asked = "If-None-Match" in sent or "If-Modified-Since" in sent or look.target.saved is not None
            verdict = Verdict("article", "not modified") if asked else Verdict("failed", "HTTP 304, unasked")
            self.run.settle(look, verdict)
            return []
        if wall := self._private_answer(response):
            self.run.settle(look, wall)
            return []
        content_type = response.headers.get("Content-Type")
        url = self.site_url(response.url)
        whose, form, article_id = self._whose(url, look)
        page = read_page(
            response.body,
            publisher=whose,
            form=form,
            url=url,
            article_id=article_id,
            content_type=content_type.decode("latin-1") if content_type else None,
        )
        if isinstance(page, NoArticle):
            verdict = judge_status(
                response.status,
                redirect_of(response),
                Verdict(page.outcome, page.text),
                announced_empty=response.headers.get("Content-Length") == b"0",
            )
            return self._no_article(look, verdict)
        return [self.article(look, page)]

    def article(self, look: Look, page: Page) -> FetchedArticle:
        """Begin the article of a page, for the pipelines."""
        article = FetchedArticle(
            publisher=self.publisher.key,
            article_id=look.target.key,
            url=look.target.url or self.publisher.canonical_url(look.target.key),
            fetched_at=look.at or now(),
        )
        article.page = page
        article.look = look
        return article

    def give_up(self, failure: Failure) -> list[Any]:
        """Settle a request that brought no page."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        look: Look = request.meta["look"]
        if isinstance(failure.value, StoppingError):
            self.run.leave_owed(look)
            return []
        look.requests += 1 + request.meta.get("retry_times", 0)
        if self.service is not None:
            return capture_failed(self, look, failure)
        self.run.settle(look, judge_failure(failure.value or RuntimeError("no reason given")))
        return []

    def _whose(self, url: str, look: Look) -> tuple[Publisher, str, str | None]:
        """Tell by whose stanza and as which form a page is read, and which id it must have.

        Among pages from anywhere may be those of publishers that are known.
        """
        if self.publisher.anywhere:
            owner = publishers.of(self.settings).owner(url)
            if form := owner.form_of(url):
                return owner, form, owner.article_id(url) if owner.anywhere else None
        return self.publisher, look.form, look.target.key

    def _private_answer(self, response: Response) -> Verdict | None:
        """Tell an answer from a private address: a filter on the way, or a name that was made to lead there.

        Whoever asks for such an address in so many digits means it.
        """
        address = response.ip_address
        through_proxy = "proxy" in response.meta
        look: Look | None = response.meta.get("look")
        if look is not None and f"//{address}" in (look.target.url or ""):
            return None
        if self.arguments.base_url is None and not through_proxy and address is not None and address.is_private:
            return Verdict("blocked", f"answered from the private address {address}")
        return None

    def _note(self, look: Look, response: Response) -> None:
        look.requests += 1 + response.meta.get("retry_times", 0)
        look.at = look.target.source_at or response.meta.get("fetched_at") or now()
        look.status = response.status
        etag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
        look.etag = etag.decode("latin-1") if etag else None
        look.last_modified = modified.decode("latin-1") if modified else None
        if response.status == _HTTP_NOT_MODIFIED:  # such an answer need not repeat the validators
            look.etag = look.etag or look.target.etag
            look.last_modified = look.last_modified or look.target.last_modified
            return
        look.page_hash = hashlib.blake2b(response.body, digest_size=16).hexdigest()

    def _no_article(self, look: Look, verdict: Verdict) -> list[Any]:
        """Try the other form of a page that could not be parsed; settle everything else."""
        others = [
            name
            for name, form in self.publisher.forms.items()
            if name != look.form and name not in look.tried and form.url is not None
        ]
        # Looking again, another form would differ for its own reasons and make a revision that is none.
        if verdict.outcome == "not-article" and others and not look.target.again and look.target.saved is None:
            look.tried.append(look.form)
            look.form = others[0]
            return [self.request(look)]
        self.run.settle(look, verdict)
        return []
