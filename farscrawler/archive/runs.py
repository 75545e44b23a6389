"""The runs of a publisher as the archive keeps them: what was asked, when, and how it ended."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive.connection import explained, pages
from farscrawler.errors import DamagedArchiveError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from farscrawler.archive.store import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run. ``counts`` are the addresses it settled, by outcome; None, like the other ends, for a killed one."""

    run: int
    arguments: dict[str, str]
    started_at: str
    ended_at: str | None = None
    end_reason: str | None = None
    exit_code: int | None = None
    counts: dict[str, int] | None = None


def runs_of(archive: Archive, publisher: str) -> Iterator[RunRecord]:
    """Yield the runs of a publisher, the first one first. Raise DamagedArchiveError for a row that no run wrote."""
    found = pages(
        archive.db,
        archive.path,
        """SELECT run, arguments, started_at, ended_at, end_reason, exit_code, counts FROM runs
           WHERE publisher = ?1 AND run > ?2 ORDER BY run LIMIT ?3""",
        publisher,
        after=(0,),
    )
    for rows in found:
        for row in rows:
            try:
                yield _record(row)
            except (ValueError, TypeError, AttributeError) as error:
                raise DamagedArchiveError(
                    f"{archive.path}: what is written of run {row[0]} is damaged ({error}). `farscrawler check` "
                    "shows all that is, and `farscrawler check --repair` mends it."
                ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class KilledRun:
    """A run that nobody has ended, and what it has committed: articles, and addresses by outcome."""

    run: int
    started_at: str
    new: int
    revised: int
    counts: dict[str, int]


def killed_runs(archive: Archive, publisher: str, *, pids: Collection[int], since: str) -> list[KilledRun]:
    """Return the runs of a publisher without an end, the first one first, that some processes of this machine began.

    ``since`` is a moment of this machine's clock, as ``days.now`` gives it: process ids are given anew.
    """
    with explained(archive.path):
        rows = archive.db.execute(
            """SELECT run, pid, started_at FROM runs
               WHERE publisher = ? AND host = ? AND started_at >= ? AND ended_at IS NULL ORDER BY run""",
            (publisher, socket.gethostname(), since),
        ).fetchall()
        found = []
        for run, pid, started_at in rows:
            if pid not in pids:
                continue
            revisions = archive.db.execute(
                "SELECT revision = 1, count(*) FROM changes WHERE run = ? GROUP BY 1", (run,)
            ).fetchall()
            stored = {bool(is_first): count for is_first, count in revisions}
            outcomes = archive.db.execute(
                "SELECT outcome, count(*) FROM visits WHERE publisher = ? AND run = ? GROUP BY 1", (publisher, run)
            ).fetchall()
            found.append(
                KilledRun(
                    run=run,
                    started_at=started_at,
                    new=stored.get(True, 0),
                    revised=stored.get(False, 0),
                    counts=dict(outcomes),
                )
            )
    return found


def _record(row: tuple[Any, ...]) -> RunRecord:
    """Return a row as a record. Raise ValueError, TypeError or AttributeError for one of other kinds."""
    run, arguments, started_at, ended_at, end_reason, exit_code, counts = row
    said = None if counts is None else json.loads(counts)
    return RunRecord(
        run=run,
        arguments=dict(json.loads(arguments)),
        started_at=started_at,
        ended_at=ended_at,
        end_reason=end_reason,
        exit_code=exit_code,
        counts=None if said is None else dict(said.items()),
    )
