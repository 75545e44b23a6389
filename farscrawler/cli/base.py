"""PageCommand: what the commands that are given one page share. Outside commands/, where each class is a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from farscrawler import publishers
from farscrawler.archive import Archive, ArchiveError
from farscrawler.errors import BadArgumentError, Exit
from farscrawler.spiders.onepage import OnePageSpider

if TYPE_CHECKING:
    import argparse


# Text from a page on a terminal: never an order to it.
#: C0 and C1 control characters; a page's text may hold them, and a terminal would obey them.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


def harmless(text: str) -> str:
    """Give a text whose control characters are shown as U+FFFD; tabs and line ends stay."""
    return text.translate(_CONTROLS)


def stop_writing() -> None:
    """Let what is still written go nowhere: the reader, such as head, has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
            print(f"farscrawler: {said}", file=sys.stderr)  # a command speaks
        return spider.response.body, spider.response.url

    def fail(self, sentence: str, code: Exit) -> None:
        """Say what is wrong, and end with a code."""
        print(f"farscrawler: {harmless(sentence)}", file=sys.stderr)  # a command speaks
        self.exitcode = int(code)


# ArchiveCommand: what the commands that read an archive share. Outside commands/, where each class is a command.
class ArchiveCommand(ScrapyCommand):
    """A command that opens the archive (-s ARCHIVE=FILE) to read it, and says in a sentence why it cannot."""

    requires_crawler_process = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add Scrapy's options, and say how the command is called."""
        super().add_options(parser)
        name = type(self).__module__.rpartition(".")[2]
        parser.usage = f"farscrawler {name} {self.syntax()}".rstrip()

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the arguments before the archive is opened.

        Raises UsageError, BadArgumentError or PublisherError.
        """

    def read(self, archive: Archive) -> None:
        """Do the command's work with the open archive; it is closed afterwards."""
        raise NotImplementedError

    def exit_code_of(self, _: ArchiveError) -> Exit:
        """Tell with which code to end when the archive cannot be read."""
        return Exit.BAD_ARGUMENTS

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Prepare, open, read; every foreseen problem is a sentence and an exit code."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        try:
            self.prepare(args, opts)
            with Archive(self.settings["ARCHIVE"], readonly=True) as archive:
                self.read(archive)
            sys.stdout.flush()
        except ArchiveError as error:
            self.fail(str(error), self.exit_code_of(error))
        except (publishers.PublisherError, BadArgumentError) as error:
            self.fail(str(error.args[0]), Exit.BAD_ARGUMENTS)
        except BrokenPipeError:  # here too, for `scrapy show` inside a checkout
            stop_writing()

    def fail(self, sentence: str, code: Exit) -> None:
        """Say what is wrong, and end with a code."""
        print(f"farscrawler: {sentence}", file=sys.stderr)  # a command speaks
        self.exitcode = int(code)
