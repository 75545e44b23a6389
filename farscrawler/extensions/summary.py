"""How a run went: the closing sentence for people, the JSON line and the Prometheus metrics for programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from farscrawler.archive import OUTCOMES
from farscrawler.days import duration
from farscrawler.errors import Exit
from farscrawler.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from farscrawler.frontier.web_archive import CaptureCounts


@dataclass(kw_only=True)
class Summary:
    """A finished run. ``counts`` holds this run's settled addresses by outcome; ``seconds`` its length.

    ``source`` is the web archive the articles came from, ``captures`` counts its captures; None for the site itself.
    ``asked_again`` counts the addresses that were settled without an article before. ``pages`` names the saved pages
    that were read, where the site was not asked, and ``passed_over`` counts by reason those that were of no use.
    ``clock`` says what is wrong with the clock of the machine.
    """

    publisher: str
    archive: str
    run: int
    started_at: str
    ended_at: str
    seconds: float
    new: int
    revised: int
    known: int
    end_reason: str
    exit_code: int
    counts: dict[str, int] = field(default_factory=dict)
    source: str | None = None
    captures: CaptureCounts | None = None
    asked_again: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)
    pages: str | None = None
    clock: str | None = None

    @property
    def pending(self) -> int:
        """How many addresses this run asked for in vain; the next run asks for them again."""
        return self.counts.get("failed", 0) + self.counts.get("blocked", 0)

    def as_dict(self) -> dict[str, Any]:
        """Return all fields, for a JSON line."""
        return {**asdict(self), "seconds": round(self.seconds, 3), "owed": self.pending}

    def sentence(self) -> str:
        """Return the closing sentences of the log."""
        unchanged = self.counts.get("article", 0) - self.new - self.revised
        parts = [f"{self.new:,} new article{'s' if self.new != 1 else ''}"]
        parts += [f"{self.revised:,} revised"] if self.revised else []
        parts += [f"{unchanged:,} unchanged"] if unchanged > 0 else []
        parts += [
            f"{self.counts[name]:,} {name}"
            for name in ("missing", "not-article", "blocked", "failed", "skipped")
            if self.counts.get(name)
        ]
        parts += [f"{self.asked_again:,} asked again"] if self.asked_again else []
        parts += [f"{self.known:,} known before"] if self.known else []
        parts += [f"from {self.source} ({self.captures})"] if self.captures is not None else []
        text = f"{self.publisher}: {', '.join(parts)}, in {duration(self.seconds)}."
        if self.passed_over:
            reasons = sorted(self.passed_over.items(), key=lambda one: (-one[1], one[0]))
            text += " Passed over: " + ", ".join(f"{count:,} {reason}" for reason, count in reasons) + "."
        if self.end_reason != "finished":
            text += f" Ended early ({self.end_reason})."
        if self.pages is not None and self.pending:
            text += " Pages that are not whole stay pending for a crawl of the site."
        elif self.pages is not None and self.exit_code == Exit.OWED:
            pass  # the files say the same whenever they are read
        elif self.pending or self.end_reason != "finished":
            text += " Pending addresses are fetched by running the same command again."
        return f"{text} {self.clock}" if self.clock is not None else text


#: Name, kind and meaning of every metric for the textfile collector of node_exporter.
METRICS: dict[str, tuple[str, str]] = {
    "farscrawler_run_ended_timestamp_seconds": ("gauge", "the time when the last run ended"),
    "farscrawler_run_duration_seconds": ("gauge", "the duration of the last run"),
    "farscrawler_run_exit_code": ("gauge", "the exit code of the last run"),
    "farscrawler_run_articles_new": ("gauge", "articles the last run stored for the first time"),
    "farscrawler_run_articles_revised": ("gauge", "articles the last run found changed"),
    "farscrawler_run_owed": ("gauge", "addresses that the last run left pending"),
    "farscrawler_run_addresses": ("gauge", "addresses the last run settled, by outcome"),
}


def render_metrics(summary: Summary) -> str:
    """Return the metrics of a run as Prometheus text."""
    label = f'publisher="{summary.publisher}"'
    ended = dt.datetime.fromisoformat(summary.ended_at).timestamp()
    values: dict[str, dict[str, float]] = {
        "farscrawler_run_ended_timestamp_seconds": {label: ended},
        "farscrawler_run_duration_seconds": {label: round(summary.seconds, 3)},
        "farscrawler_run_exit_code": {label: summary.exit_code},
        "farscrawler_run_articles_new": {label: summary.new},
        "farscrawler_run_articles_revised": {label: summary.revised},
        "farscrawler_run_owed": {label: summary.pending},
        "farscrawler_run_addresses": {
            f'{label},outcome="{outcome}"': summary.counts.get(outcome, 0) for outcome in OUTCOMES
        },
    }
    lines = []
    for name, (kind, meaning) in METRICS.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{{{labels}}} {value}" for labels, value in values[name].items()]
    return "\n".join(lines) + "\n"


def write_metrics(path: Path, summary: Summary) -> None:
    """Write the metrics whole or not at all: a collector must never read half a file. Raise OSError."""
    write_whole(path, render_metrics(summary))
