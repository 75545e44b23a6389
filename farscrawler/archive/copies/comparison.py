"""What the comparison of articles reads and writes; farscrawler/copies says what is compared, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from farscrawler.archive.connection import PAGE_ROWS, explained, pages
from farscrawler.archive.copies.tables import forget
from farscrawler.errors import DamagedArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from farscrawler.archive.store import Archive
    from farscrawler.items import Article


class Source(NamedTuple):
    """What is read of an article that is to be compared."""

    publisher: str
    article_id: str
    revision: int
    agency: str | None
    dateline: str | None
    lead: str | None
    body: str
    published_at: str | None
    published_date: str | None
    published_precision: str | None


def text_of(source: Source | Article) -> str:
    """Return the text that is compared: lead and body, which each site divides in its own way, without the headline."""
    return f"{source.lead or ''}\n{source.body}"


_SOURCE = ", ".join(f"a.{name}" for name in Source._fields)


class Row(NamedTuple):
    """A row of ``copies_texts``: what is known of one article."""

    doc: int
    publisher: str
    article_id: str
    revision: int
    day: int | None
    earliest: int | None
    latest: int | None
    level: int | None
    sample: bytes | None
    named: str


_ROW = ", ".join(Row._fields)


class Pair(NamedTuple):
    """A pair of articles with the same text, as ``copies_pairs`` has it."""

    later: int
    earlier: int
    similarity: float
    containment: float
    bulletin: bool


_PAIR = ", ".join(Pair._fields)


class Member(NamedTuple):
    """An article of a group; ``named`` is the printed names of its sources, as JSON."""

    root: int
    doc: int
    publisher: str
    article_id: str
    day: int
    earliest: int
    latest: int
    named: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """The number of articles: compared, left out because they are too short or have no known day, still to be read.

    ``unread`` counts revisions; ``open_days`` the days that are still to be compared.
    """

    compared: int
    too_short: int
    undated: int
    unread: int
    open_days: int
    bulletins: int


# Bringing the articles up to date.


def newest_seq(archive: Archive) -> int:
    """Return the last place in the order of storing."""
    with explained(archive.path):
        found: int = archive.db.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0]
    return found


def read_seq(archive: Archive) -> int:
    """Return the place up to which the revisions were read."""
    with explained(archive.path):
        found: int = archive.db.execute("SELECT seq FROM copies_state").fetchone()[0]
    return found


def unread(archive: Archive, upto: int, limit: int = PAGE_ROWS) -> Iterator[tuple[int, list[tuple[int, Source]]]]:
    """Yield pages of articles that were stored or revised since they were read, in the order of storing.

    Each page comes with the place up to which it goes, and each article with its number; what was read in its present
    revision is left out, and so is what is not there any more.
    """
    found = pages(
        archive.db,
        archive.path,
        f"""SELECT c.seq, c.doc, {_SOURCE} FROM (
              SELECT seq, publisher, article_id, (SELECT min(f.seq) FROM changes f
                WHERE f.publisher = changes.publisher AND f.article_id = changes.article_id) AS doc
              FROM changes WHERE seq <= ?1 AND seq > ?2 ORDER BY seq LIMIT ?3) c
            LEFT JOIN articles a ON a.publisher = c.publisher AND a.article_id = c.article_id
              AND a.content_hash != '' AND NOT EXISTS (SELECT 1 FROM copies_texts t
                WHERE t.doc = c.doc AND t.revision = a.revision)
            ORDER BY c.seq""",
        upto,
        after=(read_seq(archive),),
        limit=limit,
    )
    for rows in found:
        sources = {row[1]: _source(archive, row[2:]) for row in rows if row[2] is not None}
        yield rows[-1][0], list(sources.items())


def _source(archive: Archive, values: Sequence[Any]) -> Source:
    found = Source(*values)
    texts: tuple[object, ...] = (found.agency, found.dateline, found.lead, found.published_at, found.published_date)
    body: object = found.body
    if not isinstance(body, str) or not all(one is None or isinstance(one, str) for one in texts):
        raise damaged(archive, found)
    return found


def damaged(archive: Archive, source: Source) -> DamagedArchiveError:
    """Return the error that says which article is damaged, and what to do."""
    return DamagedArchiveError(
        f"{archive.path}: the article {source.publisher} {source.article_id} is damaged. `farscrawler check` shows "
        "all that is, and `farscrawler check --repair` has it fetched again."
    )


def store(archive: Archive, rows: Sequence[Row], days: Iterable[int], *, seq: int) -> None:
    """Store what is known of articles, mark the days that are to be compared anew, and how far was read."""
    with explained(archive.path), archive.transaction() as db:
        forget(db, (row.doc for row in rows), days)
        db.executemany(f"INSERT INTO copies_texts ({_ROW}) VALUES ({', '.join('?' * len(Row._fields))})", rows)
        db.execute("UPDATE copies_state SET seq = ?", (seq,))


def days_of(archive: Archive, docs: Sequence[int]) -> set[int]:
    """Return the days that these articles had when they were read last."""
    with explained(archive.path):
        marks = ", ".join("?" * len(docs))
        found = archive.db.execute(f"SELECT DISTINCT day FROM copies_texts WHERE doc IN ({marks})", docs).fetchall()
    return {row[0] for row in found if row[0] is not None}


def gone(archive: Archive, limit: int = 5_000) -> Iterator[list[int]]:
    """Yield pages of the articles that were read and are not there any more. Both sides are read from indexes alone."""
    found = pages(
        archive.db,
        archive.path,
        """SELECT t.publisher, t.article_id, t.doc, EXISTS (SELECT 1 FROM articles a
             WHERE a.publisher = t.publisher AND a.article_id = t.article_id)
           FROM copies_texts t WHERE (t.publisher, t.article_id) > (?1, ?2)
           ORDER BY t.publisher, t.article_id LIMIT ?3""",
        after=("", ""),
        limit=limit,
    )
    for rows in found:
        if lost := [doc for _, _, doc, there in rows if not there]:
            yield lost


def remove(archive: Archive, docs: Sequence[int], days: Iterable[int]) -> None:
    """Take articles out of the comparison that are not there any more."""
    with explained(archive.path), archive.transaction() as db:
        forget(db, docs, days)


# Comparing the articles of a day.


def open_days(archive: Archive) -> list[int]:
    """Return the days whose articles are to be compared anew."""
    with explained(archive.path):
        return [row[0] for row in archive.db.execute("SELECT day FROM copies_days ORDER BY day")]


def samples(archive: Archive, day: int) -> list[tuple[int, int, bytes]]:
    """Return number, level and sample of the articles of a day, in the order of their keys."""
    with explained(archive.path):
        return archive.db.execute(
            """SELECT doc, level, sample FROM copies_texts WHERE day = ? AND sample IS NOT NULL
               ORDER BY publisher, article_id""",
            (day,),
        ).fetchall()


def texts(archive: Archive, docs: Iterable[int]) -> Iterator[tuple[int, Source]]:
    """Yield the articles of these numbers as they stand now; one that is not there any more is left out."""
    wanted = sorted(docs)
    for start in range(0, len(wanted), PAGE_ROWS):
        part = wanted[start : start + PAGE_ROWS]
        with explained(archive.path):
            rows = archive.db.execute(
                f"""SELECT t.doc, {_SOURCE} FROM copies_texts t JOIN articles a USING (publisher, article_id)
                    WHERE t.doc IN ({", ".join("?" * len(part))})""",
                part,
            ).fetchall()
        for doc, *values in rows:
            yield doc, _source(archive, values)


def store_pairs(archive: Archive, day: int, found: Sequence[Pair]) -> None:
    """Replace the pairs whose later article is of a day; what they join is to be grouped anew where they differ."""
    with explained(archive.path), archive.transaction() as db:
        rows = db.execute(
            f"""SELECT {_PAIR} FROM copies_pairs WHERE later IN (SELECT doc FROM copies_texts WHERE day = ?)""", (day,)
        )
        before = {Pair(later, earlier, alike, held, bool(other)) for later, earlier, alike, held, other in rows}
        now = set(found)
        db.executemany(
            "DELETE FROM copies_pairs WHERE later = ? AND earlier = ?",
            ((one.later, one.earlier) for one in before - now),
        )
        db.executemany(f"INSERT INTO copies_pairs ({_PAIR}) VALUES (?, ?, ?, ?, ?)", sorted(now - before))
        changed = {doc for one in before ^ now if not one.bulletin for doc in (one.later, one.earlier)}
        again = "INSERT INTO copies_ungrouped (doc) VALUES (?) ON CONFLICT DO NOTHING"
        db.executemany(again, ((doc,) for doc in changed))
        db.execute("DELETE FROM copies_days WHERE day = ?", (day,))


# Grouping.


def count_ungrouped(archive: Archive) -> int:
    """Return the number of articles whose group is to be found."""
    with explained(archive.path):
        found: int = archive.db.execute("SELECT count(*) FROM copies_ungrouped").fetchone()[0]
    return found


def ungrouped(archive: Archive, limit: int) -> list[int]:
    """Return some of the articles whose group is to be found, with all that have been in one group with them."""
    with explained(archive.path):
        rows = archive.db.execute(
            """WITH wanted AS (SELECT doc FROM copies_ungrouped ORDER BY doc LIMIT ?)
               SELECT doc FROM wanted UNION SELECT m.doc FROM wanted JOIN copies_groups g USING (doc)
               JOIN copies_groups m ON m.root = g.root""",
            (limit,),
        )
        return [row[0] for row in rows]


def linked(archive: Archive, docs: Iterable[int]) -> Iterator[tuple[int, int, str, int | None, int | None, str | None]]:
    """Yield number, day and publisher of articles, with the same of each that is the same text; None without any."""
    wanted = sorted(docs)
    for start in range(0, len(wanted), PAGE_ROWS):
        part = wanted[start : start + PAGE_ROWS]
        with explained(archive.path):
            rows = archive.db.execute(
                """WITH near AS (
                      SELECT later AS doc, earlier AS other FROM copies_pairs WHERE later IN ({0}) AND NOT bulletin
                      UNION ALL
                      SELECT earlier, later FROM copies_pairs WHERE earlier IN ({0}) AND NOT bulletin)
                    SELECT t.doc, t.day, t.publisher, o.doc, o.day, o.publisher
                    FROM copies_texts t LEFT JOIN near n ON n.doc = t.doc LEFT JOIN copies_texts o ON o.doc = n.other
                    WHERE t.doc IN ({0})""".format(", ".join(f"?{at + 1}" for at in range(len(part)))),
                part,
            ).fetchall()
        yield from rows


def store_groups(archive: Archive, docs: Iterable[int], roots: dict[int, int]) -> None:
    """Store the groups of articles; those of ``docs`` that have no root are in none."""
    settled = {*docs, *roots}
    with explained(archive.path), archive.transaction() as db:
        db.executemany("DELETE FROM copies_groups WHERE doc = ?", ((doc,) for doc in settled))
        db.executemany("INSERT INTO copies_groups (doc, root) VALUES (?, ?)", roots.items())
        db.executemany("DELETE FROM copies_ungrouped WHERE doc = ?", ((doc,) for doc in settled))


# Showing what was found.


def sizes(archive: Archive) -> Sizes:
    """Return how many articles are compared, and how many are not."""
    with explained(archive.path):
        compared, too_short, undated = archive.db.execute(
            """SELECT count(*) FILTER (WHERE day IS NOT NULL AND sample IS NOT NULL),
                 count(*) FILTER (WHERE day IS NOT NULL AND sample IS NULL), count(*) FILTER (WHERE day IS NULL)
               FROM copies_texts"""
        ).fetchone()
        unread_revisions, days, bulletins = archive.db.execute(
            """SELECT (SELECT count(*) FROM changes WHERE seq > (SELECT seq FROM copies_state)),
                 (SELECT count(*) FROM copies_days), (SELECT count(*) FROM copies_pairs WHERE bulletin)"""
        ).fetchone()
    return Sizes(compared, too_short, undated, unread_revisions, days, bulletins)


def groups(archive: Archive, root: int | None = None) -> Iterator[list[Member]]:
    """Yield the groups, each as its articles, or the one of a root. Memory is that of one page and one group."""
    found = pages(
        archive.db,
        archive.path,
        """SELECT g.root, g.doc, t.publisher, t.article_id, t.day, t.earliest, t.latest, t.named
           FROM copies_groups g JOIN copies_texts t USING (doc)
           WHERE (g.root = ?1 OR ?1 IS NULL) AND (g.root, g.doc) > (?2, ?3) ORDER BY g.root, g.doc LIMIT ?4""",
        root,
        after=(0, 0),
        limit=5_000,
    )
    group: list[Member] = []
    for rows in found:
        for row in rows:
            member = Member(*row)
            if group and group[0].root != member.root:
                yield group
                group = []
            group.append(member)
    if group:
        yield group


def doc_of(archive: Archive, publisher: str, article_id: str) -> tuple[int, int | None, bool] | None:
    """Return number and root of an article, and whether it is compared; None for one that was not read."""
    with explained(archive.path):
        row = archive.db.execute(
            """SELECT t.doc, g.root, t.day IS NOT NULL AND t.sample IS NOT NULL FROM copies_texts t
               LEFT JOIN copies_groups g USING (doc) WHERE t.publisher = ? AND t.article_id = ?""",
            (publisher, article_id),
        ).fetchone()
    return (row[0], row[1], bool(row[2])) if row else None


def bulletins_of(archive: Archive, doc: int) -> int:
    """Return the number of articles that have the words of an article with other numbers."""
    with explained(archive.path):
        found: int = archive.db.execute(
            "SELECT count(*) FROM copies_pairs WHERE bulletin AND (later = ?1 OR earlier = ?1)", (doc,)
        ).fetchone()[0]
    return found
