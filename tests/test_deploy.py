"""The units and the cron line of deploy/ are sound, agree with the code, and do crawl."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from farscrawler import publishers, settings
from farscrawler.errors import Exit
from farscrawler.extensions.summary import METRICS
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import FAST, ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

UNITS = ROOT / "deploy" / "systemd"
SERVICE, TIMER = UNITS / "farscrawler@.service", UNITS / "farscrawler@.timer"
WATCH = UNITS / "farscrawler-watch.service"
WORKER, SCHEDULE = UNITS / "farscrawler-worker@.service", UNITS / "farscrawler-schedule.service"
PROGRAM = "/opt/farscrawler/bin/farscrawler"
CRON = ROOT / "deploy" / "cron.d" / "farscrawler"


def unit(path: Path) -> dict[str, list[str]]:
    """Return the values of a unit by key; no key here means different things in two sections."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    with Server(Newsroom(count=150), weight=2_000) as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, site: Server) -> Path:
    """Make what stands for the installed program: the console command, sent to the replica and in a hurry."""
    words = [sys.executable, "-m", "farscrawler", "$@", "-a", f"base_url={site.url}"]
    words += [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]
    path = tmp_path / "farscrawler"
    text = " ".join('"$@"' if word == "$@" else shlex.quote(word) for word in words)
    path.write_text(f"#!/bin/sh\nexec {text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    paths = []
    for path in (SERVICE, TIMER, WATCH, WORKER, SCHEDULE):
        copy = tmp_path / path.name.replace("@", "@farsonline")
        # The program is not installed where the tests run, and a missing one is all that verify would say.
        text = path.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        copy.write_text(text, encoding="utf-8")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
        paths.append(str(copy))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_timer_starts_the_service_and_is_enabled_by_timers() -> None:
    assert SERVICE.stem == TIMER.stem
    assert unit(TIMER)["WantedBy"] == ["timers.target"]
    assert unit(SERVICE)["Type"] == ["oneshot"]
    assert "WantedBy" not in unit(SERVICE)


def test_the_everyday_endings_are_no_failures_and_the_others_are() -> None:
    given = {int(code) for code in unit(SERVICE)["SuccessExitStatus"][0].split()}
    assert given == {Exit.OWED, Exit.HELD, Exit.INTERRUPTED}


def test_a_stop_may_take_as_long_as_a_pause_the_site_has_asked_for() -> None:
    longest = settings.RETRY_WAIT_MAX + 2 * settings.DOWNLOAD_TIMEOUT  # the pause, and what is in flight around it
    assert int(unit(SERVICE)["TimeoutStopSec"][0]) > longest


def test_a_run_ends_at_its_own_limit_of_memory_before_systemd_kills_it() -> None:
    found = re.fullmatch(r"(\d+)G", unit(SERVICE)["MemoryMax"][0])
    assert found
    assert int(found[1]) * 1024 > settings.MEMUSAGE_LIMIT_MB


def test_the_service_may_write_only_where_it_works() -> None:
    service = unit(SERVICE)
    assert service["WorkingDirectory"] == [f"%S/{service['StateDirectory'][0]}"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["NoNewPrivileges"] == service["ProtectHome"] == ["yes"]
    assert "ReadWritePaths" not in service


def test_the_watch_runs_on_and_has_the_sandbox_and_the_patience_of_a_crawl() -> None:
    watch, crawl = unit(WATCH), unit(SERVICE)
    assert watch["WantedBy"] == ["multi-user.target"]
    assert [int(code) for code in watch["SuccessExitStatus"][0].split()] == [Exit.INTERRUPTED]
    assert int(watch["RestartPreventExitStatus"][0]) == Exit.BAD_ARGUMENTS
    assert watch["KillMode"] == ["mixed"]  # the crawls hear of a stop from the watch, once
    own = {"Description", "Type", "WantedBy", "Restart", "RestartSec", "RestartPreventExitStatus", "KillMode",
           "SuccessExitStatus", "Environment", "EnvironmentFile", "ExecStart", "MemoryMax"}  # fmt: skip
    assert {key: value for key, value in watch.items() if key not in own} == {
        key: value for key, value in crawl.items() if key not in own
    }
    words = expanded(watch["ExecStart"][0], watch["Environment"][0].partition("=")[2], Path(PROGRAM))
    assert words == [PROGRAM, "watch", "--metrics", "watch.prom", "--all"]


def test_worker_and_schedule_run_on_and_have_the_sandbox_of_a_watch() -> None:
    worker, schedule, watch = unit(WORKER), unit(SCHEDULE), unit(WATCH)
    assert worker["KillMode"] == ["mixed"]  # the crawls hear of a stop from the worker, once
    own = {"Description", "Environment", "EnvironmentFile", "ExecStart", "TimeoutStopSec", "MemoryMax", "KillMode"}
    for found in (worker, schedule):
        assert {key: value for key, value in found.items() if key not in own} == {
            key: value for key, value in watch.items() if key not in own
        }
        assert int(found["RestartPreventExitStatus"][0]) == Exit.BAD_ARGUMENTS
    assert worker["TimeoutStopSec"] == watch["TimeoutStopSec"]
    options = [found["Environment"][0].partition("=")[2] for found in (worker, schedule)]
    words = expanded(worker["ExecStart"][0], options[0], Path(PROGRAM))
    assert words == [PROGRAM, "worker"]
    words = expanded(schedule["ExecStart"][0], options[1], Path(PROGRAM))
    assert words == [PROGRAM, "schedule", "--metrics", "watch.prom", "--all"]


def expanded(line: str, options: str, program: Path) -> list[str]:
    """Return the words of an ExecStart line as systemd hands them over for farsonline."""
    words = []
    for word in shlex.split(line):
        if word == "$FARSCRAWLER_OPTIONS":  # alone and without braces: split at blanks
            words += options.split()
        else:
            words.append(word.replace("%i", "farsonline").replace(PROGRAM, str(program)))
    assert not [word for word in words if "%" in word or "$" in word]
    return words


def test_the_command_of_the_service_crawls(tmp_path: Path, program: Path) -> None:
    service = unit(SERVICE)
    assert service["Environment"] == ["FARSCRAWLER_OPTIONS="]  # what an absent file leaves
    folder = tmp_path / "state"
    folder.mkdir()
    for options in ("", "-s CONTACT=mailto:you@example.org -o farsonline.jsonl"):
        words = expanded(service["ExecStart"][0], options, program)
        done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        metrics = (folder / "farsonline.prom").read_text(encoding="utf-8")
        assert all(f'{name}{{publisher="farsonline"' in metrics for name in METRICS)
    assert (folder / "archive.db").exists()
    assert (folder / "farsonline.jsonl").exists()


def test_the_line_of_cron_crawls_and_says_nothing(tmp_path: Path, program: Path) -> None:
    lines = [line for line in CRON.read_text(encoding="utf-8").splitlines() if re.match(r"[\d*]", line)]
    assert lines
    for line in lines:
        *when, user, command = line.split(None, 6)
        assert [bool(re.fullmatch(r"\*|\d{1,2}", field)) for field in when] == [True] * 5
        assert user == "farscrawler"
        assert "%" not in command  # cron makes a line end of it
        assert re.search(rf"{PROGRAM} crawl (?:{'|'.join(publishers.names())}) ", command)
        here = command.replace(PROGRAM, str(program)).replace("cd /var/lib/farscrawler", f"cd {tmp_path}")
        done = subprocess.run(["/bin/sh", "-c", here], env=environment(), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert "new articles" in (tmp_path / "farsonline.log").read_text(encoding="utf-8")
