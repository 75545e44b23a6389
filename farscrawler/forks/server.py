"""Start processes as forks of an interpreter that has loaded what they need (a forkserver of multiprocessing).

An interpreter that loads Scrapy and all of ours takes some ten times as long as the fork of one that has, and keeps as
much memory again for itself. The server holds no thread, event loop or reactor, and runs nothing; it ends with the
process that has started it, and where it is killed the next start begins another one. A fork is a process of its own:
what hangs, grows or breaks in it stays there.
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
from multiprocessing import forkserver, reduction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.context import ForkServerProcess

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["farscrawler.forks.preloaded"])
#: At each start multiprocessing looks for forks that have ended, and of two readers of an exit code one gets none.
_turn = threading.Lock()

#: The exit code of a fork of which the server, killed meanwhile, could not tell how it ended.
LOST = 255
#: The signals that end a command.
ENDINGS = (signal.SIGINT, signal.SIGTERM)
#: Modules of Scrapy and of the settings of a crawl, as they are named in settings.
_NAMED = re.compile(r"(?:scrapy|farscrawler)(?:\.\w+)+")
#: What a crawl imports when it begins, and no setting names.
_LATE = (
    *("scrapy.cmdline", "scrapy.commands.crawl", "scrapy.crawler", "scrapy.core.engine", "scrapy.core.scraper"),
    *("farscrawler.cli.base", "farscrawler.cli.project_file", "farscrawler.cli.commands.crawl"),
    *("farscrawler.schedule.crawls", "farscrawler.cluster.child"),
    *("farscrawler.spiders", "farscrawler.frontier", "farscrawler.publishers", "sqlite3"),
    *("twisted.internet.asyncioreactor", "twisted.internet.endpoints", "twisted.internet.ssl", "twisted.web.client"),
)


class Descriptor:
    """A descriptor that goes over to a fork."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Callable[[Any], Descriptor], tuple[Any]]:
        return _received, (reduction.DupFd(self.number),)


def _received(duplicate: Any) -> Descriptor:
    return Descriptor(duplicate.detach())


def start(function: Callable[..., object], *args: Any) -> ForkServerProcess:
    """Call a function in a fork, in a session of its own that reads nothing. Raise OSError where none can be had.

    It waits for the server, for seconds where that has to load first.
    """
    process = _context.Process(target=_call, args=(function, *args))
    with _turn:
        try:
            with _as_this_one():
                forkserver.ensure_running()
            process.start()
        except (EOFError, ConnectionError) as error:  # the next start begins another server
            raise OSError("the process that starts crawls has died") from error
    return process


def begin() -> None:
    """Begin the server, and wait for nothing; where it cannot be had the first start tells that."""
    with contextlib.suppress(OSError), _turn, _as_this_one():
        forkserver.ensure_running()


def warm_up() -> None:
    """Start the server, and return when it has loaded all. Raise OSError where no process can be had.

    The first start of a crawl waits for that else: for many seconds on a busy machine.
    """
    process = start(int)
    process.join()
    process.close()


def stop() -> None:
    """End the server, and wait for that: what it and its forks have taken of the processor counts as taken by us."""
    with _turn:
        # Python has no public way to it; without this one the server ends a moment after us.
        end: Callable[[], None] | None = getattr(forkserver._forkserver, "_stop", None)  # noqa: SLF001
        if end is not None:
            end()


def exit_code_of(process: ForkServerProcess) -> int:
    """Return the exit code of a fork that has ended, or minus the signal that killed it, and forget the fork."""
    with _turn:
        process.join()
        code = process.exitcode
        process.close()
    assert code is not None  # noqa: S101  # it has ended
    return code


def _call(function: Callable[..., object], *args: Any) -> None:
    """Be the fork: Ctrl-C on a terminal reaches the parent alone, which ends its crawls in order."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    function(*args)


@contextlib.contextmanager
def _as_this_one() -> Iterator[None]:
    """Let an interpreter that is begun find the modules that this one finds, and none in the working folder.

    It hears no Ctrl-C: that is for this process, whose group it is in until it has loaded its first module.
    """
    names = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONSAFEPATH": "1"}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


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
