"""The pace that hosts ask for in robots.txt (Crawl-delay, Request-rate), kept by all crawls of this process together.

It counts from the end of an answer to the next request: what the host sees is never closer, however long a connection
takes to open, and one slow answer does not make the next two crowd together.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.networks import host_and_port
from farscrawler.outcomes.judge import Refusal, RefusedRequestError
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_AGENT = re.compile(r"user-agent: (.*)", re.IGNORECASE)
_PACE = re.compile(r"(crawl[- ]delay|request[- ]rate)\s*[:\s]\s*([^#]*)", re.IGNORECASE)
#: A number in any digits, with a point or a comma; whoever writes a unit means seconds.
_SECONDS = re.compile(r"(\d{1,9}(?:[.,٫]\d{0,9})?)\s*(?:s|sec|secs|seconds?|ثانیه)?", re.IGNORECASE)
_RATE = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9})\s*([smhd]?)(?:\s.*)?", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
#: Lines that say no pace, and letters of a line, that are worth showing.
_UNREAD, _LONGEST_LINE = 3, 80
#: How soon a waiting request notices that the run is ending.
_LOOK_UP_SECONDS = 0.5
#: Hosts of which the last answer is known; those whose pause is over are forgotten beyond it.
_HOSTS = 1_000
_DEFAULT_PORTS = (80, 443)


@dataclass(frozen=True, slots=True)
class AskedPace:
    """What the group of a robots.txt asks for: the ``seconds`` between two requests, and the ``line`` that says so.

    ``unread`` holds the lines of a pace that say no number.
    """

    seconds: float = 0.0
    line: str = ""
    unread: tuple[str, ...] = ()


def asked_pace(rules: str) -> AskedPace:
    """Return the pace in rules as `rules_for` leaves them: that of our own group, or else of all agents.

    The longest of several counts, and a rate for some hours of the day counts for all of them: whoever asks for less
    at another hour is asked too seldom, and never too often.
    """
    found: dict[str, list[str]] = {}
    group: list[list[str]] = []
    in_agents = False
    for line in rules.splitlines():
        if (agent := _AGENT.match(line)) is not None:
            group = [*(group if in_agents else ()), found.setdefault(agent[1], [])]
            in_agents = True
            continue
        in_agents = False
        if _PACE.match(line):
            for lines in group:
                lines.append(line)
    # The rules themselves are chosen in the same way: a group for us leaves that of all others without any say.
    name = max(found, key=lambda one: 0 if one == "*" else len(one), default=None)
    paces = [(_seconds_of(line), line) for line in found.get(name or "", ())]
    known = [(seconds, line) for seconds, line in paces if seconds is not None]
    seconds, said = max(known, default=(0.0, ""))
    return AskedPace(seconds, _shown(said), tuple(_shown(line) for one, line in paces if one is None)[:_UNREAD])


def _shown(line: str) -> str:
    return printable(line[:_LONGEST_LINE])


def _seconds_of(line: str) -> float | None:
    """Return the seconds between two requests that a line asks for; None where it says no number."""
    match = _PACE.match(line)
    if match is None:
        return None
    value = match[2].strip()
    if match[1].lower().startswith("crawl"):
        number = _SECONDS.fullmatch(value)
        return None if number is None else float(re.sub("[,٫]", ".", number[1]))
    rate = _RATE.fullmatch(value)
    if rate is None or not int(rate[1]) or not int(rate[2]):
        return None
    return int(rate[2]) * _UNITS[rate[3].lower()] / int(rate[1])


@dataclass(slots=True)
class _Host:
    asked: AskedPace = field(default_factory=AskedPace)
    read_at: float = 0.0
    answered_at: float = float("-inf")
    paused_until: float = 0.0
    in_flight: int = 0
    waiting: list[object] = field(default_factory=list)

    def left(self, now: float) -> float:
        """Return the seconds until the next request may go, as far as they are known."""
        return max(self.answered_at + self.asked.seconds, self.paused_until) - now


class Paces:
    """The pace of each host. Monotonic seconds are the time of all of it."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def ask(self, url: str, asked: AskedPace, *, read_at: float) -> None:
        """Take what the host of an address asks for; of several robots.txt of it the one that was read last counts."""
        host = self._host(url)
        if read_at >= host.read_at:
            host.asked, host.read_at = asked, read_at

    def asked(self, url: str) -> AskedPace:
        """Return what the host of an address asks for, as far as its robots.txt has been read."""
        host = self._hosts.get(_key(url))
        return host.asked if host is not None else AskedPace()

    def pause(self, url: str, until: float) -> None:
        """Let no request to a host that asks for a pace go before a moment."""
        host = self._host(url)
        host.paused_until = max(host.paused_until, until)

    @asynccontextmanager
    async def turn(self, url: str, is_ending: Callable[[], bool]) -> AsyncIterator[None]:
        """Wait until the host of an address may be asked, in the order of the calls, and hold its turn.

        A host that asks for no pace is waited for by nobody. Raise RefusedRequestError where the run ends meanwhile.
        """
        host = self._host(url)
        if host.asked.seconds or host.waiting:
            await self._wait(host, is_ending)
        host.in_flight += 1
        try:
            yield
        finally:
            host.in_flight -= 1
            host.answered_at = time.monotonic()

    @staticmethod
    async def _wait(host: _Host, is_ending: Callable[[], bool]) -> None:
        ticket = object()
        host.waiting.append(ticket)
        try:
            while True:
                left = host.left(time.monotonic())
                if host.waiting[0] is ticket and left <= 0 and not (host.in_flight and host.asked.seconds):
                    return
                if is_ending():
                    raise RefusedRequestError(Refusal.STOPPING)
                await asyncio.sleep(min(_LOOK_UP_SECONDS, max(left, host.asked.seconds, 0.01)))
        finally:
            host.waiting.remove(ticket)

    def _host(self, url: str) -> _Host:
        key = _key(url)
        if key not in self._hosts and len(self._hosts) >= _HOSTS:
            now = time.monotonic()
            for name, host in list(self._hosts.items()):
                if not host.in_flight and not host.waiting and host.left(now) <= 0:
                    del self._hosts[name]
        return self._hosts.setdefault(key, _Host())


def _key(url: str) -> str:
    """Return what stands for the host of an address: http and https are one, a port of its own is a site of its own."""
    origin = host_and_port(url)
    if origin is None:
        return ""
    host, port = origin
    return host if port in _DEFAULT_PORTS else f"{host}:{port}"


#: Of all crawls of this process: two publishers of one host share its pace.
PACES = Paces()
