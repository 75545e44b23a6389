"""The scripts of examples/: on invented news they find what was put into it."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive, Visit
from farscrawler.testing.newsroom import Newsroom
from tests.support import ROOT, environment, run

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = ROOT / "examples"
MADE = runpy.run_path(str(EXAMPLES / "newsroom_archive.py"))
#: Fewer articles than the reader of the examples gets, of the same five years.
NEWSROOM = Newsroom(seed=1398, first_id=1_000, count=1_500, start="1398-01-01", until="1403-01-01")


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("examples") / "news.db"
    with Archive(path, readonly=False) as archive:
        for one in MADE["articles"](NEWSROOM):
            visit = Visit(
                publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=one.fetched_at
            )
            archive.save(visit, one)
    return path


def example(name: str, *words: str, code: int = 0, cwd: Path | None = None) -> str:
    """Run a script as a reader does, and return what it says."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *words],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["articles_a_day.py"], "Name an archive"),
        (["articles_a_day.py", "nowhere.db"], "nowhere.db does not exist"),
        (["who_copied_whom.py"], "Name an archive"),
        (["who_copied_whom.py", "nowhere.db"], "nowhere.db does not exist"),
        (["word_rise.py", "nowhere.db"], "Name an archive and words"),
        (["word_rise.py", "nowhere.db", "x"], "nowhere.db does not exist"),
        (["newsroom_archive.py"], "Name the archive to make"),
    ],
)
def test_a_slip_is_told_and_makes_nothing(words: list[str], said: str, tmp_path: Path) -> None:
    assert said in example(*words, code=1, cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_invented_news_never_go_into_an_archive_that_is_there(news: Path) -> None:
    before = news.read_bytes()
    assert "is there already" in example("newsroom_archive.py", str(news), code=1)
    assert news.read_bytes() == before


def test_fridays_and_holidays_have_fewer_articles(news: Path) -> None:
    said = example("articles_a_day.py", str(news))
    means = {day: float(mean) for day, mean in re.findall(r"^(\w+day) +([\d.]+)$", said, re.MULTILINE)}
    assert len(means) == 7
    assert means["Friday"] < 0.7 * min(mean for day, mean in means.items() if day != "Friday")
    shares = [int(share) for share in re.findall(r"(\d+)%$", said, re.MULTILINE)]
    assert len(shares) == len(MADE["HOLIDAYS"])
    assert sum(shares) / len(shares) < 60
    every, of_one = (
        int(re.findall(r"days, ([\d,]+) articles", text)[0].replace(",", ""))
        for text in (said, example("articles_a_day.py", str(news), "irna"))
    )
    assert 0 < of_one < every


def test_the_copies_are_those_that_were_made(news: Path) -> None:
    assert "`farscrawler copies`" in example("who_copied_whom.py", str(news), code=1)
    assert run("copies", "--archive", str(news), cwd=news.parent).returncode == 0
    said = example("who_copied_whom.py", str(news))
    found = sum(int(count) for count in re.findall(r"^(?:irna|isna|mehrnews) +(\d+) +\d+ min", said, re.MULTILINE))
    made = [one for one in MADE["articles"](NEWSROOM) if one.headline.startswith("گزارش: ")]
    assert 0.85 * len(made) < found <= len(made)  # the shortest texts are not compared
    named = [int(share) for share in re.findall(r"min +(\d+)%$", said, re.MULTILINE)]
    assert len(named) == 3
    assert 45 < sum(named) / 3 < 75


def test_a_word_rises_as_it_was_made_to(news: Path) -> None:
    said = example("word_rise.py", str(news), "هوش مصنوعی")
    cells = r"^(\d{4}) +([\d,]+) +([\d,]+) +([\d.]+) +([\d.]+) – +([\d.]+)"
    rows = {
        year: [float(value.replace(",", "")) for value in values]
        for year, *values in re.findall(cells, said, re.MULTILINE)
    }
    made: dict[str, int] = dict.fromkeys(rows, 0)
    for one in MADE["articles"](NEWSROOM):
        made[one.published_jalali[3:7]] += any(text in one.body for text in MADE["SUBJECT"])
    assert {year: found for year, (_, found, *_) in rows.items()} == made
    assert rows["1402"][3] > rows["1398"][4]  # the intervals lie apart
    assert all(low <= share <= high for _, _, share, low, high in rows.values())
    assert "No article has" in example("word_rise.py", str(news), "زرافه", code=1)
