"""`farscrawler stats`: counts of an archive against counts of its articles one by one, and how they are shown."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING, Any

import jdatetime
import pytest

from farscrawler.archive import Archive, article_counts, count_keys
from farscrawler.archive.article_counts import Counts, count_articles
from farscrawler.archive.audit import health
from farscrawler.archive.count_keys import CLASSES, DIMENSIONS, words
from farscrawler.archive.schema import FILL_FIELDS, to_row
from farscrawler.cli.count_lines import Left, limited
from farscrawler.cli.output import out_csv
from farscrawler.days import DateRange, parse_date_range
from farscrawler.errors import BadArgumentError, DamagedArchiveError
from farscrawler.items import FIELD_NAMES, Article
from farscrawler.persian import fold
from tests.support import environment, run, start
from tests.support.records import AT, article, visit

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

SECTIONS = ["سیاسی", "سياسي", "بین‌الملل", "بین الملل", "=ورزش+1", "", None]
TAGS = ["انتخابات", "كتاب", "کتاب", "مجلس", "\x1b[31mسرخ"]
SINGLE = [name for name in DIMENSIONS if not DIMENSIONS[name].several]


def made(count: int = 150, seed: int = 1) -> list[Article]:
    """Return articles of every kind: without a day, with a day alone, of two spellings, of two calendars' year ends."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        one = article(f"{number}")
        one.publisher = chance.choice(["farsonline", "irna", "isna"])
        day = jdatetime.date(1400, 12, 1) + jdatetime.timedelta(days=chance.randrange(60))
        clock = f"{chance.randrange(24):02}:59:59"
        match chance.randrange(10):
            case 0:
                pass
            case 1:
                one.published_jalali, one.published_precision = str(day), "day"
            case _:
                one.published_jalali, one.published_precision = f"{day!s}T{clock}", "second"
                one.published_at = f"{day.togregorian()!s}T{clock}+03:30"
        one.section = chance.choice(SECTIONS)
        one.agency = chance.choice([None, "ایرنا"])
        one.authors = chance.sample(["الف", "ب"], chance.randrange(3))
        one.tags = chance.choices(TAGS, k=chance.randrange(4))
        one.images = one.images if chance.random() < 0.5 else []
        one.body = " ".join(["واژه"] * chance.choice([0, 1, 49, 50, 99, 100, 499, 500, 2500]))
        one.fetched_at, one.content_hash = AT, f"{number}"
        found.append(one)
    return found


def store(path: Path, articles: Iterable[Article]) -> Path:
    with Archive(path, readonly=False) as archive:
        for one in articles:
            seen = visit(one.article_id)
            seen.publisher = one.publisher
            archive.save(seen, one)
    return path


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return made()


@pytest.fixture(scope="module")
def path(articles: list[Article], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("counts") / "archive.db", articles)


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive(path) as opened:
        yield opened


# What each article counts as, without a word of the code under test.


def _period(parts: int, *, gregorian: bool) -> Callable[[Article], list[Any]]:
    def of(one: Article) -> list[Any]:
        if one.published_jalali is None:
            return [None]
        year, month, day = map(int, one.published_jalali[:10].split("-"))
        text = str(jdatetime.date(year, month, day).togregorian()) if gregorian else f"{year:04}-{month:02}-{day:02}"
        return [text[: (4, 7, 10)[parts]]]

    return of


def _class(one: Article) -> list[Any]:
    return [max(least for least in CLASSES if len(one.body.split()) >= least)]


def oracle(name: str, *, gregorian: bool) -> Callable[[Article], Sequence[Any]]:
    found: dict[str, Callable[[Article], Sequence[Any]]] = {
        "year": _period(0, gregorian=gregorian),
        "month": _period(1, gregorian=gregorian),
        "day": _period(2, gregorian=gregorian),
        "publisher": lambda one: [one.publisher],
        "section": lambda one: [fold(one.section or "") or None],
        "agency": lambda one: [one.agency],
        "author": lambda one: list(map(fold, one.authors)) or [None],
        "tag": lambda one: list(set(map(fold, one.tags))) or [None],
        "length": _class,
        "fill": lambda one: [field for field in FILL_FIELDS if getattr(one, field)],
    }
    return found[name]


def folded(name: str, value: str | None) -> Any:
    """Return a value of an answer as the oracle has it."""
    if name == "length":
        return int(re.match(r"\d+", value or "")[0])  # type: ignore[index]  # every class begins with its least number
    return value if value is None or name not in ("section", "agency", "author", "tag") else fold(value)


def answer(counts: Counts) -> dict[tuple[Any, ...], int]:
    keys = [tuple(map(folded, counts.by, row.values)) for row in counts.rows]
    assert len(set(keys)) == len(keys)
    return {key: row.articles for key, row in zip(keys, counts.rows, strict=True) if row.articles}


def expected(articles: Iterable[Article], by: Sequence[str], *, gregorian: bool = False) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    keys = [oracle(name, gregorian=gregorian) for name in by]
    for one in articles:
        found.update((key,) if len(by) == 1 else (key, other)
                     for key in keys[0](one) for other in (keys[1](one) if len(by) > 1 else [None]))  # fmt: skip
    return found


PAIRS = [(one, other) for one in DIMENSIONS for other in ("month", "tag", "fill") if one not in (other, "fill")]
BY: list[tuple[str, ...]] = [*((name,) for name in DIMENSIONS), *PAIRS]
CASES = [(by, "jalali") for by in BY] + [(by, "gregorian") for by in BY if {"day", "month", "year"} & set(by)]


@pytest.mark.parametrize(("by", "calendar"), CASES)
def test_every_count_is_that_of_the_articles(
    by: tuple[str, ...], calendar: count_keys.Calendar, archive: Archive, articles: list[Article]
) -> None:
    counts = count_articles(archive, by, calendar=calendar)
    gregorian = calendar == "gregorian"
    assert answer(counts) == expected(articles, by, gregorian=gregorian)
    assert (counts.articles, counts.undated) == (len(articles), 0)
    if counts.several is None:
        assert sum(row.articles for row in counts.rows) == counts.articles
    firsts = expected(articles, by[:1], gregorian=gregorian)
    for row in counts.rows:
        assert row.within == (len(articles) if len(by) == 1 else firsts[(folded(by[0], row.values[0]),)])
    lengths = [len(one.body.split()) for one in articles]
    assert counts.median_words == (median(lengths) if "length" in by else None)


@pytest.mark.parametrize(
    ("since", "until"), [("1401-01-01", "1401-01"), ("1400-12-25", "1400-12-29"), ("2022-03-21", None), (None, "1400")]
)
def test_a_range_has_its_last_day_and_says_how_many_have_none(
    since: str | None, until: str | None, archive: Archive, articles: list[Article]
) -> None:
    span = parse_date_range(since, until)
    within = [one for one in articles if span.covers(one)]
    for by in (("day",), ("section", "month"), ("publisher", "fill")):
        counts = count_articles(archive, by, span=span)
        assert answer(counts) == expected(within, by)
        assert counts.articles == len(within) > 0
        assert counts.undated == sum(one.published_jalali is None for one in articles) > 0


def test_publishers_and_a_section_in_any_spelling(archive: Archive, articles: list[Article]) -> None:
    within = [one for one in articles if one.publisher in ("irna", "isna") and fold(one.section or "") == "سیاسی"]
    counts = count_articles(archive, ("month", "publisher"), publishers=["isna", "irna"], section="سياسي")
    assert answer(counts) == expected(within, ("month", "publisher"))
    assert {one.section for one in within} == {"سیاسی", "سياسي"}
    ranged = count_articles(archive, section="سياسي", span=parse_date_range("1401", None))
    assert ranged.undated == sum(
        one.published_jalali is None and fold(one.section or "") == "سیاسی" for one in articles
    )


@pytest.mark.parametrize("size", [1, 7, 50])
def test_the_size_of_a_page_changes_nothing(size: int, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [count_articles(archive, by) for by in (("tag", "day"), ("length",))]
    monkeypatch.setattr(article_counts, "PAGE_ROWS", size)
    assert [count_articles(archive, by) for by in (("tag", "day"), ("length",))] == whole


def test_labels_are_shown_as_they_are_written_most(tmp_path: Path) -> None:
    found = []
    for number, tags in enumerate(
        (["كتاب", "کتاب"], ["کتاب"], ["کتاب", "کتاب"], ["كتاب"], ["ب", "الف"], [" ", ""], [])
    ):
        found.append(article(f"{number}"))
        found[-1].tags = tags
    with Archive(store(tmp_path / "archive.db", found)) as opened:
        rows = [(row.values[0], row.articles) for row in count_articles(opened, ("tag",)).rows]
    assert rows == [("کتاب", 4), ("الف", 1), ("ب", 1), (None, 2)]


def test_the_fill_is_that_of_the_publishers_list(archive: Archive) -> None:
    for publisher, fare in health(archive).items():
        counts = count_articles(archive, ("fill",), publishers=[publisher])
        assert {row.values[0]: pytest.approx(row.share) for row in counts.rows} == fare.fill


@pytest.mark.parametrize(
    "body",
    ["", " ", "یک", "یک دو\nسه", "یک  دو", "یک\u00a0دو", "\u00a0یک \u00a0 دو", "می\u200cرود خانه", "یک \n دو", "a\tb"],
)
def test_words_are_what_stands_between_blanks(body: str) -> None:
    assert words(body.encode()) == len(body.split())


def test_the_median_is_that_of_all_numbers() -> None:
    chance = random.Random(3)
    for _ in range(200):
        numbers = chance.choices(range(6), k=chance.randrange(1, 9))
        assert count_keys._median(Counter(numbers)) == median(numbers), numbers


def test_days_and_publishers_are_read_from_the_index_alone(path: Path) -> None:
    for by in (("day",), ("month", "publisher"), ("publisher", "year")):
        for span in (DateRange(), parse_date_range("1401", "1401")):
            said: list[str] = []
            with Archive(path) as opened:
                opened.db.set_trace_callback(said.append)
                count_articles(opened, by, span=span)
                opened.db.set_trace_callback(None)
                plans = [
                    " ".join(row[3] for row in opened.db.execute(f"EXPLAIN QUERY PLAN {statement}"))
                    for statement in said
                ]
            assert len(plans) >= 7  # the publishers, and of each the dated and the undated
            assert all("USING COVERING INDEX" in plan and "TEMP B-TREE" not in plan for plan in plans)
            assert sum("articles_by_day" in plan for plan in plans) >= 6


def test_a_crawl_can_fold_its_log_while_counts_are_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article_counts, "PAGE_ROWS", 20)
    folded_in = []
    with closing(sqlite3.connect(path, isolation_level=None)) as writer, Archive(path) as opened:
        writer.execute("PRAGMA busy_timeout = 0")

        def add(self: Any, found: Any, real: Any = article_counts._Tally.add) -> None:
            writer.execute("UPDATE runs SET counts = counts")
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("CREATE TABLE IF NOT EXISTS x (a)")
            writer.execute("DROP TABLE x")
            writer.execute("COMMIT")
            folded_in.append(writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
            real(self, found)

        monkeypatch.setattr(article_counts._Tally, "add", add)
        count_articles(opened, ("tag",))
    assert len(folded_in) > 5
    assert set(folded_in) == {(0, 0, 0)}


def test_memory_is_that_of_the_answer(tmp_path: Path) -> None:
    """2,000 articles of 9 KB, of one day, are counted in little more memory than 20."""
    peaks = {}
    for count in (20, 2_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        one = article("1")
        one.published_jalali, one.body = "1401-02-01T10:00:00", "واژه " * 1000
        with Archive(folder / "archive.db", readonly=False) as opened:
            opened.db.execute("CREATE TEMP TABLE one AS SELECT * FROM articles")
            places = ", ".join("?" * len(FIELD_NAMES))
            opened.db.execute(f"INSERT INTO one VALUES ({places})", to_row(one))  # noqa: S608  # names of the schema
            names = ", ".join("n.id" if name == "article_id" else name for name in FIELD_NAMES)
            opened.db.execute(
                f"""INSERT INTO articles WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT {count})
                    SELECT {names} FROM one, n"""  # noqa: S608  # as above
            )
        with start("stats", "--by", "day", "--by", "length", cwd=folder, stdout=-1, stderr=-1) as process:
            said, _ = process.communicate()
        assert f"{count:,} articles" in said
        peaks[count] = process.peak
    assert peaks[2_000] - peaks[20] < 6 << 20


def test_what_cannot_be_counted_by_is_said(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for by in ((), ("word",), ("day", "day"), ("day", "tag", "section"), ("fill", "day")):
        with pytest.raises(BadArgumentError, match="by="):
            count_articles(archive, by)
    monkeypatch.setattr(article_counts, "MAX_ROWS", 20)
    assert count_articles(archive, ("year",)).rows
    with pytest.raises(BadArgumentError, match="more than 20 rows"):
        count_articles(archive, ("day", "publisher"))
    with pytest.raises(BadArgumentError, match="more than 20 rows"):
        count_articles(archive, ("publisher", "day"))


@pytest.mark.parametrize(
    ("column", "value", "by"),
    [
        ("tags", "[", "tag"), ("tags", "{}", "tag"), ("authors", "[1]", "author"), ("tags", b"\xff", "tag"),
        ("section", b"x", "section"), ("published_jalali", "1401-13-01", "day"), ("published_jalali", b"x", "year"),
        ("published_jalali", "دیروز", "month"), ("body", b"x", "length"),
    ],
)  # fmt: skip
def test_a_damaged_value_is_a_sentence(column: str, value: object, by: str, tmp_path: Path) -> None:
    path = store(tmp_path / "archive.db", [article("1")])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TRIGGER keep_revision")
        db.execute(f"UPDATE articles SET {column} = ?", (value,))  # noqa: S608  # a name of the schema
    with Archive(path) as opened, pytest.raises(DamagedArchiveError, match=r"damaged .*farscrawler check"):
        count_articles(opened, (by,))


# The command.


def stats(*words: str, cwd: Path, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    done = run("stats", *words, cwd=cwd, env=environment(**more))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def lines(text: str) -> list[list[str]]:
    """Return the cells of the table of an output; the sentences below it are left out."""
    return [re.split(r" {2,}", line) for line in text.split("\n\n", 1)[0].splitlines()]


def test_the_table_and_its_total(path: Path, articles: list[Article]) -> None:
    said = stats(cwd=path.parent).stdout
    head, *rows = lines(said)
    assert head == ["month", "articles", "share"]
    assert [row[0] for row in rows] == ["1400/12 Esfand", "1401/01 Farvardin", "no known day"]
    assert sum(int(row[1]) for row in rows) == len(articles)
    assert f"{len(articles)} articles in archive.db" in said
    gregorian = stats("--calendar", "gregorian", "--since", "2022-04", cwd=path.parent).stdout
    assert lines(gregorian)[1][0] == "2022-04 April"
    assert re.search(
        r"archive.db, 2022-04-01 to …\nWithout a known day, and so in no range: \d+ articles more", gregorian
    )


def test_json_has_everything(path: Path, articles: list[Article]) -> None:
    found = json.loads(stats("--by", "year", "--by", "length", "--json", "irna", cwd=path.parent).stdout)
    own = [one for one in articles if one.publisher == "irna"]
    assert (found["archive"], found["publishers"], found["section"]) == ("archive.db", ["irna"], None)
    assert (found["by"], found["calendar"], found["articles"]) == (["year", "length"], "jalali", len(own))
    assert found["median_words"] == median(len(one.body.split()) for one in own)
    rows = found["rows"]
    assert list(rows[0]) == ["year", "length", "articles", "share"]
    assert rows[-1]["year"] is None
    by_year: dict[Any, float] = defaultdict(float)
    for row in rows:
        by_year[row["year"]] += row["share"]
    assert dict(by_year) == {year: pytest.approx(1, abs=0.001) for year in ("1400", "1401", None)}


def test_csv_is_safe_on_request_and_never_raw(path: Path) -> None:
    plain = list(csv.reader(io.StringIO(stats("--by", "section", "--csv", cwd=path.parent).stdout)))
    assert plain[0] == ["section", "articles", "share"]
    assert {"=ورزش+1", ""} < {row[0] for row in plain}
    for more in (("--csv-safe",), ("--csv", "-s", "CSV_SAFE=on")):
        safe = list(csv.reader(io.StringIO(stats("--by", "section", *more, cwd=path.parent).stdout)))
        assert safe == [[row[0].replace("=", "'=", 1) if row[0].startswith("=") else row[0], *row[1:]] for row in plain]
    tags = stats("--by", "tag", "--csv", cwd=path.parent).stdout
    assert "\\x1b[31mسرخ" in tags
    assert "\x1b" not in tags + stats("--by", "tag", cwd=path.parent).stdout


def test_csv_in_a_file_is_utf8_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(file, encoding="ascii", errors="backslashreplace"))
    out_csv([["کتاب", 2, 0.5], ["=1", 1, 0.25]], safe=True)
    assert file.getvalue().decode() == "کتاب,2,0.5\r\n'=1,1,0.25\r\n"


def test_what_a_limit_leaves_out_is_said(path: Path, articles: list[Article]) -> None:
    rows = lines(stats("--by", "tag", "-n", "2", cwd=path.parent).stdout)[1:]
    count = expected(articles, ("tag",))
    assert len(rows) == 4
    assert rows[2][:2] == [
        "… and 2 more",
        str(sum(sorted(count[(fold(tag),)] for tag in {"انتخابات", "کتاب", "مجلس", TAGS[-1]})[:2])),
    ]
    assert rows[3][:2] == ["no tag", str(count[(None,)])]
    newest = lines(stats("-n", "1", cwd=path.parent).stdout)[1:]
    assert [row[0] for row in newest] == ["… and 1 more", "1401/01 Farvardin", "no known day"]
    done = stats("--by", "tag", "-n", "1", "--csv", "--since", "1401", cwd=path.parent)
    assert "3 more rows are left out by -n 1" in done.stderr
    assert "Without a known day" in done.stderr
    found = json.loads(stats("--by", "month", "--by", "tag", "-n", "1", "--json", cwd=path.parent).stdout)
    assert [(one["month"], one["rows"]) for one in found["more"]] == [("1400-12", 3), ("1401-01", 3), (None, 3)]


@pytest.mark.parametrize("by", [("tag",), ("month",), ("length",), ("day", "section"), ("tag", "section"),
                                ("author", "month"), ("length", "fill"), ("year", "month")])  # fmt: skip
@pytest.mark.parametrize("most", [1, 3])
def test_a_limit_loses_no_article(by: tuple[str, ...], most: int, archive: Archive) -> None:
    counts = count_articles(archive, by)
    shown = limited(counts, most)
    outer = sum(one.articles for one in shown if isinstance(one, Left) and not one.values)
    firsts = {row.values[0]: row.within if len(by) > 1 else row.articles for row in counts.rows}
    kept = {row.values[0] for row in shown if not isinstance(row, Left)}
    assert outer == sum(count for first, count in firsts.items() if first not in kept)
    for first in kept:
        all_rows = sum(row.articles for row in counts.rows if row.values[0] == first)
        assert all_rows == sum(one.articles for one in shown if one.values[:1] == (first,))
    assert limited(counts, 0) == counts.rows
    assert most > 1 or any(isinstance(one, Left) for one in shown)


def test_a_terminal_has_bars_and_a_locale_without_letters_none(path: Path) -> None:
    wide = stats("--by", "section", cwd=path.parent, FORCE_COLOR="1", COLUMNS="80").stdout
    assert "█" * 20 in wide
    assert "\u2068سیاسی\u2069" in wide or "\u2068سياسي\u2069" in wide
    narrow = stats("--by", "fill", cwd=path.parent, FORCE_COLOR="1", COLUMNS="30").stdout
    assert "█" not in narrow
    assert max(len(re.sub("[\u200e\u2068\u2069]", "", line)) for line in narrow.split("\n\n", 1)[0].splitlines()) <= 30
    assert "█" not in stats("--by", "section", cwd=path.parent).stdout


def test_an_empty_answer_says_so(path: Path, tmp_path: Path) -> None:
    done = stats("--since", "1402", cwd=path.parent, code=1)
    assert "archive.db holds no such article. Without a known day" in done.stderr
    assert done.stdout == ""
    with Archive(tmp_path / "archive.db", readonly=False):
        pass
    done = stats("--json", cwd=tmp_path, code=1)
    assert json.loads(done.stdout)["rows"] == []
    assert stats("--csv", cwd=tmp_path, code=1).stdout == "month,articles,share\n"
    assert "holds no such article" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--by", "word"), ("--by", "fill", "--by", "day"), ("--json", "--csv"), ("-n", "-1"), ("--since", "140"),
        ("nobody",), ("-s", "CSV_SAFE=perhaps"), ("-s", "ARCHIVE=none.db"),
    ],
)  # fmt: skip
def test_wrong_usage(words: tuple[str, ...], path: Path) -> None:
    assert stats(*words, cwd=path.parent, code=2).stderr
