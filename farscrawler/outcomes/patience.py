"""When a run should stop asking: after so many refusals or failures in a row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farscrawler.outcomes.judge import Verdict


class Patience:
    """Counts what goes wrong in a row; ``unreachable`` counts only while nothing of the site has ever answered."""

    def __init__(self, *, blocked: int, failed: int, unreachable: int) -> None:
        self.limits = {"blocked": blocked, "failed": failed, "unreachable": unreachable}
        self._streaks: Counter[str] = Counter()
        self._answered = False

    def add(self, verdict: Verdict) -> tuple[str, str] | None:
        """Count a verdict; give the reason to stop and its detail when the patience is at its end."""
        if verdict.outcome not in ("blocked", "failed"):
            self._streaks.clear()
            self._answered = True
            return None
        self._streaks[verdict.outcome] += 1
        if verdict.unreachable:
            self._streaks["unreachable"] += 1
        for kind, count in self._streaks.items():
            if count >= self.limits[kind] and not (kind == "unreachable" and self._answered):
                reason = "too many failures" if kind == "failed" else kind
                return reason, f"{count} in a row, the last one: {verdict.reason}"
        return None
