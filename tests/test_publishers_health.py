"""How publishers fare in an archive: last success, fill rates, and drops that are marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.archive.audit.checks import BEFORE, DROP, NEWEST, Health, health
from farscrawler.archive.ledger import Ledger
from farscrawler.archive.schema import FILL_FIELDS
from farscrawler.cli.commands.publishers import ARCHIVE_COLUMNS, COLUMNS, Row, fitting
from farscrawler.errors import Exit
from farscrawler.items import FIELD_NAMES, Article
from tests.support import environment, run

if TYPE_CHECKING:
    from pathlib import Path


def store(
    archive: Archive, publisher: str, number: int, *, section: str | None, kicker: str | None, version: int = 1
) -> None:
    article = Article(
        publisher=publisher,
        article_id=str(number),
        url=f"https://x.ir/{number}",
        fetched_at="2026-01-01T00:00:00+00:00",
    )
    article.headline, article.body = "تیتر", "متن" if number % 10 else ""
    article.section, article.kicker = section, kicker
    article.tags = ["الف"] if number % 2 else []
    article.content_hash = f"{number}/{version}"
    archive.save(
        Visit(publisher=publisher, key=str(number), url=article.url, outcome="article", at=article.fetched_at), article
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive in which one site lost its section, another is too young to tell, and a third was never reached."""
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(1, 401):
            # The old quarter had no section either: it lies too far back to count among those before the newest.
            late = number > 300
            store(
                archive, "irna", number, section=None if late else "جامعه", kicker="x" if number % 5 or late else None
            )
        for number in range(1, NEWEST + 51):
            store(archive, "isna", number, section=None if number > 50 else "جامعه", kicker=None)
        for publisher, at, counts in (
            ("irna", "2026-01-01T10:00:00+00:00", {"article": 400}),
            ("irna", "2026-01-02T10:00:00+00:00", {"failed": 3}),
            ("isna", "2026-01-03T10:00:00+00:00", {"article": 150, "missing": 1}),
            ("tabnak", "2026-01-04T10:00:00+00:00", {"blocked": 5}),
        ):
            ledger = Ledger(archive, publisher)
            run_number = ledger.begin_run({}, at)
            ledger.end_run(run_number, at=at, reason="finished", exit_code=0, counts=counts)
        Ledger(archive, "mehrnews").begin_run({}, "2026-01-05T10:00:00+00:00")  # killed: it has no end
    return tmp_path


def test_the_newest_articles_against_those_before_them(folder: Path) -> None:
    with Archive(folder / "archive.db", readonly=True) as archive:
        found = health(archive)
    irna = found["irna"]
    assert (irna.articles, irna.last_success) == (400, "2026-01-01T10:00:00+00:00")
    assert set(irna.fill) == set(irna.before) == set(FILL_FIELDS)
    assert (irna.fill["section"], irna.before["section"]) == (0, 1)
    assert irna.drops == {"section": (1, 0)}, "a field that is filled more often, or as often, is no drop"
    assert (irna.fill["tags"], irna.fill["body"], irna.fill["lead"]) == (0.5, 0.9, 0)
    isna = found["isna"]
    assert (isna.articles, isna.before, isna.drops) == (150, {}, {}), "50 articles are too few to compare with"
    assert isna.fill["section"] == 0
    assert (found["tabnak"].last_success, found["tabnak"].articles, found["tabnak"].fill) == (None, 0, {})
    assert found["mehrnews"].last_success is None


def test_only_so_many_articles_before_the_newest_count(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(1, BEFORE + NEWEST + 501):
            store(archive, "irna", number, section="جامعه" if number > 500 else None, kicker=None)
        irna = health(archive)["irna"]
    assert (irna.articles, irna.before["section"], irna.fill["section"]) == (BEFORE + NEWEST + 500, 1, 1)


def test_a_revision_does_not_make_an_article_a_newer_one(folder: Path) -> None:
    with Archive(folder / "archive.db", readonly=False) as archive:
        for number in range(1, 101):
            store(archive, "irna", number, section="فرهنگ", kicker=None, version=2)
        archive.flush()
        assert archive.db.execute("SELECT count(*) FROM changes WHERE revision = 2").fetchone() == (100,)
        assert health(archive)["irna"].fill["section"] == 0


def test_a_fall_that_chance_can_make_is_no_drop(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        for number in range(1, 301):
            every = 2 if number <= 200 else 3  # from one half to a third: 0.17
            store(archive, "irna", number, section="x" if number % every == 0 else None, kicker=None)
        irna = health(archive)["irna"]
    assert 0.1 < irna.before["section"] - irna.fill["section"] < DROP
    assert not irna.drops


def test_the_fields_are_those_of_the_schema() -> None:
    assert set(FILL_FIELDS) < set(FIELD_NAMES)
    assert {"kicker", "lead", "body", "section", "tags", "images", "published_at"} < set(FILL_FIELDS)


def test_the_list_with_an_archive(folder: Path) -> None:
    done = run("publishers", "--archive", "--sort", "drops", cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert all(len(row) == len(COLUMNS) + len(ARCHIVE_COLUMNS) for row in rows)
    assert rows[0][0] == "irna"
    assert rows[0][-4:-2] == ["400", "2026-01-01T10:00:00+00:00"]
    assert "section=0.00" in rows[0][-2].split(",")
    assert rows[0][-1] == "section=1.00>0.00"
    assert (rows[1][0], rows[1][-4]) == ("isna", "150")  # what is in the archive before what is not
    assert [row[0] for row in rows[2:]] == ["mehrnews", "tabnak"], "those in the archive, and no others"
    assert rows[2][-4:] == ["0", "-", "-", "-"]
    by_name = run("publishers", "isna", "-s", "ARCHIVE=archive.db", "--json", cwd=folder)
    (line,) = map(json.loads, by_name.stdout.splitlines())
    assert (line["publisher"], line["articles"], line["drops"]) == ("isna", 150, {})
    assert line["fill"]["tags"] == 0.5
    last = run("publishers", "--archive", "--sort", "articles", "--family", "nastooh", cwd=folder)
    assert [row.split("\t")[0] for row in last.stdout.splitlines()] == ["irna", "isna", "mehrnews"]


def test_a_publisher_without_a_stanza_is_listed_where_the_archive_has_it(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        store(archive, "closed_site", 1, section=None, kicker=None)
    done = run("publishers", "--json", "--archive", "archive.db", cwd=tmp_path)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["publisher"], line["name"], line["hosts"], line["articles"]) == ("closed_site", None, [], 1)
    plain = run("publishers", "CLOSED", "--archive=archive.db", cwd=tmp_path)
    assert plain.stdout.split("\t")[:8] == ["closed_site", "-", "-", "-", "-", "-", "-", "1"]
    of_family = run("publishers", "--family", "nastooh", "--archive=archive.db", cwd=tmp_path)
    assert (of_family.returncode, of_family.stdout) == (Exit.BROKE, "")
    assert "holds nothing of the family nastooh yet" in of_family.stderr


def test_a_table_on_a_terminal(folder: Path) -> None:
    done = run(
        "publishers",
        "irna",
        "--wide",
        "--archive",
        cwd=folder,
        env={**environment(), "FORCE_COLOR": "1", "COLUMNS": "60"},
    )
    assert done.returncode == 0, done.stderr
    assert "section 100% → 0%" in done.stdout
    assert all(column in done.stdout for column in (*COLUMNS, *ARCHIVE_COLUMNS))


def test_lists_that_cannot_be_made(tmp_path: Path) -> None:
    gone = run("publishers", "--archive", cwd=tmp_path)
    assert (gone.returncode, gone.stdout) == (Exit.BAD_ARGUMENTS, "")
    assert "archive.db does not exist" in gone.stderr
    sorted_ = run("publishers", "--sort", "drops", cwd=tmp_path)
    assert sorted_.returncode == Exit.BAD_ARGUMENTS
    assert "needs an archive: add --archive" in sorted_.stderr
    behind = run("publishers", "--archive", "irna", cwd=tmp_path)
    assert (behind.returncode, behind.stdout) == (Exit.BAD_ARGUMENTS, "")
    assert "publishers irna --archive" in behind.stderr
    nobody = run("publishers", "no-such-site", cwd=tmp_path)
    assert (nobody.returncode, nobody.stdout) == (Exit.BROKE, "")


def test_words_find_publishers_however_they_are_spelt(tmp_path: Path) -> None:
    rows = [Row(one.key, one, Health()) for one in publishers.all_publishers()]
    for words in (["TASNIM"], ["تسنيم"], ["خبرگزاری تسنیم"], ["tasnimnews.ir"], ["tasnim", "تسنیم"]):
        found, unfit = fitting(rows, words)
        assert ([one.key for one in found], unfit) == (["tasnimnews"], []), words
    either, unfit = fitting(rows, ["tasnimnews.ir", "no-such-site", "isna.ir"])
    assert ([one.key for one in either], unfit) == (["isna", "tasnimnews"], ["no-such-site"])
    family = run("publishers", "--family", "sputnik", "افغانستان", "--json", cwd=tmp_path)
    (line,) = map(json.loads, family.stdout.splitlines())
    assert (line["publisher"], line["family"]) == ("sputnik", "sputnik")
    assert "articles" not in line


def test_a_slip_is_answered_with_what_is_like_it(tmp_path: Path) -> None:
    done = run("publishers", "irna", "tasnmi", "تسنبم", "qqqqqq", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["publisher"]) == (0, "irna")
    assert done.stderr.splitlines() == [
        "farscrawler: no publisher fits tasnmi. Did you mean tasnimnews?",
        "farscrawler: no publisher fits تسنبم. Did you mean tasnimnews?",
        "farscrawler: no publisher fits qqqqqq.",
    ]
