"""Kept pages: the newest page of each address that was read, in an SQLite file beside the archive or in its database.

The file is apart from the archive, so that the archive stays small, and may be deleted. A page is committed before the
visit that says it is kept: a kill in between leaves a page that no visit speaks of, never the reverse.
"""

from __future__ import annotations

import contextlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from farscrawler.archive.connection import Transaction, close, connect, explained, rows_of_keys
from farscrawler.archive.guard import guard_of
from farscrawler.archive.kept.compression import DamagedPageError, Dictionary, Template, compress, decompress
from farscrawler.archive.records import page_hash
from farscrawler.archive.sqlite.kinds import FileKind
from farscrawler.archive.writing.batch import is_of_the_row
from farscrawler.days import is_to_come, now
from farscrawler.locations import Server

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from farscrawler.archive.records import Outcome, Visit
    from farscrawler.locations import Location

logger = logging.getLogger("farscrawler")

_VERSION_1: tuple[str, ...] = (
    # Whole pages, one after another, compressed. Pages are compressed with them, so that no row ever changes.
    """CREATE TABLE dictionaries (
        dictionary INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        form TEXT NOT NULL,
        made_at TEXT NOT NULL,
        size INTEGER NOT NULL,
        content BLOB NOT NULL)""",
    "CREATE INDEX dictionaries_by_form ON dictionaries (publisher, form)",
    # The body is as it came, Content-Encoding undone; page_hash is its digest, as in the visits of the archive.
    """CREATE TABLE pages (
        page INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        key TEXT NOT NULL,
        form TEXT NOT NULL,
        url TEXT NOT NULL,
        outcome TEXT NOT NULL,
        status INTEGER NOT NULL,
        content_type TEXT,
        etag TEXT,
        last_modified TEXT,
        fetched_at TEXT NOT NULL,
        source TEXT,
        page_hash TEXT NOT NULL,
        size INTEGER NOT NULL,
        dictionary INTEGER,
        body BLOB NOT NULL,
        UNIQUE (publisher, key, form))""",
    "CREATE INDEX pages_by_time ON pages (publisher, form, fetched_at)",
)


#: "farp" in ASCII, as PRAGMA application_id: no other SQLite file has it.
APPLICATION_ID = 0x66617270


def _version_1(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in _VERSION_1:
        db.execute(statement)


PAGES = FileKind(
    name="file of kept pages",
    remedy="move it away, which costs the archive nothing, or crawl with -s PAGES=off",
    when_damaged="`farscrawler check` says what is damaged. The archive itself does not need the file: move it away, "
    "or crawl with -s PAGES=off.",
    application_id=APPLICATION_ID,
    migrations=(_version_1,),
    # FULL: a page is on the disk before the visit that speaks of it is committed; one fsync for each batch.
    pragmas=("journal_mode = WAL", "synchronous = FULL"),
    # Pruning gives room back piece by piece; VACUUM would need the file's size a second time, and a crawl to wait.
    first_pragmas=("page_size = 8192", "auto_vacuum = INCREMENTAL"),
)

#: Dictionaries of a reader that are held at a time: one publisher has one or two, and pages come in any order.
_HELD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """A page as it answered: ``body`` with its Content-Encoding undone.

    ``url`` is the site's own address of the page form; ``outcome`` what it was to the rules of its time; ``fetched_at``
    when it was taken (UTC, ISO 8601); ``source`` the address of the capture it came from, None for the site itself;
    ``digest`` the page_hash of the body, where it is known already.
    """

    publisher: str
    key: str
    form: str
    url: str
    outcome: Outcome
    status: int
    fetched_at: str
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    source: str | None = None
    digest: str | None = field(default=None, compare=False)


_COLUMNS = "publisher, key, form, url, outcome, status, fetched_at, content_type, etag, last_modified, source"
_NAMES = tuple(_COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class DamagedPage:
    """A page that cannot be read any more; ``sentence`` says which, and what is wrong."""

    publisher: str
    key: str
    form: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a publisher's kept pages: those of the keys behind ``after`` up to ``upto``; ``size`` in bytes."""

    publisher: str
    after: str
    upto: str
    size: int


@dataclass(slots=True)
class _Change:
    """What a visit changes: the rows that take the place of the address' pages; without rows they go."""

    visit: Visit
    rows: list[tuple[Any, ...]]


def path_of(archive: Path) -> Path:
    """Return the file of the kept pages of an archive: `archive.pages.db` beside `archive.db`."""
    real = archive.resolve()  # one archive under two names has one file
    return real.with_name(f"{real.stem}.pages{real.suffix}")


def pages_location(archive: Location) -> Location:
    """Return where the pages of an archive are kept: in a file beside it, or in the same database."""
    return archive if isinstance(archive, Server) else path_of(archive)


def has_pages(archive: Location) -> bool:
    """Whether there is a place where pages of an archive are kept, be it empty. Raise ArchiveError or OSError."""
    if isinstance(archive, Server):
        from farscrawler.archive.postgres.connection import has  # noqa: PLC0415  # psycopg is an extra

        return has(archive, PAGES.name, PAGES.migrations)
    return path_of(archive).exists()


class KeptPages:
    """The open file of kept pages. Not safe for threads; several processes may write to it, each its own publishers."""

    def __init__(self, path: Location, *, readonly: bool = True) -> None:
        self.path = path
        self.readonly = readonly
        self.db = connect(path, readonly=readonly, kind=PAGES)
        self.guard = guard_of(path, PAGES.name)
        self._batch: list[_Change] = []
        self._templates: dict[tuple[str, str], Template] = {}
        self._dictionaries: OrderedDict[int, Dictionary] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was not flushed is not kept."""
        close(self.db, self.path, fold_log=not self.readonly, kind=PAGES)

    # -- writing ------------------------------------------------------------------------------------

    def keep(self, visit: Visit, pages: Sequence[KeptPage]) -> None:
        """Add the pages of a visit, to be committed by ``flush``, which has to come before the visit's own commit.

        They take the place of the older ones of their address. A newer page stays, and an article's page stays where
        the new one is none: a notice that the article is gone would be all that is left of it.
        """
        visit.page_kept = True
        self._batch.append(_Change(visit, [self._row(page) for page in pages]))

    def forget(self, visit: Visit) -> None:
        """Take back the pages of an address that are no article's."""
        visit.page_kept = False
        self._batch.append(_Change(visit, []))

    def flush(self) -> None:
        """Commit. Raise ArchiveError where that fails; all is kept for another try then."""
        while self._batch:
            try:
                with explained(self.path, PAGES):
                    self._write_batch()
            except _RefusedPageError as error:
                error.change.visit.page_kept = None
                self._batch.remove(error.change)
                visit = error.change.visit
                logger.warning("%s %s: the page cannot be kept (%s)", visit.publisher, visit.key, error)
            else:
                self._batch.clear()

    def _write_batch(self) -> None:
        """Commit the changes; once more where the connection was lost, since they are the same when made twice."""
        try:
            with Transaction(self.db, self.guard):
                for change in self._batch:
                    self._write(change)
        except _RefusedPageError:
            raise
        except Exception:
            if not self.db.recovers():
                raise
            with Transaction(self.db, self.guard):
                for change in self._batch:
                    self._write(change)

    def _row(self, page: KeptPage) -> tuple[Any, ...]:
        template = self._template(page.publisher, page.form)
        dictionary = template.dictionary
        data = template.add(page.body)
        content = template.better()
        if content is not None:
            template.take(self._store_dictionary(page, content))
        digest, number = page.digest or page_hash(page.body), dictionary.number if dictionary else None
        return (*(getattr(page, name) for name in _NAMES), digest, len(page.body), number, data)

    def _template(self, publisher: str, form: str) -> Template:
        known = self._templates.get((publisher, form))
        if known is not None:
            return known
        with explained(self.path, PAGES):
            newest = self.db.execute(
                "SELECT max(dictionary) FROM dictionaries WHERE publisher = ? AND form = ?", (publisher, form)
            ).fetchone()[0]
            made = Template()
            rows = self.db.execute(
                """SELECT body, size, dictionary FROM pages WHERE publisher = ? AND form = ?
                   ORDER BY fetched_at DESC LIMIT ?""",
                (publisher, form, (made.recent.maxlen or 1) - 1),
            ).fetchall()
        with contextlib.suppress(DamagedPageError):  # `check` tells of it; the next pages get another one
            if (dictionary := self._dictionary(newest)) is not None:
                made.take(dictionary)
        for data, size, number in reversed(rows):
            with contextlib.suppress(DamagedPageError):
                decompress(data, dictionary := self._dictionary(number), size=size)
                made.recent.append((data, size, dictionary))
        self._templates[publisher, form] = made
        return made

    def _store_dictionary(self, page: KeptPage, content: bytes) -> Dictionary:
        """Commit a dictionary at once, since pages of several commits will refer to it."""
        with explained(self.path, PAGES), Transaction(self.db, self.guard) as db:
            number: int = db.execute(
                """INSERT INTO dictionaries (publisher, form, made_at, size, content) VALUES (?, ?, ?, ?, ?)
                   RETURNING dictionary""",
                (page.publisher, page.form, now(), len(content), compress(content)),
            ).fetchone()[0]
        return Dictionary(number, content)

    def _write(self, change: _Change) -> None:
        try:
            self._replace(change)
        except Exception as error:
            if is_of_the_row(error):
                raise _RefusedPageError(change, error) from error
            raise

    def _replace(self, change: _Change) -> None:
        where = (change.visit.publisher, change.visit.key)
        there = self.db.execute(
            """SELECT max(fetched_at), count(*) FILTER (WHERE outcome = 'article') FROM pages
               WHERE publisher = ? AND key = ?""",
            where,
        ).fetchone()
        newest, has_article = there
        is_article = any(row[_NAMES.index("outcome")] == "article" for row in change.rows)
        # A page of times to come was dated by a wrong clock.
        newer = newest is not None and newest > change.visit.at and not is_to_come(newest)
        if newer or (has_article and not is_article):
            return
        self.db.execute("DELETE FROM pages WHERE publisher = ? AND key = ?", where)
        marks = ", ".join("?" * (len(_NAMES) + 4))
        self.db.executemany(
            f"INSERT INTO pages ({_COLUMNS}, page_hash, size, dictionary, body) VALUES ({marks})", change.rows
        )

    # -- reading ------------------------------------------------------------------------------------

    def parts(self, publisher: str, *, keys: int) -> Iterator[Part]:
        """Yield the parts of a publisher's pages, ``keys`` addresses each; no read is held open between them."""
        after = ""
        while True:
            with explained(self.path, PAGES):
                upto, size = self.db.execute(
                    """SELECT max(key), sum(size) FROM
                         (SELECT key, sum(size) AS size FROM pages WHERE publisher = ? AND key > ?
                          GROUP BY key ORDER BY key LIMIT ?) AS part""",
                    (publisher, after, keys),
                ).fetchone()
            if upto is None:
                return
            yield Part(publisher, after, upto, size)
            after = upto

    def count(self, publisher: str, keys: Iterable[str]) -> int:
        """Count the pages of these addresses, every form."""
        statement = "SELECT 1 FROM pages WHERE publisher = ? AND key IN ({keys})"
        return sum(1 for _ in rows_of_keys(self.db, self.path, statement, publisher, keys=keys))

    def read(self, part: Part) -> Iterator[KeptPage | DamagedPage]:
        """Yield the pages of a part, in the order of their keys."""
        with explained(self.path, PAGES):
            numbers = self.db.execute(
                "SELECT page FROM pages WHERE publisher = ? AND key > ? AND key <= ? ORDER BY key, form",
                (part.publisher, part.after, part.upto),
            ).fetchall()
        yield from self._read_numbers(numbers)

    def of_address(self, publisher: str, key: str) -> Iterator[KeptPage | DamagedPage]:
        """Yield the pages of one address, in the order of their forms."""
        with explained(self.path, PAGES):
            numbers = self.db.execute(
                "SELECT page FROM pages WHERE publisher = ? AND key = ? ORDER BY form", (publisher, key)
            ).fetchall()
        yield from self._read_numbers(numbers)

    def _read_numbers(self, numbers: Iterable[tuple[int]]) -> Iterator[KeptPage | DamagedPage]:
        for (number,) in numbers:
            with explained(self.path, PAGES):
                row = self.db.execute(
                    f"SELECT {_COLUMNS}, page_hash, size, dictionary, body FROM pages WHERE page = ?", (number,)
                ).fetchone()
            if row is not None:  # pruned, or replaced by a newer one, meanwhile
                yield self._read_row(row)

    def _read_row(self, row: tuple[Any, ...]) -> KeptPage | DamagedPage:
        values = dict(zip(_NAMES, row, strict=False))
        digest, size, number, data = row[len(_NAMES) :]
        try:
            dictionary = self._dictionary(number)
            body = decompress(data, dictionary, size=size)
            if page_hash(body) != digest:
                raise DamagedPageError("its checksum differs")  # noqa: TRY301  # one way out for all damage
        except DamagedPageError as error:
            publisher, key, form = values["publisher"], values["key"], values["form"]
            sentence = f"{self.path}: the page of {publisher} {key} ({form}) is damaged ({error})"
            return DamagedPage(publisher, key, form, sentence)
        return KeptPage(body=body, digest=digest, **values)

    def _dictionary(self, number: int | None) -> Dictionary | None:
        """Return a dictionary; None for no number. Raise DamagedPageError where it is lost or damaged."""
        if number is None:
            return None
        held = self._dictionaries.get(number)
        if held is None:
            with explained(self.path, PAGES):
                row = self.db.execute(
                    "SELECT content, size FROM dictionaries WHERE dictionary = ?", (number,)
                ).fetchone()
            if row is None:
                raise DamagedPageError(f"its dictionary {number} is not there")
            held = self._dictionaries[number] = Dictionary(number, decompress(row[0], size=row[1]))
            if len(self._dictionaries) > _HELD:
                self._dictionaries.popitem(last=False)
        self._dictionaries.move_to_end(number)
        return held


class _RefusedPageError(Exception):
    """A page that SQLite refuses for its own sake, such as half an emoji in its address."""

    def __init__(self, change: _Change, error: Exception) -> None:
        self.change = change
        super().__init__(str(error).partition("\n")[0] or type(error).__name__)
