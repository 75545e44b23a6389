"""The bounds of the attacks hold: what costs more than its row allows is seen, in each of the ways to cost much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.attacks import MIB, Attack, Bound, meet, spend
from tests.support.rawserver import RawServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STALL = "import asyncio, time\nasync def f():\n while time.thread_time() < 0.4: pass\nasyncio.run(f())"
WASTE = {
    "memory": Attack(python="bytearray(b'x') * 200_000_000", bound=Bound(memory=200 * MIB)),
    "memory of a process that it starts": Attack(
        python="import os\nif not os.fork(): bytearray(b'x') * 200_000_000; os._exit(0)\nos.wait()",
        bound=Bound(memory=200 * MIB),
    ),
    "CPU time": Attack(python="while True: pass", bound=Bound(cpu=0.5)),
    "the event loop": Attack(python=_STALL, bound=Bound(stall=0.3)),
    "the exit code": Attack(python="import sys; sys.exit(3)"),
    "a traceback": Attack(python="1 / 0", code=1),
    "a bell": Attack(python="print('\\a')"),
    "what is said": Attack(python="print('no')", says=("no",)),
}


@pytest.mark.parametrize("name", WASTE)
def test_what_costs_more_than_its_row_says_is_seen(name: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        meet(WASTE[name], tmp_path)


def test_what_costs_nothing_is_met(tmp_path: Path) -> None:
    cost = meet(Attack(words=("--version",), shows=("farscrawler",)), tmp_path)
    assert cost.memory > 10 * MIB
    assert cost.stall == 0


def test_a_process_is_killed_before_it_takes_the_machine(tmp_path: Path) -> None:
    cost = spend(cwd=tmp_path, code="b = []\nwhile True: b.append(bytearray(10_000_000))", bound=Bound(memory=64 * MIB))
    assert cost.code == 1
    assert "MemoryError" in cost.err
    assert cost.memory < 1400 * MIB


def test_a_raw_site_sends_as_long_as_somebody_reads(tmp_path: Path) -> None:
    def respond(path: str) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n" + path.encode()
        while True:
            yield b"x" * 65_536

    code = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1] + '/a').read(100_000)[:3].decode())"
    with RawServer(respond) as site:
        cost = spend(site.url, cwd=tmp_path, code=code)
    assert (cost.out, site.asked) == ("/ax\n", ["/a"])
