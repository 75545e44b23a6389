"""Grow a dataset by what an archive has stored since: changes are followed in the order of storing.

Some ten thousand changes are one commit, so that a kill costs ten seconds and the first run is no other than the
hundredth. In each commit every article of the changes is in one place alone: parts that hold an older revision of it
are written anew without that one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.archive.reading.changes import anchor_at, changes_after, count_changes, last_seq
from farscrawler.dataset import card, folder, manifest
from farscrawler.dataset.window import Window
from farscrawler.errors import ExportError
from farscrawler.exporters.lock import ExportLock
from farscrawler.exporters.parquet import load_pyarrow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from farscrawler.archive import Archive
    from farscrawler.archive.reading.changes import Change
    from farscrawler.archive.reading.selection import Selection
    from farscrawler.dataset.manifest import Manifest

#: Changes of one commit: their keys take 30 MB, and writing them some ten seconds.
CHANGES = 50_000
#: Anchors that are kept: some may be lost with a damaged row.
_ANCHORS = 5


@dataclass(slots=True)
class Grown:
    """What a run has done. ``damaged`` rows of the archive are left out, and ``nulled`` counts values by column."""

    new: int = 0
    replaced: int = 0
    rows: int = 0
    parts: int = 0
    damaged: int = 0
    nulled: Counter[str] = field(default_factory=Counter)


def grow(
    archive: Archive,
    root: Path,
    selection: Selection,
    *,
    damaged: Callable[[str, str], None],
    begin: Callable[[int], Callable[[int], None]] = lambda _: lambda _: None,
) -> Grown:
    """Bring the dataset of a folder up to date with an archive; begin it where there is none.

    ``damaged`` is told of each row that is left out: its name and what is wrong. ``begin`` is called with the number
    of changes when nothing was refused, and what it returns with the numbers of those that are written. Raise
    ExportError or HeldError, with the dataset as it was after the last commit.
    """
    load_pyarrow()
    begun = not root.exists()
    if not begun and not root.is_dir():
        raise ExportError(f"{root} is a file, and a dataset is a folder; name another one.")
    try:
        root.mkdir(exist_ok=True)
        lock = ExportLock(root / manifest.NAME, who=f"the export of {archive.path}")
    except OSError as error:
        raise ExportError(f"{root} cannot be written ({error.strerror or error}).") from error
    try:
        run = _Run(archive, root, damaged)
        run.open(selection)
        run.follow(begin)
    except OSError as error:
        raise ExportError(
            f"{root}: {error.strerror or error}. The dataset is whole, as it was after its last commit; the same "
            "command goes on from there."
        ) from error
    else:
        return run.grown
    finally:
        lock.release()
        if begun and not any(root.iterdir()):
            root.rmdir()


class _Run:
    def __init__(self, archive: Archive, root: Path, damaged: Callable[[str, str], None]) -> None:
        self.archive = archive
        self.root = root
        self.grown = Grown()
        self._damaged = damaged
        self._told: set[tuple[str, str]] = set()
        self._manifest: Manifest
        self._tell: Callable[[int], None]

    def open(self, selection: Selection) -> None:
        """Take up the dataset, or begin one. Raise ExportError where this archive cannot go on with it."""
        asked = manifest.begun(self.archive.path.name, selection)
        known = manifest.read(self.root)
        if known is None:
            folder.check_new(self.root)
            folder.remove_uncommitted(self.root)
            known = asked
        else:
            if known.command() != asked.command():
                raise ExportError(
                    f"{self.root} was made by `{known.command()}`: give the same options and publishers, or name a new "
                    "folder."
                )
            self._refuse_other_archive(known)
            folder.settle(self.root, known)
            folder.check_parts(self.root, known)
        self._manifest = known

    def _refuse_other_archive(self, known: Manifest) -> None:
        found = [anchor_at(self.archive.db, self.archive.path, one.seq) for one in known.anchors]
        same = [one == there for one, there in zip(known.anchors, found, strict=True)]
        strange = any(there is not None and not is_same for is_same, there in zip(same, found, strict=True))
        if strange or (known.anchors and not any(same)) or known.seq > last_seq(self.archive.db, self.archive.path):
            raise ExportError(
                f"{self.root} was made of another archive ({known.archive}), or {self.archive.path} is an older copy "
                "of it. The dataset was left untouched: name the archive with --archive FILE, or a new folder."
            )

    def follow(self, begin: Callable[[int], Callable[[int], None]]) -> None:
        """Commit the changes of the archive, some at a time, up to the one that is the newest now."""
        known = self._manifest
        upto = last_seq(self.archive.db, self.archive.path)
        self._tell = begin(count_changes(self.archive.db, self.archive.path, known.seq, known.publishers))
        while known.seq < upto:
            found = changes_after(
                self.archive.db,
                self.archive.path,
                known.seq,
                upto=upto,
                limit=CHANGES,
                publishers=known.publishers,
                all_revisions=known.all_revisions,
            )
            if not found and not known.parts:
                return
            self._commit(found, upto=found[-1].seq if len(found) == CHANGES else upto)
        if known.parts:
            card.write(self.root, known)
        self.grown.rows, self.grown.parts = known.rows(), len(known.parts)

    def _commit(self, changes: list[Change], *, upto: int) -> None:
        """Write the parts of some changes, and commit them. Where a row turns out to be damaged, begin without it."""
        known = self._manifest
        while True:
            window = Window(self.archive, self.root, known, damaged=self._tell_damaged, tell=self._tell)
            try:
                lost = window.write(changes)
                if not lost:
                    break
            except BaseException:
                window.abandon()
                raise
            window.abandon()
            changes = [one for one in changes if one.seq not in lost]
        anchor = anchor_at(self.archive.db, self.archive.path, changes[-1].seq if changes else upto)
        known.anchors = [*known.anchors, *([anchor] if anchor else [])][-_ANCHORS:]
        known.parts = [part for part in known.parts if part.path not in window.replaced] + window.parts
        known.replaced = sorted(window.replaced)
        known.seq = upto
        if not known.parts and not window.replaced:  # a dataset begins with its first article
            window.abandon()
            return
        try:
            folder.commit(self.root, known)
        except BaseException:
            self._abandon_unless_committed(window)
            raise
        self.grown.new += window.new
        self.grown.replaced += window.superseded
        self.grown.nulled.update(window.nulled)

    def _abandon_unless_committed(self, window: Window) -> None:
        """Remove what was written, where the manifest on the disk does not name it."""
        on_disk = manifest.read(self.root)
        if on_disk is None or not {part.path for part in window.parts} <= {part.path for part in on_disk.parts}:
            window.abandon()

    def _tell_damaged(self, name: str, what: str) -> None:
        if (name, what) not in self._told:  # a row is read again where another one turned out to be damaged
            self._told.add((name, what))
            self.grown.damaged += 1
            self._damaged(name, what)
