"""What the commands that are given one page share: reading it from a file, or fetching it as politely as a crawl."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import CommandSettings, LightCommand
from farscrawler.cli.interrupts import watched
from farscrawler.cli.output import say
from farscrawler.config import check_headers
from farscrawler.errors import BadArgumentError, Exit
from farscrawler.networks import PrivateHosts

if TYPE_CHECKING:
    from scrapy.settings import Settings

_HTTP_OK = 200


class PageCommand(LightCommand):
    """A command about one page, saved or fetched; only a fetch loads Scrapy."""

    def page_of(self, place: str) -> tuple[bytes, str | None] | None:
        """Return the page of an address, with the one it came from, or of a file; None where it is said why not."""
        return self._fetched(place) if "://" in place else self.saved(place)

    def saved(self, place: str) -> tuple[bytes, str | None] | None:
        """Return the page of a file; None where it is said why not."""
        from farscrawler.saved.folders import NoPageError, page_in

        try:
            return page_in(Path(place)), None
        except NoPageError as error:
            self.fail(str(error), Exit.BAD_ARGUMENTS)
        except OSError as error:
            self.fail(f"{place} cannot be read ({error.strerror}).", Exit.BAD_ARGUMENTS)
        return None

    def _fetched(self, url: str) -> tuple[bytes, str | None] | None:
        if not url.startswith(("http://", "https://")):
            self.fail(f"{url} is no address of a page; it begins with http:// or https://.", Exit.BAD_ARGUMENTS)
            return None
        from scrapy.crawler import AsyncCrawlerProcess

        from farscrawler.spiders.site_client import OnePageSpider

        settings = self._crawl_settings()
        try:
            PrivateHosts.read(settings.getlist("PRIVATE_HOSTS"))
            check_headers(settings)
        except BadArgumentError as error:
            self.fail(str(error), Exit.BAD_ARGUMENTS)
            return None
        if any(not one.verify_certificates for one in publishers.of(settings).of_url(url)):
            settings.set("DOWNLOAD_VERIFY_CERTIFICATES", False, priority="project")
        process = AsyncCrawlerProcess(settings)
        crawler = process.create_crawler(OnePageSpider)
        process.crawl(crawler, url=url)
        with watched(process):
            process.start()
        spider = crawler.spider
        assert isinstance(spider, OnePageSpider)  # noqa: S101  # made above
        if spider.response is None:
            self.fail(f"{url}: no page came ({spider.problem or 'interrupted'}).", Exit.BROKE)
            return None
        if spider.response.status != _HTTP_OK:
            said = f"{url} answers HTTP {spider.response.status}; its page is read anyway."
            say(said)
        return spider.response.body, spider.response.url

    def _crawl_settings(self) -> Settings:
        """Return the settings of the one request: its log says what went wrong, unless the user asks for more."""
        from scrapy.settings import SETTINGS_PRIORITIES

        settings = self.settings.for_scrapy() if isinstance(self.settings, CommandSettings) else self.settings
        if settings.getpriority("LOG_LEVEL") != SETTINGS_PRIORITIES["cmdline"]:
            settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
        return settings
