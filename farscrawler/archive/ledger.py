"""The ledger: what an archive knows of a publisher's addresses, runs and watermark, and the lock of a run.

The lock is the operating system's own, on a file beside the archive, which goes with its process however that dies, or
a lease in the database, which lapses. The table of runs says who holds it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from farscrawler._version import __version__
from farscrawler.archive.connection import explained, pages, rows_of_keys
from farscrawler.archive.definitions import missing
from farscrawler.archive.guard import Guard, ServerGuard
from farscrawler.archive.records import FINAL, REASKED, AskAgain, PublicationTime
from farscrawler.archive.runs import runs_of
from farscrawler.archive.schema import JALALI_DAY, MIGRATIONS
from farscrawler.days import DateRange
from farscrawler.errors import ArchiveError, DamagedArchiveError, HeldError
from farscrawler.locations import Server
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from farscrawler.archive.guard import Lock
    from farscrawler.archive.records import Outcome
    from farscrawler.archive.runs import RunRecord
    from farscrawler.archive.store import Archive


_KNOWN = (
    "outcome, form, first_at, last_at, etag, last_modified, provisional, url, source, page_hash, reason, rules, run"
)
#: A miss is asked by every run while it is younger than this, then when this part of its age has passed.
YOUNG = dt.timedelta(hours=1)
REST = 4
_TIMES = ", ".join(PublicationTime._fields)
#: Of the newest thousand: a year of a watch has millions.
_NEWEST_END = "SELECT max(coalesce(ended_at, started_at)) FROM runs WHERE run > (SELECT max(run) FROM runs) - 1000"


@dataclass(slots=True)
class Known:
    """What the ledger says of one address.

    ``other_rules``: its page was read by other rules than today's; ``asked_again``: it is settled, and is asked again.
    """

    outcome: Outcome
    form: str | None
    first_at: str
    last_at: str
    etag: str | None
    last_modified: str | None
    provisional: bool
    url: str
    source: str | None = None
    page_hash: str | None = None
    other_rules: bool = False
    asked_again: bool = False

    @property
    def final(self) -> bool:
        """Whether a crawl need not visit the address again."""
        return self.outcome in FINAL and not self.provisional and not self.asked_again

    def rests(self, at: dt.datetime) -> bool:
        """Whether a provisional miss was asked so lately, for its age, that it need not be asked at this moment.

        Every hour, a day-old draft would be asked 24 times; so it is 9 times, and found a third of its age late.
        """
        if not self.provisional or self.outcome not in FINAL or self.asked_again:
            return False
        first, last = dt.datetime.fromisoformat(self.first_at), dt.datetime.fromisoformat(self.last_at)
        return first <= last <= at and at - first >= YOUNG and at - last < (at - first) / REST


class Ledger:
    """The ledger of one publisher in an open archive.

    ``ask_again`` says which settled addresses are asked again, each once in a run; ``asked_again`` gathers those that
    were looked up and not yet counted.
    """

    def __init__(self, archive: Archive, publisher: str) -> None:
        self.archive = archive
        self.publisher = publisher
        self.ask_again = AskAgain()
        self.asked_again: set[str] = set()

    def known(self, keys: Iterable[str]) -> dict[str, Known]:
        """Return what is committed of these addresses, by key; an address without a visit is left out."""
        rows = self._rows(f"SELECT key, {_KNOWN} FROM visits WHERE publisher = ? AND key IN ({{keys}})", keys)
        return dict(self._known(row) for row in rows)

    def _known(self, row: tuple[Any, ...]) -> tuple[str, Known]:
        """Return a key, and the other columns as a record."""
        key, outcome, form, first_at, last_at, etag, last_modified, provisional, url, source, page_hash = row[:-3]
        reason, rules, run = row[-3:]
        known = Known(outcome, form, first_at, last_at, etag, last_modified, bool(provisional), url, source, page_hash)
        known.other_rules = self.ask_again.has_other_rules(rules)
        if (run is None or run != self.archive.run) and self.ask_again.includes(outcome, reason, rules):
            known.asked_again = True
            self.asked_again.add(key)
        return key, known

    def to_ask_again(self) -> Iterator[list[tuple[str, Known]]]:
        """Yield, a page at a time, the settled addresses that are asked again."""
        for outcome in REASKED:
            found = pages(
                self.archive.db,
                self.archive.path,
                f"""SELECT key, {_KNOWN} FROM visits WHERE publisher = ?1 AND outcome = ?2
                      AND (run IS NOT ?3 OR ?3 IS NULL) AND (?4 OR (rules IS NOT NULL AND rules IS NOT ?5))
                      AND key > ?6
                    ORDER BY key LIMIT ?7""",
                self.publisher,
                outcome,
                self.archive.run,
                outcome in self.ask_again.outcomes,
                self.ask_again.rules,
                after=("",),
            )
            for rows in found:
                yield [(key, known) for key, known in map(self._known, rows) if known.asked_again]

    def count_to_reread(self) -> int:
        """Count the settled addresses without an article that were read by other rules and whose pages are kept."""
        with explained(self.archive.path):
            found: int = self.archive.db.execute(
                """SELECT count(*) FROM visits WHERE publisher = ? AND page_kept
                     AND outcome IN ('not-article', 'missing') AND (outcome = 'not-article' OR reason = ?)
                     AND rules IS NOT NULL AND rules != ?""",
                (self.publisher, self.ask_again.template, self.ask_again.rules),
            ).fetchone()[0]
        return found

    def read_by(self, rules: str, keys: Iterable[str]) -> None:
        """Write down that the pages of these addresses have been read by other rules than those of their visits."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.executemany(
                "UPDATE visits SET rules = ? WHERE publisher = ? AND key = ?",
                ((rules, self.publisher, key) for key in keys),
            )

    def _rows(self, statement: str, keys: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        return rows_of_keys(self.archive.db, self.archive.path, statement, self.publisher, keys=keys)

    def due_for_revisit(self, age: dt.timedelta, *, every: float, at: dt.datetime) -> Iterator[list[tuple[str, Known]]]:
        """Yield, a page at a time, the stored articles that are younger than ``age``.

        Their age counts from the publication, or from the first visit where no moment is known. Articles visited in
        the last ``every`` seconds are left out, so that a stopped run goes on where it was; a visit in times to come
        was dated by a wrong clock, and says nothing.
        """
        oldest = at - age
        visited = (at - dt.timedelta(seconds=every)).isoformat(timespec="seconds")
        # The text comparison only narrows the search by the index; offsets differ by an hour at most.
        found = pages(
            self.archive.db,
            self.archive.path,
            f"""SELECT v.key, {", ".join(f"v.{name.strip()}" for name in _KNOWN.split(","))}
                FROM visits v JOIN articles a ON a.publisher = v.publisher AND a.article_id = v.key
                WHERE v.publisher = ?1 AND v.outcome = 'article' AND (v.last_at <= ?2 OR v.last_at > ?5)
                  AND CASE WHEN a.published_at IS NULL THEN julianday(v.first_at) >= julianday(?4)
                           ELSE a.published_at >= ?3 AND julianday(a.published_at) >= julianday(?4) END
                  AND v.key > ?6
                ORDER BY v.key LIMIT ?7""",
            self.publisher,
            visited,
            (oldest - dt.timedelta(days=1)).isoformat(timespec="seconds"),
            oldest.isoformat(timespec="seconds"),
            (at + dt.timedelta(days=1)).isoformat(timespec="seconds"),
            after=("",),
        )
        for rows in found:
            yield [self._known(row) for row in rows]

    def stored_between(self, first: str, last: str) -> Iterator[list[str]]:
        """Yield, a page at a time, the ids of the articles published from one Jalali day to another, both included."""
        found = pages(
            self.archive.db,
            self.archive.path,
            f"""SELECT article_id FROM articles WHERE publisher = ?1 AND published_jalali >= ?2
                 AND {JALALI_DAY} <= ?3 AND article_id > ?4
               ORDER BY article_id LIMIT ?5""",
            self.publisher,
            first,
            last,
            after=("",),
        )
        for rows in found:
            yield [row[0] for row in rows]

    def publication_times(self, keys: Iterable[str]) -> dict[str, PublicationTime]:
        """Return when these articles were published, by key; an article without a known day is left out."""
        statement = f"SELECT article_id, {_TIMES} FROM articles WHERE publisher = ? AND article_id IN ({{keys}})"
        found = {row[0]: PublicationTime(*row[1:]) for row in self._rows(statement, keys)}
        return {key: time for key, time in found.items() if time.published_jalali is not None}

    def publication_times_around(self, day: dt.date, count: int) -> dict[str, PublicationTime]:
        """Return the ``count`` articles published last before a day and the first ones from it on, by key."""
        found: dict[str, PublicationTime] = {}
        with explained(self.archive.path):
            for where, order in (("<", "DESC"), (">=", "ASC")):
                rows = self.archive.db.execute(
                    f"""SELECT article_id, {_TIMES} FROM articles WHERE publisher = ? AND published_jalali {where} ?
                        ORDER BY published_jalali {order} LIMIT ?""",
                    (self.publisher, DateRange(first=day).jalali_ends()[0], count),
                )
                found.update({row[0]: PublicationTime(*row[1:]) for row in rows})
        return found

    def days(self, keys: Iterable[str]) -> dict[str, dt.date]:
        """Return the day of each of these articles, by key; an article without a known day is left out."""
        rows = self._rows(
            """SELECT article_id, published_date FROM articles
               WHERE publisher = ? AND article_id IN ({keys}) AND published_date IS NOT NULL""",
            keys,
        )
        return {key: dt.date.fromisoformat(day) for key, day in rows}

    def newest_id(self) -> int | None:
        """Return the highest number among the ids of stored articles, or None."""
        with explained(self.archive.path):
            row = self.archive.db.execute(
                f"""SELECT max({self.archive.db.number_of("key")}) FROM visits
                   WHERE publisher = ? AND outcome = 'article'""",
                (self.publisher,),
            ).fetchone()
        return row[0] if row else None

    def lowest_pending(self, above: int) -> int | None:
        """Return the lowest id above a number that was visited and is still pending, or None."""
        number = self.archive.db.number_of("key")
        with explained(self.archive.path):
            row = self.archive.db.execute(
                f"""SELECT min({number}) FROM visits WHERE publisher = ? AND {number} > ?
                     AND (outcome IN ('failed', 'blocked', 'skipped') OR provisional)""",
                (self.publisher, above),
            ).fetchone()
        return row[0] if row else None

    def count_settled(self, first: int, last: int) -> int:
        """Count the ids from one to another that are settled for good; a provisional miss counts as settled."""
        with explained(self.archive.path):
            found: int = self.archive.db.execute(
                f"""SELECT count(*) FROM visits WHERE publisher = ? AND outcome IN ('article', 'missing', 'not-article')
                     AND {self.archive.db.number_of("key")} BETWEEN ? AND ?""",
                (self.publisher, first, last),
            ).fetchone()[0]
        return found

    def counts(self) -> dict[str, int]:
        """Count the addresses by outcome."""
        with explained(self.archive.path):
            rows = self.archive.db.execute(
                "SELECT outcome, count(*) FROM visits WHERE publisher = ? GROUP BY outcome", (self.publisher,)
            )
            return dict(rows.fetchall())

    def watermark(self) -> int | None:
        """Return the id or day up to which the incremental crawl is done, None before its first run."""
        with explained(self.archive.path):
            row = self.archive.db.execute("SELECT floor FROM floors WHERE publisher = ?", (self.publisher,)).fetchone()
        return row[0] if row else None

    def set_watermark(self, watermark: int, at: str) -> None:
        """Set the watermark; every id or day above it stays pending until it is settled."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.execute(
                """INSERT INTO floors (publisher, floor, at) VALUES (?, ?, ?)
                   ON CONFLICT (publisher) DO UPDATE SET floor = excluded.floor, at = excluded.at""",
                (self.publisher, watermark, at),
            )

    def begin_run(self, arguments: Mapping[str, str], at: str) -> int:
        """Store that a run has begun and return its number, which all later rows carry.

        Raise DamagedArchiveError where another program has dropped what the run needs: without its trigger the archive
        would lose revisions without a word.
        """
        with explained(self.archive.path):
            lacking = [one for one in missing(self.archive.db, MIGRATIONS) if one.kind != "index"]
        if lacking:
            raise DamagedArchiveError(
                f"{self.archive.path}: {lacking[0].sentence}. `farscrawler check --repair` makes it again."
            )
        with explained(self.archive.path), self.archive.transaction() as db:
            run: int = db.execute(
                """INSERT INTO runs (publisher, arguments, version, host, pid, started_at)
                   VALUES (?, ?, ?, ?, ?, ?) RETURNING run""",
                (
                    self.publisher,
                    # A path may be no text; JSON has an escape for each of its halves.
                    json.dumps(dict(arguments), ensure_ascii=False).encode("utf-8", "backslashreplace").decode(),
                    __version__,
                    socket.gethostname(),
                    os.getpid(),
                    at,
                ),
            ).fetchone()[0]
        self.archive.run = run
        return run

    def end_run(self, run: int, *, at: str, reason: str, exit_code: int, counts: Mapping[str, int]) -> None:
        """Store how a run has ended."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.execute(
                "UPDATE runs SET ended_at = ?, end_reason = ?, exit_code = ?, counts = ? WHERE run = ?",
                (at, printable(reason), exit_code, json.dumps(dict(counts)), run),
            )

    def broken_since(self) -> str | None:
        """Return when the first of the latest runs began that were all killed or broke; None where there is none.

        Since then pages may have been fetched that were never committed. The run at work is not counted.
        """
        with explained(self.archive.path):
            row = self.archive.db.execute(
                """SELECT min(started_at) FROM runs WHERE publisher = ?1 AND run < ?2 AND run > coalesce(
                       (SELECT max(run) FROM runs WHERE publisher = ?1 AND run < ?2 AND exit_code != 1), 0)""",
                (self.publisher, self.archive.run or 2**62),
            ).fetchone()
        return row[0] if row else None

    def runs_with_articles(self) -> Iterator[RunRecord]:
        """Yield the ended runs that met articles, and those that were killed."""
        return (one for one in runs_of(self.archive, self.publisher) if one.counts is None or one.counts.get("article"))

    def newest_run_at(self) -> str | None:
        """Return when the newest run of any publisher ended, or began if it was killed; None before the first one."""
        with explained(self.archive.path):
            row = self.archive.db.execute(_NEWEST_END).fetchone()
        return row[0] if row else None

    def last_run(self) -> dict[str, Any] | None:
        """Return the newest run of this publisher as a row of the table, or None."""
        with explained(self.archive.path):
            cursor = self.archive.db.execute(
                "SELECT * FROM runs WHERE publisher = ? ORDER BY run DESC LIMIT 1", (self.publisher,)
            )
            row = cursor.fetchone()
            names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, row, strict=True)) if row else None


def take_lock(ledger: Ledger) -> Lock:
    """Take the lock of an archive for a publisher. Raise HeldError where another run holds it, and name that run."""

    def held() -> str:
        run = ledger.last_run()
        holder = (
            f"run {run['run']} (process {run['pid']} on {run['host']}, since {run['started_at']})" if run else "a run"
        )
        return (
            f"{holder} is crawling {ledger.publisher} into {ledger.archive.path} at this moment; "
            "wait for it, or crawl into another archive with --archive FILE."
        )

    return take_named_lock(ledger.archive, ledger.publisher, held)


def take_copies_lock(archive: Archive) -> Lock:
    """Take the lock of the comparison of an archive's articles. Raise HeldError where another command holds it."""
    # A hyphen begins the names that are no publisher's: `archive.db-copies.lock` beside `archive.db.irna.lock`.
    return take_named_lock(
        archive, "-copies", lambda: f"another command compares the articles of {archive.path}; wait for it."
    )


def take_named_lock(archive: Archive, name: str, held: Callable[[], str]) -> Lock:
    """Take a lock of an archive by its name. Raise HeldError with what ``held`` says where another process has it."""
    if isinstance(archive.path, Server):
        from farscrawler.archive.postgres.locks import taken  # noqa: PLC0415  # psycopg is an extra

        held_here = taken(archive.path, name, held)
        if isinstance(archive.guard, ServerGuard):
            archive.guard.add(held_here)
        return held_here
    path = archive.path.resolve()
    path = path.with_name(f"{path.name}{name if name.startswith('-') else f'.{name}'}.lock")
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise HeldError(held()) from error
    except OSError as error:
        raise ArchiveError(f"{lock.lock_file} cannot be made ({error.strerror}).") from error
    if isinstance(archive.guard, Guard):
        archive.guard.add_lock(lock, path)
    return lock
