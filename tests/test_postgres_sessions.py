"""The session of an archive in PostgreSQL: the namespace that its address names, whatever others are set to."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.jobs import Job
from farscrawler.archive.postgres.work import AttemptEnd, WorkQueue
from farscrawler.locations import Server
from tests.support.postgres import needs_postgres
from tests.support.records import article, visit

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

pytestmark = needs_postgres
ME = uuid.UUID(int=1)
#: What a database or a user may have been given otherwise than PostgreSQL has it.
STRANGE = ("DateStyle=German", "IntervalStyle=sql_standard", "standard_conforming_strings=off")
ISOLATED = "default_transaction_isolation=serializable"


def address(postgres: Postgres, options: str) -> Server:
    plain = postgres.archive().address.partition("&options=")[0]
    return Server(f"{plain}&options={quote(options)}")


def store(archive: Archive, key: str) -> None:
    archive.save(visit(key), article(key))
    archive.flush()


@pytest.mark.parametrize(
    ("options", "namespace"),
    [
        ("-csearch_path=Upper", "upper"),
        ('-c search_path="Upper"', "Upper"),
        ('-csearch_path="a,b"', "a,b"),
        ('-csearch_path="a""b"', 'a"b'),
        (r'-csearch_path="two\ words"', "two words"),
        ("-csearch_path=it's", "it's"),
        ("-csearch_path=میز", "میز"),
        ("-csearch_path=one,information_schema", "one"),  # which is there, without an archive
        ('-csearch_path="$user"', "nobody"),
        ("--search_path=long", "long"),
        ("--search-path=dashed", "dashed"),
        ("-c search_path=before -c SEARCH_PATH=after", "after"),
    ],
)
def test_an_archive_is_in_the_namespace_of_its_address(postgres: Postgres, options: str, namespace: str) -> None:
    """As the server itself reads the options: two archives of one database would be mixed else."""
    place = address(postgres, options)
    with Archive(place, readonly=False) as archive, WorkQueue(place) as queue:
        assert archive.db.execute("SELECT current_schema()").fetchone() == (namespace,)
        store(archive, "1")
        assert queue.add([Job("crawl", "irna")]).ids == (1,)
        assert check(archive) == []


def test_what_a_database_or_user_is_set_to_makes_no_difference(postgres: Postgres) -> None:
    own = postgres.archive().address.partition("search_path%3D")[2]
    words = " ".join(f"-c {one}" for one in (f"search_path={own}", *STRANGE, ISOLATED))
    place = address(postgres, words)
    with Archive(place, readonly=False) as archive, Archive(place, readonly=False) as other, WorkQueue(place) as queue:
        store(archive, "1")
        store(other, r"2\\'")
        assert sorted(one.article_id for one in archive.articles()) == ["1", r"2\\'"]
        assert archive.db.execute("SHOW default_transaction_isolation").fetchone() == ("read committed",)
        assert check(archive) == []
        queue.add([Job("crawl", "irna")])
        (picked,) = queue.take(1, ME, silent=60)
        attempt = queue.begin(picked, ME, "here")
        assert [one.id for one in queue.beat(ME)] == [picked.id]
        queue.settle(picked, attempt, ME, AttemptEnd(state="done", ended_at=time.time(), kind="done"))
        assert queue.jobs() == []
