"""Walk through the pages that are named, or all: a line for each command, and at the end what went wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.walk.expected import complaint
from tests.walk.printed import NOT_RUN, commands, pages
from tests.walk.walker import walk


def main() -> int:
    """Walk, print, and return the exit code: 1 where a command did not do what its page says."""
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as README.md docs/search.md (default: all)")
    given = parser.parse_args()
    begun, ran, wrong = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(given.pages or pages()):
            for step in walk(page, Path(folder) / str(number)):
                ran += 1
                problem = complaint(step)
                print(f"{page}\t{step.code}\t{step.seconds:.1f} s\t{step.printed.line}", flush=True)
                if problem is not None:
                    wrong += 1
                    print(f"    {problem}:\n    " + "\n    ".join(step.said.splitlines()[-12:]), flush=True)
    left = [one for page in given.pages or pages() for one in commands(page) if one.pattern is not None]
    for one in left:
        print(f"{one.page}\tnot run\t{one.line}\t{NOT_RUN[one.pattern or '']}")
    print(f"{ran} commands run, {wrong} otherwise than their pages say, {len(left)} not run; "
          f"{time.monotonic() - begun:.0f} s")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
