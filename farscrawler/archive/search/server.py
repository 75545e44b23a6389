"""The search of an archive in PostgreSQL: the words of each article as a tsvector, and as texts for phrases.

The words are those that the index of a file has. A tsvector keeps 256 places of a word and none beyond 16,383, so it
says which articles have the words, and the texts say where a phrase stands. Nothing keeps the index but a search: what
was stored since the last one is added first, in the order of storing, so that crawls wait for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive import derived
from farscrawler.archive.connection import Transaction, explained, pages
from farscrawler.archive.derived import Derived
from farscrawler.archive.search.matches import (
    PAGE,
    Order,
    SearchPage,
    Wanted,
    documents_of,
)
from farscrawler.archive.search.tables import NAME, number_documents
from farscrawler.items import FIELD_NAMES
from farscrawler.persian import FOLD_VERSION, fold, fold_label
from farscrawler.search.query import COLUMNS, Joined, Term
from farscrawler.search.spellings import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from farscrawler.archive.database import Database
    from farscrawler.archive.guard import AnyGuard
    from farscrawler.archive.search.matches import Filters
    from farscrawler.locations import Location
    from farscrawler.search import Query

#: Raised whenever these tables change otherwise than by the fold.
_LAYOUT = 1
#: The weights of a tsvector, each with the fields whose words have it; and what a match counts, from D to A.
_WEIGHTS = {
    "A": ("headline",),
    "B": ("kicker", "subtitle", "dateline", "lead"),
    "C": ("body",),
    "D": ("publisher", "section", "agency", "authors", "tags"),
}
_COUNTS = "{0.06, 0.12, 0.25, 1}"
#: Letters of the longest word; PostgreSQL takes 2 KB.
_LONGEST = 300
#: Bytes of all words of an article, with those that a tsvector keeps beside each; PostgreSQL takes 1 MB.
_MOST, _BESIDE = 1_000_000, 16
#: Articles of one transaction.
_BATCH = 500
_NAMES = ", ".join(f"a.{name}" for name in FIELD_NAMES)
_TEXTS = ", ".join(f"{name}_words" for name in COLUMNS)
_WITH_ARTICLES = "JOIN articles a ON a.publisher = d.publisher AND a.article_id = d.article_id"
_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('search index of ' || current_schema(), 0))"
_NEW = f"""SELECT c.seq, a.rowid, a.publisher, a.article_id, {", ".join(f"a.{name}" for name in COLUMNS)}
    FROM (SELECT seq, publisher, article_id FROM changes WHERE seq > ? ORDER BY seq LIMIT {_BATCH}) AS c
    LEFT JOIN articles a ON a.publisher = c.publisher AND a.article_id = c.article_id ORDER BY c.seq"""
_FILL = f"""UPDATE search_documents SET (words, label, {_TEXTS}) =
    (CAST(? AS tsvector), ?, {", ".join("?" * len(COLUMNS))}) WHERE publisher = ? AND article_id = ?"""

_RULES = (
    (
        "articles that it lacks",
        """SELECT count(*) FROM articles a WHERE NOT EXISTS (SELECT 1 FROM search_documents d
           WHERE d.publisher = a.publisher AND d.article_id = a.article_id) AND NOT EXISTS (SELECT 1 FROM changes c
           WHERE c.publisher = a.publisher AND c.article_id = a.article_id
             AND c.seq > (SELECT seq FROM search_state))""",
    ),
    ("articles whose words it lacks", "SELECT count(*) FROM search_documents WHERE words IS NULL"),
)


def _faults(db: Database, tell: Callable[[], None] | None) -> Iterator[str]:
    for what, query in _RULES:
        if tell is not None:
            tell()
        if count := db.execute(query).fetchone()[0]:
            yield f"{what} ({count:,})"


SEARCH = Derived(
    NAME,
    f"{_LAYOUT}, words, fold {FOLD_VERSION}",
    (
        "CREATE TABLE search_state (seq INTEGER NOT NULL)",
        "INSERT INTO search_state (seq) VALUES (0)",
        f"""CREATE TABLE search_documents (
            doc INTEGER PRIMARY KEY,
            publisher TEXT NOT NULL,
            article_id TEXT NOT NULL,
            label TEXT,
            words TSVECTOR,
            {", ".join(f"{name}_words TEXT" for name in COLUMNS)},
            UNIQUE (publisher, article_id))""",
        "CREATE INDEX search_documents_by_words ON search_documents USING gin (words)",
    ),
    "farscrawler search",
    _faults,
)


def is_made(db: Database) -> bool:
    """Whether there is an index of this version."""
    return derived.state(db, SEARCH) == "complete" and derived.is_whole(db, NAME)


def is_complete(db: Database) -> bool:
    """Whether the index is there and has all that is stored."""
    return is_made(db) and unread(db) == 0


def unread(db: Database) -> int:
    """Return how many changes the index has not got yet."""
    return int(db.execute("SELECT count(*) FROM changes WHERE seq > (SELECT seq FROM search_state)").fetchone()[0])


def may_add(db: Database) -> bool:
    """Whether the user may add to an index that is there, and the server takes writes, as a copy of one does not."""
    row = db.execute(
        "SELECT has_table_privilege('search_documents', 'INSERT, UPDATE, DELETE') "
        "AND has_table_privilege('search_state', 'UPDATE') AND NOT pg_is_in_recovery() "
        "AND (SELECT reset_val = 'off' FROM pg_settings WHERE name = 'default_transaction_read_only')"
    ).fetchone()
    return bool(row[0])


def build(db: Database, path: Location, guard: AnyGuard, tell: Callable[[int, int], None] | None = None) -> None:
    """Add what was stored since the index was made; ``tell`` is called with the changes read and those to read."""
    with explained(path):
        with Transaction(db, guard):
            db.execute(_ONE_BY_ONE)
            if derived.state(db, SEARCH) == "another version" or not derived.is_whole(db, NAME):
                derived.make(db, SEARCH)
            total = unread(db)
        done = 0
        while True:
            with Transaction(db, guard):
                db.execute(_ONE_BY_ONE)
                rows = db.execute(_NEW, db.execute("SELECT seq FROM search_state").fetchone()).fetchall()
                if not rows:
                    derived.complete(db, SEARCH)
                    return
                _add(db, [row[1:] for row in rows if row[1] is not None])
                db.execute("UPDATE search_state SET seq = ?", (rows[-1][0],))
            done += len(rows)
            if tell is not None:
                tell(done, max(done, total))


def drop(db: Database, path: Location, guard: AnyGuard) -> bool:
    """Drop the index, and return whether there was one; the next search makes it again."""
    with explained(path), Transaction(db, guard):
        db.execute(_ONE_BY_ONE)
        return derived.drop(db, NAME)


def _add(db: Database, rows: Sequence[tuple[Any, ...]]) -> None:
    present = {row[1:3]: row for row in rows}
    db.executemany("DELETE FROM search_documents WHERE publisher = ? AND article_id = ?", list(present))
    for row in present.values():
        db.execute(_NUMBER, row[:1])
    db.executemany(_FILL, [_filled(row[3:], key) for key, row in present.items()])


_NUMBER = number_documents("a.rowid = ?")


def _filled(values: Sequence[str | None], key: tuple[str, str]) -> tuple[Any, ...]:
    """Return the values of _FILL."""
    named = dict(zip(COLUMNS, values, strict=True))
    words = {name: TOKEN.findall(fold(text)) if text else [] for name, text in named.items()}
    lexemes = {
        (word, weight): None for weight, names in _WEIGHTS.items() for name in names for word in words[name]
        if len(word) <= _LONGEST
    }  # fmt: skip
    places: dict[str, list[str]] = {}
    left = _MOST
    for word, weight in lexemes:
        if word not in places and (left := left - len(word.encode()) - _BESIDE) < 0:
            break
        places.setdefault(word, []).append(f"{len(places.get(word, ())) + 1}{weight}")
    vector = " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
    section = named["section"]
    texts = (f" {' '.join(words[name])} " if words[name] else None for name in COLUMNS)
    return vector, fold_label(section) if section is not None else None, *texts, *key


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition on `search_documents d`, with the values of its marks."""

    text: str
    values: tuple[Any, ...]


def _condition(part: Term | Joined) -> _Condition:
    if isinstance(part, Term):
        return _of_term(part)
    found = [_condition(one) for one in part.parts]
    values = tuple(value for one in found for value in one.values)
    if part.operator == "NOT":
        return _Condition(f"({found[0].text} AND NOT {found[1].text})", values)
    return _Condition(f"({f' {part.operator} '.join(one.text for one in found)})", values)


def _of_term(term: Term) -> _Condition:
    weights = "".join(weight for weight, names in _WEIGHTS.items() if set(names) & set(term.columns))
    exact = {name for weight in weights for name in _WEIGHTS[weight]} == set(term.columns)
    texts, values = list[str](), list[Any]()
    alone = [phrase for phrase in term.phrases if exact and len(phrase) == 1]
    if alone:
        texts.append("d.words @@ CAST(? AS tsquery)")
        values.append(" | ".join(_lexeme(phrase[0], weights, prefix=term.prefix) for phrase in alone))
    for phrase in term.phrases:
        if phrase in alone:
            continue
        last = len(phrase) - 1
        words = [_lexeme(word, weights, prefix=term.prefix and at == last) for at, word in enumerate(phrase)]
        said = " OR ".join(f"d.{name}_words LIKE ?" for name in term.columns)
        texts.append(f"(d.words @@ CAST(? AS tsquery) AND ({said}))")
        like = f"% {' '.join(phrase)}{'' if term.prefix else ' '}%"
        values += [" & ".join(words), *([like] * len(term.columns))]
    return _Condition(f"({' OR '.join(texts)})", tuple(values))


def _lexeme(word: str, weights: str, *, prefix: bool) -> str:
    return f"'{word}':{'*' if prefix else ''}{weights}"


def _filtered(query: Query, filters: Filters) -> _Condition:
    found = _condition(query.tree)
    text, values = found.text, [*found.values]
    if filters.publishers:
        text += f" AND d.publisher IN ({', '.join('?' * len(filters.publishers))})"
        values += filters.publishers
    if filters.section is not None:
        text += " AND d.label = ?"
        values.append(fold_label(filters.section))
    return _Condition(text, tuple(values))


def search(
    db: Database,
    path: Location,
    query: Query,
    filters: Filters,
    *,
    order: Order = "newest",
    limit: int = 20,
    after: str | None = None,
) -> SearchPage:
    """Return a page of results. Raise BadArgumentError for a limit, order or place of none."""
    page = Wanted.of(filters, order=order, limit=limit, after=after)
    condition = _filtered(query, filters)
    values: tuple[Any, ...]
    if order == "newest":
        how, values = "ORDER BY d.doc DESC LIMIT ?", (limit + 1,)
    else:
        wanted = " | ".join(
            _lexeme(word, "", prefix=False) for term in query.terms for phrase in term.phrases for word in phrase
        )
        how = f"""ORDER BY ts_rank(CAST('{_COUNTS}' AS REAL[]), d.words, CAST(? AS tsquery)) DESC, d.doc DESC
            LIMIT ? OFFSET ?"""
        values = (wanted.replace("':", "'"), limit + 1, page.skipped)
    with explained(path):
        rows = db.execute(
            f"""SELECT d.doc, {_NAMES} FROM search_documents d {_WITH_ARTICLES}
                WHERE d.doc BETWEEN ? AND ? AND {condition.text} {how}""",
            (page.first, page.last, *condition.values, *values),
        ).fetchall()
    return page.page(rows, query, path)


def matching(db: Database, path: Location, query: Query, filters: Filters) -> Iterator[tuple[str, str]]:
    """Yield publisher and article id of all that match, in the order of publication; those without a day first."""
    first, last = documents_of(filters.span)
    condition = _filtered(query, filters)
    found = pages(
        db,
        path,
        f"""SELECT d.doc, d.publisher, d.article_id FROM search_documents d {_WITH_ARTICLES}
            WHERE d.doc <= ? AND {condition.text} AND d.doc > ? ORDER BY d.doc LIMIT ?""",
        last,
        *condition.values,
        after=(first - 1,),
        limit=PAGE,
    )
    for rows in found:
        for _, publisher, article_id in rows:
            yield publisher, article_id
