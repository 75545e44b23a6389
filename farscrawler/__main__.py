"""The console command `farscrawler`: Scrapy's command line with this project's settings, from any folder."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches


def main(argv: list[str] | None = None) -> None:
    """Run a command, such as `farscrawler crawl farsonline -a latest=20 -O news.jsonl`."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return
    if words[0] in ("-V", "--version"):
        from farscrawler._version import __version__

        print(f"farscrawler {__version__}")
        return
    # Set outright: a scrapy.cfg or variable of another project in the working folder must not lead us astray.
    os.environ["SCRAPY_SETTINGS_MODULE"] = "farscrawler.settings"
    from farscrawler.errors import StaleZonesError

    try:
        if not words[0].startswith("-") and words[0].replace("_", "-") not in (known := commands_known()):
            like = "".join(f" Did you mean {name}?" for name in get_close_matches(words[0], known, 1))
            print(f"farscrawler: there is no command '{words[0]}'.{like} `farscrawler` lists all.", file=sys.stderr)
            sys.exit(2)
        from scrapy.cmdline import execute

        # Scrapy names a command after its module, and no module has a hyphen: crawl-all is crawl_all to it.
        execute(["farscrawler", words[0] if words[0].startswith("-") else words[0].replace("-", "_"), *words[1:]])
    except KeyboardInterrupt:  # before the crawl has begun, and has its own way to end
        sys.exit(130)
    except StaleZonesError as error:  # where the first command's modules are loaded
        print(f"farscrawler: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        from farscrawler.cli.base import stop_writing

        stop_writing()


def commands_known() -> list[str]:
    """Give the names of all commands as they are typed: ours, Scrapy's, and those of installed packages."""
    from importlib.metadata import entry_points
    from pkgutil import iter_modules

    import scrapy.commands

    from farscrawler.cli import commands

    names = {module.name for folder in (commands, scrapy.commands) for module in iter_modules(folder.__path__)}
    names |= {point.name for point in entry_points(group="scrapy.commands")}
    return sorted(name.replace("_", "-") for name in names)


def overview() -> str:
    """Give the list of our commands."""
    from importlib import import_module
    from pkgutil import iter_modules

    from farscrawler._version import __version__
    from farscrawler.cli import commands

    lines = []
    for name in sorted(module.name for module in iter_modules(commands.__path__)):
        command = getattr(import_module(f"{commands.__name__}.{name}"), "Command", None)
        if command is not None:
            lines.append(f"  {name.replace('_', '-'):<12} {command().short_desc()}")
    return "\n".join(
        (
            f"farscrawler {__version__}: Persian news, crawled and kept",
            "",
            "Usage: farscrawler COMMAND [options]",
            "",
            *lines,
            "",
            "`farscrawler COMMAND -h` tells more. Scrapy's commands (list, settings, fetch, shell, …) are there too.",
        )
    )


if __name__ == "__main__":
    main()
