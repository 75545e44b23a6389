"""This tree against version 0.2.0 and against a plain Scrapy spider: CPU of a crawl and of reading, in one run.

All fetch the same pages of one replica, in turns. These are the pages whose markup the plain spider knows.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING

from benchmarks import processes
from benchmarks.crawls import COMMON, Course, checked, ours, replica_of, settings
from benchmarks.figures import Spread, number, ratio, table
from farscrawler.testing.newsroom.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.processes import Cost
    from farscrawler.testing.newsroom import Newsroom

NOW, OLD, PLAIN = "farscrawler", "farscrawler 0.2.0", "a plain spider"
_HERE = Path(__file__).parent
_READ = 40  # pages that each reader reads, several times over
_REPEATS = 5
#: Of a user's own project: what the tutorial adds to Scrapy's defaults.
_PROJECT: dict[str, object] = {
    "FEEDS": json.dumps({"articles.jsonl": {"format": "jsonlines", "encoding": "utf-8"}}),
    "ITEM_PIPELINES": json.dumps({"plain_spider.SqlitePipeline": 300}),
}
_NOTE = (
    "Version 0.2.0 is left out: `--old PYTHON` names the interpreter of an environment with it (`pip install` of the "
    "commit that says so in CHANGELOG.md)."
)


def measure(articles: int, rounds: int, old: str | None, *, forms: Sequence[str] = ("print", "article")) -> str:
    """Crawl and read so many print pages, and a quarter as many article pages; give a table of each.

    ``old`` is the interpreter of an environment with version 0.2.0; None leaves it out.
    """
    parts = []
    for form in forms:
        wanted = articles if form == "print" else max(1, articles // 4)
        newsroom, ids = _known_to_all(wanted, form)
        with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as name:
            folder = Path(name)
            size = _write_pages(newsroom, form, ids[:_READ], folder)
            with processes.replica(folder, newsroom.count) as base_url:
                course = Course(base_url, form, ids)
                processes.fetch_all(course.urls())
                crawled, read = _rounds(course, rounds, folder, old)
        parts.append(f"### {wanted:,} {form} pages of {size / 1000:.1f} KB, {rounds} rounds\n\n{_table(crawled, read)}")
    return "\n\n".join(parts if old else [*parts, _NOTE])


def _known_to_all(wanted: int, form: str) -> tuple[Newsroom, tuple[int, ...]]:
    """Return a newsroom, and so many ids of it with the one markup of a form that the plain spider knows."""
    newsroom = replica_of(8 * wanted)
    found: list[int] = []
    for article_id in newsroom.ids():
        story = newsroom.story(article_id)
        if story is not None and (story.print_markup == "divs" if form == "print" else story.skin == "A"):
            found.append(article_id)
        if len(found) == wanted:
            return newsroom, tuple(found)
    raise RuntimeError(f"only {len(found)} of {wanted} {form} pages were found")


def _write_pages(newsroom: Newsroom, form: str, ids: Sequence[int], folder: Path) -> float:
    """Write pages for the readers; return their mean size in bytes."""
    site = Site(newsroom)
    for key, target in zip(ids, Course("", form, tuple(ids)).urls(), strict=True):
        (folder / f"{key}.html").write_bytes(site.respond(target, {}).body)
    (folder / "pages.json").write_text(json.dumps({"form": form, "ids": list(map(str, ids))}), encoding="ascii")
    return sum((folder / f"{key}.html").stat().st_size for key in ids) / len(ids)


def _rounds(
    course: Course, rounds: int, folder: Path, old: str | None
) -> tuple[dict[str, list[Cost]], dict[str, list[float]]]:
    """Return the costs of the crawls and the milliseconds of reading a page, a figure a round, by contestant."""
    crawls: dict[str, Callable[[Path], Cost]] = {NOW: partial(ours, course, more=("-o", "articles.jsonl"))}
    readers = {NOW: (sys.executable, "now", processes.ROOT), PLAIN: (sys.executable, "plain", _HERE)}
    if old is not None:
        crawls[OLD] = partial(_of_0_2_0, course, old)
        readers[OLD] = (old, "0.2.0", folder)
    crawls[PLAIN] = partial(_plain, course)
    crawled: dict[str, list[Cost]] = {name: [] for name in crawls}
    read: dict[str, list[float]] = {name: [] for name in crawls}
    for turn in range(rounds):
        for place, (name, run) in enumerate(crawls.items()):
            at = folder / f"{turn}-{place}"
            at.mkdir()
            crawled[name].append(run(at))
            read[name].append(_read(*readers[name], folder))
    return crawled, read


def _of_0_2_0(course: Course, python: str, folder: Path) -> Cost:
    """Crawl with version 0.2.0. Raise RuntimeError unless it then holds every article."""
    copy(_HERE / "stopwatch.py", folder)
    (folder / "ids.txt").write_text("\n".join(map(str, course.ids)), encoding="ascii")
    words = ["farscrawler", "crawl", "farsonline", "-a", f"base_url={course.base_url}", "-a", f"form={course.form}"]
    words += ["-a", "ids=@ids.txt", *settings(COMMON), "-o", "articles.jsonl"]
    cost = processes.crawl(words, folder, python=python, path=folder, stopwatch="stopwatch.Stopwatch")
    checked(course, cost.pages, _lines(folder / "articles.jsonl"))
    return cost


def _plain(course: Course, folder: Path) -> Cost:
    """Crawl with the plain spider. Raise RuntimeError unless it has read headline, body and time of every article."""
    (folder / "urls.txt").write_text("\n".join(course.urls()), encoding="ascii")
    words = ["scrapy", "runspider", str(_HERE / "plain_spider.py"), "-a", "urls=urls.txt"]
    cost = processes.crawl([*words, *settings({**COMMON, **_PROJECT})], folder, path=f"{processes.ROOT}:{_HERE}")
    with sqlite3.connect(folder / "articles.db") as db:
        whole = "SELECT count(*) FROM articles WHERE headline > '' AND body > '' AND published > ''"
        stored = db.execute(whole).fetchone()[0]
    checked(course, cost.pages, stored)
    checked(course, cost.pages, _lines(folder / "articles.jsonl"))
    return cost


def _lines(file: Path) -> int:
    return len(file.read_bytes().splitlines())


def _read(python: str, reader: str, path: Path, folder: Path) -> float:
    """Return the milliseconds of CPU that a reader takes for a page, in an interpreter of its own."""
    command = [python, str(_HERE / "reading.py"), reader, str(folder), str(_REPEATS)]
    environment = {**processes.environment_with(), "PYTHONPATH": str(path)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def _table(crawled: Mapping[str, Sequence[Cost]], read: Mapping[str, Sequence[float]]) -> str:
    cpu = {name: [cost.crawl_cpu * 1000 / cost.pages for cost in costs] for name, costs in crawled.items()}
    rows = [
        [
            name,
            Spread.of(cpu[name]),
            ratio(cpu[name], cpu[NOW]),
            number(min(cpu[name]) / min(cpu[NOW])),
            Spread.of(read[name]),
            ratio(read[name], read[NOW]),
        ]
        for name in crawled
    ]
    head = ["contestant", "ms CPU a page crawled", "÷ farscrawler", "best rounds ÷", "ms CPU a page read"]
    return table([*head, "÷ farscrawler"], rows)
