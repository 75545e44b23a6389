"""How a run went: the closing sentence for people, the JSON line and the Prometheus metrics for programs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from farscrawler.archive import OUTCOMES
from farscrawler.days import duration, now
from farscrawler.errors import Exit
from farscrawler.files import write_whole
from farscrawler.outcomes.stop_rules import EndReason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from farscrawler.archive.runs import KilledRun
    from farscrawler.extensions.estimate import Estimate
    from farscrawler.frontier.web_archive import CaptureCounts

#: The reason of an end that the run itself could not write: its process was killed, or was ended at once.
KILLED = "killed"
#: What only the process of a run knows.
_UNKNOWN_OF_KILLED = (
    "known", "asked_again", "passed_over", "pages", "source", "captures", "clock", "requests", "robots_requests",
    "article_requests",
)  # fmt: skip


@dataclass(kw_only=True)
class Summary:
    """A finished run. ``counts`` holds this run's settled addresses by outcome; ``seconds`` its length.

    ``source`` is the web archive the articles came from, ``captures`` counts its captures; None for the site itself.
    ``asked_again`` counts the addresses that were settled without an article before. ``pages`` names the saved pages
    that were read, where the site was not asked, and ``passed_over`` counts by reason those that were of no use.
    ``clock`` says what is wrong with the clock of the machine. ``requests`` are all that were made, among them
    ``robots_requests`` for robots.txt and ``article_requests`` for articles. ``estimate`` says what was expected
    before; a ``dry_run`` has made the requests of the estimate alone. ``goes_on``: the same command may bring more.
    A run whose ``end_reason`` is KILLED could say nothing: its figures are the archive's, and the others are not known.
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
    requests: int = 0
    robots_requests: int = 0
    article_requests: int = 0
    dry_run: bool = False
    goes_on: bool = True
    estimate: Estimate | None = None

    @property
    def pending(self) -> int:
        """How many addresses this run asked for in vain; the next run asks for them again."""
        return self.counts.get("failed", 0) + self.counts.get("blocked", 0)

    def as_dict(self) -> dict[str, Any]:
        """Return all fields, for a JSON line."""
        estimate = self.estimate.as_dict() if self.estimate is not None else None
        unknown = dict.fromkeys(_UNKNOWN_OF_KILLED) if self.end_reason == KILLED else {}
        said = {**asdict(self), "seconds": round(self.seconds, 3), "owed": self.pending, "estimate": estimate}
        return {**said, **unknown}

    def estimated(self) -> str:
        """Return the sentences of a dry run: what the crawl would cost, and what it took to tell."""
        if self.estimate is None:
            return f"{self.publisher}: nothing could be estimated."
        lists = self.requests - self.robots_requests - self.article_requests
        parts = [
            *([f"{self.robots_requests:,} for robots.txt"] if self.robots_requests else []),
            *([f"{lists:,} for lists"] if lists > 0 else []),
            *([f"{self.article_requests:,} for articles, which are stored"] if self.article_requests else []),
        ]
        made = f"{self.requests:,} requests were made for it: {', '.join(parts)}." if parts else "No request was made."
        return f"{self.publisher}: {self.estimate.sentences()} {made}"

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
        if self.dry_run and self.end_reason == "estimated":
            return f"{text} This was a dry run."
        if self.end_reason.startswith(EndReason.INCOMPLETE):  # the run came to its end all the same
            text += f" {self.end_reason[0].upper()}{self.end_reason[1:]}."
        elif self.end_reason != "finished":
            text += f" Ended early ({self.end_reason})."
        if self.pages is not None and self.pending:
            text += " Pages that are not whole stay pending for a crawl of the site."
        elif self.pages is not None and self.exit_code == Exit.OWED:
            pass  # the files say the same whenever they are read
        elif self.pending or (self.end_reason != "finished" and self.goes_on):
            text += " Pending addresses are fetched by running the same command again."
        return f"{text} {self.clock}" if self.clock is not None else text


def summary_of_killed(runs: Sequence[KilledRun], publisher: str, archive: str, code: Exit) -> Summary:
    """Return what the archive says of the runs of a publisher that nobody has ended, one at least, as one summary."""
    counts: Counter[str] = Counter()
    for run in runs:
        counts.update(run.counts)
    ended_at = now()
    seconds = (dt.datetime.fromisoformat(ended_at) - dt.datetime.fromisoformat(runs[0].started_at)).total_seconds()
    return Summary(
        publisher=publisher,
        archive=archive,
        run=runs[-1].run,
        started_at=runs[0].started_at,
        ended_at=ended_at,
        seconds=seconds,
        new=sum(run.new for run in runs),
        revised=sum(run.revised for run in runs),
        known=0,
        end_reason=KILLED,
        exit_code=int(code),
        counts=dict(counts),
    )


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
