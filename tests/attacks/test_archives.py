"""Archives with flipped bits, cut or robbed of a table: every command that reads them says so, and `check` finds it."""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import sqlite3
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.archive.audit.checks import check
from farscrawler.archive.kept.pages import KeptPage, KeptPages, path_of
from farscrawler.archive.ledger import Ledger
from farscrawler.cli.base import run_light
from farscrawler.copies import update
from farscrawler.extract.article import content_hash
from tests.support.attacks import Attack, meet
from tests.support.dated import date_of
from tests.support.records import AT, article

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from farscrawler.items import Article

#: Cases of the fuzz, each with every command; a longer one: FARSCRAWLER_FUZZ=2000 pytest tests/attacks/test_archives.py
CASES = int(os.environ.get("FARSCRAWLER_FUZZ", "8"))
READERS: tuple[tuple[str, ...], ...] = (
    ("check",),
    ("show",),
    ("coverage", "farsonline"),
    ("coverage", "farsonline", "--json"),
    ("revisions", "farsonline", "7"),
    ("publishers", "--archive"),
    ("stats", "--by", "day", "--by", "tag"),
    ("stats", "--by", "publisher", "--by", "fill", "--csv"),
    ("export", "-O", "/dev/null:jsonl", "-O", "/dev/null:xml"),
    ("export", "-O", "/dev/null:csv", "--all-revisions", "--since", "1390"),
    ("copies", "--report"),
    ("copies", "--of", "farsonline", "7"),
    ("search", "تیتر OR متن"),
    ("search", "tags:یک*", "--order", "rank", "--json"),
    ("reparse", "--dry-run", "--jobs", "1", "farsonline"),
    ("prune-pages", "--all", "--dry-run"),
)
ARTICLES = 60
#: The text of two of them.
COPIED = " ".join(f"واژهٔ{at}" for at in range(60))


def _fill(path: Path) -> None:
    """Make an archive with articles, a superseded revision, and kept pages."""
    with Archive(path, readonly=False) as archive, KeptPages(path_of(path), readonly=False) as pages:
        ledger = Ledger(archive, "farsonline")
        run = ledger.begin_run({"ids": "1-60"}, AT)
        archive.preparations.append(pages.flush)
        for number in (*range(1, ARTICLES + 1), 7):
            one = article(str(number), headline=f"تیتر {number}", content_hash="")
            text = COPIED if number in (7, 8) else f"متن {number} " * 40
            one.body = text + ("، بازنگری" if number == 7 and archive.committed else "")
            day = f"1401-02-{number % 28 + 1:02}"
            date_of(one, f"{day}T14:55:59")
            one.published_precision = "second"
            one.published_at = f"2022-05-{number % 28 + 1:02}T14:55:59+04:30"
            one.content_hash = content_hash(one)
            visit = Visit(publisher="farsonline", key=one.article_id, url=one.url, outcome="article", at=AT)
            pages.keep(
                visit,
                [
                    KeptPage(
                        publisher="farsonline", key=one.article_id, form="print", url=one.url, outcome="article",
                        status=200, fetched_at=AT, body=f"<html>{one.body}</html>".encode(), content_type="text/html",
                    )
                ],
            )  # fmt: skip
            archive.save(visit, one)
            if number == ARTICLES:
                archive.flush()
        archive.flush()
        ledger.end_run(run, at=AT, reason="finished", exit_code=0, counts={"article": ARTICLES})
        update(archive, zone_of=lambda _: "Asia/Tehran")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "archive.db"
    _fill(path)
    with Archive(path) as opened:
        assert check(opened) == []
    return path


def _run(words: tuple[str, ...], path: Path) -> tuple[int, str]:
    """Run a command in this process, and return its exit code and what it said."""
    command = import_module(f"farscrawler.cli.commands.{words[0].replace('-', '_')}").Command()
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        assert run_light(command, (*words[1:], "-s", f"ARCHIVE={path}"))
    said.seek(0)
    return command.exitcode, said.read()


def _spoil(data: bytes, chance: random.Random) -> bytes:
    """Flip bits, overwrite a part, or cut the end."""
    made = bytearray(data)
    kind = chance.randrange(4)
    if kind == 0:
        return bytes(made[: chance.randrange(512, len(made))])
    if kind == 1:
        at = chance.randrange(len(made) - 64)
        made[at : at + 64] = chance.randbytes(64)
        return bytes(made)
    first = 100 if kind == 2 else 0  # the header too
    for _ in range(chance.choice((1, 1, 4, 40))):
        made[chance.randrange(first, len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


@pytest.mark.parametrize("seed", range(CASES))
def test_damage_is_a_sentence_to_every_reader(seed: int, archive: Path, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = tmp_path / "archive.db"
    which = archive if seed % 4 else path_of(archive)
    for one in (archive, path_of(archive)):
        data = one.read_bytes()
        (tmp_path / one.name).write_bytes(_spoil(data, chance) if one == which else data)
    codes = {}
    for words in READERS:
        code, said = _run(words, path)
        codes[words] = code
        assert code in (0, 1, 2, 3), (words, said)
        assert "Traceback" not in said, (words, said)
        assert "farscrawler itself" not in said, (words, said)
    codes.pop(("publishers", "--archive"))  # it says that the newest run is old
    if codes["check",] == 0:  # what check calls sound reads well
        assert not any(codes.values()), codes


#: What another program has done to an archive, and what `check` says of it.
ROBBED: dict[str, tuple[str, str]] = {
    "trigger": ("DROP TRIGGER keep_revision", "trigger keep_revision is not there"),
    "index": ("DROP INDEX articles_by_day", "index articles_by_day is not there"),
    "other index": (
        "DROP INDEX articles_by_day; CREATE INDEX articles_by_day ON articles (url)", "index articles_by_day is another"
    ),
    "column": ("DROP INDEX visits_to_reread; ALTER TABLE visits DROP COLUMN rules", "column visits.rules is not there"),
    "table": ("DROP TABLE lists", "table lists is not there"),
    "text": ("DROP TRIGGER keep_revision; UPDATE articles SET body = 'x' WHERE article_id = '5'", "damaged articles"),
    "JSON": ("UPDATE articles SET tags = '[\"' WHERE article_id = '5'", "damaged articles"),
    "kind": ("UPDATE articles SET body = x'00ff' WHERE article_id = '5'", "damaged articles"),
    "outcome": ("UPDATE visits SET outcome = 'artikle' WHERE key = '5'", "visits with an outcome that there is not"),
    "arguments": ("UPDATE runs SET arguments = '{'", "runs whose arguments are no JSON"),
    "article": ("DELETE FROM articles WHERE article_id = '5'", "visits that stored an article which is not there"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROBBED)
def test_what_another_program_has_done_is_found_and_repaired(name: str, archive: Path, tmp_path: Path) -> None:
    statements, sentence = ROBBED[name]
    path = tmp_path / "archive.db"
    path.write_bytes(archive.read_bytes())
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(statements)
    code, said = _run(("check",), path)
    assert (code, sentence in said, "check --repair" in said) == (1, True, True), said
    before = path.read_bytes()
    for words in READERS[1:]:  # no reader breaks on it
        if words[0] != "search":  # it makes its index
            assert "Traceback" not in _run(words, path)[1]
    assert path.read_bytes() == before
    code, said = _run(("check", "--repair"), path)
    fetched_again = re.search(r"crawl farsonline --urls @(\S+)", said)
    assert (fetched_again is not None) == (name in ("text", "JSON", "kind", "article")), said
    if fetched_again is not None:
        assert (tmp_path / "archive.damaged.farsonline.txt").read_text() == "http://x/5\n"
        with Archive(path, readonly=False) as opened:
            known = Ledger(opened, "farsonline").known(["5"])["5"]
            assert (known.outcome, known.final) == ("failed", False)
            opened.save(  # the crawl fetches it again
                Visit(publisher="farsonline", key="5", url="http://x/5", outcome="article", at=AT), _article_5(archive)
            )
    code, said = _run(("check",), path)
    left = "neither present nor kept" in said if name == "article" else False
    assert code == (1 if left else 0), said


def _article_5(archive: Path) -> Article | None:
    with Archive(archive) as opened:
        return opened.article("farsonline", "5")


def _cut(path: Path) -> None:
    _fill(path)
    path.write_bytes(path.read_bytes()[:20_000])


def _without_index(path: Path) -> None:
    _fill(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript("DROP INDEX articles_by_day; DROP TRIGGER keep_revision")


#: No file may grow beyond this: the disk is full.
_FULL = "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))"


def _robbed(name: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        _fill(path)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.executescript(ROBBED[name][0])

    return make


CRAWL = ("crawl", "farsonline", "-a", "ids=1", "-a", "base_url=http://127.0.0.1:9")
ATTACKS = {
    "an archive without its trigger, crawled": Attack(
        words=("crawl", "farsonline", "-a", "pages=archive.db"), files={"archive.db": _robbed("trigger")}, code=1,
        says=("archive.db: trigger keep_revision is not there. `farscrawler check --repair` makes it again",),
    ),
    "an archive with a run that is no JSON, crawled": Attack(
        words=CRAWL, files={"archive.db": _robbed("arguments")}, code=1, says=("of run 1 is damaged",)
    ),
    "an archive repaired on a full disk": Attack(
        words=("check", "--repair"), files={"archive.db": _without_index}, first=_FULL, code=1,
        says=("archive.db: the disk",),
    ),
    "pages pruned on a full disk": Attack(
        words=("prune-pages", "--all"), files={"archive.db": _fill}, first=_FULL, code=1, says=("the disk",)
    ),
    "a page of coverage on a full disk": Attack(
        words=("coverage", "farsonline", "--html", "full.html"),
        files={"archive.db": _fill, "full.html": lambda path: path.symlink_to("/dev/full")},
        code=1, says=("full.html cannot be written (No space left on device)",),
    ),
    "a cut archive, crawled": Attack(
        words=CRAWL, files={"archive.db": _cut}, code=1, says=("the archive is damaged", "`farscrawler check`"),
    ),
    "a cut archive, shown": Attack(words=("show",), files={"archive.db": _cut}, code=1, says=("is damaged",)),
    "a cut archive, repaired": Attack(
        words=("check", "--repair"), files={"archive.db": _cut}, code=1, shows=(".recover | sqlite3 new.db",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_damaged_archive_is_left_alone(name: str, tmp_path: Path) -> None:
    meet(ATTACKS[name], tmp_path)
