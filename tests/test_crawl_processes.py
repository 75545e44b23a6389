"""`crawl-all --processes`: publishers shared out among processes, with one archive, log, summary and exit code."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections import Counter
from contextlib import ExitStack, closing, suppress
from threading import Event
from typing import TYPE_CHECKING

import pytest

from farscrawler.errors import Exit
from farscrawler.testing.newsroom import Faults, Newsroom, Server
from tests.support import FAST, json_lines, run, start, wait_until
from tests.support.commands import PATIENCE
from tests.support.fleet_sites import SITES, Fleet, all_ids, assert_whole, newsrooms, own_folder
from tests.support.killing import Hold
from tests.support.pageserver import Answer
from tests.support.print_site import Site
from tests.support.rawserver import RawServer, answer
from tests.support.terminals import on_terminal, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[[\w.]+\] (?:DEBUG|INFO|WARNING): |farscrawler: |    ")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet[Server]]:
    with newsrooms(tmp_path, *SITES) as found:
        yield found


def processes_of(folder: Path) -> dict[str, set[int]]:
    """Return the processes that have crawled each publisher."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        found: dict[str, set[int]] = {}
        for publisher, pid in db.execute("SELECT publisher, pid FROM runs"):
            found.setdefault(publisher, set()).add(pid)
    return found


def test_all_is_one_but_the_processes(fleet: Fleet[Server]) -> None:
    words = ("--processes", "2", "-L", "DEBUG", "--metrics", "{publisher}.prom", "--summary", "json")
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl", "-o", "%(name)s.csv", *words)
    assert done.returncode == 0, done.stderr
    assert_whole(fleet, *SITES)
    summaries = {line["publisher"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert set(summaries) == set(SITES)
    for key, server in fleet.servers.items():
        lines = json_lines(fleet.folder / f"{key}.jsonl")
        assert sorted(int(line["article_id"]) for line in lines) == server.newsroom.ids()
        assert (fleet.folder / f"{key}.csv").read_text(encoding="utf-8").count(f"\n{key},") == len(lines)
        assert f'publisher="{key}"' in (fleet.folder / f"{key}.prom").read_text(encoding="utf-8")
        assert summaries[key]["new"] == len(lines)
        assert set(Counter(entry.path for entry in server.requests).values()) == {1}
    log = done.stderr.splitlines()
    assert all(_LOG_LINE.match(line) for line in log), [line for line in log if not _LOG_LINE.match(line)]
    assert sum("new articles, " in line and "INFO" in line for line in log) == len(SITES)
    assert "3 publishers: 3 done; " in log[-1]


def test_publishers_are_shared_out_evenly_whichever_process_is_ready_first(fleet: Fleet[Server]) -> None:
    with ExitStack() as stack:  # nothing is answered until all have begun: no process is done before another is ready
        holds = [stack.enter_context(Hold(one.site, "respond", lambda: True)) for one in fleet.servers.values()]
        words = fleet.words("-a", "latest=2", "--processes", "2", DOWNLOAD_TIMEOUT=PATIENCE)
        with start(*words, cwd=fleet.folder, stderr=subprocess.PIPE) as process:
            wait_until(lambda: all(hold.begun.is_set() for hold in holds), process)
            for hold in holds:
                hold.release()
            _, said = process.communicate()
    assert process.returncode == 0, said
    found = processes_of(fleet.folder)
    assert set(found) == set(SITES)
    assert sorted(Counter(pid for pids in found.values() for pid in pids).values()) == [1, 2]


def test_standard_output_has_whole_lines_of_all(fleet: Fleet[Server]) -> None:
    done = fleet.crawl("-a", all_ids(fleet), "-o", "-:jsonl", "--processes", "3", PAGES="off")
    assert done.returncode == 0, done.stderr
    found = Counter((line["publisher"], int(line["article_id"])) for line in map(json.loads, done.stdout.splitlines()))
    wanted = {(key, number) for key, server in fleet.servers.items() for number in server.newsroom.ids()}
    assert found == dict.fromkeys(wanted, 1)


def test_one_log_file_and_one_display(fleet: Fleet[Server]) -> None:
    log = fleet.folder / "log.txt"
    words = fleet.words("-a", "latest=5", "--processes", "2")
    assert run(*words, "--logfile", str(log), cwd=fleet.folder).returncode == 0
    lines = log.read_text(encoding="utf-8").splitlines()
    assert all(_LOG_LINE.match(line) for line in lines)
    assert sum(": 5 new articles" in line for line in lines) == len(SITES)
    words = fleet.words("-a", "latest=25", "--processes", "2", DOWNLOAD_DELAY=0.1, CONCURRENT_REQUESTS_PER_DOMAIN=1)
    code, screen = on_terminal(*words, cwd=fleet.folder, columns=120)
    assert code == 0, screen
    text = plain(screen)
    assert re.search(r"crawl-all: \d of 3 ended, \d at work", text)
    for key in SITES:
        assert re.search(rf"{key}: \d+ done, \d+ pending", text)
        assert re.search(rf"\[farscrawler\] INFO: {key}: 20 new articles", text)
    assert screen.count("\x1b[?25l") == screen.count("\x1b[?25h") == 1


def test_the_worst_of_all_ends_and_the_words_of_each(fleet: Fleet[Server]) -> None:
    with Server(Newsroom(count=60), Faults(challenge=1.0), weight=2_000) as blocked:
        with Server(Newsroom(count=5)) as down:
            pass  # nobody listens on its port any more
        fleet.servers |= {"south": blocked, "east": down}
        done = fleet.crawl("-a", "latest=10", "--processes", "2", STOP_AFTER_UNREACHABLE=1, RETRY_TIMES=1)
    assert done.returncode == Exit.OWED, done.stderr
    assert "blocks us" in done.stderr
    assert "cannot be reached" in done.stderr
    assert "3 publishers: 1 done, 2 incomplete; 10 new articles" in done.stderr


def ends_of(folder: Path) -> dict[str, int]:
    """Return the exit codes of the runs that have ended; none where the archive is being made."""
    with closing(sqlite3.connect(folder / "archive.db")) as db, suppress(sqlite3.OperationalError):
        return dict(db.execute("SELECT publisher, exit_code FROM runs WHERE ended_at IS NOT NULL"))
    return {}


def test_sites_that_hang_drip_or_reset_hold_nobody_up(tmp_path: Path) -> None:
    """The bad sites hang and drip until each good one is done."""
    good, bad = ("north", "south", "east"), ("hangs", "drips", "resets")
    own_folder(tmp_path / "own", *bad, *good)
    over = Event()

    def hanging(_: str) -> Iterable[bytes]:
        over.wait(PATIENCE)
        yield b""

    def dripping(_: str) -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
        while not over.wait(0.05):
            yield b"."

    with ExitStack() as stack:
        scripts = (hanging, dripping, lambda _: [answer(b"", "Content-Length: 9")])
        urls = [stack.enter_context(RawServer(script, over=over)).url for script in scripts]
        urls += [stack.enter_context(Site([1, 2, 3])).url for _ in good]
        words = ["crawl-all", *bad, *good, "-s", "PUBLISHERS=own", "-a", "ids=1-3", "--processes", "2"]
        for key, url in zip((*bad, *good), urls, strict=True):
            words += ["-a", f"{key}.base_url={url}"]
        settings = {**FAST, "DOWNLOAD_TIMEOUT": PATIENCE, "RETRY_TIMES": 0, "STOP_AFTER_UNREACHABLE": 1}
        words += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        with start(*words, cwd=tmp_path, stderr=subprocess.PIPE) as process:
            wait_until((tmp_path / "archive.db").exists, process)
            wait_until(lambda: dict.fromkeys(good, 0).items() <= ends_of(tmp_path).items(), process)
            assert not {"hangs", "drips"} & ends_of(tmp_path).keys()
            over.set()
            _, said = process.communicate()
    assert process.returncode == Exit.OWED, said
    assert ends_of(tmp_path) == dict.fromkeys(good, 0) | dict.fromkeys(bad, 3)


def test_publishers_of_one_host_are_in_one_process(tmp_path: Path) -> None:
    own_folder(tmp_path / "own", *SITES)
    with Site([1, 2]) as shared, Site([1, 2]) as other:
        shared.answers["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 0.05\n")
        words = ["crawl-all", *SITES, "-s", "PUBLISHERS=own", "-a", "ids=1-2", "--processes", "2"]
        words += ["-a", f"base_url={shared.url}", "-a", f"east.base_url={other.url}"]
        done = run(*words, *(word for name in FAST.items() for word in ("-s", "=".join(map(str, name)))), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = processes_of(tmp_path)
    assert found["north"] == found["south"]  # east is crawled by whichever has room


def test_a_process_that_has_grown_gives_way_to_another(fleet: Fleet[Server]) -> None:
    grown = "from farscrawler.cluster.processes import Processes; Processes.__init__.__kwdefaults__['most_memory'] = 1"
    words = fleet.words("-a", "latest=5", "--processes", "2", "--at-once", "1")
    done = run(*words, cwd=fleet.folder, first=grown)
    assert done.returncode == 0, done.stderr
    assert len(set().union(*processes_of(fleet.folder).values())) == len(SITES)
    assert "another one takes its place" in done.stderr


def test_no_process_can_be_begun(fleet: Fleet[Server]) -> None:
    for program in ("/none", "/bin/false"):
        broken = f"import multiprocessing; multiprocessing.set_executable({program!r})"
        done = run(*fleet.words("-a", "latest=5", "--processes", "2"), cwd=fleet.folder, first=broken)
        assert done.returncode == Exit.BROKE
        for key in SITES:
            said = f"{key}: no process can be begun (the process that starts crawls has died). Nothing is lost"
            assert said in done.stderr
        assert "3 publishers: 3 failed" in done.stderr
        assert "Traceback" not in done.stderr
    assert not any(server.requests for server in fleet.servers.values())


@pytest.mark.parametrize(("option", "value"), [("--processes", "0"), ("--at-once", "0"), ("--processes", "x")])
def test_numbers_that_are_none(tmp_path: Path, option: str, value: str) -> None:
    done = run("crawl-all", "farsonline", option, value, cwd=tmp_path)
    assert done.returncode == Exit.BAD_ARGUMENTS
    assert option in done.stderr
    assert list(tmp_path.iterdir()) == []
