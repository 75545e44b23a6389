"""Changes: the stored revisions in the order of storing, which a dataset follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from farscrawler.archive.article_rows import RowCheck
from farscrawler.archive.connection import explained
from farscrawler.archive.reading.rows import RowReader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from farscrawler.archive.database import Database
    from farscrawler.archive.reading.rows import Row
    from farscrawler.locations import Location

#: A change that a later one of the same article, up to ``?2``, supersedes.
_SUPERSEDED = """EXISTS (SELECT 1 FROM changes d WHERE d.publisher = c.publisher AND d.article_id = c.article_id
                         AND d.seq > c.seq AND d.seq <= ?2)"""


class Change(NamedTuple):
    """A stored revision; ``seq`` is its place in the order of storing."""

    seq: int
    publisher: str
    article_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A change with the time of its fetch, by which an archive is known again."""

    seq: int
    publisher: str
    article_id: str
    revision: int
    fetched_at: str


def last_seq(db: Database, path: Location) -> int:
    """Return the place of the newest change; 0 in an archive without articles."""
    with explained(path):
        return int(db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0])


def count_changes(db: Database, path: Location, seq: int, publishers: Sequence[str] = ()) -> int:
    """Return the number of changes after a place, of some publishers or of all."""
    of = f"AND publisher IN ({', '.join('?' * len(publishers))})" if publishers else ""
    with explained(path):
        return int(db.execute(f"SELECT count(*) FROM changes WHERE seq > ? {of}", (seq, *publishers)).fetchone()[0])


def changes_after(
    db: Database,
    path: Location,
    seq: int,
    *,
    upto: int,
    limit: int,
    publishers: Sequence[str] = (),
    all_revisions: bool = False,
) -> list[Change]:
    """Return the first changes after a place and up to another one, in the order of storing.

    Unless ``all_revisions`` are wanted, those are left out that a later change up to ``upto`` supersedes.
    """
    conditions = ["c.seq > ?1", "c.seq <= ?2"]
    if publishers:
        conditions.append(f"c.publisher IN ({', '.join('?' * len(publishers))})")
    if not all_revisions:
        conditions.append(f"NOT {_SUPERSEDED}")
    with explained(path):
        rows = db.execute(
            f"""SELECT c.seq, c.publisher, c.article_id, c.revision FROM changes c WHERE {" AND ".join(conditions)}
                ORDER BY c.seq LIMIT {limit}""",
            (seq, upto, *publishers),
        )
        return [Change(*row) for row in rows]


def anchor_at(db: Database, path: Location, seq: int) -> Anchor | None:
    """Return what an archive is known by at a place; None where there is no change, or its article is not there."""
    with explained(path):
        for table in ("articles", "revisions"):
            row = db.execute(
                f"""SELECT c.seq, c.publisher, c.article_id, c.revision, a.fetched_at FROM changes c
                    JOIN {table} a USING (publisher, article_id, revision) WHERE c.seq = ?""",
                (seq,),
            ).fetchone()
            if row is not None:
                return Anchor(*row)
    return None


class Revisions(RowReader[tuple[int, tuple[Any, ...]]]):
    """The rows of changes by their ``seq``, each with it, whether it is the present one or was superseded."""

    def __init__(
        self, db: Database, path: Location, columns: Sequence[str], *, damaged: Callable[[str, str], None]
    ) -> None:
        check = RowCheck(columns)
        super().__init__(db, path, lambda row: (row[0], check(row[1:])), damaged=damaged, columns=("seq", *columns))

    def _fetch(self, places: Sequence[int]) -> dict[int, Row]:
        names, marks = ", ".join(self._names), ", ".join("?" * len(places))
        with explained(self._path):
            rows = [
                row
                for table in ("articles", "revisions")
                for row in self._db.execute(
                    f"""SELECT {names} FROM changes JOIN {table} USING (publisher, article_id, revision)
                        WHERE seq IN ({marks})""",
                    tuple(places),
                )
            ]
        return {row[0]: row for row in rows}

    def _place_name(self, place: int) -> str:
        return f"the article of change {place}"
