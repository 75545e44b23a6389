"""`python -m tests.fuzz`: damage the samples of every reader so many times, and say what each of them cost."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.fuzz import READERS
from tests.fuzz.running import MIB, Result, case_of, run


def main(words: list[str] | None = None) -> int:
    """Run the cases; return 1 where a reader did not stand one."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="cases of each reader (200)")
    parser.add_argument(
        "--first", type=int, default=0, help="the number of the first one: a single one is run with --cases 1"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, other cases (1)")
    parser.add_argument("--reader", action="append", choices=READERS, help="this reader alone; may be given again")
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that were not stood")
    wanted = parser.parse_args(words)
    print(f"{'reader':<14}{'cases':>9}{'findings':>10}{'peak MB':>9}{'slowest s':>11}{'case':>8}{'CPU s':>9}")
    broken = 0
    for name in wanted.reader or READERS:
        reader = READERS[name]
        result = run(reader, range(wanted.first, wanted.first + wanted.cases), wanted.seed)
        print(row_of(result), flush=True)
        kinds = Counter(finding.what for finding in result.findings)
        for finding in result.findings:
            broken += 1
            if times := kinds.pop(finding.what, 0):
                print(f"  {times} times, first in case {finding.case}: {finding.what}", flush=True)
            if wanted.keep is not None:
                wanted.keep.mkdir(parents=True, exist_ok=True)
                shown, data = case_of(reader, wanted.seed, finding.case)
                (wanted.keep / f"{name}-{wanted.seed}-{finding.case}-{shown or 'input'}").write_bytes(data)
    return 1 if broken else 0


def row_of(result: Result) -> str:
    """Return the line of a reader."""
    return (
        f"{result.reader:<14}{result.cases:>9,}{len(result.findings):>10,}{result.peak / MIB:>9.1f}"
        f"{result.slowest:>11.2f}{result.slowest_case:>8}{result.cpu:>9.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
