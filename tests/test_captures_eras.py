"""A web archive holds a site under its earlier hosts and addresses: none of them is passed by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from tests.support import run
from tests.support.engine_pages import closed
from tests.support.replica_archives import Archives
from tests.support.snapshots import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "<p>باغبان پیر نهال‌های گردو را پیش از باران کاشت.</p><p>کودکان آب چشمه را به باغچه رساندند.</p>"


def fars(number: int) -> bytes:
    return closed(
        f'<span id="nwstxtdt">95/02/{number:02} :: 01:14</span><h1 class="nwstxtinfotitle">نهال گردوی {number}</h1>'
        f'<span id="photoframe"><h2>لید.</h2></span><span id="nwstxtBodyPane">{TEXT}</span>'
    ).encode()


def irna(number: int, classes: str = "") -> bytes:
    return closed(
        f'<h1{classes}>باران روز {number}</h1><time datetime="2017-03-{number:02}T10:11:00+03:30">ساعتی پیش</time>'
        f'<div class="item-text" itemprop="articleBody">{TEXT}</div>',
        f'<meta property="article:published_time" content="2017-03-{number:02}T10:11:00+03:30">',
    ).encode()


def harvest(publisher: str, snapshots: list[Snapshot], folder: Path) -> dict[str, tuple[str, str | None]]:
    """Return the addresses and instants of what a harvest stored, by id."""
    with Archives(snapshots) as archives:
        settings = {"WAYBACK_URL": archives.url, "WAYBACK_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}
        words = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        done = run("crawl", publisher, "-a", "source=wayback", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    with Archive(folder / "archive.db", readonly=True) as archive:
        found = archive.db.execute("SELECT article_id, url, published_at FROM articles").fetchall()
    return {article_id: (url, at) for article_id, url, at in found}


def test_hosts_and_addresses_of_an_era_are_harvested(tmp_path: Path) -> None:
    old = "http://www.farsnews.com/newstext.php?nn=139502{:02}000036"
    snapshots = [Snapshot(url=old.format(day), at="20160601000000", body=fars(day)) for day in range(1, 6)]
    # The same article under the host of today, captured before: the newest one is taken.
    snapshots.append(
        Snapshot(url="https://www.farsnews.ir/newstext.php?nn=13950201000036", at="20160531000000", body=fars(1))
    )
    snapshots.append(Snapshot(url="http://www.farsnews.com/", at="20160601000000", body=fars(9)))
    found = harvest("farsnews", snapshots, tmp_path)
    assert found == {
        f"139502{day:02}000036": (old.format(day), f"2016-04-{19 + day}T01:14:00+04:30")  # 1 Ordibehesht is 20 April
        for day in range(1, 6)
    }


def test_equal_numbers_of_two_eras_are_two_articles(tmp_path: Path) -> None:
    now, then = "https://www.irna.ir/news/8234567{}/x", "http://www3.irna.ir/fa/News/8234567{}/x"
    snapshots = [Snapshot(url=then.format(day), at="20170401000000", body=irna(day)) for day in (1, 2, 3)]
    snapshots += [
        Snapshot(url=now.format(day), at="20220401000000", body=irna(day + 10, " class=title")) for day in (2, 3, 4)
    ]
    found = harvest("irna", snapshots, tmp_path)
    assert found == {
        **{
            f"fa_news:8234567{day}": (f"http://www3.irna.ir/fa/News/8234567{day}/", f"2017-03-0{day}T10:11:00+03:30")
            for day in (1, 2, 3)
        },
        **{
            f"8234567{day}": (f"https://www.irna.ir/news/8234567{day}", f"2017-03-{day + 10}T10:11:00+03:30")
            for day in (2, 3, 4)
        },
    }
