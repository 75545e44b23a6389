"""What a job may ask for, and the command line that does it on this machine.

Whoever may write into the queue may be less trusted than who set this machine up: a job names no settings, no files of
this machine and no addresses, but what is crawled of the publishers that this machine knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.errors import BadArgumentError
from farscrawler.frontier.arguments import ARGUMENTS, parse_arguments
from farscrawler.schedule.contract import crawl_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.archive.jobs import Job
    from farscrawler.publishers import Catalogue

COMMANDS = ("crawl", "reparse")
#: Arguments of a crawl that name files or addresses.
_NOT_IN_JOBS = ("urls", "pages", "base_url")
CRAWL_ARGUMENTS = tuple(name for name in ARGUMENTS if name not in _NOT_IN_JOBS)
#: The one argument of a reparse: a file within the folder that WARC names on the machine of the worker.
WARC_ARGUMENT = "warc"


def check_job(job: Job, catalogue: Catalogue) -> None:
    """Raise BadArgumentError or PublisherError for a job that cannot be done with these publishers."""
    if job.command not in COMMANDS:
        raise BadArgumentError(
            f"there is no job {job.command!r}; this version knows {' and '.join(COMMANDS)}. Upgrade farscrawler on "
            "this machine, or cancel the job."
        )
    publisher = catalogue.load(job.publisher)
    known = CRAWL_ARGUMENTS if job.command == "crawl" else (WARC_ARGUMENT,)
    for name, value in job.arguments.items():
        if name not in known:
            why = " It names files or addresses, which a job may not." if name in _NOT_IN_JOBS else ""
            raise BadArgumentError(
                f"a job to {job.command} takes no argument {name}.{why} Known are: {', '.join(known)}."
            )
        if value.startswith("@") or "\0" in value:
            raise BadArgumentError(f"{name}={value!r}: a job names no file; write the values themselves.")
    if job.command == "crawl":
        parse_arguments(publisher, job.arguments)
    elif job.arguments:
        _check_name(job.arguments[WARC_ARGUMENT])


def words_of(job: Job, catalogue: Catalogue, warc: str | None) -> list[str]:
    """Return the words of the command that does a job; ``warc`` is the setting WARC of this machine.

    Raise BadArgumentError or PublisherError as ``check_job`` does.
    """
    check_job(job, catalogue)
    if job.command == "crawl":
        given = [word for name, value in job.arguments.items() for word in ("-a", f"{name}={value}")]
        return crawl_words(job.publisher, given)
    words = ["reparse", job.publisher, "--json"]
    return [*words, "--warc", str(_warc_file(job.arguments, warc))] if job.arguments else words


def _check_name(name: str) -> None:
    path = Path(name)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise BadArgumentError(
            f"warc={name}: a job names a file within the folder of the setting WARC, by its path there."
        )


def _warc_file(arguments: Mapping[str, str], warc: str | None) -> Path:
    name = arguments[WARC_ARGUMENT]
    if not warc:
        raise BadArgumentError(f"warc={name}: this machine has no folder of WARC files; name it by the setting WARC.")
    path = Path(warc) / name
    if not path.is_file():
        raise BadArgumentError(f"{path} is not there: the setting WARC must name a folder that all workers see.")
    return path
