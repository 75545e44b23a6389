"""Copies found, wrong pairs, speed and memory: farscrawler's sampled shingles beside MinHash and SimHash.

Each contestant is given the same shingles, and offers pairs that may be copies; all pairs are held to the same test on
all of their shingles. So what differs is which copies a contestant does not offer, how many pairs have to be read for
nothing, time and memory.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Spread, number, table
from benchmarks.planted import KINDS, planted
from benchmarks.processes import ROOT
from farscrawler import publishers
from farscrawler.archive import Archive, Visit
from farscrawler.copies import Names, report, update
from farscrawler.copies.candidates import Day, Sampled, candidates
from farscrawler.copies.compare import compare
from farscrawler.copies.shingles import Text, packed, sample, shingles
from farscrawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.planted import Texts

    Pairs = Iterator[tuple[int, int]]

#: Words of short and of long articles.
LENGTHS = {"40 to 80 words": (40, 80), "100 to 700 words": (100, 700)}
_SEED = 42
#: Bits that two SimHashes may differ in: with more of them wrong pairs come by the thousand.
_DISTANCE, _BITS, _BLOCK = 3, 64, 16
#: Pairs beyond which a contestant is stopped: nobody would read so many.
_MOST = 50


def ours(texts: Sequence[set[int]]) -> Pairs:
    """Yield the pairs of sampled shingles, as `farscrawler copies` finds them."""
    found = [(at, sample(text)) for at, text in enumerate(texts)]
    articles = [Sampled(at, *one) for at, one in found if one is not None]
    for one, alike in candidates([], Day(), articles):
        yield from ((other.doc, one.doc) for other in alike)


def _tokens(text: set[int]) -> list[bytes]:
    data = packed(array("I", text))
    return [data[at : at + 4] for at in range(0, len(data), 4)]


def rensa(texts: Sequence[set[int]], permutations: int, bands: int) -> Pairs:
    """Yield the pairs of rensa's MinHash and of its index."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415  # may not be installed

    index = RMinHashLSH(threshold=0.4, num_perm=permutations, num_bands=bands)
    for at, text in enumerate(texts):
        one = RMinHash(num_perm=permutations, seed=_SEED)
        one.update(_tokens(text))
        yield from ((other, at) for other in index.query(one))
        index.insert(at, one)


def datasketch(texts: Sequence[set[int]], permutations: int, bands: int) -> Pairs:
    """Yield the pairs of datasketch's MinHash and of its index."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415  # may not be installed

    index = MinHashLSH(num_perm=permutations, params=(bands, permutations // bands))
    for at, text in enumerate(texts):
        one = MinHash(num_perm=permutations, seed=_SEED)
        one.update_batch(_tokens(text))
        yield from ((other, at) for other in index.query(one))
        index.insert(at, one)


def simhash(texts: Sequence[set[int]]) -> Pairs:
    """Yield the pairs of 64-bit SimHashes that differ in at most three bits."""
    import numpy as np  # noqa: PLC0415  # may not be installed

    blocks: list[dict[int, list[int]]] = [{} for _ in range(_BITS // _BLOCK)]
    known: list[int] = []
    for at, text in enumerate(texts):
        halves = np.fromiter(text, dtype=np.uint64, count=len(text))
        # The shingles have 32 bits; a multiplication spreads them over 64.
        bits = np.unpackbits((halves * np.uint64(0x9E3779B97F4A7C15)).view(np.uint8).reshape(-1, 8), axis=1)
        value = int.from_bytes(np.packbits(2 * bits.sum(axis=0) > len(text)).tobytes(), "big")
        near: set[int] = set()
        for place, block in enumerate(blocks):
            bucket = block.setdefault(value >> (place * _BLOCK) & (1 << _BLOCK) - 1, [])
            near.update(other for other in bucket if (known[other] ^ value).bit_count() <= _DISTANCE)
            bucket.append(at)
        known.append(value)
        yield from ((other, at) for other in near)


#: Each contestant with the modules that it needs.
CONTESTANTS: dict[str, tuple[Callable[[Sequence[set[int]]], Pairs], tuple[str, ...]]] = {
    "farscrawler": (ours, ()),
    "rensa, 63 in 21 bands": (partial(rensa, permutations=63, bands=21), ("rensa",)),
    "rensa, 126 in 42 bands": (partial(rensa, permutations=126, bands=42), ("rensa",)),
    "datasketch, 63 in 21 bands": (partial(datasketch, permutations=63, bands=21), ("datasketch",)),
    "SimHash, 64 bits": (simhash, ("numpy",)),
}


def contest(name: str, texts: Texts) -> dict[str, Any]:
    """Return what a contestant finds in texts: its share of each kind of copies, pairs, seconds, memory."""
    shingled = [shingles(text) for text in texts.texts]
    before, begun = _peak(), time.perf_counter()
    offered = [tuple(sorted(pair)) for pair in islice(CONTESTANTS[name][0](shingled), _MOST * len(shingled))]
    seconds, after = time.perf_counter() - begun, _peak()
    compared = [Text.of(text) for text in texts.texts]
    kept = {(one, two) for one, two in offered if compare(compared[one], compared[two]).kind == "copy"}
    planted_pairs = {(source, at): kind for at, (source, kind) in texts.copies.items()}
    found = Counter(kind for pair, kind in planted_pairs.items() if pair in kept)
    every = Counter(planted_pairs.values())
    return {
        "found": {kind: found[kind] / every[kind] for kind in KINDS},
        "offered": len(offered) / len(shingled),
        "wrong": len(kept - set(planted_pairs)),
        "each": 1e6 * seconds / len(shingled),
        "mebibytes": after - before,
    }


def _peak() -> float:
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def archive(path: Path) -> dict[str, Any]:
    """Compare the articles of an archive that holds none of it yet, then again; return what that costs."""
    before, whole, read = path.stat().st_size, [], []
    with Archive(path, readonly=False) as opened:
        for _ in range(2):
            begun = time.perf_counter(), time.process_time()
            done = update(opened, zone_of=lambda _: "Asia/Tehran")
            whole.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
            read.append(done.read)
    begun_report = time.perf_counter()
    with Archive(path) as opened:
        found = report(opened, Names(publishers.all_publishers()))
    return {
        "articles": read[0],
        "groups": found.across + found.within,
        "seconds": whole[0][0],
        "cpu": whole[0][1],
        "again": whole[1][0],
        "report": time.perf_counter() - begun_report,
        "mebibytes": _peak(),
        "bytes": (path.stat().st_size - before) / max(1, read[0]),
    }


_BEGIN = dt.datetime(2023, 3, 21, tzinfo=dt.UTC)
_PUBLISHERS = ("irna", "isna", "mehrnews", "farsnews", "tasnimnews", "ilna")
#: Articles a day of the archive that is compared: as many sites of some size print together.
_DAILY = 2_000
#: Texts that are made at a time; each part has its own invented words.
_PART = 5_000


def fill(path: Path, articles: int) -> None:
    """Make an archive of planted texts, a quarter of them copies."""
    at = 0
    with Archive(path, readonly=False) as opened:
        while at < articles:
            for text in planted(min(_PART, articles - at), (40, 700), seed=at).texts:
                moment = (_BEGIN + dt.timedelta(seconds=at * 86_400 / _DAILY)).isoformat(timespec="seconds")
                one = Article(
                    publisher=_PUBLISHERS[at % len(_PUBLISHERS)], article_id=str(at), url="https://example.com/"
                )
                one.headline, one.body, one.fetched_at, one.content_hash = "تیتر", text, moment, str(at)
                one.published_at, one.published_date, one.published_precision = moment, moment[:10], "second"
                visit = Visit(publisher=one.publisher, key=str(at), url=one.url, outcome="article", at=moment)
                opened.save(visit, one)
                at += 1


def measure(articles: int, rounds: int) -> str:
    """Return the table of each length, a process for each contestant and round; and what a whole archive costs."""
    said = [*_contests(articles, rounds)]
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
        path = Path(folder) / "archive.db"
        fill(path, articles * _ARCHIVE)
        cost = _in_a_process("archive", str(path))
    said.append(table(["an archive", "figure"], [[_SAID[key], number(cost[key])] for key in _SAID]))
    return "\n\n".join(said)


#: The archive is so many times as large as what the contestants are given.
_ARCHIVE = 20
_SAID = {
    "articles": "articles",
    "groups": "groups",
    "seconds": "seconds of the first comparison",
    "cpu": "seconds of CPU",
    "again": "seconds of a second one, with nothing new",
    "report": "seconds of the report",
    "mebibytes": "MiB of memory, the whole process",
    "bytes": "bytes an article, in the archive",
}


def _contests(articles: int, rounds: int) -> list[str]:
    said = []
    for title, lengths in LENGTHS.items():
        rows = []
        for name, (_, needed) in CONTESTANTS.items():
            if any(importlib.util.find_spec(module) is None for module in needed):
                said.append(f"{name}: {', '.join(needed)} cannot be imported.")
                continue
            words = (name, str(articles), *map(str, lengths))
            runs = [_in_a_process(*words, str(seed)) for seed in range(1, rounds + 1)]
            figures = [
                *(Spread.of(100 * run["found"][kind] for run in runs) for kind in KINDS),
                *(Spread.of(run[key] for run in runs) for key in ("wrong", "offered", "each", "mebibytes")),
            ]
            rows.append([name, *(number(one.middle) for one in figures)])
        heads = [*(f"{kind} %" for kind in KINDS), "wrong copies", "pairs an article", "µs an article", "MiB more"]
        said.append(f"{articles:,} articles of {title}\n\n{table(['', *heads], rows)}")
    return said


def _in_a_process(*words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.copies", *words], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        raise RuntimeError(f"{words} ended with {done.returncode}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _main(name: str, *words: str) -> dict[str, Any]:
    if name == "archive":
        return archive(Path(words[0]))
    size, shortest, longest, seed = map(int, words)
    return contest(name, planted(size, (shortest, longest), seed))


if __name__ == "__main__":
    print(json.dumps(_main(*sys.argv[1:])))
