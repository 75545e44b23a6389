"""How a run went: the closing sentence for people, the JSON line for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from farscrawler.discovery.captures import CaptureCounts


@dataclass(kw_only=True)
class Summary:
    """A finished run. ``counts`` holds this run's settled addresses by outcome; ``seconds`` its length.

    ``source`` is the web archive the articles came from, ``captures`` counts its captures; None for the site itself.
    ``pages`` is what saved pages were read from, where the site was not asked, and ``passed_over`` counts by reason
    what of it was of no use.
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
    passed_over: dict[str, int] = field(default_factory=dict)
    pages: str | None = None

    @property
    def owed(self) -> int:
        """How many addresses this run asked for in vain, and the next one will ask for again."""
        return self.counts.get("failed", 0) + self.counts.get("blocked", 0)

    def as_dict(self) -> dict[str, Any]:
        """Give all of it for a JSON line."""
        return {**asdict(self), "seconds": round(self.seconds, 3), "owed": self.owed}

    def sentence(self) -> str:
        """Say it in words."""
        unchanged = self.counts.get("article", 0) - self.new - self.revised
        parts = [f"{self.new:,} new article{'s' if self.new != 1 else ''}"]
        parts += [f"{self.revised:,} revised"] if self.revised else []
        parts += [f"{unchanged:,} unchanged"] if unchanged > 0 else []
        parts += [
            f"{self.counts[name]:,} {name}"
            for name in ("missing", "not-article", "blocked", "failed", "skipped")
            if self.counts.get(name)
        ]
        parts += [f"{self.known:,} known before"] if self.known else []
        parts += [f"from {self.source} ({self.captures})"] if self.captures is not None else []
        text = f"{self.publisher}: {', '.join(parts)}, in {duration(self.seconds)}."
        if self.passed_over:
            reasons = sorted(self.passed_over.items(), key=lambda one: (-one[1], one[0]))
            text += " Passed over: " + ", ".join(f"{count:,} {reason}" for reason, count in reasons) + "."
        if self.end_reason != "finished":
            text += f" Ended early ({self.end_reason})."
        if self.pages is not None and self.owed:
            text += " What was no whole page is owed to a crawl of the site."
        elif self.owed or self.end_reason != "finished":
            text += " What is owed is fetched by running the same command again."
        return text


def duration(seconds: float) -> str:
    """Give a length of time for people: `42 s`, `3 min 12 s`, `5 h 7 min`."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004  # seconds in a minute
        return f"{whole} s" if seconds >= 1 else f"{seconds:.1f} s"
    if whole < 3600:  # noqa: PLR2004  # seconds in an hour
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
