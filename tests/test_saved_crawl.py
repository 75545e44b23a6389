"""`-a pages=`: saved pages through the ordinary crawl, without a network."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.testing.newsroom import Newsroom, answers
from farscrawler.testing.newsroom.site import Site
from tests.support import command, environment, json_lines, run
from tests.support.commands import PATIENCE
from tests.support.killing import kill_at_barrier
from tests.support.pageserver import print_page
from tests.support.saved import NO_NETWORK, SITE, Record, contents, print_url, write_warc

ARTICLE = f"{SITE}/Fa/News/{{}}/"


def harvest(cwd: Path, pages: str, *more: str, code: int = 0) -> str:
    """Harvest saved pages in a process that cannot reach any network, and give what it said."""
    done = run("crawl", "farsonline", "-a", f"pages={pages}", *more, cwd=cwd, first=NO_NETWORK)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr + done.stdout


def stored(cwd: Path) -> dict[str, list[tuple[int, str, str]]]:
    """Return each article's revisions as number, time and headline, by id."""
    with Archive(cwd / "archive.db", readonly=True) as archive:
        assert check(archive) == []
        return {
            article.article_id: [
                (one.revision, one.fetched_at, one.headline)
                for one in archive.revisions("farsonline", article.article_id)
            ]
            for article in archive.articles()
        }


def visits(cwd: Path) -> dict[str, tuple[Any, ...]]:
    """Return outcome, reason, time and source of each address."""
    db = sqlite3.connect(cwd / "archive.db")
    rows = db.execute("SELECT key, outcome, reason, last_at, source, source_at, tries FROM visits").fetchall()
    db.close()
    return {row[0]: row[1:] for row in rows}


def test_a_folder_of_pages_becomes_an_archive_with_the_time_of_each_page(tmp_path: Path) -> None:
    newsroom = Newsroom(count=60)
    site = Site(newsroom, weight=4000)
    folder = tmp_path / "pages"
    folder.mkdir()
    taken = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
    for number in newsroom.ids():
        form = ("print", "article")[number % 2]
        url = print_url(number) if form == "print" else ARTICLE.format(number)
        body = site.respond(url.removeprefix(SITE)).body
        place = folder / str(number % 7)
        place.mkdir(exist_ok=True)
        (place / f"{number}.html").write_bytes(body)
        at = (taken + dt.timedelta(minutes=number)).isoformat()
        (place / f"{number}.json").write_text(json.dumps({"url": url, "fetched_at": at}), encoding="utf-8")
    home = '<meta property="og:url" content="/">'  # as Fars-Online has it on every page
    (folder / "nameless.html").write_text(f"<html><head>{home}</head><body>x</body></html>", encoding="utf-8")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    said = harvest(tmp_path, "pages", "-O", "out.jsonl")
    assert f"{len(newsroom.ids())} new articles" in said
    assert "Passed over: 1 not HTML (picture), 1 unreadable." in said
    assert "pages/nameless.html does not say from which address it was saved" in said
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        for article in archive.articles():
            number = int(article.article_id)
            story = newsroom.story(number)
            assert story is not None
            truth = answers(story, ("print", "article")[number % 2])
            assert {name: getattr(article, name) for name in truth} == truth
            assert article.fetched_at == (taken + dt.timedelta(minutes=number)).isoformat()
            assert article.url == ARTICLE.format(number)
    assert visits(tmp_path)[str(number)][2:5] == (
        article.fetched_at, f"{number % 7}/{number}.html", article.fetched_at,
    )  # fmt: skip
    assert len(json_lines(tmp_path / "out.jsonl")) == len(newsroom.ids())
    before = contents(tmp_path / "archive.db")
    again = harvest(tmp_path, "pages", "-O", "again.jsonl")
    assert f"0 new articles, {len(newsroom.ids())} known before" in again
    assert contents(tmp_path / "archive.db") == before
    assert len(json_lines(tmp_path / "again.jsonl")) == len(newsroom.ids())


def test_relative_and_later_dates_are_read_as_of_the_page(tmp_path: Path) -> None:
    page = print_page(1)  # says 1401/02/28 14:55:59, 2022-05-18 10:25:59 UTC
    records = [
        Record(print_url(1), page, at="2022-05-18T10:26:00Z"),
        Record(print_url(2), print_page(2), at="2022-05-01T00:00:00Z"),  # taken before it was published
    ]
    write_warc(tmp_path / "x.warc.gz", records)
    harvest(tmp_path, "x.warc.gz")
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        first, second = archive.article("farsonline", "1"), archive.article("farsonline", "2")
    assert first is not None
    assert second is not None
    assert first.published_at == "2022-05-18T14:55:59+04:30"
    assert second.published_at is None
    assert any(warning.startswith("timestamp-refused") for warning in second.warnings)


def test_captures_of_one_article_make_revisions_in_the_order_of_time_and_an_older_one_none(tmp_path: Path) -> None:
    folder = tmp_path / "warcs"
    folder.mkdir()

    def capture(day: int, headline: str, number: int = 1) -> Record:
        return Record(print_url(number), print_page(number, headline), at=f"2024-05-{day:02}T10:00:00Z")

    write_warc(folder / "b.warc.gz", [capture(1, "یک"), capture(3, "سه"), capture(2, "دو"), capture(3, "چهار")])
    write_warc(
        folder / "a.warc.gz", [capture(4, "چهار"), capture(5, "پنج"), *(capture(d, f"روز {d}", 2) for d in (6, 7))]
    )
    said = harvest(tmp_path, "warcs")
    days = "2024-05-{:02}T10:00:00+00:00"
    wanted = {
        "1": [
            (1, days.format(1), "یک"),
            (2, days.format(3), "سه"),
            (3, days.format(3), "چهار"),
            (4, days.format(5), "پنج"),
        ],
        "2": [(1, days.format(6), "روز 6"), (2, days.format(7), "روز 7")],
    }
    assert stored(tmp_path) == wanted
    assert "2 new articles, 4 revised, 1 unchanged" in said
    assert "1 not newer than what is stored" in said
    # older ones that come later, by another run, replace nothing
    write_warc(tmp_path / "old.warc.gz", [capture(2, "دو"), capture(1, "یک دیگر", 2)])
    assert "2 not newer than what is stored" in harvest(tmp_path, "old.warc.gz")
    assert stored(tmp_path) == wanted
    harvest(tmp_path, "warcs")
    assert stored(tmp_path) == wanted


def test_what_a_warc_says_of_addresses_without_an_article(tmp_path: Path) -> None:
    gap = [("Location", "/Error.aspx")]
    to_https = [("Location", "https://www.fars-online.ir/Fa/News/6/")]
    site = Site(Newsroom(first_id=6, count=1), weight=4000)
    article = site.respond("/Fa/News/6/").body
    records = [
        Record(print_url(1), "<html><body>404</body></html>", status="404 Not Found"),
        Record(print_url(2), "", status="302 Found", headers=gap),
        Record(print_url(3), "<html><body>503</body></html>", status="503 Unavailable"),
        Record(print_url(4), print_page(4).replace("</body></html>", "")[:300]),  # cut when it was saved
        Record(print_url(5), "", status="304 Not Modified"),
        Record(ARTICLE.format(6), "", status="301 Moved", headers=to_https),
        Record("https://www.fars-online.ir/Fa/News/6/", article),
        Record(print_url(7), print_page(7), status="500 Oops"),  # an article all the same
        Record(print_url(8), b"\x1f\x8b\x08 torn", headers=[("Content-Encoding", "gzip")]),
    ]
    write_warc(tmp_path / "x.warc.gz", records)
    said = harvest(tmp_path, "x.warc.gz")
    found = visits(tmp_path)
    assert {key: row[0] for key, row in found.items()} == {
        "1": "missing", "2": "missing", "4": "failed", "6": "article", "7": "article", "8": "failed",
    }  # fmt: skip
    assert found["2"][1] == "redirected to /Error.aspx"
    assert {row[2] for row in found.values()} == {"2024-05-01T10:00:00+00:00"}
    for words in ("1 HTTP 503", "1 redirect", "1 HTTP 304 without the page", "stay pending for a crawl of the site"):
        assert words in said, words
    # a second run looks once more at what failed, and at nothing else
    before = contents(tmp_path / "archive.db")
    harvest(tmp_path, "x.warc.gz")
    assert contents(tmp_path / "archive.db") == before


def test_an_older_page_rescues_an_article_that_the_site_has_no_more(tmp_path: Path) -> None:
    gone = Record(print_url(1), "<html><body>404</body></html>", status="404 Not Found", at="2025-01-01T00:00:00Z")
    write_warc(tmp_path / "late.warc.gz", [gone])
    harvest(tmp_path, "late.warc.gz")
    earlier = Record(print_url(1), "<html><body>404</body></html>", status="404 Not Found", at="2023-01-01T00:00:00Z")
    write_warc(tmp_path / "early.warc.gz", [Record(print_url(1), print_page(1), at="2024-01-01T00:00:00Z"), earlier])
    assert "1 new article" in harvest(tmp_path, "early.warc.gz")
    assert visits(tmp_path)["1"][0] == "article"
    # the removal comes later than the page, and does not take it away
    harvest(tmp_path, "late.warc.gz")
    assert visits(tmp_path)["1"][:2] == ("article", "missing: HTTP 404")
    assert len(stored(tmp_path)["1"]) == 1
    before = visits(tmp_path)
    harvest(tmp_path, "early.warc.gz")
    assert visits(tmp_path) == before


def test_a_page_in_another_form_than_the_stored_one_makes_no_revision(tmp_path: Path) -> None:
    newsroom = Newsroom(count=3)
    number = newsroom.ids()[0]
    body = Site(newsroom, weight=4000).respond(f"/Fa/News/{number}/").body
    write_warc(tmp_path / "a.warc.gz", [Record(print_url(number), print_page(number), at="2024-01-01T00:00:00Z")])
    write_warc(tmp_path / "b.warc.gz", [Record(ARTICLE.format(number), body, at="2024-02-01T00:00:00Z")])
    harvest(tmp_path, "a.warc.gz")
    assert "1 another form than the stored one" in harvest(tmp_path, "b.warc.gz")
    assert len(stored(tmp_path)[str(number)]) == 1


def test_a_range_of_days_chooses_what_is_exported_and_everything_is_stored(tmp_path: Path) -> None:
    pages = {1: "28 ارديبهشت 1401", 2: "29 ارديبهشت 1401", 3: "1 خرداد 1401"}
    days = {1: "چهارشنبه", 2: "پنجشنبه", 3: "یکشنبه"}
    records = [
        Record(print_url(n), print_page(n).replace("چهارشنبه 28 ارديبهشت 1401", f"{days[n]} {day}"))
        for n, day in pages.items()
    ]
    write_warc(tmp_path / "x.warc.gz", records)
    harvest(tmp_path, "x.warc.gz", "-a", "since=1401-02-29", "-a", "until=1401-02", "-O", "out.jsonl")
    assert [line["article_id"] for line in json_lines(tmp_path / "out.jsonl")] == ["2"]
    assert set(stored(tmp_path)) == {"1", "2", "3"}


def test_damaged_files_are_named_and_the_next_one_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "warcs"
    folder.mkdir()
    for name, number in (("a", 1), ("b", 10), ("c", 20)):
        write_warc(folder / f"{name}.warc.gz", [Record(print_url(n), print_page(n)) for n in range(number, number + 5)])
    data = (folder / "b.warc.gz").read_bytes()
    (folder / "b.warc.gz").write_bytes(data[: len(data) // 2])
    (folder / "d.warc").write_bytes(b"rubbish" * 100)
    (folder / "e.html").write_bytes(b"<html>\xff\xfe rubbish")
    said = harvest(tmp_path, "warcs")
    assert "warcs/b.warc.gz is cut" in said
    assert "warcs/d.warc is damaged at byte 0" in said
    assert {"1", "5", "10", "20", "24"} <= set(stored(tmp_path))
    assert "14" not in stored(tmp_path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["pages=nothing"], "pages=nothing: there is no such folder or file"),
        (["pages="], "there is no such folder or file"),
        (["pages=.", "ids=1"], "ids and pages cannot be given together"),
        (["pages=.", "refresh=7d"], "pages and refresh cannot be given together"),
    ],
)
def test_bad_arguments(tmp_path: Path, words: list[str], sentence: str) -> None:
    done = run("crawl", "farsonline", *(part for word in words for part in ("-a", word)), cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_without_any_page_of_the_publisher_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    assert "none of its 0 files holds a page of this publisher's articles" in harvest(tmp_path, "pages", code=3)
    (tmp_path / "pages/x.html").write_text("<html>", encoding="utf-8")
    said = harvest(tmp_path, "pages", code=3)
    assert "none of its 1 files holds a page" in said
    write_warc(tmp_path / "x.warc.gz", [Record("https://www.example.ir/news/1", "x")])
    assert "it holds no page of this publisher's articles" in harvest(tmp_path, "x.warc.gz", code=3)


def test_without_warcio_all_but_writing_warc_files_works(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/1.html").write_text(print_page(1), encoding="utf-8")
    (tmp_path / "pages/1.url").write_text(print_url(1), encoding="utf-8")
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import sys\nfrom importlib.machinery import PathFinder\n"
        "class Hide(PathFinder):\n    @classmethod\n    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name.split('.')[0] == 'warcio' else super().find_spec(name, path, target)\n"
        "sys.meta_path[:] = [Hide if one is PathFinder else one for one in sys.meta_path]\n",
        encoding="utf-8",
    )
    env = {**environment(), "PYTHONPATH": f"{hidden}{os.pathsep}{environment()['PYTHONPATH']}"}

    def crawl(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*words), cwd=tmp_path, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    done = crawl("crawl", "farsonline", "-a", "pages=pages")
    assert done.returncode == 0, done.stderr
    assert "1 new article" in done.stderr
    write_warc(tmp_path / "pages/x.warc.gz", [Record(print_url(2), print_page(2))])
    assert "1 new article" in crawl("crawl", "farsonline", "-a", "pages=pages").stderr
    assert "2 pages read" in crawl("reparse", "--warc", "pages").stdout
    done = crawl("crawl", "farsonline", "-a", "ids=1", "-s", "WARC=out")
    assert done.returncode == 2, done.stderr
    assert "pip install 'farscrawler[warc]' (in a clone: pip install '.[warc]')" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_harvest_of_saved_pages_killed_again_and_again_is_exact(tmp_path: Path) -> None:
    """Several captures of each article, in files whose pages are not all in the order of time."""
    dice = random.Random(5)
    folder = tmp_path / "warcs"
    folder.mkdir()
    for number in range(6):
        records = []
        for minute in sorted(dice.sample(range(600), 110)):
            article_id = dice.randint(1, 150)
            at = f"2024-05-{number + 1:02}T{minute // 60:02}:{minute % 60:02}:00Z"
            if dice.random() < 0.1:
                records.append(Record(print_url(article_id), "<html>404</html>", status="404 Not Found", at=at))
            else:
                page = print_page(article_id, f"نوبت {dice.randint(1, 3)}")
                records.append(Record(print_url(article_id), page, at=at))
        records[:20] = dice.sample(records[:20], 20)
        write_warc(folder / f"{number}.warc.gz", records)
    once = tmp_path / "once"
    once.mkdir()
    harvest(once, str(folder))
    words = ("crawl", "farsonline", "-a", f"pages={folder}", "-o", "out.jsonl")
    places = ("archive.store:Archive.save", "archive.store:Archive.flush", "exporters.textfile:LineFile.write")
    for number in range(7):
        place = f"farscrawler.{places[number % 3]}"
        call = dice.randint(1, 60) if number % 3 == 0 else number // 3 + 1
        assert kill_at_barrier(*words, cwd=tmp_path, place=place, call=call)
    harvest(tmp_path, str(folder), "-o", "out.jsonl")
    assert stored(tmp_path) == stored(once)
    assert contents(tmp_path / "archive.db") == contents(once / "archive.db")
    lines = [(line["article_id"], line["revision"]) for line in json_lines(tmp_path / "out.jsonl")]
    assert sorted(lines) == sorted((key, one[0]) for key, revisions in stored(once).items() for one in revisions)


def test_a_name_that_is_no_utf_8_costs_nothing(tmp_path: Path) -> None:
    """Names from old Windows machines are in CP1256."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "اخبار".encode("cp1256")))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("names are UTF-8 on this file system")
    odd = os.fsdecode("خبر".encode("cp1256"))
    for number, name in ((1, "خبر"), (2, odd), (3, f"{odd}-بی-نشانی")):
        (folder / f"{name}.html").write_text(print_page(number), encoding="utf-8")
        if number < 3:
            (folder / f"{name}.html.url").write_text(print_url(number), encoding="utf-8")
    (folder / f"{odd}.warc").write_bytes(b"no WARC file")
    for _ in range(2):
        for place in (folder, "."):
            words = ["crawl", "farsonline", "-a", f"pages={place}", "-s", "LOG_FILE=log.txt"]
            done = run(*words, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
    (folder / odd).mkdir()
    done = run("crawl", "farsonline", "-a", f"pages={folder / odd}", "--summary", "json", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    said = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "Traceback" not in said + done.stderr
    assert "cannot be read" in said or "damaged" in said
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        assert sorted(article.article_id for article in archive.articles()) == ["1", "2"]
        sources = {row[0] for row in archive.db.execute("SELECT source FROM visits")}
    assert sources == {"خبر.html", "\\xce\\xc8\\xd1.html"}
