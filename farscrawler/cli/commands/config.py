"""`farscrawler config`: the settings that are in force in this folder, and where each is from."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from farscrawler.cli.base import CommandSettings, LightCommand, UsageError
from farscrawler.cli.cells import hanging
from farscrawler.cli.columns import Column, fitted, joined
from farscrawler.cli.given import own_settings
from farscrawler.cli.output import columns_of, out, out_cells, out_json, out_ready, prints_letters, say, terminal
from farscrawler.cli.project_file import FILE_NAME, KEYS, read_project
from farscrawler.cli.settings_given import catalogue_of
from farscrawler.errors import BadArgumentError, Exit
from farscrawler.files import write_whole
from farscrawler.locations import location_of
from farscrawler.printing import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from farscrawler.cli.project_file import Project

_DEFAULT = "default"
#: A new project file: all that it says is commented out but the archive, so that it changes nothing.
TEMPLATE = """\
# farscrawler.toml: settings of the crawls in this folder and the folders in it. Every command obeys this file;
# variables (FARSCRAWLER_ARCHIVE=…) and options win over it. `farscrawler config` shows what is in force. Paths are
# relative to this file.

# The archive that crawls write and all other commands read.
archive = "archive.db"

# An address at which a site's operator can reach you; it is sent with every request.
# contact = "mailto:you@example.org"

# A folder of stanzas of your own sites (docs/adding-a-publisher.md), or a list of folders.
# publishers = "publishers"

# A mirror or a replica (`farscrawler newsroom`) that is asked instead of every site.
# base_url = "http://127.0.0.1:8000"

[settings]
# Any setting by its name (docs/settings.md).
# DOWNLOAD_DELAY = 2.0

# [publisher.farsonline]
# Settings of one publisher; base_url may stand here too.
# DOWNLOAD_DELAY = 5.0
"""


class Command(LightCommand):
    """The config command."""

    def syntax(self) -> str:
        return "[options] [NAME ...]"

    def long_desc(self) -> str:
        return (
            f"Show the settings that are in force in this folder, and where each is from: {FILE_NAME} here or in a "
            "parent folder, a variable FARSCRAWLER_NAME, the command line, or the default. Without names: those that "
            f"a project file has keys for, and all that are no defaults. --init writes a {FILE_NAME} with comments. "
            "Exit codes: 0 shown or written; 1 the file is there already; 2 the file, a variable or a name is wrong."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--init", action="store_true", help=f"write {FILE_NAME} into the working folder")
        parser.add_argument("--all", action="store_true", help="show all settings of farscrawler")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Show the settings, or write the file."""
        if opts.init:
            if args or opts.all or opts.json:
                raise UsageError("--init takes nothing else")
            return self._write(Path(FILE_NAME))
        project = self.settings.project if isinstance(self.settings, CommandSettings) else read_project()
        catalogue_of(self.settings)
        rows = list(self._rows(project, {pair.partition("=")[0] for pair in opts.set}))
        names = {row.name for row in rows}
        if unknown := [name for name in args if name not in names]:
            raise BadArgumentError(f"there is no setting {unknown[0]}; `farscrawler config --all` lists them.")
        chosen = [
            row
            for row in rows
            if (row.name in args if args else opts.all or row.place != _DEFAULT or row.name in KEYS.values())
        ]
        _show(chosen, as_json=opts.json)
        if project.path is None and terminal() is not None:
            say(f"there is no {FILE_NAME} here or above; `farscrawler config --init` writes one.")
        return None

    def _rows(self, project: Project, given: set[str]) -> Iterator[_Row]:
        """Yield the settings by name, then those of single publishers."""
        said = project.settings()
        for name in sorted({*own_settings(), *said, *given} - {"PUBLISHER_SETTINGS"}):  # shown publisher by publisher
            place = "command line" if name in given else said[name].place if name in said else _DEFAULT
            value = self.settings[name]
            # A password is shown to nobody.
            yield _Row(name, None, str(location_of(value)) if name == "ARCHIVE" else value, place)
        for publisher, own in project.publishers.items():
            for name, one in own.items():
                yield _Row(name, publisher, one.value, one.place)

    def _write(self, path: Path) -> None:
        if os.path.lexists(path):
            return self.fail(f"{path} is there already, and was left as it is.", Exit.BROKE)
        write_whole(path, TEMPLATE)
        out(f"{path.absolute()} is written; every command in this folder obeys it.")
        return None


class _Row(NamedTuple):
    """A setting with its value and the place that gives it; ``publisher`` is None for what holds for all."""

    name: str
    publisher: str | None
    value: object
    place: str

    def cells(self) -> tuple[str, ...]:
        """Return name, value and place as printable texts."""
        name = self.name if self.publisher is None else f"{self.publisher}.{self.name}"
        value = self.value if isinstance(self.value, str) else repr(self.value)
        return tuple(map(printable, (name, value, self.place)))


def _show(rows: list[_Row], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            out_json({"setting": row.name, "publisher": row.publisher, "value": row.value, "from": row.place})
    elif (width := columns_of(sys.stdout)) is not None:
        for line in _screen_lines([row.cells() for row in rows], width):
            out_ready(line)
    else:
        for row in rows:
            out_cells(row.cells())


def _screen_lines(rows: list[tuple[str, ...]], width: int) -> Iterator[str]:
    """Yield the rows for a terminal: a table where it has room for it, else the place of each below it."""
    columns = [Column(name, rank) for rank, name in enumerate(("setting", "value", "from"))]
    letters = prints_letters()
    table = fitted(columns, rows, width, letters=letters)
    if not table.left_out:
        yield from ("".join(joined(line, letters=letters)) for line in table.lines)
        return
    for name, value, place in rows:
        yield from hanging(f"{name} = ", value, width)
        yield from hanging("    ", place, width)
