"""`farscrawler worker`: do the jobs of an archive's queue, on as many machines as there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.logs import keep_log
from farscrawler.cli.queued import queue_server
from farscrawler.cli.settings_given import catalogue_of, set_again
from farscrawler.errors import ArchiveError, BadArgumentError, Exit

if TYPE_CHECKING:
    import argparse

    from farscrawler.archive.jobs import Job
    from farscrawler.errors import FarscrawlerError
    from farscrawler.locations import Server

#: A crawl asks a site for a page a second, and takes some 90 MB as a process.
AT_ONCE = 8
#: Below this a worker that is only slow would lose its jobs.
_LEAST_SILENCE = 0.5


class Command(LightCommand):
    """The worker command."""

    def syntax(self) -> str:
        return "[options]"

    def long_desc(self) -> str:
        return (
            "Do the jobs that `farscrawler jobs add` has put into the PostgreSQL database of the archive, each in a "
            "process of its own; one job of a publisher is at work at a time, on any machine. A job that fails for a "
            "while is tried again after growing pauses, and then held as failed, with its sentence (`farscrawler jobs "
            "list`). Workers on any number of machines share the jobs; those of a worker that dies, or is silent for "
            "JOB_HEARTBEAT_TIMEOUT seconds, are taken by the others. At Ctrl-C or SIGTERM crawls finish what is in "
            "flight, and their jobs are queued again. Settings, publishers and addresses are this machine's own: a job "
            "names none. Exit codes: 0 done, with --once; 1 failed, or a job of --once has; 2 bad arguments; 3 a job "
            "of --once is put off; 130 interrupted."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--once", action="store_true", help="end when no job waits that is due")
        parser.add_argument(
            "--at-once", type=int, default=AT_ONCE, metavar="N", help=f"number of jobs at a time (default: {AT_ONCE})"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Work until a signal comes."""
        if args:
            raise UsageError("a worker takes the jobs of all publishers; `farscrawler jobs add` says which to do")
        if opts.at_once < 1:
            raise UsageError("--at-once takes a number of at least 1")
        self._work(queue_server(self.settings["ARCHIVE"], "farscrawler watch"), opts)

    _has_begun = False

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return the code to end with; a queue that is away, or cannot be written meanwhile, is a failure."""
        may_pass = isinstance(error, ArchiveError) and self._has_begun
        return Exit.BROKE if may_pass else super().exit_code_of(error)

    def _work(self, server: Server, opts: argparse.Namespace) -> None:
        from farscrawler.archive.postgres.work import WorkQueue
        from farscrawler.cluster.jobs import words_of
        from farscrawler.cluster.worker import Worker, logger

        silent, _ = self._silence(), catalogue_of(self.settings)  # a slip in it would fail every job
        given = set_again(opts.set)

        def words(job: Job) -> list[str]:
            return [*words_of(job, publishers.of(self.settings), self.settings["WARC"] or None), *given]

        with WorkQueue(server) as queue:
            self._has_begun = True
            keep_log(self.settings)
            waiting = queue.counts()
            logger.info(
                "waiting for jobs of %s, %s at a time: %s queued, %s running, %s failed.",
                server, opts.at_once, *(f"{waiting[state]:,}" for state in ("queued", "running", "failed")),
            )  # fmt: skip
            self.exitcode = int(Worker(queue, words, opts.at_once, silent).run(once=opts.once))

    def _silence(self) -> float:
        try:
            found = float(self.settings["JOB_HEARTBEAT_TIMEOUT"])
        except (TypeError, ValueError):
            found = 0.0
        if not _LEAST_SILENCE <= found < float("inf"):
            raise BadArgumentError(
                f"-s JOB_HEARTBEAT_TIMEOUT={self.settings['JOB_HEARTBEAT_TIMEOUT']}: write a number of seconds, at "
                f"least {_LEAST_SILENCE}."
            )
        return found
