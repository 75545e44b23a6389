"""Sites whose crawls are jobs of a queue, the folders of workers on several machines, and what the queue says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.archive.postgres.queue import JobQueue
from tests.support import run, start
from tests.support.watched import Watched

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

    from farscrawler.archive.jobs import JobAttempt, JobState, QueuedJob
    from farscrawler.locations import Server as Database
    from farscrawler.testing.newsroom import Server
    from tests.support.commands import Command


class Machines:
    """Machines by name, each a folder with a project file that names one archive and the same sites."""

    def __init__(self, folder: Path, database: Database, sites: Mapping[str, Server], *names: str, **more: Any) -> None:
        self.database, self.sites = database, sites
        self.folders = {name: folder / name for name in names}
        for own in self.folders.values():
            own.mkdir()
            # Twice a second a worker beats; another waits for two seconds before it takes a job.
            Watched(own, {key: site.url for key, site in sites.items()}, **{"JOB_HEARTBEAT_TIMEOUT": 2.0, **more})
            file = own / "farscrawler.toml"
            file.write_text(f'archive = "{database.address}"\n{file.read_text("utf-8")}', encoding="utf-8")

    def run(self, *words: str, on: str = "one") -> subprocess.CompletedProcess[str]:
        return run(*words, cwd=self.folders[on])

    def worker(self, *words: str, on: str = "one", **more: Any) -> Command:
        return start("worker", *words, cwd=self.folders[on], **more)

    def add_ids(self, key: str, lease: int) -> None:
        """Add the whole of a site as jobs of so many ids."""
        newsroom = self.sites[key].newsroom
        ids = f"{newsroom.first_id}-{newsroom.newest_id}"
        done = self.run("jobs", "add", "crawl", key, "--ids", ids, "--lease", str(lease))
        assert done.returncode == 0, done.stderr

    def jobs(self, state: JobState | None = None) -> list[QueuedJob]:
        with JobQueue(self.database) as queue:
            return queue.jobs(state=state)

    def attempts(self) -> list[JobAttempt]:
        """Return the attempts, the first one first."""
        with JobQueue(self.database) as queue:
            return queue.attempts()[::-1]

    def crawl_of(self, key: str) -> int:
        """Return the number of the process that has begun the last run of a publisher."""
        with Archive(self.database) as archive:
            row = archive.db.execute("SELECT pid FROM runs WHERE publisher = ? ORDER BY run DESC", (key,)).fetchone()
        return int(row[0])

    def is_empty(self) -> bool:
        return not self.jobs()

    def assert_whole(self, *keys: str) -> None:
        """Every article of these sites is stored, once, and the archive is whole."""
        with Archive(self.database) as archive:
            for key in keys:
                stored = sorted(int(one.article_id) for one in archive.articles(key))
                assert stored == self.sites[key].newsroom.ids()
            assert archive.db.execute("SELECT max(revision) FROM articles").fetchone() == (1,)
            rows = archive.db.execute(
                "SELECT count(*), count(DISTINCT (publisher, article_id)) FROM changes"
            ).fetchone()
            assert rows[0] == rows[1]
            assert check(archive) == []


def is_later(at: float) -> bool:
    """Whether a moment (seconds since 1970) lies ahead."""
    return at > time.time()
