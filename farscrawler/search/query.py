"""Read what a user searches for, and write it as FTS5 has it. No text that can be typed makes FTS5 raise.

Words must all be there; `"…"` is a phrase, `AND`, `OR` and `NOT` in capital letters join, brackets group, `کتاب*` is
the beginning of a word, and `headline:` says where the next word, phrase or group is looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from farscrawler.errors import BadArgumentError
from farscrawler.items import OTHER_NAMES
from farscrawler.search.spellings import Phrase, gathered, phrases, words_of
from farscrawler.strings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The fields that words are looked for in where none is named: all of an article's text.
TEXT_COLUMNS = ("kicker", "headline", "subtitle", "dateline", "lead", "body")
#: All fields that an index holds; these are named (`tags:انتخابات`).
COLUMNS = ("publisher", *TEXT_COLUMNS, "section", "agency", "authors", "tags")
#: A list of a thousand names is still a question.
MOST_CHARS = 20_000
#: Brackets in brackets for a reader of ours, who calls himself for each.
MOST_DEPTH = 50
#: Symbols that FTS5's parser keeps at a time; it gives up at 100, and the conditions beside the words take some.
_MOST_OPEN = 80

_LEXEME = re.compile(
    r"""\s*(?: (?P<open>\() | (?P<close>\)) | "(?P<phrase>[^"]*)(?P<end>"?)(?P<more>\*?)
           | (?P<field>[A-Za-z_]+):(?=\S) | (?P<word>[^\s()"]+) )""",
    re.VERBOSE,
)
_QUOTES = str.maketrans(dict.fromkeys("«»“”„‟″", '"'))
_OPERATORS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase in all its spellings, where it is looked for, and whether its last word is a beginning."""

    columns: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    prefix: bool = False

    def __str__(self) -> str:
        more = " *" if self.prefix else ""
        said = [f'"{" ".join(phrase)}"{more}' for phrase in self.phrases]
        return f"({{{' '.join(self.columns)}}} : ({' OR '.join(said)}))"

    @property
    def open(self) -> int:
        """The symbols that FTS5's parser keeps at most while it reads this."""
        return 10 + len(self.columns)


@dataclass(frozen=True, slots=True)
class Joined:
    """Terms and groups that are joined by `AND`, by `OR`, or by `NOT`: the first one without the second."""

    operator: str
    parts: tuple[Term | Joined, ...]

    def __str__(self) -> str:
        return f"({f' {self.operator} '.join(map(str, self.parts))})"

    @property
    def open(self) -> int:
        """The symbols that FTS5's parser keeps at most while it reads this: the bracket, and what stands before."""
        return max(1 + 2 * (place > 0) + part.open for place, part in enumerate(self.parts))


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for; ``expression`` is FTS5's, ``terms`` those that a text found has, or some of them.

    ``tree`` holds all terms and how they are joined.
    """

    words: str
    expression: str
    terms: tuple[Term, ...]
    tree: Term | Joined


def read_query(words: str, fields: Sequence[str] = ()) -> Query:
    """Read the words of a search; they are looked for in ``fields``, or in all text. Raise BadArgumentError."""
    for name in fields:
        if name not in COLUMNS:
            raise BadArgumentError(
                f"field={name}: search in {', '.join(COLUMNS)}{did_you_mean(name, COLUMNS, OTHER_NAMES) or '.'}"
            )
    if len(words) > MOST_CHARS:
        raise BadArgumentError(f"the words of a search have {len(words):,} characters; {MOST_CHARS:,} is the limit.")
    found = _Reader(words, tuple(dict.fromkeys(fields)) or TEXT_COLUMNS).read()
    if found.open > _MOST_OPEN:
        raise BadArgumentError("the brackets of the search are too deep; write it with fewer in one another.")
    return Query(words, str(found), tuple(_wanted(found)), found)


def _wanted(part: Term | Joined) -> Iterator[Term]:
    """Yield the terms that are looked for; those behind NOT are in no text that is found."""
    if isinstance(part, Term):
        yield part
        return
    for one in part.parts[:1] if part.operator == "NOT" else part.parts:
        yield from _wanted(one)


@dataclass(frozen=True, slots=True)
class _Lexeme:
    """A piece of what was typed: its kind, its text and place, and the words in it."""

    kind: str
    text: str
    at: int
    words: tuple[Phrase, ...] = ()
    prefix: bool = False


class _Reader:
    """Reads the words from left to right; NOT binds no closer than AND, and OR less than both."""

    def __init__(self, words: str, columns: tuple[str, ...]) -> None:
        self._words = words
        self._lexemes = list(self._split(words.translate(_QUOTES)))
        self._next = 0
        self._columns = columns
        self._depth = 0

    def read(self) -> Term | Joined:
        """Return all of it. Raise BadArgumentError."""
        if not self._lexemes:
            raise BadArgumentError(f"the search {self._words!r} has no word, such as کتاب, and so finds nothing.")
        found = self._alternatives()
        if self._next < len(self._lexemes):
            self._refuse(self._lexemes[self._next].at, "this bracket closes none")
        return found

    def _split(self, words: str) -> Iterator[_Lexeme]:
        for match in _LEXEME.finditer(words):
            at = match.start() + len(match[0]) - len(match[0].lstrip())
            if match["phrase"] is not None:
                yield from self._phrase(match, at)
            elif match["word"] is not None:
                yield from self._word(match["word"], at)
            else:
                kind = str(match.lastgroup)
                if kind == "field" and match["field"] not in COLUMNS:
                    names = ", ".join(COLUMNS)
                    hint = did_you_mean(match["field"], COLUMNS, OTHER_NAMES) or ";"
                    self._refuse(
                        at, f"there is no field {match['field']}{hint} search in {names}, or write it in quotes"
                    )
                yield _Lexeme(kind, match[kind], at)

    def _phrase(self, match: re.Match[str], at: int) -> Iterator[_Lexeme]:
        if not match["end"]:
            self._refuse(at, "this quotation mark is not closed")
        if said := [word for one in match["phrase"].split() for word in words_of(one)]:
            yield _Lexeme("phrase", match["phrase"], at, tuple(gathered(said)), bool(match["more"]))

    def _word(self, word: str, at: int) -> Iterator[_Lexeme]:
        """Yield a word; punctuation alone is none."""
        if word in _OPERATORS:
            yield _Lexeme(word, word, at)
        elif said := words_of(word):
            if "*" in word.rstrip("*"):
                self._refuse(at, "* stands behind the beginning of a word")
            yield _Lexeme("word", word, at, tuple(said), word.endswith("*"))

    def _peek(self) -> str:
        return self._lexemes[self._next].kind if self._next < len(self._lexemes) else "end"

    def _take(self) -> _Lexeme:
        self._next += 1
        return self._lexemes[self._next - 1]

    def _alternatives(self) -> Term | Joined:
        found = [self._all()]
        while self._peek() == "OR":
            self._take()
            found.append(self._all())
        return found[0] if len(found) == 1 else Joined("OR", tuple(found))

    def _all(self) -> Term | Joined:
        """Return what stands between two ORs: words that must be there, and words that must not."""
        wanted, unwanted = self._operand(), list[Term | Joined]()
        while (kind := self._peek()) not in ("OR", "close", "end"):
            if kind == "NOT":
                self._take()
                unwanted += self._operand()
            else:
                if kind == "AND":
                    self._take()
                wanted += self._operand()
        found = wanted[0] if len(wanted) == 1 else Joined("AND", tuple(wanted))
        if not unwanted:
            return found
        # FTS5 nests one NOT in another, and takes 256 of them.
        return Joined("NOT", (found, unwanted[0] if len(unwanted) == 1 else Joined("OR", tuple(unwanted))))

    def _operand(self) -> list[Term | Joined]:
        """Return words in a row, a phrase, or a group."""
        columns = self._columns
        kind = self._peek()
        if kind == "field":
            field = self._take()
            if self._peek() not in ("word", "phrase", "open"):
                self._refuse(field.at, f"{field.text}: needs a word, a phrase or a group after it")
            self._columns = (field.text,)
            found = self._one()
            self._columns = columns
            return found
        return self._one()

    def _one(self) -> list[Term | Joined]:
        kind = self._peek()
        if kind == "word":
            return self._row()
        if kind == "phrase":
            one = self._take()
            pair = len(one.text.split()) == len(one.words) == 2 and all(word[0].isalpha() for word in one.words)  # noqa: PLR2004
            return [self._term(one.words, prefix=one.prefix, pair=pair)]
        if kind == "open":
            return [self._group()]
        at = self._lexemes[self._next].at if kind != "end" else len(self._words)
        if kind in _OPERATORS and self._next == 0:
            self._refuse(at, f"{kind} needs words before it")
        before = self._lexemes[self._next - 1].text if self._next else ""
        return self._refuse(at, f"words are missing after {before}" if before else "this bracket closes none")

    def _group(self) -> Term | Joined:
        opened = self._take()
        self._depth += 1
        if self._depth > MOST_DEPTH:
            self._refuse(opened.at, f"brackets are {self._depth} deep here; {MOST_DEPTH} is the limit")
        found = self._alternatives()
        if self._peek() != "close":
            self._refuse(opened.at, "this bracket is not closed")
        self._take()
        self._depth -= 1
        return found

    def _row(self) -> list[Term | Joined]:
        """Return a word with the affixes that were typed apart from it."""
        one = self._take()
        words, prefix = list(one.words), one.prefix
        while not prefix and self._peek() == "word":
            following = self._lexemes[self._next]
            joined = list(gathered((words[-1], following.words[0])))
            if len(joined) > 1:
                break
            words[-1:] = [*joined, *following.words[1:]]
            prefix = self._take().prefix
        return [self._term(words, prefix=prefix)]

    def _term(self, words: Sequence[Phrase], *, prefix: bool, pair: bool = False) -> Term:
        return Term(self._columns, tuple(phrases(words, is_prefix=prefix, is_pair=pair)), prefix)

    def _refuse(self, at: int, what: str) -> NoReturn:
        """Raise BadArgumentError, with the place: what stands before it, and its number."""
        before, behind = self._words[max(0, at - 20) : at], self._words[at : at + 20]
        place = f"before «{behind}»" if behind else f"at the end, after «{before}»"
        raise BadArgumentError(f"the search cannot be read at character {at + 1}, {place}: {what}.")
