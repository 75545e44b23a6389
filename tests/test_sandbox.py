"""The process that reads heavy answers: its limits, its end with the crawl's, and the turns of publishers."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.extract import NoArticle, read_page
from farscrawler.sandbox import BrokenReaderError, OverBudgetError, Sandbox, is_heavy
from farscrawler.spiders.site_client import EngineClient
from tests.support.commands import environment, run, start, wait_until
from tests.support.heavy_site import (
    ARTICLE,
    END,
    HEAD,
    WITHOUT_LISTS,
    break_,
    crawl,
    die,
    hog,
    packed,
    process_id,
    spin,
)
from tests.support.pageserver import Answer, PageServer

MIB = 1024 * 1024
PAGE = "<html><body><p>متن</p></body></html>".encode()


async def tried(sandbox: Sandbox, owner: str, *functions: object) -> list[object]:
    found: list[object] = []
    for function in functions:
        try:
            found.append(await sandbox.read(function, b"x" * MIB, owner=owner))  # type: ignore[arg-type]
        except (OverBudgetError, BrokenReaderError) as error:
            found.append(error)
    return found


def test_one_answer_over_a_limit_is_the_only_one_that_ends() -> None:
    async def story() -> None:
        sandbox = Sandbox(cpu=0.2, memory=400 * MIB)
        slow, large, dead, broken, good = await tried(sandbox, "x", spin, hog, die, break_, process_id)
        assert str(slow) == "took too long to read (more than 0.2 s of CPU time)"
        assert str(large) == "took too much memory to read (more than 400 MB)"
        assert isinstance(large, OverBudgetError)
        assert large.of_memory
        assert str(dead) == "the process that reads heavy answers has died"
        assert str(broken).startswith("LookupError: xxx")
        assert isinstance(good, tuple)
        page = await sandbox.read(
            read_page,
            PAGE,
            owner="x",
            publisher=publishers.load("farsonline"),
            form="article",
            url="http://www.fars-online.ir/",
            article_id=None,
            content_type=None,
        )
        assert isinstance(page, NoArticle)
        await sandbox.close()
        assert not any(map(running, good))

    asyncio.run(story())


def running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_neighbours_of_a_hostile_site_have_their_turn() -> None:
    async def story() -> None:
        sandbox = Sandbox(cpu=0.3, memory=400 * MIB)
        ended: list[str] = []

        async def read(owner: str, function: object) -> None:
            await tried(sandbox, owner, function)
            ended.append(owner)

        hostile = [asyncio.create_task(read("hostile", spin)) for _ in range(4)]
        await asyncio.sleep(0)
        good = [asyncio.create_task(read(f"good {number}", process_id)) for number in range(4)]
        await asyncio.gather(*hostile, *good)
        assert ended.index("good 3") < 6, ended  # two were at work before them; the third comes after all neighbours
        await sandbox.close()

    asyncio.run(story())


def test_a_reader_that_nobody_waits_for_gives_its_place_back() -> None:
    async def story() -> None:
        sandbox = Sandbox(cpu=0.3, memory=400 * MIB)
        tasks = [asyncio.create_task(tried(sandbox, "x", spin)) for _ in range(3)]
        await asyncio.sleep(0.05)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance((await tried(sandbox, "x", process_id))[0], tuple)
        await sandbox.close()

    asyncio.run(story())


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_the_crawl_by_whatever_way(end: signal.Signals) -> None:
    code = """
import asyncio
from farscrawler.sandbox import Sandbox
from tests.support.heavy_site import process_id, spin
async def main():
    sandbox = Sandbox(cpu=60, memory=400 * 1024 * 1024)
    print((await sandbox.read(process_id, b"", owner="x"))[1], flush=True)
    task = asyncio.create_task(sandbox.read(spin, b"", owner="x"))
    await asyncio.sleep(0.3)
    print("spinning", flush=True)
    await task
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment()) as crawl:
        assert crawl.stdout is not None
        server = int(crawl.stdout.readline())
        assert crawl.stdout.readline() == "spinning\n"
        forked = children(server)
        assert os.getsid(server) == server  # Ctrl-C on the terminal is for the crawl alone
        crawl.send_signal(end)
        crawl.wait()
    wait_until(lambda: not any(map(running, (server, *forked))))


def test_a_site_that_holds_the_loop_again_and_again_is_read_apart_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("farscrawler.spiders.site_client._HELD_SECONDS", 0.01)

    class Elsewhere:
        async def read(self, *_: object, **__: object) -> str:
            return "read apart"

    held: list[bytes] = []

    def endless(body: bytes) -> str:
        held.append(body)
        while True:
            pass

    limits = {"READ_APART_BYTES": 100, "READ_APART_TAGS": 100}
    site: Any = SimpleNamespace(publisher=publishers.load("farsonline"))
    elsewhere, ledger = cast("Any", Elsewhere()), cast("Any", None)
    client = EngineClient(site, ledger, elsewhere, limits)
    assert [asyncio.run(client.read(endless, b"x")) for _ in range(5)] == ["read apart"] * 5
    assert len(held) == 3
    other = EngineClient(site, ledger, elsewhere, limits)
    assert asyncio.run(other.read(bytes.decode, b"x")) == "x"


def test_what_is_heavy() -> None:
    assert not is_heavy(b"<p>" * 10, most_bytes=30, most_tags=10)
    assert is_heavy(b"<p>" * 10, most_bytes=29, most_tags=10)
    assert is_heavy(b"<p>" * 10, most_bytes=30, most_tags=9)
    assert is_heavy(b"&lt;" * 10, most_bytes=99, most_tags=9)


def test_one_sandbox_for_all_runs_of_a_process() -> None:
    async def story() -> None:
        first, second = (Sandbox.shared(cpu=1, memory=400 * MIB) for _ in range(2))
        assert first is second
        await first.give_back()
        assert Sandbox.shared(cpu=1, memory=400 * MIB) is first
        await first.give_back()
        await second.give_back()
        last = Sandbox.shared(cpu=1, memory=400 * MIB)
        assert last is not first
        await last.give_back()

    asyncio.run(story())


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_answer_that_is_being_read_when_the_run_is_killed_is_fetched_again(
    end: signal.Signals, tmp_path: Path
) -> None:
    slow = HEAD + "<a href=/news/3><b>" * 45_000 + END
    with PageServer({"/news/1": packed(slow), "/news/2": Answer(ARTICLE)}) as site:
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / "custom.toml").write_text(WITHOUT_LISTS)
        words = [word.replace("{url}", site.url) for word in crawl("ids=1-2", settings=("READ_CPU_SECONDS=1",))]
        with start(*words, cwd=tmp_path, stderr=subprocess.PIPE) as process:
            wait_until(lambda: bool(grandchildren(process.pid)), process)
            reading = [*children(process.pid), *grandchildren(process.pid)]
            process.send_signal(end)
            _, said = process.communicate()
        wait_until(lambda: not any(map(running, reading)))
        assert process.returncode == (-9 if end == signal.SIGKILL else 130), said
        site.answers["/news/1"] = Answer(ARTICLE)
        assert run(*words, cwd=tmp_path).returncode == 0
    with Archive(tmp_path / "archive.db", readonly=True) as archive:
        stored = {article.article_id for article in archive.articles("heavy")}
    # A run that is stopped cleanly settles it: no page is better when it is read again.
    assert stored == ({"1", "2"} if end == signal.SIGKILL else {"2"})


def grandchildren(process: int) -> list[int]:
    """Return the processes that the children of a process have forked."""
    return [grandchild for child in children(process) for grandchild in children(child)]


def children(process: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []
