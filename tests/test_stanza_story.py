"""A stanza with a wrong selector, its sixty pages, and what mending it costs: one command, and no page asked twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from farscrawler import settings
from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from tests.support import FAST, run
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

PAGES = 60
FIRST = 500
#: The date is where the stanza alone can find it: in an attribute of no known name.
RIGHT = "i.clock::attr(data-said)"
STANZA = """\
[quay]
family = "custom"
name = "اسکله"
hosts = ["www.quay.example"]
lists = ["/"]

[quay.forms.article]
url = "/news/{id}"
paths = ["/news/([0-9]+)"]

[quay.selectors]
headline = ["h1.title"]
body = ["div.text"]
published = ["SELECTOR"]
"""


def _page(number: int) -> str:
    text = f"قایق شماره {number} پس از سه شب طوفان به بندر رسید و بار نمک خود را به انبار شمالی سپرد."
    said = f"{number % 28 + 1} مهر 1403 - 08:{number % 60:02}"
    return (
        f'<html><body><article><h1 class="title">قایق شماره {number} رسید</h1><i class="clock" data-said="{said}"></i>'
        f'<div class="text"><p>{text}</p><p>{text}</p></div></article></body></html>'
    )


class Quay(PageServer):
    """A site of sixty articles."""

    def __init__(self) -> None:
        numbers = range(FIRST, FIRST + PAGES)
        super().__init__({f"/news/{number}": Answer(_page(number)) for number in numbers})
        links = "".join(f'<li><a href="/news/{number}">قایق</a></li>' for number in numbers)
        self.answers["/"] = Answer(f"<html><body><ul>{links}</ul></body></html>")

    def pages_asked(self) -> Counter[int]:
        """Count how often each of the sixty pages was asked since the last call."""
        found = Counter(int(match[1]) for path in self.asked if (match := re.fullmatch(r"/news/(\d+)", path)))
        self.asked.clear()
        return Counter({number: count for number, count in found.items() if FIRST <= number < FIRST + PAGES})


def _write(folder: Path, selector: str) -> None:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "quay.toml").write_text(STANZA.replace("SELECTOR", selector), encoding="utf-8")


def _crawl(server: PageServer, folder: Path, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    given = {**FAST, "PUBLISHERS": "own", "EDGE_IDS": 0, "PROBE_MISSES": 0, "FIRST_IDS": PAGES, "REFRESH_HOURS": 0}
    options = [word for name, value in {**given, **more}.items() for word in ("-s", f"{name}={value}")]
    return run("crawl", "quay", "-a", f"base_url={server.url}", "--summary", "json", *words, *options, cwd=folder)


def _summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _articles(folder: Path) -> int:
    with Archive(folder / "archive.db") as archive:
        assert check(archive) == []
        return sum(1 for one in archive.articles("quay") if (one.published_jalali or "").startswith("SH 1403/07"))


def test_a_mended_stanza_reads_the_kept_pages_and_no_page_is_asked_twice(tmp_path: Path) -> None:
    """The whole story: a wrong selector, the early stop and its sentence, the mended stanza, sixty articles."""
    latest = ("-a", f"latest={PAGES}")
    _write(tmp_path, "b.clock")
    with Quay() as server:
        first = _crawl(server, tmp_path, *latest)
        asked = server.pages_asked()
        assert first.returncode == 3
        assert "no timestamp" in first.stderr
        assert "b.clock" in first.stderr.splitlines()[-1]
        assert len(set(re.findall(r"/news/\d+", first.stderr.splitlines()[-1]))) == 3
        assert (_summary(first)["new"], _summary(first)["counts"]["not-article"]) == (0, len(asked))
        assert set(asked.values()) == {1}
        # Those that end the run, and what was in flight then: twice what is downloaded at a time.
        assert len(asked) <= settings.STOP_AFTER_NOT_ARTICLE + 2 * FAST["CONCURRENT_REQUESTS_PER_DOMAIN"] < PAGES

        _write(tmp_path, RIGHT)
        done = run("reparse", "quay", "--json", "-s", "PUBLISHERS=own", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["readable"] == len(asked) == _articles(tmp_path)
        assert server.pages_asked() == {}

        # what the early stop has left is asked for now, and nothing else
        second = _crawl(server, tmp_path, *latest)
        assert second.returncode == 0, second.stderr
        asked += server.pages_asked()
        assert _articles(tmp_path) == PAGES
        assert asked == dict.fromkeys(range(FIRST, FIRST + PAGES), 1)
        assert _summary(second)["asked_again"] == 0


def test_without_reparse_the_crawl_asks_again_and_says_what_would_not(tmp_path: Path) -> None:
    _write(tmp_path, "b.clock")
    with Quay() as server:
        _crawl(server, tmp_path)
        asked = server.pages_asked()
        _write(tmp_path, RIGHT)
        second = _crawl(server, tmp_path)
        assert second.returncode == 0, second.stderr
        assert f"The pages of {len(asked)} addresses that were no articles by other rules are kept" in second.stderr
        assert "`farscrawler reparse quay`" in second.stderr
        twice = [number for number, count in (asked + server.pages_asked()).items() if count == 2]
        assert (len(twice), _summary(second)["asked_again"]) == (len(asked), len(asked))
        third = _crawl(server, tmp_path)
        assert "by other rules" not in third.stderr
    assert _articles(tmp_path) == PAGES
