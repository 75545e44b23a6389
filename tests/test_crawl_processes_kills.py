"""`crawl-all --processes` under signals and kills: of a child, of the parent; nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.errors import Exit
from tests.support import json_lines, start, wait_until
from tests.support.fleet_sites import Fleet, all_ids, assert_whole, newsrooms
from tests.support.killing import Hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.testing.newsroom import Server
    from tests.support import Command

NAMES = ("north", "south")
PRINT = "/Incsys/PrtNews.aspx"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet[Server]]:
    with newsrooms(tmp_path, *NAMES) as found:
        yield found


@pytest.fixture
def held(fleet: Fleet[Server]) -> Iterator[dict[str, Hold]]:
    """Sites that hold their answers from the sixth page on, so that both crawls are in the midst of it."""
    with ExitStack() as stack:
        yield {
            key: stack.enter_context(Hold(server.site, "respond", partial(_has_begun, server)))
            for key, server in fleet.servers.items()
        }


def _has_begun(server: Server) -> bool:
    return server.count(PRINT) >= 6


def words_of(fleet: Fleet[Server]) -> list[str]:
    return fleet.words(
        "-a", all_ids(fleet), "-o", "{publisher}.jsonl", "--processes", "2", names=NAMES,
        CONCURRENT_REQUESTS_PER_DOMAIN=1, DOWNLOAD_TIMEOUT=150,
    )  # fmt: skip


def begun(fleet: Fleet[Server], held: dict[str, Hold], **more: Any) -> Command:
    """Start a crawl, and return it when both sites hold it."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = start(*words_of(fleet), "--summary", "json", cwd=fleet.folder, **streams, **more)
    wait_until(lambda: all(hold.begun.is_set() for hold in held.values()), process)
    return process


def hear(process: Command, words: str) -> None:
    """Read what a command says until it has said these words."""
    assert process.stderr is not None
    heard: list[str] = []
    for line in process.stderr:
        heard.append(line)
        if words in line:
            return
    raise AssertionError(f"it has not said {words!r}, but: {''.join(heard)}")


def pids_of(folder: Path, publisher: str) -> list[int]:
    """Return the processes that have crawled a publisher, in their order."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        return [pid for (pid,) in db.execute("SELECT pid FROM runs WHERE publisher = ? ORDER BY run", (publisher,))]


def ends_of(folder: Path) -> list[tuple[str, int | None]]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        return db.execute("SELECT publisher, exit_code FROM runs ORDER BY publisher, run").fetchall()


def stored(folder: Path) -> Counter[str]:
    """Return how many articles the archive has of each publisher."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        return Counter(dict(db.execute("SELECT publisher, count(*) FROM articles GROUP BY 1")))


def assert_counts(folder: Path, printed: str, said: str) -> list[dict[str, Any]]:
    """The line of each publisher and the closing sentence tell what a command has stored; return the lines."""
    lines = [json.loads(line) for line in printed.splitlines()]
    new = stored(folder)
    assert sorted(line["publisher"] for line in lines) == list(NAMES)
    assert {line["publisher"]: line["new"] for line in lines} == {key: new[key] for key in NAMES}
    assert f"; {new.total()} new articles" in said
    return lines


def release(held: dict[str, Hold]) -> None:
    for hold in held.values():
        hold.release()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, be it reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def assert_whole_and_exact(fleet: Fleet[Server], *, asked_twice: int = 0) -> None:
    """All is stored and exported once; ``asked_twice`` bounds the pages that were asked for again."""
    assert_whole(fleet, *NAMES)
    with Archive(fleet.folder / "archive.db", readonly=True) as archive:
        assert check(archive) == []
    again = 0
    for key, server in fleet.servers.items():
        lines = json_lines(fleet.folder / f"{key}.jsonl")
        assert sorted(int(line["article_id"]) for line in lines) == server.newsroom.ids()
        pages = Counter(entry.path for entry in server.requests if PRINT in entry.path)
        again += pages.total() - len(pages)
    assert again <= asked_twice


def test_one_signal_ends_all_in_order(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held) as process:
        process.send_signal(signal.SIGINT)
        hear(process, "Received SIGINT")  # the children have their signals by then
        release(held)
        _, said = process.communicate()
    assert process.returncode == Exit.INTERRUPTED, said
    assert "Traceback" not in said
    assert "2 publishers: 2 interrupted" in said
    assert ends_of(fleet.folder) == [("north", 130), ("south", 130)]
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl", "--processes", "2", names=NAMES)
    assert done.returncode == 0, done.stderr
    assert_whole_and_exact(fleet)


def test_two_signals_end_all_at_once(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held) as process:
        pids = [pid for key in NAMES for pid in pids_of(fleet.folder, key)]
        process.send_signal(signal.SIGTERM)
        hear(process, "Received SIGTERM")
        # What the five pages before have brought is committed within two seconds.
        wait_until(lambda: all(stored(fleet.folder)[key] >= 4 for key in NAMES), process)
        process.send_signal(signal.SIGTERM)
        printed, said = process.communicate(timeout=100)  # and not the 150 s for which the sites would be waited for
    assert process.returncode == Exit.INTERRUPTED, said
    assert "Received SIGTERM again, ending all crawls at once." in said
    wait_until(lambda: all(map(is_gone, pids)))
    for line in assert_counts(fleet.folder, printed, said):
        assert (line["end_reason"], line["exit_code"], line["requests"]) == ("killed", 130, None)
        assert line["counts"]["article"] == line["new"] >= 4
    release(held)
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl", names=NAMES)
    assert done.returncode == 0, done.stderr
    assert_whole_and_exact(fleet, asked_twice=20)


def test_the_publisher_of_a_killed_child_is_given_to_another(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held) as process:
        (north,), (south,) = (pids_of(fleet.folder, key) for key in NAMES)
        assert north != south
        os.kill(north, signal.SIGKILL)
        wait_until(lambda: len(pids_of(fleet.folder, "north")) == 2, process)
        release(held)
        printed, said = process.communicate()
    assert [line["exit_code"] for line in assert_counts(fleet.folder, printed, said)] == [0, 0]
    assert process.returncode == 0, said
    assert "north: the process that crawled it has died (signal 9); another one goes on." in said
    assert "2 publishers: 2 done" in said
    assert ends_of(fleet.folder) == [("north", None), ("north", 0), ("south", 0)]
    assert_whole_and_exact(fleet, asked_twice=10)


def test_a_publisher_whose_process_dies_twice_has_failed(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held) as process:
        (south,) = pids_of(fleet.folder, "south")
        for count in (1, 2):
            wait_until(lambda count=count: len(pids_of(fleet.folder, "north")) == count, process)  # type: ignore[misc]
            os.kill(pids_of(fleet.folder, "north")[-1], signal.SIGKILL)
        assert south not in pids_of(fleet.folder, "north")  # a publisher at work is not put at the same risk
        hear(process, "north: the process that crawled it has died for the second time (signal 9). Nothing is lost")
        release(held)
        printed, said = process.communicate()
    assert process.returncode == Exit.BROKE, said
    lines = assert_counts(fleet.folder, printed, said)
    assert {line["publisher"]: line["exit_code"] for line in lines} == {"north": 1, "south": 0}
    assert "2 publishers: 1 done, 1 failed" in said
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl", names=NAMES)
    assert done.returncode == 0, done.stderr
    assert_whole_and_exact(fleet, asked_twice=20)


def test_the_children_of_a_killed_parent_end_in_order(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held) as process:
        pids = [pid for key in NAMES for pid in pids_of(fleet.folder, key)]
        process.kill()
        process.wait()
        release(held)
        wait_until(lambda: all(map(is_gone, pids)))
    assert ends_of(fleet.folder) == [("north", 130), ("south", 130)]
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl", "--processes", "2", names=NAMES)
    assert done.returncode == 0, done.stderr
    assert_whole_and_exact(fleet)


def test_the_crawls_go_on_when_the_process_dies_that_starts_them(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held) as process:
        (north,), (south,) = (pids_of(fleet.folder, key) for key in NAMES)
        assert parent_of(north) == parent_of(south) != process.pid
        os.kill(parent_of(north), signal.SIGKILL)
        hear(process, "The process that starts crawls has died; those at work go on.")
        os.kill(north, signal.SIGKILL)
        wait_until(lambda: len(pids_of(fleet.folder, "north")) == 2, process)
        assert parent_of(pids_of(fleet.folder, "north")[-1]) not in (process.pid, parent_of(south))
        release(held)
        printed, said = process.communicate()
    assert [line["exit_code"] for line in assert_counts(fleet.folder, printed, said)] == [0, 0]
    assert process.returncode == 0, said
    assert "north: the process that crawled it has died (how is unknown: the process that starts crawls has" in said
    assert said.count("those at work go on") == 0  # it is said once, and was heard above
    assert ends_of(fleet.folder) == [("north", None), ("north", 0), ("south", 0)]
    assert_whole_and_exact(fleet, asked_twice=10)


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return int(status.rpartition(")")[2].split()[1])


def test_crawls_end_in_order_with_a_parent_and_server_that_are_killed(
    fleet: Fleet[Server], held: dict[str, Hold]
) -> None:
    with begun(fleet, held) as process:
        pids = [pid for key in NAMES for pid in pids_of(fleet.folder, key)]
        os.kill(parent_of(pids[0]), signal.SIGKILL)
        process.kill()
        process.wait()
        release(held)
        wait_until(lambda: all(map(is_gone, pids)))
    assert ends_of(fleet.folder) == [("north", 130), ("south", 130)]


def test_a_signal_to_the_group_ends_all_in_order(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held, start_new_session=True) as process:
        os.killpg(process.pid, signal.SIGTERM)
        hear(process, "Received SIGTERM")
        release(held)
        _, said = process.communicate()
    assert process.returncode == Exit.INTERRUPTED, said
    assert "has died" not in said
    assert ends_of(fleet.folder) == [("north", 130), ("south", 130)]


def test_a_signal_waits_for_no_child_that_is_about_to_begin(fleet: Fleet[Server]) -> None:
    stop = {"stop_at": "farscrawler.cluster.children:_start", "call": 1}
    with start(*words_of(fleet), cwd=fleet.folder, stderr=subprocess.PIPE, **stop) as process:
        process.stopped()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert process.returncode == Exit.INTERRUPTED, said
    assert "2 publishers: 2 interrupted" in said
    assert "Traceback" not in said


def test_a_ctrl_c_that_reaches_the_server_too_is_none(fleet: Fleet[Server], tmp_path: Path) -> None:
    both = "[os.kill(os.getpid(), number) for number in (signal.SIGINT, signal.SIGTERM)]"
    with start(*words_of(fleet), cwd=fleet.folder, stderr=subprocess.PIPE, first=served_by(tmp_path, both)) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said
    assert "has died" not in said
    assert_whole_and_exact(fleet)


def served_by(folder: Path, statement: str) -> str:
    """Return what lets a command begin its server of forks with this statement."""
    program = folder / "python"
    program.write_text(
        f"#!{sys.executable}\nimport os, signal, sys\nif 'forkserver' in sys.argv[-1]:\n    {statement}\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return f"import multiprocessing; multiprocessing.set_executable({str(program)!r})"


def test_a_frozen_child_ends_at_the_second_signal(fleet: Fleet[Server], held: dict[str, Hold]) -> None:
    with begun(fleet, held) as process:
        pids = [pid for key in NAMES for pid in pids_of(fleet.folder, key)]
        os.kill(pids[0], signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        hear(process, "Received SIGINT")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=100)
    assert process.returncode == Exit.INTERRUPTED
    wait_until(lambda: all(map(is_gone, pids)))


def test_what_breaks_the_parent_ends_the_children_in_order(fleet: Fleet[Server]) -> None:
    broken = "from farscrawler.cli.commands.crawl_all import Command; Command._note = lambda *_: 1 / 0"
    with start(*words_of(fleet), cwd=fleet.folder, stderr=subprocess.PIPE, first=broken) as process:
        _, said = process.communicate()
    assert process.returncode == 1
    assert "ZeroDivisionError" in said
    assert all(code is not None for _, code in ends_of(fleet.folder))
    done = fleet.crawl("-a", all_ids(fleet), "-o", "{publisher}.jsonl", "--processes", "2", names=NAMES)
    assert done.returncode == 0, done.stderr
    assert_whole_and_exact(fleet)


def test_the_crawls_beside_one_that_kills_its_process_are_done(tmp_path: Path) -> None:
    """The process of `north` is killed whenever there is one, whoever is at work in it too."""
    names, said = (*NAMES, "east"), tmp_path / "said"
    with newsrooms(tmp_path, *names) as fleet, ExitStack() as stack, said.open("w") as file:
        for server in fleet.servers.values():
            stack.enter_context(Hold(server.site, "respond", partial(_has_begun, server)))
        words = fleet.words(
            "-a",
            all_ids(fleet),
            "--processes",
            "2",
            names=names,
            CONCURRENT_REQUESTS_PER_DOMAIN=1,
            DOWNLOAD_TIMEOUT=150,
        )
        with start(*words, cwd=tmp_path, stderr=file) as process:
            wait_until(lambda: all(map(_has_begun, fleet.servers.values())), process)
            for killed in range(3):
                wait_until(lambda killed=killed: len(pids_of(tmp_path, "north")) > killed or has_failed(said), process)  # type: ignore[misc]
                if not has_failed(said):
                    os.kill(pids_of(tmp_path, "north")[-1], signal.SIGKILL)
            wait_until(lambda: has_failed(said), process)
            stack.close()
            process.wait()
        assert process.returncode == Exit.BROKE, said.read_text()
        assert "3 publishers: 1 failed, 2 done" in said.read_text() or "2 done, 1 failed" in said.read_text()
        assert_whole(fleet, "south", "east")


def has_failed(said: Path) -> bool:
    """Whether a publisher was given up; its process has died twice, or for the third time."""
    return "north: the process that crawled it has died for the " in said.read_text()
