"""What PostgreSQL says is wrong, as sentences that say what to do; and what is the fault of one row alone."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import psycopg

from farscrawler.errors import ArchiveError, DamagedArchiveError, ServerAwayError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.locations import Server

#: Classes of SQLSTATE that are the fault of the values of one row: data, constraints, limits such as the size of a row
#: of an index, and what a trigger of the user's raises.
_OF_THE_ROW = ("22", "23", "54", "P0001")
#: Classes and codes with what to do.
_ADVICE = (
    ("28", "Name a user who may log in; PGPASSFILE or ~/.pgpass holds passwords."),
    ("3D000", "Make the database first: createdb -E UTF8 -l C.UTF-8 -T template0 NAME."),
    ("42501", "The user lacks a right: docs/postgresql.md says which are needed."),
    ("53100", "The disk of the server is full. What was stored is whole; make room and run the same command again."),
    ("53300", "The server takes no more connections; end other programs, or raise max_connections."),
    ("40", "Another program was in the way. What was stored is whole; run the same command again."),
    ("55P03", "Another program has held the archive for too long. Run the same command again."),
    ("25P03", "This run was stopped for so long that the server ended it. Run the same command again."),
    ("25006", "The server takes no writes: it is a copy of another one. Name the server that is copied."),
)
#: The same by what a server says while it lets nobody in: psycopg has no SQLSTATE then. In the server's language, else
#: the advice is that of a lost connection.
_SAID = (
    (re.compile(r'database "[^"]*" does not exist'), "3D000"),
    (re.compile(r"too many clients|remaining connection slots|too many connections"), "53300"),
    (re.compile(r'role "[^"]*" does not exist|authentication failed|no password supplied|no pg_hba\.conf entry'), "28"),
)
_DAMAGED = ("XX001", "XX002")
#: Classes and codes of what passes without another word or setting: the connection, the server's room and files, an end
#: of the session by the server, and other programs in the way.
_PASSES = ("08", "53", "57", "58", "40", "55P03", "25P03")


def is_of_the_row(error: BaseException) -> bool:
    """Whether an error is the fault of the one row that was written."""
    if isinstance(error, psycopg.Error):
        state = error.sqlstate
        # Without a state psycopg itself refuses a value: a NUL in a text.
        return isinstance(error, psycopg.DataError) if state is None else state.startswith(_OF_THE_ROW)
    return isinstance(error, TypeError | ValueError | OverflowError | RecursionError)


def _state_of(error: psycopg.Error) -> str:
    return error.sqlstate or next((code for pattern, code in _SAID if pattern.search(str(error))), "")


def sentence_of(server: Server, error: psycopg.Error) -> str:
    """Return what is wrong in one sentence, and what to do in another; no password is in them."""
    state = _state_of(error)
    advice = next((said for code, said in _ADVICE if state.startswith(code)), None)
    if advice is None and isinstance(error, psycopg.OperationalError) and (not state or state.startswith(("08", "57"))):
        advice = (
            "What was committed is whole, and what was not stays pending. See that the server is there, and run the "
            "same command again."
        )
    return f"{_what(server, error)}{f' {advice}' if advice else ''}"


def _what(server: Server, error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return f"{server}: {(lines[0] if lines else type(error).__name__).rstrip('.')}."


def is_lasting(error: ArchiveError) -> bool:
    """Whether the same will be said again until somebody does something: a right or a table is lacking."""
    cause = error.__cause__
    return isinstance(cause, psycopg.Error) and (cause.sqlstate or "").startswith("42")


def without_advice(server: Server, error: ArchiveError) -> str:
    """Return what is wrong and not what to do, for a program that tries again by itself."""
    cause = error.__cause__
    return _what(server, cause) if isinstance(cause, psycopg.Error) else str(error)


@contextlib.contextmanager
def explained_of(server: Server) -> Iterator[None]:
    """Turn the errors of PostgreSQL into ArchiveError, with the name of the database and what to do."""
    try:
        yield
    except psycopg.Error as error:
        damaged = (error.sqlstate or "") in _DAMAGED
        kind = DamagedArchiveError if damaged else ServerAwayError if is_away(error) else ArchiveError
        raise kind(sentence_of(server, error)) from error


def is_away(error: psycopg.Error) -> bool:
    """Whether the server does not answer, has no room, or is in the way just now."""
    state = _state_of(error)
    return state.startswith(_PASSES) if state else isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
