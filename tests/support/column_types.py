"""The types that analysts' tools give to the columns of our files, as tables of docs/analysis.md.

`python -m tests.support.column_types` writes them into the page.
"""
# ruff: noqa: PLC0415  # each tool is loaded where it is used: they take seconds

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler.items import FIELD_NAMES
from tests.support import ROOT
from tests.support.analysed import make

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = ROOT / "docs" / "analysis.md"
BLOCK = re.compile(r"(<!-- column types -->\n).*?(<!-- end -->)", re.DOTALL)
FORMATS = {"jsonl": "JSON lines", "csv": "CSV", "parquet": "Parquet"}


def offline(folder: Path) -> None:
    """Let `datasets` ask nobody, and keep what it has read in a folder; before it is imported."""
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HOME=str(folder))


def of_duckdb(file: Path) -> dict[str, str]:
    import duckdb

    rows = duckdb.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()  # noqa: S608
    return {row[0]: str(row[1]) for row in rows}


def of_pandas(file: Path) -> dict[str, str]:
    import pandas as pd

    read: dict[str, Callable[[], Any]] = {
        "jsonl": lambda: pd.read_json(file, lines=True),
        "csv": lambda: pd.read_csv(file),
        "parquet": lambda: pd.read_parquet(file),
    }
    return {str(name): str(kind) for name, kind in read[file.suffix[1:]]().dtypes.items()}


def of_polars(file: Path) -> dict[str, str]:
    import polars as pl

    read: dict[str, Callable[[], Any]] = {
        "jsonl": lambda: pl.read_ndjson(file, infer_schema_length=None),
        "csv": lambda: pl.read_csv(file, try_parse_dates=True, infer_schema_length=None),
        "parquet": lambda: pl.read_parquet(file),
    }
    return {name: str(kind) for name, kind in read[file.suffix[1:]]().schema.items()}


def of_pyarrow(file: Path) -> dict[str, str]:
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    read: dict[str, Callable[[], Any]] = {
        "jsonl": lambda: pyarrow.json.read_json(file),
        "csv": lambda: pyarrow.csv.read_csv(file, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)),
        "parquet": lambda: pyarrow.parquet.read_table(file),
    }
    return {one.name: str(one.type) for one in read[file.suffix[1:]]().schema}


def of_datasets(file: Path) -> dict[str, str]:
    import datasets

    datasets.disable_progress_bars()
    kind = {"jsonl": "json"}.get(file.suffix[1:], file.suffix[1:])
    found = datasets.load_dataset(
        kind, data_files=str(file), split="train", cache_dir=str(file.parent / f"cache-{file.name}")
    )
    return {name: re.sub(r"Value\('(.*?)'\)", r"\1", str(one)) for name, one in found.features.items()}


TOOLS: dict[str, Callable[[Path], dict[str, str]]] = {
    "DuckDB": of_duckdb, "pandas": of_pandas, "polars": of_polars, "pyarrow": of_pyarrow, "datasets": of_datasets,
}  # fmt: skip


def tables(folder: Path) -> str:
    """Return a table for each format, with the fields of one kind in a row."""
    lines: list[str] = []
    for form, said in FORMATS.items():
        found = {tool: read(folder / f"news.{form}") for tool, read in TOOLS.items()}
        rows: dict[tuple[str, ...], list[str]] = {}
        for name in FIELD_NAMES:
            rows.setdefault(tuple(kinds[name] for kinds in found.values()), []).append(f"`{name}`")
        lines += [f"\n### {said}\n", f"| fields | {' | '.join(found)} |", f"|{' --- |' * (len(found) + 1)}"]
        widest = max(rows.values(), key=len)
        for kinds, names in sorted(rows.items(), key=lambda row: row[1] is widest):
            fields = "all others, Jalali ones too" if names is widest else ", ".join(names)
            lines.append(f"| {fields} | {' | '.join(f'`{kind}`' for kind in kinds)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        offline(Path(name))
        make(Path(name))
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda match: f"{match[1]}{tables(Path(name))}\n{match[2]}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
