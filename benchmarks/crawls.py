"""Whole crawls of the replica: ours against a spider that does nothing, on Scrapy's defaults and on our settings."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import processes
from benchmarks.figures import Spread, number, ratio, table
from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.testing.newsroom import Newsroom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.processes import Cost

#: The same for every contestant: no waiting, robots.txt obeyed, as many at a time as Scrapy's default, one log level.
#: The two consoles are doors into the process that cost nothing a page; a benchmark need not open them.
COMMON: dict[str, object] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "ROBOTSTXT_OBEY": True,
    "LOG_LEVEL": "INFO",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
}
OURS, EXPORTING, DEFAULTS, SETTINGS = (
    "a) farscrawler",
    "a′) farscrawler, `-o out.jsonl`",
    "b) empty spider, Scrapy's defaults",
    "c) empty spider, our settings",
)
_SITE = "farsonline"
#: The stanza of one of many replicas of the first site, of the family incsys.
PRINT_SITE = """\
[{key}]
name = "{key}"
hosts = ["www.{key}.example", "www.fars-online.ir"]
default_form = "print"
[{key}.forms.article]
url = "/Fa/News/{{id}}/"
[{key}.forms.print]
url = "/Incsys/PrtNews.aspx?l=Fa&code={{id}}&k=0"
paths = ['/incsys/prtnews\\.aspx']
query = "code"
"""


@dataclass(frozen=True, slots=True)
class Course:
    """What every contestant crawls: these articles of the replica at this address, in one form."""

    base_url: str
    form: str
    ids: tuple[int, ...]

    def urls(self) -> list[str]:
        """Return the addresses."""
        publisher = publishers.load(_SITE)
        return [publisher.url_for(str(i), self.form).replace(publisher.base_url, self.base_url) for i in self.ids]


def measure(
    articles: int, rounds: int, *, forms: Sequence[str] = ("print", "article"), extra: Sequence[str] = ()
) -> str:
    """Crawl so many print pages, and a quarter as many article pages, in interleaved rounds; give the tables.

    ``extra`` are settings ``NAME=VALUE``, several parted by spaces, to try: each makes one more contestant.
    """
    parts = []
    for form in forms:
        wanted = articles if form == "print" else max(1, articles // 4)
        with tempfile.TemporaryDirectory(prefix="farscrawler-bench-") as folder:
            newsroom = replica_of(wanted)
            with processes.replica(Path(folder), newsroom.count) as base_url:
                course = Course(base_url, form, tuple(newsroom.ids()[:wanted]))
                processes.fetch_all(course.urls())
                alone, size = processes.fetch_all(course.urls())
                costs = _rounds(course, rounds, Path(folder), extra)
        parts.append(
            f"### {wanted:,} {form} pages of {size / 1000:.1f} KB, {rounds} rounds\n\n{_table(costs)}\n\n"
            f"(The replica hands out {alone:,.0f} of these a second to one plain connection.)"
        )
    return "\n\n".join(parts)


def replica_of(articles: int) -> Newsroom:
    """Make a newsroom with at least so many articles among its ids."""
    newsroom = Newsroom(count=articles)
    while len(newsroom.ids()) < articles:
        newsroom = Newsroom(count=newsroom.count + max(10, articles // 10))
    return newsroom


def _rounds(course: Course, rounds: int, folder: Path, extra: Sequence[str]) -> dict[str, list[Cost]]:
    contestants: dict[str, Callable[[Path], Cost]] = {
        OURS: partial(ours, course),
        EXPORTING: partial(ours, course, more=("-o", "out.jsonl")),
        DEFAULTS: partial(empty, course, environment={}),
        SETTINGS: partial(empty, course, environment={"SCRAPY_SETTINGS_MODULE": "benchmarks.our_settings"}),
    }
    for setting in extra:
        words = [word for one in setting.split() for word in ("-s", one)]
        contestants[f"a with `{setting}`"] = partial(ours, course, more=words)
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for turn in range(rounds):
        for place, (name, run) in enumerate(contestants.items()):
            at = folder / f"{turn}-{place}"
            at.mkdir()
            costs[name].append(run(at))
    return costs


def settings(values: Mapping[str, object]) -> list[str]:
    """Return settings as words of a command line."""
    return [word for name, value in values.items() for word in ("-s", f"{name}={value}")]


def ours(course: Course, folder: Path, *, more: Sequence[str] = ()) -> Cost:
    """Crawl with farscrawler into a fresh archive. Raises RuntimeError unless it then holds every article."""
    asked = folder / "ids.txt"
    asked.write_text("\n".join(map(str, course.ids)), encoding="ascii")
    words = ["farscrawler", "crawl", _SITE, "-a", f"base_url={course.base_url}", "-a", f"form={course.form}"]
    cost = processes.crawl([*words, "-a", f"ids=@{asked}", *settings(COMMON), *more], folder)
    with Archive(folder / "archive.db", readonly=True) as archive:
        stored = sum(1 for _ in archive.articles(_SITE))
    checked(course, cost.pages, stored)
    exported = folder / "out.jsonl"
    if exported.exists():
        checked(course, cost.pages, len(exported.read_bytes().splitlines()))
    return cost


def empty(course: Course, folder: Path, *, environment: Mapping[str, str]) -> Cost:
    """Crawl with the spider that does nothing. Raises RuntimeError unless it fetched every page."""
    asked = folder / "urls.txt"
    asked.write_text("\n".join(course.urls()), encoding="ascii")
    words = ["scrapy", "runspider", str(Path(__file__).with_name("empty_spider.py")), "-a", f"urls={asked}"]
    cost = processes.crawl([*words, *settings(COMMON)], folder, environment=environment)
    checked(course, cost.pages, len(course.ids))
    return cost


def checked(course: Course, fetched: int, kept: int) -> None:
    """Raise RuntimeError unless every page of a course was fetched and kept."""
    if not fetched == kept == len(course.ids):
        raise RuntimeError(
            f"{fetched} pages fetched and {kept} kept of {len(course.ids)}: the crawl did not do its work"
        )


def _table(costs: Mapping[str, Sequence[Cost]]) -> str:
    speed = {name: [cost.pages / cost.crawl_wall for cost in runs] for name, runs in costs.items()}
    thrift = {name: [cost.pages / cost.crawl_cpu for cost in runs] for name, runs in costs.items()}
    rows = [
        [
            name,
            Spread.of(speed[name]),
            ratio(speed[name], speed[DEFAULTS]),
            ratio(speed[name], speed[SETTINGS]),
            Spread.of(1000 / one for one in thrift[name]),
            ratio(thrift[name], thrift[DEFAULTS]),
            ratio(thrift[name], thrift[SETTINGS]),
            *(number(max(thrift[name]) / max(thrift[other])) for other in (DEFAULTS, SETTINGS)),
        ]
        for name in costs
    ]
    head = ["crawl alone", "pages/s", "÷ b", "÷ c", "ms CPU a page", "pages a CPU second ÷ b", "÷ c"]
    return f"{table([*head, 'best rounds ÷ b', 'best rounds ÷ c'], rows)}\n\n{_whole(costs)}"


def _whole(costs: Mapping[str, Sequence[Cost]]) -> str:
    """Return the table of the whole processes, the start of the interpreter and all imports counted."""
    wall = {name: [cost.pages / cost.whole_wall for cost in runs] for name, runs in costs.items()}
    cpu = {name: [cost.pages / cost.whole_cpu for cost in runs] for name, runs in costs.items()}
    rows = [
        [name, Spread.of(wall[name]), ratio(wall[name], wall[DEFAULTS]), ratio(cpu[name], cpu[DEFAULTS])]
        for name in costs
    ]
    return table(["whole process", "pages/s", "÷ b", "pages a CPU second ÷ b"], rows)
