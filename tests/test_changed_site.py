"""A site that changed says so: refused pages and strange links end a run early, with the reason and what to mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import publishers
from farscrawler.outcomes.judge import Verdict
from farscrawler.outcomes.refusals import Refusals, missed_selectors
from farscrawler.outcomes.stop_rules import EndReason
from farscrawler.publishers.loader import read_text
from tests.support import FAST, run
from tests.support.pageserver import Answer, PageServer
from tests.support.print_site import sentence

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable
    from pathlib import Path

STANZA = """\
[orchard]
family = "custom"
name = "باغستان"
hosts = ["www.orchard.example"]
lists = ["/"]

[orchard.forms.article]
url = "/news/{id}"
paths = ['/news/([0-9]+)']

[orchard.selectors]
headline = ["h1.title"]
published = ["span.date"]
body = ["div.text"]
"""
MENDED = STANZA.replace("span.date", "div.when::attr(data-when)")
ARTICLE = Verdict("article", "")
NO_TIME = Verdict("not-article", "no timestamp")
GONE = Verdict("missing", "HTTP 404")
EMPTY = Verdict("missing", "empty template")


def _page(number: int) -> Answer:
    text = f"باغبان ردیف {number} گفت که درختان سیب امسال زودتر از هر سال شکوفه داده‌اند و آب کافی است."
    return Answer(
        f'<html><body><article><h1 class="title">شکوفه در ردیف {number}</h1>'
        f'<div class="when" data-when="چهارشنبه 28 ارديبهشت 1401 - 14:{number % 60:02}"></div>'
        f'<div class="text"><p>{text}</p><p>{text}</p></div></article></body></html>'
    )


def _home(links: Iterable[str]) -> Answer:
    items = "".join(f'<li><a href="{link}">باغبان از شکوفه‌های تازه خبر داد</a></li>' for link in links)
    return Answer(f'<html><body><a href="/about">درباره ما</a><ul>{items}</ul></body></html>')


class Orchard(PageServer):
    """A site whose pages have their time where the first stanza does not look, nor any general rule."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers = list(numbers)
        super().__init__({f"/news/{number}": _page(number) for number in self.numbers})
        self.answers["/"] = _home(f"/news/{number}" for number in reversed(self.numbers))

    def pages_asked(self) -> int:
        asked = sum(path.startswith("/news/") for path in self.asked)
        self.asked.clear()
        return asked


def _crawl(
    server: PageServer, folder: Path, *words: str, stanza: str = STANZA, **settings: Any
) -> subprocess.CompletedProcess[str]:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "orchard.toml").write_text(stanza, encoding="utf-8")
    given = {**FAST, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "PUBLISHERS": "own", "PROBE_MISSES": 2, **settings}
    options = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
    return run("crawl", "orchard", "-a", f"base_url={server.url}", *words, *options, cwd=folder)


@pytest.mark.parametrize(
    ("words", "limit", "new"),
    [
        (["-a", "latest=1"], 20, 1),  # named by the home page
        ([], 20, 60),
        (["-a", "ids=501-560"], 40, 60),  # named by nobody: gaps among ids are normal
    ],
)
def test_a_wrong_selector_ends_the_run_early_and_the_mended_stanza_finds_all(
    words: list[str], limit: int, new: int, tmp_path: Path
) -> None:
    with Orchard(range(501, 561)) as site:
        done = _crawl(site, tmp_path, *words)
        assert done.returncode == 3, done.stderr
        said = sentence(done)
        assert f"{limit} of {limit} " in said
        assert "hold no article: no timestamp" in said
        assert 'published = ["span.date"]' in said
        assert said.count("://www.orchard.example/news/") == 3
        assert limit <= site.pages_asked() <= limit + 2 + 2  # one in flight, one waiting, two above the newest
        done = _crawl(site, tmp_path, *words, stanza=MENDED)
        assert done.returncode == 0, done.stderr
        assert f" {new} new article" in done.stderr
        asked_again = re.search(r"(\d+) asked again", done.stderr)
        assert asked_again is not None, done.stderr
        assert min(limit, new) <= int(asked_again[1]) <= limit + 2


def test_a_run_too_short_for_the_limit_says_it_at_its_end(tmp_path: Path) -> None:
    with Orchard(range(501, 507)) as site:
        done = _crawl(site, tmp_path)
        assert done.returncode == 3, done.stderr
        assert "6 of 6 listed addresses hold no article: no timestamp (6)" in sentence(done)


def test_home_pages_whose_links_are_no_articles_any_more_show_three_of_them(tmp_path: Path) -> None:
    with Orchard(range(501, 521)) as site:
        home = site.answers["/"]
        site.answers["/"] = _home(f"/world/1405/{number}" for number in range(30))
        done = _crawl(site, tmp_path, "-a", "latest=3", stanza=MENDED)
        assert done.returncode == 3, done.stderr
        assert "paths" in sentence(done)
        assert "cannot be reached" not in sentence(done)
        assert sentence(done).count("/world/1405/") == 3
        assert "/about" not in sentence(done)
        site.answers["/"], strange = home, site.answers["/"]
        assert _crawl(site, tmp_path, "-a", "ids=520", stanza=MENDED).returncode == 0
        site.answers["/"] = strange  # and where the archive knows the newest id
        done = _crawl(site, tmp_path, stanza=MENDED)
        assert done.returncode == 3, done.stderr
        assert sentence(done).count("/world/1405/") == 3


LISTED = MENDED.replace('url = "/news/{id}"\n', "") + "\n[orchard.doors]\n"


@pytest.mark.parametrize(
    ("sources", "path", "body", "words"),
    [
        ('feeds = ["/rss"]\nids = false', "/rss", "<rss><channel>{}</channel></rss>", []),
        ('feeds = ["/rss"]\nids = false', "/rss", "<rss><channel>{}</channel></rss>", ["-a", "latest=5"]),
        ('sitemaps = ["/map.xml"]\nids = false', "/map.xml", "<urlset>{}</urlset>", ["-a", "since=1401"]),
    ],
)
def test_feeds_and_sitemaps_whose_links_are_no_articles_show_three_of_them(
    sources: str, path: str, body: str, words: list[str], tmp_path: Path
) -> None:
    links = [f"https://www.orchard.example/world/{number}" for number in range(9)]
    entries = "".join(f"<item><link>{link}</link></item><url><loc>{link}</loc></url>" for link in links)
    with Orchard(range(501, 521)) as site:
        site.answers["/"] = _home([])
        site.answers[path] = Answer(body.format(entries), headers={"Content-Type": "text/xml", "ETag": '"one"'})
        for _ in range(2):  # a list that has not changed since says it again
            done = _crawl(site, tmp_path, *words, stanza=LISTED + sources)
            assert done.returncode == 3, done.stderr
            assert "(paths)" in sentence(done)
            assert sentence(done).count("/world/") == 3


def test_ids_searched_for_days_that_no_list_leads_to_are_not_named_by_a_list(tmp_path: Path) -> None:
    with Orchard(range(301, 561)) as site:
        site.answers["/"] = _home(["/news/560"])  # the sitemap is not there
        words = ["-a", "since=1401-02-20", "-a", "until=1401-02-30"]
        done = _crawl(site, tmp_path, *words, stanza=STANZA + '\n[orchard.doors]\nsitemaps = ["/map.xml"]\n')
        assert done.returncode == 3, done.stderr
        assert re.search(r": (\d+) of \1 pages hold no article: no timestamp", sentence(done)), done.stderr
        assert "Not all was found: " in sentence(done)


def test_a_run_whose_articles_other_rules_have_read_says_so(tmp_path: Path) -> None:
    with Orchard(range(501, 509)) as site:
        for number in site.numbers:
            page = str(site.answers[f"/news/{number}"].body)
            said = (
                '<meta property="og:type" content="article">'
                f'<meta property="og:title" content="شکوفه در ردیف {number}">'
                f'<meta property="article:published_time" content="2022-05-18T14:{number % 60}:00+04:30">'
            )
            site.answers[f"/news/{number}"] = Answer(page.replace("<html>", f"<html><head>{said}</head>"))
        lost = STANZA.replace('["h1.title"]', '["h2.lost"]').replace('["div.text"]', '["div.lost"]')
        done = _crawl(site, tmp_path, stanza=lost)
    assert done.returncode == 0, done.stderr
    assert "8 of 8 articles were read by other rules than those of orchard" in done.stderr
    assert 'headline = ["h2.lost"]' in done.stderr


# -- the rule by itself ------------------------------------------------------------------------------


def _rule(stanza: str = STANZA, *, named: int = 20, walked: int = 40) -> Refusals:
    return Refusals(read_text(stanza, "orchard.toml")[0], named=named, walked=walked)


def _first_end(rule: Refusals, verdicts: Iterable[Verdict], *, named: bool = True) -> int | None:
    ends = (rule.add(verdict, f"/{n}", named=named) for n, verdict in enumerate(verdicts, 1))
    return next((n for n, end in enumerate(ends, 1) if end is not None), None)


def test_few_bad_pages_among_many_good_ones_never_stop_a_run() -> None:
    assert _first_end(_rule(), [ARTICLE, ARTICLE, NO_TIME] * 2000) is None
    assert _first_end(_rule(), [ARTICLE, *[NO_TIME] * 19] + [ARTICLE] * 400 + [NO_TIME] * 99 + [ARTICLE]) is None


def test_a_site_that_changes_during_a_long_run_stops_it() -> None:
    assert _first_end(_rule(), [ARTICLE] * 5000 + [NO_TIME] * 200) == 5100


def test_what_is_missing_says_nothing_but_for_a_listed_address_with_an_empty_template() -> None:
    assert _first_end(_rule(), [GONE] * 500) is None
    assert _first_end(_rule(), [EMPTY] * 500, named=False) is None
    assert _first_end(_rule(), [EMPTY] * 500) == 20


def test_a_walk_over_ids_stops_only_where_nothing_at_all_is_an_article() -> None:
    assert _first_end(_rule(), [GONE, NO_TIME] * 100, named=False) == 80
    assert _first_end(_rule(), [ARTICLE] + [NO_TIME] * 500, named=False) is None
    short = _rule()
    assert _first_end(short, [NO_TIME] * 10, named=False) is None
    assert short.at_end() is not None
    assert _rule().at_end() is None


@pytest.mark.parametrize(("refused", "articles", "says"), [(4, 0, False), (5, 0, True), (5, 1, False)])
def test_short_runs_say_it_where_nothing_was_an_article(refused: int, articles: int, says: bool) -> None:
    rule = _rule()
    assert _first_end(rule, [NO_TIME] * refused + [ARTICLE] * articles) is None
    end = rule.at_end()
    assert (end is not None) == says
    assert end is None or end.reason is EndReason.NOT_ARTICLES


def test_the_selectors_that_found_nothing_are_named() -> None:
    own = read_text(STANZA, "orchard.toml")[0]
    assert missed_selectors(own, "no timestamp") == 'the stanza\'s published = ["span.date"] finds nothing there'
    assert missed_selectors(own, "binary") is None
    of_family = missed_selectors(publishers.load("irna"), "no timestamp")
    assert of_family is not None
    assert "of the family nastooh finds nothing there" in of_family


@pytest.mark.parametrize(
    "warning",
    [
        "family-changed: asam instead of custom",
        "stanza-passed-over: custom; no timestamp",
        "general-rules: no timestamp",
    ],
)
def test_articles_that_other_rules_have_read_are_said(warning: str) -> None:
    rule = _rule()
    for number in range(10):
        rule.add(ARTICLE, f"/{number}", named=True)
        if number < 6:
            rule.count_other_rules(["no-lead", warning])
    said = rule.warning()
    assert said is not None
    assert said.startswith(f"6 of 10 articles were read by other rules than those of orchard ({warning})")
    assert ("span.date" in said) == ("no timestamp" in warning)
    for number in range(10):
        rule.add(ARTICLE, f"/{number}", named=True)
    assert rule.warning() is None


def test_a_short_run_says_that_other_rules_have_read_all_of_it() -> None:
    rule = _rule()
    for number in range(2):
        rule.add(ARTICLE, f"/{number}", named=True)
        assert rule.warning() is None  # of one article nothing follows
        rule.count_other_rules(["general-rules: no timestamp"])
    said = rule.warning()
    assert said is not None
    assert said.startswith("2 of 2 articles were read by other rules than those of orchard")
