"""`farscrawler search`: what it prints, for people and for programs, and what it says where it cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from tests.support import environment, run
from tests.support.searched import archive_of, news

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_BODY = f"{'آغاز ' * 60}كتابهاي تازه ميشود\x1b[31m {'پایان ' * 60}"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    articles = [
        news("1", _BODY, published_jalali="SH 1401/02/28 10:00:00", section="فرهنگی"),
        news("2", "متن", headline="کتاب‌های کهنه", day="2022-05-19", publisher="isna"),
    ]
    return archive_of(tmp_path_factory.mktemp("search") / "archive.db", articles)


def search(*words: str, cwd: Path, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    done = run("search", *words, cwd=cwd, env=environment(**more))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_piped_it_prints_cells(path: Path) -> None:
    lines = search("کتاب‌های", cwd=path.parent).stdout.splitlines()
    assert [line.split("\t")[:4] for line in lines] == [
        ["isna", "2", "-", "کتاب‌های کهنه"], ["irna", "1", "1401/02/28 10:00:00", "تیتر 1"],
    ]  # fmt: skip
    assert lines[0].split("\t")[4] == "کتاب‌های کهنه"
    assert "كتابهاي تازه ميشود\\x1b[31m" in lines[1]


def test_a_terminal_shows_the_hits(path: Path) -> None:
    said = search("کتاب‌های می‌شود", cwd=path.parent, FORCE_COLOR="1", COLUMNS="100").stdout
    head, excerpt = said.splitlines()
    assert "irna" in head
    assert "1401/02/28" in head
    assert "\x1b[1;33mكتابهاي\x1b[0m تازه \x1b[1;33mميشود\x1b[0m\\x1b[31m" in excerpt
    assert excerpt.startswith("\u200e    \u2068…")
    assert excerpt.endswith("…\u2069")
    plain = search("کتاب‌های", cwd=path.parent, FORCE_COLOR="1", NO_COLOR="1", COLUMNS="60").stdout
    assert "[كتابهاي]" in plain


def test_json_has_the_places(path: Path) -> None:
    said = json.loads(search("کتاب‌های", "--json", "-n", "1", "--since", "1401", cwd=path.parent).stdout)
    assert (said["archive"], said["words"], said["since"], said["order"]) == ("archive.db", "کتاب‌های", "1401", "newest")
    [one] = said["results"]
    assert (one["publisher"], one["article_id"], one["published_date"]) == ("isna", "2", "2022-05-19")
    assert one["excerpts"] == [
        {
            "field": "headline",
            "text": "کتاب‌های کهنه",
            "start": 0,
            "hits": [[0, 8]],
            "more_before": False,
            "more_after": False,
        }
    ]
    said = json.loads(search("کتاب‌های", "--json", "--after", said["after"], cwd=path.parent).stdout)
    [[excerpt]] = [one["excerpts"] for one in said["results"]]
    assert said["after"] is None
    assert [excerpt["text"][first:last] for first, last in excerpt["hits"]] == ["كتابهاي"]
    assert _BODY[excerpt["start"] :].startswith(excerpt["text"])


def test_pages_and_conditions(path: Path) -> None:
    done = search("کتاب‌های", "-n", "1", cwd=path.parent)
    assert "there are more: --after " in done.stderr
    assert search("کتاب‌های", "--publisher", "irna", "--order", "rank", cwd=path.parent).stdout.startswith("irna\t1\t")
    assert search("کتاب‌های", "--field", "headline", cwd=path.parent).stdout.startswith("isna\t2\t")
    assert search("کتاب‌های", "--section", "فرهنگي", "--until", "1401-02-28", cwd=path.parent).stdout.count("\n") == 1


def test_nothing_found_and_the_index_dropped(path: Path) -> None:
    done = search("هیچ", cwd=path.parent, code=1)
    assert done.stdout == ""
    assert "archive.db holds no such article." in done.stderr
    assert json.loads(search("هیچ", "--json", cwd=path.parent, code=1).stdout)["results"] == []
    assert "the search index is removed" in search("--drop", cwd=path.parent).stderr
    assert "has no search index" in search("--drop", cwd=path.parent).stderr
    with Archive(path) as archive:
        assert archive.db.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'search%'").fetchone() == (0,)
    assert search("کهنه", cwd=path.parent).stdout.startswith("isna\t2\t")


@pytest.mark.parametrize(
    "words",
    [
        (), ("(کتاب",), ("iran:کتاب",), ("کتاب", "-n", "0"), ("کتاب", "--field", "title"), ("کتاب", "--order", "old"),
        ("کتاب", "--publisher", "nobody"), ("کتاب", "--since", "140"), ("کتاب", "--drop"), ("کتاب", "--after", "x"),
        ("کتاب", "-s", "ARCHIVE=none.db"), ("؟",),
    ],
)  # fmt: skip
def test_wrong_usage(words: tuple[str, ...], path: Path) -> None:
    assert search(*words, cwd=path.parent, code=2).stderr


def test_an_archive_that_cannot_be_written_has_a_sentence(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "folder" / "archive.db"
    copy.parent.mkdir()
    search("--drop", cwd=path.parent)
    copy.write_bytes(path.read_bytes())
    copy.parent.chmod(0o555)
    copy.chmod(0o444)
    try:
        if copy.parent.stat().st_uid == 0:
            pytest.skip("root may write anything")
        assert "the first search makes it, in the archive itself" in search("کتاب", cwd=copy.parent, code=2).stderr
    finally:
        copy.parent.chmod(0o755)


def test_the_making_of_a_large_index_is_told(tmp_path: Path) -> None:
    archive_of(tmp_path / "archive.db", (news(str(n), "آب") for n in range(1100)))
    done = search("آب", "-n", "1", cwd=tmp_path)
    assert "making the search index of 1,100 articles, once" in done.stderr
    assert "making" not in search("آب", cwd=tmp_path).stderr
