"""The crawls of a watch: a process for each, so that none can hang, grow or break another one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
from dataclasses import dataclass
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from farscrawler import forks
from farscrawler.errors import Exit
from farscrawler.schedule.contract import crawl_words
from farscrawler.schedule.plan import CrawlResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.context import ForkServerProcess

_PREFIX = "farscrawler: "
#: Of what a crawl prints, this is read of its end: its summary has some 1,000 bytes, and its sentence is the last line.
_TAIL = 64 * 1024
#: Seconds for the end of a process that was killed. One that waits for a disk that does not answer, such as one of a
#: network, ends when that does: a worker that waited for it would lose its other jobs.
_DEATH_SECONDS = 5.0


@dataclass(eq=False)
class CrawlProcess:
    """A crawl at work; ``begun`` is when it began, in seconds since 1970, ``pipe`` what ends it with this process."""

    publisher: str
    begun: float
    process: ForkServerProcess
    out: IO[bytes]
    err: IO[bytes]
    pipe: int
    asked_to_end: int = 0

    @classmethod
    def start(cls, publisher: str, words: Sequence[str], begun: float) -> CrawlProcess:
        """Start `farscrawler crawl PUBLISHER` with more words. Raise OSError where no process can be had."""
        return cls.start_command(publisher, crawl_words(publisher, words), begun)

    @classmethod
    def start_command(cls, publisher: str, words: Sequence[str], begun: float) -> CrawlProcess:
        """Start `farscrawler` with these words, whose last line of output is JSON. Raise OSError as ``start`` does."""
        with contextlib.ExitStack() as files:
            out, err = (files.enter_context(tempfile.TemporaryFile()) for _ in range(2))
            theirs, ours = os.pipe()
            files.callback(os.close, ours)
            try:
                streams = (forks.Descriptor(file.fileno()) for file in (out, err))
                process = forks.start(_run, list(words), *streams, forks.Descriptor(theirs))
            finally:
                os.close(theirs)
            files.pop_all()
        return cls(publisher, begun, process, out, err, ours)

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self.process.exitcode is not None

    @property
    def sentinel(self) -> int:
        """A descriptor that can be read when the process has ended."""
        return self.process.sentinel

    def end_in_order(self) -> None:
        """Ask the crawl to end; what is in flight is finished and stored. Asked again, it does not wait for that."""
        self.asked_to_end += 1
        if not self.has_ended:
            self.process.terminate()

    def kill(self) -> None:
        """End the process at once; what it has committed is whole. One that a disk holds has not ended then."""
        if not self.has_ended:
            self.process.kill()
        self.process.join(_DEATH_SECONDS)

    def wait_or_kill(self, seconds: float) -> None:
        """Wait so long for the end of the process, and kill it then."""
        self.process.join(seconds)
        self.kill()

    def end(self, ended: float) -> CrawlResult:
        """Return how the crawl has ended, at this moment."""
        summary, sentence = _summary(_tail(self.out)), _last_line(_tail(self.err))
        self.out.close()
        self.err.close()
        os.close(self.pipe)
        if "counts" in summary:
            articles, new = summary["counts"].get("article", 0), summary.get("new", 0)
        else:  # a reparse counts pages, and articles that could not be read before
            articles, new = summary.get("pages", 0), summary.get("readable", 0)
        code = forks.exit_code_of(self.process)
        if code < 0 and not self.asked_to_end and sentence is None:
            sentence = f"the crawl was killed by signal {-code}."
        if code == forks.LOST:  # it ends in order now, by its pipe
            code, sentence = Exit.BROKE, "the process that starts crawls has died, and its crawls were ended."
        return CrawlResult(
            begun=self.begun,
            ended=ended,
            exit_code=code,
            end_reason=summary.get("end_reason"),
            sentence=sentence,
            requests=int(summary.get("requests", 0)),
            articles=int(articles),
            new=int(new),
            stopped=bool(self.asked_to_end),
        )


def _run(words: list[str], out: forks.Descriptor, err: forks.Descriptor, pipe: forks.Descriptor) -> None:
    """Be `farscrawler` with these words, in a fork.

    The end of the pipe, which is that of the process that holds its other side, by whatever way, counts as a first
    signal.
    """
    for stream, place in ((out, 1), (err, 2)):
        os.dup2(stream.number, place)
        os.close(stream.number)
    threading.Thread(target=_end_with, args=(pipe.number,), daemon=True).start()
    sys.argv[1:] = words
    import_module("farscrawler.__main__").main()


def _end_with(pipe: int) -> None:
    # Linux' own signal for this (PR_SET_PDEATHSIG) comes once for each thread of a parent that is killed, and a second
    # signal ends a crawl at once.
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _tail(file: IO[bytes]) -> str:
    length = file.seek(0, os.SEEK_END)
    file.seek(max(length - _TAIL, 0))
    return file.read().decode("utf-8", "replace")


def _summary(text: str) -> dict[str, Any]:
    """Return the summary that a crawl has printed last; nothing where it has not come to that."""
    for line in reversed(text.splitlines()):
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                return found
    return {}


def _last_line(text: str) -> str | None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix(_PREFIX) if lines else None
