"""Ask again with growing pauses, and for as long as the site asks for with Retry-After."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.utils.httpobj import urlparse_cached

from farscrawler.days import duration
from farscrawler.errors import ArchiveError
from farscrawler.outcomes.judge import Refusal, RefusedRequestError, judge_failure
from farscrawler.outcomes.stop_rules import EndReason, RunEnd
from farscrawler.spiders.ending import is_ending
from farscrawler.spiders.news import NewsSpider
from farscrawler.spiders.pace import PACES

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request, Spider
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from farscrawler.archive.guard import SharedTurns
    from farscrawler.outcomes.recorder import Recorder

logger = logging.getLogger("farscrawler")

#: How soon a waiting request notices that the run is ending.
_LOOK_UP_SECONDS = 0.5
#: The same trouble of a host is said once in this time; `crawl news` may meet any number of hosts.
_SAY_AGAIN_SECONDS, _SAID = 60.0, 100


def retry_after(value: str, now: dt.datetime) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110 §10.2.3), given as such or as a date; None for neither.

    A date that is over asks for nothing: a stale page of a cache, or a server whose clock is wrong.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    left = (date - now).total_seconds()
    return left if left > 0 else None


def _hold_off(turns: SharedTurns, host: str, wait: float) -> None:
    """Hold runs off a host, as far as the database can be told."""
    with contextlib.suppress(ArchiveError):
        turns.hold_off(host, wait)


class PatientRetryMiddleware(RetryMiddleware):
    """Scrapy's retries, with a pause of the whole site before each.

    The pause is what the site asks for, or RETRY_BACKOFF seconds doubled with each try. A site that asks for
    more than RETRY_WAIT_MAX is not asked again in this run: the address stays pending for a later one.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.backoff = settings.getfloat("RETRY_BACKOFF")
        self.longest = settings.getfloat("RETRY_WAIT_MAX")
        self._resume_at = 0.0
        self._said: dict[tuple[str, str], float] = {}

    def process_request(self, request: Request) -> Coroutine[None, None, None] | None:
        """Hold every request back while the site has asked for a pause."""
        return self._hold() if self._resume_at > time.monotonic() else None

    async def _hold(self) -> None:
        while (left := self._resume_at - time.monotonic()) > 0:
            if is_ending(self.crawler):
                raise RefusedRequestError(Refusal.STOPPING)
            await asyncio.sleep(min(left, _LOOK_UP_SECONDS))

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Retry a refusal after the pause it asks for."""
        if response.status in self.retry_http_codes and not request.meta.get("dont_retry"):
            header = response.headers.get("Retry-After")
            asked = retry_after(header.decode("latin-1"), dt.datetime.now(dt.UTC)) if header else None
            if asked is not None and asked > self.longest:
                if (recorder := self._recorder()) is not None:
                    recorder.stop(RunEnd(EndReason.BLOCKED, f"it asks us to wait {duration(asked)}"))
                return response
            self._pause(request, asked, f"HTTP {response.status}")
        return super().process_response(request, response)

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        """Retry a broken connection after a pause."""
        if isinstance(exception, self.exceptions_to_retry):
            self._pause(request, None, judge_failure(exception).reason)
        return super().process_exception(request, exception)

    def _recorder(self) -> Recorder | None:
        """Return the recorder of the run; None where a command fetches one page."""
        spider = self.crawler.spider
        return spider.recorder if isinstance(spider, NewsSpider) else None

    def _pause(self, request: Request, asked: float | None, reason: str) -> None:
        tries: int = request.meta.get("retry_times", 0)
        wait = min(self.longest, self.backoff * 2**tries) * random.uniform(0.75, 1.25) if asked is None else asked
        if asked is not None or tries < self.max_retry_times:
            self._resume_at = max(self._resume_at, time.monotonic() + wait)
            PACES.pause(request.url, self._resume_at)  # for those that wait for their turn already
            self._hold_off_all(urlparse_cached(request).netloc, wait)
            self._say(urlparse_cached(request).netloc, reason, wait)

    def _hold_off_all(self, host: str, wait: float) -> None:
        """Hold the runs of other machines off a web archive that they share with this one."""
        spider = self.crawler.spider
        if isinstance(spider, NewsSpider) and spider.turns is not None:
            asyncio.get_running_loop().run_in_executor(None, _hold_off, spider.turns, host, wait)

    def _say(self, host: str, reason: str, wait: float) -> None:
        """Say for what the crawl waits: once in a while, since a site in trouble fails at every address."""
        now = time.monotonic()
        if now - self._said.get((host, reason), -_SAY_AGAIN_SECONDS) < _SAY_AGAIN_SECONDS:
            return
        self._said[host, reason] = now
        if len(self._said) > _SAID:
            del self._said[next(iter(self._said))]
        name = self.crawler.spider.name if self.crawler.spider is not None else ""
        logger.info("%s: waiting for %s: %s; trying again in %s.", name, host, reason, duration(wait))
