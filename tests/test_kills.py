"""Nothing is lost, whatever dies and whenever: kill -9 over a harvest, a commit, an export and a migration."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from typing import TYPE_CHECKING

from farscrawler.archive import Archive, schema
from farscrawler.archive.audit.checks import check
from farscrawler.archive.exports import ExportLog
from farscrawler.exporters.formats import JsonLines
from farscrawler.exporters.textfile import LineFile
from tests.support import json_lines, start_python
from tests.support.killing import kill_after
from tests.support.kills import harvest_under_fire

if TYPE_CHECKING:
    from pathlib import Path

_WRITER = """
import sys
from pathlib import Path
from farscrawler.archive import Archive, Visit
from farscrawler.archive.exports import ExportLog
from farscrawler.exporters.formats import JsonLines
from farscrawler.exporters.textfile import LineFile
from farscrawler.items import Article

folder = Path(sys.argv[1])
archive = Archive(folder / "archive.db", readonly=False)
file = LineFile(folder / "x.jsonl", JsonLines(), ExportLog(archive, "x", "farsonline"), kind="jsonl", at="t")
file.open(overwrite=False)
archive.listeners.append(file.write)
start = archive.db.execute("SELECT count(*) FROM articles").fetchone()[0]
for number in range(start, start + 100_000):
    if number % 10 == 0:
        print("step", flush=True)
    key = str(number // 2)  # every second one is a revision of the one before
    archive.save(
        Visit(publisher="farsonline", key=key, url="u", outcome="article", at="t"),
        Article(publisher="farsonline", article_id=key, url="u", headline=f"h{number}", body="متن " * 500,
                content_hash=str(number)))
"""


def test_a_harvest_killed_again_and_again_is_whole(tmp_path: Path) -> None:
    report = harvest_under_fire(tmp_path, ids=350, kills=5, seed=11)
    assert report.is_clean(), report
    assert report.exit_codes[-1] == 0
    assert report.kills >= 4
    # a kill can make us fetch again what was in flight and what was not committed yet
    assert report.fetched_twice <= report.kills * (50 + 2 * 8)


def test_killed_while_committing_and_exporting(tmp_path: Path) -> None:
    dice = random.Random(7)
    for _ in range(8):
        kill_after(start_python(_WRITER, str(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE), dice.randint(1, 40))
        with Archive(tmp_path / "archive.db", readonly=False) as archive:
            assert check(archive) == []
            file = LineFile(
                tmp_path / "x.jsonl", JsonLines(), ExportLog(archive, "x", "farsonline"), kind="jsonl", at="t"
            )
            file.open(overwrite=False)
            file.close()
            stored = [
                (a.article_id, a.revision)
                for article in archive.articles()
                for a in archive.revisions("farsonline", article.article_id)
            ]
        lines = [(line["article_id"], line["revision"]) for line in json_lines(tmp_path / "x.jsonl")]
        assert sorted(lines) == sorted(stored)
    assert len(lines) > 100


_MIGRATOR = """
import sqlite3
import sys
from farscrawler.archive import schema

def to_the_next_version(db):
    print("step", flush=True)
    db.execute("ALTER TABLE visits ADD COLUMN note TEXT")
    for number in range(2000):
        if number % 100 == 0:
            print("step", flush=True)
        db.execute("UPDATE visits SET note = ? WHERE key = ?", (str(number) * 50, str(number)))

schema.MIGRATIONS = (*schema.MIGRATIONS, to_the_next_version)
schema.migrate(sqlite3.connect(sys.argv[1], isolation_level=None), upto=len(schema.MIGRATIONS))
"""


def test_killed_during_a_migration(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Archive(path, readonly=False).close()
    db = sqlite3.connect(path)
    db.executemany(
        """INSERT INTO visits (publisher, key, url, outcome, tries, first_at, last_at, provisional)
           VALUES ('farsonline', ?, 'u', 'missing', 1, 't', 't', 0)""",
        ((str(number),) for number in range(2000)),
    )
    db.commit()
    db.close()
    dice = random.Random(3)
    for _ in range(8):
        kill_after(start_python(_MIGRATOR, str(path), cwd=tmp_path, stdout=subprocess.PIPE), dice.randint(1, 21))
        db = sqlite3.connect(path)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        has_note = any(row[1] == "note" for row in db.execute("PRAGMA table_info(visits)"))
        assert (version, has_note) in {(schema.VERSION, False), (schema.VERSION + 1, True)}
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM visits").fetchone() == (2000,)
        if version > schema.VERSION:
            assert db.execute("SELECT count(*) FROM visits WHERE note IS NULL").fetchone() == (0,)
            db.close()
            break
        db.close()
        with Archive(path, readonly=False) as archive:  # the older version is whole and usable
            assert check(archive) == []
