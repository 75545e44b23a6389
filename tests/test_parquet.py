"""Parquet files as pyarrow reads them: types, values as they were, and what damaged values cost."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
import sys
from dataclasses import fields
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from farscrawler.archive.article_rows import to_row
from farscrawler.errors import ExportError
from farscrawler.exporters import parquet
from farscrawler.exporters.parquet import DAYS, MOMENTS, ParquetWriter, arrow_schema
from farscrawler.items import FIELD_NAMES, FIELD_TEXTS, Article, json_schema

TEHRAN = dt.timezone(dt.timedelta(hours=4, minutes=30))


def article(article_id: str = "1", **more: Any) -> Article:
    found = Article(publisher="farsonline", article_id=article_id, url="https://farsonline.example/1", headline="تیتر")
    found.fetched_at = "2026-01-01T08:00:00+00:00"
    for name, value in more.items():
        setattr(found, name, value)
    return found


def written(*articles: Article, **more: Any) -> pa.Table:
    file = io.BytesIO()
    writer = ParquetWriter(file, **more)
    for one in articles:
        writer.add(one)
    writer.finish()
    assert not file.closed
    file.seek(0)
    return pq.read_table(file)


def test_every_field_has_a_type_and_its_sentence() -> None:
    schema = arrow_schema()
    assert schema.names == list(FIELD_NAMES)
    for one in schema:
        assert one.metadata == {b"description": FIELD_TEXTS[one.name].encode()}
    forms = {name: str(one.get("pattern", "")) for name, one in json_schema()["properties"].items()}
    assert {name for name, form in forms.items() if "T" in form and form.endswith(r"[+-]\d{2}:\d{2}$")} == set(MOMENTS)
    assert set(DAYS) == {"published_date"}
    assert {one.name for one in schema if one.type == pa.int32()} == {
        one.name for one in fields(Article) if one.type == "int"
    }


def test_an_article_is_read_back_as_it_was() -> None:
    one = article(
        body="یک\nنیم\u200cفاصله \x00 😀",
        tags=["الف", "ب"],
        images=[{"url": "https://farsonline.example/1.jpg", "caption": None}],
        published_at="2022-05-18T14:55:59+04:30",
    )
    (row,) = written(one).to_pylist()
    assert row.pop("published_at") == dt.datetime(2022, 5, 18, 14, 55, 59, tzinfo=TEHRAN)
    assert row.pop("fetched_at") == dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)
    assert row == {name: getattr(one, name) for name in row}


def test_moments_are_on_the_clock_of_their_texts() -> None:
    text = "2022-05-18T00:05:00+04:30"
    found = written(article(published_at=text, modified_at=text))
    assert [found[name][0].as_py().isoformat() for name in ("published_at", "modified_at", "fetched_at")] == [
        text,
        text,
        "2026-01-01T08:00:00+00:00",
    ]


def test_rows_of_an_archive_make_the_same_file() -> None:
    articles = [article(str(number), authors=["نام"], warnings=["x"] * (number % 2)) for number in range(20)]
    file = io.BytesIO()
    writer = ParquetWriter(file)
    writer.add_rows([to_row(one) for one in articles])
    writer.finish()
    assert pq.read_table(file) == written(*articles)


def test_some_columns_in_the_order_asked_for_and_a_constant() -> None:
    found = written(article(), columns=("headline", "article_id"), constants={"jalali_year": 1401})
    assert found.column_names == ["headline", "article_id", "jalali_year"]
    assert found.schema.field("jalali_year").type == pa.int32()
    assert found.to_pylist() == [{"headline": "تیتر", "article_id": "1", "jalali_year": 1401}]


def test_a_file_without_articles_has_all_columns() -> None:
    found = written()
    assert found.num_rows == 0
    assert found.schema.names == list(FIELD_NAMES)


def test_row_groups_are_bounded_in_rows_and_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_BATCH_ROWS", 10)
    monkeypatch.setattr(parquet, "GROUP_ROWS", 40)
    monkeypatch.setattr(parquet, "_BATCH_CHARACTERS", 1000)
    monkeypatch.setattr(parquet, "_GROUP_BYTES", 10_000)
    file = io.BytesIO()
    writer = ParquetWriter(file)
    for number in range(100):
        writer.add(article(str(number)))
    for number in range(100, 104):
        writer.add(article(str(number), body="ب" * 2000))
    writer.finish()
    read = pq.ParquetFile(file)
    sizes = [read.metadata.row_group(number).num_rows for number in range(read.num_row_groups)]
    assert sizes[:2] == [40, 40]
    assert len(sizes) > 3  # the long bodies are in several
    assert read.read()["article_id"].to_pylist() == [str(number) for number in range(104)]
    first = read.metadata.row_group(0)
    kept = {first.column(number).path_in_schema: first.column(number) for number in range(first.num_columns)}
    assert {one.compression for one in kept.values()} == {"ZSTD"}
    assert kept["article_id"].has_offset_index
    assert kept["article_id"].has_column_index
    assert kept["section"].has_dictionary_page
    assert not kept["body"].has_dictionary_page
    assert not kept["body"].is_stats_set


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("published_at", "1401-02-28T14:55:59+03:30"),
        ("published_at", "2022-02-30T14:55:59+03:30"),
        ("published_at", "2022-02-28T24:00:00+03:30"),
        ("published_at", "2022-02-28T23:00:60+03:30"),
        ("published_at", "2022-02-28T23:00:00+24:00"),
        ("published_at", "2022-02-28T23:00:00"),
        ("published_at", "2022-02-28"),
        ("published_at", "9999-12-31T23:59:59-12:00"),
        ("published_at", "دیروز"),
        ("modified_at", 20220228),
        ("fetched_at", b"2022-02-28T23:00:00+03:30"),
        ("body", "\ud83d"),
        ("lead", b"bytes"),
        ("kicker", 5),
        ("revision", 2**40),
        ("revision", "1"),
        ("tags", "[1]"),
        ("tags", ["\ud83d"]),
        ("authors", "{"),
        ("authors", '{"a": 1}'),
        ("warnings", "[" * 100_000),
        ("images", [{"url": "https://farsonline.example/1.jpg"}]),
        ("images", '[{"url": "x", "caption": null, "width": 5}]'),
    ],
)
def test_a_damaged_value_costs_itself_and_is_named(field: str, value: object, caplog: pytest.LogCaptureFixture) -> None:
    good = [article(str(number), published_at="2022-05-18T14:55:59+04:30", tags=["x"]) for number in (1, 3)]
    with caplog.at_level(logging.WARNING):
        found = written(good[0], article("2", **{field: value}), good[1], name="news.parquet")
    rows = found.to_pylist()
    assert rows[1][field] is None
    assert rows[1] | {field: 0} == written(article("2")).to_pylist()[0] | {field: 0}
    assert [rows[0], rows[2]] == written(*good).to_pylist()
    assert caplog.messages[0].startswith(f"news.parquet: {field} of farsonline 2 is null there: ")
    assert caplog.messages[1:] == [f"news.parquet: damaged values are null there: 1 of {field}."]


def test_of_many_damaged_values_ten_are_named_and_all_counted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        written(*(article(str(number), published_at="x", modified_at="y") for number in range(50)))
    assert len(caplog.messages) == 11
    assert caplog.messages[-1].endswith("null there: 50 of published_at, 50 of modified_at.")


def test_an_abandoned_file_gets_no_end() -> None:
    file = io.BytesIO()
    writer = ParquetWriter(file)
    writer.add(article())
    writer.abandon()
    file.close()
    del writer  # an end written now would be a warning, which fails the test


def test_pandas_is_told_to_keep_whole_numbers() -> None:
    told = json.loads(written(article(), constants={"jalali_year": None}).schema.metadata[b"pandas"])
    assert {one["name"] for one in told["columns"] if one["numpy_type"] == "Int32"} >= {"revision", "jalali_year"}


def test_without_pyarrow_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast("dict[str, Any]", sys.modules), "pyarrow.compute", None)
    with pytest.raises(ExportError, match=re.escape("pip install 'farscrawler[analysis]'")):
        ParquetWriter(io.BytesIO())
