"""`farscrawler schema`: the JSON Schema of an exported article."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from farscrawler.items import json_schema

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """The schema command."""

    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Print the JSON Schema of an exported article"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.usage = "farscrawler schema"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print it."""
        print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
