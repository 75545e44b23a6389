"""`farscrawler show`: the list of articles, as text for eyes, for pipes and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.cli.commands.show import list_lines
from farscrawler.days import date_fields, stored_jalali
from farscrawler.errors import Exit
from farscrawler.items import Article
from farscrawler.testing.newsroom import Newsroom, Server, answers
from tests.support import crawl, run
from tests.support.records import article, visit
from tests.support.terminals import plain

if TYPE_CHECKING:
    from pathlib import Path


def test_a_headline_gives_no_orders_to_a_terminal() -> None:
    wild = Article(publisher="farsonline", article_id="1", url="u", headline="\x1b]0;owned\x07\x9b2J تیتر")
    (shown,) = list_lines(wild, 100)
    assert not [c for c in shown if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0]
    assert r"\x1b]0;owned\x07\x9b2J تیتر" in shown


def test_a_headline_stands_below_where_a_terminal_is_narrow_and_no_id_is_cut() -> None:
    one = Article(publisher="farsonline", article_id="1401022800123456789", url="u", headline="یک تیتر بلند و بلندتر")
    one.published_jalali = stored_jalali("1401-02-28T14:55:59")
    shown = [plain(line) for line in list_lines(one, 50)]
    assert shown == ["farsonline 1401022800123456789 1401/02/28 14:55:59", "  یک تیتر بلند و بلندتر"]


def test_show_prints_the_newest_first_and_a_tab_between_cells_when_piped(tmp_path: Path) -> None:
    newsroom = Newsroom(count=60)
    with Server(newsroom) as server:
        assert crawl(server.url, "-a", "latest=5", cwd=tmp_path).returncode == 0
    shown = run("show", "-n", "3", cwd=tmp_path)
    newest = [newsroom.story(number) for number in newsroom.ids()[:-4:-1]]
    assert shown.returncode == 0
    truths = [answers(story, "print") for story in newest if story is not None]
    assert shown.stdout.splitlines() == [
        "\t".join(
            [
                "farsonline",
                truth["article_id"],
                truth["published_jalali"].removeprefix("SH "),
                truth["headline"],
            ]
        )
        for truth in truths
    ]


#: Publisher, id, Jalali time, section.
ROWS = (
    ("irna", "1", "1401-02-28T14:55:59", "ورزشي"),
    ("irna", "2", "1401-02-28", "سیاسی"),
    ("isna", "3", "1401-03-01T00:00:00", "ورزشی"),
    ("isna", "4", None, "ورزشی"),
    ("closed_site", "5", "1400-12-29T23:59:59", None),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of two known publishers, and one that has no stanza any more."""
    made = tmp_path_factory.mktemp("archive")
    with Archive(made / "archive.db", readonly=False) as archive:
        for publisher, key, moment, section in ROWS:
            one, seen = article(key, headline=f"تیتر {key}"), visit(key)
            one.publisher = seen.publisher = publisher
            one.published_jalali = stored_jalali(moment) if moment is not None else None
            one.published_date, one.published_jalali_date = date_fields(one.published_jalali)
            one.section = section
            archive.save(seen, one)
    return made


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, "31254"),
        ({"oldest": True}, "52134"),
        ({"limit": 2}, "31"),
        ({"publisher": "isna"}, "34"),
        ({"publisher": "closed_site"}, "5"),
        ({"since": "1401-02-28"}, "312"),
        ({"until": "1401-02"}, "125"),
        ({"since": "2022-05-18", "until": "۱۴۰۱/۰۲/۲۸", "oldest": True}, "21"),
        ({"section": "ورزشى"}, "314"),
        ({"section": "ورزشی", "until": "1401", "limit": 1}, "3"),
    ],
)
def test_the_undated_come_last(folder: Path, asked: dict[str, Any], ids: str) -> None:
    with Archive(folder / "archive.db") as archive:
        assert "".join(one.article_id for one in archive.newest(**{"limit": None, **asked})) == ids


def test_what_is_asked_for_is_printed_as_an_export_has_it(folder: Path) -> None:
    words = ("--since", "1401-02-28", "--until", "1401", "--section", "ورزشي", "--oldest", "-n", "0", "--json")
    done = run("show", *words, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    with Archive(folder / "archive.db") as archive:
        wanted = [archive.article("irna", "1"), archive.article("isna", "3")]
    assert [json.loads(line) for line in done.stdout.splitlines()] == [asdict(one) for one in wanted if one]
    assert run("show", "closed_site", cwd=folder).stdout == "closed_site\t5\t1400/12/29 23:59:59\tتیتر 5\n"


def test_many_articles_come_in_pages(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(1200):
            one, seen = article(str(number)), visit(str(number))
            one.published_jalali = stored_jalali(f"1401-02-{1 + number % 30:02}") if number % 3 else None
            one.section = "الف" if number % 2 else "ب"
            archive.save(seen, one)
        archive.flush()
        every = list(archive.articles())
        assert all(one.publisher == "farsonline" for one in every)
        dated = [one for one in every if one.published_jalali]
        found = list(archive.newest(None))
        assert found[:800] == sorted(dated, key=lambda one: (one.published_jalali, one.article_id), reverse=True)
        assert sorted(one.article_id for one in found) == sorted(one.article_id for one in every)
        assert list(archive.newest(None, oldest=True))[:800] == found[799::-1]
        assert list(archive.newest(700)) == found[:700]
        assert list(archive.newest(None, section="ب")) == [one for one in found if one.section == "ب"]


def test_words_are_looked_for_in_the_order_of_the_list(folder: Path) -> None:
    for words, ids in (
        (("--search", "تیتر"), "31254"),
        (("--search", "تيتر NOT 5", "--oldest"), "2134"),
        (("--search", "تیتر", "--section", "ورزشی", "-n", "2"), "31"),
        (("--search", "تیتر", "--until", "1401-02", "irna", "--oldest", "-n", "1"), "2"),
    ):
        done = run("show", *words, cwd=folder)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert "".join(line.split("\t")[1] for line in done.stdout.splitlines()) == ids, words
    none = run("show", "--search", "نیست", cwd=folder)
    assert (none.returncode, none.stdout) == (Exit.BROKE, "")
    assert "holds no such articles" in none.stderr
    wrong = run("show", "--search", '"نیست', cwd=folder)
    assert (wrong.returncode, wrong.stdout) == (Exit.BAD_ARGUMENTS, "")


def test_wishes_that_fit_nothing(folder: Path) -> None:
    for words, code, said in (
        (("show", "mehrnews"), Exit.BROKE, "holds no articles of mehrnews yet"),
        (("show", "--section", "هنر", "irna"), Exit.BROKE, "holds no such articles of irna"),
        (("show", "۳"), Exit.BAD_ARGUMENTS, "It is the id of an article: `farscrawler show isna 3`"),
        (("show", "irma"), Exit.BAD_ARGUMENTS, "Did you mean irna"),
        (("show", "--since", "1402", "--until", "1401"), Exit.BAD_ARGUMENTS, "exchange them"),
        (("show", "-n", "-1"), Exit.BAD_ARGUMENTS, "0 for all"),
        (("show", "irna", "--explain"), Exit.BAD_ARGUMENTS, "show PUBLISHER ID"),
        (("show", "irna", "1", "--oldest"), Exit.BAD_ARGUMENTS, "--oldest is for a list"),
    ):
        done = run(*words, cwd=folder)
        assert (done.returncode, done.stdout) == (code, ""), words
        assert said in done.stderr, words
