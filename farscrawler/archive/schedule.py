"""The schedule of `farscrawler watch`: when each publisher was asked and is due, and what its articles say of that."""

from __future__ import annotations

import datetime as dt
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, cast

from farscrawler.archive.connection import explained, pages
from farscrawler.archive.guard import ServerGuard
from farscrawler.archive.ledger import take_named_lock
from farscrawler.days import STORED_DAY, DateRange, stored_moment
from farscrawler.errors import DamagedArchiveError
from farscrawler.locations import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.guard import Lock, ServerLock
    from farscrawler.archive.store import Archive

_HOURS_A_DAY = 24
_FIRST_ORDINAL = dt.date(1970, 1, 1).toordinal()
#: Names of locks that no publisher has.
_WATCH, _SCHEDULE = "-watch", "-schedule"
#: «SH 1401/02/28 14»: the hour in which an article was published.
_STORED_HOUR = STORED_DAY + 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRecord:
    """What is known of one publisher; times are seconds since 1970.

    ``since`` is when the archive first had a run of it, ``asked_at`` when its last crawl was begun, ``read_at`` when
    the last one began that has read the site. ``kind`` and ``reason`` say how the last one ended, ``failures`` how many
    have ended so in a row. ``cost`` are the requests of a crawl that lead to no article, ``article_requests`` those of
    a day for articles, ``articles`` the new ones of a day, all as means of the last ones. ``requests`` are all of
    ``day``, a date on Tehran's clock.
    """

    publisher: str
    since: float
    due_at: float
    asked_at: float | None = None
    read_at: float | None = None
    kind: str | None = None
    reason: str | None = None
    failures: int = 0
    cost: float = 0.0
    article_requests: float = 0.0
    articles: float = 0.0
    day: str | None = None
    requests: int = 0

    @property
    def has_begun(self) -> bool:
        """Whether a crawl has begun since it was due, whose end is not known yet."""
        return self.asked_at is not None and self.asked_at >= self.due_at


_NAMES = tuple(one.name for one in fields(ScheduleRecord))
_COLUMNS = ", ".join(_NAMES)
_NUMBERS = frozenset({"since", "due_at", "failures", "cost", "article_requests", "articles", "requests"})
_MAY_LACK = frozenset({"asked_at", "read_at"})


def scheduled(archive: Archive) -> dict[str, ScheduleRecord]:
    """Return the schedule by publisher. Raise DamagedArchiveError for a row that we have not written."""
    with explained(archive.path):
        rows = archive.db.execute(f"SELECT {_COLUMNS} FROM schedule ORDER BY publisher").fetchall()
    found: dict[str, ScheduleRecord] = {}
    for row in rows:
        values = dict(zip(_NAMES, row, strict=True))
        for name, value in values.items():
            if not isinstance(value, (int, float)) and (name in _NUMBERS or (name in _MAY_LACK and value is not None)):
                raise DamagedArchiveError(
                    f"{archive.path}: {name} of {values['publisher']} in the schedule is no number. Delete that row of "
                    "the table schedule: the next watch learns it again."
                )
        found[values["publisher"]] = ScheduleRecord(**values)
    return found


def store_schedule(archive: Archive, *records: ScheduleRecord) -> None:
    """Store these records, in place of older ones of their publishers."""
    updated = ", ".join(f"{name} = excluded.{name}" for name in _NAMES[1:])
    with explained(archive.path), archive.transaction() as db:
        db.executemany(
            f"""INSERT INTO schedule ({_COLUMNS}) VALUES ({", ".join("?" * len(_NAMES))})
                ON CONFLICT (publisher) DO UPDATE SET {updated}""",
            [astuple(one) for one in records],
        )


def first_runs(archive: Archive) -> dict[str, float]:
    """Return when the first run of each publisher began, in seconds since 1970."""
    with explained(archive.path):
        rows = archive.db.execute(
            "SELECT publisher, started_at FROM runs WHERE run IN (SELECT min(run) FROM runs GROUP BY publisher)"
        ).fetchall()
    return {publisher: dt.datetime.fromisoformat(at).timestamp() for publisher, at in rows}


def articles_by_hour(archive: Archive, publisher: str, since: dt.date) -> dict[int, float]:
    """Count the articles published from a day on by the hour, as hours since 1970 on Tehran's clock.

    Articles of which the day alone is known are spread over it; those of unknown days are left out.
    """
    first = DateRange(first=since).jalali_ends()[0]
    with explained(archive.path):
        rows = archive.db.execute(
            f"""SELECT substr(published_jalali, 1, {_STORED_HOUR}), count(*) FROM articles
                WHERE publisher = ? AND published_jalali >= ? GROUP BY substr(published_jalali, 1, {_STORED_HOUR})""",
            (publisher, first),
        ).fetchall()
    found: dict[int, float] = {}
    for text, count in rows:
        try:
            day = stored_moment(text[:STORED_DAY])[0]
            clock = int(text[STORED_DAY:] or -1)
        except (ValueError, TypeError):  # a damaged row, which `check` shows
            continue
        number = (day.toordinal() - _FIRST_ORDINAL) * _HOURS_A_DAY
        if clock >= 0:
            found[number + clock] = found.get(number + clock, 0.0) + count
        else:
            for hour in range(number, number + _HOURS_A_DAY):
                found[hour] = found.get(hour, 0.0) + count / _HOURS_A_DAY
    return found


def stored_after(archive: Archive, since: dt.datetime) -> Iterator[tuple[str, str, str]]:
    """Yield publisher, publication and first storing of the articles published since a moment, by the time of day.

    The first storing is that of the first revision; articles without a minute are left out.
    """
    found = pages(
        archive.db,
        archive.path,
        """SELECT a.published_at, a.publisher, a.article_id, coalesce(r.fetched_at, a.fetched_at)
           FROM articles a LEFT JOIN revisions r
             ON r.publisher = a.publisher AND r.article_id = a.article_id AND r.revision = 1
           WHERE (a.published_at > ?1 OR (a.published_at = ?1 AND (a.publisher, a.article_id) > (?2, ?3)))
             AND a.published_precision IN ('second', 'minute')
           ORDER BY a.published_at, a.publisher, a.article_id LIMIT ?4""",
        after=(since.isoformat(timespec="seconds"), "", ""),
        limit=10_000,
    )
    for rows in found:
        for published, publisher, _, stored in rows:
            yield publisher, published, stored


def take_watch_lock(archive: Archive, command: str = "watch") -> Lock:
    """Take the lock of the watch of an archive for a command. Raise HeldError where another one holds it.

    `watch` and `schedule` exclude each other, since both would ask the same publishers.
    """

    def held() -> str:
        other = "schedule" if isinstance(archive.path, Server) and _schedules(archive.path) else "watch"
        return f"another `farscrawler {other}` keeps {archive.path} current; stop it first."

    lock = take_named_lock(archive, _WATCH, held)
    if command == "schedule" and isinstance(archive.path, Server):
        from farscrawler.archive.postgres.locks import take_also  # noqa: PLC0415  # psycopg is an extra

        take_also(lock, archive.path, _SCHEDULE)
    return lock


def look_after(archive: Archive, lock: Lock) -> None:
    """Let an archive that was opened anew look after a lock that was taken before, at each commit."""
    if isinstance(archive.guard, ServerGuard):
        archive.guard.add(cast("ServerLock", lock))


def _schedules(server: Server) -> bool:
    """Whether `farscrawler schedule` runs, which holds a second name."""
    from farscrawler.archive.postgres.locks import is_held  # noqa: PLC0415  # psycopg is an extra

    return is_held(server, _SCHEDULE)
