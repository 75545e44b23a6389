"""What people type: arguments as options, options before the command, help and version, words that are no options."""

from __future__ import annotations

import argparse
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest
from scrapy.exceptions import UsageError

from farscrawler.__main__ import in_order
from farscrawler._version import __version__
from farscrawler.cli.commands.crawl import add_arguments, take_arguments
from farscrawler.frontier.arguments import ARGUMENTS, METAVARS
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl_words
from tests.support.commands import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("typed", "ordered"),
    [
        ("show -n 3", "show -n 3"),
        ("-s ARCHIVE=a.db show -n 3", "show -s ARCHIVE=a.db -n 3"),
        ("--archive a.db show", "show --archive a.db"),
        ("--archive=a.db --nolog crawl farsonline", "crawl --archive=a.db --nolog farsonline"),
        ("help show", "show -h"),
        ("-s ARCHIVE=a.db help show", "show -s ARCHIVE=a.db -h"),
        ("help", "help"),
        ("-h", "-h"),
        ("--version", "--version"),
        ("-s", "-s"),
        ("", ""),
    ],
)
def test_the_command_comes_first_whatever_was_typed_before_it(typed: str, ordered: str) -> None:
    assert in_order(typed.split()) == ordered.split()


def test_every_argument_is_an_option() -> None:
    assert set(METAVARS) == set(ARGUMENTS)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    opts = parser.parse_args(["--since", "1401", "--base-url", "http://127.0.0.1:1"])
    opts.spargs = {"form": "print", "since": "1401"}
    take_arguments(opts)
    assert opts.spargs == {"form": "print", "since": "1401", "base_url": "http://127.0.0.1:1"}
    opts.spargs["since"] = "1400"
    with pytest.raises(UsageError, match="--since 1401 and -a since=1400: give one of them"):
        take_arguments(opts)


def test_options_are_the_arguments_of_a_run(tmp_path: Path) -> None:
    with Server(Newsroom(count=30)) as server:
        for words in (
            crawl_words(server.url, "--latest", "4"),
            ["crawl-all", *crawl_words(server.url, "--latest", "6")[1:]],
        ):
            done = run(*words, "--archive", "other.db", cwd=tmp_path)
            assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "other.db") as db:
        given = [json.loads(row[0]) for row in db.execute("SELECT arguments FROM runs ORDER BY run")]
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (6,)
    db.close()
    assert [one["latest"] for one in given] == ["4", "6"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "--cout", "3"), "there is no option --cout. Did you mean --count? `farscrawler show -h` lists all."),
        (("stats", "--json", "--sectoin=x"), "there is no option --sectoin. Did you mean --section?"),
        (("crawl", "farsonline", "--lastest", "5"), "there is no option --lastest. Did you mean --latest?"),
        (("crawl-all", "farsonline", "-z"), "there is no option -z."),
        (("crawl-all", "--al"), "there is no option --al. Did you mean --all?"),  # which crawls all sites
        (("crawl-all",), "--all crawls all sites that are known"),
        (("crawl-all", "--all", "irna"), "name publishers, a family, or --all"),
    ],
)  # fmt: skip
def test_a_word_that_is_no_option_is_answered_with_the_nearest_one(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not list(tmp_path.iterdir())


def test_version_and_help_of_a_command(tmp_path: Path) -> None:
    assert run("version", cwd=tmp_path).stdout == f"farscrawler {__version__}\n"
    assert run("help", "show", cwd=tmp_path).stdout == run("show", "-h", cwd=tmp_path).stdout
    assert run("help", "crawl", cwd=tmp_path).stdout == run("crawl", "--help", cwd=tmp_path).stdout
