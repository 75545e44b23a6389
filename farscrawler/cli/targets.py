"""The files that a command writes, named by its options: none may be another one's, nor the archive's.

Looked at before anything is opened: Scrapy writes its process id and its log before a crawl begins.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from farscrawler.cli.output import say
from farscrawler.errors import Exit, worst
from farscrawler.files import is_device, keys_of, unwritable
from farscrawler.locations import location_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

#: The options of commands that name a file to be written, each with the attribute that holds it.
_OPTIONS = {"--logfile": "logfile", "--pidfile": "pidfile", "--profile": "profile", "--metrics": "metrics"}
_OPTIONS |= {"--html": "html", "--port-file": "port_file", "--page": "page", "--output": "stanza_file"}
_EXPORTS = {"-o": "output", "-O": "overwrite_output"}


@dataclass(frozen=True, slots=True)
class Target:
    """A file that an option names; an ``export`` is looked at by the run itself, which knows what the file holds."""

    option: str
    path: Path
    export: bool = False

    @property
    def named(self) -> str:
        """The option with its file, as sentences name it."""
        return f"{self.option} {self.path}" if self.option.startswith("-") else f"-s {self.option}={self.path}"


def targets_of(opts: argparse.Namespace, given: dict[str, str]) -> Iterator[Target]:
    """Yield the files that the options of a command name, ``given`` being its settings (-s)."""
    for option, name in _OPTIONS.items():
        if path := getattr(opts, name, None):
            yield Target(option, Path(path))
    if given.get("LOG_FILE") and not opts.logfile:
        yield Target("LOG_FILE", Path(given["LOG_FILE"]))
    for option, name in _EXPORTS.items():
        for word in getattr(opts, name, None) or ():
            if (path := _path_of_export(word)) is not None:
                yield Target(option, path, export=True)


def _path_of_export(word: str) -> Path | None:
    """Return the path in FILE, FILE:FORMAT or a file: address; None for standard output."""
    if word.startswith("-:"):
        return None
    name, colon, form = word.rpartition(":")
    if colon and form.removesuffix(".gz").replace("-", "").isalnum():
        word = name
    parts = urlsplit(word)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(word) if not parts.scheme or len(parts.scheme) == 1 else None


def problems_of(targets: Iterable[Target], archive: str) -> list[str]:
    """Return a sentence for each file that cannot be written, or would be written over another one."""
    from farscrawler.archive.places import is_database, refusal  # loads SQLite, which most commands do not need

    found: list[str] = []
    seen: dict[object, Target] = {}
    for target in targets:
        if is_device(target.path):  # /dev/null or a terminal may be named by any number of options
            continue
        keys = keys_of(target.path)
        other = next((seen[key] for key in keys if key in seen), None)
        seen |= dict.fromkeys(keys, target)
        if other is not None:
            found.append(f"{target.named}: {other.named} is the same file; each needs one of its own.")
        elif target.export:
            continue
        elif why := refusal(target.path, location_of(archive)):
            found.append(f"{target.named} {why}; name another file.")
        elif is_database(target.path):
            found.append(f"{target.named} is an SQLite file, and was left untouched; name another file.")
        elif why := unwritable(target.path):
            found.append(f"{target.named} {why}.")
    return found


@contextlib.contextmanager
def obeyed(opts: argparse.Namespace) -> Iterator[None]:
    """Let Scrapy obey its options; raise SystemExit (1), after a sentence, where the disk is full for --pidfile."""
    try:
        yield
    except OSError as error:
        say(f"--pidfile {opts.pidfile} cannot be written ({error.strerror}).")
        raise SystemExit(int(Exit.BROKE)) from error


class LogWatch:
    """Looks after the log files of the process: one that cannot be written any more is told of once.

    Python would print a traceback for each line, and go on as if nothing were wrong.
    """

    def __init__(self) -> None:
        self.problem: str | None = None

        def failed(handler: logging.FileHandler, _: logging.LogRecord) -> None:
            if self.problem is None:
                self.problem = f"the log {handler.baseFilename} cannot be written ({sys.exc_info()[1]})."
                say(self.problem)

        # In the class, since Scrapy makes the handler anew for each crawl.
        setattr(logging.FileHandler, "handleError", failed)  # noqa: B010  # a method, replaced in this process alone

    def worsened(self, code: int) -> int:
        """Return an exit code; that of a failure where a log could not be written."""
        return int(worst((Exit(code), Exit.BROKE))) if self.problem is not None else code


def problems_given(opts: argparse.Namespace, default_archive: str, *, rename: Callable[[str], str] = str) -> list[str]:
    """Return what is wrong with the files that options name; ``rename`` puts a publisher's name into them."""
    given = dict(pair.split("=", 1) for pair in opts.set if "=" in pair)
    targets = [Target(one.option, Path(rename(str(one.path))), one.export) for one in targets_of(opts, given)]
    return problems_of(targets, given.get("ARCHIVE", default_archive)) if targets else []


def check_targets(opts: argparse.Namespace, default_archive: str) -> None:
    """Raise SystemExit (2), after a sentence for each file, where one may not be written."""
    if problems := problems_given(opts, default_archive):
        for problem in problems:
            say(problem)
        raise SystemExit(int(Exit.BAD_ARGUMENTS))
