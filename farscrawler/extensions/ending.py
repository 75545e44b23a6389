"""How a crawl has ended, for people and programs: exit code, a sentence where it was not done, and the summary."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.errors import (
    ArchiveError,
    BadArgumentError,
    DamagedArchiveError,
    Exit,
    ExportError,
    HeldError,
    ServerAwayError,
)
from farscrawler.extensions.run import Run
from farscrawler.outcomes.judge import Refusal
from farscrawler.outcomes.stop_rules import EndReason

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from farscrawler.extensions.summary import Summary

#: What is said of a crawl that left something pending.
GOES_ON = "Nothing is lost: the same command goes on from here."
#: Why a run was not done, by the reason of its end.
_PROBLEMS = {
    EndReason.UNREACHABLE: "{site} cannot be reached ({detail}). {again}",
    EndReason.NOTHING_LISTED: "{site} answers, and {detail}{mirror}. {again}",
    EndReason.BLOCKED: "{site} blocks us ({detail}). Wait before you try again. {again}",
    EndReason.TOO_SLOW: "{site} is not crawled: {detail}.",
    EndReason.TOO_MANY_FAILURES: "{site} fails too often ({detail}). {again}",
    EndReason.STORAGE_FAILED: "{detail}",
    EndReason.TAKEN_OVER: "{detail}",
    EndReason.INCOMPLETE: "{publisher}: not all was found: {detail}.",
    EndReason.NOT_ARTICLES: "{publisher}: {detail}.",
}
#: The same of a site whose name leads to a private address: it has not said anything, and waiting helps nobody.
_NO_WAY = (
    "{site} is not reached ({detail}): a filter answers in its place, or it is a replica and --base-url is not given. "
    "{again}"
)
#: Why a run was not done where the reason of its end does not say it.
_BROKE = "the run broke on an error of farscrawler itself; the log above names the page. {again}"
_PENDING = "{pending} of {site}, failed or blocked, {are} still pending. {again}"
_ENDED = "the run was ended before it was done ({reason}). {again}"


@dataclass(frozen=True, slots=True)
class CrawlEnd:
    """The exit code of a crawl, a sentence for someone who sees no log where one is due, and the summary of its run.

    There is no summary where the run did not begin, or was not closed.
    """

    code: Exit
    sentence: str | None = None
    summary: Summary | None = None


def broken(problem: BaseException) -> CrawlEnd:
    """Return how a crawl has ended that a problem kept from beginning."""
    if isinstance(problem, HeldError):
        return CrawlEnd(Exit.HELD, str(problem))
    if isinstance(problem, (BadArgumentError, ArchiveError, ExportError)):
        code = Exit.BROKE if isinstance(problem, (DamagedArchiveError, ServerAwayError)) else Exit.BAD_ARGUMENTS
        return CrawlEnd(code, str(problem))
    logging.getLogger("farscrawler").critical("The crawl broke.", exc_info=problem)
    return CrawlEnd(Exit.BROKE, f"the crawl broke: {type(problem).__name__}: {problem}")


def ending(crawler: Crawler, problem: BaseException | None) -> CrawlEnd:
    """Return how a crawl has ended; ``problem`` is what kept it from beginning, if anything did."""
    if problem is not None:
        return broken(problem)
    run = Run.of(crawler)
    if run.refused:
        return CrawlEnd(*run.refused)
    if not run.closed:  # a second signal has ended the process' loop; what was committed is whole
        return CrawlEnd(Exit.INTERRUPTED)
    return CrawlEnd(run.exit, _problem(run) if run.exit in (Exit.BROKE, Exit.OWED, Exit.HELD) else None, run.summary())


def _problem(run: Run) -> str:
    """Return one sentence about why a run was not done."""
    assert run.end is not None  # noqa: S101  # the run is closed
    pending = run.summary().pending
    sentence = _PROBLEMS.get(run.end.reason)
    if run.end.reason is EndReason.BLOCKED and Refusal.PRIVATE_ADDRESS in run.end.detail:  # reasons are kept as text
        sentence = _NO_WAY
    if sentence is None:
        sentence = _BROKE if run.exit is Exit.BROKE else _PENDING if pending else _ENDED
    number, are = (f"{pending:,} address", "is") if pending == 1 else (f"{pending:,} addresses", "are")
    mirror = f"; base_url has to serve the pages of {run.publisher.key}" if run.arguments.base_url else ""
    said = {"detail": run.end.detail, "reason": run.end, "again": GOES_ON, "mirror": mirror}
    return sentence.format(publisher=run.publisher.key, site=run.site, pending=number, are=are, **said)
