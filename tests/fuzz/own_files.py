"""The readers of files of our own that were damaged: archives, cells of them, and exports."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from random import Random

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check, health, tally
from farscrawler.archive.audit.kept import check_pages
from farscrawler.archive.exports import ExportLog
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.archive.ledger import Ledger
from farscrawler.coverage import survey
from farscrawler.days import DateRange
from farscrawler.errors import FarscrawlerError
from farscrawler.exporters.formats import Csv, JsonLines
from farscrawler.exporters.sqlitefile import SqliteFile
from farscrawler.exporters.textfile import LineFile
from tests.fuzz.reader import NOW, SITE, Reader, Sample, of
from tests.support.kept import page as kept_page
from tests.support.pageserver import print_page
from tests.support.records import AT, article, visit


def _fill(path: Path) -> None:
    with Archive(path, readonly=False) as archive, KeptPages(path_of(path), readonly=False) as pages:
        for number in range(1, 31):
            seen = visit(str(number), "article" if number % 3 else "missing")
            if number % 3:
                pages.keep(seen, [kept_page(str(number), print_page(number).encode())])
            pages.flush()
            archive.save(seen, article(str(number), f"تیتر {number}", str(number)) if number % 3 else None)
        ledger = Ledger(archive, "farsonline")
        run = ledger.begin_run({"ids": "1-30"}, AT)
        archive.flush()
        ledger.end_run(run, at=AT, reason="finished", exit_code=0, counts={"article": 20})
        archive.save(visit("1"), article("1", "تیتر تازه", "b"))
        archive.flush()


@cache
def _archives() -> list[Sample]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive.db")
        _fill(path)
        return [Sample("archive.db", path.read_bytes()), Sample("archive.pages.db", path_of(path).read_bytes())]


def _read_archive(data: bytes, name: str, place: Path, *, written: bool = False) -> None:
    for sample in () if written else _archives():
        (place / sample.name).write_bytes(data if sample.name == name else sample.data)
    path = place / "archive.db"
    try:
        for use in (_use_archive, _use_pages, _write_archive):
            with contextlib.suppress(FarscrawlerError):
                use(path)
    finally:
        for left in place.glob("archive*"):
            left.unlink()


#: What other programs, and disks, leave in a cell.
CELLS = (
    *(
        None,
        "",
        "x",
        "\0",
        "{",
        "[1]",
        '[{"url": 1}]',
        "null",
        "2022-13-45",
        "9" * 30,
        b"",
        b"\xff\xfe",
        b"\0" * 99,
        0,
        -1,
    ),
    *(1.5, 2**62, "1401/13/32", "۱۴۰۱", "[" * 3_000, '"\\ud800"', "http://[", "article", "9999-12-31T23:59:59+00:00"),
)


def _read_cells(data: bytes, _: str, place: Path) -> None:
    """Put values of another kind into cells of an archive; the bytes are the dice."""
    dice = Random(data)
    for sample in _archives():
        path = place / sample.name
        path.write_bytes(sample.data)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA ignore_check_constraints = 1")
            for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f'DROP TRIGGER "{trigger}"')  # names of our own schema
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for _change in range(dice.choice((1, 2, 5))):
                table = dice.choice(tables)
                columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
                with contextlib.suppress(sqlite3.Error):  # what SQLite refuses is no damage
                    db.execute(
                        f'UPDATE "{table}" SET "{dice.choice(columns)}" = ? WHERE rowid % ? = 0',  # noqa: S608
                        (dice.choice(CELLS), dice.choice((1, 2, 7))),
                    )
            db.commit()
    _read_archive(path.read_bytes(), path.name, place, written=True)


def _use_archive(path: Path) -> None:
    with Archive(path) as archive:
        for use in (
            lambda: list(archive.articles()),
            lambda: archive.newest(5, "farsonline"),
            lambda: archive.revisions("farsonline", "1"),
            lambda: check(archive),
            lambda: tally(archive),
            lambda: health(archive),
            lambda: survey(archive, SITE, DateRange(), now=NOW),
            lambda: Ledger(archive, "farsonline").last_run(),
            lambda: Ledger(archive, "farsonline").known(["1", "3"]),
        ):
            with contextlib.suppress(FarscrawlerError):
                use()


def _use_pages(path: Path) -> None:
    with KeptPages(path_of(path)) as pages:
        for part in pages.parts("farsonline", keys=7):
            list(pages.read(part))
        check_pages(pages)


def _write_archive(path: Path) -> None:
    with Archive(path, readonly=False) as archive:
        ledger = Ledger(archive, "farsonline")
        ledger.broken_since()
        run = ledger.begin_run({}, AT)
        archive.save(visit("50"), article("50", "تیتر", "c"))
        archive.flush()
        ledger.end_run(run, at=AT, reason="finished", exit_code=0, counts={})


@cache
def _export_archive() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive.db")
        _fill(path)
        return path.read_bytes()


def _export(place: Path, name: str) -> None:
    with Archive(place / "export.archive.db", readonly=False) as archive:
        log = ExportLog(archive, str(place / name), "farsonline")
        file: LineFile | SqliteFile
        if name.endswith(".db"):
            file = SqliteFile(place / name, log, at=AT)
        else:
            lines = Csv() if name.endswith(".csv") else JsonLines()
            file = LineFile(place / name, lines, log, kind=name.rpartition(".")[2], at=AT)
        file.open(overwrite=False)
        file.close()


@cache
def _exports() -> list[Sample]:
    found = []
    for name in ("news.jsonl", "news.csv", "news.db"):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "export.archive.db").write_bytes(_export_archive())
            _export(place, name)
            found.append(Sample(name, (place / name).read_bytes()))
    return found


def _read_export(data: bytes, name: str, place: Path) -> None:
    """Continue an export that this archive wrote, and one that it has never seen."""
    try:
        for known in (False, True):
            (place / "export.archive.db").write_bytes(_export_archive())
            if known:
                _export(place, name)
            (place / name).write_bytes(data)
            try:
                _export(place, name)
            except FarscrawlerError:
                if not name.endswith(".db"):
                    assert (place / name).read_bytes() == data, "what was refused was changed"
            for left in place.glob("*.db*"):
                left.unlink()
            (place / name).unlink(missing_ok=True)
    finally:
        for left in [*place.glob("export*"), *place.glob("news*")]:
            left.unlink()


READERS = (
    Reader("archives", _archives, _read_archive),
    Reader("cells", of("1", "2"), _read_cells),
    Reader("exports", _exports, _read_export),
)
