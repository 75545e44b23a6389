"""The manifest of a dataset: the archive that it is made of, how far it is, and every part.

A dataset may come from elsewhere. So a manifest is read as text from outside: nothing in it leads out of the folder.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass, field, fields
from types import NoneType
from typing import TYPE_CHECKING, Any

from farscrawler._version import __version__
from farscrawler.archive.reading.changes import Anchor
from farscrawler.archive.reading.selection import Selection
from farscrawler.days import jalali, parse_date_range
from farscrawler.errors import ExportError
from farscrawler.files import open_file, write_whole
from farscrawler.items import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME = "manifest.json"
#: The version of the manifest's own keys.
FORMAT = 1
#: As hive has it, and as DuckDB, pyarrow and polars read it: no value. A word, or a 0, would be read as one.
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"
_PATH = re.compile(rf"data/publisher=[\w.%-]+/jalali_year=(?:\d{{4}}|{NO_YEAR})/part-\d{{5,}}\.parquet", re.ASCII)
#: The types of values by the annotations of their fields.
_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "str | None": (str, NoneType),
    "int | None": (int, NoneType),
    "list[str]": (str,),
}
_ELSE = "restore it from a copy, or name a new folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One Parquet file. ``path`` is relative to the folder; ``tail`` is a digest of its end, where its index is.

    Its days are Gregorian dates of publication, and ``first_fetch`` and ``last_fetch`` those of fetching. Its ids are
    the least and the greatest as texts, None where the file does not tell: a part that cannot hold an article is not
    opened.
    """

    path: str
    publisher: str
    jalali_year: int | None
    rows: int
    bytes: int
    tail: str
    first_day: str | None = None
    last_day: str | None = None
    first_fetch: str | None = None
    last_fetch: str | None = None
    first_id: str | None = None
    last_id: str | None = None

    def may_hold(self, ids: Sequence[str]) -> bool:
        """Whether one of the article ids, which are in order, may be in the part."""
        if self.first_id is None or self.last_id is None:
            return True
        return bisect_left(ids, self.first_id) < bisect_right(ids, self.last_id)


@dataclass(slots=True, kw_only=True)
class Manifest:
    """What is known of a dataset.

    The first fields after ``archive`` are the conditions that its articles meet, as in a Selection. ``anchors`` are
    changes of the archive by which it is known again, ``seq`` the last change that the dataset holds, and ``replaced``
    the parts that the last commit took out.
    """

    archive: str
    publishers: list[str] = field(default_factory=list)
    since: str | None = None
    until: str | None = None
    section: str | None = None
    all_revisions: bool = False
    seq: int = 0
    next_part: int = 1
    anchors: list[Anchor] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    format: int = FORMAT
    schema_version: int = SCHEMA_VERSION
    farscrawler: str = __version__

    def selection(self) -> Selection:
        """Return the conditions. Raise ValueError where they are none."""
        span = parse_date_range(self.since, self.until) if self.since or self.until else None
        return Selection(
            publishers=tuple(self.publishers), span=span, section=self.section, all_revisions=self.all_revisions
        )

    def command(self) -> str:
        """Return the command that writes the dataset."""
        words = ["farscrawler", "export", "--dataset", "FOLDER"]
        since, until = (jalali(dt.date.fromisoformat(day)) if day else None for day in (self.since, self.until))
        for name, value in (("--since", since), ("--until", until), ("--section", self.section)):
            words += [name, value] if value is not None else []
        words += ["--all-revisions"] if self.all_revisions else []
        return shlex.join([*words, *self.publishers])

    def rows(self) -> int:
        """Return the number of rows of all parts."""
        return sum(part.rows for part in self.parts)


def begun(archive: str, selection: Selection) -> Manifest:
    """Return the manifest of a dataset that is to be written."""
    first, last = (selection.span.first, selection.span.last) if selection.span else (dt.date.min, dt.date.max)
    return Manifest(
        archive=archive,
        publishers=sorted(set(selection.publishers)),
        since=first.isoformat() if first != dt.date.min else None,
        until=last.isoformat() if last != dt.date.max else None,
        section=selection.section,
        all_revisions=selection.all_revisions,
    )


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, whole or not at all. Raise OSError."""
    manifest.farscrawler = __version__
    write_whole(folder / NAME, json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n")


def read(folder: Path) -> Manifest | None:
    """Return the manifest of a folder, None where there is none. Raise ExportError for one that cannot be used."""
    path = folder / NAME
    try:
        with open_file(path) as file:
            known = json.load(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ExportError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError):
        known = None
    if type(known) is dict and type(known.get("format")) is int and "parts" in known:
        _refuse_version(folder, known)
        try:
            return _manifest_of(known)
        except (TypeError, ValueError, AttributeError):
            pass
    raise ExportError(f"{path} is no manifest of a dataset, or is damaged. It was left untouched: {_ELSE}.")


def _refuse_version(folder: Path, known: dict[str, Any]) -> None:
    version = known.get("schema_version")
    if known["format"] > FORMAT or (type(version) is int and version > SCHEMA_VERSION):
        raise ExportError(
            f"{folder} was written by a newer farscrawler ({known.get('farscrawler')}). It was left untouched: upgrade "
            "farscrawler, or name a new folder."
        )
    if type(version) is int and version < SCHEMA_VERSION:
        raise ExportError(
            f"{folder} has the fields of an older farscrawler (schema {version}; they are of schema {SCHEMA_VERSION} "
            "now), and a dataset has one schema. It was left untouched: name a new folder, which gets all articles."
        )


def _manifest_of(known: dict[str, Any]) -> Manifest:
    """Return a manifest of what is written in one. Raise ValueError, TypeError or AttributeError."""
    names = {one.name for one in fields(Manifest)}
    found = Manifest(**{name: value for name, value in known.items() if name in names})
    found.parts = [Part(**one) for one in known["parts"]]
    found.anchors = [Anchor(**one) for one in known["anchors"]]
    if bad := [path for path in (*(part.path for part in found.parts), *found.replaced) if not _PATH.fullmatch(path)]:
        raise ValueError(f"{bad[0]} is no part")
    every: tuple[Manifest | Part | Anchor, ...] = (found, *found.parts, *found.anchors)
    for one in every:
        _check_kinds(one)
    found.selection()
    return found


def _check_kinds(one: Manifest | Part | Anchor) -> None:
    """Raise TypeError where a value is not of its kind."""
    for name, kind in type(one).__annotations__.items():
        value = getattr(one, name)
        values = value if kind == "list[str]" and type(value) is list else (value,)
        if kind in _KINDS and not all(type(each) in _KINDS[kind] for each in values):
            raise TypeError(f"{name} is none")
