"""A dataset as DuckDB, pandas, polars, pyarrow and Hugging Face's `datasets` read it: every row, and every type."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow.dataset
import pytest

from farscrawler.archive import Archive
from farscrawler.archive.reading.selection import Selection
from farscrawler.dataset import grow
from farscrawler.exporters.parquet import arrow_schema
from farscrawler.items import FIELD_NAMES
from tests.support.commands import PATIENCE, environment
from tests.support.datasets import article, store

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = [*FIELD_NAMES, "jalali_year"]
WHOLE_NUMBERS = ("revision", "schema_version", "jalali_year")
MOMENTS = ("published_at", "modified_at", "fetched_at")
LISTS = ("authors", "tags", "images", "warnings")
TEXTS = [name for name in COLUMNS if name not in {*WHOLE_NUMBERS, *MOMENTS, *LISTS, "published_date"}]
#: Of 40 articles, by their Jalali year.
YEARS = {None: 10, 1400: 10, 1401: 10, 1402: 10}


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a dataset of two publishers, three years and articles without a day, that has grown once."""
    folder = tmp_path_factory.mktemp("tools")
    for numbers in (range(32), range(32, 40)):
        archive = store(folder / "archive.db", map(article, numbers))
        with Archive(archive) as opened:
            grow(opened, folder / "news", Selection(), damaged=lambda name, what: pytest.fail(f"{name}: {what}"))
    return folder / "news"


def counted(years: list[Any]) -> dict[Any, int]:
    return {year: years.count(year) for year in set(years)}


@pytest.mark.parametrize("partitioning", ["hive", None])
def test_pyarrow(news: Path, partitioning: str | None) -> None:
    found = pyarrow.dataset.dataset(news / "data", partitioning=partitioning)
    assert found.schema.equals(arrow_schema(constants={"jalali_year": None}))
    assert found.count_rows(filter=pyarrow.dataset.field("jalali_year") == 1401) == 10
    assert counted(found.to_table()["jalali_year"].to_pylist()) == YEARS


@pytest.mark.parametrize("hive", [True, False])
def test_polars(news: Path, *, hive: bool) -> None:
    pl = pytest.importorskip("polars")
    found = pl.read_parquet(news / "data/**/*.parquet", hive_partitioning=hive)
    types = dict(found.schema)
    assert list(types) == COLUMNS
    assert {types[name] for name in TEXTS} == {pl.String}
    assert {types[name] for name in WHOLE_NUMBERS} == {pl.Int32}
    assert types["published_date"] == pl.Date
    assert [types[name] for name in MOMENTS] == [
        pl.Datetime("us", zone) for zone in ("Asia/Tehran", "Asia/Tehran", "UTC")
    ]
    assert types["images"] == pl.List(pl.Struct({"url": pl.String, "caption": pl.String}))
    assert counted(found["jalali_year"].to_list()) == YEARS
    lazy = pl.scan_parquet(news / "data/**/*.parquet", hive_partitioning=hive)
    assert lazy.filter(pl.col("jalali_year") == 1401).collect().height == 10


def test_pandas(news: Path) -> None:
    pd = pytest.importorskip("pandas")
    found = pd.read_parquet(news / "data", partitioning=None)
    types = {name: str(kind) for name, kind in found.dtypes.items()}
    assert list(types) == COLUMNS
    assert {types[name] for name in TEXTS} == {"str"}
    assert {types[name] for name in WHOLE_NUMBERS} == {"Int32"}
    assert [types[name] for name in MOMENTS] == [
        *["datetime64[us, Asia/Tehran]"] * 2,
        "datetime64[us, UTC]",
    ]
    assert found["jalali_year"].value_counts(dropna=False).sort_index().tolist() == [10, 10, 10, 10]
    known = found.dropna(subset="published_at")
    assert (known["published_at"].dt.date == known["published_date"]).all()  # 23:50 in Tehran is of that day


@pytest.mark.parametrize("hive", [True, False])
def test_duckdb(news: Path, *, hive: bool) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as db:
        news_table = db.read_parquet(f"{news}/data/**/*.parquet", hive_partitioning=hive)
        types = dict(zip(news_table.columns, map(str, news_table.types), strict=True))
        years = db.sql("SELECT jalali_year, count(*) FROM news_table GROUP BY ALL").fetchall()
        same = "(published_at AT TIME ZONE 'Asia/Tehran')::DATE = published_date"
        days = news_table.filter(same).count("*").fetchall()
    assert list(types) == COLUMNS
    assert {types[name] for name in TEXTS} == {"VARCHAR"}
    assert {types[name] for name in MOMENTS} == {"TIMESTAMP WITH TIME ZONE"}
    assert types["published_date"] == "DATE"
    assert types["images"] == "STRUCT(url VARCHAR, caption VARCHAR)[]"
    assert {types[name] for name in ("revision", "schema_version")} == {"INTEGER"}
    assert types["jalali_year"] == ("BIGINT" if hive else "INTEGER")
    assert dict(years) == YEARS
    assert days == [(30,)]


_DATASETS = """
import json, socket, sys
def no_network(*_):
    raise AssertionError("the network was asked")
socket.socket.connect = no_network
import datasets
whole = datasets.load_dataset(sys.argv[1])["train"]
one = datasets.load_dataset(sys.argv[1], "irna")["train"]
print(json.dumps({
    "names": datasets.get_dataset_config_names(sys.argv[1]),
    "card": datasets.load_dataset_builder(sys.argv[1]).info.features == whole.features,
    "types": {name: str(kind) for name, kind in whole.features.items()},
    "years": whole["jalali_year"][:], "one": sorted(set(one["publisher"])), "rows": len(one),
    "first": str(whole.filter(lambda row: row["article_id"] == "1")[0]["published_at"]),
}))
"""


def test_datasets(news: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec("datasets") is None:  # importing it takes two seconds, in the process below alone
        pytest.skip("datasets is not installed")
    home = {name: str(tmp_path / name) for name in ("HF_HOME", "HF_DATASETS_CACHE")}
    env = environment(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", DO_NOT_TRACK="1", **home)
    words = [sys.executable, "-c", _DATASETS, str(news)]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    types = found["types"]
    assert found["names"] == ["default", "farsonline", "irna"]
    assert found["card"]
    assert list(types) == COLUMNS
    assert {types[name] for name in TEXTS} == {"Value('string')"}
    assert {types[name] for name in WHOLE_NUMBERS} == {"Value('int32')"}
    assert types["published_date"] == "Value('date32')"
    assert types["published_at"] == "Value('timestamp[us, tz=Asia/Tehran]')"
    assert types["images"] == "List({'url': Value('string'), 'caption': Value('string')})"
    assert counted(found["years"]) == YEARS
    assert (found["one"], found["rows"]) == (["irna"], 20)
    assert found["first"] == "2022-03-21 23:50:00+03:30"
