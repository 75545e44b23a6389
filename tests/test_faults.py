"""Three machines under faults: every article once, one request at a time for a host, no pause cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.faults import KINDS, Trial
from tests.support.postgres import needs_postgres

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_postgres


def test_each_kind_of_fault_costs_nothing(tmp_path: Path) -> None:
    """`python -m benchmarks --only faults` draws a hundred of them."""
    with Trial(tmp_path, sites=2, articles=40, lease=40, pause=0.1, seed=14) as trial:
        report = trial.run(KINDS, longest=2.0)
    assert report.problems == []
    assert report.overlaps == 0
    assert set(report.faults) == set(KINDS)
    assert report.requests > report.articles > 60
