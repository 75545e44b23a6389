"""`farscrawler schema`: the JSON Schema of an exported article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.cli.base import LightCommand
from farscrawler.cli.output import out_json
from farscrawler.items import json_schema

if TYPE_CHECKING:
    import argparse


class Command(LightCommand):
    """The schema command."""

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print it."""
        out_json(json_schema(), indent=2)
