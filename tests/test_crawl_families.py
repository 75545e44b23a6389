"""Six sites of four families, crawled together in one process, every field of every article right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.testing.newsroom import Faults, Newsroom
from farscrawler.testing.newsroom.replicas import Street
from farscrawler.testing.newsroom.replicas.asam import Asam
from farscrawler.testing.newsroom.replicas.iransamaneh import IranSamaneh
from farscrawler.testing.newsroom.replicas.nastooh import Nastooh
from farscrawler.testing.newsroom.replicas.wordpress import WordPress
from tests.support import FAST, run
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from farscrawler.testing.newsroom.replicas import FamilySite

SETTINGS = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]


class ById(WordPress):
    """As ensafnews has its addresses: /<id>/<slug>/."""

    permalinks = "id"


class ByDay(WordPress):
    """As upna has them: /1403/02/30/<slug>/."""

    permalinks = "jalali"
    host, publisher = "www.upna.ir", "upna"


class BySlug(WordPress):
    """As gitionline has them: /<slug>/."""

    permalinks = "slug"
    host, publisher = "www.gitionline.ir", "gitionline"


SITES: tuple[Callable[..., FamilySite], ...] = (Nastooh, IranSamaneh, Asam, ById, ByDay, BySlug)


def street_of(count: int, weight: int, faults: Faults | None = None) -> Street:
    return Street([site(Newsroom(1401 + at, 1_000, count), weight=weight) for at, site in enumerate(SITES)], faults)


def words_of(street: Street, folder: Path) -> list[str]:
    """Return the words of a crawl of all articles of a street, by their addresses."""
    words = ["crawl-all", *(site.publisher_key for site, _ in street), *SETTINGS]
    for site, server in street:
        file = folder / f"{site.publisher_key}.txt"
        file.write_text("\n".join(site.url_for(one) for one in site.articles()), encoding="utf-8")
        words += ["-a", f"{site.publisher_key}.base_url={server.url}", "-a", f"{site.publisher_key}.urls=@{file.name}"]
    return words


def assert_all_right(site: FamilySite, folder: Path) -> None:
    with Archive(folder / "archive.db", readonly=True) as archive:
        stored = {article.article_id: article for article in archive.articles(site.publisher_key)}
    assert set(stored) == {site.key_of(one) for one in site.articles()}
    for one in site.articles():
        truth = site.answers(one)
        if truth["lead"] == truth["body"]:  # a lead that is all of the text is the text, and no lead
            truth["lead"] = None
        article = stored[site.key_of(one)]
        assert {name: getattr(article, name) for name in truth} == truth
        assert article.url.isascii()


def test_four_families_in_one_process_every_field_right(tmp_path: Path) -> None:
    with street_of(40, 6_000) as street:
        done = run(*words_of(street, tmp_path), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "6 publishers: 6 done" in done.stderr
        for site, server in street:
            assert_all_right(site, tmp_path)
            pages = [entry.path for entry in server.requests if entry.path != "/robots.txt"]
            assert len(pages) == len(set(pages))  # Asam's short links lead on to the articles


def test_one_faulty_street_is_harvested_whole_in_the_end(tmp_path: Path) -> None:
    with street_of(30, 2_000, Faults(unavailable=0.1, reset_midway=0.05, cut=0.05)) as street:
        seen = []
        for _ in range(6):
            done = run(*words_of(street, tmp_path), cwd=tmp_path)
            seen.append(done.returncode)
            if done.returncode == 0:
                break
        assert seen[-1] == 0, done.stderr
        assert set(seen) <= {0, 3}
        for site, _ in street:
            assert_all_right(site, tmp_path)


ZOOMIT_PAGE = """\
<html lang="fa"><head><meta property="article:published_time" content="2025-05-19T13:00:00.000Z"></head><body><main>
<h1 itemprop="headline">گوشی تازه‌ای که هنوز نیامده است</h1>
<div itemprop="articleBody"><p>کارخانه می‌گوید هنوز چیزی نساخته است.</p><p>خریداران می‌گویند صبر می‌کنند.</p></div>
</main></body></html>"""


def test_a_site_whose_addresses_do_not_follow_from_ids_is_crawled_by_its_addresses(tmp_path: Path) -> None:
    path = "/mobile/412345-نمونه/"
    encoded = "/mobile/412345-%D9%86%D9%85%D9%88%D9%86%D9%87/"
    with PageServer({encoded: Answer(ZOOMIT_PAGE)}) as server:
        urls = f"urls=https://www.zoomit.ir{path}#comments"
        words = ["crawl", "zoomit", "-a", f"base_url={server.url}", "-a", urls, *SETTINGS]
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert server.asked == ["/robots.txt", encoded]
        again = run(*words, cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        assert server.asked.count(encoded) == 1
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        article = archive.article("zoomit", "412345")
    assert article is not None
    assert (article.url, article.headline) == (f"https://www.zoomit.ir{encoded}", "گوشی تازه‌ای که هنوز نیامده است")
    refused = run("crawl", "zoomit", "-a", "ids=412345", cwd=tmp_path)
    assert refused.returncode == 2
    assert "the addresses of zoomit cannot be made of ids; name articles with urls=" in refused.stderr
