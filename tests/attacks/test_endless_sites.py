"""Sites that never end, and patterns of a user's own that never do on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import FAST, crawl_words
from tests.support.attacks import Attack, Cost, meet
from tests.support.pageserver import Answer, PageServer
from tests.support.print_site import Site, stored, visits

if TYPE_CHECKING:
    from pathlib import Path

#: It lists the ids up to 1,000, and has an article at each above them, for as long as anyone may ask.
ENDLESS = range(951, 100_000)
ALL_OF_TEN = crawl_words("{url}", settings={"PROBE_MOST": 30, "PROBE_MISSES": 5, "FIRST_IDS": 10})


def to_the_bound(folder: Path, _: Cost) -> None:
    assert stored(folder) == set(range(991, 1031))


#: Two paragraphs, the first of which a pattern of the stanza goes back over for a billion years.
BACKTRACKED = (
    '<html><head><meta property="article:published_time" content="2022-05-18T10:00:00+04:30"></head><body><h1>پل تازه'
    "</h1><div id=text><p>{}</p><p>متن خبر درباره پل تازه شهر است و این بند دوم آن.</p></div></body></html>"
)
STANZA = """
[mine]
name = "سایت من"
hosts = ["www.mine.example"]
scheme = "http"
family = "custom"
[mine.forms.article]
url = "/news/{id}"
paths = ["/news/([0-9]+)"]
[mine.selectors]
headline = ["h1"]
body = ["#text"]
published = ["meta[property='article:published_time']"]
[mine.rules]
junk = ['(a|a)*b']
"""


def costs_itself_alone(folder: Path, _: Cost) -> None:
    assert visits(folder) == {
        1: ("article", ""),
        2: ("not-article", "took too long to read"),
        3: ("article", ""),
    }


ATTACKS = {
    "every id has an article": Attack(
        words=tuple(ALL_OF_TEN),
        site=lambda: Site(ENDLESS, range(951, 1001)),
        code=3,
        says=("the ids above 1,000 do not end: 30 of them were asked (PROBE_MOST); another run goes on from there",),
        see=to_the_bound,
    ),
    "every id has an article of the range": Attack(
        words=(*ALL_OF_TEN, "-a", "since=1401-02-28", "-a", "until=1401-02-28", "-a", "via=ids"),
        site=lambda: Site(ENDLESS, range(951, 1001)),
        code=3,
        says=("the ids above 1,000 do not end: 30 of them were asked (PROBE_MOST)",),
    ),
    "a pattern of the user's own goes back over a page": Attack(
        words=(
            *("crawl", "mine", "-a", "ids=1-3", "-a", "base_url={url}", "-s", "PUBLISHERS=mine"),
            *(word for name, value in FAST.items() for word in ("-s", f"{name}={value}")),
        ),
        files={"mine/mine.toml": STANZA},
        site=lambda: PageServer(
            {
                f"/news/{number}": Answer(BACKTRACKED.format("aa " if number != 2 else "a" * 60))
                for number in range(1, 4)
            }
        ),
        first="import farscrawler.extract.reader as reader; reader.MAX_CPU_SECONDS = 0.3",
        says=("2 new articles",),
        see=costs_itself_alone,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_met(name: str, tmp_path: Path) -> None:
    meet(ATTACKS[name], tmp_path)


def test_the_next_run_goes_on_above_the_bound(tmp_path: Path) -> None:
    with Site(ENDLESS, range(951, 1001)) as site:
        words = [word.replace("{url}", site.url) for word in ALL_OF_TEN]
        for highest in (1030, 1060):
            meet(Attack(words=tuple(words), code=3), tmp_path)
            assert stored(tmp_path) == set(range(991, highest + 1))
