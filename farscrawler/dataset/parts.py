"""The parts of a dataset: Parquet files of one publisher and Jalali year, written and read a row group at a time."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from farscrawler.dataset.folder import DATA, RESTORE, is_as_written, new_name, tail_of
from farscrawler.dataset.manifest import NO_YEAR, Part
from farscrawler.errors import ExportError
from farscrawler.exporters.parquet import ParquetWriter, load_pyarrow

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

#: The rows and the bytes after which another part is begun: Hugging Face advises files of less than 500 MB.
PART_ROWS = 100_000
PART_BYTES = 256 << 20
#: Rows of a part that are read at a time.
_BATCH_ROWS = 500
_YEAR = "jalali_year"


class Partition(NamedTuple):
    """A publisher and a Jalali year; None is the year of articles without a known day."""

    publisher: str
    jalali_year: int | None

    def folder(self) -> str:
        """Return the folder of its parts, relative to that of the dataset."""
        year = NO_YEAR if self.jalali_year is None else f"{self.jalali_year:04}"
        return f"{DATA}/publisher={quote(self.publisher, safe='')}/{_YEAR}={year}"


class PartWriter:
    """Rows on their way into the parts of a partition, under hidden names; ``parts`` are those that are whole.

    ``number`` returns the number of the next part. Writing raises OSError.
    """

    def __init__(self, root: Path, partition: Partition, number: Callable[[], int], nulled: Counter[str]) -> None:
        self.parts: list[Part] = []
        self.paths: list[str] = []  # the unfinished one too
        self._root = root
        self._partition = partition
        self._number = number
        self._nulled = nulled
        self._rows = 0
        self._file: IO[bytes] | None = None
        self._writer: ParquetWriter

    def add_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of the archive."""
        self._begin()
        self._writer.add_rows(rows)
        self._rows += len(rows)

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Write rows of another part."""
        self._begin()
        self._writer.add_batch(batch)
        self._rows += batch.num_rows

    def _begin(self) -> None:
        """Have a part to write into: another one where the last is large enough."""
        if self._file is not None and (self._rows >= PART_ROWS or self._file.tell() >= PART_BYTES):
            self.finish()
        if self._file is None:
            path = f"{self._partition.folder()}/part-{self._number():05}.parquet"
            hidden = new_name(self._root / path)
            hidden.parent.mkdir(parents=True, exist_ok=True)
            self.paths.append(path)
            self._file = hidden.open("w+b")
            self._rows = 0
            self._writer = ParquetWriter(
                self._file, constants={_YEAR: self._partition.jalali_year}, name=str(self._root / path)
            )

    def finish(self) -> None:
        """Write what ends the part, and have it on the disk."""
        if self._file is None:
            return
        self._writer.finish()
        self._nulled.update(self._writer.nulled)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.parts.append(_part_of(self._file, self.paths[-1], self._partition))
        self._close()

    def abandon(self) -> None:
        """Write no more."""
        if self._file is not None:
            self._writer.abandon()
            self._close()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _part_of(file: IO[bytes], path: str, partition: Partition) -> Part:
    """Return what the manifest says of a file that is whole."""
    parquet = load_pyarrow().parquet
    size = file.seek(0, os.SEEK_END)
    known = parquet.ParquetFile(file).metadata
    days, fetches, ids = (_bounds(known, name) for name in ("published_date", "fetched_at", "article_id"))
    return Part(
        path=path,
        publisher=partition.publisher,
        jalali_year=partition.jalali_year,
        rows=known.num_rows,
        bytes=size,
        tail=tail_of(file, size),
        first_day=days[0],
        last_day=days[1],
        first_fetch=fetches[0],
        last_fetch=fetches[1],
        first_id=ids[0],
        last_id=ids[1],
    )


def _bounds(known: Any, column: str) -> tuple[str | None, str | None]:
    """Return the least and the greatest value of a column as its statistics have them, a moment by its day in UTC.

    None where no row has a value, and where a row group tells none, since a text is too long for statistics.
    """
    found = [
        one.statistics
        for group in map(known.row_group, range(known.num_row_groups))
        for one in map(group.column, range(group.num_columns))
        if one.path_in_schema == column
    ]
    if any(one is None or (one.num_values and not one.has_min_max) for one in found):
        return None, None
    told = [one for one in found if one.num_values]
    if not told:
        return None, None
    first, last = min(one.min for one in told), max(one.max for one in told)
    return (first, last) if isinstance(first, str) else (first.isoformat()[:10], last.isoformat()[:10])


def key_of(article_id: str, revision: int | None) -> str:
    """Return what tells an article of a publisher from its others; with a revision, what tells this one."""
    return article_id if revision is None else f"{article_id}\n{revision}"


def _keys_of(rows: pa.RecordBatch | pa.Table, *, all_revisions: bool) -> Any:
    """Return ``key_of`` each row."""
    if not all_revisions:
        return rows["article_id"]
    pa = load_pyarrow()
    return pa.compute.binary_join_element_wise(rows["article_id"], rows["revision"].cast(pa.string()), "\n")


def holds(root: Path, part: Part, keys: Any, *, all_revisions: bool) -> int:
    """Return how many rows of a part have one of the keys; of the file only a column or two are read."""
    pa = load_pyarrow()
    columns = ["article_id", *(["revision"] if all_revisions else [])]
    with _opened(root, part) as file:
        rows = file.read(columns=columns)
    return int(
        pa.compute.sum(pa.compute.is_in(_keys_of(rows, all_revisions=all_revisions), value_set=keys)).as_py() or 0
    )


def kept_rows(root: Path, part: Part, keys: Any, *, all_revisions: bool) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a part that have none of the keys."""
    compute = load_pyarrow().compute
    with _opened(root, part) as file:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            found = compute.is_in(_keys_of(batch, all_revisions=all_revisions), value_set=keys)
            kept = batch.filter(compute.invert(found))
            if kept.num_rows:
                yield kept


@contextmanager
def _opened(root: Path, part: Part) -> Iterator[Any]:
    """Open the file of a part to read it. Raise ExportError where that cannot be done, whatever page it is."""
    pa = load_pyarrow()
    path = root / part.path
    try:
        if not is_as_written(path, part):
            raise ExportError(f"{path} was changed while this run was at work; run the same command again.")
        with pa.parquet.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise ExportError(f"{path}: this part of the dataset cannot be read ({error}); {RESTORE}.") from error
