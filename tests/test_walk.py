"""The walk of a new user (tests/walk): each printed command is run or has a reason, and a few pages walked."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.walk.expected import OTHER_CODES, complaint
from tests.walk.printed import NOT_RUN, commands, pages
from tests.walk.walker import Step, walk

EVERY = [one for page in pages() for one in commands(page)]


def test_every_page_with_commands_is_walked_through() -> None:
    walked = {one.page for one in EVERY}
    assert {"README.md", "README.fa.md", "docs/unattended.md", "docs/fa/start.md"} <= walked
    assert len(EVERY) > 200
    assert sum(one.pattern is None for one in EVERY) > 150


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_no_reason_for_leaving_a_command_out_is_stale(pattern: str) -> None:
    assert any(one.pattern == pattern for one in EVERY), f"no page prints what {pattern!r} stands for"


def test_only_what_a_walk_can_run_is_run() -> None:
    """A command that is run is one of ours, of SQLite, or a plain word of the shell."""
    others = {one.line.split()[0] for one in EVERY if one.pattern is None} - {"farscrawler", "sqlite3", "mv", "echo"}
    assert others == set()
    assert {line for line in OTHER_CODES if all(one.line != line for one in EVERY)} == set()


def test_a_complaint_is_made_of_another_exit_code_and_of_a_traceback() -> None:
    show = next(one for one in EVERY if one.line == "farscrawler show")
    assert complaint(Step(show, 0, 0.1, "")) is None
    assert complaint(Step(show, 3, 0.1, "")) == "exit code 3 and not 0"
    assert complaint(Step(show, 0, 0.1, "Traceback (most recent call last):\n")) == "it broke"
    copies = next(one for one in EVERY if one.line == "farscrawler copies --of mehrnews 5312345")
    assert complaint(Step(copies, 0, 0.1, "")) == "exit code 0 and not 1"


@pytest.mark.skipif(shutil.which("sh") is None, reason="the pages are for a shell, and there is none here")
@pytest.mark.parametrize("page", ["README.md", "docs/fa/unattended.md"])
def test_a_page_does_as_printed(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By programs of their own, as a reader starts them; `python -m tests.walk` walks through all pages."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    steps = list(walk(page, tmp_path / "new"))
    assert [one.printed for one in steps] == [one for one in commands(page) if one.pattern is None]
    wrong = {step.printed.line: (complaint(step), step.said) for step in steps if complaint(step) is not None}
    assert wrong == {}
    if page == "README.md":
        assert re.search(r"20 new articles", next(s.said for s in steps if "-O news.jsonl" in s.printed.line))
        assert (tmp_path / "new/ordibehesht.jsonl").read_bytes().count(b"\n") > 100
        assert {one.suffix for one in (tmp_path / "new").iterdir()} >= {".db", ".jsonl", ".parquet"}
