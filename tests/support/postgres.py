"""A PostgreSQL server of the tests' own: in a folder of its own, as nobody, on a socket that nobody else uses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from farscrawler.locations import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_USER = "nobody"
_number = count(1)


def binaries() -> Path | None:
    """Return the folder of the newest server that Debian's package has installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


needs_postgres = pytest.mark.skipif(
    binaries() is None, reason="there is no PostgreSQL server: apt-get install postgresql"
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server: its folder, which is that of its socket too, and its programs."""

    folder: Path
    programs: Path
    durable: bool
    connections: int = 100

    @property
    def process(self) -> int:
        """The number of its first process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        options = f"-c listen_addresses='' -c max_connections={self.connections} -k {self.folder}" + (
            "" if self.durable else " -c fsync=off"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", str(self.folder / "data"), "-l", log, "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.folder / "data"))

    def restart(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.folder / "data"))
        self.start()

    def kill(self) -> None:
        """End the server as a power cut does."""
        os.kill(self.process, signal.SIGQUIT)

    def make(self) -> None:
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", _USER
        )

    def _run(self, program: str, *words: str) -> None:
        as_nobody = ("setpriv", f"--reuid={_USER}", "--regid=nogroup", "--clear-groups") if os.geteuid() == 0 else ()
        done = subprocess.run(
            [*as_nobody, str(self.programs / program), *words], cwd=self.folder, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()

    def archive(self) -> Server:
        """Return the address of an archive that nobody has used: a namespace of its own."""
        return Server(
            f"postgresql://{_USER}@/postgres?host={self.folder}&options=-csearch_path%3Darchive{next(_number)}"
        )


@contextmanager
def running(*, durable: bool = False, connections: int = 100) -> Iterator[Postgres]:
    """Run a server; one that is not ``durable`` writes nothing through to the disk, which no test can see."""
    programs = binaries()
    if programs is None:
        pytest.skip("there is no PostgreSQL server: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket has 107 bytes at most
    if os.geteuid() == 0:
        shutil.chown(folder, _USER, "nogroup")
    server = Postgres(folder, programs, durable, connections)
    try:
        server.make()
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder)
