"""What commands print of an archive in PostgreSQL: what they print of the same archive in a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom import Server as Site
from tests.support import crawl, run
from tests.support.copied import plant
from tests.support.postgres import needs_postgres

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.postgres import Postgres

pytestmark = needs_postgres

COMMANDS = (
    ("show", "-n", "0", "--json"),
    ("show", "farsonline", "--oldest", "-n", "3"),
    ("stats", "--by", "month", "--json"),
    ("stats", "--by", "length", "--by", "publisher", "--json"),
    ("stats", "--by", "fill", "--json"),
    ("coverage", "farsonline", "--json"),
    ("publishers", "farsonline"),
    ("export", "-O", "-:jsonl"),
    ("export", "--all-revisions", "--since", "1400", "-O", "-:csv"),
    ("copies",),
    ("copies", "--report", "--json"),
    ("check",),
    ("search", "شهر", "--json"),
    ("reparse", "--dry-run", "--json"),
    ("prune-pages", "--not-articles", "--dry-run"),
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> tuple[Path, str]:
    """Make an archive of a harvest and of copies, and the same in a database."""
    folder = tmp_path_factory.mktemp("commands")
    plant(folder / "archive.db")
    with Site(Newsroom(count=80), weight=2_000) as site:
        done = crawl(site.url, "-a", "latest=60", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert run("copies", "--drop", cwd=folder).returncode == 0  # both are to be compared anew
    server = postgres.archive()
    done = run("copy", "archive.db", server.address, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, server.address


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_says_the_same(places: tuple[Path, str], words: tuple[str, ...]) -> None:
    folder, address = places
    ours = run(*words, "--archive", address, cwd=folder)
    theirs = run(*words, "--archive", "archive.db", cwd=folder)
    assert ours.returncode == theirs.returncode == 0, ours.stderr
    assert told(ours.stdout, folder) == told(theirs.stdout, folder)
    assert len(theirs.stdout) > 20


_NAME = re.compile(r'postgresql://[^\s",]+?archive\d+(?=[:" ,]|$)|(?<="archive": ")postgres(?=")', re.MULTILINE)
#: Lines of the moment and of the disk.
_OTHER = ("MB on disk", '"made_at"')


def told(text: str, folder: Path) -> list[str]:
    """Return the lines without the archive's own name and size."""
    lines = _NAME.sub("archive.db", text).replace(str(folder), "").splitlines()
    return [line for line in lines if not any(words in line for words in _OTHER)]
