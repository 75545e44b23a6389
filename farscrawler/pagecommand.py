"""PageCommand: what the commands that are given one page share. Outside commands/, where each class is a command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from farscrawler.commands.terminal import harmless
from farscrawler.extensions.exitcodes import Exit
from farscrawler.parsing.css import Index
from farscrawler.parsing.document import parse
from farscrawler.parsing.encoding import decode
from farscrawler.spiders.onepage import OnePageSpider

if TYPE_CHECKING:
    import argparse

_HTTP_OK = 200


class PageCommand(ScrapyCommand):
    """A command about one page, saved or fetched as politely as in a crawl; it says in a sentence why it cannot."""

    requires_crawler_process = False  # only an address needs one

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Keep the log of the one request to what went wrong, unless the user asks for more."""
        super().process_options(args, opts)
        if not opts.loglevel and self.settings is not None:
            self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")

    def page_of(self, place: str) -> tuple[bytes, str | None] | None:
        """Return the page of an address, with the one it came from, or of a file; None where it is said why not."""
        return self._fetched(place) if "://" in place else self.saved(place)

    def saved(self, place: str) -> tuple[bytes, str | None] | None:
        """Return the page of a file, None where it is said why not."""
        try:
            return Path(place).read_bytes(), None
        except OSError as error:
            self.fail(f"{place} cannot be read ({error.strerror}).", Exit.BAD_ARGUMENTS)
            return None

    def _fetched(self, url: str) -> tuple[bytes, str | None] | None:
        if not url.startswith(("http://", "https://")):
            self.fail(f"{url} is no address of a page; it begins with http:// or https://.", Exit.BAD_ARGUMENTS)
            return None
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        process = AsyncCrawlerProcess(self.settings)
        crawler = process.create_crawler(OnePageSpider)
        process.crawl(crawler, url=url)
        process.start()
        spider = crawler.spider
        assert isinstance(spider, OnePageSpider)  # noqa: S101  # made above
        if spider.response is None:
            self.fail(f"{url}: no page came ({spider.problem or 'interrupted'}).", Exit.BROKE)
            return None
        if spider.response.status != _HTTP_OK:
            said = f"{url} answers HTTP {spider.response.status}; its page is read anyway."
            print(f"farscrawler: {said}", file=sys.stderr)  # noqa: T201  # a command speaks
        return spider.response.body, spider.response.url

    def fail(self, sentence: str, code: Exit) -> None:
        """Say what is wrong, and end with a code."""
        print(f"farscrawler: {harmless(sentence)}", file=sys.stderr)  # noqa: T201  # a command speaks
        self.exitcode = int(code)


def indexed(body: bytes) -> tuple[str, Index | None]:
    """Return a page as text and as an index of its elements, None where it holds none."""
    text = decode(body).text
    root, _ = parse(text.encode("utf-8", "replace"))
    return text, Index(root) if root is not None else None
