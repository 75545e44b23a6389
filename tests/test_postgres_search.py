"""The search of an archive in PostgreSQL: it finds what the one of a file finds, and keeps up with what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.errors import NoSearchIndexError
from tests.support import run
from tests.support.postgres import needs_postgres
from tests.support.searched import found, news, save

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.locations import Location, Server
    from tests.support.postgres import Postgres

pytestmark = needs_postgres

ARTICLES = [
    news(
        str(at),
        f"{'کتاب‌های تازه' if at % 3 else 'كتابهاي كهنه'} {'و آب' if at % 2 else 'آبها'} ۱۴۰۱ test_case it's 10% «{at}»",
        headline=("تیتر یک", "خبر آب و هوا", "می‌شود گفت")[at % 3],
        clock=f"{at % 24:02}:00:00",
        section=("فرهنگی", "علمی فرهنگی")[at % 2],
        tags=["یک دو", "سه"],
        kicker="روتیتر" if at % 5 else None,
    )
    for at in range(60)
]
WORDS = (
    *("کتاب‌های", "کتاب*", '"کتاب‌های تازه"', '"تازه آب"', "تازه آب", "آب NOT کهنه", "headline:آب", "میشود OR آبها"),
    *("headline:(آب OR می‌شود) NOT kicker:روتیتر", "test_case", "it's", "10%", "1401", 'tags:"یک دو"', 'tags:"دو سه"'),
    *("section:علمی", "publisher:irna", "«7»", "kicker:رو*", '"آب و هوا"', "body:هوا", "خبر هوا", "پاپا", '"تازه و*"'),
    "(کتاب* OR آب) (تازه NOT هوا)",
)


def test_both_backends_find_the_same(postgres: Postgres, tmp_path: Path) -> None:
    places: list[Location] = [tmp_path / "archive.db", postgres.archive()]
    for place in places:
        with Archive(place, readonly=False) as archive:
            save(archive, *ARTICLES)
            archive.prepare_search()
    with Archive(places[0]) as file, Archive(places[1]) as server:
        sizes = []
        for words in WORDS:
            ours, theirs = found(server, words, limit=100), found(file, words, limit=100)
            assert ours == theirs, words
            assert sorted(server.matching(words)) == sorted(file.matching(words)), words
            assert sorted(found(server, words, order="rank", limit=100)) == sorted(theirs), words
            sizes.append(len(ours))
        assert sum(size > 0 for size in sizes) > len(WORDS) - 5
        assert len(set(sizes)) > 5


def test_what_is_stored_later_is_found_by_the_next_search(postgres: Postgres) -> None:
    place = postgres.archive()
    with Archive(place, readonly=False) as archive:
        save(archive, news("1", "آب"), news("2", "آب"))
        with Archive(place) as reader, pytest.raises(NoSearchIndexError):
            reader.search("آب")
        assert set(found(archive, "آب")) == {"2", "1"}
        save(archive, news("3", "آب"), news("1", "خاک"))
        assert set(found(archive, "آب")) == {"3", "2"}
        assert found(archive, "خاک") == ["1"]
        assert check(archive) == []
        archive.db.execute("DELETE FROM articles WHERE article_id = '3'")
        assert found(archive, "آب") == ["2"]
        assert archive.drop_search()
        assert not archive.drop_search()
        assert found(archive, "آب") == ["2"]


def test_long_words_and_texts_are_indexed(postgres: Postgres) -> None:
    with Archive(postgres.archive(), readonly=False) as archive:
        many = " ".join(f"واژه{at}" for at in range(40_000))
        save(archive, news("1", "ا" * 3_000 + " آب"), news("2", many), news("3", "تکرار و " * 20_000 + "تکرار پایان"))
        assert found(archive, "آب") == ["1"]
        assert found(archive, "واژه17") == ["2"]
        assert found(archive, '"تکرار پایان"') == ["3"]  # behind the last place that a tsvector knows


@pytest.mark.parametrize("letters", [12, 250])
def test_an_article_of_megabytes_of_words_does_not_keep_others_from_being_found(
    postgres: Postgres, letters: int
) -> None:
    """A tsvector has room for a megabyte: one article beyond it would let every search fail from then on."""
    junk = " ".join(f"{at:x}{'پ' * letters}"[:letters] for at in range(3_000_000 // (letters + 40)))
    with Archive(postgres.archive(), readonly=False) as archive:
        save(archive, news("1", junk + " آب", headline="خبر آب"), news("2", "آب"))
        assert sorted(found(archive, "آب")) == ["1", "2"]
        assert found(archive, "خبر") == ["1"]


def test_the_command_brings_the_index_up_to_date(postgres: Postgres, tmp_path: Path) -> None:
    place = postgres.archive()
    for key in ("1", "2"):
        with Archive(place, readonly=False) as archive:
            save(archive, news(key, "آب"))
        done = run("search", "آب", "--json", "--archive", place.address, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert f'"article_id": "{key}"' in done.stdout
    done = run("export", "--search", "آب", "-O", "news.jsonl", "--archive", place.address, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "news.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def reader_of(place: Server, archive: Archive, *, later: bool) -> str:
    """Return the address of a place for a new role that may read what is there, or also what comes ``later``."""
    (name,) = archive.db.execute("SELECT current_schema()").fetchone()
    role = f"reader_of_{name}"
    for statement in (
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA {name} TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {role}",
        *([f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO {role}"] if later else []),
    ):
        archive.db.execute(statement)
    return place.address.replace("//nobody@", f"//{role}@")


def test_rights_to_what_comes_later_need_no_order(postgres: Postgres, tmp_path: Path) -> None:
    place = postgres.archive()
    with Archive(place, readonly=False) as archive:
        save(archive, news("1", "آب"))
        address = reader_of(place, archive, later=True)
    early = run("search", "آب", "--archive", address, cwd=tmp_path)
    assert early.returncode == 2
    assert "has no search index yet; the first search of a user who may write makes it" in early.stderr
    assert run("search", "آب", "--archive", place.address, cwd=tmp_path).returncode == 0
    done = run("search", "آب", "--archive", address, cwd=tmp_path)
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 1, "")
    assert run("check", "--archive", address, cwd=tmp_path).returncode == 0
    assert run("jobs", "add", "crawl", "irna", "--archive", place.address, cwd=tmp_path).returncode == 0
    assert "1 queued" in run("jobs", "list", "--archive", address, cwd=tmp_path).stdout


def test_who_may_only_read_searches_what_the_owner_has_added(postgres: Postgres, tmp_path: Path) -> None:
    place = postgres.archive()
    with Archive(place, readonly=False) as archive:
        save(archive, news("1", "آب"))
        archive.prepare_search()
        save(archive, news("2", "آب"))
        address = reader_of(place, archive, later=False)
        idle = address.replace("//reader_", "//idle_owner_")
        (name,) = archive.db.execute("SELECT current_schema()").fetchone()
        archive.db.execute(f"CREATE ROLE idle_owner_of_{name} LOGIN SUPERUSER")
        archive.db.execute(f"ALTER ROLE idle_owner_of_{name} SET default_transaction_read_only = on")
    for who in (address, idle):
        done = run("search", "آب", "--archive", who, cwd=tmp_path)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
        assert "1 articles or revisions were stored since the last search of a user who may write" in done.stderr
    assert "permission" not in done.stderr
    assert len(run("search", "آب", "--archive", place.address, cwd=tmp_path).stdout.splitlines()) == 2
    worker = run("worker", "--archive", address, cwd=tmp_path)
    assert worker.returncode != 0
    assert worker.stderr.count("permission denied") == 1
