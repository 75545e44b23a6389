"""`check` and `prune-pages`: what kept pages take, what is wrong with them, and how they are removed."""

from __future__ import annotations

import datetime as dt
import os
import re
import sqlite3
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.audit.kept import Wanted, damaged, forget_lost, lost, prune
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.archive.ledger import Ledger, take_lock
from tests.support import run
from tests.support.kept import MENU, keep, kept_in, page, template
from tests.support.records import article

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime.now(dt.UTC)
#: Pages are read here too, and each link of a menu takes its time.
_MENU = "</li>".join(MENU.split("</li>")[:50])


def days_ago(days: int) -> str:
    return (NOW - dt.timedelta(days=days)).isoformat(timespec="seconds")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive with 40 articles, a day apart each, and 10 pages that were none; and some of another publisher."""
    with (
        Archive(tmp_path / "archive.db", readonly=False) as archive,
        KeptPages(path_of(tmp_path / "archive.db"), readonly=False) as pages,
    ):
        archive.preparations.append(pages.flush)
        for number in range(40):
            body = template(number, _MENU) + os.urandom(6000)
            visit = keep(pages, page(str(number), body, at=days_ago(number)), flush=False)
            archive.save(visit, article(str(number)))
        for number in range(40, 50):
            refused = page(str(number), template(number, _MENU), at=days_ago(number), outcome="not-article")
            archive.save(keep(pages, refused, flush=False))
        archive.save(keep(pages, page("1", template(1), publisher="yjc", outcome="not-article"), flush=False))
        archive.flush()
    return tmp_path


def promised(folder: Path) -> int:
    with Archive(folder / "archive.db") as archive:
        found: int = archive.db.execute("SELECT count(*) FROM visits WHERE page_kept").fetchone()[0]
    return found


def test_check_says_what_pages_take_and_reads_each(folder: Path) -> None:
    file = path_of(folder / "archive.db")
    done = run("check", cwd=folder)
    assert done.returncode == 0, done.stdout
    size = sum(len(one.body) for one in kept_in(folder / "archive.db").values()) / 1e6
    assert re.search(
        rf"^farsonline: 50 pages kept, {size:.1f} MB as they came, 0\.[34] MB compressed$", done.stdout, re.MULTILINE
    )
    assert "yjc: 1 pages kept" in done.stdout
    assert f"{file}: {file.stat().st_size / 1e6:,.1f} MB on disk." in done.stdout
    assert done.stdout.endswith("archive.db: all is well.\n")

    db = sqlite3.connect(file)
    db.execute("UPDATE pages SET body = zeroblob(9) WHERE key IN ('3', '44')")
    db.commit()
    db.close()
    broken = run("check", cwd=folder)
    assert broken.returncode == 1
    assert f"{file}: 2 kept pages that cannot be read, such as {file}: the page of farsonline 3 " in broken.stdout
    assert "all is well" not in broken.stdout

    # what is whole is read, what is damaged is named, and the mended file is sound
    reparse = run("reparse", "farsonline", "--dry-run", "--jobs", "1", cwd=folder)
    assert reparse.returncode == 0
    assert "48 pages read" in reparse.stdout
    assert "the page of farsonline 44 (print) is damaged" in reparse.stderr
    assert run("prune-pages", "--damaged", cwd=folder).stdout.startswith("farsonline: 2 of 50 pages removed.\n")
    assert (run("check", cwd=folder).returncode, promised(folder)) == (0, 49)


def test_a_file_that_is_gone_is_a_warning_until_the_archive_forgets_it(folder: Path) -> None:
    path_of(folder / "archive.db").unlink()
    done = run("check", cwd=folder)
    assert done.returncode == 0
    assert "warning: the pages of 51 addresses were kept, and this file has none of them" in done.stdout
    assert done.stdout.endswith("archive.db: all is well.\n")
    refused = run("prune-pages", "--older-than", "1d", cwd=folder)
    assert (refused.returncode, "is not there: no page is kept" in refused.stderr) == (2, True)
    assert run("prune-pages", "--all", cwd=folder).returncode == 0
    assert promised(folder) == 0
    assert "warning" not in run("check", cwd=folder).stdout


def test_a_file_of_another_archive_is_a_warning_and_one_of_another_program_an_error(folder: Path) -> None:
    file = path_of(folder / "archive.db")
    file.unlink()
    with KeptPages(file, readonly=False) as pages:
        keep(pages, page("7", b"x"))
    done = run("check", cwd=folder)
    assert (done.returncode, "the pages of 50 addresses were kept, and this file lacks them" in done.stdout) == (
        0,
        True,
    )
    file.write_text("notes of mine", encoding="utf-8")
    for words in (("check",), ("reparse",), ("crawl", "farsonline", "-a", "ids=1"), ("prune-pages", "--all")):
        done = run(*words, cwd=folder)
        assert done.returncode in (1, 2), words
        assert "archive.pages.db is no file of kept pages (not an SQLite file); it was left untouched" in done.stderr
        assert "Traceback" not in done.stderr
    assert file.read_text(encoding="utf-8") == "notes of mine"


def test_pruning_removes_what_was_said_gives_the_room_back_and_leaves_the_articles(folder: Path) -> None:
    file = path_of(folder / "archive.db")
    before = file.stat().st_size
    dry = run("prune-pages", "--older-than", "20d", "--not-articles", "--dry-run", cwd=folder)
    assert dry.stdout == "farsonline: 10 of 50 pages would be removed.\nyjc: 0 of 1 pages would be removed.\n"
    assert len(kept_in(folder / "archive.db")) == 50
    done = run("prune-pages", "--older-than", "20d", "farsonline", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("farsonline: 30 of 50 pages removed.\n")  # the page of that very second is not older
    assert f"{before / 1e6:,.1f} MB before" in done.stdout
    assert set(kept_in(folder / "archive.db")) == {(str(number), "print") for number in range(20)}
    assert file.stat().st_size < before * 0.7
    assert promised(folder) == 21
    assert run("prune-pages", "--all", "farsonline", cwd=folder).returncode == 0
    db = sqlite3.connect(file)
    assert db.execute("SELECT publisher FROM pages").fetchall() == [("yjc",)]
    assert db.execute("SELECT count(*) FROM dictionaries").fetchone() == (0,)
    db.close()
    with Archive(folder / "archive.db") as archive:
        assert check(archive) == []
        assert sum(1 for _ in archive.articles()) == 40


def test_pruning_waits_for_no_crawl_and_does_not_touch_what_one_is_at_work_on(folder: Path) -> None:
    with Archive(folder / "archive.db", readonly=False) as archive:
        held = take_lock(Ledger(archive, "farsonline"))
        try:
            assert run("prune-pages", "--all", "farsonline", cwd=folder).returncode == 75
            assert run("prune-pages", "--all", "farsonline", "--dry-run", cwd=folder).returncode == 0
            assert run("prune-pages", "--all", "yjc", cwd=folder).returncode == 0
        finally:
            held.release()
    assert len(kept_in(folder / "archive.db")) == 50
    assert kept_in(folder / "archive.db", "yjc") == {}


def test_a_kill_while_pruning_leaves_pages_that_nobody_speaks_of_and_no_promise_without_one(folder: Path) -> None:
    path = folder / "archive.db"
    with Archive(path, readonly=False) as archive, KeptPages(path_of(path)) as readonly:
        with pytest.raises(Exception, match="cannot be written"):  # the file's turn comes after the archive's
            prune(archive, readonly, "farsonline", ["1", "2"])
        assert (promised(folder), len(kept_in(folder / "archive.db"))) == (49, 50)
        assert lost(archive, readonly) == 0
        assert list(damaged(readonly, "farsonline")) == []
        assert list(Wanted(before=days_ago(48)).keys(readonly, "farsonline")) == [["49"]]
        forget_lost(archive, "farsonline")
    assert promised(folder) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say which pages are to go"),
        (("--all", "--damaged"), "say which pages are to go"),
        (("--all", "--older-than", "3d"), "say which pages are to go"),
        (("--older-than", "soon"), "--older-than soon: write a length of time such as --older-than 7d, 12h or 2w."),
        (("--all", "nosuch"), "holds no page of nosuch; it holds those of farsonline, yjc."),
        (("--all", "-s", "ARCHIVE=other.db"), "other.db does not exist"),
    ],
)
def test_bad_arguments(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    done = run("prune-pages", *words, cwd=folder)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(kept_in(folder / "archive.db")) == 50
