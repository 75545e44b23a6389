"""The web archives by name, and how each is asked politely."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from farscrawler.config import length
from farscrawler.errors import BadArgumentError
from farscrawler.webarchives.commoncrawl import CommonCrawl, parse_crawls
from farscrawler.webarchives.wayback import Wayback

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator

    from scrapy.settings import BaseSettings

    from farscrawler.webarchives.capture import Answer, BadCapture, Capture, Content, Fetch, IndexPage, Refused


class Service(Protocol):
    """A web archive. Its addresses are those of the settings, so that a mirror or replica can stand in."""

    @property
    def url(self) -> str:
        """The address that stands for it in sentences."""

    @property
    def origins(self) -> frozenset[str]:
        """The only addresses, as scheme and host, that are asked."""

    def listing(
        self, fetch: Fetch, hosts: tuple[str, ...], since: dt.date | None
    ) -> AsyncIterator[IndexPage | Refused]:
        """Give what its index lists of some hosts from a day on, a page at a time. Raises IndexFailedError."""

    def request_for(self, capture: Capture) -> tuple[str, dict[str, str]]:
        """Give the address and the headers that bring a capture."""

    def opened(self, capture: Capture, answer: Answer) -> Content | BadCapture:
        """Give the page in an answer, or why it is none.

        BadCapture ``failed`` or ``blocked`` is the trouble of the service; ``missing`` or ``not-article`` says that the
        capture itself is no good.
        """


#: Every web archive with the setting that holds its delay.
DELAYS = {"wayback": "WAYBACK_DELAY", "commoncrawl": "COMMONCRAWL_DELAY"}


def load(name: str, settings: BaseSettings) -> Service:
    """Make a service of its settings. Raises BadArgumentError for a setting that cannot be used."""
    largest = settings.getint("DOWNLOAD_MAXSIZE")
    if name == "wayback":
        return Wayback(_url(settings, "WAYBACK_URL"), largest=largest)
    if importlib.util.find_spec("warcio") is None:
        raise BadArgumentError("source=commoncrawl reads WARC records with warcio: pip install 'farscrawler[warc]'.")
    try:
        crawls = parse_crawls(str(settings["COMMONCRAWL_CRAWLS"]))
    except ValueError as error:
        raise BadArgumentError(f"-s COMMONCRAWL_CRAWLS={settings['COMMONCRAWL_CRAWLS']}: {error}.") from None
    return CommonCrawl(
        _url(settings, "COMMONCRAWL_INDEX_URL"),
        _url(settings, "COMMONCRAWL_DATA_URL"),
        crawls=crawls,
        largest=largest,
    )


def manners(name: str, settings: BaseSettings) -> dict[str, bool | float]:
    """Give the settings of a run that asks a web archive and nobody else. Raises BadArgumentError.

    robots.txt is for crawlers that follow links (RFC 9309): the site's is not asked, since nothing of the site is, and
    a service's is not, since only its interfaces that are documented for programs are, with limits of their own, which
    the delay keeps.
    """
    delay = length(settings, DELAYS[name])
    return {
        "ROBOTSTXT_OBEY": False,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0.0,  # the delay is the least that the service's limit allows
        "AUTOTHROTTLE_MAX_DELAY": max(delay, settings.getfloat("AUTOTHROTTLE_MAX_DELAY")),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "RETRY_BACKOFF": length(settings, "WEB_ARCHIVE_BACKOFF"),
        "DOWNLOAD_TIMEOUT": max(length(settings, "WEB_ARCHIVE_TIMEOUT"), settings.getfloat("DOWNLOAD_TIMEOUT")),
    }


def _url(settings: BaseSettings, name: str) -> str:
    """Read the address of a service: scheme, host and port."""
    given = str(settings[name] or "").strip().rstrip("/")
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or given != f"{parts.scheme}://{parts.netloc}" or parts.username or not given.isprintable():
        raise BadArgumentError(f"-s {name}={settings[name]}: write scheme and host, such as https://web.archive.org.")
    return f"{parts.scheme}://{parts.netloc.lower()}"
