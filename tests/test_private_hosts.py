"""Which private addresses a crawl may ask: those that the user has named, and no other by any way that leads there."""

from __future__ import annotations

import sqlite3
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.test import get_crawler
from twisted.internet import defer
from twisted.internet.error import DNSLookupError

from farscrawler import publishers
from farscrawler.errors import BadArgumentError
from farscrawler.middlewares.private_hosts import GuardedResolver, PrivateHostsMiddleware
from farscrawler.networks import PrivateHosts, address_of, host_and_port, host_of, is_public, plain_url, says_private
from farscrawler.outcomes.judge import RefusedRequestError, judge_failure
from farscrawler.publishers.model import ANY_SITE
from farscrawler.spiders.loader import spider_class
from tests.support import FAST, run
from tests.support.pageserver import NEWS, Answer, PageServer

if TYPE_CHECKING:
    from pathlib import Path

HOME = "http://www.fars-online.ir/"
#: Ways to write a server of this machine that nobody named.
WAYS = (
    "localhost",
    "127.0.0.1",
    "127.1",
    "0.0.0.0",  # noqa: S104  # asked, not listened on
    "2130706433",
    "0x7f.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "LOCALHOST.",
)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("185.143.233.5", True),
        ("2001:4860:4860::8888", True),
        ("10.10.34.35", False),
        ("127.8.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),  # noqa: S104
        ("100.64.0.1", False),
        ("198.18.0.3", False),
        ("224.0.0.1", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:a00:1::", False),
        ("64:ff9b:1::a00:1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("::127.0.0.1", False),
        ("::ffff:0:7f00:1", False),
        ("fec0::1", False),
        ("192.0.0.8", False),
        ("fe80::1%eth0", False),
    ],
)
def test_an_address_is_of_the_internet_or_private(address: str, public: bool) -> None:
    found = address_of(address)
    assert found is not None
    assert is_public(found) is public


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://a.ir:80/x?y#z", "http://a.ir/x?y#z"),
        ("https://a.ir:443/", "https://a.ir/"),
        ("http://a.ir:443/", "http://a.ir:443/"),
        ("https://me:secret@a.ir/x", "https://a.ir/x"),
        ("https://me@you:p@a.ir:443", "https://a.ir"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://a.ir:/x", "http://a.ir/x"),
        ("http://a.ir/@x:80", "http://a.ir/@x:80"),
    ],
)
def test_user_name_and_default_port_are_no_part_of_a_pages_address(url: str, plain: str) -> None:
    assert plain_url(url) == plain
    assert ANY_SITE.article_id(url) == ANY_SITE.article_id(plain)


def test_an_address_without_end_is_no_articles() -> None:
    for site in (ANY_SITE, publishers.load("farsonline")):
        url = "http://www.fars-online.ir/Fa/News/12/"
        assert site.article_id(url + "a" * 1_900) is not None
        assert site.article_id(url + "a" * 2_000) is None
        assert site.article_id(url + "?utm_source=" + "a" * 2_000) is None


def test_ids_of_before_stay_as_they_are() -> None:
    for url, key in {
        "https://www.a.ir/news/1/خبر?b=2&a=1&utm_source=x#top": "www.a.ir/news/1/%D8%AE%D8%A8%D8%B1?a=1&b=2",
        "http://a.ir:8080/x": "a.ir:8080/x",
        "https://a.ir": "a.ir/",
    }.items():
        assert ANY_SITE.article_id(url) == key


def test_a_host_has_one_spelling() -> None:
    assert host_and_port("HTTP://Ex.IR./a") == ("ex.ir", 80)
    assert host_and_port("https://[::1]:8/") == ("::1", 8)
    assert host_and_port("http://x:port/") is host_and_port("/a") is None
    assert host_of("خبر.ایران") == "خبر.ایران".encode("idna").decode()
    assert [says_private(host) for host in ("localhost", "10.0.0.1", "8.8.8.8", "x.ir")] == [True, True, False, False]


@pytest.mark.parametrize("entry", ["http://x.ir", "10.0.0.0/99", "a b", "x.ir:80", "."])
def test_what_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(BadArgumentError, match="PRIVATE_HOSTS"):
        PrivateHosts.read([entry])


class _Resolver(GuardedResolver):
    """The resolver, with names that lead where a test says, a different place at each look."""

    answers: ClassVar[list[str]] = []


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> _Resolver:
    def look(self: object, name: str, timeout: object = ()) -> Any:  # noqa: ARG001
        return defer.succeed(_Resolver.answers.pop(0))

    monkeypatch.setattr(CachingThreadedResolver, "getHostByName", look)
    monkeypatch.setattr(GuardedResolver, "named", {"mirror.lan"})
    monkeypatch.setattr(GuardedResolver, "refused", {})
    found = _Resolver(None, 0, 1.0)  # type: ignore[arg-type]  # the reactor is not needed here
    found.allowed = PrivateHosts.read(["192.168.7.0/24", "desk.lan"])
    return found


def resolved(resolver: _Resolver, name: str, *answers: str) -> list[object]:
    _Resolver.answers = list(answers)
    said: list[object] = []
    for _ in answers:
        resolver.getHostByName(name).addCallbacks(said.append, lambda failure: said.append(failure.type))
    return said


def test_a_name_is_judged_at_each_look_so_that_rebinding_gains_nothing(resolver: _Resolver) -> None:
    assert resolved(resolver, "news.ir", "8.8.8.8", "127.0.0.1") == ["8.8.8.8", DNSLookupError]
    assert resolver.refused == {"news.ir": ip_address("127.0.0.1")}
    assert resolved(resolver, "news.ir", "8.8.8.8") == ["8.8.8.8"]
    assert not resolver.refused


def test_names_and_networks_of_the_users_own_are_resolved(resolver: _Resolver) -> None:
    for name, address in {"mirror.lan": "10.0.0.1", "Desk.LAN.": "10.0.0.2", "printer.lan": "192.168.7.9"}.items():
        assert resolved(resolver, name, address) == [address]


def middleware(settings: dict[str, object] | None = None, **arguments: str) -> PrivateHostsMiddleware:
    crawler = get_crawler(spider_class(publishers.load("farsonline")), settings)
    crawler.spider = crawler._create_spider(**arguments)
    return PrivateHostsMiddleware.from_crawler(crawler)


@pytest.mark.parametrize(
    ("address", "proxy", "settings", "blocked"),
    [
        ("10.10.34.34", None, {}, True),
        ("127.0.0.1", None, {}, True),
        ("127.0.0.1", "http://127.0.0.1:3128", {}, False),
        ("8.8.8.8", None, {}, False),
        ("198.18.0.9", None, {"PRIVATE_HOSTS": "198.18.0.0/15"}, False),
        ("198.18.0.9", None, {"PRIVATE_HOSTS": "www.fars-online.ir"}, False),
    ],
)
def test_an_answer_from_a_private_address_is_dropped(
    address: str, proxy: str | None, settings: dict[str, object], blocked: bool
) -> None:
    border = middleware(settings)
    request = Request(HOME, meta={"proxy": proxy} if proxy else {})
    response = Response(HOME, ip_address=ip_address(address), request=request)
    if not blocked:
        assert border.process_response(request, response) is response
        return
    with pytest.raises(RefusedRequestError) as refused:
        border.process_response(request, response)
    verdict = judge_failure(refused.value)
    assert verdict.outcome == "blocked"
    assert verdict.reason == f"leads to a private address, www.fars-online.ir is {address} (PRIVATE_HOSTS can allow it)"


def crawled(folder: Path, *urls: str, **settings: object) -> dict[str, tuple[str, str | None]]:
    """Crawl addresses as news, and return outcome and reason of each."""
    (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
    words = ["crawl", "news", "-a", "urls=@urls.txt"]
    for name, value in {**FAST, "STOP_AFTER_BLOCKED": 99, **settings}.items():
        words += ["-s", f"{name}={value}"]
    done = run(*words, cwd=folder)
    assert "Traceback" not in done.stderr
    db = sqlite3.connect(folder / "archive.db")
    found = db.execute("SELECT key, outcome, reason FROM visits").fetchall()
    db.close()
    return {key.rpartition("/")[2]: (outcome, reason) for key, outcome, reason in found}


def test_no_redirect_leads_into_the_users_network(tmp_path: Path) -> None:
    with PageServer({"/secret": Answer(NEWS)}) as inside:
        port = inside.url.rpartition(":")[2]
        answers = {
            f"/{n}": Answer(status=302, headers={"Location": f"http://{way}:{port}/secret"})
            for n, way in enumerate(WAYS)
        }
        with PageServer({**answers, "/open": Answer(NEWS)}) as site:
            found = crawled(tmp_path, *(f"{site.url}{path}" for path in (*answers, "/open")))
        assert inside.asked == []
    assert found.pop("open")[0] == "article"
    assert {WAYS[int(name)]: outcome for name, (outcome, _) in found.items()} == dict.fromkeys(WAYS, "blocked")
    said = {WAYS[int(name)]: reason or "" for name, (_, reason) in found.items()}
    for way in ("127.0.0.1", "127.1", "0x7f.1"):
        assert said[way].startswith("leads to a private address")
    # The others are no host of a site, or no address at all to Scrapy.
    assert all(reason.startswith(("leads to a private", "redirected off the site")) for reason in said.values()), said


@pytest.mark.parametrize("hosts", ["127.1", "127.0.0.0/8"])
def test_the_users_own_network_can_be_allowed(tmp_path: Path, hosts: str) -> None:
    with PageServer({"/news": Answer(NEWS)}) as inside:
        to = inside.url.replace("127.0.0.1", "127.1")
        with PageServer({"/a": Answer(status=302, headers={"Location": f"{to}/news"})}) as site:
            found = crawled(tmp_path, f"{site.url}/a", PRIVATE_HOSTS=hosts)
    assert [outcome for outcome, _ in found.values()] == ["article"]


def test_a_password_is_neither_sent_nor_stored(tmp_path: Path) -> None:
    with PageServer({"/a": Answer(NEWS)}) as site:
        found = crawled(tmp_path, f"{site.url.replace('://', '://me:secret@')}/a", f"{site.url}/a")
        assert site.asked == ["/robots.txt", "/a"]
    assert [outcome for outcome, _ in found.values()] == ["article"]
    assert b"secret" not in (tmp_path / "archive.db").read_bytes()


def test_a_command_of_one_page_follows_no_redirect_into_the_network(tmp_path: Path) -> None:
    with PageServer({"/": Answer(NEWS)}) as inside:
        port = inside.url.rpartition(":")[2]
        answers = {"/x": Answer(status=302, headers={"Location": f"http://127.1:{port}/"}), "/y": Answer(NEWS)}
        with PageServer(answers) as site:
            refused, fine = (run("detect", f"{site.url}/{name}", "--try", "1", cwd=tmp_path) for name in "xy")
        assert inside.asked == []
    assert refused.returncode == 1
    assert f"it leads to another host, 127.1:{port}" in refused.stderr
    assert "no page came" not in fine.stderr


def test_a_site_behind_a_filter_is_said_not_to_be_reached(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/replica.toml").write_text(
        '[replica]\nname = "x"\nfamily = "wordpress"\nhosts = ["10.10.34.34"]\n', encoding="utf-8"
    )
    quick = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]
    done = run("crawl", "replica", "--latest", "3", "-s", "PUBLISHERS=own", *quick, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    said = done.stderr.splitlines()[-1]
    assert "10.10.34.34 is not reached (leads to a private address, 10.10.34.34" in said
    assert "a filter answers in its place, or it is a replica and --base-url is not given. Nothing is lost" in said
    assert "blocks us" not in said


def test_hosts_that_are_none_are_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    for words in (("crawl", "farsonline", "-a", "latest=1"), ("detect", "http://127.0.0.1:9/")):
        done = run(*words, "-s", "PRIVATE_HOSTS=http://x.ir", cwd=tmp_path)
        assert done.returncode == 2
        assert "PRIVATE_HOSTS=http://x.ir" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "archive.db").exists()
