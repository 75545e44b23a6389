"""The file of kept pages: any bytes come back as they were, the newest page wins, and what is damaged costs itself."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.archive import Archive, ArchiveError, ArchiveTooNewError, NotAnArchiveError
from farscrawler.archive.audit.kept import check_pages, lost
from farscrawler.archive.kept.compression import (
    DICTIONARY_BYTES,
    DamagedPageError,
    Dictionary,
    Template,
    compress,
    decompress,
)
from farscrawler.archive.kept.pages import DamagedPage, KeptPage, KeptPages, path_of
from tests.support import ROOT
from tests.support.examples import examples
from tests.support.kept import MENU, keep, page, read_all, template
from tests.support.records import AT, article

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER, EARLIER = "2026-11-24T08:00:00+00:00", "2026-11-22T08:00:00+00:00"


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[KeptPages]:
    with KeptPages(tmp_path / "archive.pages.db", readonly=False) as opened:
        yield opened


def bodies(pages: KeptPages) -> dict[tuple[str, str], bytes]:
    return {(one.key, one.form): one.body for one in read_all(pages) if isinstance(one, KeptPage)}


# -- compression ----------------------------------------------------------------------------------


@given(st.binary(max_size=3000), st.one_of(st.none(), st.binary(min_size=8, max_size=3000)))
def test_any_bytes_come_back_as_they_were(body: bytes, content: bytes | None) -> None:
    dictionary = Dictionary(1, content) if content is not None else None
    data = compress(body, dictionary)
    assert decompress(data, dictionary, size=len(body)) == body


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=300), st.integers(min_value=0))
@examples(50)
def test_bytes_that_are_no_page_are_an_error_and_nothing_else(body: bytes, garbage: bytes, place: int) -> None:
    data = compress(body)
    with pytest.raises(DamagedPageError):
        decompress(data, size=len(body) + 1)
    for wrong in (garbage, data[: place % len(data)], data[:4] + garbage):
        try:
            decompress(wrong, size=len(body))
        except DamagedPageError:
            continue
        assert len(body) in (0, len(decompress(wrong, size=len(body))))


def test_a_dictionary_is_made_where_it_pays_and_another_one_after_a_change_of_the_template() -> None:
    made = Template()
    numbers: list[int] = []
    other = MENU.translate({ord(a): b for a, b in zip("0123456789", "9876543210", strict=True)})[::-1]
    for number in range(60):
        made.add(template(number, MENU if number < 30 else other))
        if (content := made.better()) is not None:
            numbers.append(number)
            made.take(Dictionary(len(numbers), content))
    assert numbers[0] == 11  # twelve pages tell
    assert len(numbers) == 2
    assert 30 < numbers[1] < 60
    plain = len(compress(template(60, other)))
    assert len(made.add(template(60, other))) < plain / 5


def test_pages_that_have_nothing_in_common_get_no_dictionary_and_trials_get_rare() -> None:
    made = Template()
    trials = 0
    for _ in range(400):
        made.add(os.urandom(200))
        fresh = made.fresh
        assert made.better() is None
        trials += made.fresh < fresh
    assert 3 < trials < 8


def test_pages_too_large_for_a_dictionary_are_kept_without_one() -> None:
    made = Template()
    for number in range(12):
        made.add(bytes([number]) * (DICTIONARY_BYTES + 1))
    assert made.better() is None
    assert made.fresh == 0  # it was tried


# -- the file -------------------------------------------------------------------------------------


def test_everything_that_is_kept_is_read_again_as_it_was(pages: KeptPages) -> None:
    full = page(
        "1", b"\x00\xff\xd8 x" * 50, form="article", status=404, content_type="text/html; charset=windows-1256",
        etag='"e"', last_modified="Mon", source="http://web.archive.org/x",
    )  # fmt: skip
    keep(pages, full)
    keep(pages, page("2", b"", publisher="yjc"))
    assert read_all(pages) == [full]
    assert read_all(pages, "yjc") == [page("2", b"", publisher="yjc")]


def test_pages_of_several_runs_share_dictionaries_and_none_is_unreadable_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "archive.pages.db"
    for run in range(6):
        with KeptPages(path, readonly=False) as pages:
            for number in range(run * 4, run * 4 + 4):  # too few for a trial within one run
                keep(pages, page(str(number), template(number)), flush=False)
            pages.flush()
    with KeptPages(path) as pages:
        assert bodies(pages) == {(str(n), "print"): template(n) for n in range(24)}
        rows = pages.db.execute("SELECT dictionary, max(length(body)) FROM pages GROUP BY 1 ORDER BY 1").fetchall()
        assert [number for number, _ in rows] == [None, 1]
        assert rows[1][1] < rows[0][1] / 5
        assert check_pages(pages) == []


def test_the_newest_page_wins_whoever_comes_last(pages: KeptPages) -> None:
    for at, body in ((AT, b"now"), (EARLIER, b"old"), (LATER, b"new"), (AT, b"now again")):
        keep(pages, page("1", body, at=at))
    assert bodies(pages) == {("1", "print"): b"new"}
    keep(pages, page("1", b"same second", at=LATER))
    assert bodies(pages) == {("1", "print"): b"same second"}


def test_a_page_that_is_no_article_does_not_take_the_place_of_an_articles(pages: KeptPages) -> None:
    keep(pages, page("1", b"refused", outcome="not-article"), page("1", b"too", outcome="not-article", form="article"))
    assert set(bodies(pages)) == {("1", "print"), ("1", "article")}
    keep(pages, page("1", b"the article", at=LATER))  # the forms that were refused go with it
    assert bodies(pages) == {("1", "print"): b"the article"}
    keep(pages, page("1", b"it was removed", at="2026-11-25T08:00:00+00:00", outcome="missing"))
    assert bodies(pages) == {("1", "print"): b"the article"}


def test_pages_of_a_corrected_visit_are_taken_back_and_an_articles_is_not(pages: KeptPages) -> None:
    said = keep(pages, page("1", b"maintenance", outcome="not-article"), flush=False)
    pages.forget(said)
    keep(pages, page("2", b"the article"))
    pages.forget(keep(pages, page("2", b"maintenance", outcome="not-article")))
    pages.flush()
    assert said.page_kept is False
    assert bodies(pages) == {("2", "print"): b"the article"}


def test_a_page_that_cannot_be_stored_costs_itself_and_its_visit_promises_none(
    pages: KeptPages, caplog: pytest.LogCaptureFixture
) -> None:
    visits = [
        keep(pages, replace(page(key, b"x"), url=url), flush=False)
        for key, url in (("1", "http://x/1"), ("2", "http://x/\ud83d"), ("3", "http://x/3"))
    ]
    pages.flush()
    assert [one.page_kept for one in visits] == [True, None, True]
    assert {key for key, _ in bodies(pages)} == {"1", "3"}
    assert "farsonline 2: the page cannot be kept" in caplog.text


def test_what_is_damaged_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "archive.pages.db"
    with KeptPages(path, readonly=False) as pages:
        for number in range(16):
            keep(pages, page(str(number), template(number)), flush=False)
        pages.flush()
    db = sqlite3.connect(path)
    db.execute("UPDATE pages SET body = zeroblob(9) WHERE key = '1'")
    db.execute("UPDATE pages SET body = (SELECT body FROM pages WHERE key = '2'), size = ? WHERE key = '3'",
               (len(template(2)),))  # fmt: skip
    db.execute("DELETE FROM dictionaries")
    db.commit()
    db.close()
    with KeptPages(path) as pages:
        found = read_all(pages)
        bad = {one.key: one.sentence for one in found if isinstance(one, DamagedPage)}
        assert set(bad) == {"1", "3", "12", "13", "14", "15"}
        assert "its checksum differs" in bad["3"]
        assert "its dictionary 1 is not there" in bad["15"]
        (problem,) = check_pages(pages)
        assert (problem.count, "prune-pages --damaged" in problem.advice) == (6, True)
    with KeptPages(path, readonly=False) as pages:  # a crawl goes on, with another dictionary
        for number in range(20, 50):
            keep(pages, page(str(number), template(number)), flush=False)
        pages.flush()
        assert len(bodies(pages)) == 40
        assert pages.db.execute("SELECT count(*) FROM dictionaries").fetchone() == (1,)


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b"not a database at all", NotAnArchiveError, "is no file of kept pages"),
        (b"", None, ""),
        ("archive", NotAnArchiveError, "SQLite file of another program"),
        ("newer", ArchiveTooNewError, "newer farscrawler"),
        ("torn", ArchiveError, "damaged"),
    ],
)
def test_another_file_in_its_place_is_refused_and_left_as_it_is(
    tmp_path: Path, content: bytes | str, error: type[Exception] | None, sentence: str
) -> None:
    path = tmp_path / "archive.pages.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "archive":
        Archive(path, readonly=False).close()
    else:
        with KeptPages(path, readonly=False) as pages:
            keep(pages, page("1", template(1)))
            if content == "newer":
                pages.db.execute("PRAGMA user_version = 99")
        if content == "torn":
            path.write_bytes(path.read_bytes()[:100] + b"\xff" * 9000)
    before = path.read_bytes()
    if error is None:
        KeptPages(path, readonly=False).close()
        return
    with pytest.raises(error, match=sentence) as caught:
        KeptPages(path, readonly=False)
    if content != "newer":
        assert "PAGES=off" in str(caught.value)
    assert path.read_bytes() == before


def test_the_file_lies_beside_the_archive_whatever_name_it_is_called_by(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "news.sqlite")
    (tmp_path / "news.sqlite").touch(mode=0o600)
    assert path_of(tmp_path / "link") == path_of(tmp_path / "news.sqlite") == tmp_path / "news.pages.sqlite"
    assert path_of(tmp_path / "archive") == tmp_path / "archive.pages"


def test_a_full_file_is_an_error_with_a_sentence_and_nothing_is_lost_from_the_batch(pages: KeptPages) -> None:
    keep(pages, page("1", template(1)))
    size = pages.db.execute("PRAGMA page_count").fetchone()[0]
    pages.db.execute(f"PRAGMA max_page_count = {size}")
    keep(pages, page("2", os.urandom(100_000)), flush=False)
    with pytest.raises(ArchiveError, match="the disk is full"):
        pages.flush()
    assert set(bodies(pages)) == {("1", "print")}
    pages.db.execute("PRAGMA max_page_count = 1000000")
    pages.flush()
    assert set(bodies(pages)) == {("1", "print"), ("2", "print")}


def test_pages_that_were_promised_and_are_not_there_are_counted(archive: Archive, pages: KeptPages) -> None:
    archive.preparations.append(pages.flush)
    for key in "123":
        archive.save(keep(pages, page(key, b"x"), flush=False), article(key))
    archive.flush()
    assert archive.db.execute("SELECT count(*) FROM visits WHERE page_kept").fetchone() == (3,)
    assert (lost(archive, pages), lost(archive, None)) == (0, 3)
    pages.db.execute("DELETE FROM pages WHERE key = '2'")
    assert lost(archive, pages) == 1


def test_who_may_read_the_archive_may_read_its_pages(tmp_path: Path, pages: KeptPages) -> None:
    other = tmp_path / "plain"
    other.touch()
    assert isinstance(pages.path, Path)
    assert stat.S_IMODE(pages.path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


def test_the_docs_say_what_the_columns_mean(pages: KeptPages) -> None:
    part = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8").split("\n## Kept pages\n")[1].split("\n## ")[0]
    tables = {row[0] for row in pages.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == set(re.findall(r"^### (\w+)$", part, re.MULTILINE))
    for table in tables:
        rows = part.split(f"### {table}\n")[1].split("\n### ")[0]
        said = [
            name for row in re.findall(r"^\| (`.*?) \|", rows, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
        ]
        assert sorted(said) == sorted(row[1] for row in pages.db.execute(f"PRAGMA table_info({table})"))
