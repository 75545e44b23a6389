"""A command forked from the server is what a new interpreter would be, to the byte."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import ROOT, Command, command, crawl_words, environment, run, start, start_python
from tests.support.commands import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

#: What of an interpreter a program can see, and what of it a fork could have inherited.
_STATE = """
import asyncio, atexit, locale, logging, multiprocessing, os, random, signal, sys, threading, time, warnings
sys.path.append("")
print(sys.flags, sys.warnoptions, sys.dont_write_bytecode, sys.argv, os.getcwd(), os.umask(0), sys.orig_argv[3:])
print(sorted(os.listdir("/proc/self/fd"))[:3], sys.stdin, sys.stdout.line_buffering, sys.stderr.errors, sys.gettrace())
print([signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD)])
print(threading.enumerate()[0].name, len(threading.enumerate()), hash("farscrawler"), locale.getlocale())
print(sorted(os.environ.items()), time.tzname, logging.root.handlers, "twisted.internet.reactor" in sys.modules)
print(sys.stdin.read(), sys.stdout.isatty(), os.getpgid(0) == os.getpgid(os.getppid()), os.getsid(0) == os.getpid())
atexit.register(print, "at exit")
print(__name__, sys.path[0], os.isatty(0), os.isatty(2))
threading.Thread(target=lambda: (time.sleep(0.05), print("a thread is waited for"))).start()
"""


def new(*words: str, **more: Any) -> tuple[str, str, int]:
    """Run a command in a new interpreter."""
    done = subprocess.run(command(*words), capture_output=True, text=True, check=False, timeout=PATIENCE, **more)
    return done.stdout, done.stderr, done.returncode


def forked(*words: str, **more: Any) -> tuple[str, str, int]:
    done = run(*words, **more)
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["publishers", "--family", "nastooh"], 0),
        (["crawl", "-h"], 0),
        (["crwl"], 2),
        (["show", "farsonline"], 2),
        (["crawl", "farsonline", "-a", "ids=x"], 2),
        (["crawl", "farsonline", "-a", "ids=1", "-s", "ARCHIVE=/dev/null/x"], 2),
    ],
)
def test_a_forked_command_says_and_leaves_what_a_new_interpreter_does(
    tmp_path: Path, words: list[str], code: int
) -> None:
    told = forked(*words, cwd=tmp_path)
    assert told == new(*words, cwd=tmp_path, env=environment())
    assert told[2] == code
    assert told[0] or told[1]


def test_a_crash_is_told_with_the_same_traceback(tmp_path: Path) -> None:
    words = ("runspider", "no-spider.py", "-s", "LOG_ENABLED=0", "-s", "SPIDER_MODULES=no.such.module")
    (tmp_path / "no-spider.py").write_text("raise OSError('the disk has gone')\n", encoding="utf-8")
    told = forked(*words, cwd=tmp_path)
    assert told == new(*words, cwd=tmp_path, env=environment())
    assert told[2] == 1
    assert told[1].startswith("Traceback (most recent call last):\n")
    assert told[1].endswith("OSError: the disk has gone\n")
    assert "forkserver" not in told[1]


def test_a_crawl_leaves_the_same_archive_and_summary(tmp_path: Path) -> None:
    newsroom = Newsroom(count=5)
    with Server(newsroom) as server:
        words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", "-O", "x.jsonl")
        ends = []
        for kind, folder in ((forked, tmp_path / "forked"), (new, tmp_path / "new")):
            folder.mkdir()
            _, said, code = kind(*words, cwd=folder, env=environment())
            ends.append((code, "5 new articles" in said, len((folder / "x.jsonl").read_bytes().splitlines())))
    assert ends[0] == ends[1] == (0, True, len(newsroom.ids()))


def waiting(process: Command | subprocess.Popen[str], server: Server) -> None:
    """Wait until a crawl has asked its first page."""
    until = time.monotonic() + PATIENCE
    while server.count("/Incsys") < 1:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_both_alike(tmp_path: Path, number: signal.Signals) -> None:
    newsroom = Newsroom(count=300)
    slow = {"DOWNLOAD_DELAY": 0.2, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "LOG_ENABLED": 0}
    codes = []
    for kind in ("forked", "new"):
        folder = tmp_path / kind
        folder.mkdir()
        with Server(newsroom) as server:
            words = crawl_words(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.newest_id}", settings=slow)
            process: Command | subprocess.Popen[str] = (
                start(*words, cwd=folder, stderr=subprocess.PIPE)
                if kind == "forked"
                else subprocess.Popen(command(*words), cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
            )
            with process:
                waiting(process, server)
                process.send_signal(number)
                said = process.communicate(timeout=PATIENCE)[1]
            codes.append(process.returncode)
            assert "Traceback" not in said
    assert codes[0] == codes[1] == (-9 if number is signal.SIGKILL else 130)


def test_a_fork_has_nothing_of_the_server_that_a_new_interpreter_has_not(tmp_path: Path) -> None:
    env = {**environment(), "TZ": "Asia/Tehran", "A_WORD": "یک"}
    with start_python(
        _STATE, "one", "two", cwd=tmp_path, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        out, err = process.communicate("given")
    assert process.returncode == 0, err
    words = [*command()[:3], "-c", _STATE, "one", "two"]
    real = subprocess.run(words, cwd=tmp_path, env=env, input="given", capture_output=True, text=True, check=False)
    assert (err, real.stderr) == ("", "")
    ours, theirs = out.splitlines(), real.stdout.splitlines()
    assert ours == theirs
    assert theirs[-2:] == ["a thread is waited for", "at exit"]


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("raise SystemExit(7)", 7),
        ("raise SystemExit('a sentence')", 1),
        ("raise KeyboardInterrupt", -signal.SIGINT),
        ("import os; os.abort()", -signal.SIGABRT),
        ("import os; os._exit(300 - 256)", 44),
        ("1 / 0", 1),
        ("import sys; sys.stdout.write('x' * 100_000); sys.stdout.flush()", 1),  # nobody reads
        ("print('x')", 120),  # nor here, and it comes out when the interpreter ends
    ],
)
def test_every_kind_of_end(tmp_path: Path, code: str, ended: int) -> None:
    code = f"import sys; sys.stdin.read(); {code}"  # the pipes are closed by then
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with start_python(code, cwd=tmp_path, **pipes) as process:
        assert process.stdout is not None
        process.stdout.close()
        err = process.communicate()[1]
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment(), text=True, **pipes) as real:
        assert real.stdin is not None
        assert real.stdout is not None
        assert real.stderr is not None
        real.stdout.close()
        real.stdin.close()
        assert real.stderr.read() == err
    assert process.returncode == real.returncode == ended


def test_a_terminal_is_one(tmp_path: Path) -> None:
    control, terminal = pty.openpty()
    code = "import sys; print(sys.stdin.isatty(), sys.stdout.isatty(), sys.stdout.line_buffering, input())"
    with start_python(code, cwd=tmp_path, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(control, b"word\n")
        assert process.wait(PATIENCE) == 0
    assert os.read(control, 1000).decode().splitlines()[-1] == "True True True word"
    os.close(control)


def test_forks_draw_other_random_numbers(tmp_path: Path) -> None:
    code = "import random, tempfile, uuid; print(random.random(), tempfile.mktemp(), uuid.uuid4())"
    drawn = set()
    for _ in range(2):
        with start_python(code, cwd=tmp_path, stdout=subprocess.PIPE) as process:
            drawn |= set(process.communicate()[0].split())
    assert len(drawn) == 6


def test_a_session_of_its_own_is_killed_whole(tmp_path: Path) -> None:
    code = "import os, time; os.fork(); print('ready', flush=True); time.sleep(600)"
    process = start_python(code, cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
    os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout.read() == ""  # both have gone
    assert process.wait(PATIENCE) == -signal.SIGKILL
    process.stdout.close()


def test_a_barrier_holds_the_command_until_it_may_go_on(tmp_path: Path) -> None:
    place = "farscrawler.cli.commands.publishers:Command.execute"
    with start("publishers", "tabnak", cwd=tmp_path, stdout=subprocess.PIPE, stop_at=place) as process:
        assert process.stopped()
        assert process.poll() is None
        process.go_on()
        assert process.communicate()[0].startswith("tabnak\t")
    with start("--version", cwd=tmp_path, stdout=subprocess.PIPE, stop_at=place) as process:
        assert not process.stopped()  # it never came there


def test_what_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="FileNotFoundError"):
        run("--version", cwd=tmp_path / "none")
    with pytest.raises(ValueError, match="PYTHONPATH has a say"):
        run("--version", cwd=tmp_path, env={**environment(), "PYTHONPATH": "elsewhere"})
    process = start_python("input()", cwd=tmp_path, stdin=subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired), process:
        process.wait(0.01)
    assert process.returncode == -signal.SIGKILL


def test_the_server_and_its_commands_end_with_the_tests(tmp_path: Path) -> None:
    tests = """
import os, signal, subprocess, sys
from pathlib import Path
from tests.support.commands import start_python
process = start_python("import time; print('ready', flush=True); time.sleep(600)", cwd=Path(sys.argv[1]), stdout=1)
print(process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    with subprocess.Popen(
        [sys.executable, "-c", tests, str(tmp_path)], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()  # to its end: nobody holds the pipe any more, neither server nor command
    assert process.returncode == -signal.SIGKILL
    assert said
