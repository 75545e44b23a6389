"""What an attack on whole crawls found, held by real crawls: wild lists, maintenance, refusals, failures, ends."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit import check
from farscrawler.archive.ledger import Ledger
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl
from tests.support.pageserver import Answer, PageServer, print_page

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable
    from pathlib import Path

NOTHING = Answer("<html><body><p>این بخش به زودی به راه می‌افتد.</p></body></html>")
WALL = Answer("<html><head><title>Just a moment...</title></head><body>cf-chl-1</body></html>")


class Site(PageServer):
    """A site that has ``articles``, a home page with ``listed`` ids, and ``instead`` for what shall go wrong."""

    def __init__(self, articles: Iterable[int], listed: Iterable[int] | None = None) -> None:
        super().__init__({})
        self.articles = set(articles)
        self.listed = sorted(self.articles if listed is None else set(listed), reverse=True)[:40]
        self.instead: Callable[[str], Answer | None] = lambda _: None

    def answer(self, key: str) -> Answer:
        answer = self.instead(key) or self.answers.get(key)
        if answer is not None:
            return answer
        if key == "/":
            links = "".join(f'<li><a href="/Fa/News/{number}/x">خبر {number}</a></li>' for number in self.listed)
            return Answer(f"<html><body><ul>{links}</ul></body></html>")
        if key.startswith("print:") and int(key[6:]) in self.articles:
            return Answer(print_page(int(key[6:])))
        return Answer(status=404)

    def ids_asked(self) -> list[int]:
        """Give the ids that print pages were asked for, and forget them."""
        found = [int(path.split("code=")[1].split("&")[0]) for path in self.asked if "code=" in path]
        self.asked.clear()
        return found


def everything(answer: Answer) -> Callable[[str], Answer | None]:
    """Answer every address but robots.txt with one page."""
    return lambda key: None if key == "/robots.txt" else answer


def visits(folder: Path) -> dict[int, tuple[str, str]]:
    """Give outcome and reason by id."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        rows = db.execute("SELECT key, outcome, reason FROM visits").fetchall()
    return {int(key): (outcome, reason or "") for key, outcome, reason in rows}


def stored(folder: Path) -> set[int]:
    return {number for number, (outcome, _) in visits(folder).items() if outcome == "article"}


def floor(folder: Path) -> int | None:
    with Archive(folder / "archive.db", readonly=True) as archive:
        return Ledger(archive, "farsonline").watermark()


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Give the one sentence with which a run that was not done ends; no traceback beside it."""
    assert "Traceback" not in done.stderr, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("farscrawler: ")]
    assert len(said) == 1, done.stderr
    return said[0]


def execute(folder: Path, *statements: str) -> None:
    """Change an archive by hand, made first where there is none."""
    Archive(folder / "archive.db", readonly=False).close()
    with closing(sqlite3.connect(folder / "archive.db")) as db, db:
        for statement in statements:
            db.execute(statement)


def test_a_wild_id_on_the_home_page_leads_nobody_away(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    with Site(range(951, 1001), [*range(961, 1001), 999_999_999, int("9" * 18), int("9" * 20)]) as site:
        assert "9" * 20 in str(site.answer("/").body)
        done = crawl(site.url, "-a", "latest=3", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert stored(tmp_path) == {998, 999, 1000}
        site.articles.add(1001)
        for folder in (fresh, tmp_path):  # the very first crawl, and one that knows some articles
            done = crawl(site.url, cwd=folder, FIRST_IDS=10, PROBE_MISSES=5)
            assert done.returncode == 0, done.stderr
            assert (floor(folder) or 0) <= 1001
            assert 1001 in stored(folder)
        assert max(site.ids_asked()) == 1006
    assert stored(fresh) == set(range(991, 1002))


@pytest.mark.parametrize("first", [["-a", "ids=61-104"], ["-a", "latest=20"]])
def test_what_was_no_article_near_the_newest_is_asked_again_once_published(tmp_path: Path, first: list[str]) -> None:
    late = {85, 95, 102}
    with Site(set(range(61, 101)) - late) as site:
        site.answers = {"print:95": NOTHING, "/Fa/News/95/": NOTHING, "print:102": NOTHING, "/Fa/News/102/": NOTHING}
        site.answers["print:90"] = Answer(status=503)
        done = crawl(site.url, *first, cwd=tmp_path, RETRY_TIMES=0)
        assert done.returncode == 3, done.stderr  # 90 is owed
        assert visits(tmp_path)[95][0] == "not-article"
        assert visits(tmp_path)[85][0] == "missing"
        site.answers = {}
        site.articles |= late
        site.ids_asked()
        done = crawl(site.url, cwd=tmp_path, PROBE_MISSES=5)
        assert done.returncode == 0, done.stderr
        assert late | {90} <= stored(tmp_path)
        # and of those that were stored none was fetched again
        assert {number for number in site.ids_asked() if number <= 100} == {85, 90, 95}


def test_a_site_in_maintenance_is_left_alone_and_nothing_it_answered_is_final(tmp_path: Path) -> None:
    words = ("-a", "ids=1-40")
    with Site(range(1, 41)) as site:
        site.instead = everything(NOTHING)
        done = crawl(site.url, *words, cwd=tmp_path, STOP_AFTER_SAME=6, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        assert done.returncode == 3
        assert "with the same page" in sentence(done)
        assert len(set(site.ids_asked())) <= 6 + 2
        assert {outcome for outcome, _ in visits(tmp_path).values()} == {"failed"}
        site.instead = lambda _: None
        done = crawl(site.url, *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert stored(tmp_path) == set(range(1, 41))


def test_what_was_in_flight_when_maintenance_was_noticed_is_owed_too(tmp_path: Path) -> None:
    with Site(range(1, 41)) as site:
        site.instead = everything(NOTHING)
        assert crawl(site.url, "-a", "ids=1-40", cwd=tmp_path).returncode == 3  # eight connections at a time
    assert {outcome for outcome, _ in visits(tmp_path).values()} == {"failed"}


def test_a_site_whose_unknown_ids_share_one_page_is_crawled_all_the_same(tmp_path: Path) -> None:
    def unknown(key: str) -> Answer | None:
        found = re.fullmatch(r"(?:print:|/Fa/News/)(\d+)/?", key)
        return NOTHING if found and int(found[1]) > 40 else None

    with Site(range(1, 41)) as site:
        site.instead = unknown
        done = crawl(site.url, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert stored(tmp_path) == set(range(1, 41))
        site.instead = everything(NOTHING)  # in maintenance the home page lists nothing
        assert crawl(site.url, cwd=tmp_path).returncode == 3


@pytest.mark.parametrize(
    ("home", "words", "kind", "detail"),
    [
        (Answer(status=403), ["-a", "latest=3"], "blocks us", "HTTP 403"),
        (WALL, [], "blocks us", "Cloudflare challenge"),
        (NOTHING, ["-a", "latest=3"], "cannot be reached", "names no article"),
        (Answer("<html><body>خطا</body></html>", status=500), [], "cannot be reached", "HTTP 500"),
    ],
)
def test_a_home_page_that_lists_nothing_is_said_and_is_not_success(
    tmp_path: Path, home: Answer, words: list[str], kind: str, detail: str
) -> None:
    with Site(range(1, 41)) as site:
        site.answers["/"] = home
        done = crawl(site.url, *words, cwd=tmp_path, RETRY_TIMES=0)
        assert done.returncode == 3, done.stderr
        assert kind in sentence(done)
        assert detail in sentence(done)
        assert site.ids_asked() == []
    assert visits(tmp_path) == {}


def test_a_home_page_without_links_does_not_end_a_crawl_that_knows_where_it_was(tmp_path: Path) -> None:
    with Site(range(1, 21)) as site:
        assert crawl(site.url, cwd=tmp_path, PROBE_MISSES=3).returncode == 0
        site.articles |= {21, 22}
        site.answers["/"] = NOTHING
        done = crawl(site.url, cwd=tmp_path, PROBE_MISSES=3)
        assert done.returncode == 0, done.stderr
    assert {21, 22} <= stored(tmp_path)


def to(location: str, status: int = 302, body: str = "") -> Answer:
    return Answer(body, status=status, headers={"Location": location})


#: What a site answers under one id, and what it must be taken for.
ODD: tuple[tuple[Answer, str], ...] = (
    (Answer(status=304), "failed"),
    *((Answer(body, status=n), "failed") for n in (400, 405, 408, 425, 503) for body in ("", "<p>خطا</p>")),
    (to("/maintenance.html"), "failed"),
    (to("/login?ReturnUrl=%2fFa"), "failed"),
    (to("/Error.aspx"), "missing"),
    (to("/"), "missing"),
    (to("/default.aspx"), "missing"),
    (to("/404"), "missing"),
    (to("file:///etc/passwd"), "blocked"),
    (to("data:text/html,x"), "blocked"),
    (to("/down\x1b]0;owned\x07"), "failed"),
    (to("/down/%1b%5b31m%0aowned"), "failed"),
    (to("/down\u0085\u009b31m"), "failed"),
    (to("http://[bad"), "failed"),
)


def test_answers_that_say_nothing_of_an_article_are_owed_and_fetched_later(tmp_path: Path) -> None:
    last = len(ODD) + 1
    with Site(range(1, last + 1)) as site:
        for number, (answer, _) in enumerate(ODD, 1):
            site.answers |= {f"print:{number}": answer, f"/Fa/News/{number}/": answer}
        site.answers[f"print:{last}"] = to("http://[bad", 200, print_page(last))
        patient = {"RETRY_TIMES": 0, "STOP_AFTER_FAILED": 100, "STOP_AFTER_BLOCKED": 100}
        done = crawl(site.url, "-a", f"ids=1-{last}", cwd=tmp_path, **patient)
        assert done.returncode == 3
        assert "are owed" in sentence(done)
        assert not [path for path in site.asked if "maintenance" in path or "login" in path or "down" in path]
        found = visits(tmp_path)
        assert {n: found[n][0] for n in found} == {
            **{number: outcome for number, (_, outcome) in enumerate(ODD, 1)},
            last: "article",
        }
        assert all(reason.isprintable() for _, reason in found.values())
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stderr)
        # an unasked 304 stored nothing, and no table says it did
        with Archive(tmp_path / "archive.db", readonly=True) as archive:
            assert check(archive) == []
        site.answers.clear()
        done = crawl(site.url, "-a", f"ids=1-{last}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    owed = {number for number, (_, outcome) in enumerate(ODD, 1) if outcome != "missing"}
    assert stored(tmp_path) == owed | {last}


def test_what_robots_forbade_is_fetched_once_they_are_gone_and_an_error_page_has_no_rules(tmp_path: Path) -> None:
    rules = "User-agent: *\nDisallow: /\n"
    with Site([1, 2, 3]) as site:
        for status, last, articles in ((200, 2, set[int]()), (404, 2, {1, 2}), (500, 3, {1, 2, 3})):
            site.answers["/robots.txt"] = Answer(rules, status=status, headers={"Content-Type": "text/plain"})
            done = crawl(site.url, "-a", f"ids=1-{last}", cwd=tmp_path, RETRY_TIMES=0)
            assert stored(tmp_path) == articles, status
            if status == 200:
                assert site.ids_asked() == []
                assert {outcome for outcome, _ in visits(tmp_path).values()} == {"skipped"}
            else:
                assert done.returncode == 0, done.stderr


def test_a_second_look_that_failed_is_owed_at_once_and_another_form_is_no_revision(tmp_path: Path) -> None:
    newsroom = Newsroom(count=10)
    broken, changing = newsroom.ids()[:2]
    with Server(newsroom, weight=5_000) as real:
        pages = {
            name: Answer(real.site.respond(path).body)
            for number in (broken, changing)
            for name, path in (
                (f"print:{number}", f"/Incsys/PrtNews.aspx?code={number}"),
                (f"/Fa/News/{number}/", f"/Fa/News/{number}/"),
            )
        }
    words = ("-a", f"ids={broken},{changing}", "-a", "refresh=2w")
    with Site([]) as site:
        site.answers = dict(pages)
        assert crawl(site.url, *words, cwd=tmp_path).returncode == 0
        execute(
            tmp_path,
            "UPDATE articles SET published_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')",
            "UPDATE visits SET last_at = '2020-01-01T00:00:00+00:00'",
        )
        site.answers[f"print:{broken}"] = Answer(status=503)
        site.answers[f"print:{changing}"] = NOTHING
        site.ids_asked()
        assert crawl(site.url, *words, cwd=tmp_path, RETRY_TIMES=0).returncode == 3
        assert set(site.ids_asked()) == {broken, changing}
        site.answers = dict(pages)
        done = crawl(site.url, *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert site.ids_asked() == [broken]  # the other one has been looked at
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert [article.revision for article in archive.articles()] == [1, 1]
        assert archive.db.execute("SELECT count(*) FROM revisions").fetchone() == (0,)
