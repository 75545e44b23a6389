"""The project file and the variables of the environment: settings that no command has to repeat.

`farscrawler.toml` is looked for in the working folder, then in its parents. A variable wins over the file, and an
option of the command line over both.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler.cli.given import checked_value, judge_settings
from farscrawler.cli.output import say
from farscrawler.errors import BadArgumentError
from farscrawler.files import NotAFileError, open_file
from farscrawler.locations import is_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scrapy.settings import BaseSettings

FILE_NAME = "farscrawler.toml"
PREFIX = "FARSCRAWLER_"
#: The variable that names another file; an empty one says that there is none.
FILE_VARIABLE = f"{PREFIX}CONFIG"
#: Variables of that beginning that are no settings; the units in deploy/ have the second.
NO_SETTINGS = frozenset({FILE_VARIABLE, f"{PREFIX}OPTIONS"})
#: The keys at the head of the file, with the settings that they are.
KEYS = {"archive": "ARCHIVE", "contact": "CONTACT", "publishers": "PUBLISHERS", "base_url": "BASE_URL"}
#: Settings that are files or folders: in the project file they are relative to its own folder.
PATHS = frozenset({"ARCHIVE", "PUBLISHERS", "WARC", "LOG_FILE"})
#: Settings of a command as a whole, which cannot differ from publisher to publisher.
_OF_ALL = frozenset({"ARCHIVE", "PUBLISHERS", "PUBLISHER_SETTINGS", "COMMANDS_MODULE", "SPIDER_LOADER_CLASS"})
#: A project file has some twenty lines; more than this is another file.
_MOST_BYTES = 1_000_000
#: Between Scrapy's priorities: above those of a spider (30), which hold what the file says of a publisher, and below
#: the command line (40).
VARIABLE_PRIORITY = 35

_TABLE = re.compile(r"\s*\[\s*([^\]\[]+?)\s*\]")
_KEY = re.compile(r"\s*([\w\"'.-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a setting, and the place that gives it: a line of the file, or a variable."""

    value: Any
    place: str


@dataclass(frozen=True, slots=True)
class Project:
    """What the project file and the variables say, by the names of settings; ``publishers`` by publisher too."""

    path: Path | None = None
    file: dict[str, Given] = field(default_factory=dict)
    publishers: dict[str, dict[str, Given]] = field(default_factory=dict)
    variables: dict[str, Given] = field(default_factory=dict)

    def settings(self) -> dict[str, Given]:
        """Return what holds for every publisher: a variable wins over the file."""
        found = self.file | self.variables
        if self.publishers:
            each = {key: {name: one.value for name, one in own.items()} for key, own in self.publishers.items()}
            found["PUBLISHER_SETTINGS"] = Given(each, str(self.path))
        return found

    def place_of(self, publisher: str) -> str:
        """Return the line of the file that gives the first setting of a publisher."""
        return next((one.place for one in self.publishers.get(publisher, {}).values()), str(self.path))


def read_project(folder: Path | None = None, environment: Mapping[str, str] | None = None) -> Project:
    """Read the project file that holds in a folder (the working one by default), and the variables.

    A name that nobody knows is only said. Raise BadArgumentError, which names file and line or variable.
    """
    environment = os.environ if environment is None else environment
    path = _path_of(folder or Path.cwd(), environment)
    variables = {
        name.removeprefix(PREFIX): Given(value, name)
        for name, value in environment.items()
        if name.startswith(PREFIX) and name not in NO_SETTINGS
    }
    if path is None:
        return Project(variables=_checked(variables))
    values, lines = _read(path)
    file, publishers = _sorted_out(_Places(path, lines), values)
    return Project(
        path,
        _checked(file, path.parent),
        {key: _checked(own, path.parent) for key, own in publishers.items()},
        _checked(variables),
    )


def project_for(words: Iterable[str]) -> Project:
    """Return what holds for a command line in the working folder; nothing where it asks for help alone.

    Help is of use most where a project file has a fault. Raise BadArgumentError as ``read_project`` does.
    """
    return Project() if {"-h", "--help"} & set(words) else read_project()


def obey(settings: BaseSettings, project: Project) -> None:
    """Give Scrapy's settings what a project says; what -s gives later counts more."""
    for name, one in project.settings().items():
        settings.set(name, one.value, priority=VARIABLE_PRIORITY if name in project.variables else "project")


def _path_of(folder: Path, environment: Mapping[str, str]) -> Path | None:
    """Return the project file. Raise BadArgumentError for one that may be a stranger's.

    Settings name classes that are run, so a file that others may write, as in /tmp, would be a way in.
    """
    named = environment.get(FILE_VARIABLE)
    if named is not None:
        if named and not Path(named).is_file():
            raise BadArgumentError(f"{FILE_VARIABLE}={named}: there is no such file.")
        return Path(named).absolute() if named else None
    folder = folder.absolute()
    for each in (folder, *folder.parents):
        path = each / FILE_NAME
        try:
            found = path.stat()
        except OSError:
            continue
        if found.st_uid not in (os.geteuid(), 0) or found.st_mode & stat.S_IWOTH:
            raise BadArgumentError(
                f"{path} was written by another user, or may be, so it is not obeyed. If you trust it, name it with "
                f"{FILE_VARIABLE}={path}; an empty {FILE_VARIABLE} leaves it aside."
            )
        return path
    return None


def _read(path: Path) -> tuple[dict[str, Any], dict[tuple[str, ...], int]]:
    """Return the values of a project file, and the line of each key. Raise BadArgumentError."""
    import tomllib  # most folders have no project file, and loading it takes a while

    from farscrawler.publishers.source import toml_hint  # as above

    try:
        with open_file(path) as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise BadArgumentError(f"{path} has more than {_MOST_BYTES:,} bytes, and is no project file.")
        text = content.decode()
        values = tomllib.loads(text)
    except (OSError, NotAFileError) as error:
        raise BadArgumentError(f"{path} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadArgumentError(f"{path}, line {line}: this is no UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"\(at line (\d+)", str(error))
        wrong = "".join(text.splitlines()[int(found[1]) - 1 : int(found[1])]) if found else ""
        raise BadArgumentError(f"{path}: {error}{toml_hint(wrong, str(error))}.") from error
    return values, dict(_lines(text))


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the keys of a project file, with the names of their tables, and their lines."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if (match := _TABLE.match(line)) is not None:
            table = _names(match[1])
            yield table, number
        elif (match := _KEY.match(line)) is not None:
            yield (*table, *_names(match[1])), number


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


@dataclass(frozen=True, slots=True)
class _Places:
    """The lines of the keys of a file."""

    path: Path
    lines: Mapping[tuple[str, ...], int]

    def of(self, *names: str) -> str:
        """Return the place of a key, as sentences name it."""
        return f"{self.path}, line {self.lines[names]}" if names in self.lines else str(self.path)

    def table(self, value: Any, *names: str) -> dict[str, Any]:
        """Return a value that is a table. Raise BadArgumentError for another one."""
        if isinstance(value, dict):
            return value
        raise BadArgumentError(f"{self.of(*names)}: {'.'.join(names)} is a table; write [{'.'.join(names)}].")


def _sorted_out(places: _Places, values: dict[str, Any]) -> tuple[dict[str, Given], dict[str, dict[str, Given]]]:
    """Return the settings of a file by their names, those of all and those of each publisher.

    Raise BadArgumentError.
    """
    file: dict[str, Given] = {}
    publishers: dict[str, dict[str, Given]] = {}
    for key, value in values.items():
        if key == "publishers" and isinstance(value, dict):
            name = next(iter(value), "NAME")
            raise BadArgumentError(
                f"{places.of(key, name)}: publishers names folders of stanzas; settings of one publisher stand under "
                f"[publisher.{name}]."
            )
        if key in KEYS:
            file[KEYS[key]] = Given(value, places.of(key))
        elif key == "settings":
            file |= {name: Given(one, places.of(key, name)) for name, one in places.table(value, key).items()}
        elif key == "publisher":
            for publisher, own in places.table(value, key).items():
                publishers[publisher] = _own(places, publisher, places.table(own, key, publisher))
        else:
            known = ", ".join([*KEYS, "[settings]", "[publisher.NAME]"])
            instead = f" A setting stands under [settings]: {key} = …" if key.isupper() else ""
            raise BadArgumentError(f"{places.of(key)}: there is no key {key!r}; there are {known}.{instead}")
    return file, publishers


def _own(places: _Places, publisher: str, values: dict[str, Any]) -> dict[str, Given]:
    """Return the settings of one publisher. Raise BadArgumentError for one that is the same for all."""
    found: dict[str, Given] = {}
    for name, value in values.items():
        setting, place = KEYS.get(name, name), places.of("publisher", publisher, name)
        if setting in _OF_ALL:
            raise BadArgumentError(f"{place}: {name} is the same for all publishers.")
        found[setting] = Given(value, place)
    return found


def _checked(given: Mapping[str, Given], folder: Path | None = None) -> dict[str, Given]:
    """Return values as Scrapy takes them, paths within a file's ``folder`` made whole; say which names nobody knows.

    Raise BadArgumentError for a slip of a name, and for a value of another kind than the default's.
    """
    wrong, unknown = judge_settings(given, {name: f"{one.place}: {name}" for name, one in given.items()})
    found: dict[str, Given] = {}
    for name, one in given.items():
        value, problem = checked_value(name, one.value)
        wrong += [f"{one.place}: {name}: {problem}"] if problem else []
        found[name] = Given(_as_setting(name, value, folder), one.place)
    if wrong:
        raise BadArgumentError(" ".join(wrong))
    for sentence in unknown:
        say(sentence)
    return found


def _as_setting(name: str, value: Any, folder: Path | None) -> Any:
    if name not in PATHS:
        return value
    paths = value if isinstance(value, list) else str(value).split(",") if name == "PUBLISHERS" else [str(value)]
    if folder is not None and not is_address(paths[0]):
        paths = [str(folder / Path(one).expanduser()) if one else one for one in paths]
    return ",".join(map(str, paths))
