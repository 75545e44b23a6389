"""What a reader is to the fuzz: its samples, what it is given on good days, and the errors that its callers expect."""

from __future__ import annotations

import datetime as dt
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler import publishers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: When the readers are asked, for all that depends on the day.
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
#: Whose answers, files and rows the samples are; those of pages are of many publishers.
SITE = publishers.load("farsonline")


@dataclass(frozen=True, slots=True)
class Sample:
    """A good input under the name of its file; ``data`` is what is damaged, before it is packed."""

    name: str
    data: bytes
    pack: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads bytes, a name and a folder to work in; ``own`` are the errors that its callers expect."""

    name: str
    samples: Callable[[], list[Sample]]
    read: Callable[[bytes, str, Path], object]
    own: tuple[type[Exception], ...] = ()


def packed(data: bytes) -> bytes:
    """Pack without the time of day: a case is the same every time."""
    return gzip.compress(data, mtime=0)


def of(*texts: str) -> Callable[[], list[Sample]]:
    """Return what makes a sample of each text."""
    return lambda: [Sample("", text.encode()) for text in texts]


def of_packed(*texts: str) -> Callable[[], list[Sample]]:
    """Return what makes two samples of each text: as it is, and packed."""
    return lambda: [*of(*texts)(), *(Sample("", text.encode(), packed) for text in texts)]
