"""Standard output of every kind: no locale, no width, no closed or full stream makes a command raise."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.items import Article
from tests.support import environment
from tests.support.attacks import Attack, Bound, meet

if TYPE_CHECKING:
    from pathlib import Path

_STRICT = "import sys; sys.stdout.reconfigure(encoding={0!r}, errors='strict'); sys.stderr = sys.stdout"
_CLOSED = "import os, sys; os.close(1); sys.stdout = sys.__stdout__ = None"
_NO_STREAMS = "import os, sys; [os.close(n) for n in (0, 1, 2)]; sys.stdin = sys.stdout = sys.stderr = None"
_FULL = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 1)"
_NARROW = "import os; os.environ.update(TTY_COMPATIBLE='1', TERM='dumb', COLUMNS='20')"
_HEADLINE = "نیم‌فاصله 😀"


def _archive(path: Path) -> None:
    with Archive(path, readonly=False) as archive:
        for number in (1, 2):
            at = f"2026-11-30T08:00:0{number}+00:00"
            archive.save(
                Visit(publisher="farsonline", key="1", url="u", outcome="article", at=at),
                Article(
                    publisher="farsonline", article_id="1", url="u", headline=f"{_HEADLINE} {number}", fetched_at=at,
                    published_at=at, content_hash=str(number),
                ),
            )  # fmt: skip


_FILES = {"archive.db": _archive}
_SMALL = Bound(cpu=5)
_COMMANDS = {
    "help": (("-h",), "\\u2026"),
    "help of a command": (("parse-page", "-h"), "\\u06f2 \\u0633\\u0627\\u0639\\u062a"),
    "help of crawl": (("crawl", "-h"), "PUBLISHER"),
    "a list": (("publishers", "isna"), "\\u0627\\u06cc\\u0633\\u0646\\u0627"),
    "articles": (("show",), "\\u0646\\u06cc\\u0645\\u200c\\u0641\\u0627\\u0635\\u0644\\u0647 \\U0001f600"),
    "revisions": (("revisions", "farsonline", "1"), "[-1-]{+2+}"),
    "coverage": (("coverage", "farsonline"), "farsonline"),
}
ATTACKS = {
    **{
        f"{what} in {encoding}": Attack(
            words=words, files=_FILES, first=_STRICT.format(encoding), shows=(shown,), bound=_SMALL
        )
        for encoding in ("ascii", "koi8-r")
        for what, (words, shown) in _COMMANDS.items()
        if encoding == "ascii" or what in ("help of a command", "articles")
    },
    **{
        f"{what} with {how}": Attack(words=words, files=_FILES, first=first, code=code, says=says, bound=_SMALL)
        for what, words in (("articles", ("show",)), ("JSON", ("publishers", "--json")))
        for how, first, code, says in (
            ("standard output closed", _CLOSED, 0, ()),
            ("all streams closed", _NO_STREAMS, 0, ()),
            ("standard output full", _FULL, 1, ("farscrawler: standard output cannot be written (No space left",)),
        )
    },
    **{
        f"{what} in 20 columns": Attack(words=words, files=_FILES, first=_NARROW, bound=_SMALL)
        for what, words in (
            ("a list", ("publishers", "isna")), ("revisions", ("revisions", "farsonline", "1")),
            ("coverage", ("coverage", "farsonline")), ("help", ("crawl", "-h")),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_no_standard_output_makes_a_command_raise(name: str, tmp_path: Path) -> None:
    meet(ATTACKS[name], tmp_path)


def test_json_in_a_pipe_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    for encoding in ("ascii", "latin-1", "utf-16-le"):
        first = f"import sys; sys.stdout.reconfigure(encoding={encoding!r}, errors='strict')"
        cost = meet(Attack(words=("publishers", "--json", "isna"), first=first, bound=_SMALL), tmp_path)
        assert any("ایسنا" in json.loads(line)["name"] for line in cost.out.splitlines())


def test_an_interpreter_that_starts_in_the_c_locale_shows_help(tmp_path: Path) -> None:
    plain = environment(LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    done = subprocess.run(
        [sys.executable, "-m", "farscrawler", "parse-page", "-h"], cwd=tmp_path, env=plain, capture_output=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u06f2 \u0633" in done.stdout
