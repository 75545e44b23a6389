"""`farscrawler search`: what it finds beside other indexes, and its cost in archives of many articles."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import mean, quantiles
from typing import TYPE_CHECKING

from benchmarks import synthetic, typed
from benchmarks.figures import Spread, number, ratio, table
from farscrawler.archive import Archive, Visit
from farscrawler.items import Article
from farscrawler.persian import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.typed import Asked

_AT = "2026-01-01T00:00:00+00:00"
#: Places of words in the synthetic vocabulary by frequency; the first ones are in nearly every article.
_RANKS = (0, 2, 10, 30, 100, 300, 1_000, 3_000, 10_000, 19_000)
_TIMES = 5
#: Articles that are saved with the index and without.
_SAVED = 1_500


def measure(texts: int, counts: Sequence[int], rounds: int, archives: Iterable[Path] = ()) -> str:
    """Search typed texts for what people ask, then synthetic archives and copies of others; give tables."""
    with tempfile.TemporaryDirectory(prefix="farscrawler-bench-", dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        found = [_recall(folder, texts), _saving(folder, min(texts, _SAVED), rounds)]
        for count in counts:
            path = synthetic.fill(folder / f"{count}.db", count)
            found.append(_scale(path))
            path.unlink()
        for archive in archives:
            path = Path(shutil.copy(archive, folder / "copy.db"))
            found.append(_scale(path))
            path.unlink()
    return "\n\n".join(found)


# What is found.


def _recall(folder: Path, count: int) -> str:
    """Ask each question of each index; recall and precision are means over the questions."""
    texts = list(typed.texts(count))
    articles = [
        Article(publisher="irna", article_id=str(n), url="https://x.ir/", headline="-", body=text, fetched_at=_AT,
                content_hash=str(n))
        for n, (_, text) in enumerate(texts)
    ]  # fmt: skip
    with Archive(folder / "typed.db", readonly=False) as archive:
        _save(archive, articles)
        archive.prepare_search()
        finders: dict[str, Callable[[Asked], set[int]]] = {
            "LIKE": lambda asked: {
                n for n, (_, text) in enumerate(texts) if asked.is_in(text, lambda t, one: one in t)
            },
            **{name: _index_of(texts, *how) for name, how in _INDEXES.items()},
            "farscrawler search": lambda asked: {int(key) for _, key in archive.matching(asked.words())},
        }
        asked = [(one, {n for n, (meant, _) in enumerate(texts) if one.is_in(meant, typed.truth, typed=False)})
                 for one in typed.ASKED]  # fmt: skip
        rows = []
        for name, find in finders.items():
            results = [(truth, find(one)) for one, truth in asked if truth]
            recall = [len(truth & found) / len(truth) for truth, found in results]
            precision = [len(truth & found) / len(found) for truth, found in results if found]
            rows.append(
                [name, f"{mean(recall):.1%}", f"{mean(precision):.1%}", f"{min(recall):.0%}", f"{min(precision):.0%}"]
            )
    head = [f"{len(results)} questions of {count:,} texts", "recall", "precision", "lowest recall", "lowest precision"]
    return table(head, rows)


#: The tokenizer of an index, and whether texts and questions are folded.
_INDEXES = {
    "FTS5 unicode61": ("unicode61", False),
    "FTS5 trigram": ("trigram", False),
    "FTS5 unicode61, both folded": ("unicode61", True),
}


def _index_of(texts: Sequence[tuple[str, str]], tokenizer: str, folds: bool) -> Callable[[Asked], set[int]]:
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE VIRTUAL TABLE found USING fts5(text, tokenize='{tokenizer}')")
    form: Callable[[str], str] = fold if folds else str
    db.executemany("INSERT INTO found (rowid, text) VALUES (?, ?)", ((n, form(t)) for n, (_, t) in enumerate(texts)))

    def find(asked: Asked) -> set[int]:
        words = f" {asked.operator} ".join(f'"{form(one)}"' for one in asked.typed)
        return {row[0] for row in db.execute("SELECT rowid FROM found WHERE found MATCH ?", (words,))}

    return find


# What it costs.


def _save(archive: Archive, articles: Iterable[Article]) -> None:
    for one in articles:
        visit = Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=_AT)
        archive.save(visit, one)
    archive.flush()


def _saving(folder: Path, count: int, rounds: int) -> str:
    """Save articles as a crawl does, without an index and with one, the newest last, first, and revised."""
    articles = list(synthetic.articles(count))
    revised = [replace(one, body=f"{one.body}\nپایان", content_hash=f"r{one.content_hash}") for one in articles]
    random.Random(1).shuffle(revised)
    times: dict[str, list[float]] = {}
    for each in range(rounds):
        for indexed in (False, True):
            for name, saved in (("newest last", articles), ("newest first", articles[::-1]), ("revised", revised)):
                path = folder / f"saving{each}{indexed}{name}.db"
                with Archive(path, readonly=False) as archive:
                    if name == "revised":
                        _save(archive, articles)
                    if indexed:
                        archive.prepare_search()
                    begun = time.thread_time()
                    _save(archive, saved)
                    label = f"{name}, {'with' if indexed else 'without'} an index"
                    times.setdefault(label, []).append((time.thread_time() - begun) / count)
                path.unlink()
    rows = [
        [name, Spread.of(1e3 * one for one in series), Spread.of(1 / one for one in series),
         ratio(series, times[name.replace("with an", "without an")])]
        for name, series in times.items()
    ]  # fmt: skip
    return table(["articles of 2 KB, saved", "CPU ms an article", "articles/s", "÷ without"], rows)


def _scale(path: Path) -> str:
    """Make the index of an archive, and ask for common and rare words; give what it took."""
    size = path.stat().st_size
    with Archive(path, readonly=False) as archive:
        count: int = archive.db.execute("SELECT count(*) FROM articles").fetchone()[0]
        begun, cpu = time.perf_counter(), time.thread_time()
        archive.prepare_search()
        seconds, cpu = time.perf_counter() - begun, time.thread_time() - cpu
    grown = path.stat().st_size - size
    cost = f"{seconds:,.0f} s ({cpu:,.0f} s of CPU), {number(1e3 * seconds / count)} ms an article"
    room = f"{grown / 1e6:,.0f} MB ({grown / size:.0%} of the archive)"
    lines = [f"{count:,} articles, {size / 1e6:,.0f} MB. Index: {cost}, {room}."]
    vocabulary = synthetic.vocabulary()
    words = [vocabulary[rank] for rank in _RANKS]
    questions = {
        "one word": words,
        "two words": [f"{one} {other}" for one, other in zip(words, words[2:], strict=False)],
        "a phrase": [f'"{one} {other}"' for one, other in pairwise(words[:5])],
        "a beginning": [f"{one[:3]}*" for one in words],
        "OR and NOT": [f"({one} OR {other}) NOT {words[3]}" for one, other in zip(words, words[4:], strict=False)],
    }
    with Archive(path) as archive, closing(archive):
        rows = []
        for kind, asked in questions.items():
            plain = _latencies(archive, asked)
            narrow = _latencies(archive, asked, publishers=["yjc"], since="1395-01", until="1395-01")
            ranked = _latencies(archive, asked, order="rank")
            rows.append([kind, *map(_p50_p95, (plain, narrow, ranked))])
        begun = time.perf_counter()
        keys = sum(1 for _ in archive.matching(words[1]))
        lines.append(f"All {keys:,} keys of a common word: {time.perf_counter() - begun:.1f} s.")
    head = ["first 20, ms: p50 / p95 / most", "newest", "newest of a publisher's month", "by rank"]
    return f"{' '.join(lines)}\n\n{table(head, rows)}"


def _latencies(archive: Archive, questions: Sequence[str], **more: object) -> list[float]:
    found = []
    for _ in range(_TIMES):
        for words in questions:
            begun = time.perf_counter()
            archive.search(words, **more)  # type: ignore[arg-type]  # options of one question
            found.append(1e3 * (time.perf_counter() - begun))
    return found


def _p50_p95(series: Sequence[float]) -> str:
    cuts = quantiles(series, n=20, method="inclusive")
    return f"{number(cuts[9])} / {number(cuts[18])} / {number(max(series))}"
