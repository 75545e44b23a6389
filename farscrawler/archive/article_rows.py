"""Articles as rows of the archive's tables: written in the order of the columns, and checked when they are read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from farscrawler.archive.schema import LIST_COLUMNS, NUMBERS, REQUIRED
from farscrawler.errors import DamagedArchiveError
from farscrawler.items import FIELD_NAMES, Article

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.locations import Location

_LIST_INDEXES = tuple(index for index, name in enumerate(FIELD_NAMES) if name in LIST_COLUMNS)
_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps() would make an encoder for every list


def to_row(article: Article, names: Iterable[str] = FIELD_NAMES) -> tuple[Any, ...]:
    """Return the values of an article in the order of the columns, or of some of them."""
    return tuple(
        (_encode(value) if value else "[]") if name in LIST_COLUMNS else value
        for name in names
        for value in (getattr(article, name),)
    )


def from_row(row: Iterable[Any], path: Location) -> Article:
    """Return the article of a row of this file as ``to_row`` wrote it. Raise DamagedArchiveError for another one."""
    values = list(row)
    try:
        return article_of(values)
    except DamagedRowError as error:
        named = dict(zip(FIELD_NAMES, values, strict=True))
        raise damaged_article(path, f"{named['publisher']} {named['article_id']}", str(error)) from error


def damaged_article(path: Location, name: str, what: str) -> DamagedArchiveError:
    """Return the error of an article, by its publisher and id, of which something is damaged."""
    return DamagedArchiveError(
        f"{path}: the article {name} is damaged ({what}). `farscrawler check` shows all that is, and "
        "`farscrawler check --repair` has it fetched again."
    )


class DamagedRowError(ValueError):
    """A row that no version of ours has written; the message says which field is none of its kind."""


_known_kinds: set[tuple[type, ...]] = set()
_STRING = r'"[^"\\\x00-\x1f]*"'
_ITEM = rf'(?:{_STRING}|\{{"url": {_STRING}, "caption": (?:{_STRING}|null)\}})'
#: A list that would be written just so, nearly all of them: seeing this takes a fifth of reading and writing it.
_OWN_LIST = re.compile(rf"\[{_ITEM}(?:, {_ITEM})*\]")


class RowCheck:
    """Takes rows of some columns whose values are of their kinds, and writes their lists as ``to_row`` does."""

    def __init__(self, names: Sequence[str] = FIELD_NAMES) -> None:
        self._names = names
        self._lists = [index for index, name in enumerate(names) if name in LIST_COLUMNS]
        self._known: set[tuple[type, ...]] = set()

    def __call__(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the values of a row. Raise DamagedRowError."""
        kinds = tuple(map(type, row))
        if kinds not in self._known:
            _check_kinds(row, self._names)
            self._known.add(kinds)
        for index in self._lists:
            text = row[index]
            if text == "[]" or _OWN_LIST.fullmatch(text):
                continue
            if (written := _as_written(text, self._names[index])) != text:
                row = (*row[:index], written, *row[index + 1 :])
        return row


def _as_written(text: str, name: str) -> str:
    written = _encode(_list_of(text, name))
    if "\\u" in text:
        try:
            written.encode()
        except UnicodeEncodeError as error:
            raise DamagedRowError(f"{name} holds half a character") from error
    return written


def _list_of(text: Any, name: str) -> list[Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if type(found) is not list:
        raise DamagedRowError(f"{name} is no list")
    return found


def article_of(row: Iterable[Any]) -> Article:
    """Return the article of a row. Raise DamagedRowError."""
    values = list(row)
    kinds = tuple(map(type, values))
    if kinds not in _known_kinds:  # a few dozen: which fields are empty
        _check_kinds(values, FIELD_NAMES)
        _known_kinds.add(kinds)
    for index in _LIST_INDEXES:
        values[index] = _list_of(values[index], FIELD_NAMES[index])
    return Article(**cast("Any", dict(zip(FIELD_NAMES, values, strict=True))))


def _check_kinds(values: Sequence[Any], names: Sequence[str]) -> None:
    for name, value in zip(names, values, strict=True):
        if name in LIST_COLUMNS:
            if not isinstance(value, str):
                raise DamagedRowError(f"{name} is no list")
        elif name in NUMBERS:
            if not isinstance(value, int):
                raise DamagedRowError(f"{name} is no number")
        elif not isinstance(value, str) and (value is not None or name in REQUIRED):
            raise DamagedRowError(f"{name} is no text")
