"""What the newsroom's server and its command do, over a real socket."""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import re
import signal
import socket
import subprocess
import zlib
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from farscrawler.cli.commands.newsroom import Command
from farscrawler.testing.newsroom import Newsroom, Server, spoil
from farscrawler.testing.newsroom.faults import NAMES
from tests import support
from tests.support.commands import PATIENCE
from tests.support.newsroom_tools import FIRST, PRINT, STORIES, raw_get, stories_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Newsroom(), weight=0) as running:
        yield running


def test_one_connection_serves_many_requests_pipelined_too(server: Server) -> None:
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    sockets = set()
    for story in STORIES[:30]:
        client.request("GET", PRINT.format(story.article_id))
        response = client.getresponse()
        assert story.permalink in unescape(response.read().decode())
        sockets.add(id(client.sock))
    client.close()
    assert len(sockets) == 1
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw:
        request = f"GET {PRINT.format(FIRST)} HTTP/1.1\r\nHost: any.example\r\n"
        raw.sendall(f"{request}\r\n{request}\r\n{request}Connection: close\r\n\r\n".encode())
        data = b"".join(iter(lambda: raw.recv(65_536), b""))
    assert data.count(b"HTTP/1.1 200 OK") == 3


def test_requests_are_logged_and_counted() -> None:
    with Server(Newsroom(count=50), weight=0) as one:
        raw_get(one, "/Fa/News/1/x")
        raw_get(one, PRINT.format(FIRST))
        raw_get(one, "/nowhere", method="HEAD")
        assert one.requests[1:] == [("GET", PRINT.format(FIRST), 200), ("HEAD", "/nowhere", 404)]
        assert (one.count(), one.count("/Incsys/"), one.count("/x")) == (3, 1, 0)
        assert one.stats()["kinds"] == {"article": 1, "other": 1, "print": 1}


def test_head_has_no_body_and_other_methods_are_refused(server: Server) -> None:
    answer = raw_get(server, PRINT.format(FIRST), method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.header("Content-Length") or 0) > 500
    assert raw_get(server, "/", method="DELETE").status == 405


@pytest.mark.parametrize("noise", [b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET / SPDY/1\r\n\r\n"])
def test_what_is_no_request_is_answered_400(server: Server, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw:
        raw.sendall(noise)
        assert raw.recv(1_000).startswith(b"HTTP/1.1 400 ")


def test_an_endless_head_ends_the_connection(server: Server) -> None:
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, timeout=PATIENCE) as raw, pytest.raises(OSError, match=r"reset|pipe"):
        raw.sendall(b"x" * 50_000_000)


def test_the_trap_is_always_the_same_article(server: Server) -> None:
    url = f"/fa/News/{FIRST}/slug"
    page = raw_get(server, url).body
    for _ in range(5):
        trap = re.search(rb'href="(https/t\.me/[^"]*)"', raw_get(server, url).body)
        assert trap is not None
        deeper = urljoin(url, trap[1].decode())
        assert len(deeper) > len(url)
        url = deeper
        assert raw_get(server, url).body == page


def test_a_conditional_request_is_answered_304_until_the_article_changes() -> None:
    with Server(Newsroom(count=50), weight=0) as one:
        target = PRINT.format(FIRST)
        first = raw_get(one, target)
        etag, modified = first.header("ETag"), first.header("Last-Modified")
        assert etag
        assert modified
        assert parsedate_to_datetime(modified) == stories_of(one.newsroom)[0].published
        assert raw_get(one, target, f"If-None-Match: {etag}").status == 304
        assert raw_get(one, target, f"If-Modified-Since: {modified}").status == 304
        assert raw_get(one, target, "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT").status == 200
        assert raw_get(one, target, "If-Modified-Since: yesterday").status == 200
        assert raw_get(one, target, 'If-None-Match: "x"', f"If-Modified-Since: {modified}").status == 200
        one.newsroom.revise(FIRST)
        changed = raw_get(one, target, f"If-None-Match: {etag}")
        assert changed.status == 200
        assert changed.header("ETag") != etag
        assert raw_get(one, target, f"If-Modified-Since: {modified}").status == 200
    with Server(Newsroom(count=50), weight=0, validators=False) as one:
        answer = raw_get(one, target, f"If-None-Match: {etag}")
        assert (answer.status, answer.header("ETag"), answer.header("Last-Modified")) == (200, None, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "8.8.8.8", "example.org", ""])  # noqa: S104  # refused
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Server(Newsroom(count=1), host=host)


def test_a_taken_port_is_an_error_at_once(server: Server) -> None:
    with pytest.raises(OSError, match="in use"), Server(Newsroom(count=1), port=server.port):
        pytest.fail("two servers hold one port")


def test_control_paths_publish_revise_and_count() -> None:
    with Server(Newsroom(count=50), weight=0, control=True) as one:

        def ask(target: str) -> tuple[int, dict[str, object]]:
            answer = raw_get(one, target)
            return answer.status, json.loads(answer.body)

        raw_get(one, PRINT.format(FIRST))
        raw_get(one, "/")
        status, published = ask("/-/publish?n=5")
        assert (status, published["newest_id"]) == (200, 1_054)
        assert one.newsroom.newest_id == 1_054
        assert ask(f"/-/revise?id={FIRST}") == (200, {"article_id": FIRST, "revision": 1})
        status, stats = ask("/-/stats")
        assert stats["kinds"] == {"home": 1, "print": 1}
        assert (stats["requests"], stats["first_id"], stats["newest_id"]) == (2, 1_000, 1_054)
        assert ask("/-/publish?n=0")[0] == 400
        assert ask("/-/publish?n=x")[0] == 400
        assert ask("/-/publish?n=99999999")[0] == 400
        assert ask("/-/revise?id=5")[0] == 404
        assert ask("/-/revise")[0] == 400
        assert ask("/-/other")[0] == 404


def test_without_control_its_paths_do_not_exist(server: Server) -> None:
    newest = server.newsroom.newest_id
    assert raw_get(server, "/-/publish?n=5").status == 404
    assert raw_get(server, "/-/hostile/bomb").status == 404
    assert server.newsroom.newest_id == newest


def test_the_bomb_unpacks_to_far_more_than_it_weighs() -> None:
    with Server(Newsroom(count=1), control=True) as one:
        answer = raw_get(one, "/-/hostile/bomb")
    assert answer.header("Content-Encoding") == "gzip"
    assert len(answer.body) < spoil.BOMB_BYTES / 500
    unpacker = zlib.decompressobj(wbits=31)
    assert len(unpacker.decompress(answer.body, 1024 * 1024)) == 1024 * 1024
    assert len(answer.body) // len(gzip.compress(b"<p> " * 262_144, 9, mtime=0)) == spoil.BOMB_BYTES // 1024**2


def test_the_endless_body_goes_on_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Newsroom(count=1), control=True) as one:
        some = raw_get(one, "/-/hostile/endless", limit=2_000_000)
        assert len(some.body) > 1_900_000
        assert some.header("Content-Length") is None
        monkeypatch.setattr(spoil, "ENDLESS_BYTES", 300_000)
        whole = raw_get(one, "/-/hostile/endless")
        assert 200_000 < len(whole.body) < 400_000


def test_floods_of_cookies_and_headers() -> None:
    with Server(Newsroom(count=1), control=True) as one:
        assert raw_get(one, "/-/hostile/cookies").head.count("Set-Cookie: ") == spoil.COOKIES
        assert raw_get(one, "/-/hostile/headers").head.count("X-Flood-") == spoil.HEADERS


def test_an_article_can_be_made_hostile() -> None:
    with Server(Newsroom(count=5), hostile={1_002: "cookies"}) as one:
        assert "Set-Cookie" in raw_get(one, PRINT.format(1_002)).head
        assert "Set-Cookie" in raw_get(one, "/Fa/News/1002/x").head
        assert "Set-Cookie" not in raw_get(one, PRINT.format(1_001)).head
    with pytest.raises(ValueError, match="no such hostile"):
        Server(Newsroom(count=5), hostile={1: "rude"})


def serve(*options: str) -> support.Command:
    return support.start("newsroom", *options, cwd=support.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path, ending: signal.Signals) -> None:
    port_file = tmp_path / "port"
    process = serve("--port", "0", "--count", "40", "--first-id", "7", "--control", "--port-file", str(port_file))
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(port_file.read_text())
        assert f"http://127.0.0.1:{port} " in line
        assert f"farscrawler crawl farsonline --base-url http://127.0.0.1:{port} --archive try.db" in line
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        client.request("GET", "/-/stats")
        assert json.load(client.getresponse())["newest_id"] == 46
        process.send_signal(ending)
        assert process.wait(PATIENCE) == 0
        client.close()
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_a_sentence_and_exit_code_1(server: Server) -> None:
    process = serve("--port", str(server.port))
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert errors.strip() == f"farscrawler: port {server.port} is in use; try --port 0"


def test_a_bad_value_is_a_sentence_and_exit_code_2() -> None:
    process = serve("--count", "many")
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "--count must be a whole number" in errors


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("port", "70000"),
        ("port", "-1"),
        ("seed", "x"),
        ("first_id", "0"),
        ("count", "1.5"),
        ("weight", "-1"),
        ("faults", "rain=1"),
    ],
)
def test_bad_values_are_usage_errors(option: str, value: str) -> None:
    given_options = {
        "port": "0",
        "count": "5",
        "first_id": "1",
        "seed": "1",
        "weight": "0",
        "faults": None,
        "control": False,
        "disorder": "0",
        "wild": "0",
        "port_file": None,
    }
    with pytest.raises(UsageError):
        Command().run([], argparse.Namespace(**given_options | {option: value}))
    with pytest.raises(UsageError):
        Command().run(["extra"], argparse.Namespace(**given_options))


def test_the_docs_name_every_option_fault_and_hostile_kind() -> None:
    docs = (Path(__file__).resolve().parents[1] / "docs" / "newsroom.md").read_text(encoding="utf-8")
    parser = argparse.ArgumentParser(add_help=False)
    command = Command()
    command.settings = Settings({"ARCHIVE": "archive.db"})
    command.add_options(parser)
    group = next(each for each in parser._action_groups if each.title == "Newsroom")
    options = {action.option_strings[0] for action in group._group_actions}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", docs, re.MULTILINE))
    named = set(re.findall(r"`([a-z_0-9]+)`", "".join(re.findall(r"^\| (`[a-z_0-9`, ]+`) \|", docs, re.MULTILINE))))
    assert named == set(NAMES)
    assert set(re.findall(r"/-/hostile/([a-z]+)", docs)) == set(spoil.HOSTILE)
