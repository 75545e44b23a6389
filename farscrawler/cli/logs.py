"""The log of a command that runs for as long as crawls do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from farscrawler.config import switch_of

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from farscrawler.cli.base import CommandSettings


def keep_log(settings: CommandSettings | Settings) -> None:
    """Let the lines of a command go where those of crawls go, unless LOG_ENABLED is off."""
    if settings["LOG_ENABLED"] is not None and switch_of(str(settings["LOG_ENABLED"])) is False:
        return
    logging.basicConfig(
        filename=settings["LOG_FILE"] or None,
        level=settings["LOG_LEVEL"],
        format="%(asctime)s %(levelname)s: %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
        force=True,
    )
