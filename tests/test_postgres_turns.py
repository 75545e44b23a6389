"""A web archive that runs of several machines ask gets one request at a time from all of them, at its own pace."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.postgres.locks import LeasedLock, taken
from tests.support import start
from tests.support.fleet_sites import own_folder
from tests.support.gone_site import gone_site
from tests.support.postgres import Postgres, needs_postgres
from tests.support.replica_archives import Archives

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.locations import Server

pytestmark = needs_postgres
DELAY = 0.2


def takes(server: Server, name: str) -> LeasedLock:
    return taken(server, name, lambda: "held.")


def test_turns_are_given_one_after_the_other(postgres: Postgres) -> None:
    server = postgres.archive()
    Archive(server, readonly=False).close()
    first, second = takes(server, "one"), takes(server, "two")
    assert first.turn("w.example", 100) == pytest.approx(0, abs=0.01)
    assert 90 < second.turn("w.example", 100) <= 100
    assert 190 < first.turn("w.example", 100) <= 200
    assert second.turn("other.example", 100) == pytest.approx(0, abs=0.01)
    second.hold_off("w.example", 1_000)
    assert 900 < first.turn("w.example", 100) <= 1_000
    second.hold_off("w.example", 10)  # shorter than what was asked for before
    assert 900 < first.turn("w.example", 100) <= 1_100
    first.release()
    assert second.turn("w.example", 100) > 900  # a turn is no lock: it stays given
    second.release()


def test_a_turn_that_no_database_gives_is_an_error(postgres: Postgres) -> None:
    server = postgres.archive()
    Archive(server, readonly=False).close()
    lock = takes(server, "one")
    assert lock._connection is not None
    lock._connection.execute("ALTER TABLE locks RENAME TO elsewhere")
    with pytest.raises(ArchiveError, match='relation "locks" does not exist'):
        lock.turn("w.example", 1)
    lock._connected().execute("ALTER TABLE elsewhere RENAME TO locks")
    assert lock.turn("w.example", 1) == pytest.approx(0, abs=0.01)
    lock.release()


def test_two_machines_ask_a_web_archive_in_turns(postgres: Postgres, tmp_path: Path) -> None:
    """Together they are no faster than one alone may be."""
    server = postgres.archive()
    gone = gone_site(8)
    with Archives(gone.snapshots, page_lines=500) as archives, ExitStack() as stack:
        processes = []
        for name in ("farsonline", "north"):
            folder = tmp_path / name
            folder.mkdir()
            own_folder(folder / "own", "north")
            words = ["crawl", name, "-a", "source=wayback", "-s", "PUBLISHERS=own", "-s", f"ARCHIVE={server.address}"]
            words += ["-s", f"WAYBACK_URL={archives.url}", "-s", f"WAYBACK_DELAY={DELAY}"]
            words += ["-s", "AUTOTHROTTLE_ENABLED=False", "-s", "WEB_ARCHIVE_BACKOFF=0.05"]
            processes.append(stack.enter_context(start(*words, cwd=folder, stderr=-1)))
        for process in processes:
            _, said = process.communicate()
            assert process.returncode in (0, 3), said
        moments = sorted(one.at for one in archives.asked)
    assert len(moments) > 16
    assert moments[-1] - moments[0] >= (len(moments) - 2) * DELAY
