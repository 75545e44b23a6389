"""What was given on the command line: names of settings and log levels, checked before anything runs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from farscrawler.cli.output import say
from farscrawler.config import LENGTHS, WHOLE, problem_of, switch_of
from farscrawler.errors import Exit

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterable, Mapping

LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
#: Settings that may be a list too.
_LISTED = frozenset({"PUBLISHERS", "PRIVATE_HOSTS"})
#: How like a name of ours a slip of it is: STOP_AFTER_FAIL (0.94), DOWNLOADDELAY (0.96); EDGE (0.67) may be anything.
_LIKE = 0.85


def check_given(opts: argparse.Namespace) -> None:
    """Check -L, -s and --archive, the options that all commands have, and write levels as Python has them.

    Raise SystemExit (2), after a sentence for each, where one of them is wrong.
    """
    problems = []
    if opts.archive is not None:
        opts.set.append(f"ARCHIVE={opts.archive}")
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
        elif equals:
            checked, problem = checked_value(name, value)
            opts.set[at] = f"{name}={checked}"
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


def _checked_text(name: str, value: str) -> tuple[str, str | None]:
    """Return what to give to Scrapy for a setting, and what is wrong with it; its default says what it has to be."""
    default = _default_of(name)
    if isinstance(default, bool):
        said = switch_of(value)
        return value if said is None else str(said), "write on or off." if said is None else None
    if isinstance(default, (int, float)):
        try:
            float(value)
        except ValueError:
            return value, "write a number."
    return value, None


def check_words(parser: argparse.ArgumentParser, words: Iterable[str], command: str) -> None:
    """Raise SystemExit (2), after a sentence, where one of the words left over looks like an option and is none."""
    for word in words:
        if not word.startswith("-") or word == "-":
            continue
        name = word.partition("=")[0]
        near = difflib.get_close_matches(name, parser._option_string_actions, 1)  # noqa: SLF001  # argparse has no other list
        hint = f" Did you mean {near[0]}?" if near else ""
        say(f"there is no option {name}.{hint} `farscrawler {command} -h` lists all.")
        raise SystemExit(int(Exit.BAD_ARGUMENTS))


def checked_value(name: str, value: Any) -> tuple[Any, str | None]:
    """Return a setting's value as Scrapy takes it, and what is wrong with it.

    That is one of another kind than its default, or one that a crawl cannot use.
    """
    found, problem = _checked_kind(name, value)
    return found, problem or problem_of(name, found) or _problem_of_crawls(name, found)


def _problem_of_crawls(name: str, value: Any) -> str | None:
    if name != "COMMONCRAWL_CRAWLS":
        return None
    from farscrawler.webarchives.commoncrawl import parse_crawls  # only those who set it pay for it

    try:
        parse_crawls(str(value))
    except ValueError as error:
        return f"{error}."
    return None


def _checked_kind(name: str, value: Any) -> tuple[Any, str | None]:
    if isinstance(value, str):
        if name == "LOG_LEVEL":
            return _level(value)
        return (value, None) if name in WHOLE or name in LENGTHS else _checked_text(name, value)
    default = _default_of(name)
    if isinstance(default, bool) or isinstance(value, bool):
        return value, None if isinstance(value, bool) and isinstance(default, bool | None) else _wanted(default)
    if isinstance(default, int | float):
        return value, None if isinstance(value, int | float) else _wanted(default)
    if isinstance(default, str):
        return value, None if isinstance(value, list) and name in _LISTED else _wanted(default)
    return value, None if default is None or isinstance(value, type(default)) else _wanted(default)


def _wanted(default: Any) -> str:
    """Return what to write for a setting, by its default."""
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return f"write {kinds.get(type(default), 'another kind of value')}."


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


def judge_settings(names: Iterable[str], said: Mapping[str, str] | None = None) -> tuple[list[str], list[str]]:
    """Return what is wrong with names of settings: those that are slips of ours, and those that nobody knows.

    A setting that only an extension of the user's own reads is as good as any; it is only said. ``said`` names the
    place of each; without it they were given with -s.
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
        place = said[name] if said is not None else f"-s {name}"
        if name in ARGUMENTS:
            wrong.append(f"{place}: {name} is an argument of a crawl; write --{name.replace('_', '-')} … there")
            continue
        slip = None if name.endswith(tuple(f"_{one}" for one in ours)) else _nearest(name, ours)  # MY_ARCHIVE
        if slip is not None:
            wrong.append(f"{place}: there is no such setting. Did you mean {slip}?")
            continue
        near = _nearest(name, scrapys)
        hint = f" Did you mean {near}?" if near else ""
        unknown.append(f"{place}: neither farscrawler nor Scrapy has such a setting.{hint}")
    return wrong, unknown


def _nearest(name: str, known: Collection[str]) -> str | None:
    found = difflib.get_close_matches(name.upper().replace("-", "_"), known, 1, _LIKE)
    return found[0] if found else None
