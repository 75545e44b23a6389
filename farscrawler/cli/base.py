"""Commands that do not load Scrapy, which takes longer than most of them run.

A `LightCommand` has the methods of a `ScrapyCommand` and none of its imports. `farscrawler` runs it by `run_light`;
`scrapy COMMAND` inside a checkout finds it among Scrapy's commands, since `adopt` has made it one of them.
"""

from __future__ import annotations

import argparse
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, cast

from farscrawler.cli import DESCRIPTIONS
from farscrawler.cli.given import check_given, check_words
from farscrawler.cli.output import finish_writing, say, say_warnings
from farscrawler.cli.project_file import Project, obey, project_for
from farscrawler.cli.targets import check_targets, obeyed
from farscrawler.errors import DamagedArchiveError, Exit, FarscrawlerError, ServerAwayError
from farscrawler.interrupts import watch_from_aside
from farscrawler.locations import location_of
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scrapy.settings import Settings

    from farscrawler.archive import Archive

#: Options of every command; of those that are given, all but -s need Scrapy to obey them.
_SCRAPYS_OWN = ("logfile", "loglevel", "nolog", "profile", "pidfile", "pdb")


class UsageError(Exception):
    """The command was called wrongly; ``print_help`` says whether its help is of use then."""

    def __init__(self, message: str, *, print_help: bool = True) -> None:
        super().__init__(message)
        self.print_help = print_help


class CommandSettings:
    """The settings of a command that runs without Scrapy: those of this project, and -s over them."""

    def __init__(self) -> None:
        from farscrawler import settings  # a module of its own name beside this class

        self._defaults = {name: value for name, value in vars(settings).items() if name.isupper()}
        self.project = Project()
        self._given: dict[str, str] = {}

    def obey(self, project: Project) -> None:
        """Take what the project file and the variables say."""
        self.project = project
        self._defaults |= {name: one.value for name, one in project.settings().items()}

    def __getitem__(self, name: str) -> Any:
        return self._given.get(name, self._defaults.get(name))

    def is_given(self, name: str) -> bool:
        """Whether a setting was given on the command line."""
        return name in self._given

    def getlist(self, name: str) -> list[Any]:
        """Return a setting that is a list, written with commas or as one."""
        value = self[name] or []
        return value.split(",") if isinstance(value, str) else list(value)

    def give(self, pairs: Iterable[str]) -> None:
        """Take what was given with -s. Raise UsageError for what is no NAME=VALUE."""
        for pair in pairs:
            name, equals, value = pair.partition("=")
            if not equals:
                raise UsageError("Invalid -s value, use -s NAME=VALUE", print_help=False)
            self._given[name] = value

    def for_scrapy(self) -> Settings:
        """Return the same as Scrapy's settings."""
        from scrapy.utils.project import get_project_settings

        found = get_project_settings()
        obey(found, self.project)
        found.setdict(self._given, priority="cmdline")
        return found


class LightCommand:
    """A command that does not load Scrapy; it says in a sentence why it cannot do what was asked."""

    requires_project: ClassVar[bool] = False
    requires_crawler_process: ClassVar[bool] = False
    default_settings: ClassVar[dict[str, Any]] = {}
    exitcode = 0
    settings: CommandSettings | Settings

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return ""

    def short_desc(self) -> str:
        """Return the line of the list of commands."""
        return DESCRIPTIONS[name_of(self)]

    def long_desc(self) -> str:
        """Return the paragraph of the command's help."""
        return self.short_desc()

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that every command of Scrapy has, and say how the command is called."""
        parser.usage = f"farscrawler {name_of(self)} {self.syntax()}".rstrip()
        speak_plainly(parser)
        group = parser.add_argument_group(title="Global Options")
        group.add_argument("--logfile", metavar="FILE", help="log file. if omitted stderr will be used")
        level = self.settings["LOG_LEVEL"]
        group.add_argument("-L", "--loglevel", metavar="LEVEL", help=f"log level (default: {level})")
        group.add_argument("--nolog", action="store_true", help="disable logging completely")
        group.add_argument("--profile", metavar="FILE", help="write python cProfile stats to FILE")
        group.add_argument("--pidfile", metavar="FILE", help="write process ID to FILE")
        group.add_argument(
            "-s",
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="set/override setting (may be repeated)",
        )
        group.add_argument("--pdb", action="store_true", help="enable pdb on failure (uses ipdb if installed)")
        add_archive(parser, self.settings["ARCHIVE"])
        self._parser = parser

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do with the options what Scrapy does with those of its commands; only Scrapy calls this."""
        from scrapy.commands import ScrapyCommand

        check_words(self._parser, args, name_of(self))
        check_given(opts)
        check_targets(opts, self.settings["ARCHIVE"])
        with obeyed(opts):
            ScrapyCommand.process_options(cast("ScrapyCommand", self), args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the command's work for Scrapy, in whose words the caller is told of wrong usage."""
        from scrapy import exceptions

        try:
            self.attempt(args, opts)
        except UsageError as error:
            raise exceptions.UsageError(str(error), print_help=error.print_help) from error

    def attempt(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the command's work; every foreseen problem becomes a sentence and an exit code. Raise UsageError."""
        with finish_writing():
            try:
                self.execute(args, opts)
            except FarscrawlerError as error:
                self.fail(str(error), self.exit_code_of(error))

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the command's work. Raise UsageError, or another error that a user can mend."""
        raise NotImplementedError

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return the code to end with where an error kept the command from its work."""
        return Exit.BROKE if isinstance(error, (DamagedArchiveError, ServerAwayError)) else Exit.BAD_ARGUMENTS

    def fail(self, sentence: str, code: Exit) -> None:
        """Say what is wrong, and end with a code."""
        say(sentence)
        self.exitcode = int(code)


@contextmanager
def damage_told(archive: Archive) -> Iterator[None]:
    """Raise DamagedArchiveError in place of an error that a damaged archive explains."""
    try:
        yield
    except (FarscrawlerError, OSError):
        raise
    except Exception as error:
        # A flipped bit may make any value of any other: the archive is looked at before we take the blame.
        from farscrawler.archive.audit.checks import raise_if_damaged

        raise_if_damaged(archive, error)
        raise


class ArchiveCommand(LightCommand):
    """A command that opens the archive (--archive FILE) to read it."""

    def prepare(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the arguments before the archive is opened. Raise UsageError, BadArgumentError or PublisherError."""

    def read(self, archive: Archive) -> None:
        """Do the command's work with the open archive; it is closed afterwards."""
        raise NotImplementedError

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Prepare, open, read."""
        from farscrawler.archive import Archive

        self.prepare(args, opts)
        with Archive(self.settings["ARCHIVE"], readonly=True) as archive, damage_told(archive):
            self.read(archive)


def run_light(command: LightCommand, words: Sequence[str]) -> bool:
    """Run a command with its words, and set its exit code; False where its options need Scrapy to obey them.

    Raise SystemExit for wrong usage, after the command's help, as Scrapy does.
    """
    command.settings = CommandSettings()
    command.settings.obey(project_for(words))
    parser = _Parser(formatter_class=HelpFormatter, conflict_handler="resolve", description=command.long_desc())
    command.add_options(parser)
    opts, args = parser.parse_known_args(words)
    if any(getattr(opts, name) for name in _SCRAPYS_OWN):
        return False
    check_words(parser, args, name_of(command))
    check_given(opts)
    say_warnings()
    watch_from_aside()
    check_targets(opts, command.settings["ARCHIVE"])
    try:
        command.settings.give(opts.set)
        command.attempt(args, opts)
    except UsageError as error:
        if str(error):
            parser.error(str(error))
        if error.print_help:
            parser.print_help()
        command.exitcode = int(Exit.BAD_ARGUMENTS)
    return True


def add_archive(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the option that names the archive, which every command has."""
    shown = location_of(default)
    parser.add_argument("--archive", metavar="FILE", help=f"the archive, as -s ARCHIVE=FILE (default: {shown})")


def speak_plainly(parser: argparse.ArgumentParser) -> None:
    """Let a parser, Scrapy's own too, say what is wrong with an argument in printable letters."""

    def error(message: str) -> NoReturn:
        argparse.ArgumentParser.error(parser, printable(message))

    vars(parser)["error"] = error


def adopt() -> None:
    """Make light commands some of Scrapy's: it looks for subclasses of its own."""
    from scrapy.commands import ScrapyCommand

    ScrapyCommand.register(LightCommand)


def name_of(command: object) -> str:
    """Return the name of a command as it is typed: that of its module, with hyphens."""
    return type(command).__module__.rpartition(".")[2].replace("_", "-")


class _Parser(argparse.ArgumentParser):
    """Takes `-o -:jsonl` as Scrapy's does: `-:jsonl` is the value of -o."""

    def _parse_optional(self, arg_string: str) -> Any:
        return None if arg_string.startswith("-:") else super()._parse_optional(arg_string)


class HelpFormatter(argparse.HelpFormatter):
    """Shows help in Scrapy's way: headings in title case, underlined."""

    def _join_parts(self, part_strings: Iterable[str]) -> str:
        parts: list[str] = []
        for part in part_strings:
            text = part
            if not parts and text.startswith("usage: "):
                usage = " ".join(text.removeprefix("usage: ").split())
                wrapper = textwrap.TextWrapper(self._width, initial_indent="  ", subsequent_indent="      ")
                wrapper.break_on_hyphens = wrapper.break_long_words = False
                text = "\n".join(["Usage", "=====", *wrapper.wrap(usage), "", ""])
            # A heading follows an empty line; the text of an option may end with a colon too.
            if text.endswith(":\n") and parts and parts[-1] == "\n":
                line = "-" if "Global Options" in text else "="
                text = text.removesuffix(":\n").title()
                text += f"\n{line * len(text)}\n"
            parts.append(text)
        return super()._join_parts(parts)
