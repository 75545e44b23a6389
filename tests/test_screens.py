"""Nothing overflows: every command that prints for people, on terminals of 50, 80 and 120 columns and in a pipe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.cli import DESCRIPTIONS
from farscrawler.days import date_fields, stored_jalali
from tests.support import run
from tests.support.counted import made
from tests.support.records import article, visit
from tests.support.terminals import on_terminal, plain, too_wide

if TYPE_CHECKING:
    from pathlib import Path

_LONG = "تیتری بسیار بلند که در هیچ پایانه‌ای در یک سطر جا نمی‌گیرد و باید کوتاه یا شکسته شود تا خوانده شود"
#: Each command for people, with its exit code.
COMMANDS: dict[tuple[str, ...], int] = {
    (): 0,
    ("show",): 0,
    ("show", "farsonline", "9001"): 0,
    ("show", "farsonline", "9002"): 1,
    ("stats",): 0,
    ("stats", "--by", "section", "--by", "tag"): 0,
    ("stats", "--by", "fill"): 0,
    ("coverage", "farsonline"): 0,
    ("coverage", "farsonline", "--days", "--since", "1401-01"): 0,
    ("publishers", "خبرگزاری"): 0,
    ("publishers", "--archive"): 0,
    ("publishers", "tasnmi"): 1,
    ("revisions", "farsonline", "9001"): 0,
    ("search", "بلند"): 0,
    ("copies",): 0,
    ("copies", "--report"): 0,
    ("copies", "--of", "farsonline", "9001"): 0,
    ("copies", "--groups"): 0,
    ("export", "-O", "news.jsonl"): 0,
    ("check",): 0,
    ("config", "--all"): 0,
}
#: No word of theirs may be lost to a narrow terminal: it shows fewer columns of the others.
_WHOLE = ("check", "config")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of many kinds of articles, one of them long and with revisions."""
    folder = tmp_path_factory.mktemp("screens")
    with Archive(folder / "archive.db", readonly=False) as archive:
        for one in made(150):
            seen = visit(one.article_id)
            seen.publisher = one.publisher
            archive.save(seen, one)
        for number in (1, 2):
            one = article("9001", headline=f"{_LONG} {number}", content_hash=str(number))
            one.body = f"{_LONG} {number}\n" * 3
            one.published_jalali = stored_jalali("1401-01-05T10:00:00")
            one.published_date, one.published_jalali_date = date_fields(one.published_jalali)
            one.permalink = f"http://www.fars-online.ir/fa/news/{'یک-' * 30}"
            one.warnings = ["timestamps-disagree: 1401-01-05T10:00:00+04:30, 1401-01-05T11:00:00+04:30"]
            one.published_at = "2022-03-25T10:00:00+04:30"
            archive.save(visit("9001"), one)
            archive.flush()
        copy, seen = replace(one, publisher="irna", published_at="2022-03-25T11:00:00+04:30"), visit("9001")
        seen.publisher = copy.publisher
        copy.published_jalali = stored_jalali("1401-01-05T11:00:00")
        archive.save(seen, copy)
        archive.save(visit("9002", "failed", "a reason of some length, such as the name of an error and its text"))
    return folder


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_no_line_is_wider_than_its_terminal(folder: Path, columns: int) -> None:
    """At 80 columns with NO_COLOR; at 120 the tables that take what room there is."""
    for words, expected in COMMANDS.items():
        if columns == 120 and words[:1] not in (("coverage",), ("publishers",), ("stats",)):
            continue
        code, screen = on_terminal(*words, cwd=folder, columns=columns, **({"NO_COLOR": "1"} if columns == 80 else {}))
        assert code == expected, screen
        assert not too_wide(screen, columns), words
        if columns == 80:
            colours = {part.partition("m")[0] for part in screen.split("\x1b[")[1:]}
            assert colours <= {"0", "1", "2"}, f"{words}: bold and faint are no colours"
        if columns == 50 and words and words[0] in _WHOLE:
            whole = run(*words, cwd=folder).stdout
            assert set(whole.split()) - set(plain(screen).split()) == set(), words


def test_no_help_is_wider_than_its_terminal(folder: Path) -> None:
    for name in DESCRIPTIONS:
        code, screen = on_terminal(name, "-h", cwd=folder, columns=50)
        assert code == 0
        assert not too_wide(screen, 50), name


def test_a_pipe_gets_whole_lines_without_marks(folder: Path) -> None:
    listed, read = run("show", "-n", "0", cwd=folder).stdout, run("show", "farsonline", "9001", cwd=folder).stdout
    assert _LONG in listed
    assert f"{_LONG} 2\n\n{_LONG} 2" in read
    for text in (listed, read, run("publishers", "خبرگزاری", cwd=folder).stdout, run("stats", cwd=folder).stdout):
        assert "\x1b" not in text
        assert plain(text) == text
