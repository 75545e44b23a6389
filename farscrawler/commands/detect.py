"""`farscrawler detect`: which content system a page comes from, and a stanza to begin with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError

from farscrawler import publishers
from farscrawler.commands.terminal import harmless
from farscrawler.extensions.exitcodes import Exit
from farscrawler.families.detect import detect_in
from farscrawler.families.draft import draft, own_address
from farscrawler.parsing.css import Index
from farscrawler.parsing.document import parse
from farscrawler.parsing.encoding import decode
from farscrawler.spiders.onepage import OnePageSpider

if TYPE_CHECKING:
    import argparse


_HTTP_OK = 200


class Command(ScrapyCommand):
    """The detect command."""

    requires_crawler_process = False  # only an address needs one

    def syntax(self) -> str:
        return "URL-or-FILE"

    def short_desc(self) -> str:
        return "Tell the content system of a page, and give a stanza for its site"

    def long_desc(self) -> str:
        return (
            "Tell from which family of content systems a page comes, which marks of it the page bears, and print a "
            "stanza for its site that is ready to be put into a folder of publishers. An address is fetched once, as "
            "politely as in a crawl; a file is read without the network. Exit codes: 0 a family was found; 1 none was, "
            "or no page came; 2 bad arguments."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.usage = f"farscrawler detect {self.syntax()}"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if not opts.loglevel and self.settings is not None:
            self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch or read, and tell."""
        if len(args) != 1:
            raise UsageError("name one page: an article's address, or a file that it was saved to")
        (place,) = args
        found = self._fetched(place) if "://" in place else self._saved(place)
        if found is not None:
            self._tell(place, *found)

    def _saved(self, place: str) -> tuple[bytes, str | None] | None:
        try:
            return Path(place).read_bytes(), None
        except OSError as error:
            self._fail(f"{place} cannot be read ({error.strerror}).", Exit.BAD_ARGUMENTS)
            return None

    def _fetched(self, url: str) -> tuple[bytes, str | None] | None:
        if not url.startswith(("http://", "https://")):
            self._fail(f"{url} is no address of a page; it begins with http:// or https://.", Exit.BAD_ARGUMENTS)
            return None
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        process = AsyncCrawlerProcess(self.settings)
        crawler = process.create_crawler(OnePageSpider)
        process.crawl(crawler, url=url)
        process.start()
        spider = crawler.spider
        assert isinstance(spider, OnePageSpider)  # noqa: S101  # made above
        if spider.response is None:
            self._fail(f"{url}: no page came ({spider.problem or 'interrupted'}).", Exit.BROKE)
            return None
        if spider.response.status != _HTTP_OK:
            print(
                f"farscrawler: {url} answers HTTP {spider.response.status}; its page is read anyway.", file=sys.stderr
            )
        return spider.response.body, spider.response.url

    def _tell(self, place: str, body: bytes, url: str | None) -> None:
        text = decode(body).text
        root, _ = parse(text.encode("utf-8", "replace"))
        if root is None:
            self._fail(f"{place} holds no page.", Exit.BROKE)
            return
        index = Index(root)
        url = url or own_address(index)
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        try:
            known = publishers.of(self.settings).of_url(url) if url else []
        except publishers.PublisherError as error:
            self._fail(str(error.args[0]), Exit.BAD_ARGUMENTS)
            return
        for one in known:
            print(f"publisher: {one.key} ({one.name}), of the family {one.family}")
        found = detect_in(index, text)
        if found is None:
            self._fail(f"{place}: the page bears the marks of no family that is known.", Exit.BROKE)
            return
        print(f"family: {found.family}")
        for mark in found.matched:
            print(f"matched: {mark}")
        if url is None:
            print("# The page does not say its address, so hosts have to be filled in.")
        print(f"\n# {found.family}.toml")
        print(harmless(draft(url or "https://www.example.ir/", index)), end="")

    def _fail(self, sentence: str, code: Exit) -> None:
        print(f"farscrawler: {harmless(sentence)}", file=sys.stderr)
        self.exitcode = int(code)
