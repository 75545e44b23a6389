"""What is sent between a crawl and the process that reads for it: a head of fixed length, then the bytes it announces.

Pickles, since both ends are this program: the crawl starts the process itself, and they share two pipes.
"""

from __future__ import annotations

import copyreg
import struct
from types import MappingProxyType

#: The lengths of a task's call (function and keywords, pickled) and body, its CPU seconds, and its bytes of memory.
TASK = struct.Struct("!QQdQ")
#: How a task has ended, and the length of what it returns.
ANSWER = struct.Struct("!BQ")

RETURNED, RAISED, TOO_LONG, TOO_MUCH_MEMORY = range(4)


def _mapping(held: dict[object, object]) -> MappingProxyType[object, object]:
    return MappingProxyType(held)


def _of_mapping(mapping: MappingProxyType[object, object]) -> tuple[object, tuple[dict[object, object]]]:
    return _mapping, (dict(mapping),)


copyreg.pickle(MappingProxyType, _of_mapping)  # type: ignore[arg-type]  # publishers hold some, and Python has no pickle of one
