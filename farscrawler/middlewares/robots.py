"""Obey robots.txt for every request, those that wait for it included, by RFC 9309.

* What is not there (4xx, or a redirect that is not followed) forbids nothing.
* What cannot be read (5xx, no answer) forbids everything for now: the addresses stay pending. 429 counts as such: who
  is asked too often has said nothing of its rules.
* Of what is there the first ROBOTSTXT_MAXSIZE bytes count.
* A pace (Crawl-delay, Request-rate) is kept, see `PACES`. Beyond ROBOTSTXT_MAX_DELAY nothing is fetched: to go faster
  than asked would be against the site's word, and to wait for hours against what the user expects.

To report upstream (Scrapy 2.19, scrapy/downloadermiddlewares/robotstxt.py): ``robot_parser`` lets all requests that
wait for one robots.txt await the same Deferred. Its first callback, that of the first request that waits, hands the
rules to that request and returns None, so that every later one gets None, which means «everything is allowed»: with
more than one request under way a site's first pages are fetched against its robots.txt. An `asyncio.Task` gives its
result to all. A second thing: ``_parse_robots`` reads rules from an error page too. A third one, of Protego 0.7: each
rule is stored once for each agent of its group, so that 500 KB of agents and rules take gigabytes.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import build_from_crawler

from farscrawler.config import length
from farscrawler.days import duration
from farscrawler.middlewares.bodies import FIRST_BYTES
from farscrawler.outcomes.judge import Refusal, RefusedRequestError, judge_failure
from farscrawler.outcomes.stop_rules import EndReason, RunEnd
from farscrawler.spiders.news import NewsSpider
from farscrawler.spiders.pace import PACES, AskedPace, asked_pace

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger("farscrawler")

#: A redirect of robots.txt to where we do not go is as good as a file that is not there.
_NOT_THERE = (Refusal.OFF_SITE, Refusal.OFF_WEB_ARCHIVE, Refusal.REDIRECT_LOOP, Refusal.PRIVATE_ADDRESS)
_SUCCESS = range(200, 300)
_RECEIVED = "farscrawler_received"
#: Bytes of rules that are held, those of thousands of hosts as a rule; read, they take eighteen times as much memory.
#: `crawl news` may meet any number of hosts, and the rules of one that is forgotten are asked for again.
_HELD = 2_000_000
_LEAST = 100  # bytes that a host without rules counts for
#: A line that opens a group of rules, in the spellings that Protego reads; and the lines of such a group.
_AGENT = re.compile(r"user[- ]?agent\s*[:\s]\s*(.*)", re.IGNORECASE)
_RULE = re.compile(
    r"(?:(?:dis+al+ow|disal+aw|diasllow|allow)\b\s*[:\s]|crawl[- ]delay|request[- ]rate).*", re.IGNORECASE
)
_WORD = re.compile(r"[a-z][a-z0-9_-]*")


class SharedRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, with one answer for all requests that wait, and a refusal that says what it is."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._most = crawler.settings.getint("ROBOTSTXT_MAXSIZE")
        self._asking: OrderedDict[str, asyncio.Task[RobotParser | str | None]] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._paces: dict[str, tuple[AskedPace, float]] = {}
        self._longest = length(crawler.settings, "ROBOTSTXT_MAX_DELAY")
        self._downloads = 0  # of robots.txt that are under way

    def process_request(  # type: ignore[override]  # Scrapy's is a coroutine whether it waits or not
        self, request: Request, spider: Spider | None = None
    ) -> Coroutine[Any, Any, None] | None:
        """Judge a request by the rules of its host: at once where they are known, as for nearly all requests."""
        netloc = urlsplit(request.url).netloc
        asking = self._asking.get(netloc)
        if asking is None or not asking.done() or request.meta.get("dont_obey_robotstxt"):
            return super().process_request(request)
        rules = "" if asking.cancelled() or asking.exception() is not None else asking.result()
        if isinstance(rules, str):  # nobody knows them
            return super().process_request(request)
        self._asking.move_to_end(netloc)
        self.process_request_2(rules, request)
        return None

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the request's host, fetched once; None for no rules.

        Raise RefusedRequestError where nobody knows them.
        """
        netloc = urlsplit(request.url).netloc
        if netloc not in self._asking:
            self._asking[netloc] = asyncio.ensure_future(self._fetched(request))
        asking = self._asking[netloc]
        self._asking.move_to_end(netloc)
        try:
            # Shielded: a request that is cancelled while it waits must not take the answer from the others.
            rules = await asyncio.shield(asking)
        except RefusedRequestError:  # the run is ending: this is no answer about the site
            self._asking.pop(netloc, None)
            raise
        if isinstance(rules, str):
            raise RefusedRequestError(Refusal.NO_ROBOTS_TXT, rules)
        return rules

    async def _fetched(self, request: Request) -> RobotParser | str | None:
        """Return the rules of the request's host, None for no rules, or a phrase that says why nobody knows them."""
        parts = urlsplit(request.url)
        self._hold(parts.netloc, 0)
        asked = Request(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True, "download_maxsize": 0, FIRST_BYTES: self._most},
            callback=NO_CALLBACK,
        )
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self._download(asked)
        except RefusedRequestError as error:
            if error.refusal is Refusal.STOPPING:
                raise
            return None if error.refusal in _NOT_THERE else str(error)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is judged and said
            return judge_failure(error).reason
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status == HTTPStatus.TOO_MANY_REQUESTS:
            return f"HTTP {response.status}"
        return await self._read(response, request) if response.status in _SUCCESS else None

    async def _download(self, asked: Request) -> Response:
        """Fetch a robots.txt. Only meanwhile the bytes of answers are looked at: each look costs time."""
        if not self._downloads:
            self.crawler.signals.connect(self._received, signals.bytes_received)
        self._downloads += 1
        try:
            return await self.crawler.engine.download_async(asked)
        finally:
            self._downloads -= 1
            if not self._downloads:
                self.crawler.signals.disconnect(self._received, signals.bytes_received)

    async def _read(self, response: Response, request: Request) -> RobotParser:
        netloc = urlsplit(request.url).netloc
        agent = self._robotstxt_useragent or request.headers.get(b"User-Agent") or self._default_useragent
        rules = rules_for(response.body[: self._most], agent if isinstance(agent, str) else agent.decode("latin-1"))
        self._hold(netloc, len(rules))
        self._take_pace(request, asked_pace(rules.decode()))
        parser = build_from_crawler(self._parserimpl, self.crawler, rules)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return parser

    def _hold(self, netloc: str, size: int) -> None:
        """Count the rules of a host, and forget those of the hosts that were asked longest ago, beyond the limit."""
        self._sizes[netloc] = size
        for oldest in list(self._asking):
            if sum(self._sizes.values()) + _LEAST * len(self._asking) <= _HELD:
                return
            if oldest != netloc and self._asking[oldest].done():
                del self._asking[oldest]
                self._sizes.pop(oldest, None)
                self._paces.pop(oldest, None)

    def _received(self, data: bytes, request: Request) -> None:
        """End the download of a robots.txt that is long enough. Raise StopDownload."""
        most = request.meta.get(FIRST_BYTES)
        if most is None:
            return
        request.meta[_RECEIVED] = request.meta.get(_RECEIVED, 0) + len(data)
        if request.meta[_RECEIVED] >= most:
            raise StopDownload(fail=False)

    def _take_pace(self, request: Request, asked: AskedPace) -> None:
        """Take what a robots.txt asks for into account from now on, and say it where it is longer than our own pace."""
        host = urlsplit(request.url).netloc
        self._paces[host] = asked, time.monotonic()
        PACES.ask(request.url, asked, read_at=self._paces[host][1])
        for line in asked.unread:
            logger.info("%s: the robots.txt of %s has a line that says no pace: %s", self._name(), host, line)
        if self.crawler.settings.getfloat("DOWNLOAD_DELAY") < asked.seconds <= self._longest:
            pause = duration(asked.seconds)
            logger.info(
                "%s: %s after each request to %s, as its robots.txt asks (%s).", self._name(), pause, host, asked.line
            )

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise RefusedRequestError for a request that the rules forbid, or to a host that asks for too long pauses."""
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise RefusedRequestError(Refusal.ROBOTS_TXT) from error
        host = urlsplit(request.url).netloc
        asked, read_at = self._paces.get(host, (AskedPace(), 0.0))
        if not asked.seconds:
            return
        if asked.seconds > self._longest:
            self._refuse(host, asked)
        PACES.ask(request.url, asked, read_at=read_at)  # it may have been forgotten since

    def _refuse(self, host: str, asked: AskedPace) -> NoReturn:
        """End the run of a site that asks for longer pauses than ROBOTSTXT_MAX_DELAY; of pages from anywhere, this one.

        Raise RefusedRequestError.
        """
        detail = (
            f"{host} asks for {duration(asked.seconds)} between two requests ({asked.line} in its "
            f"robots.txt), more than ROBOTSTXT_MAX_DELAY allows; -s ROBOTSTXT_MAX_DELAY={math.ceil(asked.seconds)} "
            "crawls it at that pace"
        )
        spider = self.crawler.spider
        if isinstance(spider, NewsSpider) and not spider.publisher.anywhere:
            spider.recorder.stop(RunEnd(EndReason.TOO_SLOW, detail))
            raise RefusedRequestError(Refusal.STOPPING)
        raise RefusedRequestError(Refusal.TOO_SLOW, detail)

    def _name(self) -> str:
        return self.crawler.spider.name if self.crawler.spider is not None else ""


def rules_for(body: bytes, agent: str) -> bytes:
    """Return the groups of a robots.txt that are for everyone or for a user agent, and no other line of it.

    A group is for an agent where it names a word of it, in full, such as its product token (RFC 9309, 2.2.1).
    """
    words = frozenset(_WORD.findall(agent.lower()))
    text = body.decode("utf-8-sig", "ignore")
    return "\n".join(_lines_for(text, words)).encode()


def _lines_for(text: str, words: frozenset[str]) -> Iterator[str]:
    in_agents = ours = False
    named: set[str] = set()  # in this group, each once
    for line in map(str.strip, text.splitlines()):
        agent = _AGENT.match(line)
        if agent is None:
            if _RULE.match(line):
                in_agents = False
                if ours:
                    yield line
            continue
        if not in_agents:
            in_agents, ours, named = True, False, set()
        name = agent[1].partition("#")[0].strip().lower()
        name = name if name == "*" else name.replace("*", "").partition("/")[0]
        if (name == "*" or name in words) and name not in named:
            ours = True
            named.add(name)
            yield f"User-agent: {name}"
