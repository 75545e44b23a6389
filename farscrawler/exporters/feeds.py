"""What a feed of -o, -O or FEEDS asks for: a file that we can keep whole, a stream, or what nobody can."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from farscrawler.archive.exports import ExportLog
from farscrawler.archive.places import is_database, is_export, refusal
from farscrawler.errors import ExportError
from farscrawler.files import kind_of
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from farscrawler.archive import Archive

DATABASES = ("db", "sqlite")
_STANDARD_OUTPUT = "stdout:"
_UTF8 = frozenset({"utf-8", "utf8"})
#: Endings that people try, with what they open instead.
_OPENS = {"xlsx": ".csv", "xls": ".csv", "ods": ".csv", "txt": ".jsonl", "html": ".jsonl"}


@dataclass(frozen=True, slots=True)
class Feed:
    """One export that is ours to write; ``path`` is None for standard output, ``is_stream`` also true of a pipe.

    ``lines``: the file grows line by line, in a format of ours with all fields as they are. ``options`` are those of
    Scrapy's feeds, all of them set.
    """

    uri: str
    path: Path | None
    is_stream: bool
    lines: bool
    options: Mapping[str, Any]

    @property
    def format(self) -> str:
        """Return the name of the format."""
        return str(self.options["format"])


def feed_of(uri: str, options: Mapping[str, Any], *, own_formats: Collection[str]) -> Feed:
    """Return what a feed asks for; ``own_formats`` are those of FORMATS that the settings leave to us.

    Raise ExportError, which says what to write instead, for a feed that cannot be whole after a kill.
    """
    form = str(options["format"])
    _refuse_batches(uri, options)
    path, is_stream = place_of(uri)
    if unknown := [name for name in options["fields"] or () if name not in FIELD_NAMES]:
        raise ExportError(f"{uri}: an article has no field {unknown[0]!r}; fields are {', '.join(FIELD_NAMES)}.")
    plain = (
        options["fields"] is None
        and _is_utf8(options)
        and not options["item_export_kwargs"]
        and not options.get("postprocessing")
    )
    if form in DATABASES and (path is None or is_stream or not plain):
        raise ExportError(
            f"An SQLite export is written to a plain local file, with all fields, such as -o news.db; {uri} is none."
        )
    if form in own_formats and (options["item_export_kwargs"] or not _is_utf8(options)):
        raise ExportError(
            f"{uri}: {form} is written in UTF-8 and in one way; leave encoding and item_export_kwargs out."
        )
    return Feed(uri, path, is_stream, lines=form in own_formats and plain and not is_stream, options=options)


def _is_utf8(options: Mapping[str, Any]) -> bool:
    return str(options["encoding"] or "utf-8").lower() in _UTF8


def _refuse_batches(uri: str, options: Mapping[str, Any]) -> None:
    if options["batch_item_count"] or "%(batch_" in uri:
        raise ExportError(
            f"{uri}: an export is one file, since nobody can tell after a kill which of several are whole; leave "
            "batch_item_count and %(batch_…) out, and split the file afterwards."
        )


def place_of(uri: str) -> tuple[Path | None, bool]:
    """Return the path of a feed, None for standard output, and whether it is a stream. Raise ExportError."""
    if uri == _STANDARD_OUTPUT:
        return None, True
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file") and len(parts.scheme) > 1:
        raise ExportError(
            f"{uri}: an export is written to a plain local file, such as -O news.jsonl, or to standard output "
            "(-o -:jsonl); copy the file there afterwards."
        )
    name = Path(unquote(parts.path) if parts.scheme == "file" else uri)
    try:
        mode = name.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return name.resolve(), False
    except OSError as error:  # such as a circle of symbolic links, which Path.exists() hides from Python 3.12 on
        raise ExportError(f"{uri} cannot be found ({error}).") from error
    if stat.S_ISDIR(mode):
        raise ExportError(f"{uri} is a folder; name a file in it, such as -O {name / 'news.jsonl'}.")
    if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):  # a disk, and what no open() can write to
        raise ExportError(f"{uri} cannot be written: {kind_of(mode)}; name a file, such as -O news.jsonl.")
    if not stat.S_ISREG(mode):
        return name.absolute(), True  # what /dev/stdout leads to may have no name of its own
    return name.resolve(), False


def check_place(path: Path, form: str, archive: Archive) -> None:
    """Raise ExportError for a plain file that no export of an archive in this format may be written to."""
    why = refusal(path, archive.path)
    if why is None and is_database(path) and (form not in DATABASES or _is_foreign(path, archive)):
        why = "is an SQLite file of another program, and was left untouched"
    if why is not None:
        raise ExportError(f"{path} {why}; choose another file for the export.")
    if not path.parent.is_dir():
        raise ExportError(f"The folder {path.parent} of the export does not exist; make it first.")


def _is_foreign(path: Path, archive: Archive) -> bool:
    """Whether an SQLite file is no export: one of this archive may be damaged, and be written anew."""
    return not is_export(path) and ExportLog(archive, str(path), "").find() is None


def unknown_format(name: str, formats: Collection[str]) -> str | None:
    """Return what is wrong with the name of an export file, as -o and -O take it; None for a format that there is."""
    _, colon, form = name.rpartition(":")
    if colon and form in formats:
        return None
    form = Path(name).suffix.removeprefix(".")
    if form in formats:
        return None
    known = ", ".join(f".{one}" for one in formats)
    instead = f" Other programs open {_OPENS[form]}." if form in _OPENS else ""
    said = f"there is no export format {form!r}" if form else "its name has no ending that names a format"
    return f"{name}: {said}.{instead} Endings are {known}; FILE:FORMAT names a format, and -:jsonl is standard output."
