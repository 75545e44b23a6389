"""How the commands of a walk end: with 0, but for those that are listed here, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.walk.walker import Step

_ALONE = "the walk crawls farsonline alone; tests/test_docs.py runs it with articles of others"
_NEVER_WATCHED = "the walk starts no watch, which would not end by itself, and the status of none is an error"
#: Exit codes by the line of a command, with the reason.
OTHER_CODES: dict[str, tuple[tuple[int, ...], str]] = {
    "farscrawler copies --report irna isna --since 1401 --html copies.html": ((1,), _ALONE),
    "farscrawler copies --of mehrnews 5312345": ((1,), _ALONE),
    "farscrawler export -O range.csv --csv-bom --since 1403-12-01 --until 1403 farsonline irna": ((1,), _ALONE),
    "farscrawler search 'کتاب‌های درسی' --publisher irna --since 1401": ((1,), _ALONE),
    "farscrawler watch --status": ((1,), _NEVER_WATCHED),
    "farscrawler watch --status --json": ((1,), _NEVER_WATCHED),
    "farscrawler crawl farsonline --base-url http://127.0.0.1:8000 --archive try.db --ids 1000-1200": (
        (0, 3),
        "the newsroom of the page has every fault, so that some addresses may stay pending",
    ),
}


def complaint(step: Step) -> str | None:
    """Return what is wrong with a step; None for one that did what its page says."""
    codes, _ = OTHER_CODES.get(step.printed.line, ((0,), ""))
    if "Traceback (most recent call last)" in step.said:
        return "it broke"
    return None if step.code in codes else f"exit code {step.code} and not {' or '.join(map(str, codes))}"
