"""How an attack is run: a real command in a process of its own, limited in memory and CPU time, and what it cost.

A module of `tests/attacks` holds a table, ``ATTACKS: dict[str, Attack]``, and one test that calls `meet` for each.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tests.support.commands import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

MIB = 1024 * 1024
#: Long enough for any attack that is met, on any machine: what takes longer hangs.
PATIENCE = 60
#: What the process runs before the command. The limit of addresses is only a net for the machine: threads reserve
#: addresses that they never use, so that the peak is compared with the bound afterwards. A stall is CPU time of the
#: event loop's thread between two rounds, so that a busy machine stalls nobody.
_BEFORE = """
import asyncio.events, atexit, os, resource, time
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + {addresses}, held + {addresses}))
resource.setrlimit(resource.RLIMIT_CPU, ({cpu}, {cpu} + 5))
stalls = [0.0]
run = asyncio.events.Handle._run
def timed(handle):
    begun = time.thread_time()
    try:
        return run(handle)
    finally:
        stalls.append(max(stalls.pop(), time.thread_time() - begun))
asyncio.events.Handle._run = timed
pid = os.getpid()
def tell():
    if os.getpid() == pid:
        open({told!r}, "w").write(str(stalls[0]))
atexit.register(tell)
"""
#: Our own marks on a terminal: of the direction of a line, and around a text of another one.
_LINE, _ISOLATED = re.compile("^[\u200e\u200f]", re.MULTILINE), re.compile("[\u2067\u2068]([^\u2066-\u2069\n]*)\u2069")
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Bound:
    """What an attack may cost: the peak memory of the process (bytes), its CPU time (s), the longest stall (s).

    The defaults are what the whole program promises; CPU time is that of an idle machine times five or so.
    """

    memory: int = 400 * MIB
    cpu: float = 10.0
    stall: float = 0.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What an attack came to; ``stall`` is zero for a command without an event loop, or where it was killed."""

    code: int
    out: str
    err: str
    memory: int
    cpu: float
    stall: float

    def __str__(self) -> str:
        return f"{self.memory / MIB:.0f} MB, {self.cpu:.2f} s CPU, stall {self.stall:.2f} s, exit {self.code}"


class Site(Protocol):
    """A server on loopback, such as a PageServer."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What is tried, what it may cost, and what must be seen.

    ``words`` are those of the command, or of the ``python`` that is run instead; `{url}` in a word or in the text of a
    file is the address of the ``site``, `{folder}` the folder of the attack, in which ``files`` are made first: a text,
    bytes, or a function that is handed the path. ``code`` is the exit code; ``says`` are parts of standard error,
    ``shows`` of standard output. Nothing of the two may be a traceback or an error of farscrawler itself, or hold a
    character that no terminal should be sent raw. ``see`` looks at what is left in the folder.
    """

    words: tuple[str, ...] = ()
    python: str | None = None
    files: Mapping[str, bytes | str | Callable[[Path], object]] = field(default_factory=dict)
    site: Callable[[], AbstractContextManager[Site]] | None = None
    env: Mapping[str, str] | None = None
    first: str = ""
    bound: Bound = Bound()
    code: int = 0
    says: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    see: Callable[[Path, Cost], object] | None = None


def without_our_marks(screen: str) -> str:
    """Return standard output without the marks of direction that a terminal gets from us."""
    return _LINE.sub("", _ISOLATED.sub(r"\1", screen))


def meet(attack: Attack, folder: Path) -> Cost:
    """Run an attack in a folder, fail where anything of it is not as its row says, and return what it cost."""
    with contextlib.ExitStack() as running:
        url = "" if attack.site is None else running.enter_context(attack.site()).url
        for name, content in attack.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(content):
                content(path)
            else:
                path.write_bytes(content if isinstance(content, bytes) else _filled(content, url, folder).encode())
        words = [_filled(word, url, folder) for word in attack.words]
        cost = spend(
            *words, cwd=folder, bound=attack.bound, code=attack.python, first=attack.first, env=attack.env
        )  # fmt: skip
    print(f"{cost}\n{cost.out}\n{cost.err}")  # pytest shows it where the attack is not met, and with -rP
    said = f"{cost}: {cost.err[-2000:]}"
    assert "Traceback" not in cost.out + cost.err, said
    assert "farscrawler itself" not in cost.out + cost.err, said
    assert not _RAW.findall(without_our_marks(cost.out) + cost.err), said
    assert cost.code == attack.code, said
    assert all(part in cost.err for part in attack.says), said
    assert all(part in cost.out for part in attack.shows), cost.out
    assert cost.memory <= attack.bound.memory, said
    assert cost.cpu <= attack.bound.cpu, said
    assert cost.stall <= attack.bound.stall, said
    if attack.see is not None:
        attack.see(folder, cost)
    return cost


def spend(
    *words: str,
    cwd: Path,
    bound: Bound = Bound(),
    code: str | None = None,
    first: str = "",
    env: Mapping[str, str] | None = None,
) -> Cost:
    """Run `farscrawler WORDS…`, or the Python ``code`` with those words, and return what it cost.

    A process that takes more CPU time than the bound allows is killed by the system (exit -24, SIGXCPU).
    """
    told = cwd / ".stall"
    before = _BEFORE.format(addresses=bound.memory + 1024 * MIB, cpu=int(bound.cpu) + 1, told=str(told))
    with Command(
        words, cwd=cwd, env=env, code=code, first=before + first,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode is not None
    stall = float(told.read_text()) if told.exists() else 0.0
    told.unlink(missing_ok=True)
    return Cost(process.returncode, out, err, process.peak, process.cpu, stall)


def _filled(text: str, url: str, folder: Path) -> str:
    return text.replace("{url}", url).replace("{folder}", str(folder))
