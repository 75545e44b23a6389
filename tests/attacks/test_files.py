"""Files of all kinds where a file is asked for, and files that are named for two purposes: a sentence, never a hang."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.kept.pages import KeptPages
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import FAST
from tests.support.attacks import MIB, Attack, Bound, meet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: None of these has anything to read, or takes long to say so.
QUICK = Bound(memory=200 * MIB, cpu=6)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(os.path.relpath(path))  # the name of a socket has a hundred bytes at most


def _hole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10**12)


def _folder(path: Path) -> None:
    path.mkdir()


def _zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_fifo, "it is a named pipe"),
    "socket": (_socket, "it is a socket"),
    "hole": (_hole, "of which it holds 0"),
    "folder": (_folder, "it is a folder"),
    "device": (_zeros, "it is a device"),
}
#: Where a file is read: the command, the name of its file, the exit code, and the kinds that are legitimate there.
READ: dict[str, tuple[tuple[str, ...], str, int, tuple[str, ...]]] = {
    "archive": (("show",), "archive.db", 2, ()),
    "list": (("crawl", "news", "-a", "urls=@list"), "list", 2, ()),
    "saved page": (("crawl", "farsonline", "-a", "pages=x.html"), "x.html", 2, ("folder", "hole")),
    "WARC file": (("crawl", "farsonline", "-a", "pages=x.warc"), "x.warc", 2, ("folder", "hole")),
    "page": (("parse-page", "x.html"), "x.html", 2, ()),
    "stanzas": (("publishers", "-s", "PUBLISHERS=own"), "own/a.toml", 0, ("folder",)),
}
#: The sentence of the archive about a folder is older, and names the setting.
_OWN_WORDS = {("archive", "folder"): "is a folder", ("list", "hole"): "of which it holds 0"}
ATTACKS = {
    f"{kind} as {place}": Attack(
        words=words, files={name: made}, code=code, bound=QUICK, says=(_OWN_WORDS.get((place, kind), what),)
    )
    for place, (words, name, code, fine) in READ.items()
    for kind, (made, what) in KINDS.items()
    if kind not in fine
}
ATTACKS["hole as WARC file"] = Attack(
    words=("crawl", "farsonline", "-a", "pages=x.warc"), files={"x.warc": _hole}, code=3, says=("of which it holds 0",)
)
ATTACKS["hole as export of lines"] = Attack(
    words=("crawl", "farsonline", "-a", "ids=1", "-a", "base_url=http://127.0.0.1:9", "-o", "x.jsonl"),
    files={"x.jsonl": _hole}, code=2, says=("is not whole",),
)  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_file_of_another_kind_is_a_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    meet(ATTACKS[name], tmp_path)


def _archive(path: Path) -> None:
    Archive(path, readonly=False).close()


def _pages(path: Path) -> None:
    KeptPages(path, readonly=False).close()


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE places (url)")


def _hard(path: Path) -> None:
    os.link(path.with_name("archive.db"), path)


def _symbolic(path: Path) -> None:
    path.symlink_to("archive.db")


FULL: dict[tuple[str, ...], str] = {
    ("--logfile", "/dev/full"): "the log /dev/full cannot be written",
    ("--pidfile", "/dev/full"): "--pidfile /dev/full cannot be written",
    ("--metrics", "/dev/full"): "/dev/full cannot be written (No space left on device)",
    ("-o", "/dev/full:jsonl"): "/dev/full: No space left on device",
}


def _site() -> Any:
    return Server(Newsroom(count=3))


@pytest.mark.parametrize("words", FULL, ids=" ".join)
def test_a_full_disk_is_said_and_is_in_the_exit_code(words: tuple[str, ...], tmp_path: Path) -> None:
    crawl = ("crawl", "farsonline", "-a", "latest=1", "-a", "base_url={url}", *words)
    settings = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]
    attack = Attack(words=(*crawl, *settings), site=_site, code=1, says=(FULL[words],))
    meet(attack, tmp_path)


FILES = {"archive.db": _archive, "archive.pages.db": _pages, "places.sqlite": _foreign, "hard.prom": _hard}
FILES |= {"symbolic.prom": _symbolic, "pipe": _fifo, "folder": _folder, "socket": _socket}
#: What is written where, and what is said of it: nothing of it may happen.
WRITTEN: dict[tuple[str, ...], str] = {
    ("--metrics", "archive.db"): "is the archive itself",
    ("--metrics", "./ARCHIVE.db"): "is the archive itself",
    ("--metrics", "hard.prom"): "is the archive itself",
    ("--metrics", "symbolic.prom"): "is the archive itself",
    ("--metrics", "archive.db-wal"): "is the write-ahead log of the archive",
    ("--metrics", "archive.db-journal"): "is the journal of the archive",
    ("--metrics", "archive.pages.db-shm"): "is the shared memory of the kept pages",
    ("--metrics", "archive.db.farsonline.lock"): "is the lock of the archive",
    ("--metrics", "archive.pages.db"): "is where the pages of this archive are kept",
    ("--metrics", "places.sqlite"): "is an SQLite file",
    ("--metrics", "folder"): "it is a folder",
    ("--metrics", "none/x.prom"): "does not exist; make it first",
    ("--pidfile", "archive.db"): "is the archive itself",
    ("--pidfile", "pipe"): "that nobody reads",
    ("--profile", "archive.db"): "is the archive itself",
    ("--logfile", "archive.db"): "is the archive itself",
    ("--logfile", "pipe"): "that nobody reads",
    ("--logfile", "folder"): "it is a folder",
    ("--logfile", "socket"): "it is a socket",
    ("-s", "LOG_FILE=archive.pages.db"): "is where the pages of this archive are kept",
    ("-o", "x.jsonl", "--metrics", "./x.jsonl"): "is the same file",
    ("--logfile", "x", "--pidfile", "x"): "is the same file",
    ("-o", "archive.pages.db"): "is where the pages of this archive are kept",
    ("-O", "places.sqlite"): "is an SQLite file of another program",
    ("-O", "places.sqlite:jsonl"): "is an SQLite file of another program",
    ("-O", "hard.prom:json"): "is the archive itself",
    ("-o", "pipe:jsonl"): "that nobody reads",
    ("-o", "folder:jsonl"): "is a folder",
    ("-o", "socket:jsonl"): "cannot be written",
}


def _nothing_happened(folder: Path, _: object) -> None:
    for name in ("archive.db", "archive.pages.db", "places.sqlite", "hard.prom", "symbolic.prom"):
        assert (folder / name).read_bytes().startswith(b"SQLite format 3\0"), name
    assert (folder / "symbolic.prom").is_symlink()
    with Archive(folder / "archive.db") as archive:
        assert archive.db.execute("SELECT count(*) FROM runs").fetchone() == (0,)


@pytest.mark.parametrize("words", WRITTEN, ids=" ".join)
def test_no_option_writes_over_the_file_of_another(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    meet(
        Attack(
            words=("crawl", "farsonline", "-a", "ids=1", "-a", "base_url=http://127.0.0.1:9", *words),
            files=FILES,
            code=2,
            bound=QUICK,
            says=(WRITTEN[words],),
            see=_nothing_happened,
        ),
        tmp_path,
    )
