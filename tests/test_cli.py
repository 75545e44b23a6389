"""The command line: what it loads, what it says, and that Scrapy runs the same commands."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import pytest
from scrapy.cmdline import ScrapyArgumentParser
from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.settings import Settings

from farscrawler import settings
from farscrawler.archive import Archive
from farscrawler.cli import CRAWLING, DESCRIPTIONS, commands
from farscrawler.cli.base import CommandSettings, HelpFormatter, LightCommand, add_archive, adopt
from tests.support.commands import PATIENCE, ROOT, command, environment, run

if TYPE_CHECKING:
    from pathlib import Path

LIGHT = sorted(set(DESCRIPTIONS) - CRAWLING)

#: Runs each line of words in one new interpreter, and says what was loaded after it.
_LOADED = """
import contextlib, os, sys
from farscrawler.__main__ import main
for line in sys.stdin.read().splitlines():
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        try:
            main(line.split())
            code = 0
        except SystemExit as end:
            code = end.code or 0
    heavy = [name for name in ("scrapy", "twisted", "itemadapter", "tldextract", "asyncio") if name in sys.modules]
    print(line, code, *heavy, sep="\\t")
"""

_PAGE = (
    '<html><head><link rel="canonical" href="https://www.example.ir/news/1"></head><body><h1>تیتر</h1></body></html>'
)


def made(name: str) -> LightCommand:
    found = import_module(f"farscrawler.cli.commands.{name.replace('-', '_')}").Command()
    assert isinstance(found, LightCommand)
    found.settings = CommandSettings()
    return found


def test_commands_that_only_read_do_not_load_scrapy(tmp_path: Path) -> None:
    Archive(tmp_path / "archive.db", readonly=False).close()
    (tmp_path / "page.html").write_text(_PAGE, encoding="utf-8")
    lines = {
        "--help": 0,
        "--version": 0,
        "schema": 0,
        "show": 0,
        "show farsonline": 0,
        "show nobody": 2,
        "export -O news.jsonl": 1,
        "export -O news.db": 1,
        "check": 0,
        "check -s ARCHIVE=nowhere.db": 2,
        "publishers": 0,
        "publishers --archive --json": 1,
        "coverage farsonline": 1,
        "revisions farsonline 1": 1,
        "parse-page page.html": 1,
        "detect page.html": 1,
        "fixture page.html --publisher farsonline --case one": 0,
        "demo --count 0": 2,
        **{f"{name} -h": 0 for name in LIGHT if name not in ("newsroom", "reparse")},
    }
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=tmp_path, env=environment(), input="\n".join(lines), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{line}\t{code}" for line, code in lines.items()]


def test_the_list_of_commands_is_that_of_the_modules(tmp_path: Path) -> None:
    there = [module.name.replace("_", "-") for module in iter_modules(commands.__path__)]
    assert sorted(DESCRIPTIONS) == sorted(there)
    assert list(DESCRIPTIONS) == sorted(DESCRIPTIONS)
    listed = run(cwd=tmp_path).stdout
    for name, description in DESCRIPTIONS.items():
        assert f"  {name:<12} {description}\n" in listed


@pytest.mark.parametrize("name", LIGHT)
def test_the_help_of_a_command_is_what_scrapy_would_show(name: str) -> None:
    """Options common to all, headings, usage: the same parser in Scrapy's hands and in ours."""
    light = made(name)
    shown = []
    for parser_class, formatter in (
        (argparse.ArgumentParser, HelpFormatter),
        (ScrapyArgumentParser, ScrapyHelpFormatter),
    ):
        parser = parser_class(
            prog="x", formatter_class=formatter, conflict_handler="resolve", description=light.long_desc()
        )
        light.add_options(parser)
        # Ours breaks a long usage, and takes no line of an option that ends with a colon for a heading.
        words = parser.format_help().lower().split()
        shown.append([word.rstrip(":") for word in words if word.strip("=-")])
    assert shown[0] == shown[1]
    assert light.long_desc() != light.short_desc() or name == "schema"


def test_the_options_of_all_commands_are_scrapys_and_the_archive() -> None:
    class Bare(ScrapyCommand):
        def short_desc(self) -> str:
            return ""

        def run(self, args: list[str], opts: argparse.Namespace) -> None:
            raise NotImplementedError

    given = Settings()
    given.setmodule(settings)
    theirs, ours = ScrapyArgumentParser(prog="x"), ScrapyArgumentParser(prog="x")
    bare = Bare()
    bare.settings = given
    bare.add_options(theirs)
    add_archive(theirs, settings.ARCHIVE)
    made("schema").add_options(ours)
    ours.usage = theirs.usage
    assert ours.format_help() == theirs.format_help()
    assert vars(ours.parse_args([])) == vars(theirs.parse_args([]))


def test_scrapy_takes_light_commands_for_its_own() -> None:
    adopt()
    assert all(isinstance(made(name), ScrapyCommand) for name in LIGHT)


def test_scrapy_runs_them_inside_a_checkout(tmp_path: Path) -> None:
    """A light command in Scrapy's hands: -s, wrong usage and exit codes are those that farscrawler has."""

    def scrapy(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scrapy", *words], cwd=ROOT, env=environment(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    Archive(tmp_path / "archive.db", readonly=False).close()
    place = f"ARCHIVE={tmp_path / 'archive.db'}"
    done = scrapy("check", "-s", place)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'archive.db'}: all is well.\n")
    done = scrapy("check", "extra", "-s", place)
    assert done.returncode == 2
    assert "farscrawler check [--repair] [--archive FILE]" in done.stderr
    assert done.stderr.endswith("error: check takes no arguments; name the archive with --archive FILE\n")
    listed = scrapy().stdout
    for name, description in DESCRIPTIONS.items():
        assert f"  {name.replace('-', '_'):<13} {description}\n" in listed


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "-s", "ARCHIVE"), 2, "error: Invalid -s value, use -s NAME=VALUE\n"),
        (("show", "a", "b", "c"), 2, "error: give at most a publisher and an article id, and a number of articles"),
        (("show", "nobody"), 2, "farscrawler: there is no publisher named 'nobody'."),
        (("show", "-s", "ARCHIVE=nowhere.db"), 2, "farscrawler: nowhere.db"),
        (("shwo",), 2, "farscrawler: there is no command 'shwo'. Did you mean show? `farscrawler` lists all.\n"),
        (("show", "a", "b", "c", "-L", "DEBUG"), 2, "error: give at most a publisher and an article id"),
        (("check", "-s", "ARCHIVE=nowhere.db", "--nolog"), 2, "farscrawler: nowhere.db"),
        (("crawl", "isna", "-s", "COOKIES_DEBUG=maybe"), 2, "farscrawler: -s COOKIES_DEBUG=maybe: write on or off.\n"),
        (("crawl", "isna", "-s", "DOWNLOAD_TIMEOUT=1m"), 2, "farscrawler: -s DOWNLOAD_TIMEOUT=1m: write a number.\n"),
    ],
)
def test_wrong_usage_is_a_sentence_and_a_code(words: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_archive_without_a_publishers_articles_says_whose(tmp_path: Path) -> None:
    Archive(tmp_path / "archive.db", readonly=False).close()
    assert run("show", cwd=tmp_path).stderr == "farscrawler: the archive holds no articles yet\n"
    assert run("show", "irna", cwd=tmp_path).stderr == "farscrawler: the archive holds no articles of irna yet\n"


def test_an_option_that_only_scrapy_obeys_is_obeyed(tmp_path: Path) -> None:
    done = run("schema", "--pidfile", "it.pid", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == run("schema", cwd=tmp_path).stdout
    assert (tmp_path / "it.pid").read_text(encoding="ascii").strip().isdigit()


_PLUGIN = {
    "plugin.py": (
        "from scrapy.commands import ScrapyCommand\n\n"
        "class Greet(ScrapyCommand):\n    requires_crawler_process = False\n"
        "    def short_desc(self):\n        return 'Greet'\n"
        "    def run(self, args, opts):\n        print('hello', *args)\n"
    ),
    "plugin-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n",
    "plugin-1.0.dist-info/entry_points.txt": "[scrapy.commands]\nsay-hello = plugin:Greet\ngreet = plugin:Greet\n",
}


def test_a_command_of_an_installed_package_runs(tmp_path: Path) -> None:
    for name, text in _PLUGIN.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    there = environment(PYTHONPATH=os.pathsep.join([str(ROOT), str(tmp_path / "site")]))
    done = subprocess.run(command("greet", "you"), cwd=tmp_path, env=there, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "hello you\n"), done.stderr


def test_a_reader_that_has_seen_enough_ends_a_command_quietly(tmp_path: Path) -> None:
    for words in (("schema",), ("--help",), ("publishers",), ("settings", "--get", "BOT_NAME")):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            command(*words),
            cwd=tmp_path,
            env=environment(),
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(write)
        assert (done.returncode, done.stderr) == (0, ""), words


def test_an_interrupt_while_a_command_reads_is_130_and_no_traceback(tmp_path: Path) -> None:
    """The command waits for the rest of its page: opening the pipe shows that it has begun to read."""
    os.mkfifo(tmp_path / "page.html")
    with subprocess.Popen(
        command("parse-page", "page.html"), cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        with (tmp_path / "page.html").open("wb", buffering=0):
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_switch_of_scrapys_is_written_like_ours(tmp_path: Path) -> None:
    words = ("-a", "ids=1", "-a", "base_url=http://127.0.0.1:9", "-s", "RETRY_TIMES=0")
    done = run("crawl", "farsonline", *words, "-s", "AUTOTHROTTLE_ENABLED=off", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
