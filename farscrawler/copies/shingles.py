"""A text as the set of its shingles (words that follow each other), each a number of 32 bits.

Shingles of three words find the texts that may be the same, since two texts hardly share one by chance; those of two
words tell how much is the same, since a word that was exchanged spoils two of them and not three.

A word is hashed once for each of the three places, and a shingle is the XOR of three of these numbers (tabulation
hashing). The hashes of a word are remembered, and those of a whole text are combined as one long integer, so that a
text of 400 words takes some 0.1 ms. BLAKE2 makes the hashes: stored samples are the same on every machine. A change of
any of this raises the version in archive/copies/tables.py.
"""

from __future__ import annotations

import hashlib
import re
import struct
import sys
from array import array
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from farscrawler.persian import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Shorter texts are not compared: captions and «این خبر تکمیل می‌شود» agree by chance. 18 words have so many shingles.
LEAST = 16
#: A sample has no more shingles than this, and seldom less than half of it. At 32, a copy with 30 % of its words
#: exchanged shares five or more sampled shingles with its source; 16 would leave two or three.
SAMPLE = 32
#: Words that are remembered, some 60 MB; then they are forgotten all at once, and the frequent ones are soon back.
_REMEMBERED = 250_000
#: Longer words are no words; remembering them would take memory without bounds.
_LONGEST_WORD = 40

# A number with its separators is one word: a clock, a date and an amount each.
_WORD = re.compile(r"\d+(?:[:/.,٫٬]\d+)*|\w+")

#: The record of a word: its hash in the first, second and third place of a shingle, and whether it is a number.
_RECORD = struct.Struct("<4I")
_BITS = 8 * _RECORD.size
#: The shifts that bring the hashes of the next word, and of the one after it, over the first place of a word.
_SECOND, _THIRD = _BITS + 32, 2 * _BITS + 64
_FLAG = 3  # the place of the flag in a record


def _record(word: str) -> bytes:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=_RECORD.size - 4).digest()
    return digest + (b"\1\0\0\0" if word[0].isdecimal() else bytes(4))


#: Stands for any number: `12 درجه` and `14 درجه` are one masked shingle.
_ANY_NUMBER = _record("#")


class _Records(dict[str, bytes]):
    """The records of the words in each piece between two blanks, mostly one."""

    def __missing__(self, piece: str) -> bytes:
        found = b"".join(map(_record, _WORD.findall(fold(piece))))
        if len(piece) <= _LONGEST_WORD:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[piece] = found
        return found


_records = _Records()


def _words(text: str) -> bytes:
    """Return the records of a text. Folding makes no word of two, so that it may be done piece by piece."""
    return b"".join(map(_records.__getitem__, text.split()))


def _shingled(words: bytes | bytearray, size: int = 3) -> array[int]:
    """Return the shingles of a text in their order, each of three words, or of two."""
    count = len(words) // _RECORD.size - size + 1
    if count <= 0:
        return array("I")
    # All of a text at once: word by word it takes three times as long.
    each = int.from_bytes(words, "little")
    mixed = each ^ (each >> _SECOND)
    if size > 2:  # noqa: PLR2004  # two words
        mixed ^= each >> _THIRD
    return unpacked(mixed.to_bytes(len(words), "little"))[: 4 * count : 4]


def shingles(text: str) -> set[int]:
    """Return the shingles of a text."""
    return set(_shingled(_words(text)))


def packed(values: array[int]) -> bytes:
    """Return numbers of 32 bits as they are stored, on any machine."""
    if sys.byteorder == "big":
        values = array("I", values)
        values.byteswap()
    return values.tobytes()


def unpacked(data: bytes) -> array[int]:
    """Return stored numbers."""
    found = array("I", data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


# Samples.


def level_of(count: int) -> int:
    """Return the level at which a text of so many shingles is sampled: of each 2 ** level shingles one stays."""
    return max(0, (count - 1).bit_length() - SAMPLE.bit_length() + 1)


def at_level(found: Iterable[int], level: int) -> list[int]:
    """Return the shingles that a sample of a level has. Which ones does not depend on the text, so samples compare."""
    mask = (1 << level) - 1
    return [one for one in found if not one & mask]


def sample(found: set[int]) -> tuple[int, array[int]] | None:
    """Return level and sample of a text; None for one that is too short to be compared."""
    if len(found) < LEAST:
        return None
    level = level_of(len(found))
    return level, array("I", sorted(at_level(found, level)))


# Texts that are compared.


@dataclass(frozen=True)
class Text:
    """A text that is to be compared: its pairs of words that follow each other, and its numbers.

    A number is a shingle that has one in it, packed with its masked form.
    """

    pairs: array[int]
    numbers: array[int]

    @classmethod
    def of(cls, text: str) -> Text:
        """Return the text with all that a comparison needs of it, in a few kilobytes."""
        words = bytearray(_words(text))
        pairs = array("I", sorted(set(_shingled(words, 2))))
        flags = unpacked(bytes(words))[_FLAG::4]
        numbers = [at for at, flag in enumerate(flags) if flag]
        if not numbers:
            return cls(pairs, array("Q"))
        exact = _shingled(words)
        for at in numbers:
            words[at * _RECORD.size : (at + 1) * _RECORD.size] = _ANY_NUMBER
        masked = _shingled(words)
        places = {place for at in numbers for place in range(max(0, at - 2), min(at + 1, len(exact)))}
        # Three numbers say nothing of where they belong.
        found = {masked[at] << 32 | exact[at] for at in places if not all(flags[at : at + 3])}
        return cls(pairs, array("Q", sorted(found)))

    @cached_property
    def by_mask(self) -> dict[int, set[int]]:
        """The shingles with a number, by their masked form."""
        found: dict[int, set[int]] = {}
        for packed_pair in self.numbers:
            found.setdefault(packed_pair >> 32, set()).add(packed_pair & 0xFFFFFFFF)
        return found
