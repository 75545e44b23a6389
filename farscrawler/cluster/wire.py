"""What the parent and a child say to each other: pickles, each with its length before it, on two pipes.

Pickles, since both ends are this program, and the pipes are theirs alone. A frame that is cut off by a kill is none.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from farscrawler.extensions.ending import CrawlEnd

_HEAD = struct.Struct("!I")


# -- from the parent -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setup:
    """The first order: the settings of all crawls (Scrapy's, pickled), and whether their progress is shown."""

    settings: bytes
    shows_progress: bool


@dataclass(frozen=True, slots=True)
class CrawlOrder:
    """Crawl a publisher; ``arguments`` are those of its spider."""

    publisher: str
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finish:
    """The last order: end when nothing is at work."""


# -- from a child ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The child has loaded all it needs, and hears signals."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The spider of a publisher is open; what comes next may begin."""

    publisher: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A record of the log, its message and traceback made text."""

    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progressed:
    """The lines of the crawls at work, for the live display."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The crawl of a publisher has ended; ``memory`` is what the child takes in bytes now."""

    publisher: str
    end: CrawlEnd
    memory: int


Order = Setup | CrawlOrder | Finish
Report = Ready | Begun | Logged | Progressed | Ended


def frame(message: Order | Report) -> bytes:
    """Return a message as it is sent."""
    body = pickle.dumps(message)
    return _HEAD.pack(len(body)) + body


class Frames:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Any]:
        """Return the messages that are whole with these bytes."""
        self._rest += data
        found = []
        while len(self._rest) >= _HEAD.size:
            end = _HEAD.size + _HEAD.unpack_from(self._rest)[0]
            if len(self._rest) < end:
                break
            found.append(pickle.loads(self._rest[_HEAD.size : end]))  # noqa: S301  # of the other end, which is ours
            self._rest = self._rest[end:]
        return found
