"""Two sites that a watch keeps current, quickly, by the project file of their folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from farscrawler.archive import Archive
from farscrawler.archive.schedule import ScheduleRecord, scheduled
from tests.support import FAST, start
from tests.support.fleet_sites import own_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from farscrawler.locations import Server as Database
    from farscrawler.testing.newsroom import Server
    from tests.support.commands import Command

SITES = ("north", "south")
#: A site has ten articles, and a crawl of it takes some twenty requests.
_SMALL = {"FIRST_IDS": 10, "PROBE_MISSES": 2, "EDGE_IDS": 5, "STOP_AFTER_BLOCKED": 2}


class Watched:
    """A folder with a project file, and what its archive says."""

    def __init__(
        self, folder: Path, urls: Mapping[str, str], *, archive: Database | None = None, **settings: Any
    ) -> None:
        self.folder = folder
        self.archive = archive if archive is not None else folder / "archive.db"
        own_folder(folder / "own", *urls)
        lines = ['publishers = ["own"]']
        if archive is not None:
            lines.append(f'archive = "{archive.address}"')
        lines.append("[settings]")
        for name, value in {**FAST, **_SMALL, **settings}.items():
            lines.append(f"{name} = {str(value).lower()}")
        for key, url in urls.items():
            lines += [f"[publisher.{key}]", f'base_url = "{url}"']
        (folder / "farscrawler.toml").write_text("\n".join(lines), encoding="utf-8")

    def start(self, *words: str, **more: Any) -> Command:
        return start("watch", *words, cwd=self.folder, **more)

    @property
    def records(self) -> dict[str, ScheduleRecord]:
        with Archive(self.archive) as archive:
            return scheduled(archive)

    def is_whole(self, key: str, site: Server) -> bool:
        """Whether every article of a site is stored, once."""
        with Archive(self.archive) as archive:
            found = sorted(int(one.article_id) for one in archive.articles(key))
        return found == site.newsroom.ids()

    def runs(self, publisher: str) -> list[dict[str, Any]]:
        """Return the runs of a publisher, the first one first; none before there is an archive."""
        path = self.folder / "archive.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=60)) as db:
            db.row_factory = sqlite3.Row
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
                return []
            return [
                dict(row) for row in db.execute("SELECT * FROM runs WHERE publisher = ? ORDER BY run", (publisher,))
            ]

    def ended(self, publisher: str) -> int:
        """Return how many runs of a publisher have ended in order."""
        return sum(run["ended_at"] is not None for run in self.runs(publisher))


def is_whole(folder: Path, key: str, site: Server) -> bool:
    """Whether every article of a site is stored, once."""
    with Archive(folder / "archive.db") as archive:
        found = sorted(int(one.article_id) for one in archive.articles(key))
    return found == site.newsroom.ids()
