"""The web archives by name, and the settings under which each is asked politely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from farscrawler.config import ORIGINS, length
from farscrawler.errors import BadArgumentError
from farscrawler.networks import origin_of
from farscrawler.webarchives.ccnews import FIRST_MONTH, CcNews
from farscrawler.webarchives.commoncrawl import CommonCrawl, parse_crawls
from farscrawler.webarchives.wayback import Wayback

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator

    from scrapy.settings import BaseSettings

    from farscrawler.days import DateRange
    from farscrawler.webarchives.capture import Answer, BadCapture, Capture, Content, Fetch, IndexPage, Refused


class Service(Protocol):
    """A web archive. Its addresses are those of the settings, so that a mirror or replica can stand in."""

    @property
    def url(self) -> str:
        """The address that names the service in messages."""

    @property
    def origins(self) -> frozenset[str]:
        """The only addresses, as scheme and host, that are requested."""

    def listing(
        self, fetch: Fetch, hosts: tuple[str, ...], since: dt.date | None
    ) -> AsyncIterator[IndexPage | Refused]:
        """Yield the captures of these hosts from a day on, a page of its index at a time. Raise IndexFailedError."""

    def request_for(self, capture: Capture) -> tuple[str, dict[str, str]]:
        """Return the address and the headers of a request for a capture."""

    def opened(self, capture: Capture, answer: Answer) -> Content | BadCapture:
        """Return the page in an answer, or why it holds none.

        BadCapture ``failed`` or ``blocked`` is the trouble of the service; ``missing`` or ``not-article`` says that the
        capture itself is no good.
        """


#: The web archive whose files are read from end to end, since it has no index.
CCNEWS = "ccnews"
#: The web archives, each with the setting of its delay.
DELAYS = {"wayback": "WAYBACK_DELAY", "commoncrawl": "COMMONCRAWL_DELAY", CCNEWS: "COMMONCRAWL_DELAY"}


def load(name: str, settings: BaseSettings) -> Service:
    """Return the service of this name. Raise BadArgumentError for a setting that cannot be used."""
    largest = settings.getint("DOWNLOAD_MAXSIZE")
    if name == "wayback":
        return Wayback(_url(settings, "WAYBACK_URL"), largest=largest)
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


#: Where a day begins first.
_FIRST_ZONE = "Pacific/Kiritimati"


def _check_days(days: DateRange | None) -> None:
    """Raise BadArgumentError for days of which CC-NEWS has no file."""
    if days is None:
        raise BadArgumentError(
            f"source={CCNEWS}: name days with since= and until=; a month of it has some 400 files of 1 GB."
        )
    if days.last < FIRST_MONTH:
        raise BadArgumentError(f"source={CCNEWS}: it begins in {FIRST_MONTH:%B %Y}, and these days are before that.")
    if days.lies_ahead(_FIRST_ZONE):
        raise BadArgumentError(f"source={CCNEWS}: these days are yet to come.")


def load_ccnews(settings: BaseSettings, days: DateRange | None) -> CcNews:
    """Return CC-NEWS as the settings name it. Raise BadArgumentError for a setting that cannot be used."""
    given = str(settings["CCNEWS"] or "").strip()
    local = Path(given) if given else None
    if local is not None and not local.exists():
        raise BadArgumentError(f"-s CCNEWS={given}: there is no such folder or list of files.")
    if local is None:
        _check_days(days)
    url = _url(settings, "COMMONCRAWL_DATA_URL")
    return CcNews(url=url, days=days, part_bytes=settings.getint("CCNEWS_PART_BYTES"), local=local)


def manners(name: str, settings: BaseSettings) -> dict[str, bool | float]:
    """Return the settings of a run that asks only a web archive. Raise BadArgumentError.

    robots.txt is for crawlers that follow links (RFC 9309). The site's file is not read, since the site is not asked;
    nor is the service's, since only interfaces are used that it documents for programs. These have limits of their
    own, which the delay keeps.
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
    """Return the address of a service: scheme, host and port. Raise BadArgumentError."""
    found = origin_of(str(settings[name] or ""))
    if found is None:
        raise BadArgumentError(f"-s {name}={settings[name]}: write scheme and host, such as {ORIGINS[name]}.")
    return found
