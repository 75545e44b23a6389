"""`export --dataset`: what its options may be, and what is said of a dataset that has grown."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from farscrawler.cli.output import say
from farscrawler.cli.progress import progress
from farscrawler.days import duration
from farscrawler.errors import BadArgumentError
from farscrawler.exporters.parquet import load_pyarrow

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from farscrawler.archive import Archive
    from farscrawler.archive.reading.selection import Selection
    from farscrawler.dataset import Grown

#: Options that go with files alone, by the attributes that hold them.
_OF_FILES = {
    "overwrite_output": "-O",
    "output": "-o",
    "columns": "--columns",
    "limit": "--limit",
    "search": "--search",
    "csv_bom": "--csv-bom",
    "csv_safe": "--csv-safe",
}


def check_dataset(opts: argparse.Namespace) -> None:
    """Raise BadArgumentError for options that a dataset cannot have, ExportError where pyarrow is missing."""
    for name, option in _OF_FILES.items():
        if getattr(opts, name, None):
            raise BadArgumentError(f"{option} is for files, and a dataset is a folder; run the command once for each.")
    if opts.search is not None:
        raise BadArgumentError(
            "--search is for files: a dataset grows by what is new, and takes publishers, --since, --until, --section."
        )
    load_pyarrow()


def grow_dataset(
    archive: Archive,
    folder: Path,
    selection: Selection,
    *,
    damaged: Callable[[str, str], None],
    writing: Callable[[], None],
) -> Grown:
    """Bring a dataset up to date, and say what was done; ``writing`` is called when nothing has been refused."""
    from farscrawler.dataset import grow

    begun = time.monotonic()
    with ExitStack() as stack:

        def begin(total: int) -> Callable[[int], None]:
            writing()
            return stack.enter_context(progress("dataset", total))

        try:
            grown = grow(archive, folder, selection, damaged=damaged, begin=begin)
        except KeyboardInterrupt:
            say(f"interrupted; {folder} is as it was after its last commit, and the same command goes on from there.")
            raise
    if grown.rows or grown.replaced:
        _say_grown(folder, grown, time.monotonic() - begun, "revisions" if selection.all_revisions else "articles")
    return grown


def _say_grown(folder: Path, grown: Grown, seconds: float, what: str) -> None:
    whole = f"{grown.rows:,} {what} in {grown.parts:,} part{'' if grown.parts == 1 else 's'}"
    if not grown.new and not grown.replaced:
        say(f"{folder}: nothing new; {whole}")
        return
    over = f", older revisions taken out: {grown.replaced:,}" if grown.replaced else ""
    rate = f" ({grown.new / seconds:,.0f} a second)" if seconds >= 1 else ""
    say(f"{folder}: {grown.new:,} {what} written{over}, now {whole}; {duration(seconds)}{rate}")
