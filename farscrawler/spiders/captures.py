"""Ask a web archive for captures: the newest one of an article, and an older one where that is no good."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from scrapy import Request

from farscrawler.extract import NoArticle, read_page
from farscrawler.frontier.web_archive import older
from farscrawler.outcomes.judge import Verdict, judge_failure
from farscrawler.webarchives.capture import Answer, BadCapture

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from farscrawler.outcomes.judge import Look
    from farscrawler.spiders.news import NewsSpider
    from farscrawler.webarchives.service import Service


def capture_request(spider: NewsSpider, service: Service, look: Look) -> Request:
    """Make the request for the capture a look is at."""
    url, headers = service.request_for(look.target.captures[0])
    return Request(
        url,
        callback=spider.read,
        errback=spider.give_up,
        headers=headers,
        dont_filter=True,
        # A redirect is either the capture of one, or leads to another capture than the one that was listed.
        meta={"look": look, "dont_redirect": True},
    )


def read_capture(spider: NewsSpider, service: Service, look: Look, response: Response) -> list[Any]:
    """Read a capture: an article for the pipelines, the request for an older one, or an outcome."""
    capture = look.target.captures[0]
    look.requests += 1 + response.meta.get("retry_times", 0)
    look.status = response.status
    headers = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
    opened = service.opened(capture, Answer(status=response.status, headers=headers, body=response.body))
    if isinstance(opened, BadCapture):
        return _judged(spider, look, Verdict(opened.outcome, opened.reason))
    look.at = capture.at  # relative dates count from then, and no article is younger
    look.status = opened.status
    look.page_hash = hashlib.blake2b(opened.body, digest_size=16).hexdigest()
    page = read_page(
        opened.body,
        publisher=spider.publisher,
        form=look.form,
        url=capture.url,
        article_id=look.target.key,
        content_type=opened.content_type,
    )
    if isinstance(page, NoArticle):  # whatever it is, it will be the same tomorrow
        return _pass_over(spider, look, Verdict(page.outcome, page.text))
    return [spider.article(look, page)]


def capture_failed(spider: NewsSpider, look: Look, failure: Failure) -> list[Any]:
    """Judge a request for a capture that brought nothing."""
    return _judged(spider, look, judge_failure(failure.value or RuntimeError("no reason given")))


def _judged(spider: NewsSpider, look: Look, verdict: Verdict) -> list[Any]:
    """Leave an article owed where the service is in trouble: its newest capture may be good all the same."""
    if verdict.outcome in ("failed", "blocked"):
        spider.run.settle(look, verdict)
        return []
    return _pass_over(spider, look, verdict)


def _pass_over(spider: NewsSpider, look: Look, verdict: Verdict) -> list[Any]:
    """Write down that a capture is no good, and ask for the next older one."""
    if not spider.run.pass_over(look, verdict):
        return []
    target = older(spider.publisher, look.target)
    if target is None:
        spider.run.settle(look, Verdict("missing", f"no good capture; the last one: {verdict.reason}"))
        return []
    look.target = target
    look.form = target.form
    return [spider.request(look)]
