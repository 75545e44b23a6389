"""`python -m benchmarks.hops`: count the modules that one address goes through, on the replica.

A call is a Python function of farscrawler that is entered or resumed, a hop is a call in another module than the call
before it. Counted is what happens between two page requests of a crawl that has one connection: the answer to the
first one is read and settled, and the strategy chooses the next address. With `--tree` another checkout is traced,
such as an earlier version.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parents[1]
_SITE = "farsonline"
_IDS = 4_000
_LONGEST = 120  # seconds for one crawl of a few pages
#: The folders that make an article of a page, here and before 0.3, and the modules of the ground that they call.
EXTRACTION = frozenset({"extract", "timestamps", "publishers", "parsing", "families"})
GROUND = frozenset({"persian", "strings", "days", "zones", "clock"})
_SETTINGS = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 1,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_LEVEL": "WARNING",
}
#: An address of an article or print page, as the replica has them; lists and robots.txt have no number.
_PAGE = re.compile(r"/\d+(?:/|$)|=\d+$")


@dataclass(frozen=True, slots=True)
class Way:
    """The modules that were called in turn between two page requests, without ``farscrawler.``."""

    modules: tuple[str, ...]

    @property
    def hops(self) -> list[str]:
        """The modules without repetitions of the same one."""
        return [module for module, _ in groupby(self.modules)]

    def outside_extraction(self) -> Way:
        """Return the way without what extraction calls; a module of the ground belongs to what was called before it."""
        kept: list[str] = []
        extracting = False
        for module in self.modules:
            folder = module.split(".")[0]
            if folder not in GROUND:
                extracting = folder in EXTRACTION
            if not extracting:
                kept.append(module)
        return Way(tuple(kept))


class Tracer:
    """A profile function that writes down the module of each call, and where a page is requested."""

    def __init__(self) -> None:
        self.modules: list[str] = []
        self.requests: list[tuple[int, str]] = []
        self._names: dict[CodeType, str | None] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Take in an event of the interpreter."""
        if event != "call":
            return
        code = frame.f_code
        if code not in self._names:
            self._names[code] = _module(code)
        name = self._names[code]
        if name == "":
            url = frame.f_locals["request"].url
            if not self.requests or self.requests[-1][1] != url:  # a coroutine is "called" again where it goes on
                self.requests.append((len(self.modules), url))
        elif name is not None:
            self.modules.append(name)


def _module(code: CodeType) -> str | None:
    """Return the module of a function of farscrawler; "" for the downloader's beginning of a request."""
    path = Path(code.co_filename)
    if path.parts[-3:] == ("core", "downloader", "__init__.py") and code.co_name == "fetch":
        return ""
    if "farscrawler" not in path.parts or path.suffix != ".py":
        return None
    below = path.parts[len(path.parts) - path.parts[::-1].index("farscrawler") :]
    return ".".join(below).removesuffix(".py").removesuffix(".__init__")


def trace(words: Sequence[str], tree: Path = ROOT) -> list[Way]:
    """Run a crawl in a fresh interpreter, and return the ways between its page requests."""
    with tempfile.TemporaryDirectory(prefix="farscrawler-hops-") as folder:
        record = Path(folder) / "hops.json"
        settings = [word for name, value in _SETTINGS.items() for word in ("-s", f"{name}={value}")]
        command = [sys.executable, str(Path(__file__).resolve()), "--record", str(record), "crawl", *words, *settings]
        environment = {**os.environ, "PYTHONPATH": str(tree)}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
        found = json.loads(record.read_text(encoding="utf-8"))
    modules: list[str] = found["modules"]
    pairs = pairwise(found["requests"])
    return [Way(tuple(modules[a:b])) for (a, one), (b, two) in pairs if _PAGE.search(one) and _PAGE.search(two)]


def _record(path: Path, words: list[str]) -> None:
    """Run a command of farscrawler under the tracer, and write what it saw."""
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "benchmarks"]
    from farscrawler.__main__ import main as run  # noqa: PLC0415  # of the tree that is traced

    tracer = Tracer()
    sys.setprofile(tracer)
    try:
        run(words)
    finally:
        sys.setprofile(None)
        path.write_text(json.dumps({"modules": tracer.modules, "requests": tracer.requests}), encoding="utf-8")


def measure(tree: Path = ROOT) -> dict[str, list[Way]]:
    """Trace a few ids, and the probes that find a day among the ids."""
    from benchmarks.processes import replica  # noqa: PLC0415  # only the parent's, which has the checkout in its path
    from farscrawler.testing.newsroom import Newsroom  # noqa: PLC0415

    newsroom = Newsroom(count=_IDS)
    ids = newsroom.ids()
    middle = newsroom.published(ids[len(ids) // 2])
    if middle is None:
        raise RuntimeError("the replica has no article in the middle of its ids")
    day = middle.date()
    with tempfile.TemporaryDirectory(prefix="farscrawler-hops-") as folder, replica(Path(folder), _IDS) as base_url:
        site = [_SITE, "-a", f"base_url={base_url}"]
        asked = trace([*site, "-a", f"ids={ids[50]}-{ids[50] + 39}"], tree)
        probed = trace([*site, "-a", f"since={day}", "-a", f"until={day}"], tree)
    # A probe is an address after which the bisection chooses the next one; the other ids of a range are walked.
    searched = [way for way in probed if any("bisection" in module for module in way.modules)]
    return {"one id": asked[4:34], "one probe": searched}


def table(ways: dict[str, list[Way]]) -> str:
    """Write the medians as a Markdown table."""
    rows = ["| | calls | modules | hops | hops outside extraction |", "|---|---:|---:|---:|---:|"]
    for name, found in ways.items():
        bare = [way.outside_extraction() for way in found]
        figures = (
            [len(way.modules) for way in found],
            [len(set(way.modules)) for way in found],
            [len(way.hops) for way in found],
            [len(way.hops) for way in bare],
        )
        rows.append(f"| {name} | {' | '.join(f'{statistics.median(values):,.0f}' for values in figures)} |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Trace, and print the medians; with `--chain` the way of one probe too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hops", description=__doc__)
    parser.add_argument("--tree", type=Path, default=ROOT, metavar="FOLDER", help="the checkout to trace (this one)")
    parser.add_argument("--chain", action="store_true", help="print the modules of one id and one probe in turn")
    given = parser.parse_args(arguments)
    ways = measure(given.tree.resolve())
    print(table(ways))
    if given.chain:
        for name, found in ways.items():
            print(f"\n{name}: {' > '.join(max(found, key=lambda way: len(way.modules)).outside_extraction().hops)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--record"]:
        _record(Path(sys.argv[2]), sys.argv[3:])
    else:
        main()
