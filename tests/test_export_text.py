"""Exports of text that readers stumble over: formulas, line ends that only some know, fields that are very long."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from farscrawler.exporters.formats import Csv, JsonLines, SafeCsv
from farscrawler.items import FIELD_NAMES, Article
from tests.support import crawl, json_lines
from tests.support.exportkills import exports_under_fire
from tests.support.pageserver import Answer, print_page
from tests.support.print_site import Site

if TYPE_CHECKING:
    from pathlib import Path

FORMULAS = ("=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "''", "'")
PLAIN = ("خبر", "a=1", " =1", "", "۱-۲", "«=»", "1'")


def _cells(form: Csv, article: Article) -> dict[str, str]:
    (row,) = csv.reader(io.StringIO(form.render(article).decode(), newline=""))
    return dict(zip(FIELD_NAMES, row, strict=True))


@pytest.mark.parametrize("text", [*FORMULAS, *PLAIN])
def test_a_safe_cell_begins_no_formula_and_says_what_was_there(text: str) -> None:
    article = Article(publisher="farsonline", article_id=text, url="u", headline=text, body=text, tags=[text])
    assert _cells(Csv(), article)["headline"] == text
    cells = _cells(SafeCsv(), article)
    assert cells["headline"] == (f"'{text}" if text in FORMULAS else text)
    assert cells["headline"].removeprefix("'" if text in FORMULAS else "") == text
    assert json.loads(cells["tags"]) == [text]
    for form in (Csv(), SafeCsv()):
        assert form.keys(form.render(article), "farsonline") == [(text, article.revision, article.content_hash)]


def test_a_line_is_one_line_to_every_reader_and_its_value_the_same() -> None:
    text = "".join(map(chr, (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029))) + "نیم‌فاصله"
    article = Article(publisher="farsonline", article_id="1", url="u", headline=text, tags=[text])
    line = JsonLines().render(article).decode()
    assert line.splitlines() == [line[:-1]]
    said = json.loads(line)
    assert (said["headline"], said["tags"]) == (text, [text])
    assert "نیم‌فاصله" in line


def test_a_csv_of_one_choice_is_not_continued_with_the_other(tmp_path: Path) -> None:
    with Site([1, 2]) as site:
        site.answers["print:1"] = Answer(print_page(1, "=1+1 خبر"))
        for first, second in (((), ("--csv-safe",)), (("--csv-safe",), ())):
            file = f"{len(first)}.csv"
            assert crawl(site.url, "-a", "ids=1", "-o", file, *first, cwd=tmp_path).returncode == 0
            before = (tmp_path / file).read_bytes()
            assert (b",'=1+1" in before) == bool(first)
            other = crawl(site.url, "-a", "ids=1-2", "-o", file, *second, cwd=tmp_path)
            assert other.returncode == 2
            assert "choose another file, or -O" in other.stderr
            assert (tmp_path / file).read_bytes() == before
            assert crawl(site.url, "-a", "ids=1-2", "-o", file, *first, cwd=tmp_path).returncode == 0
            assert (tmp_path / file).read_bytes().startswith(before)


def test_long_fields_survive_kills_in_every_format(tmp_path: Path) -> None:
    report = exports_under_fire(tmp_path, kills=3, length=140_000, seed=5)
    assert report.is_clean(), report
    assert report.kills  # how many runs come to their place is a matter of chance; the first one does
    assert report.articles == 3 * report.runs
    assert max(len(line["body"]) for line in json_lines(tmp_path / "news.jsonl")) == 140_000


def test_a_long_torn_field_is_cut_off_and_written_again() -> None:
    article = Article(publisher="farsonline", article_id="1", url="u", headline="h", body="متن " * 35_000)
    limit = csv.field_size_limit()
    for form in (Csv(), SafeCsv()):
        row = form.render(article)
        assert form.keys(row + row[: len(row) // 2], "farsonline") == [("1", article.revision, article.content_hash)]
    assert csv.field_size_limit() == limit
