"""The records of WARC and ARC files, one after another, each whole or not at all.

A record counts as whole when its block is followed by the end of its gzip member, by the next record, or by the end of
the file. One whose length lies is lost, alone where its member says where the next begins; in a plain file reading goes
on at the next first line of a record. Whatever the bytes are, the work is linear and the memory bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from farscrawler.webarchives.heads import ARC, WARC, grammar_of
from farscrawler.webarchives.members import (
    PAUSE_BYTES,
    PIECE,
    Budget,
    CutError,
    DamagedError,
    Member,
    TooCostlyError,
    coding_of,
    next_member,
)
from farscrawler.webarchives.record import Block, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import BinaryIO

    from farscrawler.webarchives.heads import Grammar, Head
    from farscrawler.webarchives.members import Coding
    from farscrawler.webarchives.record import Stream


_BLANKS = b"\r\n"
_OTHER_LENGTH = "it has another length than it says"
_SHORTER = "it is shorter than it says"
_ALL_IN_ONE = (
    "; the records behind it in the same gzip member are lost with it: decompress the file, and give the plain one"
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Records that are lost: ``offset`` is where the first of them begins, and ``count`` how many there were at least.

    ``resumed`` is where reading goes on, None where nothing more is read. With ``cut`` the file ends there, and with
    ``count`` 0 it ends behind the block of its last record, which was whole.
    """

    offset: int
    reason: str
    count: int = 1
    resumed: int | None = None
    cut: bool = False


@dataclass(slots=True)
class _Pauses:
    """Tells when a reader has been at work for so long that others have their turn."""

    quiet: int = 0

    def due(self, size: int) -> bool:
        """Whether, with so many bytes more, a pause is due."""
        self.quiet += size
        if self.quiet < PAUSE_BYTES:
            return False
        self.quiet = 0
        return True


def read_records(
    file: BinaryIO, *, start: int = 0, stop: int | None = None, keep: Callable[[Head], int], skim: bool = False
) -> Iterator[Record | Flaw | None]:
    """Yield the whole records of a file in their order, and what was lost between them.

    ``keep`` says how many bytes of a record's block are wanted. ``start`` is where a member begins; those that begin at
    ``stop`` or later belong to another reader. None is yielded now and then where nothing is found for long, so that
    the caller can give way. With ``skim``, a record of which nothing is kept is not looked into, as long as each has a
    gzip member of its own: where its length lies, nothing else is lost with it then.
    """
    reader = _Reader(file, keep, skim=skim)
    lost: Flaw | None = None
    try:
        for found in reader.read(start, stop):
            if isinstance(found, Flaw):  # several in a row are one
                lost = replace(lost, count=lost.count + found.count, cut=found.cut) if lost is not None else found
                yield None
                continue
            if lost is not None and found is not None:
                yield replace(lost, resumed=found.offset)
                lost = None
            yield found
    except (DamagedError, TooCostlyError, CutError) as error:
        before = lost or Flaw(reader.at, "", count=0)
        lost = Flaw(before.offset, str(error), before.count + 1, cut=isinstance(error, CutError))
    if lost is not None:
        yield replace(lost, resumed=None)


def first_head(file: BinaryIO, *, most: int = 0) -> tuple[Head, bytes] | None:
    """Return the head of a file's first record and up to ``most`` bytes of its block; None where it cannot be read."""
    try:
        coding = coding_of(file)
        at = 0
        if coding is not None:
            while (past := coding.past_skippable(file, at)) is not None:
                at = past
        file.seek(0)
        stream: Stream = file if coding is None else Member(file, at, coding, Budget(0))
        line = stream.readline(PIECE)
        head = grammar_of(line).read(line, stream)
        block, left = b"", min(most, head.length)
        while left and (piece := stream.read(left)):
            block += piece
            left -= len(piece)
    except (DamagedError, CutError, TooCostlyError):
        return None
    return head, block


def next_record(file: BinaryIO, start: int, stop: int | None) -> int | None:
    """Return the place of the first member that begins with a record, from ``start`` on and before ``stop``."""
    coding = coding_of(file)
    if coding is None:
        return None
    budget = Budget(file.seek(0, 2))
    try:
        return next(
            (at for at in next_member(file, coding, _begins, budget, start=start, stop=stop) if at is not None), None
        )
    except TooCostlyError:  # the reader of the first part says so
        return None


def begins_member(file: BinaryIO, at: int) -> bool:
    """Whether a member of a compressed file begins at a place, with a record."""
    coding = coding_of(file)
    if coding is None:
        return False
    file.seek(at)
    return coding.begins_with(file.read(coding.tried), _begins)


def _begins(data: bytes) -> bool:
    """Whether data begins with a record of any grammar."""
    try:
        grammar_of(data[: data.find(b"\n") + 1])
    except (DamagedError, CutError):
        return False
    return True


class _Reader:
    """A file on its way. ``at`` is where the present record begins."""

    def __init__(self, file: BinaryIO, keep: Callable[[Head], int], *, skim: bool = False) -> None:
        self.file = file
        self.keep = keep
        self.skim = skim
        self.at = 0
        self.size = file.seek(0, 2)
        self.budget = Budget(self.size)
        self.pauses = _Pauses()

    def read(self, start: int, stop: int | None) -> Iterator[Record | Flaw | None]:
        coding = coding_of(self.file)
        if coding is None:
            yield from self._plain(start)
        else:
            yield from self._members(coding, start, stop)

    # -- compressed ------------------------------------------------------------------------------

    def _members(self, coding: Coding, at: int, stop: int | None) -> Iterator[Record | Flaw | None]:
        while at < self.size and (stop is None or at < stop):
            self.at = at
            past = coding.past_skippable(self.file, at)
            if past is not None:
                self.budget.spend(PIECE)
                at = past
                continue
            member = Member(self.file, at, coding, self.budget)
            try:
                yield from self._member(member, at)
            except (CutError, DamagedError) as error:
                resumed = None
                for place in next_member(self.file, coding, _begins, self.budget, start=at + 1):
                    resumed = place
                    if place is None:
                        yield None
                yield Flaw(self.at, str(error), resumed=resumed, cut=isinstance(error, CutError) and resumed is None)
                if resumed is None:
                    return
                at = resumed
            else:
                at = member.end

    def _member(self, member: Member, at: int) -> Iterator[Record | Flaw | None]:
        """Yield the records of a member; it is at its end then. A record counts when what follows it is read."""
        grammar: Grammar | None = None
        _, line = yield from self._next_line(member)
        while line:
            offset = self.at = at if grammar is None else at + member.taken - len(line)
            self.skim = self.skim and grammar is None  # the second record of a member has been found
            grammar = grammar or grammar_of(line)
            head = grammar.read(line, member)
            block = Block(head, grammar, self.keep(head), skim=self.skim)
            yield from self._through(block, member)
            if block.left:
                more = _ALL_IN_ONE if block.glued else ""
                yield Flaw(offset, _SHORTER + more, count=1 + block.glued, resumed=member.end)
                return
            try:
                blanks, line = yield from self._next_line(member)
            except CutError:
                yield block.record(offset)
                yield Flaw(offset, "", count=0, cut=True)
                member.end = self.size
                return
            if (line and not (blanks and grammar.begins(line))) or not block.is_one:
                behind = block.glued + grammar.begins(line) + (yield from self._rest(member, grammar))
                if not _is_list_of_fields(grammar, head) or behind:
                    what = _OTHER_LENGTH + (_ALL_IN_ONE if behind else "")
                    yield Flaw(offset, what, count=1 + behind, resumed=member.end)
                return
            yield block.record(offset)

    def _through(self, block: Block, stream: Stream) -> Iterator[None]:
        """Read a block to its end."""
        while piece := block.take(stream):
            if self.pauses.due(len(piece)):
                yield None

    def _rest(self, member: Member, grammar: Grammar) -> Generator[None, None, int]:
        """Read a member to its end. Return the number of records that seem to begin in what is left."""
        found, kept = 0, b"\n"
        while piece := member.read(PIECE):
            data = kept + piece
            last = 0
            for match in grammar.within.finditer(data):
                found += 1
                last = match.end()
            kept = data[max(last, len(data) - grammar.longest) :]
            if self.pauses.due(len(piece)):
                yield None
        return found

    def _next_line(self, member: Member) -> Generator[None, None, tuple[int, bytes]]:
        """Pass over blank lines. Return the number of their bytes, and the next line, which is empty at the end."""
        blanks = 0
        while passed := member.skip(_BLANKS):
            blanks += passed
            if self.pauses.due(passed):
                yield None
        return blanks, member.readline()

    # -- plain -----------------------------------------------------------------------------------

    def _plain(self, at: int) -> Iterator[Record | Flaw | None]:
        """Yield the records of a plain file. The end of a block is looked at before the block is read."""
        file, size = self.file, self.size
        grammar: Grammar | None = None
        head: Head | None = None
        at = yield from self._past_blanks(at)
        while at < size:
            self.at = at
            file.seek(at)
            line, head = file.readline(PIECE), None
            try:
                grammar = grammar or grammar_of(line)
                head = grammar.read(line, file)
            except (CutError, DamagedError) as error:
                flaw = Flaw(at, str(error), cut=isinstance(error, CutError))
                behind = at + 1
            else:
                behind = file.tell()
                end = behind + head.length
                after = (yield from self._past_blanks(end)) if end <= size else end
                if end > size:
                    flaw = Flaw(at, _SHORTER, cut=True)
                elif after < size and not (after > end and self._record_begins(grammar, after)):
                    flaw = Flaw(at, _OTHER_LENGTH)
                else:
                    block = Block(head, grammar, self.keep(head))
                    file.seek(behind)
                    yield from self._through(block, _Counted(file, self.budget))
                    if block.is_one:
                        yield block.record(at)
                        if after >= size and not self._ends_well(grammar, end):
                            yield Flaw(at, "", count=0, cut=True)
                        at = after
                        continue
                    flaw = Flaw(at, _OTHER_LENGTH)
            self.budget.spend(PIECE)  # what looking for the next one costs at least
            resumed = yield from self._within(grammar, behind)
            if not (grammar and head and _is_list_of_fields(grammar, head) and resumed):
                yield replace(flaw, resumed=resumed, cut=flaw.cut and resumed is None)
            if resumed is None:
                return
            at = resumed

    def _past_blanks(self, at: int) -> Generator[None, None, int]:
        """Return the place of the first byte from ``at`` on that ends no line, or the end of the file."""
        while at < self.size:
            self.file.seek(at)
            piece = self.file.read(PIECE)
            rest = piece.lstrip(_BLANKS)
            at += len(piece) - len(rest)
            self.budget.spend(len(piece))
            if rest or not piece:
                return at
            if self.pauses.due(len(piece)):
                yield None
        return at

    def _record_begins(self, grammar: Grammar, at: int) -> bool:
        self.file.seek(at)
        line = self.file.readline(PIECE)
        self.budget.spend(len(line))
        return grammar.begins(line) or (self.file.tell() >= self.size and grammar.is_torn(line))

    def _ends_well(self, grammar: Grammar, end: int) -> bool:
        """Whether the lines that end the last record are there."""
        self.file.seek(end)
        return self.file.read(len(grammar.end)) == grammar.end

    def _within(self, grammar: Grammar | None, at: int) -> Generator[None, None, int | None]:
        """Return the place of the next first line of a record, or None; every byte is looked at once."""
        grammars = (grammar,) if grammar is not None else (WARC, ARC)
        longest = max(one.longest for one in grammars)
        kept, begin, size = b"", max(at - 1, 0), PIECE // 16
        while True:
            self.file.seek(begin + len(kept))
            piece = self.file.read(size)
            size = min(4 * size, 4 * PIECE)
            if not piece:
                return None
            data = kept + piece
            found = [match.start(1) for one in grammars if (match := one.within.search(data)) is not None]
            if found:
                return begin + min(found)
            kept = data[-longest:]
            begin += len(data) - len(kept)
            if self.pauses.due(len(piece)):
                yield None


def _is_list_of_fields(grammar: Grammar, head: Head) -> bool:
    """Whether a record is the first one of an ARC file, which holds no page; its length is often wrong."""
    return grammar is ARC and head.kind == "warcinfo"


@dataclass(slots=True)
class _Counted:
    """A plain file whose reading is counted."""

    file: BinaryIO
    budget: Budget

    def readline(self, size: int = -1, /) -> bytes:
        return self.file.readline(size)

    def read(self, size: int, /) -> bytes:
        data = self.file.read(size)
        self.budget.spend(len(data))
        return data
