"""Archive: visits and articles are gathered and committed in small batches, and read again."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive import schema
from farscrawler.archive.batch import RefusedRowError, write
from farscrawler.archive.connection import AtRest, Transaction, close, connect, explained, pages
from farscrawler.archive.guard import Guard
from farscrawler.days import jalali, parse_date_range
from farscrawler.errors import ArchiveError
from farscrawler.items import FIELD_NAMES
from farscrawler.persian import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from typing import Self

    from farscrawler.archive.batch import Row, Stored
    from farscrawler.archive.records import Outcome, Visit
    from farscrawler.days import DateRange
    from farscrawler.items import Article

#: The rows and the age at which a batch is committed. More than 50 rows gain nothing, and two seconds bound what is
#: fetched again after a kill.
BATCH_ROWS = 50
BATCH_SECONDS = 2.0

#: No article is older or newer. Within these days Jalali years have four digits, so they sort as text.
_FIRST_DAY, _LAST_DAY = dt.date(1700, 1, 1), dt.date(9000, 1, 1)

_NAMES = ", ".join(FIELD_NAMES)


class Archive:
    """An open archive. Not safe for threads; several processes may open the same file.

    ``preparations`` are called before each commit: an error that one of them raises prevents it. ``listeners`` are
    called after each commit with the revisions that it stored, ``refusals`` with each row that cannot be stored.
    """

    def __init__(self, path: str | Path, *, readonly: bool = True) -> None:
        self.path = Path(path)
        self.db: sqlite3.Connection = connect(self.path, readonly=readonly)
        self.guard = Guard(self.path, "archive")
        self._at_rest = AtRest(self.path, readonly=readonly)
        self.db.create_function("fold", 1, _comparable, deterministic=True)
        self.readonly = readonly
        self.run: int | None = None
        self.committed: Counter[str] = Counter()  # visits committed through this object, by outcome
        self.listeners: list[Callable[[list[Stored]], None]] = []
        self.refusals: list[Callable[[RefusedRowError], None]] = []
        self.preparations: list[Callable[[], None]] = []
        self._batch: list[Row] = []
        self._since = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save(self, visit: Visit, article: Article | None = None) -> None:
        """Add a visit, with its article where the page is one; it is committed with its batch."""
        self._take(visit, article)

    def revise(self, article: Article) -> None:
        """Add a stored article as its page is read today: a revision where its content hash differs.

        The ledger stays as it is, since the site was not visited.
        """
        self._take(None, article)

    def _take(self, visit: Visit | None, article: Article | None) -> None:
        if not self._batch:
            self._since = time.monotonic()
        self._batch.append((visit, article))
        if len(self._batch) >= BATCH_ROWS:
            self.flush()

    def flush_if_due(self) -> None:
        """Commit when the oldest uncommitted row has waited ``BATCH_SECONDS``."""
        if self._batch and time.monotonic() - self._since >= BATCH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Commit the open batch. Raise ArchiveError where that fails; the rows are kept for another try."""
        if not self._batch:
            return
        for prepare in self.preparations:
            prepare()
        stored = self._commit()
        self.committed.update(self.uncommitted())
        self._batch.clear()
        if stored:
            for listener in self.listeners:
                listener(stored)

    def _commit(self) -> list[Stored]:
        """Commit the batch; a row that SQLite refuses is replaced by the visit that says so, and all is tried again.

        Each try costs one row, so that there are no more of them than rows. Raise ArchiveError where not even that
        visit can be stored: nothing could be said of the address.
        """
        while True:
            try:
                with explained(self.path), self.transaction():
                    return list(write(self.db, self._batch, self.run))
            except RefusedRowError as error:
                instead = error.instead()
                if instead is None and error.visit is not None:  # nothing is wrong with that row: its table takes none
                    raise ArchiveError(f"{self.path}: {error.reason}.") from error
                self._batch[error.place : error.place + 1] = [instead] if instead is not None else []
                for listener in self.refusals:
                    listener(error)

    def uncommitted(self) -> Counter[Outcome]:
        """Count the visits of the batch by outcome, as ``committed`` will count them."""
        found: Counter[Outcome] = Counter()
        for visit, _ in self._batch:
            if visit is not None:
                found[visit.outcome] += 1
                if visit.corrects is not None:
                    found[visit.corrects] -= 1
        return found

    def transaction(self) -> Transaction:
        """Return a write transaction: committed on leaving, rolled back on an error."""
        return Transaction(self.db, self.guard)

    def newest(self, limit: int, publisher: str | None = None) -> list[Article]:
        """Return the newest articles by publication; articles without a time come last."""
        with explained(self.path):
            rows = self.db.execute(
                f"""SELECT {_NAMES} FROM articles WHERE ?1 IS NULL OR publisher = ?1
                    ORDER BY coalesce(published_at, published_jalali) IS NULL, published_at DESC,
                             published_jalali DESC LIMIT ?2""",
                (publisher, limit),
            )
            return [schema.from_row(row, self.path) for row in rows]

    def articles(
        self,
        publisher: str | None = None,
        *,
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        section: str | None = None,
    ) -> Iterator[Article]:
        """Return an iterator of the articles that meet every condition; without one, of all articles.

        ``since`` and ``until`` are days of publication in the site's zone, both included: dates, or texts as a crawl
        takes them (`1401-02-28`, `1401-02`, `1401`, or the same in Gregorian). An article
        of which only the day is known counts by that day; one without a known day is in no range. ``section`` is
        compared as `farscrawler.persian.fold` writes it:
        Arabic and Persian letters and half-spaces make no difference.

        The order is that of storing; with a range, publisher by publisher in the order of publication. The rows are
        read a page at a time and no read is held open, which would let the write-ahead log grow: an article that a
        crawl stores meanwhile may be among them. Raise BadArgumentError where ``since`` lies after ``until``.
        """
        wanted = fold(section) if section is not None else None
        if since is None and until is None:
            return self._articles_as_stored(publisher, wanted)
        return self._articles_by_day(publisher, wanted, *day_bounds(parse_date_range(since, until)))

    def _articles_as_stored(self, publisher: str | None, section: str | None) -> Iterator[Article]:
        found = pages(
            self.db,
            self.path,
            f"""SELECT rowid, {_NAMES} FROM articles
                WHERE (?1 IS NULL OR publisher = ?1) AND (?2 IS NULL OR fold(section) = ?2) AND rowid > ?3
                ORDER BY rowid LIMIT ?4""",
            publisher,
            section,
            after=(0,),
        )
        for rows in found:
            for row in rows:
                yield schema.from_row(row[1:], self.path)

    def _articles_by_day(
        self, publisher: str | None, section: str | None, first: str, after_last: str
    ) -> Iterator[Article]:
        # A publisher at a time, since the index articles_by_day begins with it: one month is read without the others.
        with explained(self.path):
            publishers = self.db.execute(
                "SELECT DISTINCT publisher FROM articles WHERE ?1 IS NULL OR publisher = ?1 ORDER BY 1", (publisher,)
            ).fetchall()
        for (each,) in publishers:
            found = pages(
                self.db,
                self.path,
                f"""SELECT published_jalali, article_id, {_NAMES} FROM articles
                    WHERE publisher = ?1 AND published_jalali < ?2 AND (?3 IS NULL OR fold(section) = ?3)
                      AND (published_jalali, article_id) > (?4, ?5)
                    ORDER BY published_jalali, article_id LIMIT ?6""",
                each,
                after_last,
                section,
                after=(first, ""),
            )
            for rows in found:
                for row in rows:
                    yield schema.from_row(row[2:], self.path)

    def article(self, publisher: str, article_id: str) -> Article | None:
        """Return one article as it stands now, or None."""
        with explained(self.path):
            row = self.db.execute(
                f"SELECT {_NAMES} FROM articles WHERE publisher = ? AND article_id = ?",
                (publisher, article_id),
            ).fetchone()
        return schema.from_row(row, self.path) if row else None

    def revisions(self, publisher: str, article_id: str) -> list[Article]:
        """Return every stored revision of an article, the oldest first and the present one last."""
        with explained(self.path):
            rows = self.db.execute(
                f"SELECT {_NAMES} FROM revisions WHERE publisher = ? AND article_id = ? ORDER BY revision",
                (publisher, article_id),
            ).fetchall()
        present = self.article(publisher, article_id)
        return [schema.from_row(row, self.path) for row in rows] + ([present] if present else [])

    def close(self) -> None:
        """Commit the open batch, fold the write-ahead log into the file and close it.

        The log is folded in even where the file has been moved and the batch is lost: it would stay at the old name.
        """
        try:
            if not self.readonly:
                self.flush()
        finally:
            close(self.db, self.path, fold_log=not self.readonly)
        self._at_rest.check()


def _comparable(text: object) -> str | None:
    return fold(text) if isinstance(text, str) else None  # another program may have stored a BLOB


def day_bounds(dates: DateRange) -> tuple[str, str]:
    """Return the first day of a range and the day after its last one, as the archive writes days."""
    first = min(max(dates.first, _FIRST_DAY), _LAST_DAY)
    last = min(max(dates.last, _FIRST_DAY), _LAST_DAY)
    return jalali(first) or "", jalali(last + dt.timedelta(days=1)) or ""
