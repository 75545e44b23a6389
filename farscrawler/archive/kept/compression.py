"""Compress the pages of a site: zstandard, with whole pages of the same form of the site as its dictionary.

The pages of a site share their template: menus, boxes, scripts. A page that is compressed after three others of its
kind takes a third of the space that it takes alone. Trained dictionaries (`zstd.train_dict`) were worse than none on
pages of 75 KB, since their 100 KB of fragments cannot hold a template. docs/performance.md has the figures.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass, field

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Pages of a dictionary. One saves most of it; eight save a fifth more than three in twice the time.
DICTIONARY_PAGES = 3
#: A dictionary takes up to three times its size in memory while a crawl is at work, and a crawl of many sites has one
#: for each: three pages of 119 KB, the mean of real pages, fit twice.
DICTIONARY_BYTES = 768 * 1024
#: The size of pages with a new dictionary, over that with the present one, up to which it is taken. A dictionary costs
#: as much as the pages in it: a first one by which pages get a third smaller has paid that back after ten. A later one
#: has to halve them, as after a change of the template. For less, every change of the headlines in the menus makes a
#: new one (on the replica they are worth a third), and soon the next.
PAYS, PAYS_AGAIN = 0.7, 0.5
#: A trial makes a dictionary of every fourth of the newest pages and compresses the others with it. Six pages were too
#: few: where a site has three layouts, chance alone made one dictionary after another.
_TRIAL_PAGES = 4 * DICTIONARY_PAGES
#: A trial costs as much as compressing some eight pages. In a run the first one comes soon, so that a day's few pages
#: are enough; then they get rarer, while the present dictionary is as good as a new one.
_LONGEST_WAIT = 16 * _TRIAL_PAGES
#: Level 6 saves 2 to 7 % more in a quarter to a half more time; on real pages level 9 saves a twentieth more than that
#: in a third more time, and level 3 takes a third more space. A trial compares two sizes, which level 3 tells as well.
LEVEL, _TRIAL_LEVEL = 5, 3


class DamagedPageError(ValueError):
    """Bytes that are no compressed page, or not the one they should be; the message says what is wrong."""


class Dictionary:
    """A dictionary as it stands under its number in the page file; what it holds never changes."""

    def __init__(self, number: int, content: bytes) -> None:
        self.number = number
        # «Digested»: the tables of the dictionary are made once, and not again for every page (four times as slow).
        self.digested = zstd.ZstdDict(content, is_raw=True).as_digested_dict


def compress(body: bytes, dictionary: Dictionary | None = None, *, level: int = LEVEL) -> bytes:
    """Return a body compressed as one frame, which names its size."""
    return zstd.compress(body, level=level, zstd_dict=dictionary.digested if dictionary else None)


def decompress(data: bytes, dictionary: Dictionary | None = None, *, size: int) -> bytes:
    """Return the body of ``size`` bytes that was compressed. Raise DamagedPageError."""
    try:
        if zstd.get_frame_info(data).decompressed_size != size:  # before memory is taken for it
            raise DamagedPageError("another size than the one written down")
        return zstd.decompress(data, zstd_dict=dictionary.digested if dictionary else None)
    except (zstd.ZstdError, TypeError) as error:  # damage may have made a text or nothing of it
        raise DamagedPageError(str(error)) from error


@dataclass(slots=True)
class Template:
    """What the pages of one form of a publisher are compressed with, and the newest of them, to find something better.

    ``recent`` holds the last pages, compressed, each with its size and its dictionary; ``fresh`` counts the pages since
    the last trial, and the next one waits for ``wait`` of them.
    """

    dictionary: Dictionary | None = None
    recent: deque[tuple[bytes, int, Dictionary | None]] = field(default_factory=lambda: deque(maxlen=_TRIAL_PAGES))
    fresh: int = 0
    wait: int = 1

    def add(self, body: bytes) -> bytes:
        """Return a page compressed, and remember it."""
        data = compress(body, self.dictionary)
        self.recent.append((data, len(body), self.dictionary))
        self.fresh += 1
        return data

    def better(self) -> bytes | None:
        """Return the content of a dictionary that pays: made of some of the newest pages, it is tried on the others.

        None where it would not pay, or where it is too early to tell.
        """
        if len(self.recent) < _TRIAL_PAGES or self.fresh < self.wait:
            return None
        bodies = [decompress(data, dictionary, size=size) for data, size, dictionary in self.recent]
        every = _TRIAL_PAGES // DICTIONARY_PAGES
        tried_on = [body for place, body in enumerate(bodies) if place % every]
        self.fresh = 0
        content = _joined(bodies[::every])
        if content:
            candidate = Dictionary(0, content)
            now, then = (
                sum(len(compress(body, dictionary, level=_TRIAL_LEVEL)) for body in tried_on)
                for dictionary in (self.dictionary, candidate)
            )
            if then <= (PAYS if self.dictionary is None else PAYS_AGAIN) * now:
                return content
        self.wait = min(max(2 * self.wait, _TRIAL_PAGES), _LONGEST_WAIT)
        return None

    def take(self, dictionary: Dictionary) -> None:
        """Use another dictionary from now on."""
        self.dictionary = dictionary
        self.wait = _TRIAL_PAGES


def _joined(bodies: list[bytes]) -> bytes:
    """Return the pages that fit into a dictionary, one after another."""
    content = b""
    for body in bodies:
        if len(content) + len(body) <= DICTIONARY_BYTES:
            content += body
    return content
