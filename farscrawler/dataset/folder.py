"""The folder of a dataset: what is committed in it, and how. A kill at any moment leaves what the next run completes.

Parts are written under hidden names, and are durable before the manifest names them. Writing the manifest is the
commit. Then the parts are given their names and the replaced ones go; where that was interrupted, the next run does it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from farscrawler.dataset import manifest as manifests
from farscrawler.errors import ExportError
from farscrawler.files import tail_digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    from farscrawler.dataset.manifest import Manifest, Part

CARD = "README.md"
DATA = "data"
_NEW = ".new"
#: The bytes at the end of a part that are compared: 10 KB that all parts have, and before them the places of the last
#: pages, which follow from the sizes of all that is before them.
_INDEX = 16_384
RESTORE = "restore it from a copy, or name a new folder, which gets all articles"


def new_name(path: Path) -> Path:
    """Return the name under which a part is written, which no reader takes for one."""
    return path.with_name(f".{path.name}{_NEW}")


def check_new(folder: Path) -> None:
    """Raise ExportError where a new dataset cannot be begun: the folder holds something else.

    A card may be there, and hidden files: a repository of datasets begins with these.
    """
    others = sorted(one.name for one in folder.iterdir() if one.name != CARD and not one.name.startswith("."))
    if DATA in others and not any(one.is_file() for one in (folder / DATA).rglob("*") if not one.name.startswith(".")):
        others.remove(DATA)  # a killed first run
    if others:
        raise ExportError(
            f"{folder} is no dataset (it has no {manifests.NAME}) and holds {others[0]}. It was left untouched: name a "
            "new folder."
        )


def settle(folder: Path, manifest: Manifest) -> None:
    """Complete the last commit, and take away what was never committed. Raise OSError."""
    for part in manifest.parts:
        _name(folder / part.path)
    for name in manifest.replaced:
        _take_away(folder / name)
    remove_uncommitted(folder)


def _name(path: Path) -> None:
    if not path.exists() and new_name(path).exists():
        new_name(path).replace(path)


def _take_away(path: Path) -> None:
    path.unlink(missing_ok=True)


def remove_uncommitted(folder: Path) -> None:
    """Remove the parts that were never committed, and folders that are empty. Raise OSError."""
    for path in (folder / DATA).rglob(f".part-*{_NEW}"):
        path.unlink()
    for pattern in ("*/*", "*", ""):
        for one in (folder / DATA).glob(pattern) if pattern else (folder / DATA,):
            with suppress(OSError):  # another hand's file is in it
                one.rmdir()


def commit(folder: Path, manifest: Manifest) -> None:
    """Commit the parts that were written, which the manifest names. Raise OSError."""
    places = {(folder / part.path).parent for part in manifest.parts if new_name(folder / part.path).exists()}
    for place in {*places, *(one.parent for one in places), folder / DATA}:
        if place.is_dir():
            _sync(place)
    manifests.write(folder, manifest)
    _sync(folder)
    settle(folder, manifest)


def check_parts(folder: Path, manifest: Manifest) -> None:
    """Raise ExportError where other hands have changed, removed or added a part."""
    for part in manifest.parts:
        path = folder / part.path
        if not path.is_file():
            raise ExportError(f"{path}: this part of the dataset is gone; {RESTORE}.")
        if not is_as_written(path, part):
            raise ExportError(f"{path}: other hands have changed this part of the dataset; {RESTORE}.")
    known = {folder / part.path for part in manifest.parts}
    for path in sorted((folder / DATA).rglob("*.parquet")):
        if path not in known:
            raise ExportError(
                f"{path} is no part of this dataset, and would be read with it; move it elsewhere, and run again."
            )


def is_as_written(path: Path, part: Part) -> bool:
    """Whether a file has the size and the end of a part."""
    if path.stat().st_size != part.bytes:
        return False
    with path.open("rb") as file:
        return tail_of(file, part.bytes) == part.tail


def tail_of(file: IO[bytes], size: int) -> str:
    """Return the digest of a part's end."""
    return tail_digest(file, size, length=_INDEX)


def remove(folder: Path, paths: Iterable[str]) -> None:
    """Remove parts that were written and are not committed, as far as that can be done."""
    for path in paths:
        with suppress(OSError):
            new_name(folder / path).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system that cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
