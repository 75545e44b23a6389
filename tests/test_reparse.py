"""`farscrawler reparse`: kept pages read again, and only what has become better is stored."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.archive.audit.checks import check
from farscrawler.archive.ledger import Ledger, take_lock
from farscrawler.cli.commands.reparse import words
from farscrawler.extract.article import content_hash
from farscrawler.saved import folders, reading, reparse
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, run, start, wait_until
from tests.support.pageserver import print_page
from tests.support.saved import Record, contents, print_url, write_warc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from farscrawler.items import Article

DAY = "2024-05-{:02}T10:00:00Z"


def harvested(folder: Path, records: list[Record], name: str = "x.warc.gz") -> Path:
    """Make an archive of a WARC file, and give the file."""
    path = folder / name
    write_warc(path, records)
    done = run("crawl", "farsonline", "-a", f"pages={path}", cwd=folder)
    assert done.returncode == 0, done.stderr
    return path


def parsed_worse(archive: Path, **wrong: Mapping[str, object]) -> None:
    """Make some articles what an older parser would have stored in their place: other fields, and their hash."""
    db = sqlite3.connect(archive)
    (trigger,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'keep_revision'").fetchone()
    db.execute("DROP TRIGGER keep_revision")
    with Archive(archive, readonly=True) as reader:
        articles = {key: reader.article("farsonline", key.removeprefix("n")) for key in wrong}
    for key, fields in wrong.items():
        article = articles[key]
        assert article is not None
        older = replace(article, **dict[str, Any](fields))
        for name, value in {**fields, "content_hash": content_hash(older)}.items():
            db.execute(f"UPDATE articles SET {name} = ? WHERE article_id = ?", (value, article.article_id))  # noqa: S608  # our names
    db.execute(trigger)
    db.commit()
    db.close()


def reparsed(cwd: Path, *more: str, code: int = 0) -> dict[str, Any]:
    """Reparse, and give the report of the one publisher."""
    done = run("reparse", "--json", *more, cwd=cwd)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def revisions(cwd: Path, key: str) -> list[Article]:
    with Archive(cwd / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        return archive.revisions("farsonline", key)


def numbers(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in ("pages", "unchanged", "changed", "readable", "lost"))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_parsed_worse_is_mended_and_a_second_reparse_changes_nothing(tmp_path: Path, jobs: int) -> None:
    newsroom = Newsroom(count=70)
    with Server(newsroom, weight=4000) as server:
        ids = f"ids={newsroom.first_id}-{newsroom.newest_id}"
        assert crawl(server.url, "-a", ids, cwd=tmp_path, WARC="out", WARC_MAX_BYTES=30_000).returncode == 0
    good = contents(tmp_path / "archive.db")
    kept = newsroom.ids()
    a, b, c = (f"n{kept[index]}" for index in (1, 30, 60))
    wrong: dict[str, dict[str, object]] = {
        a: {"headline": "بد \x1b[31m"},
        b: {"headline": "بد", "lead": None},
        c: {"published_at": None},
    }
    parsed_worse(tmp_path / "archive.db", **wrong)
    bad = contents(tmp_path / "archive.db")
    pages = len(kept) + len(good["visits"]) - len(good["articles"])
    # a dry run tells the same, and stores nothing
    dry = reparsed(tmp_path, "--warc", "out", "--dry-run", "--jobs", "1")
    assert numbers(dry) == (pages, len(kept) - 3, 3, 0, 0)
    assert contents(tmp_path / "archive.db") == bad
    report = reparsed(tmp_path, "--warc", "out", "--jobs", str(jobs), "farsonline")
    assert {**report, "examples": None} == {**dry, "examples": None}
    assert report["fields"] == {"headline": 2, "lead": 1, "published_at": 1}
    assert [example[0] for example in report["examples"]["headline"]] == [a[1:], b[1:]]
    after = contents(tmp_path / "archive.db")
    assert after["visits"] == good["visits"]  # nobody has looked at the site
    assert [row[:-2] for row in _unrevised(after["articles"])] == [row[:-2] for row in _unrevised(good["articles"])]
    assert len(after["revisions"]) == 3
    old, new = revisions(tmp_path, a[1:])
    assert (old.headline, new.revision, old.fetched_at) == ("بد \x1b[31m", 2, new.fetched_at)
    again = reparsed(tmp_path, "--jobs", "1", "-s", "WARC=out")
    assert numbers(again) == (pages, len(kept), 0, 0, 0)
    assert contents(tmp_path / "archive.db") == after
    db = sqlite3.connect(tmp_path / "archive.db")
    rows = db.execute("SELECT arguments, end_reason, exit_code FROM runs ORDER BY run DESC LIMIT 2").fetchall()
    db.close()
    assert rows == [('{"reparse": "out"}', "finished", 0)] * 2


def _unrevised(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(value for value in row if not isinstance(value, int)) for row in rows]


def test_the_newest_page_wins_and_an_older_one_is_left(tmp_path: Path) -> None:
    path = harvested(tmp_path, [Record(print_url(1), print_page(1, "دو"), at=DAY.format(2))])
    parsed_worse(tmp_path / "archive.db", n1={"headline": "بد"})
    others = tmp_path / "others"
    others.mkdir()
    write_warc(others / "z.warc.gz", [Record(print_url(1), print_page(1, "یک"), at=DAY.format(1))])
    later = [Record(print_url(1), print_page(1, "سه"), at=DAY.format(3)), Record(print_url(9), print_page(9))]
    write_warc(others / "a.warc.gz", later)
    report = reparsed(tmp_path, "--warc", str(path), "--warc", str(others))
    assert report["left"] == {"older than the stored page": 1, "not in the archive; -a pages= stores them": 1}
    # both pages from the stored one on are history, in the order of time
    assert [one.headline for one in revisions(tmp_path, "1")] == ["بد", "دو", "سه"]
    assert numbers(reparsed(tmp_path, "--warc", str(path), "--warc", str(others)))[2:] == (0, 0, 0)


def test_what_could_not_be_read_before_is_stored_and_what_cannot_be_read_now_only_told(tmp_path: Path) -> None:
    broken = "<html><body>هیچ</body></html>"
    records = [
        Record(print_url(1), print_page(1), at=DAY.format(1)),
        Record(print_url(2), broken, at=DAY.format(1)),
        Record(print_url(3), print_page(3), at=DAY.format(1)),
    ]
    path = harvested(tmp_path, records)
    db = sqlite3.connect(tmp_path / "archive.db")
    # as an older version would have it: 1 was no article to it, and 2 was one
    db.execute("DELETE FROM articles WHERE article_id = '1'")
    db.execute("DELETE FROM changes WHERE article_id = '1'")
    db.execute("UPDATE visits SET outcome = 'not-article', reason = 'unknown layout' WHERE key = '1'")
    page_hash, at = db.execute("SELECT page_hash, last_at FROM visits WHERE key = '2'").fetchone()
    db.commit()
    db.close()
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        known = archive.article("farsonline", "3")
        assert known is not None
        older = replace(known, article_id="2", headline="از این صفحه", revision=1)
        archive.save(
            Visit(
                publisher="farsonline", key="2", url="u", outcome="article", at=at, page_hash=page_hash, form="print"
            ),
            replace(older, content_hash=content_hash(older)),
        )
    done = run("reparse", "--warc", str(path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 new, since they can be read now" in done.stdout
    assert "1 stored articles are none to today's parsers; they were left as they are:\n  2: " in done.stdout
    assert [one.headline for one in revisions(tmp_path, "2")] == ["از این صفحه"]
    (found,) = revisions(tmp_path, "1")
    assert found.fetched_at == DAY.format(1).replace("Z", "+00:00")
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        visit = Ledger(archive, "farsonline").known(["1"])["1"]
    assert (visit.outcome, visit.source) == ("article", "x.warc.gz#0")
    report = reparsed(tmp_path, "--warc", str(path))
    assert numbers(report) == (3, 2, 0, 0, 1)


def test_a_folder_of_pages_is_reparsed_too_and_bad_files_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(1, 71):  # more than a handful
        (folder / f"{number}.html").write_text(print_page(number), encoding="utf-8")
        (folder / f"{number}.url").write_text(print_url(number), encoding="utf-8")
    assert run("crawl", "farsonline", "-a", "pages=pages", cwd=tmp_path).returncode == 0
    parsed_worse(tmp_path / "archive.db", n1={"headline": "بد"}, n70={"headline": "بد"})
    (folder / "x.html").write_text("<html>", encoding="utf-8")
    (folder / "y.warc.gz").write_bytes(b"rubbish")
    done = run("reparse", "--warc", "pages", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 0
    assert "70 pages read; 68 articles unchanged, 2 revised" in done.stdout
    assert "headline: 2 changed\n  1: بد → آغاز ساخت پل تازه در شهر\n  70: بد → " in done.stdout
    assert "pages/x.html does not say" in done.stderr
    assert "pages/y.warc.gz is damaged" in done.stderr


def test_examples_are_short_and_harmless() -> None:
    report = reparse.Report("farsonline", pages=1, changed=1)
    report.fields["body"] = 1
    report.examples["body"] = [("1", "یکسان " * 30 + "\x1b[31mقدیم\n" + "x" * 99, "یکسان " * 30 + "جدید")]
    said = words(report, dry=True)
    assert "1 would be revised" in said
    assert "\x1b" not in said
    assert "…" in said
    assert all(len(line) < 150 for line in said.splitlines())


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ((), "archive.db does not exist"),
        (("--warc", "nothing"), "--warc nothing: there is no such folder or file"),
        (("--warc", "."), "archive.db does not exist"),
        (("--warc", ".", "nosuch"), "nosuch"),
        (("--warc", ".", "news"), "pages from anywhere (news) are not reparsed"),
        (("--warc", ".", "--jobs", "0"), "at least one job"),
        (("--warc", "empty"), "there is no file in empty"),
    ],
)
def test_bad_arguments(tmp_path: Path, more: tuple[str, ...], sentence: str) -> None:
    (tmp_path / "a.html").write_text("<html>", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    if more[-1:] in (("nosuch",), ("news",)):
        Archive(tmp_path / "archive.db", readonly=False).close()
    done = run("reparse", *more, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_another_run_holds_the_archive(tmp_path: Path) -> None:
    path = harvested(tmp_path, [Record(print_url(1), print_page(1))])
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        held = take_lock(Ledger(archive, "farsonline"))
        try:
            assert run("reparse", "--warc", str(path), cwd=tmp_path).returncode == 75
            assert run("reparse", "--warc", str(path), "--dry-run", cwd=tmp_path).returncode == 0
        finally:
            held.release()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_reparse_leaves_a_whole_archive_and_no_process(tmp_path: Path, how: signal.Signals) -> None:
    path = harvested(tmp_path, [Record(print_url(n), print_page(n), at=DAY.format(1)) for n in range(1, 120)])
    parsed_worse(tmp_path / "archive.db", **{f"n{n}": {"headline": "بد"} for n in range(1, 120)})
    copies = []
    for number in range(5):  # more than are weighed until then
        copy = tmp_path / f"{number}.warc.gz"
        copy.write_bytes(path.read_bytes())
        copies += ["--warc", str(copy)]
    place = "farscrawler.saved.reparse:Reparser.add"  # the first copies are weighed, others are read
    process = start(
        "reparse", "--jobs", "2", *copies, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, stop_at=place, call=3,
    )  # fmt: skip
    assert process.stopped(), process.communicate()
    process.send_signal(how)  # to the one that weighs alone, as a supervisor does
    out, err = process.communicate()
    if how is signal.SIGINT:
        assert process.returncode == 130, err
        assert "interrupted; what was stored is whole" in err
        assert "Traceback" not in err
    wait_until(lambda: not _alive(process.pid))  # the readers go with it
    assert out == ""
    report = reparsed(tmp_path, "--warc", str(path))
    assert report["changed"] + report["unchanged"] == 119
    assert all(len(revisions(tmp_path, key)) == 2 for key in ("1", "100", "119"))


def _alive(group: int) -> bool:
    """Return whether any process of a session is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_parts_of_one_file_are_weighed_in_order_whoever_is_faster(tmp_path: Path) -> None:
    at = "2024-05-01T10:{:02}:00Z"
    records = [Record(print_url(n % 5 + 1), print_page(n % 5 + 1, f"نوبت {n}"), at=at.format(n)) for n in range(50)]
    path = harvested(tmp_path, records)
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        work = list(reading.segments(folders.find([path]), part=1500))
        assert len(work) > 8
        fars = publishers.load("farsonline")
        report = reparse.reparse(archive, fars, work, reading.parse_segment, jobs=2, tell=lambda *_: None)
        assert (report.pages, report.changed, report.unchanged) == (50, 0, 5)
        assert report.left == {"older than the stored page": 45}
