"""A finished run as Prometheus text, for the textfile collector of node_exporter."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from farscrawler.archive import OUTCOMES

if TYPE_CHECKING:
    from farscrawler.extensions.summary import Summary

#: Name, kind and meaning of every metric.
METRICS: dict[str, tuple[str, str]] = {
    "farscrawler_run_ended_timestamp_seconds": ("gauge", "when the last run ended"),
    "farscrawler_run_duration_seconds": ("gauge", "how long the last run took"),
    "farscrawler_run_exit_code": ("gauge", "the exit code of the last run"),
    "farscrawler_run_articles_new": ("gauge", "articles the last run stored for the first time"),
    "farscrawler_run_articles_revised": ("gauge", "articles the last run found changed"),
    "farscrawler_run_owed": ("gauge", "addresses the last run asked for in vain"),
    "farscrawler_run_addresses": ("gauge", "addresses the last run settled, by outcome"),
}


def render(summary: Summary) -> str:
    """Give the text of a summary's metrics."""
    label = f'publisher="{summary.publisher}"'
    ended = dt.datetime.fromisoformat(summary.ended_at).timestamp()
    values: dict[str, dict[str, float]] = {
        "farscrawler_run_ended_timestamp_seconds": {label: ended},
        "farscrawler_run_duration_seconds": {label: round(summary.seconds, 3)},
        "farscrawler_run_exit_code": {label: summary.exit_code},
        "farscrawler_run_articles_new": {label: summary.new},
        "farscrawler_run_articles_revised": {label: summary.revised},
        "farscrawler_run_owed": {label: summary.owed},
        "farscrawler_run_addresses": {
            f'{label},outcome="{outcome}"': summary.counts.get(outcome, 0) for outcome in OUTCOMES
        },
    }
    lines = []
    for name, (kind, meaning) in METRICS.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{{{labels}}} {value}" for labels, value in values[name].items()]
    return "\n".join(lines) + "\n"


def write(path: Path, summary: Summary) -> None:
    """Write the metrics whole or not at all: a collector must never read half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(render(summary))
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)  # mkstemp makes it private; the collector is another user
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
