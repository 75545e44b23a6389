"""CC-NEWS as a source: its files are streamed, read once for all crawls, and whatever dies nothing is lost."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.testing.newsroom import Faults, Server, answers
from farscrawler.testing.newsroom.newscrawl import NewsCrawl, captures_of
from farscrawler.testing.newsroom.response import Response
from tests.support import run
from tests.support.fleet_sites import own_folder
from tests.support.killing import kill_at_barrier
from tests.support.newscrawl import DAYS, ccnews, ccnews_words, newscrawl, newsroom_of_days
from tests.support.postgres import needs_postgres
from tests.support.saved import contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from farscrawler.testing.newsroom.server import Logged
    from tests.support.postgres import Postgres

#: What a retry overcomes; a part that is cut is asked for again.
FAULTS = Faults(unavailable=0.1, reset_early=0.05, reset_midway=0.1, cut=0.15, retry_after=0)


@pytest.fixture(scope="module")
def crawled() -> NewsCrawl:
    return newscrawl()


@pytest.fixture(scope="module")
def wanted(crawled: NewsCrawl, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    """What `pages=` makes of the same files: the way that is known to be right."""
    cwd = tmp_path_factory.mktemp("wanted")
    crawled.save(cwd / "local")
    done = run("crawl", "farsonline", "-a", "pages=local", cwd=cwd)
    assert done.returncode == 0, done.stderr
    found = contents(cwd / "archive.db")
    assert len(found["revisions"]) > 5
    return found


@pytest.fixture
def server(crawled: NewsCrawl) -> Iterator[Server]:
    with Server(newsroom_of_days(), site=crawled) as server:
        yield server


def files_asked(requests: list[Logged]) -> list[str]:
    return [one.path for one in requests if one.path.endswith(".warc.gz")]


def test_all_that_the_files_hold_is_read_through_every_fault(
    tmp_path: Path, crawled: NewsCrawl, wanted: dict[str, list[tuple[object, ...]]]
) -> None:
    with Server(newsroom_of_days(), FAULTS, site=crawled) as server:
        done = ccnews(server.url, "-O", "out.jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        faults = server.stats()["faults"]
        asked = len(server.requests)
        assert faults["cut"]
        assert faults["reset_midway"]
        again = ccnews(server.url, cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert "0 new articles" in again.stderr
        assert len(server.requests) < asked + 10  # the lists of two months, and their faults
    assert contents(tmp_path / "archive.db") == wanted
    assert "a record was lost; reading went on" in done.stderr
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        stored = {one.article_id: one for one in archive.articles("farsonline")}
    newsroom = newsroom_of_days()
    assert stored.keys() == {str(number) for number in newsroom.ids()}
    captures_of(newsroom)  # which revises every third article
    for key, article in stored.items():
        story = newsroom.story(int(key))
        assert story is not None
        for name, value in answers(story, "print").items():
            if name not in ("images", "permalink"):
                assert getattr(article, name) == value, (key, name)
        if article.published_at is not None:
            assert dt.datetime.fromisoformat(article.published_at) <= dt.datetime.fromisoformat(article.fetched_at)


def test_revisions_stand_in_the_order_of_capture(tmp_path: Path) -> None:
    newsroom = newsroom_of_days(6)
    crawl = NewsCrawl(captures_of(newsroom), each=7)
    with Server(newsroom, site=crawl) as server:
        assert ccnews(server.url, cwd=tmp_path).returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        for number in newsroom.ids():
            times = [one.fetched_at for one in archive.revisions("farsonline", str(number))]
            assert times == sorted(times)
            assert len(times) == 1 + (newsroom.ids().index(number) % 3 == 0)


def test_twenty_kills_at_random_lose_nothing_and_read_no_file_twice(
    tmp_path: Path, server: Server, wanted: dict[str, list[tuple[object, ...]]]
) -> None:
    dice = random.Random(11)
    places = {
        "farscrawler.archive.listing_cache:ReadFiles.save": 8,
        "farscrawler.frontier.ccnews_stream:Feed.put": 40,
        "farscrawler.archive.store:Archive.flush": 12,
        "farscrawler.frontier.file_parts:FileParts.part": 10,
    }
    words = ccnews_words(server.url)
    kills = 0
    folder = tmp_path
    for number in range(20):
        place = dice.choice(list(places))
        if kill_at_barrier(*words, cwd=folder, place=place, call=dice.randint(1, places[place])):
            kills += 1
        else:  # it had nothing left to do
            assert contents(folder / "archive.db") == wanted
            folder = tmp_path / f"after {number}"
            folder.mkdir()
    assert kills >= 10
    done = run(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert contents(folder / "archive.db") == wanted
    with Archive(folder / "archive.db", readonly=True) as archive:
        assert check(archive) == []
    before = len(files_asked(server.requests))
    assert run(*words, cwd=folder).returncode == 0
    assert len(files_asked(server.requests)) == before


def test_a_file_is_read_on_where_it_was_left(tmp_path: Path) -> None:
    whole = [one for one in captures_of(newsroom_of_days(60)) if one.state != "damaged"]
    crawl = NewsCrawl(whole, each=len(whole))
    (data,) = crawl.files.values()
    parts = -(-len(data) // 65_536)
    marks = parts // 4  # of the file: how far it was read is stored after every fourth part
    assert marks > 5
    with Server(newsroom_of_days(), site=crawl) as server:
        words = ccnews_words(server.url)
        place = "farscrawler.archive.listing_cache:ReadFiles.save"
        assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=marks)
        before = len(files_asked(server.requests))
        assert before <= parts
        assert run(*words, cwd=tmp_path).returncode == 0
        # Beside the rest, the first part tells how the file is packed, and the second one is fetched with it.
        assert len(files_asked(server.requests)) - before <= parts - 4 * (marks - 1) + 3
    crawl.save(tmp_path / "local")
    (tmp_path / "archive.db").rename(tmp_path / "killed.db")
    assert run("crawl", "farsonline", "-a", "pages=local", cwd=tmp_path).returncode == 0
    assert contents(tmp_path / "killed.db") == contents(tmp_path / "archive.db")


def test_several_publishers_take_their_pages_from_one_reading(tmp_path: Path) -> None:
    newsroom = newsroom_of_days(12)
    captures = captures_of(newsroom, "www.alpha.example") + captures_of(newsroom, "www.beta.example", seed=6)
    crawl = NewsCrawl(sorted(captures, key=lambda one: one.at), each=60)
    own_folder(tmp_path / "sites", "alpha", "beta", "gamma")
    with Server(newsroom, site=crawl) as server:
        words = ccnews_words(
            server.url, command=("crawl-all", "alpha", "beta", "gamma"), PUBLISHERS="sites", CCNEWS_PART_BYTES=2**24
        )
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert sorted(files_asked(server.requests)) == sorted(f"/{name}" for name in crawl.files)
        assert "3 publishers: 3 done" in done.stderr
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        for key in ("alpha", "beta"):
            assert {one.article_id for one in archive.articles(key)} == {str(number) for number in newsroom.ids()}
        assert not list(archive.articles("gamma"))


def test_a_folder_and_a_list_of_files_are_read_without_a_request(
    tmp_path: Path, crawled: NewsCrawl, wanted: dict[str, list[tuple[object, ...]]]
) -> None:
    crawled.save(tmp_path / "local")
    names = sorted(path.name for path in (tmp_path / "local").iterdir())
    (tmp_path / "local/warc.paths").write_text("\n".join(names[:2]))
    nowhere = "http://127.0.0.1:9"
    some = ccnews(nowhere, cwd=tmp_path, CCNEWS="local/warc.paths")
    assert some.returncode == 0, some.stderr
    first = contents(tmp_path / "archive.db")
    assert 0 < len(first["articles"]) < len(wanted["articles"])
    done = run("crawl", "farsonline", "--source", "ccnews", "-s", "CCNEWS=local", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "archive.db") == wanted
    for name in names[:2]:
        assert name not in done.stderr  # its damaged places were named when it was read
    longer = tmp_path / "local" / names[0]
    longer.write_bytes(longer.read_bytes() + (tmp_path / "local" / names[1]).read_bytes())
    done = run("crawl", "farsonline", "--source", "ccnews", "-s", "CCNEWS=local", cwd=tmp_path)
    assert names[0] in done.stderr  # a file that has grown since is read again
    assert contents(tmp_path / "archive.db") == wanted


def test_a_dry_run_says_how_much_there_is_to_read(tmp_path: Path, server: Server, crawled: NewsCrawl) -> None:
    done = ccnews(server.url, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    count = len(crawled.files)
    much = f"about {count * 1.073741824:.1f} GB in {count * 16_384:,} requests"
    assert f"{count} files of CC-NEWS, {count} of them to read, {much}" in done.stdout
    assert "the cost cannot be told before" in done.stdout
    assert not files_asked(server.requests)


def test_a_dry_run_of_several_publishers_asks_for_each_list_once(tmp_path: Path, server: Server) -> None:
    own_folder(tmp_path / "sites", "alpha", "beta", "gamma")
    command = ("crawl-all", "alpha", "beta", "gamma")
    done = run(*ccnews_words(server.url, "--dry-run", command=command, PUBLISHERS="sites"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("files of CC-NEWS") == 3
    assert len(server.requests) == 2  # of two months


class Refusing(NewsCrawl):
    """CC-NEWS with one file that is listed, and answered with an error."""

    def __init__(self, crawl: NewsCrawl, *, status: int) -> None:
        super().__init__([])
        self.files, self.months = crawl.files, crawl.months
        self.refused: str | None = min(crawl.files)
        self.answer = Response(status=status, body=b"<Error/>", kind="other")

    def respond(self, target: str, headers: Mapping[str, str] | None = None) -> Response:
        return self.answer if target == f"/{self.refused}" else super().respond(target, headers)


def test_what_is_not_there_is_said_and_is_no_end(
    tmp_path: Path, crawled: NewsCrawl, wanted: dict[str, list[tuple[object, ...]]]
) -> None:
    crawl = Refusing(crawled, status=404)
    with Server(newsroom_of_days(), site=crawl) as server:
        done = ccnews(server.url, cwd=tmp_path)
        assert done.returncode == 3, done.stderr
        assert f"{server.url}/{crawl.refused} is not there (HTTP 404)" in done.stderr
        assert 0 < len(contents(tmp_path / "archive.db")["articles"]) < len(wanted["articles"])
        crawl.refused = None
        before = len(files_asked(server.requests))
        assert ccnews(server.url, cwd=tmp_path).returncode == 0  # what was not there is asked for again, and no other
        assert set(files_asked(server.requests)[before:]) == {f"/{min(crawled.files)}"}
        words = ccnews_words(server.url, days=("-a", "since=1403-08-01", "-a", "until=1403-08-02"))
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 3
        assert "warc.paths.gz is not there (HTTP 404)" in done.stderr


@pytest.mark.parametrize(("status", "sentence"), [(403, "blocks us"), (500, "cannot be reached"), (200, "HTTP 200")])
def test_a_server_that_does_not_serve_parts_ends_the_run_and_leaves_the_rest(
    tmp_path: Path, crawled: NewsCrawl, wanted: dict[str, list[tuple[object, ...]]], status: int, sentence: str
) -> None:
    crawl = Refusing(crawled, status=status)
    with Server(newsroom_of_days(), site=crawl) as server:
        done = ccnews(server.url, cwd=tmp_path, RETRY_TIMES=1)
        assert done.returncode == 3, done.stderr
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
        crawl.refused = None
        assert ccnews(server.url, cwd=tmp_path).returncode == 0
    assert contents(tmp_path / "archive.db")["articles"] == wanted["articles"]


@pytest.mark.parametrize("option", ["--processes", "--at-once"])
def test_one_reading_is_not_shared_out_among_processes(tmp_path: Path, option: str) -> None:
    done = run("crawl-all", "irna", "isna", "--source", "ccnews", "--since", "1403", option, "2", cwd=tmp_path)
    assert done.returncode == 2
    assert f"{option} says nothing of ccnews" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("-a", "source=ccnews"), "name days with since= and until="),
        (("-a", "source=ccnews", "-a", "ids=5"), "its files have no index"),
        (("-a", "source=ccnews", "-a", "latest=5"), "a web archive knows no order"),
        (("-a", "source=ccnews", *DAYS, "-s", "CCNEWS=nowhere"), "there is no such folder or list"),
        (("-a", "source=ccnews", "-a", "since=1390-01", "-a", "until=1390-02"), "it begins in August 2016"),
        (("-a", "source=ccnews", "-a", "since=1500", "-a", "until=1500"), "these days are yet to come"),
        (("-a", "source=ccnews", *DAYS, "-s", "CCNEWS_PART_BYTES=5"), "it must be at least 65536"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_fetched(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = run("crawl", "farsonline", *words, "-s", "COMMONCRAWL_DATA_URL=http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("name", "lines", "sentence"),
    [
        ("folder", None, "folder holds no WARC file"),
        ("empty.txt", "# nothing\n", "empty.txt names no file"),
        ("script.py", "import os\n", "script.py is no list of WARC files: it names import os"),
    ],
)
def test_what_holds_no_file_is_no_empty_harvest(tmp_path: Path, name: str, lines: str | None, sentence: str) -> None:
    if lines is None:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_text(lines, encoding="utf-8")
    done = run("crawl", "farsonline", "--source", "ccnews", "-s", f"CCNEWS={name}", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert sentence in done.stderr


@needs_postgres
def test_an_archive_in_postgresql_knows_what_was_read_too(
    tmp_path: Path, postgres: Postgres, server: Server, wanted: dict[str, list[tuple[object, ...]]]
) -> None:
    there = str(postgres.archive())
    words = ccnews_words(server.url, ARCHIVE=there)
    place = "farscrawler.archive.listing_cache:ReadFiles.save"
    assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=3)
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    asked = len(files_asked(server.requests))
    assert run(*words, cwd=tmp_path).returncode == 0
    assert len(files_asked(server.requests)) == asked
    assert run("copy", there, "archive.db", cwd=tmp_path).returncode == 0
    assert contents(tmp_path / "archive.db") == wanted
    done = ccnews(server.url, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(files_asked(server.requests)) == asked  # a copy knows it as well
