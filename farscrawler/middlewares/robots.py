"""Obey robots.txt for every request, those that wait for it included, by RFC 9309.

* What is not there (4xx, or a redirect that is not followed) forbids nothing.
* What cannot be read (5xx, no answer) forbids everything for now: the addresses stay pending. 429 counts as such: who
  is asked too often has said nothing of its rules.
* Of what is there the first ROBOTSTXT_MAXSIZE bytes count.

To report upstream (Scrapy 2.19, scrapy/downloadermiddlewares/robotstxt.py): ``robot_parser`` lets all requests that
wait for one robots.txt await the same Deferred. Its first callback, that of the first request that waits, hands the
rules to that request and returns None, so that every later one gets None, which means «everything is allowed»: with
more than one request under way a site's first pages are fetched against its robots.txt. An `asyncio.Task` gives its
result to all. A second thing: ``_parse_robots`` reads rules from an error page too. A third one, of Protego 0.7: each
rule is stored once for each agent of its group, so that 500 KB of agents and rules take gigabytes.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import build_from_crawler

from farscrawler.middlewares.bodies import FIRST_BYTES
from farscrawler.outcomes.judge import Refusal, RefusedRequestError, judge_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

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
_RULE = re.compile(r"(?:(?:dis+al+ow|disal+aw|diasllow|allow)\b\s*[:\s]|crawl[- ]delay).*", re.IGNORECASE)
_WORD = re.compile(r"[a-z][a-z0-9_-]*")


class SharedRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, with one answer for all requests that wait, and a refusal that says what it is."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._most = crawler.settings.getint("ROBOTSTXT_MAXSIZE")
        self._asking: OrderedDict[str, asyncio.Task[RobotParser | str | None]] = OrderedDict()
        self._sizes: dict[str, int] = {}
        crawler.signals.connect(self._received, signals.bytes_received)

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
            response = await self.crawler.engine.download_async(asked)
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

    async def _read(self, response: Response, request: Request) -> RobotParser:
        netloc = urlsplit(request.url).netloc
        agent = self._robotstxt_useragent or request.headers.get(b"User-Agent") or self._default_useragent
        rules = rules_for(response.body[: self._most], agent if isinstance(agent, str) else agent.decode("latin-1"))
        self._hold(netloc, len(rules))
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

    def _received(self, data: bytes, request: Request) -> None:
        """End the download of a robots.txt that is long enough. Raise StopDownload."""
        most = request.meta.get(FIRST_BYTES)
        if most is None:
            return
        request.meta[_RECEIVED] = request.meta.get(_RECEIVED, 0) + len(data)
        if request.meta[_RECEIVED] >= most:
            raise StopDownload(fail=False)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise RefusedRequestError for a request that the rules forbid."""
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise RefusedRequestError(Refusal.ROBOTS_TXT) from error


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
