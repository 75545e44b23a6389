"""Serve forks of an interpreter that has loaded farscrawler and Scrapy, so that a command under test starts at once.

A script that tests/support/commands.py starts as ``python forkserver.py FD``. A request comes as one message on that
socket; for each one child is forked. The child gets the folder, environment, arguments and standard streams of the
request, returns to the top of this script and runs ``farscrawler`` there as ``python -m farscrawler`` does, so that it
ends as an interpreter ends. The server itself holds no event loop, reactor or thread, and runs no command.
"""

from __future__ import annotations

import array
import atexit
import functools
import gc
import importlib
import inspect
import io
import json
import multiprocessing.process
import os
import pkgutil
import re
import runpy
import select
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

#: A request is a few thousand bytes: its environment and arguments.
LONGEST = 150_000
READY = b"ready"
REAP = b"reap"
STOPPED = b"stopped"
#: What commands import late by themselves; the modules of farscrawler and of Scrapy's settings are all loaded.
_LATE = (
    "email.mime.text",
    "encodings.charmap",
    "encodings.cp1252",
    "encodings.utf_8_sig",
    "http.cookiejar",
    "lxml.html",
    "readability",
    "rich.console",
    "rich.live",
    "rich.progress",
    "rich.table",
    "scrapy.cmdline",
    "scrapy.commands.crawl",
    "scrapy.core.engine",
    "scrapy.core.scraper",
    "scrapy.crawler",
    "sqlite3",
    "twisted.internet.asyncioreactor",
    "twisted.internet.endpoints",
    "twisted.internet.ssl",
    "twisted.web.client",
    "warcio.archiveiterator",
    "warcio.warcwriter",
)


def load() -> None:
    """Import all that commands import, and prove that no import has begun what a command must begin itself."""
    # The option -W takes the name of one module; this is for all modules of ours.
    warnings.filterwarnings("error", category=DeprecationWarning, module=r"farscrawler\.")
    for name in _LATE:
        importlib.import_module(name)
    settings = importlib.import_module("scrapy.settings.default_settings")
    for path in re.findall(r"'(scrapy\.[\w.]+)\.\w+'", repr(vars(settings))):
        importlib.import_module(path)
    # Scrapy imports all of its commands to find one.
    for package in ("farscrawler", "scrapy.commands"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    # What the package itself holds and every command reads of it, which takes longer than most of them.
    for publisher in importlib.import_module("farscrawler.publishers.catalogue").all_publishers():
        importlib.import_module("farscrawler.extract.family").family_data(publisher.family)
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError("an import installed a reactor; every forked command would have to share it")


class Server:
    """Forks children on request, and reaps each when the test asks how it ended."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, tuple[socket.socket, int]] = {}
        self.running: set[int] = set()
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)

    def serve(self) -> dict[str, Any] | None:
        """Return None when the tests have gone; in a forked child return what it has to run."""
        while True:
            for number, _ in self.poll.poll():
                if number != self.control.fileno():
                    self.reap(number)
                    continue
                message, numbers, _, _ = socket.recv_fds(self.control, LONGEST, 5, socket.MSG_CMSG_CLOEXEC)
                if not message:
                    self.end()
                    return None
                if (job := self.fork(json.loads(message), numbers)) is not None:
                    return job

    def fork(self, job: dict[str, Any], numbers: list[int]) -> dict[str, Any] | None:
        """Return the job in the forked child, None in the server."""
        channel = socket.socket(fileno=numbers[0])
        pid = os.fork()
        if pid == 0:
            self.leave()
            prepare(job, channel, numbers[1:])
            return job
        for number in numbers[1:]:
            os.close(number)
        pidfd = os.pidfd_open(pid)
        with suppress(ConnectionError):  # a test that has gone by now is no reason to fail the next one
            channel.sendmsg([str(pid).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [pidfd]))])
        os.close(pidfd)
        self.children[channel.fileno()] = (channel, pid)
        self.running.add(pid)
        self.poll.register(channel, select.POLLIN)
        return None

    def reap(self, number: int) -> None:
        """Answer with the exit code, peak memory (bytes) and CPU time (s) of a child that has ended.

        Where nobody asks any more, let it run till the end.
        """
        channel, pid = self.children.pop(number)
        self.poll.unregister(number)
        with channel, suppress(ConnectionError):
            if channel.recv(len(REAP)):
                _, status, usage = os.wait4(pid, 0)
                # Of the command and of its own children: a fork's peak begins with what the server holds.
                spent = usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime
                channel.send(json.dumps([os.waitstatus_to_exitcode(status), *spent]).encode())
                self.running.discard(pid)

    def leave(self) -> None:
        """Close what the server holds, in a child."""
        self.control.close()
        for channel, _ in self.children.values():
            channel.close()

    def end(self) -> None:
        """Stop the commands that still run: the tests that wanted them have gone."""
        for pid in self.running:
            os.kill(pid, signal.SIGKILL)


def prepare(job: dict[str, Any], channel: socket.socket, numbers: list[int]) -> None:
    """Make a fork what a new interpreter would be: its session, signals, folder, environment, arguments, streams."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if job["start_new_session"]:
            os.setsid()
        for stream, number in enumerate(numbers[:3]):
            os.dup2(number, stream)
            os.close(number)
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["env"])
        time.tzset()
        vars(multiprocessing.process)["ORIGINAL_DIR"] = str(Path.cwd())  # taken where it is imported
        sys.path[0] = "" if job["code"] else str(Path.cwd())
        sys.orig_argv[:] = job["command"]
        sys.argv[:] = ["-c" if job["code"] else sys.argv[0], *job["words"]]
        sys.excepthook = report
        open_streams()
        importlib.invalidate_caches()
        if job["first"]:
            exec(compile(job["first"], "first", "exec"), {})  # noqa: S102  # a test's own words
        if job["stop_at"]:
            set_barrier(job["stop_at"], job["call"], socket.socket(fileno=numbers[3]))
    except BaseException:  # noqa: BLE001  # whatever it is, the test has to read it
        channel.send(traceback.format_exc().encode())
        os._exit(70)
    channel.send(READY)
    channel.close()


def open_streams() -> None:
    """Open stdin and stdout as an interpreter opens them; stderr is one way for terminals, files and pipes alike."""
    assert isinstance(sys.stdout, io.TextIOWrapper)
    encoding, errors = sys.stdout.encoding, sys.stdout.errors
    reader = io.BufferedReader(io.FileIO(0, "r", closefd=False))
    sys.stdin = io.TextIOWrapper(reader, encoding, errors, line_buffering=reader.isatty())
    writer = io.BufferedWriter(io.FileIO(1, "w", closefd=False))
    sys.stdout = io.TextIOWrapper(writer, encoding, errors, newline="\n", line_buffering=writer.isatty())
    for stream, mode in ((sys.stdin, "r"), (sys.stdout, "w")):
        vars(stream)["mode"] = mode
        vars(stream.buffer.raw)["name"] = "<stdin>" if mode == "r" else "<stdout>"
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout)


def set_barrier(place: str, call: int, barrier: socket.socket) -> None:
    """Make the process stop where a function is called the so-manieth time, until the test lets it go on."""
    module, _, path = place.partition(":")
    owner: Any = importlib.import_module(module)
    *owners, name = path.split(".")
    for part in owners:
        owner = getattr(owner, part)
    function = inspect.getattr_static(owner, name)
    if isinstance(function, (classmethod, staticmethod)):
        setattr(owner, name, type(function)(stopping(function.__func__, call, barrier)))
    else:
        setattr(owner, name, stopping(function, call, barrier))


def stopping(function: Callable[..., Any], call: int, barrier: socket.socket) -> Callable[..., Any]:
    """Return the function with a stop before one call of it."""
    calls = 0

    @functools.wraps(function)
    def stopped(*args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            barrier.send(STOPPED)
            barrier.recv(1)
        return function(*args, **more)

    return stopped


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback without the frames of this script, as a real start has none."""
    while trace is not None and trace.tb_frame.f_code.co_filename == report.__code__.co_filename:
        trace = trace.tb_next
    hook = sys.__excepthook__ if sys.excepthook is report else sys.excepthook  # the command may have one of its own
    hook(kind, error.with_traceback(trace), trace)


def end(code: int) -> None:
    """End the process as an interpreter ends, but for the taking apart of all modules: nine tenths of a short command.

    Return where a stream cannot be written to, which an interpreter tells at its end.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # what an interpreter itself calls, like the next
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
    except OSError:
        return
    os._exit(code)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C at the terminal is for the tests and their commands
    load()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        job_of_fork = Server(listening).serve()
    if job_of_fork is None:
        sys.exit()
    try:
        if job_of_fork["code"] is not None:
            exec(compile(job_of_fork["code"], "<string>", "exec"))  # noqa: S102  # as `python -c` does
        else:
            runpy._run_module_as_main("farscrawler")  # type: ignore[attr-defined]  # what `python -m` itself calls
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            end((leaving.code or 0) & 0xFF)
        raise
    except Exception as crash:
        if job_of_fork["code"] is not None:
            raise
        report(type(crash), crash, crash.__traceback__)  # an interpreter would hand it to the hook too
        sys.exit(1)
    end(0)
