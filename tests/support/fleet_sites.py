"""Publishers of the tests' own: stanzas of the first site's engine whose names lead nowhere, each with a newsroom."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from farscrawler.archive import Archive
from farscrawler.testing.newsroom import Newsroom, Server, answers
from tests.support import FAST, run
from tests.support.pageserver import PageServer

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

SITES = ("north", "south", "east")
#: The print pages of the newsroom print permalinks on the first site's host, which therefore is one of theirs too.
STANZA = """\
[{key}]
name = "آزمون {key}"
hosts = ["www.{key}.example", "www.fars-online.ir"]
default_form = "print"
site_names = ["پیام فارس", "فارس آنلاین"]
datelines = ["پیام فارس", "فارس آنلاین"]
lead_by_dateline = true
[{key}.forms.article]
url = "/Fa/News/{{id}}/"
[{key}.forms.print]
url = "/Incsys/PrtNews.aspx?l=Fa&code={{id}}&k=0"
paths = ['/incsys/prtnews\\.aspx']
query = "code"
"""


def own_folder(folder: Path, *keys: str) -> Path:
    """Write stanzas into a folder of a user's own, and give it."""
    folder.mkdir(exist_ok=True)
    text = "\n".join(STANZA.format(key=key) for key in keys)
    (folder / "sites.toml").write_text('[defaults]\nfamily = "incsys"\n\n' + text, encoding="utf-8")
    return folder


S = TypeVar("S", bound=Server | PageServer)


class Fleet(Generic[S]):
    """Sites by the name of their publisher, and the words of a crawl of all of them."""

    def __init__(self, folder: Path, servers: dict[str, S]) -> None:
        self.folder = folder
        self.servers = servers
        own_folder(folder / "own", *SITES)

    def words(self, *more: str, names: tuple[str, ...] = SITES, **settings: Any) -> list[str]:
        words = ["crawl-all", *names, "-s", "PUBLISHERS=own"]
        for key, server in self.servers.items():
            words += ["-a", f"{key}.base_url={server.url}"]
        for name, value in {**FAST, **settings}.items():
            words += ["-s", f"{name}={value}"]
        return [*words, *more]

    def crawl(self, *more: str, names: tuple[str, ...] = SITES, **settings: Any) -> subprocess.CompletedProcess[str]:
        return run(*self.words(*more, names=names, **settings), cwd=self.folder)


@contextmanager
def newsrooms(folder: Path, *keys: str) -> Iterator[Fleet[Server]]:
    """Serve a newsroom of 60 ids for each name."""
    with ExitStack() as stack:
        servers = {
            key: stack.enter_context(Server(Newsroom(count=60, seed=1400 + at), weight=2_000))
            for at, key in enumerate(keys)
        }
        yield Fleet(folder, servers)


def assert_whole(fleet: Fleet[Server], *keys: str) -> None:
    """Every field of every article of these sites is the known answer."""
    with Archive(fleet.folder / "archive.db", readonly=True) as archive:
        for key in keys:
            newsroom = fleet.servers[key].newsroom
            stored = {article.article_id: article for article in archive.articles(key)}
            assert sorted(map(int, stored)) == newsroom.ids()
            for number in newsroom.ids():
                story = newsroom.story(number)
                assert story is not None
                truth = {**answers(story, "print"), "publisher": key}
                assert {name: getattr(stored[str(number)], name) for name in truth} == truth


def all_ids(fleet: Fleet[Server]) -> str:
    newsroom = fleet.servers["north"].newsroom
    return f"ids={newsroom.first_id}-{newsroom.newest_id}"
