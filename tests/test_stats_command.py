"""`farscrawler stats`: how counts are shown, limited and refused."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.counts.articles import count_articles
from farscrawler.cli.count_lines import Left, limited
from farscrawler.cli.output import out_csv
from farscrawler.persian import fold_label
from tests.support import environment, run
from tests.support.counted import TAGS, expected, made, store

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.items import Article


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
    assert dict(by_year) == {year: pytest.approx(1, abs=0.001) for year in ("SH 1400", "SH 1401", None)}


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
        str(sum(sorted(count[(fold_label(tag),)] for tag in {"انتخابات", "کتاب", "مجلس", TAGS[-1]})[:2])),
    ]
    assert rows[3][:2] == ["no tag", str(count[(None,)])]
    newest = lines(stats("-n", "1", cwd=path.parent).stdout)[1:]
    assert [row[0] for row in newest] == ["… and 1 more", "1401/01 Farvardin", "no known day"]
    done = stats("--by", "tag", "-n", "1", "--csv", "--since", "1401", cwd=path.parent)
    assert "3 more rows are left out by -n 1" in done.stderr
    assert "Without a known day" in done.stderr
    found = json.loads(stats("--by", "month", "--by", "tag", "-n", "1", "--json", cwd=path.parent).stdout)
    assert [(one["month"], one["rows"]) for one in found["more"]] == [("SH 1400/12", 3), ("SH 1401/01", 3), (None, 3)]


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
