"""The process that reads heavy answers: `python -P -m farscrawler.sandbox.child MODULE…`.

It imports the modules of the readers once, and forks a child for each task. So a limit ends one answer and nothing
else, the memory of one answer is free before the next, and no start of an interpreter is paid for twice. It has a
session of its own, so that Ctrl-C on the terminal is for the crawl alone; it ends when its standard input does, which
is when the crawl has ended, by whatever way.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import select
import signal
import sys
from contextlib import suppress
from importlib import import_module

from farscrawler.sandbox.wire import ANSWER, RAISED, RETURNED, TASK, TOO_LONG, TOO_MUCH_MEMORY

_IN, _OUT = 0, 1
_PART = 1024 * 1024
#: A crawl and its good pages come before what is heavy.
_NICENESS = 10
#: Signals by which the system ends a process that has used up its CPU time.
_OUT_OF_TIME = frozenset({signal.SIGPROF, signal.SIGXCPU})


def serve() -> None:
    """Answer tasks until standard input ends."""
    while head := _received(TASK.size):
        call_length, body_length, cpu, memory = TASK.unpack(head)
        call, body = _received(call_length), _received(body_length)
        alive, ends = os.pipe()
        child = os.fork()
        if not child:
            os.close(alive)
            _work(call, body, cpu, memory, ends)
        os.close(ends)
        call = body = b""
        try:
            if alive not in select.select([_IN, alive], [], [])[0]:  # no task is sent during another: the crawl is gone
                os.kill(child, signal.SIGKILL)
                return
        finally:
            os.close(alive)
            _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            if os.WTERMSIG(status) not in _OUT_OF_TIME:
                sys.exit(1)  # it may have died in the middle of an answer
            _send(TOO_LONG, b"")


def _work(call: bytes, body: bytes, cpu: float, memory: int, at_work: int) -> None:
    """Do a task, answer, and end the process; the pipe ``at_work`` is closed as soon as there is an answer."""
    # A limit of the whole process, in seconds, beside the finer one of the timer, which a library might take away.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu) + 1, int(cpu) + 2))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.setitimer(signal.ITIMER_PROF, cpu)
    try:
        function, given = pickle.loads(call)  # noqa: S301  # of the crawl that has started us
        how, found = RETURNED, pickle.dumps(function(body, **given))
    except MemoryError:
        how, found = TOO_MUCH_MEMORY, b""
    except BaseException as error:  # noqa: BLE001  # whatever it is, the crawl hears of it
        how, found = RAISED, f"{type(error).__name__}: {error}"[:1000].encode("utf-8", "replace")
    signal.setitimer(signal.ITIMER_PROF, 0)
    os.close(at_work)
    _send(how, found)
    os._exit(0)


def _received(length: int) -> bytes:
    """Return the next bytes of standard input; nothing where it has ended."""
    parts = []
    while length:
        part = os.read(_IN, min(length, _PART))
        if not part:
            return b""
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _send(how: int, found: bytes) -> None:
    os.write(_OUT, ANSWER.pack(how, len(found)))
    rest = memoryview(found)
    while rest:
        rest = rest[os.write(_OUT, rest[:_PART]) :]


def main() -> None:
    """Import the readers, then serve."""
    with suppress(OSError):
        os.nice(_NICENESS)
    for name in sys.argv[1:]:
        import_module(name)
    gc.freeze()  # children share what is loaded
    serve()


if __name__ == "__main__":
    main()
