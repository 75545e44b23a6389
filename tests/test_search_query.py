"""The language of searches, the spellings of words, and excerpts: what they say, and that nothing makes FTS5 raise."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.errors import BadArgumentError
from farscrawler.persian import fold
from farscrawler.search import COLUMNS, Excerpts, read_query
from farscrawler.search.query import MOST_CHARS, MOST_DEPTH
from farscrawler.search.spellings import phrases, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = "{kicker headline subtitle dateline lead body} : "
typed = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            ["کتاب", "می‌شود", "ها", "AND", "OR", "NOT", "NEAR", "(", ")", '"', "«", "»", "*", "headline:", "^", "-",
             "tags:", "می", "a b", "کتاب*", ":", "{", "}", "+", "'", "\0", "\ud800", "10:30", " ", "و", '"a b"*', ","]
        ),
        max_size=12,
    ).map(" ".join),
)  # fmt: skip


def written(words: str) -> str:
    """Return what FTS5 is asked, without the fields of all text and the plurals of each plain word."""
    return re.sub(r' OR "(\w+)ها" OR "\1های" OR "\1هایی"', "", read_query(words).expression.replace(_TEXT, ""))


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        ("کتاب", '(("کتاب"))'),
        ("كتاب و مجله", '((("کتاب")) AND (("و")) AND (("مجله")))'),
        ("می شود", '(("می شود" OR "میشود"))'),
        ("ميشود", '(("میشود" OR "می شود"))'),
        ("کتاب ها آمد", '((("کتاب ها" OR "کتابها")) AND (("امد")))'),
        ("کتابهای", '(("کتابهای" OR "کتاب های" OR "کتابه ای"))'),
        ('"وزیر نیرو"', '(("وزیر نیرو" OR "وزیرنیرو"))'),
        ("«کتاب‌های درسی»", '(("کتاب های درسی" OR "کتابهای درسی" OR "کتابهایدرسی"))'),
        ("کتاب*", '(("کتاب" *))'),
        ("میدان*", '(("میدان" *))'),
        ('"کتاب در"*', '(("کتاب در" * OR "کتابدر" *))'),
        ("10:30", '(("10 30"))'),
        ("الف OR ب NOT ج", '((("الف")) OR ((("ب")) NOT (("ج"))))'),
        ("الف NOT ب د NOT ج", '(((("الف")) AND (("د"))) NOT ((("ب")) OR (("ج"))))'),
        ("الف AND (ب OR پ)", '((("الف")) AND ((("ب")) OR (("پ"))))'),
        ("tags:(آب OR باد)", '(({tags} : ("اب")) OR ({tags} : ("باد")))'),
        ('headline:"نان داغ" آب', '(({headline} : ("نان داغ" OR "نانداغ")) AND (("اب")))'),
        ("not and or", '((("not")) AND (("and")) AND (("or")))'),
    ],
)  # fmt: skip
def test_what_words_become(words: str, expression: str) -> None:
    assert written(words) == expression


def test_a_plain_word_is_found_in_its_glued_plurals() -> None:
    assert spellings(("کتاب",)) == [("کتاب",)]
    assert phrases([("کتاب",)]) == [("کتاب",), ("کتابها",), ("کتابهای",), ("کتابهایی",)]
    assert phrases([("تن",)]) == [("تن",)]
    assert phrases([("1401",)]) == [("1401",)]
    assert phrases([("کتابها",)]) == [("کتابها",), ("کتاب", "ها")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "has no word"), ("؟! -", "has no word"), ("(", "character 2, at the end, after «(»: words are missing"),
        ("(الف", "character 1, before «(الف»: this bracket is not closed"), ("الف)", "character 4, before «)»: this b"),
        (")", "this bracket closes none"), ("NOT الف", "NOT needs words before it"), ("الف OR", "words are missing"),
        ("الف OR AND ب", "words are missing after OR"), ('"الف', "this quotation mark is not closed"),
        ("iran:آب", "there is no field iran"), ("headline: آب)", "this bracket closes none"),
        ("headline:AND", "headline: needs a word"), ("کت*اب", "* stands behind the beginning"), ("()", "are missing"),
        ("(" * (MOST_DEPTH + 1) + "آ", f"{MOST_DEPTH} is the limit"), ("آ" * (MOST_CHARS + 1), "is the limit"),
    ],
)  # fmt: skip
def test_a_search_that_cannot_be_read_says_where(words: str, said: str) -> None:
    with pytest.raises(BadArgumentError) as error:
        read_query(words)
    assert said in str(error.value)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(BadArgumentError, match="field=title: search in publisher"):
        read_query("آب", ["title"])
    assert read_query("آب", ["tags", "section"]).expression == '({tags section} : ("اب"))'


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute(f"CREATE VIRTUAL TABLE found USING fts5({', '.join(COLUMNS)})")
        opened.execute(f"CREATE VIRTUAL TABLE words USING fts5({', '.join(COLUMNS)})")
        opened.execute("INSERT INTO found (headline, body) VALUES ('کتاب', 'می شود')")
        yield opened


def finds(db: sqlite3.Connection, words: str) -> bool:
    return bool(db.execute("SELECT 1 FROM found WHERE found MATCH ?", (read_query(words).expression,)).fetchall())


@given(typed)
def test_nothing_that_is_typed_makes_fts5_raise(db: sqlite3.Connection, words: str) -> None:
    try:
        expression = read_query(words).expression
    except BadArgumentError as error:
        assert str(error).endswith(".")  # noqa: PT017  # most of what is drawn is readable
    else:
        db.execute("SELECT 1 FROM found WHERE found MATCH ?", (expression,)).fetchall()


def test_the_longest_searches_are_read(db: sqlite3.Connection) -> None:
    assert not finds(db, " OR ".join(f"نام{n}" for n in range(1000)))
    assert finds(db, " OR ".join([*(f"می‌{n}‌ها" for n in range(500)), "کتاب"]))
    assert finds(db, "(" * MOST_DEPTH + "کتاب" + ")" * MOST_DEPTH)
    assert finds(db, f"کتاب {'NOT الف ' * 1000}")
    for brackets, opened in product(range(1, MOST_DEPTH), ("NOT (الف ", "OR (الف NOT ب ", "(الف OR ب NOT ج ")):
        words = f"کتاب {opened * brackets} ج {')' * brackets}"
        try:
            read_query(words)
        except BadArgumentError:
            assert brackets > 6
        else:
            finds(db, f"({words})")
    assert not finds(db, "می‌" * 5_000)
    assert not finds(db, '"' + "کتاب‌ها " * 2_000 + '"')


def test_every_way_of_typing_is_among_the_spellings_of_each_other() -> None:
    for parts in (("نمی", "شود"), ("کتاب", "ها"), ("می", "خواهم"), ("بزرگ", "ترین"), ("خانه", "هایی")):
        ways = {parts, ("".join(parts),)}
        assert all(ways <= set(spellings(way)) for way in ways)


def excerpt_of(words: str, text: str) -> tuple[str, list[str]]:
    [one] = Excerpts(read_query(words)).of({"body": text})
    assert one.text == text[one.start : one.start + len(one.text)]
    return one.text, [one.text[first:last] for first, last in one.hits]


@pytest.mark.parametrize(
    ("words", "text", "hits"),
    [
        ("می‌شود", "آغاز ميشود و مي شود، می‌شود؛ مَی‌شَوَد", ["ميشود", "مي شود", "می‌شود", "مَی‌شَوَد"]),
        ("کتاب", "كتاب، کتاب‌ها، کتابها، کتابِ «کتاب»", ["كتاب", "کتاب", "کتابها", "کتابِ", "کتاب"]),
        ("کتاب*", "کتابخانه کتاب", ["کتابخانه"[:4], "کتاب"]),
        ('"آب پاک" OR "پاک است"', "آب پاک است", ["آب پاک است"]),
        ("ریال", "۵۰۰ ﷼ شد", ["﷼"]),
        ("۱۴۰۱", "سال ١٤٠١ و 1401", ["١٤٠١", "1401"]),
        ("آب NOT باد", "آب و باد", ["آب"]),
    ],
)
def test_hits_are_marked_in_what_is_printed(words: str, text: str, hits: list[str]) -> None:
    assert excerpt_of(words, text) == (text, hits)


def test_an_excerpt_is_where_most_hits_are() -> None:
    text = f"{'آغاز ' * 50}آب {'میان ' * 60}آب پاک و آب روان {'پایان ' * 50}"
    excerpt, hits = excerpt_of("آب", text)
    assert hits == ["آب", "آب"]
    assert len(excerpt) <= 180
    assert not excerpt.startswith(("ان ", "یان "))
    assert "آب پاک و آب روان" in excerpt
    assert Excerpts(read_query("tags:آب")).of({"body": text, "tags": None}) == []


@given(st.text(st.sampled_from("کتابيی \u200cًـﷺ.، "), max_size=300), st.sampled_from(["کتاب", "کتاب‌ی", "ب*", "صلی"]))
def test_each_hit_is_what_was_searched(text: str, words: str) -> None:
    query = read_query(words)
    for first, last in Excerpts(query).hits("body", text):
        assert fold(text[first:last]).split(" ")[0][:1] in {"ک", "ب", "ص"}
