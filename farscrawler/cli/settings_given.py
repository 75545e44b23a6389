"""What settings say of publishers, and the options that a printed command needs to do the same for its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import CommandSettings
from farscrawler.cli.project_file import read_project
from farscrawler.errors import PublisherError, UnknownPublisher
from farscrawler.locations import location_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.settings import Settings

#: Settings that decide what a crawl works on, with the option that gives each.
_OPTIONS = {"ARCHIVE": "--archive", "PUBLISHERS": ""}
_COMMAND_LINE = 40  # Scrapy's priority of -s


def catalogue_of(settings: CommandSettings | Settings) -> publishers.Catalogue:
    """Return the publishers. Raise PublisherError where the project file names one that there is not."""
    found = publishers.of(settings)
    for name in settings["PUBLISHER_SETTINGS"] or ():
        try:
            found.load(name)
        except UnknownPublisher as error:
            raise PublisherError(f"{read_project().place_of(name)}: [publisher.{name}]: {error}") from error
    return found


def options_again(settings: CommandSettings | Settings) -> list[str]:
    """Return what was given on the command line and is not in the reader's project file or variables."""
    words: list[str] = []
    for name, option in _OPTIONS.items():
        if _is_given(settings, name):
            value = location_of(settings[name]) if name == "ARCHIVE" else settings[name]  # without a password
            words += [option, str(value)] if option else ["-s", f"{name}={','.join(settings.getlist(name))}"]
    return words


def set_again(pairs: Iterable[str]) -> list[str]:
    """Return what was given with -s, for the crawls of a command; project file and variables they read themselves."""
    return [word for pair in pairs for word in ("-s", pair)]


def base_url_of(settings: CommandSettings | Settings, publisher: str) -> str:
    """Return the mirror or replica that a crawl of a publisher is sent to by the settings; an empty text for none."""
    own = settings["PUBLISHER_SETTINGS"].get(publisher, {}).get("BASE_URL")
    wins = _is_given(settings, "BASE_URL") or (
        isinstance(settings, CommandSettings) and "BASE_URL" in settings.project.variables
    )
    return str(settings["BASE_URL"] if own is None or wins else own)


def _is_given(settings: CommandSettings | Settings, name: str) -> bool:
    if isinstance(settings, CommandSettings):
        return settings.is_given(name)
    return settings.getpriority(name) == _COMMAND_LINE
