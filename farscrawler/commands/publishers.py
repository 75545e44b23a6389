"""`farscrawler publishers`: the sites that can be crawled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand

from farscrawler import publishers

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """The publishers command."""

    requires_crawler_process = False

    def short_desc(self) -> str:
        return "List the publishers that can be crawled"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.usage = "farscrawler publishers"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a table, or plain tab-separated lines where the output is no terminal."""
        console = Console()
        rows = [(p.key, p.hosts[0], p.family, ", ".join(p.forms), p.name) for p in publishers.all_publishers()]
        if not console.is_terminal:
            print("\n".join("\t".join(row) for row in rows))
            return
        table = Table("publisher", "host", "family", "forms", "name")
        for row in rows:
            table.add_row(*row)
        console.print(table)
