"""`farscrawler show`: the newest articles, as text for eyes and for pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.cli.commands.show import line
from farscrawler.items import Article
from farscrawler.testing.newsroom import Newsroom, Server, answers
from tests.support import crawl, run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_headline_gives_no_orders_to_a_terminal() -> None:
    article = Article(
        publisher="farsonline", article_id="1", url="u", headline="\x1b]0;owned\x07\x9b2J تیتر", published_jalali=None
    )
    shown = line(article, 100)
    assert not [c for c in shown if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0]
    assert r"\x1b]0;owned\x07\x9b2J تیتر" in shown


def test_show_prints_the_newest_first_and_a_tab_between_cells_when_piped(tmp_path: Path) -> None:
    newsroom = Newsroom(count=60)
    with Server(newsroom) as server:
        assert crawl(server.url, "-a", "latest=5", cwd=tmp_path).returncode == 0
    shown = run("show", "-n", "3", cwd=tmp_path)
    newest = [newsroom.story(number) for number in newsroom.ids()[:-4:-1]]
    assert shown.returncode == 0
    truths = [answers(story, "print") for story in newest if story is not None]
    assert shown.stdout.splitlines() == [
        "\t".join(
            [
                "farsonline",
                truth["article_id"],
                truth["published_jalali"].replace("-", "/").replace("T", " "),
                truth["headline"],
            ]
        )
        for truth in truths
    ]
