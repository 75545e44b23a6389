"""The walk of docs/adding-a-publisher.md: from an address to a harvested month, on three sites that nobody has seen."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.publishers.loader import read_text
from farscrawler.testing.newsroom import Server
from tests.support import ROOT, run
from tests.support.invented import MONTH, SITES, DivSite, PlainSite, TableSite, fast, site_of

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.testing.newsroom.replicas.familysite import FamilySite

#: What the stanza that nobody touched says of each site's sources.
SOURCES = {TableSite: ("archive", "ids"), DivSite: ("pages", "feeds"), PlainSite: ("sitemaps",)}
#: Fields that a right reader finds on the pages of a site; the table site prints no tags.
READ = ("kicker", "headline", "lead", "body", "section", "tags", "published_at", "published_jalali", "published_text")


def commands_after(printed: str) -> list[list[str]]:
    """Return the commands that `detect` prints below «Next:», as words."""
    lines = printed.partition("\nNext:\n")[2].splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("  farscrawler ")]


def docs_commands() -> list[list[str]]:
    """Return the commands of the walk as its page prints them: those of its site."""
    walk = (ROOT / "docs" / "adding-a-publisher.md").read_text(encoding="utf-8").partition("\n## 3. ")[0]
    return [shlex.split(line)[2:] for line in re.findall(r"^\$ farscrawler .*kuhestan.*", walk, re.MULTILINE)]


def assert_harvested(site: FamilySite, folder: Path) -> None:
    """Every article of the month is in the archive, with every field as the site has it."""
    wanted = {site.key_of(one): one for one in site.articles() if one.jalali[:2] == MONTH}
    assert len(wanted) > 100
    with Archive(folder / "archive.db", readonly=True) as archive:
        found = {one.article_id: one for one in archive.articles(site.publisher_key)}
    assert wanted.keys() <= found.keys()
    for key, one in wanted.items():
        answers = site.answers(one)
        if isinstance(site, TableSite):
            answers["tags"] = []
        assert {name: getattr(found[key], name) for name in READ} == {name: answers[name] for name in READ}, key


@pytest.mark.parametrize("kind", SITES)
def test_from_an_address_to_a_harvested_month_nothing_is_typed_by_hand(kind: type[FamilySite], tmp_path: Path) -> None:
    site = site_of(kind)
    one = site.chronicle.newest(3)[2]
    with Server(site.newsroom, site=site) as server:
        env = fast(server.url)
        done = run("detect", site.url_for(one), "--publishers", "my-sites", cwd=tmp_path, env=env)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert server.requests[0].path == "/robots.txt"
        assert len(server.requests) <= 15, "the page, four more, and the doors"
        latest, month = commands_after(done.stdout)
        assert run(*latest, cwd=tmp_path, env=env).returncode == 0
        harvested = run(*month, cwd=tmp_path, env=env)
        assert harvested.returncode == 0, harvested.stderr
    file = tmp_path / "my-sites" / f"{site.publisher_key}.toml"
    (publisher,) = read_text(file.read_text(encoding="utf-8"), file.name)
    assert (publisher.key, publisher.name, publisher.family) == (site.publisher_key, site.name, "custom")
    assert publisher.sources.names == SOURCES[kind]
    assert publisher.article_id(site.url_for(one)) == site.key_of(one)
    assert_harvested(site, tmp_path)


def test_the_walk_of_the_docs_is_the_one_that_is_walked(tmp_path: Path) -> None:
    """Its commands as they are printed, one after the other, in one folder."""
    site = site_of(TableSite)
    commands = docs_commands()
    assert [words[0] for words in commands] == ["detect", "crawl", "show", "crawl"]
    with Server(site.newsroom, site=site) as server:
        for words in commands:
            done = run(*words, cwd=tmp_path, env=fast(server.url))
            assert done.returncode == 0, done.stderr
            if words[0] == "show":
                assert site.chronicle.newest(1)[0].headline in done.stdout
    assert_harvested(site, tmp_path)


def test_a_stanza_that_was_wrong_is_seen_found_and_mended(tmp_path: Path) -> None:
    """What the page says of it: a field is empty, --explain says where it is looked for, the mended line reads it."""
    site = site_of(TableSite)
    one = next(story for story in site.chronicle.backwards() if story.lead)
    file = tmp_path / "my-sites" / "kuhestan.toml"
    with Server(site.newsroom, site=site) as server:
        env = fast(server.url)
        assert run("detect", site.url_for(one), "--publishers", "my-sites", cwd=tmp_path, env=env).returncode == 0
        right = file.read_text(encoding="utf-8")
        assert 'lead = [".kholase"]\n' in right
        file.write_text(right.replace('lead = [".kholase"]', 'lead = [".lid"]'), encoding="utf-8")
        asked = ("-s", "PUBLISHERS=my-sites")
        assert run("crawl", "kuhestan", "--ids", str(one.number), *asked, cwd=tmp_path, env=env).returncode == 0
        shown = run("show", "kuhestan", str(one.number), "--explain", *asked, cwd=tmp_path, env=env)
        assert "\nlead: -\n" in shown.stdout
        file.write_text(right, encoding="utf-8")
        done = run("reparse", "kuhestan", *asked, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        before = len(server.requests)
        shown = run("show", "kuhestan", str(one.number), "--explain", *asked, cwd=tmp_path, env=env)
        assert f"    <- .kholase: {one.lead[:20] if one.lead else ''}" in shown.stdout
        assert len(server.requests) == before, "the page was kept, and is read again"
