"""Stop a command in the middle of its work: the site holds its answers until the command has been killed."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from tests.support.commands import PATIENCE, Command, start, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self


class Hold:
    """Hold every answer of a site from the moment on at which ``reached`` is true.

    ``owner`` has the method by which the site answers; a command that waits for an answer can neither go on nor end.
    """

    def __init__(self, owner: Any, method: str, reached: Callable[[], bool]) -> None:
        self.owner = owner
        self.method = method
        self.reached = reached
        self.begun = threading.Event()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        answer = getattr(self.owner, self.method)

        def held(*args: Any, **more: Any) -> Any:
            if not self._over.is_set() and (self.begun.is_set() or self.reached()):
                self.begun.set()
                self._over.wait(PATIENCE)
            return answer(*args, **more)

        setattr(self.owner, self.method, held)
        return self

    def release(self) -> None:
        self._over.set()

    def __exit__(self, *_: object) -> None:
        self.release()
        delattr(self.owner, self.method)  # the class has its own


def start_to_kill(*words: str, cwd: Path, **more: Any) -> Command:
    """Start a command in a session of its own, which says nothing."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return start(*words, cwd=cwd, start_new_session=True, **quiet, **more)


def kill_session(process: Command) -> bool:
    """Kill -9 a command with all it has started, and return whether it was still alive."""
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return alive


def kill_on_hold(hold: Hold, *words: str, cwd: Path) -> bool:
    """Run a command until its site holds it, kill it, and return whether it came to that."""
    process = start_to_kill(*words, cwd=cwd)
    with hold:
        wait_until(lambda: hold.begun.is_set() or process.poll() is not None)
        return kill_session(process)


def kill_at_barrier(*words: str, cwd: Path, place: str, call: int, **more: Any) -> bool:
    """Run a command until it calls a function the ``call``-th time, kill it there, and return whether it came there."""
    process = start_to_kill(*words, cwd=cwd, stop_at=place, call=call, **more)
    try:
        process.stopped()
        return kill_session(process)
    finally:
        process.go_on()


def kill_after(process: Command, steps: int) -> None:
    """Wait until the process has told of so many steps of its work, and kill it -9 in the next one."""
    assert process.stdout is not None
    for _ in range(steps):
        assert process.stdout.readline() == "step\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
