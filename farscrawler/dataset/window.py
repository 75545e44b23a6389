"""The changes of one commit, as the parts that it adds and those that it replaces."""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from farscrawler.archive.reading.changes import Revisions
from farscrawler.dataset import folder
from farscrawler.dataset.parts import PART_ROWS, Partition, PartWriter, holds, kept_rows, key_of
from farscrawler.days import jalali_parts, stored_moment
from farscrawler.exporters.parquet import load_pyarrow
from farscrawler.items import FIELD_NAMES
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from farscrawler.archive import Archive
    from farscrawler.archive.reading.changes import Change
    from farscrawler.dataset.manifest import Manifest, Part

#: A part of at most so many times the new rows is written anew together with them. So a partition that grows by some
#: rows a day has a dozen parts, and a row is written again a dozen times in a year.
_MERGED = 2


class Window:
    """Writes changes into parts under hidden names. Rows of the parts ``replaced`` (paths) are in ``parts`` then.

    In every publisher each article of the changes is in one place alone afterwards.
    """

    def __init__(
        self,
        archive: Archive,
        root: Path,
        manifest: Manifest,
        *,
        damaged: Callable[[str, str], None],
        tell: Callable[[int], None],
    ) -> None:
        self.parts: list[Part] = []
        self.replaced: set[str] = set()
        self.new = 0
        self.superseded = 0
        self.nulled: Counter[str] = Counter()
        self._archive = archive
        self._root = root
        self._manifest = manifest
        self._own: dict[str, dict[Partition, list[Part]]] = defaultdict(lambda: defaultdict(list))
        for part in manifest.parts:
            self._own[part.publisher][_partition_of(part)].append(part)
        self._damaged = damaged
        self._tell = tell
        selection = manifest.selection()
        self._span = selection.span
        self._section = fold_label(selection.section) if selection.section is not None else None
        self._paths: list[str] = []

    def write(self, changes: Sequence[Change]) -> set[int]:
        """Write all parts; return the changes whose rows turned out to be unreadable. Then nothing may be committed."""
        found, readable = self._partitions(changes)
        of_publisher: dict[str, list[Change]] = defaultdict(list)
        for one in changes:
            if one.seq in readable:
                of_publisher[one.publisher].append(one)
        lost: set[int] = set()
        for publisher in sorted(of_publisher):
            lost |= self._write_publisher(publisher, found, of_publisher[publisher])
        return lost

    def _partitions(self, changes: Sequence[Change]) -> tuple[dict[Partition, array[int]], set[int]]:
        """Return the partitions of the changes whose articles are wanted, and all changes whose rows can be read.

        What is not wanted any more, such as an article that has left the span, still supersedes its older revision.
        """
        found: dict[Partition, array[int]] = defaultdict(lambda: array("q"))
        readable: set[int] = set()
        years: dict[str | None, int | None] = {}
        rows = self._rows(("publisher", "published_date", "published_jalali_date", "section"))
        for page, _ in rows.pages_of([one.seq for one in changes]):
            for seq, (publisher, date, day, section) in page:
                readable.add(seq)
                if self._is_wanted(date, section):
                    if day not in years:
                        years[day] = _year_of(day)
                    found[Partition(publisher, years[day])].append(seq)
        return found, readable

    def _is_wanted(self, date: str | None, section: str | None) -> bool:
        if self._section is not None and (section is None or fold_label(section) != self._section):
            return False
        known = _date_of(date)
        return self._span is None or (known is not None and known in self._span)

    def _rows(self, columns: Sequence[str]) -> Revisions:
        return Revisions(self._archive.db, self._archive.path, columns, damaged=self._damaged)

    def _write_publisher(
        self, publisher: str, found: dict[Partition, array[int]], changes: Sequence[Change]
    ) -> set[int]:
        every = self._manifest.all_revisions
        pa = load_pyarrow()
        keys = pa.array([key_of(one.article_id, one.revision if every else None) for one in changes], pa.string())
        ids = sorted({one.article_id for one in changes})
        partitions = {one for one in found if one.publisher == publisher}
        touched: set[str] = set()
        for partition, parts in self._own[publisher].items():
            for part in parts:
                if part.may_hold(ids) and (rows := holds(self._root, part, keys, all_revisions=every)):
                    touched.add(part.path)
                    partitions.add(partition)
                    self.superseded += rows
        lost: set[int] = set()
        for one in sorted(partitions, key=lambda one: one.jalali_year or 0):
            lost |= self._write_partition(one, found.get(one, array("q")), keys, touched)
        return lost

    def _write_partition(self, partition: Partition, seqs: array[int], keys: Any, touched: set[str]) -> set[int]:
        replaced = self._to_replace(partition, len(seqs), touched)
        self.replaced.update(part.path for part in replaced)
        writer = PartWriter(self._root, partition, self._number, self.nulled)
        missing = set(seqs)
        try:
            for part in replaced:
                for batch in kept_rows(self._root, part, keys, all_revisions=self._manifest.all_revisions):
                    writer.add_batch(batch)
            for page, _ in self._rows(FIELD_NAMES).pages_of(seqs):
                writer.add_rows([row for _, row in page])
                missing.difference_update(seq for seq, _ in page)
                self._tell(len(page))
            writer.finish()
        finally:
            writer.abandon()
            self._paths += writer.paths
        self.parts += writer.parts
        self.new += len(seqs)
        return missing

    def _to_replace(self, partition: Partition, new: int, touched: set[str]) -> list[Part]:
        """Return the parts of a partition that are written anew: for a superseded row, or since they are small."""
        own = self._own[partition.publisher][partition]
        found = {part.path for part in own if part.path in touched}
        rows = new + sum(part.rows for part in own if part.path in found)
        for part in reversed(own if new else []):
            if part.path in found:
                continue
            if part.rows > _MERGED * rows or part.rows + rows > PART_ROWS:
                break
            found.add(part.path)
            rows += part.rows
        return [part for part in own if part.path in found]

    def _number(self) -> int:
        self._manifest.next_part += 1
        return self._manifest.next_part - 1

    def abandon(self) -> None:
        """Remove what was written."""
        folder.remove(self._root, self._paths)


def _partition_of(part: Part) -> Partition:
    return Partition(part.publisher, part.jalali_year)


def _year_of(day: str | None) -> int | None:
    """Return the year of a stored Jalali day; None for no day and for a damaged one."""
    try:
        return jalali_parts(stored_moment(day)[0])[0] if day is not None else None
    except ValueError:
        return None


def _date_of(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError:
        return None
