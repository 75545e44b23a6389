"""Who holds a lock: the process, so that others of the same machine see when it is dead."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
#: Fields of /proc/PID/stat behind the name of the program: the state, and the start in ticks since the machine's.
_STATE, _STARTED = 0, 19
_DEAD = "ZX"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process: ``host`` and ``pid`` for people; ``machine`` and ``started`` tell it from all others.

    ``machine`` is one start of a machine and one space of process numbers in it, such as a container; empty where the
    system does not tell.
    """

    host: str
    machine: str
    pid: int
    started: int

    @property
    def is_dead(self) -> bool:
        """Whether the process is certainly no more: one of this machine that has ended, or whose number another has."""
        if not self.machine or self.machine != _machine():
            return False
        found = _looked_up(self.pid)
        if found is None:
            return not _is_there(self.pid)
        return found[_STATE] in _DEAD or int(found[_STARTED]) != self.started


def this_process() -> Holder:
    """Return the process that asks."""
    pid = os.getpid()
    found = _looked_up(pid)
    if found is None:
        return Holder(platform.node(), "", pid, 0)
    return Holder(platform.node(), _machine(), pid, int(found[_STARTED]))


@cache
def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _is_there(pid: int) -> bool:
    """Whether there is a process; /proc may hide those of other users (hidepid, systemd's ProtectProc)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return True


def _looked_up(pid: int) -> list[str] | None:
    """Return the fields of a process behind its name, which may hold anything; None where none is seen."""
    try:
        said = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    return said.rpartition(")")[2].split()
