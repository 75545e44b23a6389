"""A record of a WARC or ARC file, and its block on the way to be one."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from farscrawler.webarchives.members import PIECE

if TYPE_CHECKING:
    from farscrawler.webarchives.heads import Grammar, Head

#: What programs name: SHA-1 nearly all, SHA-256 those of Webrecorder.
_DIGESTS = ("sha1", "sha256", "md5")


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record: ``offset`` is where it begins in the file, ``block`` the bytes of its block that were wanted.

    Within a gzip member that holds several records, ``offset`` counts on by the decompressed bytes. ``as_digested``
    says whether the whole block has the digest that the head names, True where it names none that is known here.
    """

    offset: int
    head: Head
    block: bytes
    as_digested: bool = True


class Stream(Protocol):
    """What a record is read from: a gzip member, or a plain file."""

    def readline(self, size: int = -1, /) -> bytes:
        """Return the next line, or its first bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes."""


@dataclass(slots=True)
class Block:
    """The block of a record on its way: its first ``keep`` bytes, its digest, and whether it holds a record.

    With ``skim`` the last two are not looked for where no byte is kept.
    """

    head: Head
    grammar: Grammar
    keep: int
    skim: bool = False
    left: int = 0
    kept: bytearray = field(default_factory=bytearray)
    glued: bool = False
    _digest: Any = None
    _tail: bytes = b"\n"  # a block may begin with a record

    def __post_init__(self) -> None:
        self.left = self.head.length
        self.skim = self.skim and not self.keep
        if self.skim:
            return
        kind, _, value = (self.head.get("warc-block-digest") or "").partition(":")
        if value.strip() and kind.strip().lower() in _DIGESTS:
            self._digest = hashlib.new(kind.strip().lower(), usedforsecurity=False)

    def take(self, stream: Stream) -> bytes:
        """Take the next piece from a stream; empty when the block is whole, or the stream is at its end."""
        if not self.left:
            return b""
        piece = stream.read(min(PIECE, self.left))
        self.left -= len(piece)
        if self.skim:
            return piece
        if len(self.kept) < self.keep:
            self.kept += piece[: self.keep - len(self.kept)]
        if self._digest is not None:
            self._digest.update(piece)
        if not self.glued:
            data = self._tail + piece
            self.glued = self.grammar.within.search(data) is not None
            self._tail = data[-self.grammar.longest :]
        return piece

    @property
    def as_digested(self) -> bool | None:
        """Whether the block has the digest of its head; None where that names none."""
        if self._digest is None:
            return None
        named = (self.head.get("warc-block-digest") or "").partition(":")[2].strip()
        return named.upper() == base64.b32encode(self._digest.digest()).decode() or (
            named.lower() == self._digest.hexdigest()
        )

    @property
    def is_one(self) -> bool:
        """Whether it holds no record of its own, as far as can be known.

        Where a length lies, a block may end exactly where a later record does.
        """
        return not self.glued or self.as_digested is True

    def record(self, offset: int) -> Record:
        """Return the record, whose block is whole."""
        return Record(offset, self.head, bytes(self.kept), self.as_digested is not False)
