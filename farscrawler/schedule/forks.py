"""Start crawls as forks of an interpreter that has loaded what they need (a forkserver of multiprocessing).

An interpreter that loads Scrapy and all of ours takes some ten times as long as the fork of one that has, and keeps as
much memory again for itself. The server holds no thread, event loop or reactor, and runs nothing; it ends with the
process that has started it. A fork is a process of its own: what hangs, grows or breaks in it stays there.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import re
import signal
import sys
import threading
from importlib import import_module
from multiprocessing import reduction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import ForkServerProcess

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["farscrawler.schedule.preloaded"])

#: The exit code of a fork of which the server, killed meanwhile, could not tell how it ended.
LOST = 255
#: Modules of Scrapy and of the settings of a crawl, as they are named in settings.
_NAMED = re.compile(r"(?:scrapy|farscrawler)(?:\.\w+)+")
#: What a crawl imports when it begins, and no setting names.
_LATE = (
    *("scrapy.cmdline", "scrapy.commands.crawl", "scrapy.crawler", "scrapy.core.engine", "scrapy.core.scraper"),
    *("farscrawler.cli.base", "farscrawler.cli.project_file", "farscrawler.cli.commands.crawl"),
    *("farscrawler.spiders", "farscrawler.frontier", "farscrawler.publishers", "sqlite3"),
    *("twisted.internet.asyncioreactor", "twisted.internet.endpoints", "twisted.internet.ssl", "twisted.web.client"),
)


class _Descriptor:
    """A descriptor that goes over to a fork."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Callable[[Any], _Descriptor], tuple[Any]]:
        return _received, (reduction.DupFd(self.number),)


def _received(duplicate: Any) -> _Descriptor:
    return _Descriptor(duplicate.detach())


def start(words: Sequence[str], *, out: int, err: int, pipe: int) -> ForkServerProcess:
    """Run `farscrawler` with these words in a fork, in a process group of its own. Raise OSError where none can be had.

    The other three are descriptors: for what it prints, and of a pipe whose end, which is that of the process that
    holds its other side, by whatever way, counts as a first signal.
    """
    process = _context.Process(target=_run, args=(list(words), _Descriptor(out), _Descriptor(err), _Descriptor(pipe)))
    try:
        process.start()
    except EOFError as error:  # the server has died meanwhile; the next start begins another one
        raise OSError("the process that starts crawls has died") from error
    return process


def warm_up() -> None:
    """Start the server, and return when it has loaded all. Raise OSError where no process can be had.

    The first start of a crawl waits for that else: for many seconds on a busy machine.
    """
    process = _context.Process(target=int)
    try:
        process.start()
    except EOFError as error:
        raise OSError("the process that starts crawls has died") from error
    process.join()
    process.close()


def _run(words: list[str], out: _Descriptor, err: _Descriptor, pipe: _Descriptor) -> None:
    """Be `farscrawler` with these words."""
    os.setpgid(0, 0)  # Ctrl-C on a terminal reaches the parent alone, which ends its crawls in order
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, place in ((nothing, 0), (out.number, 1), (err.number, 2)):
        os.dup2(number, place)
        os.close(number)
    threading.Thread(target=_end_with, args=(pipe.number,), daemon=True).start()
    sys.argv[1:] = words
    import_module("farscrawler.__main__").main()


def _end_with(pipe: int) -> None:
    # Linux' own signal for this (PR_SET_PDEATHSIG) comes once for each thread of a parent that is killed, and a second
    # signal ends a crawl at once.
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def load() -> None:
    """Import what a crawl needs, in the server; what cannot be imported is told by the crawl that needs it."""
    for name in _LATE:
        _import(name)
    settings = import_module("scrapy.settings").Settings()
    settings.setmodule("farscrawler.settings")
    for name in sorted(set(_names(settings.copy_to_dict()))):
        _import(name.rpartition(".")[0])
    gc.collect()
    gc.freeze()  # the memory of what is loaded stays shared


def _import(name: str) -> None:
    with contextlib.suppress(Exception):
        import_module(name)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _names(key)
            yield from _names(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _names(one)
    elif isinstance(value, str) and _NAMED.fullmatch(value):
        yield value
