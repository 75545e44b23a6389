"""The tables of the search index: FTS5 over a view that folds the articles, kept by triggers in any SQLite tool.

The view says in SQL what `farscrawler.persian.fold` does, by the table of letters that is stored beside it, so that
the index needs no function of ours and holds no second copy of any text. Texts are taken out of an index by what they
say: the view is read before a change and after it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from farscrawler.persian.search_fold import FOLD_VERSION, letters
from farscrawler.search.query import COLUMNS

if TYPE_CHECKING:
    import sqlite3

NAME = "search index"
#: Raised whenever these tables change otherwise than by the fold.
_LAYOUT = 1
VERSION = f"{_LAYOUT}, fold {FOLD_VERSION}"
#: Documents of one second. A number is the moment of publication on the site's own clock times this, plus a place: the
#: newest articles are the highest numbers, a day is a range of them, and few bits between two keep the index small
#: (with 20 bits for the place it is a fifth larger).
PLACES = 16
_DAY_SECONDS = 86_400
DAY = _DAY_SECONDS * PLACES
#: Seconds from the first day of the year 1 to that of 1970, so that every date has a positive number.
_EPOCH = (dt.date(1970, 1, 1) - dt.date(1, 1, 1)).days * _DAY_SECONDS
#: Numbers of articles without a known day lie below those of all days.
FIRST_DATED = (dt.date(1600, 1, 1) - dt.date(1, 1, 1)).days * DAY

#: Letters that the fold leaves as they are and that nearly all texts consist of: in their order of frequency, since
#: ltrim() looks for each letter of a text from the left.
_ORDINARY = (
    " ارنمدوهتبسشکلگعخفزجقپحصطضچغذثژظء.،\n\u200c0123456789:؛؟!«»()-–—…\"'/%,;?[]|*+=@_#&"
    "eatinorslcdmuphgbyfvkwxzjqETAINORSLCDMUPHGBYFVKWXZJQی"
)
#: Kinds of letters of one text. A text in Chinese has hundreds; for one with more, all letters are tried in turn, which
#: takes time in proportion to its length whatever it holds.
_MOST_KINDS = 600


def folded(column: str) -> str:
    """Return the expression for a column folded by the table of letters, a kind of letter of the text at a time.

    Ordinary letters are skipped, and each step replaces the first other letter wherever it stands. Each step leaves one
    letter at least behind, also where the bytes are no text; to SQL a text ends at NUL.
    """
    ordinary = "".join(sorted(set(_ORDINARY) - set(letters()), key=_ORDINARY.index)).replace("'", "''")
    text = f"CAST({column} AS TEXT)"
    return f"""(
      WITH RECURSIVE step (text, rest, known) AS (
        SELECT {text}, ltrim({text}, '{ordinary}'), '{ordinary}'
        UNION ALL
        SELECT CASE WHEN folded IS NULL THEN text ELSE replace(text, letter, folded) END,
               ltrim(substr(rest, 2), known || substr(rest, 1, 1)), known || substr(rest, 1, 1)
        FROM step LEFT JOIN search_letters ON letter = substr(rest, 1, 1)
        WHERE rest <> '' AND length(known) < {_MOST_KINDS})
      SELECT CASE WHEN rest = '' THEN text ELSE (
        WITH RECURSIVE each (number, text) AS (
          SELECT 0, step.text
          UNION ALL
          SELECT each.number + 1, replace(each.text, letter, folded)
          FROM each JOIN search_letters l ON l.number = each.number + 1)
        SELECT text FROM each ORDER BY number DESC LIMIT 1) END
      FROM step WHERE rest = '' OR length(known) >= {_MOST_KINDS})"""


_NAMES = ", ".join(COLUMNS)
_VIEW = f"""CREATE VIEW search_text AS
    SELECT d.doc AS doc, a.publisher AS publisher,
      {", ".join(f"{folded(f'a.{name}')} AS {name}" for name in COLUMNS if name != "publisher")}
    FROM search_documents d CROSS JOIN articles a ON a.publisher = d.publisher AND a.article_id = d.article_id"""

_SECONDS = "coalesce(strftime('%s', substr(a.published_at, 1, 19)), strftime('%s', a.published_date))"


def number_documents(where: str) -> str:
    """Return the statement that gives a number to the articles that meet a condition on `a` and have none yet.

    The first place of the second is free nearly always. Where all are taken, the article comes behind the last one of
    its day, or into the first gap of the day.
    """
    return f"""INSERT INTO search_documents (doc, publisher, article_id)
      SELECT CASE
        WHEN first IS NULL THEN 1 + coalesce((SELECT max(doc) FROM search_documents WHERE doc < {FIRST_DATED}), 0)
        WHEN NOT EXISTS (SELECT 1 FROM search_documents WHERE doc = first) THEN first
        ELSE coalesce(
          (SELECT nullif(max(doc) + 1, first + {PLACES}) FROM search_documents
           WHERE doc BETWEEN first AND first + {PLACES - 1}),
          (SELECT nullif(max(doc) + 1, day + {DAY}) FROM search_documents WHERE doc BETWEEN day AND day + {DAY - 1}),
          (SELECT day WHERE NOT EXISTS (SELECT 1 FROM search_documents WHERE doc = day)),
          (SELECT d.doc + 1 FROM search_documents d
           WHERE d.doc >= day AND NOT EXISTS (SELECT 1 FROM search_documents e WHERE e.doc = d.doc + 1)
           ORDER BY d.doc LIMIT 1))
        END, publisher, article_id
      FROM (SELECT publisher, article_id, first, first - first % {DAY} AS day
            FROM (SELECT a.publisher AS publisher, a.article_id AS article_id,
                    CASE WHEN ({_SECONDS} + {_EPOCH}) * {PLACES} >= {FIRST_DATED}
                         THEN ({_SECONDS} + {_EPOCH}) * {PLACES} END AS first
                  FROM articles a
                  WHERE {where} AND NOT EXISTS (SELECT 1 FROM search_documents d
                    WHERE d.publisher = a.publisher AND d.article_id = a.article_id)) AS moments) AS days"""


_KEY = "publisher = {row}.publisher AND article_id = {row}.article_id"


def _number(row: str) -> str:
    return f"(SELECT doc FROM search_documents WHERE {_KEY.format(row=row)})"


def _take_out(row: str) -> str:
    return f"""INSERT INTO search_index (search_index, rowid, {_NAMES})
        SELECT 'delete', doc, {_NAMES} FROM search_text WHERE doc = {_number(row)};
      DELETE FROM search_documents WHERE {_KEY.format(row=row)};"""


def _put_in(row: str) -> str:
    return f"""{number_documents(f"a.publisher = {row}.publisher AND a.article_id = {row}.article_id")};
      INSERT INTO search_index (rowid, {_NAMES})
        SELECT doc, {_NAMES} FROM search_text WHERE doc = {_number(row)};"""


#: Columns of which a change changes the index.
_WATCHED = ("article_id", "published_at", "published_date", *COLUMNS)

#: A match in these says more of an article than one in its body.
_WEIGHTS = {"headline": 8.0, "kicker": 4.0, "subtitle": 4.0, "lead": 2.0}

STATEMENTS = (
    """CREATE TABLE search_letters (
        number INTEGER PRIMARY KEY,
        letter TEXT NOT NULL UNIQUE,
        folded TEXT NOT NULL)""",
    """CREATE TABLE search_documents (
        doc INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        article_id TEXT NOT NULL,
        UNIQUE (publisher, article_id))""",
    _VIEW,
    # categories: letters of private use, such as pictures of a site's own font, are part of no word.
    f"""CREATE VIRTUAL TABLE search_index USING fts5({_NAMES}, content='search_text', content_rowid='doc',
        tokenize="unicode61 remove_diacritics 0 categories 'L* N*'")""",
    # A program that says REPLACE takes a row away before anybody can read it: the index is made anew then. A trigger
    # before the insertion could read it, but is called for a row, too, that a crawl finds unchanged.
    f"""CREATE TRIGGER search_insert AFTER INSERT ON articles BEGIN
      UPDATE derived SET version = version || ', with a replaced row'
        WHERE name = '{NAME}' AND {_number("new")} IS NOT NULL;
      {_put_in("new")} END""",
    f"""CREATE TRIGGER search_delete BEFORE DELETE ON articles BEGIN
      {_take_out("old")} END""",
    f"""CREATE TRIGGER search_update_before BEFORE UPDATE OF {", ".join(_WATCHED)} ON articles BEGIN
      {_take_out("old")} END""",
    f"""CREATE TRIGGER search_update_after AFTER UPDATE OF {", ".join(_WATCHED)} ON articles BEGIN
      {_put_in("new")} END""",
)


def fill(db: sqlite3.Connection) -> None:
    """Fill what the view reads, and tell the index how much a match in each column weighs; a transaction has begun."""
    db.executemany("INSERT INTO search_letters (letter, folded) VALUES (?, ?)", sorted(letters().items()))
    weights = ", ".join(str(_WEIGHTS.get(name, 1.0)) for name in COLUMNS)
    db.execute("INSERT INTO search_index (search_index, rank) VALUES ('rank', ?)", (f"bm25({weights})",))
