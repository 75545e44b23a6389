"""The command `farscrawler` under test: a process of its own, forked from a server that has it loaded.

`run` is like `subprocess.run` and `start` like `subprocess.Popen`, both with text. What is a matter of the start of
an interpreter itself is tested with `command` and `environment` and the subprocess module.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from tests.support.forkserver import LONGEST, READY, REAP, STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

ROOT = Path(__file__).resolve().parents[2]
#: Long enough for any command on any machine: what takes longer hangs.
PATIENCE = 180
_SETTLED_AT_START = ("PYTHON", "LC_", "LANG", "LD_")


def command(*words: str) -> list[str]:
    """Return the words of a start of a new interpreter, warnings of our own code as errors."""
    return [sys.executable, "-W", "error::DeprecationWarning:farscrawler", "-m", "farscrawler", *words]


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a command: the checkout importable from any folder, no wishes of the user's."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FARSCRAWLER_"))}
    return {**others, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **more}


@cache
def _server(pid: int) -> socket.socket:  # noqa: ARG001  # a fork of the tests must not share the server
    """Start the server of this process, which ends when the returned socket is closed, by whatever end of ours."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        script = str(Path(__file__).with_name("forkserver.py"))
        server = subprocess.Popen(
            [*command()[:3], script, str(theirs.fileno())], env=environment(), stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )  # fmt: skip

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


class Command:
    """A running command: a child of the server, and for the rest what `subprocess.Popen` is.

    With ``code`` it is `python -c CODE` with those words. ``first`` is Python that the process runs before the command.
    With ``stop_at="farscrawler.module:name.in.it"`` it stops where that function is called the ``call``-th time: see
    `stopped` and `go_on`. When it has ended, ``peak`` is the most memory it had (bytes) and ``cpu`` its CPU time (s).
    """

    def __init__(
        self,
        words: tuple[str, ...],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        stdin: int | IO[Any] | None = None,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        start_new_session: bool = False,
        code: str | None = None,
        first: str | None = None,
        stop_at: str | None = None,
        call: int = 1,
    ) -> None:
        env = environment() if env is None else dict(env)
        fixed = environment()
        for name in {**env, **fixed}:
            if name.startswith(_SETTLED_AT_START) and env.get(name) != fixed.get(name):
                raise ValueError(f"{name} has a say in how an interpreter starts: start a new one with `command`")
        self.args = command(*words) if code is None else [*command()[:3], "-c", code, *words]
        self.returncode: int | None = None
        self.peak, self.cpu = 0, 0.0
        self.stdin, self.stdout, self.stderr = None, None, None
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._barrier: socket.socket | None = None
        with contextlib.ExitStack() as handed:
            handed.enter_context(theirs)
            self.stdin, number_in = _pipe(stdin, 0, handed)
            self.stdout, number_out = _pipe(stdout, 1, handed)
            self.stderr, number_err = (None, number_out) if stderr == subprocess.STDOUT else _pipe(stderr, 2, handed)
            numbers = [theirs.fileno(), number_in, number_out, number_err]
            if stop_at is not None:
                self._barrier, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                handed.enter_context(other)
                numbers.append(other.fileno())
            job = {
                "command": self.args, "words": words, "cwd": str(cwd), "env": env,
                "start_new_session": start_new_session,
                "code": code, "first": first, "stop_at": stop_at, "call": call,
            }  # fmt: skip
            socket.send_fds(_server(os.getpid()), [json.dumps(job).encode()], numbers)
        self._begin()

    def _begin(self) -> None:
        """Wait for the two words of a start: the server's with the process, and the child's that it is ready."""
        self.pid = 0
        self._channel.settimeout(PATIENCE)
        trouble: str | None = None
        for _ in range(2):  # in either order
            said, numbers, _, _ = socket.recv_fds(self._channel, LONGEST, 1, socket.MSG_CMSG_CLOEXEC)
            if numbers:
                self.pid, self._pidfd = int(said), numbers[0]
            elif said != READY:
                trouble = said.decode()
        if trouble is not None:
            self._close()
            self.wait(PATIENCE)
            raise RuntimeError(f"the command could not be forked:\n{trouble}")

    def _close(self) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr, self._barrier):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def poll(self) -> int | None:
        """Return the exit code, None while the command runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when the command has ended."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            if poll.poll(None if timeout is None else timeout * 1000):
                self._channel.send(REAP)
                self.returncode, self.peak, self.cpu = json.loads(self._channel.recv(LONGEST))
                self._channel.close()
                os.close(self._pidfd)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the command has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def stopped(self) -> bool:
        """Wait for the command to stop at its barrier, and return whether it did: False where it ended before."""
        assert self._barrier is not None
        self._barrier.settimeout(PATIENCE)
        return self._barrier.recv(len(STOPPED)) == STOPPED

    def go_on(self) -> None:
        """Let the command go on from its barrier."""
        assert self._barrier is not None
        self._barrier.close()

    def communicate(self, text: str | None = None, timeout: float = PATIENCE) -> tuple[str, str]:
        """Write stdin, read stdout and stderr to their ends, and wait for the end of the command."""
        said = {1: "", 2: ""}

        def read(number: Literal[1, 2], pipe: IO[str]) -> None:
            said[number] = pipe.read()

        readers = [
            threading.Thread(target=read, args=(number, pipe), daemon=True)
            for number, pipe in ((1, self.stdout), (2, self.stderr))
            if pipe is not None and not pipe.closed
        ]
        for reader in readers:
            reader.start()
        if self.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.stdin.write(text or "")
            with contextlib.suppress(BrokenPipeError):
                self.stdin.close()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
            if reader.is_alive():  # a child of the command holds the pipe
                raise subprocess.TimeoutExpired(self.args, timeout)
        self._close()
        return said[1], said[2]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        self._close()
        self.wait()


def _pipe(wanted: int | IO[Any] | None, number: int, handed: contextlib.ExitStack) -> tuple[IO[str] | None, int]:
    """Return our end of a pipe, where one is wanted, and the descriptor the command gets as its stream of a number."""
    if wanted is None:
        return None, number
    if wanted == subprocess.DEVNULL:
        return None, handed.enter_context(open(os.devnull, "r+b", buffering=0)).fileno()  # noqa: PTH123
    if wanted != subprocess.PIPE:
        return None, wanted if isinstance(wanted, int) else wanted.fileno()
    read, write = os.pipe()
    theirs, ours = (read, write) if number == 0 else (write, read)
    handed.callback(os.close, theirs)
    return open(ours, "w" if number == 0 else "r", encoding="utf-8"), theirs  # noqa: PTH123  # a descriptor


def wait_until(happened: Callable[[], bool], process: Command | None = None) -> None:
    """Wait for an event, as long as a busy machine needs; a process that was to bring it about must be alive then.

    Where it does not come, the process is killed, and what it has said to a pipe is in the error.
    """
    end = time.monotonic() + PATIENCE
    while not happened():
        trouble = "it has not happened" if time.monotonic() > end else None
        if process is not None and process.poll() is not None:
            trouble = f"the command has ended with {process.returncode}"
        if trouble is not None:
            raise AssertionError(trouble if process is None else f"{trouble}; it said:\n{_last_words(process)}")
        time.sleep(0.005)


def _last_words(process: Command) -> str:
    """Kill a command, and return what stands in its pipes; its children may hold them open."""
    process.kill()
    process.wait()
    said = b""
    for pipe in (process.stdout, process.stderr):
        if pipe is not None and not pipe.closed:
            os.set_blocking(pipe.fileno(), False)
            with contextlib.suppress(BlockingIOError):
                while data := os.read(pipe.fileno(), LONGEST):
                    said += data
    process._close()  # as where a test leaves it
    return said.decode(errors="replace")


def start(*words: str, cwd: Path, **more: Any) -> Command:
    """Start `farscrawler WORDS…` in a folder, as `subprocess.Popen` would."""
    return Command(words, cwd=cwd, **more)


def start_python(code: str, *words: str, cwd: Path, **more: Any) -> Command:
    """Start `python -c CODE WORDS…` in a folder."""
    return Command(words, cwd=cwd, code=code, **more)


def run(
    *words: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    first: str | None = None,
    timeout: float = PATIENCE,
) -> subprocess.CompletedProcess[str]:
    """Run `farscrawler WORDS…` in a folder to its end, and return what it said."""
    with Command(
        words, cwd=cwd, env=env, first=first, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:  # fmt: skip
        out, err = process.communicate(timeout=timeout)
        assert process.returncode is not None
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)
