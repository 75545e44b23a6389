"""What the commands of the queue share: where it is, and how its jobs are told."""

from __future__ import annotations

import importlib.util
import sys
import time
from typing import TYPE_CHECKING, Any

from farscrawler.cli.output import columns_of, out_cells, out_ready, prints_letters
from farscrawler.days import duration
from farscrawler.errors import BadArgumentError
from farscrawler.locations import Server, location_of
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.archive.jobs import Job, JobAttempt, QueuedJob


def queue_server(archive: str, instead: str) -> Server:
    """Return the database of an archive that may have a queue. Raise BadArgumentError, which names what to do instead.

    ``instead`` is the command that does the same for a file.
    """
    server = location_of(archive)
    if not isinstance(server, Server):
        raise BadArgumentError(
            f"jobs are kept in a PostgreSQL database, and {server} is a file. Name one with --archive "
            f"postgresql://USER@HOST/DATABASE; for an archive of this machine alone there is `{instead}`."
        )
    if importlib.util.find_spec("psycopg") is None or importlib.util.find_spec("pgqueuer") is None:
        raise BadArgumentError(
            "jobs need psycopg and PgQueuer; install them with `pip install 'farscrawler[postgres]'`."
        )
    return server


def as_dict(one: QueuedJob | JobAttempt) -> dict[str, Any]:
    """Return a job or an attempt for JSON: its fields, those of the job among them."""
    job = one.job
    parts = {name: getattr(one, name) for name in one.__slots__ if name != "job"}
    if "new" in parts and parts["ended_at"] is None:  # only the end of an attempt tells them
        parts |= dict.fromkeys(("requests", "articles", "new"))
    return {
        **parts,
        "command": job and job.command,
        "arguments": dict(job.arguments) if job is not None else None,
    }


def print_jobs(jobs: Sequence[QueuedJob]) -> None:
    """Print jobs as a table for a terminal, or with tabs."""
    now = time.time()
    heads = (("job", 0), ("state", 1), ("publisher", 2), ("what", 3), ("attempts", 5), ("due", 6), ("host", 7))
    rows = [
        (
            str(one.id), one.state, printable(one.publisher), _what(one.job), f"{one.attempts:,}",
            f"in {duration(one.due_at - now)}" if one.state == "queued" and one.due_at > now else "",
            printable(one.host or ""), printable("" if one.state == "running" else one.sentence or ""),
        )
        for one in jobs
    ]  # fmt: skip
    _print(heads, rows)


def print_attempts(attempts: Sequence[JobAttempt]) -> None:
    """Print attempts as a table for a terminal, or with tabs."""
    now = time.time()
    heads = (("job", 0), ("state", 1), ("publisher", 2), ("what", 3), ("new", 5), ("requests", 6), ("took", 7),
             ("ended", 8), ("host", 9))  # fmt: skip
    rows = [
        (
            str(one.id), one.state, printable(one.publisher), _what(one.job), *_figures(one),
            duration((one.ended_at or now) - one.began_at),
            f"{duration(max(now - one.ended_at, 0.0))} ago" if one.ended_at is not None else "",
            printable(one.host), printable(one.sentence or ""),
        )
        for one in attempts
    ]  # fmt: skip
    _print(heads, rows)


def _figures(one: JobAttempt) -> tuple[str, str]:
    """Return new articles and requests; only the end of an attempt tells them."""
    return (f"{one.new:,}", f"{one.requests:,}") if one.ended_at is not None else ("?", "?")


def _what(job: Job | None) -> str:
    if job is None:
        return "?"
    return printable(" ".join([job.command, *(f"{name}={value}" for name, value in job.arguments.items())]))


def _print(heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]) -> None:
    width = columns_of(sys.stdout)
    if width is None or not rows:
        for row in rows:
            out_cells(row)
        return
    from farscrawler.cli.columns import Column, table_lines

    columns = [*(Column(name, rank, least=14 if name == "what" else None) for name, rank in heads)]
    columns.append(Column("reason", 4, least=16))
    filled = [at for at in range(len(columns)) if any(row[at] for row in rows)]  # the others would take its room
    columns, rows = [columns[at] for at in filled], [[row[at] for at in filled] for row in rows]
    for line in table_lines(columns, rows, width, letters=prints_letters()):
        out_ready(line)
