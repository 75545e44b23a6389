"""`farscrawler settings`: Scrapy's command of this name, which prints no password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.settings import Command as ScrapySettingsCommand

from farscrawler.cli.base import add_archive
from farscrawler.cli.given import check_given
from farscrawler.locations import Server, location_of

if TYPE_CHECKING:
    import argparse


class Command(ScrapySettingsCommand):
    """The settings command."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        add_archive(parser, self.settings["ARCHIVE"])

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        check_given(opts)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a setting; the address of a database without its password."""
        assert self.settings is not None  # noqa: S101  # set by scrapy.cmdline
        location = location_of(self.settings["ARCHIVE"])
        if isinstance(location, Server):
            self.settings.set("ARCHIVE", str(location), priority="cmdline")
        super().run(args, opts)
