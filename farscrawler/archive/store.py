"""Archive: visits and articles are gathered and committed in small batches, and read again."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, cast

from farscrawler.archive import article_rows
from farscrawler.archive.connection import Transaction, close, connect, explained
from farscrawler.archive.guard import guard_of
from farscrawler.archive.reading.lookup import archived_publishers, is_archived, stored_article
from farscrawler.archive.reading.newest import articles_by_time
from farscrawler.archive.reading.selection import Selected, Selection, day_bounds
from farscrawler.archive.sqlite.connection import AtRest
from farscrawler.archive.writing.batch import RefusedRowError, write
from farscrawler.days import parse_date_range
from farscrawler.errors import ArchiveError, NoSearchIndexError, UnknownPublisher
from farscrawler.items import FIELD_NAMES
from farscrawler.locations import Server, location_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from farscrawler.archive.postgres.connection import PostgresDatabase
    from farscrawler.archive.records import Outcome, Visit
    from farscrawler.archive.search.matches import Order, SearchPage
    from farscrawler.archive.sqlite.database import SqliteDatabase
    from farscrawler.archive.writing.batch import Row, Stored
    from farscrawler.items import Article
    from farscrawler.locations import Location

#: The rows and the age at which a batch is committed. More than 50 rows gain nothing, and two seconds bound what is
#: fetched again after a kill.
BATCH_ROWS = 50
BATCH_SECONDS = 2.0

_NAMES = ", ".join(FIELD_NAMES)


class Archive:
    """An open archive. Not safe for threads; several processes may open the same file or database.

    ``preparations`` are called before each commit: an error that one of them raises prevents it. ``listeners`` are
    called after each commit with the revisions that it stored, ``refusals`` with each row that cannot be stored.
    ``tell`` is called with a sentence before an older archive is brought up to date, which may take minutes.
    """

    def __init__(
        self, path: str | Path | Server, *, readonly: bool = True, tell: Callable[[str], None] | None = None
    ) -> None:
        self.path: Location = location_of(path)
        self.db = connect(self.path, readonly=readonly, tell=tell)
        self.guard = guard_of(self.path, "archive")
        self._at_rest = AtRest(self.path, readonly=readonly)
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
                return self._written()
            except RefusedRowError as error:
                instead = error.instead()
                if instead is None and error.visit is not None:  # nothing is wrong with that row: its table takes none
                    raise ArchiveError(f"{self.path}: {error.reason}.") from error
                self._batch[error.place : error.place + 1] = [instead] if instead is not None else []
                for listener in self.refusals:
                    listener(error)

    def _written(self) -> list[Stored]:
        """Commit the batch once. Raise RefusedRowError for a row that is refused for its own sake, and ArchiveError."""
        if isinstance(self.path, Server):
            from farscrawler.archive.writing.copy_batch import write_at_once  # noqa: PLC0415  # psycopg is an extra

            with explained(self.path):
                return write_at_once(cast("PostgresDatabase", self.db), self.transaction, self._batch, self.run)
        with explained(self.path), self.transaction():
            return list(write(self.db, self._batch, self.run))

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

    def newest(
        self,
        limit: int | None,
        publisher: str | None = None,
        *,
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        section: str | None = None,
        oldest: bool = False,
    ) -> Iterator[Article]:
        """Return an iterator of the newest articles by publication, or the ``oldest``; at most ``limit``, None for all.

        The conditions are those of ``articles``. Articles without a known day come last. Raise BadArgumentError and
        UnknownPublisher as ``articles`` does.
        """
        self._check_publisher(publisher)
        ranged = since is not None or until is not None
        return articles_by_time(
            self.db,
            self.path,
            publisher=publisher,
            bounds=day_bounds(parse_date_range(since, until)) if ranged else None,
            section=section,
            limit=limit,
            oldest=oldest,
        )

    def articles(
        self,
        publisher: str | None = None,
        *,
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        section: str | None = None,
        damaged: Callable[[str, str], None] | None = None,
    ) -> Iterator[Article]:
        """Return an iterator of the articles that meet every condition; without one, of all articles.

        ``since`` and ``until`` are days of publication in the site's zone, both included: dates, or texts as a crawl
        takes them (`1401-02-28`, `1401-02`, `1401`, or the same in Gregorian). An article
        of which only the day is known counts by that day; one without a known day is in no range. ``section`` is
        compared as `farscrawler.persian.fold_label` writes it:
        Arabic and Persian letters and half-spaces make no difference.

        The order is that of storing; with a range, publisher by publisher in the order of publication. The rows are
        listed at the beginning and read a page at a time, and no read is held open, which would let the write-ahead log
        grow: an article is as it stands when its page is read.

        A damaged row ends the iteration with DamagedArchiveError; with ``damaged`` it is left out, and ``damaged`` is
        called with its name and what is wrong. Raise BadArgumentError where ``since`` lies after ``until``, and
        UnknownPublisher for a publisher that neither the archive nor the catalogue knows, since a slip would else look
        like a publisher without articles.
        """
        self._check_publisher(publisher)
        selection = Selection(
            publishers=() if publisher is None else (publisher,),
            span=None if since is None and until is None else parse_date_range(since, until),
            section=section,
        )
        return self._selected(selection, damaged or self._refuse_damaged)

    def _check_publisher(self, publisher: str | None) -> None:
        """Raise UnknownPublisher for a publisher that neither the archive nor the catalogue knows."""
        if publisher is None or is_archived(self.db, self.path, publisher):
            return
        from farscrawler import publishers  # noqa: PLC0415  # a fifth of a second, and most names are in the archive
        from farscrawler.publishers.model import NEWS  # noqa: PLC0415  # as above

        known = publishers.names()
        if publisher not in (NEWS, *known):
            raise UnknownPublisher(publisher, (*known, *archived_publishers(self.db, self.path)))

    def _selected(self, selection: Selection, damaged: Callable[[str, str], None]) -> Iterator[Article]:
        for articles, _ in Selected(self.db, self.path, selection, article_rows.article_of, damaged=damaged).pages():
            yield from articles

    def _refuse_damaged(self, name: str, what: str) -> None:
        raise article_rows.damaged_article(self.path, name, what)

    def article(self, publisher: str, article_id: str) -> Article | None:
        """Return one article as it stands now, or None."""
        return stored_article(self.db, self.path, publisher, article_id)

    def revisions(self, publisher: str, article_id: str) -> list[Article]:
        """Return every stored revision of an article, the oldest first and the present one last."""
        with explained(self.path):
            rows = self.db.execute(
                f"SELECT {_NAMES} FROM revisions WHERE publisher = ? AND article_id = ? ORDER BY revision",
                (publisher, article_id),
            ).fetchall()
        present = self.article(publisher, article_id)
        return [article_rows.from_row(row, self.path) for row in rows] + ([present] if present else [])

    def search(
        self,
        words: str,
        *,
        publishers: Sequence[str] = (),
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        section: str | None = None,
        fields: Sequence[str] = (),
        order: Order = "newest",
        limit: int = 20,
        after: str | None = None,
    ) -> SearchPage:
        """Return a page of the articles that have these words, the newest first, or the best match with `rank`.

        docs/search.md says what words may be; they are looked for in ``fields``, or in all text. The other conditions
        are those of ``articles``, with publishers by their keys. ``after`` is that of the page before.

        The first search makes the search index, for which the archive has to be open for writing. In a database each
        search adds what was stored since the last one; one for reading alone finds what the last one has added. Raise
        BadArgumentError for words that cannot be read, NoSearchIndexError where there is no index.
        """
        from farscrawler.archive.search import matches  # noqa: PLC0415  # most programs and commands search nothing

        query = matches.read_query(words, fields)
        filters = matches.Filters(tuple(publishers), parse_date_range(since, until), section)
        self.prepare_search()
        if isinstance(self.path, Server):
            from farscrawler.archive.search import server  # noqa: PLC0415  # as above

            return server.search(self.db, self.path, query, filters, order=order, limit=limit, after=after)
        return matches.search(self._file(), self.path, query, filters, order=order, limit=limit, after=after)

    def matching(
        self,
        words: str,
        *,
        publishers: Sequence[str] = (),
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        section: str | None = None,
        fields: Sequence[str] = (),
    ) -> Iterator[tuple[str, str]]:
        """Return an iterator of publisher and article id of all articles that ``search`` would find.

        The order is that of publication; articles without a known day come first. No read is held open.
        """
        from farscrawler.archive.search import matches  # noqa: PLC0415  # as above

        query = matches.read_query(words, fields)
        filters = matches.Filters(tuple(publishers), parse_date_range(since, until), section)
        self.prepare_search()
        if isinstance(self.path, Server):
            from farscrawler.archive.search import server  # noqa: PLC0415  # as above

            return server.matching(self.db, self.path, query, filters)
        return matches.matching(self._file(), self.path, query, filters)

    def prepare_search(self, tell: Callable[[int, int], None] | None = None) -> None:
        """Make the search index where it is not complete; ``tell`` is called with the articles added and those to add.

        Raise ArchiveError where the archive is open for reading alone.
        """
        from farscrawler.archive.search import index, server  # noqa: PLC0415  # as above

        if self.search_is_complete():
            return
        with explained(self.path):
            if self.readonly and isinstance(self.path, Server) and server.is_made(self.db):
                return  # it lacks what was stored since the last search that could write
        if self.readonly:
            raise NoSearchIndexError(
                f"{self.path} has no search index of this version yet. `farscrawler search` makes it, and so does a "
                "search in an archive that is open for writing."
            )
        if isinstance(self.path, Server):
            server.build(self.db, self.path, self.guard, tell)
        else:
            index.build(self._file(), self.path, self.guard, tell)

    def search_is_complete(self) -> bool:
        """Whether the search index has all that is stored; that of a database lacks what came after the last search."""
        from farscrawler.archive.search import index, server  # noqa: PLC0415  # as above

        with explained(self.path):
            if isinstance(self.path, Server):
                return server.is_complete(self.db)
            return index.is_complete(self._file())

    def search_left_out(self) -> int:
        """Return how many stored changes a search finds nothing of, since this user may not add them to the index."""
        from farscrawler.archive.search import server  # noqa: PLC0415  # as above

        with explained(self.path):
            if not isinstance(self.path, Server) or not server.is_made(self.db) or server.may_add(self.db):
                return 0
            return server.unread(self.db)

    def drop_search(self) -> bool:
        """Remove the search index, and return whether there was one; the next search makes it again."""
        from farscrawler.archive.search import index, server  # noqa: PLC0415  # as above

        if isinstance(self.path, Server):
            return server.drop(self.db, self.path, self.guard)
        return index.drop(self._file(), self.path, self.guard)

    def _file(self) -> SqliteDatabase:
        """Return the database of an archive that is a file."""
        return cast("SqliteDatabase", self.db)

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
