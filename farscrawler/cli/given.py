"""What was given on the command line: names of settings and log levels, checked before anything runs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from farscrawler.cli.output import say
from farscrawler.config import WHOLE, switch_of
from farscrawler.errors import Exit

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterable

LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
#: How like a name of ours a slip of it is: STOP_AFTER_FAIL (0.94), DOWNLOADDELAY (0.96); EDGE (0.67) may be anything.
_LIKE = 0.85


def check_given(opts: argparse.Namespace) -> None:
    """Check -L and the names of -s, in the options that all commands have, and write levels as Python has them.

    Raise SystemExit (2), after a sentence for each, where one of them is wrong.
    """
    problems = []
    if opts.loglevel:
        opts.loglevel, problem = _level(opts.loglevel)
        problems += [f"-L {problem}"] if problem else []
    names = []
    for at, pair in enumerate(opts.set):
        name, equals, value = pair.partition("=")
        names += [name] if equals else []
        if name == "LOG_LEVEL" and equals:
            level, problem = _level(value)
            opts.set[at] = f"{name}={level}"
            problems += [f"-s LOG_LEVEL={problem}"] if problem else []
        elif equals and name not in WHOLE:  # those are checked where they are read
            opts.set[at], problem = _checked(name, value)
            problems += [f"-s {pair}: {problem}"] if problem else []
    wrong, unknown = judge_settings(names)
    for sentence in (*problems, *wrong, *unknown):
        say(sentence)
    if problems or wrong:
        raise SystemExit(int(Exit.BAD_ARGUMENTS))


def _level(text: str) -> tuple[str, str | None]:
    """Return a log level as Python has it, and what is wrong with it; Scrapy takes numbers too."""
    level = text.strip().upper()
    if level in LEVELS or level.isdecimal():
        return level, None
    return level, f"{text}: there is no such log level; levels are {', '.join(LEVELS)}."


def _checked(name: str, value: str) -> tuple[str, str | None]:
    """Return what to give to Scrapy for a setting, and what is wrong with it; its default says what it has to be."""
    default = _default_of(name)
    if isinstance(default, bool):
        said = switch_of(value)
        return f"{name}={value if said is None else said}", "write on or off." if said is None else None
    if isinstance(default, (int, float)):
        try:
            float(value)
        except ValueError:
            return f"{name}={value}", "write a number."
    return f"{name}={value}", None


def _default_of(name: str) -> Any:
    """Return the default of a setting, ours or Scrapy's; None for a name that nobody knows."""
    from farscrawler import settings  # as below

    if name in vars(settings):
        return vars(settings)[name]
    from scrapy.settings import default_settings

    return vars(default_settings).get(name)


def own_settings() -> frozenset[str]:
    """Return the names in farscrawler/settings.py."""
    from farscrawler import settings  # a module of a common name

    return frozenset(name for name in vars(settings) if name.isupper())


def scrapys_settings() -> frozenset[str]:
    """Return the names of Scrapy's settings; loading them takes longer than most commands run."""
    from scrapy.settings import default_settings  # see above

    return frozenset(name for name in vars(default_settings) if name.isupper())


def judge_settings(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return what is wrong with names given with -s: those that are slips of ours, and those that nobody knows.

    A setting that only an extension of the user's own reads is as good as any; it is only said.
    """
    ours = own_settings()
    wrong: list[str] = []
    unknown: list[str] = []
    if not (others := [name for name in names if name not in ours]):
        return wrong, unknown
    from farscrawler.frontier.arguments import ARGUMENTS  # as above

    scrapys = scrapys_settings()
    for name in others:
        if name in scrapys:
            continue
        if name in ARGUMENTS:
            wrong.append(f"-s {name}: {name} is an argument; write -a {name}=…")
            continue
        slip = None if name.endswith(tuple(f"_{one}" for one in ours)) else _nearest(name, ours)  # MY_ARCHIVE
        if slip is not None:
            wrong.append(f"-s {name}: there is no such setting. Did you mean {slip}?")
            continue
        near = _nearest(name, scrapys)
        hint = f" Did you mean {near}?" if near else ""
        unknown.append(f"-s {name}: neither farscrawler nor Scrapy has such a setting.{hint}")
    return wrong, unknown


def _nearest(name: str, known: Collection[str]) -> str | None:
    found = difflib.get_close_matches(name.upper().replace("-", "_"), known, 1, _LIKE)
    return found[0] if found else None
