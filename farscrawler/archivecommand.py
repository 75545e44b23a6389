"""ArchiveCommand: what the commands that read an archive share. Outside commands/, where each class is a command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from farscrawler import publishers
from farscrawler.archive import Archive, ArchiveError
from farscrawler.commands.terminal import stop_writing
from farscrawler.discovery.errors import BadArgumentError
from farscrawler.extensions.exitcodes import Exit

if TYPE_CHECKING:
    import argparse


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
        print(f"farscrawler: {sentence}", file=sys.stderr)  # noqa: T201  # a command speaks
        self.exitcode = int(code)
