"""The console command `farscrawler`: this project's commands and Scrapy's, with this project's settings.

It works from any folder. Commands that only read do not load Scrapy.
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from farscrawler._version import __version__
from farscrawler.cli import CRAWLING, DESCRIPTIONS, INHERITED, OF_ALL_COMMANDS
from farscrawler.cli.output import finish_writing, out, prepare_streams, say
from farscrawler.errors import BadArgumentError, StaleZonesError
from farscrawler.interrupts import watch

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130


def main(argv: list[str] | None = None) -> None:
    """Run a command, such as `farscrawler crawl farsonline --latest 20 -O news.jsonl`."""
    prepare_streams()
    watch()
    words = in_order(sys.argv[1:] if argv is None else argv)
    try:
        with finish_writing():
            if not words or words[0] in ("-h", "--help", "help"):
                out(overview(), lines=True)
            elif words[0] in ("-V", "--version") or words == ["version"]:
                out(f"farscrawler {__version__}")
            else:
                _run(words)
    except KeyboardInterrupt:  # before the crawl has begun, and has its own way to end
        sys.exit(_INTERRUPTED)
    except BadArgumentError as error:  # in the project file or a variable
        say(str(error))
        sys.exit(2)
    except StaleZonesError as error:  # where the first module that knows a zone is loaded
        say(str(error))
        sys.exit(1)


def in_order(words: Sequence[str]) -> list[str]:
    """Return the words of a command line with the command first: `-s ARCHIVE=FILE show`, `help show`."""
    before: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in ("-h", "--help", "-V", "--version") and not before:
            break
        if not word.startswith("-"):
            after = list(rest)
            if word == "help" and after:
                return [after[0], *before, "-h"]
            return [word, *before, *after]
        before.append(word)
        if word in OF_ALL_COMMANDS:
            before += [value] if (value := next(rest, None)) is not None else []
    return list(words)


def _run(words: Sequence[str]) -> NoReturn:
    # Set outright: a scrapy.cfg or variable of another project in the working folder must not lead us astray.
    os.environ["SCRAPY_SETTINGS_MODULE"] = "farscrawler.settings"
    name = words[0].replace("_", "-")
    if name in DESCRIPTIONS and name not in CRAWLING:
        from importlib import import_module

        from farscrawler.cli.base import run_light

        command = import_module(f"farscrawler.cli.commands.{name.replace('-', '_')}").Command()
        if run_light(command, words[1:]):
            sys.exit(command.exitcode)
    elif not name.startswith("-") and name not in DESCRIPTIONS and name not in (known := commands_known()):
        from difflib import get_close_matches

        like = "".join(f" Did you mean {one}?" for one in get_close_matches(name, known, 1))
        say(f"there is no command '{words[0]}'.{like} `farscrawler` lists all.")
        sys.exit(2)
    if name == "crawl-all" and asks_for_processes(words):
        from farscrawler import forks

        forks.begin()  # it loads Scrapy for the children while this process loads it for itself
    from scrapy.cmdline import execute
    from scrapy.utils.project import get_project_settings

    from farscrawler.cli.base import adopt
    from farscrawler.cli.project_file import obey, project_for

    adopt()
    settings = get_project_settings()
    obey(settings, project_for(words))
    # Scrapy names a command after its module, and no module has a hyphen: crawl-all is crawl_all to it.
    command = words[0] if words[0].startswith("-") else words[0].replace("-", "_")
    if name in DESCRIPTIONS:  # Scrapy imports all modules of commands to find one: a tenth of the start of a crawl
        settings.set("COMMANDS_MODULE", f"{settings['COMMANDS_MODULE']}.{command}", priority="project")
    elif name in INHERITED:
        settings.set("COMMANDS_MODULE", f"farscrawler.cli.inherited.{name}", priority="project")
    execute(["farscrawler", command, *words[1:]], settings)
    sys.exit()  # never reached: Scrapy's command line ends the process itself


def asks_for_processes(words: Sequence[str]) -> bool:
    """Whether a command line has `--processes N` with more than one."""
    numbers = [after for word, after in pairwise(words) if word == "--processes"]
    numbers += [word.partition("=")[2] for word in words if word.startswith("--processes=")]
    return any(number.isdecimal() and int(number) > 1 for number in numbers)


def commands_known() -> list[str]:
    """Return the names of all commands as they are typed: ours, Scrapy's, and those of installed packages."""
    from importlib.metadata import entry_points
    from importlib.util import find_spec
    from pkgutil import iter_modules

    scrapy = find_spec("scrapy")  # found, not imported
    folders = [f"{folder}/commands" for folder in (scrapy.submodule_search_locations or ())] if scrapy else []
    names = {module.name for module in iter_modules(folders)} | set(DESCRIPTIONS)
    names |= {point.name for point in entry_points(group="scrapy.commands")}
    return sorted(name.replace("_", "-") for name in names)


def overview() -> str:
    """Return the list of our commands."""
    return "\n".join(
        (
            f"farscrawler {__version__}: Persian news, crawled and kept",
            "",
            "Usage: farscrawler COMMAND [options]",
            "",
            *(f"  {name:<12} {description}" for name, description in DESCRIPTIONS.items()),
            "",
            "`farscrawler COMMAND -h` tells more. Scrapy's commands (list, settings, fetch, shell, …) are there too.",
        )
    )


if __name__ == "__main__":
    main()
