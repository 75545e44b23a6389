"""Parquet: articles as typed columns, a row group at a time, for `export` and for the parts of a dataset.

The types follow from those of `Article`, and here alone it is said which texts are moments and days. pyarrow is an
extra, and is loaded when a writer is made.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import fields
from types import NoneType
from typing import IO, TYPE_CHECKING, Any

from farscrawler._version import __version__
from farscrawler.errors import ExportError
from farscrawler.items import FIELD_NAMES, FIELD_TEXTS, SCHEMA_VERSION, Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pyarrow as pa

logger = logging.getLogger("farscrawler")

PYARROW_MISSING = (
    "Parquet files need pyarrow; install it with: pip install 'farscrawler[analysis]' (in a clone: "
    "pip install '.[analysis]')"
)

#: Texts that are instants, each with the zone of its column, on whose clock readers show it: as the texts of JSON lines
#: do. Who takes the day of a UTC column has one article of five on another day.
MOMENTS = {"published_at": "Asia/Tehran", "modified_at": "Asia/Tehran", "fetched_at": "UTC"}
#: Texts that are Gregorian days.
DAYS = frozenset({"published_date"})

#: A damaged value that is in form costs itself too: what lies before 1700 is a Jalali year, and no clock is past 2999.
_MOMENT = r"^(1[7-9]|2\d)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]([01]\d|2[0-3]):[0-5]\d$"
_DAY = r"^(1[7-9]|2\d)\d\d-\d\d-\d\d$"

#: Rows of a row group, which a reader of some days skips (8,000 rows take 35 MB more), and of the batches in which rows
#: are converted, so that a row group is never held as Python's objects.
GROUP_ROWS = 5_000
_BATCH_ROWS = 500
#: Characters after which a batch is converted before it is full, and bytes after which a row group is written: bodies
#: of 140,000 characters would make it 1.4 GB.
_BATCH_CHARACTERS = 4_000_000
_GROUP_BYTES = 64 << 20
#: Level 1 is 12 % larger and 10 % faster; level 6 is 4 % smaller and takes 70 % longer.
_LEVEL = 3

#: Columns of datasets that are no fields, with the sentences that document them.
_TEXTS = {
    **FIELD_TEXTS,
    "jalali_year": "the Jalali year of publication, also in the path of the file; null where no day is known",
}
#: Columns of few values, in which a dictionary pays.
_DICTIONARY = (
    *("publisher", "dateline", "section", "agency", "published_date", "published_jalali_date", "published_precision"),
    *("revision", "schema_version", "authors.list.element", "tags.list.element", "warnings.list.element"),
)
#: Columns of long texts: a least and a greatest text help no reader to skip, and would make the index large.
_WITHOUT_STATISTICS = frozenset(
    {"kicker", "headline", "subtitle", "lead", "body", "authors", "tags", "images", "warnings", "published_text"}
)
#: What a value that has no place in its column raises; pyarrow's errors are derived from these.
_UNFIT = (ValueError, TypeError, OverflowError, RecursionError)
#: Damaged values of which each is named; of all others only the number is said.
_NAMED = 10


def load_pyarrow() -> Any:
    """Return the module pyarrow. Raise ExportError, which says how to install it, where it is missing."""
    try:
        import pyarrow.compute  # noqa: PLC0415  # an extra, and 100 ms
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise ExportError(PYARROW_MISSING) from error
    return pyarrow


def arrow_schema(columns: Sequence[str] = FIELD_NAMES, constants: Mapping[str, int | None] | None = None) -> pa.Schema:
    """Return the columns of a Parquet file, each with its type and the sentence that documents it.

    ``constants`` are whole numbers, each the same in all rows; their columns follow the others.
    """
    pa = load_pyarrow()
    types = {
        "str": pa.string(),
        "str | None": pa.string(),
        "int": pa.int32(),
        "list[str]": pa.list_(pa.string()),
        "list[Image]": pa.list_(pa.struct([("url", pa.string()), ("caption", pa.string())])),
    }
    kinds = {one.name: types[str(one.type)] for one in fields(Article)}
    kinds |= {name: pa.timestamp("us", tz=zone) for name, zone in MOMENTS.items()} | dict.fromkeys(DAYS, pa.date32())
    kinds |= dict.fromkeys(constants or (), pa.int32())
    found = [
        pa.field(name, kinds[name], metadata={"description": _TEXTS[name]}) for name in (*columns, *(constants or ()))
    ]
    told = {"farscrawler": __version__, "schema_version": str(SCHEMA_VERSION), "pandas": _for_pandas(found, pa.int32())}
    return pa.schema(found, metadata=told)


def _for_pandas(columns: Iterable[pa.Field], number: pa.DataType) -> str:
    """Return the metadata by which pandas keeps whole numbers beside an empty value, and makes none of them 1401.0."""
    whole = [
        {"name": one.name, "field_name": one.name, "pandas_type": "int32", "numpy_type": "Int32", "metadata": None}
        for one in columns
        if one.type == number
    ]
    return json.dumps({"index_columns": [], "column_indexes": [], "columns": whole})


class ParquetWriter:
    """Articles on their way into an open binary file, which stays open; at most one row group is held.

    A value that has no place in its column (a damaged moment, a text that UTF-8 has no bytes for) is null there. A
    warning names it, and ``nulled`` counts such values by column.
    """

    def __init__(
        self,
        file: IO[bytes],
        columns: Sequence[str] = FIELD_NAMES,
        *,
        constants: Mapping[str, int | None] | None = None,
        name: str | None = None,
    ) -> None:
        """Begin the file, called ``name`` in warnings. Raise ExportError where pyarrow is missing."""
        self._pa = load_pyarrow()
        self._columns = tuple(columns)
        self._constants = dict(constants or {})
        self._schema = arrow_schema(self._columns, self._constants)
        self._name = name or getattr(file, "name", "Parquet")
        self._keys = [self._columns.index(one) for one in ("publisher", "article_id") if one in self._columns]
        self.nulled: Counter[str] = Counter()
        self.rows = 0
        self._rows: list[Sequence[Any]] = []
        self._characters = 0
        self._batches: list[Any] = []
        self._held_rows = self._held_bytes = 0
        self._writer = self._pa.parquet.ParquetWriter(
            file,
            self._schema,
            compression="zstd",
            compression_level=_LEVEL,
            use_dictionary=[one for one in _DICTIONARY if one.partition(".")[0] in self._columns],
            write_statistics=[one for one in self._schema.names if one not in _WITHOUT_STATISTICS],
            write_page_index=True,
            write_page_checksum=True,
        )

    def add(self, article: Article) -> None:
        """Write one article."""
        self.add_rows([[getattr(article, name) for name in self._columns]])

    def add_rows(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write articles given by the values of the columns; a list may be JSON, as the archive has it."""
        for row in rows:
            self._rows.append(row)
            self._characters += sum(len(value) for value in row if type(value) is str)
            if len(self._rows) >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
                self._convert()

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Write rows of another file of the same columns. Raise ExportError for other columns."""
        self._convert()
        if not batch.schema.equals(self._schema):
            raise ExportError(f"{self._name}: the columns of an older file differ from those that are written today.")
        self.rows += batch.num_rows
        self._hold(self._pa.record_batch(batch.columns, schema=self._schema))

    def finish(self) -> None:
        """Write what is held, and what ends the file."""
        self._convert()
        self._write_group()
        self._writer.close()
        if self.nulled:
            counts = ", ".join(f"{number} of {column}" for column, number in self.nulled.items())
            logger.warning("%s: damaged values are null there: %s.", self._name, counts)

    def abandon(self) -> None:
        """Write no more; the file is left as it is, without an end."""
        self._writer.is_open = False  # or pyarrow would write the end when this object goes, into a file that is closed

    def _convert(self) -> None:
        if not self._rows:
            return
        arrays = [self._array(column, values) for column, values in enumerate(zip(*self._rows, strict=True))]
        arrays += [
            self._pa.repeat(self._pa.scalar(value, self._pa.int32()), len(self._rows))
            for value in self._constants.values()
        ]
        batch = self._pa.record_batch(arrays, schema=self._schema)
        self.rows += len(self._rows)
        self._rows.clear()
        self._characters = 0
        self._hold(batch)

    def _hold(self, batch: pa.RecordBatch) -> None:
        """Add rows to the row group; where they have no room in it, it is written first."""
        if self._held_rows + batch.num_rows > GROUP_ROWS or self._held_bytes + batch.nbytes > _GROUP_BYTES:
            self._write_group()
        self._batches.append(batch)
        self._held_rows += batch.num_rows
        self._held_bytes += batch.nbytes

    def _write_group(self) -> None:
        if self._batches:
            self._writer.write_table(self._pa.Table.from_batches(self._batches), row_group_size=self._held_rows)
        self._batches.clear()
        self._held_rows = self._held_bytes = 0

    def _array(self, column: int, values: Sequence[Any]) -> pa.Array:
        """Return the values of a column. All at once where that can be done; one by one where a value is damaged."""
        field = self._schema.field(column)
        convert = self._conversion(field)
        try:
            return convert(values)
        except _UNFIT:
            return self._pa.concat_arrays([self._one(convert, field, place, one) for place, one in enumerate(values)])

    def _one(self, convert: Callable[[Sequence[Any]], pa.Array], field: pa.Field, place: int, value: Any) -> pa.Array:
        try:
            return convert([value])
        except _UNFIT as error:
            self.nulled[field.name] += 1
            if self.nulled.total() <= _NAMED:
                row = self._rows[place]
                key = " ".join(str(row[one]) for one in self._keys) or f"row {self.rows + place + 1}"
                logger.warning("%s: %s of %s is null there: %s.", self._name, field.name, key, error)
            return self._pa.nulls(1, field.type)

    def _conversion(self, field: pa.Field) -> Callable[[Sequence[Any]], pa.Array]:
        """Return what makes an array of values, and raises one of _UNFIT where a value is none of the column."""
        if field.name in MOMENTS:
            return lambda values: self._matched(values, _MOMENT, field.type)
        if field.name in DAYS:
            return lambda values: self._matched(values, _DAY, field.type)
        if self._pa.types.is_list(field.type):
            keys = {one.name for one in field.type.value_type} if field.name == "images" else None
            return lambda values: self._pa.array([_as_list(one, keys) for one in values], field.type)
        kind = int if self._pa.types.is_integer(field.type) else str
        return lambda values: self._pa.array(_checked(values, kind), field.type)

    def _matched(self, values: Sequence[Any], form: str, kind: pa.DataType) -> pa.Array:
        """Return texts of one form as moments or days; an empty text is no value."""
        texts = self._pa.array([one or None for one in _checked(values, str)], self._pa.string())
        if self._pa.compute.all(self._pa.compute.match_substring_regex(texts, form)).as_py() is False:
            raise ValueError(f"{values[0]!r} is not in the archive's form")
        try:
            return texts.cast(kind)
        except self._pa.ArrowInvalid as error:
            raise ValueError(f"there is no {values[0]!r}") from error


def _checked(values: Sequence[Any], kind: type) -> Sequence[Any]:
    """Return values of one type or None. Raise TypeError: pyarrow would take bytes for a text and True for a number."""
    if other := set(map(type, values)) - {kind, NoneType}:
        raise TypeError(f"it is no {kind.__name__} but {other.pop().__name__}")
    return values


def _as_list(value: Any, keys: set[str] | None) -> list[Any] | None:
    """Return a list, read from JSON where it is a text. Raise ValueError for what is none, or holds other objects."""
    found = value
    if type(value) is str:
        found = [] if value == "[]" else json.loads(value)
    if found is None or (type(found) is list and (not found or keys is None)):
        return found
    if type(found) is not list or any(type(one) is not dict or one.keys() != keys for one in found):
        raise ValueError("it is no list of its kind")  # pyarrow would leave out what it has no place for
    return found
