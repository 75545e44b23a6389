"""What every test runs under: an environment of nobody's, and examples that are the same every time."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from farscrawler.archive import Archive
from farscrawler.testing.newsroom import Faults, Server
from tests.support import crawl
from tests.support.coverage_harvest import BLOCKED, FAILED, NEWSROOM, RANGE, UNASKED
from tests.support.postgres import needs_postgres, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.locations import Location
    from tests.support.postgres import Postgres


#: Variables with which a user's shell could change what a test sees.
_FOREIGN = ("FARSCRAWLER_", "SCRAPY_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FORCE_COLOR", "NO_COLOR")
# Nothing is timed: a busy machine is no defect. `make fuzz` looks where nobody has looked yet.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("same", _COMMON, derandomize=True, database=None)
settings.register_profile("fuzz", _COMMON, max_examples=20 * _COMMON.max_examples)
settings.load_profile("same")


# A shell starts what runs in the background with interrupts ignored, and every command under test would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _environment() -> Iterator[None]:
    """Take what belongs to the user's shell out of the environment of all tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(_FOREIGN)]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _environment_of_one_test() -> Iterator[None]:
    """Yield back the environment as it was: no test sees what another one has set."""
    before = dict(os.environ)
    yield
    if os.environ != before:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests of this process that ask for one."""
    with running() as server:
        yield server


@pytest.fixture(params=["file", pytest.param("postgres", marks=needs_postgres)])
def archive_place(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Where a new archive may be made: a file in the folder of the test, and in another test a database."""
    if request.param == "file":
        return tmp_path / "archive.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.archive()


@pytest.fixture
def archive(archive_place: Location) -> Iterator[Archive]:
    """An archive to write into, in each of the backends."""
    with Archive(archive_place, readonly=False) as opened:
        yield opened


@pytest.fixture
def archive_file(tmp_path: Path) -> Iterator[Archive]:
    """An archive to write into that is a file, in the folder of the test."""
    with Archive(tmp_path / "archive.db", readonly=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def harvest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with an archive of a harvest that has a hole, and pages that failed and were blocked.

    A range of days was harvested to its end; other hands have taken rows of the hole out of the archive since.
    """
    folder = tmp_path_factory.mktemp("harvest")
    with Server(NEWSROOM, weight=2_000) as server:
        done = crawl(server.url, "-a", "ids=5000-5399,5404-5409,5412-5599", cwd=folder)
        assert done.returncode == 0, done.stderr
        done = crawl(server.url, "-a", f"since={RANGE[0]}", "-a", f"until={RANGE[1]}", cwd=folder)
    assert done.returncode == 0, done.stderr
    with Archive(folder / "archive.db", readonly=False) as archive, archive.transaction() as db:
        for at in {*UNASKED, *FAILED, *BLOCKED}:
            for table, name in (("articles", "article_id"), ("changes", "article_id"), ("visits", "key")):
                db.execute(f"DELETE FROM {table} WHERE {name} = ?", (str(at),))  # noqa: S608  # names of this line
    for ids, fault in ((FAILED, {"unavailable": 1.0}), (BLOCKED, {"challenge": 1.0})):
        with Server(NEWSROOM, Faults(patience=1_000, **fault), weight=2_000) as server:  # type: ignore[arg-type]  # rates
            done = crawl(server.url, "-a", f"ids={ids[0]}-{ids[-1]}", cwd=folder, ROBOTSTXT_OBEY=False, RETRY_TIMES=0)
        assert done.returncode == 3, done.stderr
    return folder
