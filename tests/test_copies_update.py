"""The comparison kept up: many runs, killed and continued, find what one run finds; nothing stale stays."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.copies.tables import COPIES, drop
from farscrawler.archive.ledger import take_copies_lock
from farscrawler.copies.comparison import update
from tests.support import run
from tests.support.copied import PUBLISHERS, Writer, compared, everything, groups, other_letters, printed, store
from tests.support.killing import kill_at_barrier

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.items import Article

DAY = 24 * 60
#: Where a run is killed.
PLACES = (
    "farscrawler.archive.copies.comparison:store",
    "farscrawler.archive.copies.comparison:store_pairs",
    "farscrawler.archive.copies.comparison:store_groups",
    "farscrawler.archive.copies.tables:forget",
    "farscrawler.archive.connection:Transaction.__exit__",
)


def harvest(seed: int, rounds: int) -> list[list[Article]]:
    """Return articles in the order in which they are stored, round by round: new ones, copies, and revised ones."""
    writer = Writer(seed)
    dice = writer.dice
    sources = [writer.text(dice.randint(20, 150)) for _ in range(12)]
    changes = [
        lambda text: text,
        lambda text: writer.preceded(text, 10),
        lambda text: writer.edited(text, 0.1),
        lambda text: writer.cut(text, 0.6),
        other_letters,
    ]
    found: list[list[Article]] = []
    for at in range(rounds):
        part = []
        for n in range(15):
            publisher = dice.choice(PUBLISHERS)
            body = dice.choice(changes)(dice.choice(sources)) if dice.random() < 0.7 else writer.text(60)
            precision = dice.choices(["second", "minute", "day", "none"], [6, 2, 1, 1])[0]
            part.append(printed(publisher, f"{at}-{n}", body, after=dice.randrange(5 * DAY), precision=precision))
        for old in dice.sample(found[-1], 3) if found else []:
            day = dice.randrange(5 * DAY)
            part.append(printed(old.publisher, old.article_id, dice.choice(sources), after=day))
        found.append(part)
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_runs_that_are_killed_find_what_one_run_finds(tmp_path: Path, seed: int) -> None:
    path, dice = tmp_path / "archive.db", Writer(seed).dice
    kills = 0
    for part in harvest(seed, 7):
        store(path, part)
        if dice.random() < 0.5:  # another program removes some
            with closing(sqlite3.connect(path)) as db:
                db.execute("DELETE FROM articles WHERE article_id IN (?, ?)", (part[0].article_id, part[9].article_id))
                db.commit()
        place, call = dice.choice(PLACES), dice.randint(1, 3)
        kills += kill_at_barrier("copies", cwd=tmp_path, place=place, call=call)
    assert kills >= 3
    done = run("copies", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    grown = everything(path)
    with Archive(path, readonly=False) as archive:
        assert drop(archive)
    compared(path)
    assert grown == everything(path)
    assert len(groups(path)) > 3
    assert grown["days"] == grown["ungrouped"] == []


def test_a_second_run_reads_nothing_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    store(path, harvest(3, 2)[0])
    compared(path)
    before = path.read_bytes()
    with Archive(path, readonly=False) as archive:
        done = update(archive, zone_of=lambda _: None)
    assert (done.read, done.gone, done.days, done.anew) == (0, 0, 0, False)
    assert path.read_bytes() == before


def test_one_new_article_has_its_own_days_compared(tmp_path: Path) -> None:
    path, writer = tmp_path / "archive.db", Writer(4)
    text = writer.text(100)
    store(path, [printed("irna", str(at), writer.text(100), after=at * DAY) for at in range(20)])
    store(path, [printed("isna", "1", text, after=10 * DAY)])
    compared(path)
    assert groups(path) == set()
    store(path, [printed("mehrnews", "1", writer.preceded(text), after=13 * DAY)])
    with Archive(path, readonly=False) as archive:
        done = update(archive, zone_of=lambda _: None)
    assert (done.read, done.days) == (1, 4)
    assert groups(path) == {frozenset({("isna", "1"), ("mehrnews", "1")})}
    store(path, [printed("farsnews", "1", text, after=17 * DAY)])
    compared(path)
    assert len(groups(path)) == 1, "more than three days after the last one"


def test_a_revised_article_leaves_its_group_and_a_removed_one_too(tmp_path: Path) -> None:
    path, writer = tmp_path / "archive.db", Writer(5)
    text = writer.text(100)
    store(path, [printed(one, "1", text, after=at) for at, one in enumerate(PUBLISHERS)])
    compared(path)
    assert groups(path) == {frozenset((one, "1") for one in PUBLISHERS)}
    store(path, [printed("irna", "1", writer.text(100))])
    compared(path)
    assert groups(path) == {frozenset((one, "1") for one in PUBLISHERS[1:])}
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM articles WHERE publisher IN ('isna', 'mehrnews')")
        db.commit()
    compared(path)
    assert groups(path) == set()
    assert {row[1] for row in everything(path)["texts"]} == {"irna", "farsnews"}


def test_an_article_whose_date_was_corrected_is_compared_with_those_of_its_new_day(tmp_path: Path) -> None:
    path, writer = tmp_path / "archive.db", Writer(6)
    text = writer.text(100)
    store(path, [printed("irna", "1", text), printed("isna", "1", text, after=20 * DAY)])
    compared(path)
    assert groups(path) == set()
    store(path, [printed("isna", "1", text, after=DAY)])
    compared(path)
    assert groups(path) == {frozenset({("irna", "1"), ("isna", "1")})}


def test_another_version_has_everything_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    store(path, harvest(7, 1)[0])
    compared(path)
    found = everything(path)
    with Archive(path, readonly=False) as archive:
        archive.db.execute("UPDATE derived SET version = '0' WHERE name = ?", (COPIES.name,))
        assert update(archive, zone_of=lambda _: "Asia/Tehran").anew
    assert everything(path) == found


def test_the_comparison_is_dropped_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    store(path, harvest(8, 1)[0])
    plain = tmp_path / "plain.db"
    shutil.copyfile(path, plain)
    compared(path)
    assert "is removed" in run("copies", "--drop", cwd=tmp_path).stdout
    with Archive(path) as archive, Archive(plain) as other:
        names = [
            {row[0] for row in one.db.execute("SELECT name FROM sqlite_master").fetchall()} for one in (archive, other)
        ]
    assert {name for name in names[0] - {"derived"} if not name.startswith("sqlite_")} == {
        name for name in names[1] if not name.startswith("sqlite_")
    }
    assert "nothing was compared" in run("copies", "--drop", cwd=tmp_path).stdout


def test_two_commands_do_not_compare_at_once(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    store(path, harvest(9, 1)[0])
    with Archive(path, readonly=False) as archive:
        held = take_copies_lock(archive)
        done = run("copies", cwd=tmp_path)
        held.release()
    assert done.returncode == 75
    assert "another command compares" in done.stderr
    assert run("copies", cwd=tmp_path).returncode == 0


def test_a_check_finds_what_is_wrong_and_a_repair_drops_it(tmp_path: Path) -> None:
    path, writer = tmp_path / "archive.db", Writer(10)
    text = writer.text(100)
    store(path, [printed(one, "1", text, after=at) for at, one in enumerate(PUBLISHERS)])
    compared(path)
    found = everything(path)
    assert run("check", cwd=tmp_path).returncode == 0
    for statement in (
        "DELETE FROM copies_texts WHERE doc = 2",
        "DELETE FROM copies_groups WHERE doc = 1",
        "UPDATE copies_texts SET day = NULL WHERE doc = 3",
        "DROP TABLE copies_days",
        "DROP INDEX copies_texts_by_day",
    ):
        with closing(sqlite3.connect(path)) as db:
            db.execute(statement)
            db.commit()
        done = run("check", cwd=tmp_path)
        assert done.returncode == 1, statement
        assert "comparison of articles" in done.stdout
        assert "farscrawler copies makes it again" in run("check", "--repair", cwd=tmp_path).stdout
        assert run("check", cwd=tmp_path).returncode == 0
        compared(path)
        assert everything(path) == found


def test_an_article_that_a_repair_marks_as_damaged_is_compared_again_when_it_is_whole(tmp_path: Path) -> None:
    path, writer = tmp_path / "archive.db", Writer(11)
    text = writer.text(100)
    articles = [printed(one, "1", text, after=at) for at, one in enumerate(PUBLISHERS)]
    store(path, articles)
    compared(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER keep_revision")
        db.execute("UPDATE articles SET body = body || 'x' WHERE publisher = 'isna'")
        db.commit()
    assert "1 damaged articles are marked" in run("check", "--repair", cwd=tmp_path).stdout
    compared(path)
    assert groups(path) == {frozenset((one, "1") for one in PUBLISHERS if one != "isna")}
    store(path, [articles[1]])
    compared(path)
    assert groups(path) == {frozenset((one, "1") for one in PUBLISHERS)}
