"""`farscrawler jobs add|list|cancel|retry`: the queue of an archive that several machines share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out, out_json_lists, say
from farscrawler.cli.queued import as_dict, print_attempts, print_jobs, queue_server
from farscrawler.errors import ArchiveError, BadArgumentError, Exit

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from farscrawler.archive.jobs import Added, Job, JobState
    from farscrawler.archive.postgres.queue import JobQueue
    from farscrawler.errors import FarscrawlerError

_ACTIONS = ("add", "list", "cancel", "retry")
#: States of jobs that are in the queue, and of attempts that are not.
_IN_QUEUE: tuple[JobState, ...] = ("queued", "running", "failed")
_ENDED = ("done", "canceled", "lost")
_SHOWN = 100
#: Begins the names of the options that are arguments of a crawl.
_ARGUMENT = "argument_"
#: A number of a job has 63 bits.
_MOST_DIGITS = 18


class Command(LightCommand):
    """The jobs command."""

    def syntax(self) -> str:
        return "[options] add crawl|reparse PUBLISHER ... | list | cancel [JOB ...] | retry [JOB ...]"

    def long_desc(self) -> str:
        return (
            "The queue of jobs in the PostgreSQL database of the archive, which `farscrawler worker` does. add queues "
            "a crawl of each publisher, or a reparse of its kept pages; a harvest (--since, --ids) is cut into leases "
            "of a Jalali month or 10,000 ids, a job each, and a reparse with --warc into its files. The same job is "
            "queued once. list shows what waits, runs and has failed, or with --state done what has ended. cancel "
            "takes jobs out, and ends the crawls of those that run; retry lets those that have failed, or are put "
            "off, run now. Exit codes: 0 done; 1 failed, or there is no such job; 2 bad arguments."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from farscrawler.cluster.jobs import CRAWL_ARGUMENTS
        from farscrawler.frontier.arguments import ARGUMENTS, METAVARS

        super().add_options(parser)
        group = parser.add_argument_group("What to crawl (add)")
        for name in CRAWL_ARGUMENTS:
            group.add_argument(
                f"--{name}", dest=f"{_ARGUMENT}{name}", metavar=METAVARS.get(name, "VALUE"), help=ARGUMENTS[name]
            )
        parser.add_argument(
            "--lease",
            metavar="SIZE",
            help="what a job of a harvest covers: month, a number of ids, or none for one job (default: month, 10000)",
        )
        parser.add_argument(
            "--warc", action="store_true", help="reparse the files in the folder of the setting WARC, a job each"
        )
        parser.add_argument(
            "--priority", type=int, default=0, metavar="N", help="jobs of a higher one are taken first (default: 0)"
        )
        parser.add_argument(
            "--state",
            metavar="STATE",
            choices=[*_IN_QUEUE, *_ENDED],
            help="list only jobs that are queued, running or failed, or attempts that are done, canceled or lost",
        )
        parser.add_argument("--publisher", metavar="PUBLISHER", help="list, cancel or retry the jobs of a publisher")
        parser.add_argument("--all", action="store_true", help="cancel all jobs")
        parser.add_argument("--failed", action="store_true", help="retry all jobs that have failed")
        parser.add_argument(
            "--limit", type=int, default=_SHOWN, metavar="N", help=f"list so many; 0 is all (default: {_SHOWN})"
        )
        parser.add_argument("--json", action="store_true", help="list as one JSON object")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do one of the four."""
        if not args or args[0] not in _ACTIONS:
            raise UsageError(f"say what to do: {', '.join(_ACTIONS)}", print_help=not args)
        self._refuse_strays(args[0], opts)
        server = queue_server(self.settings["ARCHIVE"], "farscrawler crawl-all")
        jobs = self._wanted(args[1:], opts) if args[0] == "add" else []
        numbers = [] if args[0] == "add" else self._numbers(args[0], args[1:], opts)
        from farscrawler.archive.postgres.queue import JobQueue

        with JobQueue(server, make_tables=args[0] == "add") as queue:
            if args[0] == "add":
                self._say_added(queue.add(jobs, priority=opts.priority))
            elif args[0] == "list":
                self._list(queue, opts)
            else:
                self._change(queue, args[0], numbers, opts)

    def exit_code_of(self, error: FarscrawlerError) -> Exit:
        """Return the code to end with; a database that does not answer is a failure."""
        return Exit.BROKE if isinstance(error, ArchiveError) else super().exit_code_of(error)

    def _refuse_strays(self, action: str, opts: argparse.Namespace) -> None:
        """Raise UsageError for an option that another action takes."""
        arguments = [name for name, value in vars(opts).items() if name.startswith(_ARGUMENT) and value is not None]
        given = {
            "add": [*arguments, *(["lease"] if opts.lease else []), *(["warc"] if opts.warc else []),
                    *(["priority"] if opts.priority else [])],
            "list": [*(["state"] if opts.state else []), *(["json"] if opts.json else []),
                     *(["limit"] if opts.limit != _SHOWN else [])],
            "cancel": ["all"] if opts.all else [],
            "retry": ["failed"] if opts.failed else [],
        }  # fmt: skip
        for other, names in given.items():
            if other != action and names:
                raise UsageError(f"--{names[0].removeprefix(_ARGUMENT)} belongs to `farscrawler jobs {other}`")
        if action == "add" and opts.publisher:
            raise UsageError(
                "--publisher chooses jobs that are there; name publishers after the command: add crawl irna"
            )
        if opts.limit < 0:
            raise UsageError("--limit takes a number of at least 0")

    # -- add --------------------------------------------------------------------------------------------

    def _wanted(self, words: list[str], opts: argparse.Namespace) -> list[Job]:
        """Return the jobs to add. Raise UsageError, BadArgumentError or PublisherError."""
        from farscrawler.archive.jobs import Job
        from farscrawler.cluster.jobs import COMMANDS, check_job
        from farscrawler.cluster.leases import leases
        from farscrawler.days import today_in
        from farscrawler.frontier.id_ranges import parse_ids

        if not words or words[0] not in COMMANDS:
            raise UsageError(f"say what to add: {' or '.join(COMMANDS)}, and publishers: add crawl irna isna")
        if len(words) == 1:
            raise UsageError("name publishers (`farscrawler publishers` lists them): add crawl irna isna")
        given = {
            name.removeprefix(_ARGUMENT): value
            for name, value in vars(opts).items()
            if name.startswith(_ARGUMENT) and value is not None
        }
        if given.get("ids", "").startswith("@"):  # of this machine, so its values are what the jobs name
            given["ids"] = repr(parse_ids(given["ids"]))
        command, catalogue = words[0], publishers.of(self.settings)
        if command == "crawl" and opts.warc:
            raise UsageError("--warc belongs to add reparse")
        if command == "reparse" and (given or opts.lease):
            raise UsageError("add reparse takes publishers, and --warc alone")
        jobs = []
        for name in dict.fromkeys(words[1:]):
            publisher = catalogue.load(name)
            check_job(Job(command, publisher.key, given), catalogue)  # as a whole, before it is cut
            if command == "crawl":
                parts = leases(given, opts.lease, today_in(publisher.tz))
            else:
                parts = [{"warc": file} for file in self._files(publisher.key)] if opts.warc else [{}]
            jobs += [Job(command, publisher.key, part) for part in parts]
        for job in jobs:
            check_job(job, catalogue)
        return jobs

    def _files(self, publisher: str) -> list[str]:
        """Return the names of the WARC files that may hold pages of a publisher. Raise BadArgumentError for none."""
        from farscrawler.cluster.leases import warc_files

        folder = self.settings["WARC"]
        if not folder or not Path(folder).is_dir():
            raise BadArgumentError("--warc reads the folder that the setting WARC names on every machine; set it.")
        found = warc_files(Path(folder), publisher, publishers.of(self.settings).names())
        if not found:
            raise BadArgumentError(f"there is no WARC file for {publisher} in {folder}.")
        return found

    @staticmethod
    def _say_added(added: Added) -> None:
        there = sum(one is None for one in added.ids)
        new = len(added.ids) - there - added.again
        said = [f"{_count(new)} added"]
        if added.again:
            said.append(f"{added.again:,} that had failed queued again")
        if there:
            said.append(f"{there:,} queued or running already")
        out(f"{'; '.join(said)}.")

    # -- list -------------------------------------------------------------------------------------------

    def _list(self, queue: JobQueue, opts: argparse.Namespace) -> None:
        limit = opts.limit or None
        ended = opts.state in _ENDED
        more = None if limit is None else limit + 1
        found = (
            queue.attempts(state=opts.state, publisher=opts.publisher, limit=more)
            if ended
            else queue.jobs(state=opts.state, publisher=opts.publisher, limit=more)
        )
        shown = found[:limit]
        counts = queue.counts(opts.publisher)
        if opts.json:
            out_json_lists(
                {"archive": str(queue.server), **{str(state): count for state, count in counts.items()}},
                jobs=map(as_dict, shown),
            )
            return
        if ended:
            print_attempts(shown)  # type: ignore[arg-type]  # of the branch above
        else:
            print_jobs(shown)  # type: ignore[arg-type]  # as above
        left = " There are more; --limit 0 lists all." if len(found) > len(shown) else ""
        out(f"{', '.join(f'{counts[state]:,} {state}' for state in _IN_QUEUE)}.{left}")

    # -- cancel and retry -------------------------------------------------------------------------------

    @staticmethod
    def _numbers(action: str, words: list[str], opts: argparse.Namespace) -> list[int]:
        """Return the numbers of jobs that were named. Raise UsageError for other words, and where nothing is named."""
        if action == "list":
            if words:
                raise UsageError("list takes options alone, such as --publisher")
            return []
        for word in words:
            if not (word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS):
                raise UsageError(f"{word!r} is no number of a job; `farscrawler jobs list` shows them")
        every = opts.all if action == "cancel" else opts.failed
        if bool(words) + bool(opts.publisher) + every != 1:
            which = "--all" if action == "cancel" else "--failed"
            raise UsageError(f"name numbers of jobs, or one of --publisher and {which}", print_help=False)
        return [int(word) for word in words]

    def _change(self, queue: JobQueue, action: str, numbers: list[int], opts: argparse.Namespace) -> None:
        chosen: Iterable[int] = numbers
        if not numbers:
            # Those that wait for their turn need no word to run.
            chosen = queue.numbers(state="failed" if action == "retry" else None, publisher=opts.publisher)
        if not chosen and opts.publisher:
            self.fail(f"there is no job of {opts.publisher} that this could be done to.", Exit.BROKE)
            return
        done = queue.cancel(chosen) if action == "cancel" else queue.retry(chosen)
        out(f"{_count(len(done))} {'cancelled' if action == 'cancel' else 'may run now'}.")
        missing = sorted(set(numbers) - done)
        if missing:
            what = "in the queue" if action == "cancel" else "that has failed or is put off"
            numbered = " or ".join(map(str, missing))
            say(f"no job {what} has the number {numbered}; `farscrawler jobs list` shows them.")
            self.exitcode = int(Exit.BROKE)


def _count(number: int) -> str:
    return f"{number:,} job{'' if number == 1 else 's'}"
