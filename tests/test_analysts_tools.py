"""What analysts' tools make of our files: each trap of version 1 of the fields, and that the data now avoids it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import Archive, fold
from tests.support import column_types, json_lines
from tests.support.analysed import make

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.items import Article

duckdb: Any = pytest.importorskip("duckdb")
pd: Any = pytest.importorskip("pandas")
pl: Any = pytest.importorskip("polars")
pa_json: Any = pytest.importorskip("pyarrow.json")
BETWEEN = "SELECT count(*) FROM {} WHERE {} BETWEEN '{}' AND '{}'"
#: Ordibehesht 1401, in the form of each version, and the number of its articles that have a moment.
OLD, NEW = ("1401-02-01", "1401-02-31"), ("SH 1401/02/01", "SH 1401/02/31")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("analysts")
    column_types.offline(made)
    pytest.importorskip("datasets")
    return made


@pytest.fixture(scope="module")
def articles(folder: Path) -> list[Article]:
    return make(folder)


@pytest.fixture(scope="module")
def in_month(articles: list[Article]) -> int:
    return sum("SH 1401/02/" in (one.published_jalali_date or "") for one in articles)


@pytest.fixture(scope="module")
def spring(folder: Path, articles: list[Article]) -> Path:
    """Return a folder with the articles of Farvardin 1401, whose days the Gregorian calendar has too."""
    made = folder / "spring"
    made.mkdir()
    for name in ("old", "news"):
        lines = [
            line for line in json_lines(folder / f"{name}.jsonl") if "1401" in (day := line["published_jalali"])
            and day.removeprefix("SH ")[5:7] == "01"
        ]  # fmt: skip
        assert len(lines) > 5
        (made / f"{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    assert len(articles) > 100
    return made


# -- a Jalali time is taken for a Gregorian one --------------------------------------------------


def test_duckdb_takes_no_jalali_time_for_a_gregorian_one(spring: Path) -> None:
    old, new = (f"SELECT max(published_jalali) FROM '{spring / name}.jsonl'" for name in ("old", "news"))  # noqa: S608
    assert duckdb.sql(old).fetchall()[0][0].year == 1401
    assert str(duckdb.sql(new).fetchall()[0][0]).startswith("SH 1401/01/")


def test_pyarrow_takes_no_jalali_time_for_a_gregorian_one(spring: Path) -> None:
    old, new = (pa_json.read_json(spring / f"{name}.jsonl") for name in ("old", "news"))
    assert str(old["published_jalali"].type) == "timestamp[s]"
    assert old["published_jalali"][0].as_py().year == 1401
    assert {str(new[name].type) for name in ("published_jalali", "published_jalali_date")} == {"string"}


def test_datasets_takes_no_jalali_time_for_a_gregorian_one(spring: Path) -> None:
    old, new = (column_types.of_datasets(spring / f"{name}.jsonl") for name in ("old", "news"))
    assert old["published_jalali"] == "timestamp[s]"
    assert (new["published_jalali"], new["published_jalali_date"]) == ("string", "string")


@pytest.mark.parametrize("tool", column_types.TOOLS)
@pytest.mark.parametrize("form", column_types.FORMATS)
def test_every_tool_reads_jalali_times_as_text_in_every_format(
    folder: Path, articles: list[Article], tool: str, form: str
) -> None:
    del articles
    found = column_types.TOOLS[tool](folder / f"news.{form}")
    kinds = {found["published_jalali"], found["published_jalali_date"]}
    assert kinds <= {"VARCHAR", "str", "String", "string", "large_string"}


def test_pandas_converts_no_jalali_time(spring: Path) -> None:
    """Of the old form a conversion gave moments of the year 1401."""

    def converted(name: str) -> Any:
        lines = pd.DataFrame(json_lines(spring / f"{name}.jsonl"))
        lines.to_csv(spring / f"{name}.csv", index=False)
        return pd.read_csv(spring / f"{name}.csv", parse_dates=["published_jalali"])["published_jalali"]

    assert converted("old").dt.year.unique().tolist() == [1401]
    with pytest.warns(UserWarning, match="Could not infer format"):
        assert converted("news").str.startswith("SH 1401/01/").all()


# -- the last day of a month is lost -------------------------------------------------------------


def test_the_last_day_of_a_month_is_in_it(folder: Path, in_month: int) -> None:

    def count(name: str, column: str, ends: tuple[str, str]) -> set[int]:
        query = BETWEEN.format("{}", column, *ends)
        with closing(sqlite3.connect(folder / f"{name}.db")) as db:
            by_sqlite = db.execute(query.format("articles")).fetchone()[0]
        by_duckdb = duckdb.sql(query.format(f"read_csv('{folder / name}.csv', all_varchar = true)")).fetchall()[0][0]
        by_pandas = pd.read_csv(folder / f"{name}.csv", dtype=str)[column].between(*ends).sum()
        text = pl.read_csv(folder / f"{name}.csv", infer_schema=False)[column]
        return {by_sqlite, by_duckdb, int(by_pandas), text.is_between(*ends).sum()}

    assert count("old", "published_jalali", OLD) == {in_month - 1}
    assert count("news", "published_jalali_date", NEW) == {in_month}


# -- an id is made a number, a moment is a text or not as the file happens to be -----------------


def test_an_id_stays_what_it_was(folder: Path, articles: list[Article]) -> None:
    ids = [one.article_id for one in articles]
    assert "0042" in ids
    guessed = pd.read_json(folder / "old.jsonl", lines=True)
    assert 42 in guessed["article_id"].tolist()  # nothing in a text file says that it is none
    assert pd.read_csv(folder / "news.csv", dtype=str)["article_id"].tolist() == ids
    assert pd.read_parquet(folder / "news.parquet")["article_id"].tolist() == ids


def test_a_moment_is_one_whatever_the_other_rows_are(folder: Path, spring: Path, articles: list[Article]) -> None:
    """JSON lines of one offset are datetimes to pandas, and of two they are texts; Parquet says what they are."""
    one, two = (pd.read_json(each / "news.jsonl", lines=True)["published_at"] for each in (spring, folder))
    assert str(one.dtype).startswith("datetime64")
    assert str(two.dtype) in ("str", "object")
    news = pd.read_parquet(folder / "news.parquet")
    assert str(news["published_at"].dtype) == "datetime64[us, Asia/Tehran]"
    known = news[news["published_at"].notna()]
    assert [at.isoformat() for at in known["published_at"]] == [
        one.published_at for one in articles if one.published_at is not None
    ]


# -- a session in UTC puts articles on another day -----------------------------------------------


@pytest.mark.parametrize("form", column_types.FORMATS)
def test_a_day_is_the_same_in_every_session(folder: Path, articles: list[Article], form: str) -> None:
    wanted = sorted(one.published_date or "" for one in articles)
    moved = set()
    for zone in ("UTC", "Asia/Tehran", "America/New_York"):
        with duckdb.connect() as db:
            db.execute(f"SET TimeZone = '{zone}'")
            days = db.execute(f"SELECT CAST(published_date AS VARCHAR) FROM '{folder}/news.{form}'").fetchall()  # noqa: S608
            assert sorted(day for (day,) in days) == wanted
            other = db.execute(
                f"SELECT count(*) FROM '{folder}/news.{form}' WHERE CAST(published_at AS DATE) != published_date"  # noqa: S608
            ).fetchall()
            moved.add((zone, other[0][0] > 5))
    assert moved == {("UTC", True), ("Asia/Tehran", False), ("America/New_York", True)}


def test_a_day_without_a_moment_is_there(folder: Path, articles: list[Article]) -> None:
    assert sum(one.published_at is None for one in articles) == 1
    news = pl.read_parquet(folder / "news.parquet")
    assert news["published_date"].null_count() == 0
    assert news.filter(pl.col("published_at").is_null())["published_date"].to_list()[0].isoformat() == "2022-05-21"


# -- LIKE misses other spellings ---------------------------------------------------------------


def test_a_word_is_found_in_all_spellings(folder: Path, articles: list[Article]) -> None:
    """Half of the newsroom's pages are typed with Arabic letters, and some without half-spaces."""
    texts = {one.article_id: (one.kicker, one.headline, one.lead, one.body) for one in articles}
    wanted = {key for key, found in texts.items() if "کتابخانه" in fold("\n".join(filter(None, found)))}
    text = "concat_ws(chr(10), kicker, headline, lead, body)"
    with duckdb.connect() as db:
        db.create_function("fold", fold, ["VARCHAR"], "VARCHAR")
        by_like, by_fold = (
            {key for (key,) in db.execute(f"SELECT article_id FROM '{folder}/news.parquet' WHERE {where}").fetchall()}  # noqa: S608
            for where in (f"{text} LIKE '%کتابخانه%'", f"fold({text}) LIKE '%کتابخانه%'")
        )
    assert len(by_like) < 0.8 * len(wanted)
    assert by_fold == wanted
    with Archive(folder / "archive.db", readonly=False) as archive:
        assert {key for _, key in archive.matching("کتابخانه")} == wanted


# -- the version -------------------------------------------------------------------------------


def test_every_file_says_its_version(folder: Path, articles: list[Article]) -> None:
    for form in column_types.FORMATS:
        (row,) = duckdb.sql(f"SELECT min(schema_version), max(schema_version) FROM '{folder}/news.{form}'").fetchall()  # noqa: S608
        assert row == (2, 2)
    with closing(sqlite3.connect(folder / "news.db")) as db:
        assert db.execute("SELECT schema_version, count(*) FROM articles GROUP BY 1").fetchall() == [(2, len(articles))]


def test_the_types_are_those_of_the_table(folder: Path, articles: list[Article]) -> None:
    del articles
    page: Any = column_types.BLOCK.search(column_types.PAGE.read_text(encoding="utf-8"))
    assert page is not None
    assert column_types.tables(folder) in page[0], "run python -m tests.support.column_types"


# -- docs/analysis.md -----------------------------------------------------------------------------

_RECIPES = re.findall(r"```python\n(.*?)```", column_types.PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", _RECIPES, ids=lambda code: str(code).split("import ")[1].split()[0])
def test_a_recipe_runs(
    folder: Path,
    articles: list[Article],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len(articles) > 100
    monkeypatch.chdir(folder)
    exec(compile(code, "docs/analysis.md", "exec"), {})  # noqa: S102  # our own page
    said = capsys.readouterr().out
    assert said.strip()
    assert "[3:10]" not in code or "1401/02" in said
