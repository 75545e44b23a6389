"""The search fold: what it makes one of, and that Python, SQL and the index agree about it."""

from __future__ import annotations

import sqlite3
import sys
import time
import unicodedata
from contextlib import closing
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import farscrawler
from farscrawler.archive.schema import migrate
from farscrawler.archive.search.tables import STATEMENTS, fill, folded
from farscrawler.persian import fold
from farscrawler.persian.search_fold import fold_in_place, letters
from farscrawler.search import add_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Every letter but the halves of surrogate pairs, which are no text.
EVERY_LETTER = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
#: Text of what Persian pages hold, the rare kinds of letters more often than pages have them.
TABLE = {ord(letter): folded for letter, folded in letters().items()}
texts = st.text(
    st.one_of(
        st.sampled_from("کتابهايكىیآأؤئإةۀًّٰ \u200c\u200d\u200e\u200f\xad\u0640۱۲٣٤5ﷺ﷼ﻻﮐ²½\ufeff«»'\"،.\n"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    )
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كتابهاي درسي", "کتابهای درسی"), ("مى‌شود", "می شود"), ("کتاب‌ها", "کتاب ها"), ("مَسئول", "مسیول"),
        ("آب", "اب"), ("مؤسسه", "موسسه"), ("خانۀ", "خانه"), ("مدرسة", "مدرسه"), ("کــتاب", "کتاب"),
        ("۱۴۰۱ و ١٤٠١", "1401 و 1401"), ("می\u200eشود", "می شود"), ("می\xadشود", "می شود"),
        ("«الف» “ب”", '"الف" "ب"'),        ("ﻛﺘﺎﺏ", "کتاب"), ("۵۰۰ ﷼", "500 ریال"),
        ("IRNA\t ایرنا\n", "irna ایرنا"), ("ＦＡＲＳ", "fars"), ("Café", "cafe"),
        ("متر²", "متر2"), ("&nbsp;", "&nbsp;"),
    ],
)  # fmt: skip
def test_one_spelling(one: str, other: str) -> None:
    assert fold(one) == other
    assert farscrawler.fold(one) == other


def test_what_is_folded_is_folded() -> None:
    once = fold("x".join(EVERY_LETTER[:0x1FFFF]))
    assert fold(once) == once


@given(texts)
def test_no_letter_looks_at_another(text: str) -> None:
    folded_text, places = fold_in_place(text)
    assert " ".join(folded_text.split()) == fold(text)
    assert places is None or len(places) == len(folded_text)
    assert places is not None or len(text) == len(folded_text)
    assert fold(fold(text)) == fold(text)


def test_it_is_linear() -> None:
    hostile = "ي\u200c\u064b" * 100_000 + " " * 200_000
    begun = time.process_time()
    assert len(fold(hostile)) < 300_000
    assert time.process_time() - begun < 5


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        migrate(opened)
        opened.execute("CREATE TABLE derived (name, version, complete, objects)")
        for statement in STATEMENTS:
            opened.execute(statement)
        fill(opened)
        opened.execute("CREATE TABLE given (text TEXT)")
        for name in ("by_sql", "by_fold"):
            opened.execute(
                f"CREATE VIRTUAL TABLE {name} USING fts5(text, "
                """tokenize="unicode61 remove_diacritics 0 categories 'L* N*'")"""
            )
            opened.execute(f"CREATE VIRTUAL TABLE {name}_words USING fts5vocab({name}, instance)")
        yield opened


def in_sql(db: sqlite3.Connection, text: str) -> str:
    db.execute("DELETE FROM given")
    db.execute("INSERT INTO given VALUES (?)", (text,))
    said: str = db.execute(f"SELECT {folded('given.text')} FROM given").fetchone()[0]  # noqa: S608  # of ours
    return said


@given(texts)
def test_sql_folds_the_same(db: sqlite3.Connection, text: str) -> None:
    assert in_sql(db, text) == text.translate(TABLE)


def test_sql_folds_a_text_of_very_many_kinds_of_letters(db: sqlite3.Connection) -> None:
    text = "کتابهاي" + "".join(map(chr, range(0x4E00, 0x5400))) + "كﷺ²"
    begun = time.process_time()
    assert in_sql(db, text * 10) == (text * 10).translate(TABLE)
    assert time.process_time() - begun < 20


def test_the_index_has_the_words_of_the_fold(db: sqlite3.Connection) -> None:
    # SQLite's tables of letters are of Unicode 6.1: what is younger is in no Persian news.
    wanted = [one for one in EVERY_LETTER[1:0x1EF00] if ord(one) < 0x250 or "ARABIC" in unicodedata.name(one, "")]
    for place in range(0, len(wanted), 50):
        text = " ".join(f"ک{letter}تاب" for letter in (*wanted[place : place + 50], *map(chr, range(0x2000, 0x2070))))
        db.execute("INSERT INTO by_sql (text) VALUES (?)", (text.translate(TABLE),))
        db.execute("INSERT INTO by_fold (text) VALUES (?)", (fold(text),))
    differing = db.execute("SELECT term FROM by_sql_words EXCEPT SELECT term FROM by_fold_words").fetchall()
    young = [one for (one,) in differing if any(unicodedata.category(letter) == "Cf" for letter in one)]
    assert len(young) == len(differing) < 6


def test_the_functions_of_sql() -> None:
    with closing(sqlite3.connect(":memory:")) as opened:
        add_functions(opened)
        assert opened.execute("SELECT fold('كتاب‌ها'), fold(NULL), fold(x'00')").fetchone() == ("کتاب ها", None, None)
        said = opened.execute("SELECT search_words('headline:كتاب*')").fetchone()[0]
        assert said == '({headline} : ("کتاب" *))'
        with pytest.raises(sqlite3.OperationalError):
            opened.execute("SELECT search_words('(')").fetchone()


def test_datasette_finds_the_functions() -> None:
    [plugin] = entry_points(group="datasette", name="farscrawler")
    with closing(sqlite3.connect(":memory:")) as opened:
        plugin.load().prepare_connection(opened)
        assert opened.execute("SELECT fold('ي')").fetchone() == ("ی",)


def test_duckdb_takes_the_fold() -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as con:
        con.create_function("fold", fold)
        con.execute("CREATE TABLE articles AS SELECT unnest(['كتاب‌هاي درسي', 'آب', NULL]) AS body")
        assert con.execute("SELECT count(*) FROM articles WHERE fold(body) LIKE '%کتاب های%'").fetchone() == (1,)
