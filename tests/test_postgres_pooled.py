"""PgBouncer between an archive and its database: pooling by session works, pooling by transaction is refused."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from farscrawler.archive import Archive, ArchiveError
from farscrawler.archive.audit.checks import check
from farscrawler.locations import Server
from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom import Server as Site
from tests.support import crawl_words, run
from tests.support.commands import wait_until
from tests.support.postgres import Postgres, needs_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    needs_postgres,
    pytest.mark.skipif(PGBOUNCER is None, reason="there is no PgBouncer: apt-get install pgbouncer"),
]
_INI = """\
[databases]
postgres = host={folder} dbname=postgres user=nobody
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = options
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def pooled(postgres: Postgres, folder: Path, mode: str) -> Iterator[Server]:
    """Run PgBouncer before a server, and give the address of a new archive through it."""
    assert PGBOUNCER is not None
    port = free_port()
    (folder / "pgbouncer.ini").write_text(_INI.format(folder=postgres.folder, port=port, mode=mode))
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    os.chmod(folder, 0o755)  # noqa: PTH101, S103  # it reads its file as nobody
    log = (folder / "pgbouncer.log").open("w")
    with log, subprocess.Popen([PGBOUNCER, *as_nobody, "pgbouncer.ini"], cwd=folder, stdout=log, stderr=log) as process:

        def listens() -> bool:
            assert process.poll() is None, (folder / "pgbouncer.log").read_text()
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_until(listens)
            space = postgres.archive().address.rpartition("%3D")[2]
            yield Server(f"postgresql://nobody@127.0.0.1:{port}/postgres?options=-csearch_path%3D{space}")
        finally:
            process.terminate()
            process.wait()


def test_sessions_that_are_pooled_hold_an_archive(postgres: Postgres, tmp_path: Path) -> None:
    with pooled(postgres, tmp_path, "session") as server, Site(Newsroom(count=40), weight=2_000) as site:
        done = run(*crawl_words(site.url, "-a", "latest=30", settings={"ARCHIVE": server.address}), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        # The namespace of the address holds, though PgBouncer passes no options on.
        space = server.address.rpartition("%3D")[2]
        with Archive(Server(postgres.archive().address.rpartition("%3D")[0] + "%3D" + space)) as archive:
            assert archive.db.execute("SELECT count(*) > 20 FROM articles").fetchone() == (True,)
            assert check(archive) == []


def test_sessions_that_clients_share_are_refused(postgres: Postgres, tmp_path: Path) -> None:
    with pooled(postgres, tmp_path, "transaction") as server:
        for readonly in (True, False):
            with pytest.raises(ArchiveError, match=r"by PgBouncer with pool_mode=transaction.*pool by session\."):
                Archive(server, readonly=readonly)


def test_other_clients_do_not_hide_that_sessions_are_shared(postgres: Postgres, tmp_path: Path) -> None:
    """Several sessions are idle in the pool, and each client may get any of them."""
    with pooled(postgres, tmp_path, "transaction") as server:
        begun = threading.Barrier(4)

        def use() -> None:
            with psycopg.connect(server.address.partition("?")[0]) as db:
                db.execute("SELECT 1")
                begun.wait(60)  # three sessions at once

        users = [threading.Thread(target=use) for _ in range(3)]
        for one in users:
            one.start()
        begun.wait(60)
        for one in users:
            one.join()
        with pytest.raises(ArchiveError, match="pool_mode=transaction"):
            Archive(server, readonly=False)
