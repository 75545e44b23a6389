"""Why a search, a count, an export or a list is empty: each reason is said, with the command that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, run

if TYPE_CHECKING:
    from pathlib import Path

#: Ten articles a day from 1399-01-01 on.
_NEWSROOM = Newsroom(first_id=3_000, count=300, per_day=10, start="1399-01-01")
_HARVESTED = ("--since", "1399-01-03", "--until", "1399-01-06")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an archive in which four days are harvested."""
    made = tmp_path_factory.mktemp("absent")
    with Server(_NEWSROOM) as server:
        assert crawl(server.url, *_HARVESTED, cwd=made).returncode == 0
    assert run("search", "شهر", cwd=made).returncode == 0  # makes the index
    return made


NOBODY = "It holds nothing of irna yet: `farscrawler crawl irna`."
OTHER_DAYS = (
    "No run has harvested all of 1398-01-01 – 1398-12-29 for farsonline: `farscrawler crawl farsonline --since "
    "1398-01-01 --until 1398-12-29` does."
)
AHEAD = "1500-01-01 – … lies in the future."


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("search", "شهر", "--publisher", "irna"), NOBODY),
        (("stats", "irna"), NOBODY),
        (("export", "irna", "-O", "none.jsonl"), NOBODY),
        (("show", "irna", "--section", "هنر"), NOBODY),
        (("search", "شهر", "--since", "1398", "--until", "1398"), OTHER_DAYS),
        (("stats", "farsonline", "--since", "1398", "--until", "1398"), OTHER_DAYS),
        (("export", "--since", "1398", "--until", "1398", "-O", "none.jsonl"), OTHER_DAYS),
        (("show", "--since", "1398", "--until", "1398"), OTHER_DAYS),
        (("search", "شهر", "--since", "1500"), AHEAD),
        (("stats", "--since", "1500"), AHEAD),
        (
            ("search", "شهر and نیست‌درجهان"),
            "In a search and is a word like others; AND in capital letters joins words.",
        ),
        (("show", "--search", "شهر Or نیست‌درجهان"), "In a search Or is a word like others; OR in capital letters"),
        (("export", "--search", "not نیست‌درجهان", "-O", "none.jsonl"), "In a search not is a word like others; NOT"),
    ],
)
def test_the_reason_is_said(folder: Path, words: tuple[str, ...], reason: str) -> None:
    done = run(*words, cwd=folder)
    assert done.returncode == 1, done.stderr
    assert "archive holds no such articles" in done.stderr or "archive.db holds no such article" in done.stderr
    assert reason in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("search", "نیست‌درجهان"),
        ("search", "نیست‌درجهان", "--since", "1399-01-04", "--until", "1399-01-05"),
        ("search", "headline:نیست‌درجهان", "OR", '"and"'),
        ("stats", "farsonline", "--section", "نیست", "--since", "1399-01-03", "--until", "1399-01-06"),
    ],
    ids=" ".join,
)
def test_no_reason_is_invented(folder: Path, words: tuple[str, ...]) -> None:
    done = run(*words, cwd=folder)
    assert (done.returncode, done.stderr) == (1, "farscrawler: archive.db holds no such article.\n")


def test_the_advice_works_as_printed_for_another_archive(folder: Path, tmp_path: Path) -> None:
    words = ("--archive", str(folder / "archive.db"))
    assert (
        f"`farscrawler crawl irna --archive {folder / 'archive.db'}`"
        in run("stats", "irna", *words, cwd=tmp_path).stderr
    )


def test_an_archive_without_articles_says_so(tmp_path: Path) -> None:
    Archive(tmp_path / "archive.db", readonly=False).close()
    done = run("stats", cwd=tmp_path)
    assert "It holds no article at all: `farscrawler crawl PUBLISHER` fetches some." in done.stderr
    assert done.returncode == 1
