"""What the commands that are given one page share: reading it from a file, or fetching it as politely as a crawl."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from farscrawler import publishers
from farscrawler.cli.base import CommandSettings, LightCommand
from farscrawler.cli.output import say
from farscrawler.config import check_headers
from farscrawler.errors import BadArgumentError, Exit
from farscrawler.interrupts import watched
from farscrawler.networks import PrivateHosts, host_and_port

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from farscrawler.spiders.site_client import OnePageSpider

_Spider = TypeVar("_Spider", bound="OnePageSpider")
_HTTP_OK = 200
#: Retries of a page that a person waits for, unless settings say otherwise: a crawl outlasts half a minute of trouble.
_RETRIES = 1


class PageCommand(LightCommand):
    """A command about one page, saved or fetched; only a fetch loads Scrapy."""

    def page_of(self, place: str) -> tuple[bytes, str | None] | None:
        """Return the page of an address, with the one it came from, or of a file; None where it is said why not."""
        return self._fetched(place) if "://" in place else self.saved(place)

    def saved(self, place: str) -> tuple[bytes, str | None] | None:
        """Return the page of a file, ``-`` being standard input; None where it is said why not."""
        from farscrawler.saved.folders import NoPageError, page_in

        try:
            return page_in(Path("/dev/stdin" if place == "-" else place)), None
        except NoPageError as error:
            self.fail(str(error), Exit.BAD_ARGUMENTS)
        except OSError as error:
            self.fail(f"{place} cannot be read ({error.strerror}).", Exit.BAD_ARGUMENTS)
        return None

    def _fetched(self, url: str) -> tuple[bytes, str | None] | None:
        if not self.is_address(url):
            return None
        from farscrawler.spiders.site_client import OnePageSpider

        spider = self.crawled(url, OnePageSpider, url=url)
        if spider is None:
            return None
        if spider.response is None:
            self.no_page(url, spider.problem)
            return None
        self.note_status(url, spider.response.status)
        return spider.response.body, spider.response.url

    def is_address(self, url: str) -> bool:
        """Whether this is the address of a page; it is said where it is none."""
        if url.startswith(("http://", "https://")) and host_and_port(url) is not None:
            return True
        self.fail(
            f"{url} is no address of a page; it begins with http:// or https:// and the name of a host.",
            Exit.BAD_ARGUMENTS,
        )
        return False

    def no_page(self, url: str, problem: str | None) -> None:
        """Say that no page came."""
        self.fail(f"{url}: no page came ({problem or 'interrupted'}).", Exit.BROKE)

    def note_status(self, url: str, status: int) -> None:
        """Say that a page is read whose status is that of an error."""
        if status != _HTTP_OK:
            said = f"{url} answers HTTP {status}; its page is read anyway."
            say(said)

    def crawled(self, page_url: str, spider_class: type[_Spider], **given: Any) -> _Spider | None:
        """Run a spider that was made with ``given`` for a page, and return it; None where it is said why not."""
        from scrapy.crawler import AsyncCrawlerProcess

        settings = self._crawl_settings()
        try:
            PrivateHosts.read(settings.getlist("PRIVATE_HOSTS"))
            check_headers(settings)
        except BadArgumentError as error:
            self.fail(str(error), Exit.BAD_ARGUMENTS)
            return None
        if any(not one.verify_certificates for one in publishers.of(settings).of_url(page_url)):
            settings.set("DOWNLOAD_VERIFY_CERTIFICATES", False, priority="project")
        process = AsyncCrawlerProcess(settings)
        crawler = process.create_crawler(spider_class)
        process.crawl(crawler, **given)
        with watched(process):
            process.start()
        spider = crawler.spider
        assert isinstance(spider, spider_class)  # noqa: S101  # made above
        return spider

    def _crawl_settings(self) -> Settings:
        """Return the settings of the one request: its log says what went wrong, unless the user asks for more."""
        from scrapy.settings import SETTINGS_PRIORITIES

        from farscrawler.settings import RETRY_TIMES

        settings = self.settings.for_scrapy() if isinstance(self.settings, CommandSettings) else self.settings
        if settings.getpriority("LOG_LEVEL") != SETTINGS_PRIORITIES["cmdline"]:
            settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
        is_given = settings.getpriority("RETRY_TIMES") == SETTINGS_PRIORITIES["cmdline"]
        if not is_given and settings["RETRY_TIMES"] == RETRY_TIMES:
            settings.set("RETRY_TIMES", _RETRIES, priority="cmdline")
        return settings
