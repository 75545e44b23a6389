"""Searching an archive: what is found, in which order, page by page, under which conditions, with which excerpts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.search.tables import PLACES
from farscrawler.errors import BadArgumentError, NoSearchIndexError
from tests.support.postgres import needs_postgres
from tests.support.searched import archive_of, found, is_true, news, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.locations import Location

ARTICLES = [
    news("1", "كتابهاي تازه ميشود", clock="08:00:00", section="فرهنگي", tags=["کتاب و هنر", "آب"]),
    news("2", "کتاب‌های کهنه می‌شود", clock="09:00:00", section="فرهنگی", authors=["نام آور"]),
    news("3", "کتاب ها و آب", publisher="isna", day="2022-05-19", clock="00:00:01", headline="آب در خبر"),
    news("4", "کتابها", publisher="isna", day="2022-05-19", clock=None),
    news("5", "نه این و نه آن", publisher="isna-en", day="2022-05-20"),
    news("6", "کتاب‌ها بی روز", day=None, section="علمی فرهنگی"),
]


@pytest.fixture(scope="module", params=["file", pytest.param("postgres", marks=needs_postgres)])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Location:
    if request.param == "file":
        place: Location = tmp_path_factory.mktemp("search") / "archive.db"
    else:
        place = request.getfixturevalue("postgres").archive()
    with Archive(place, readonly=False) as archive:
        save(archive, *ARTICLES)
        archive.prepare_search()
    return place


@pytest.fixture
def archive(path: Location) -> Iterator[Archive]:
    with Archive(path) as opened:
        yield opened


def test_each_spelling_finds_all_spellings(archive: Archive) -> None:
    for words in ("کتاب‌ها", "کتاب ها", "کتابها", "كتاب‌ها"):
        assert set(found(archive, words)) == {"3", "4", "6"}
    for words in ("کتاب‌های", "كتابهاي", "می‌شود", "مي شود", "میشود"):
        assert found(archive, words) == ["2", "1"]
    assert found(archive, '"کتاب‌های تازه"') == ["1"]
    assert found(archive, "کتاب*") == ["3", "4", "2", "1", "6"]


def test_the_newest_are_first_and_those_without_a_day_last(archive: Archive) -> None:
    assert found(archive, "کتاب* OR این") == ["5", "3", "4", "2", "1", "6"]
    assert found(archive, "آب", order="rank") == ["3"]
    assert found(archive, "تیتر OR آب", order="rank")[-1] != "3"


def test_conditions_narrow_what_is_found(archive: Archive) -> None:
    assert found(archive, "کتاب*", publishers=["irna"]) == ["2", "1", "6"]
    assert found(archive, "این OR کتاب*", publishers=["isna"]) == ["3", "4"]
    assert found(archive, "کتاب*", since="1401-02-29") == ["3", "4"]
    assert found(archive, "کتاب*", since=dt.date(2022, 5, 18), until="1401-02-28") == ["2", "1"]
    assert found(archive, "کتاب*", section="فرهنگی") == ["2", "1"]
    assert found(archive, "کتاب*", section="فرهنگی", since="1402") == []
    assert found(archive, "آب", fields=["headline"]) == ["3"]
    assert found(archive, "آب") == ["3"]
    assert found(archive, "tags:آب") == ["1"]
    assert found(archive, "authors:نام‌آور کتاب*") == ["2"]
    assert found(archive, "section:فرهنگی NOT کهنه") == ["1", "6"]


def test_pages_follow_each_other(archive: Archive) -> None:
    for order in ("newest", "rank"):
        all_of_them = found(archive, "کتاب* OR این", order=order)
        read, after = list[str](), None
        for _ in range(10):
            page = archive.search("کتاب* OR این", order=order, limit=2, after=after)
            read += [one.article.article_id for one in page.results]
            after = page.after
            if after is None:
                break
        assert read == all_of_them
        assert len(read) == 6


def test_all_keys_are_streamed_in_the_order_of_publication(archive: Archive) -> None:
    assert [key for _, key in archive.matching("کتاب*")] == ["6", "1", "2", "4", "3"]
    assert list(archive.matching("کتاب*", publishers=["isna"])) == [("isna", "4"), ("isna", "3")]
    assert [key for _, key in archive.matching("کتاب*", section="فرهنگي", until="1401")] == ["1", "2"]
    assert list(archive.matching("هیچ")) == []


def test_excerpts_say_where(archive: Archive) -> None:
    [one] = archive.search("آب کتاب‌ها").results
    assert [(excerpt.field, excerpt.text, excerpt.hits) for excerpt in one.excerpts] == [
        ("headline", "آب در خبر", ((0, 2),)),
        ("body", "کتاب ها و آب", ((0, 7), (10, 12))),
    ]
    [one] = archive.search("tags:هنر").results
    assert one.excerpts[0].text == "کتاب و هنر، آب"


@pytest.mark.parametrize(
    "more", [{"limit": 0}, {"after": "x"}, {"order": "oldest"}, {"since": "1402", "until": "1401"}]
)
def test_what_cannot_be_asked(archive: Archive, more: dict[str, str]) -> None:
    with pytest.raises(BadArgumentError):
        archive.search("آب", **more)  # type: ignore[arg-type]  # what is wrong
    with pytest.raises(BadArgumentError):
        archive.search("(")


def test_no_index_can_be_made_for_reading_alone(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "archive.db", ARTICLES[:1])
    with Archive(path) as archive, pytest.raises(NoSearchIndexError, match="`farscrawler search` makes it"):
        archive.search("کتاب")
    with Archive(path, readonly=False) as archive:
        assert found(archive, "کتاب*") == ["1"]
    with Archive(path) as archive:
        assert found(archive, "کتاب*") == ["1"]


def test_many_articles_of_one_second_stay_in_their_day(tmp_path: Path) -> None:
    many = [news(str(n), "آب", day="2022-05-18", clock="23:59:59") for n in range(3 * PLACES)]
    next_day = [news(f"n{n}", "آب", day="2022-05-19", clock="00:00:00") for n in range(PLACES)]
    undated = [news(f"u{n}", "آب", day=None) for n in range(3)]
    path = archive_of(tmp_path / "archive.db", [*next_day, *many[:20]])
    with Archive(path, readonly=False) as archive:
        archive.prepare_search()
    archive_of(path, [*many[20:], *undated])  # numbered by the triggers
    with Archive(path) as archive:
        assert len(found(archive, "آب", since="1401-02-28", until="1401-02-28", limit=100)) == len(many)
        assert len(found(archive, "آب", since="1401-02-29", limit=100)) == len(next_day)
        assert len(list(archive.matching("آب"))) == len(many) + len(next_day) + len(undated)
    assert is_true(path)
