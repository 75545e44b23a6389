"""One and the same page for many addresses is no answer about any of them: a site in maintenance, an unknown wall."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.outcomes.judge import Look, Verdict


class SamePage:
    """Notices when ``limit`` pages in a row are no articles and the same to the byte, and hands their looks over."""

    def __init__(self, limit: int, found: Callable[[list[Look]], None]) -> None:
        self.limit = limit
        self._found = found
        self._looks: list[Look] = []
        self._noticed: str | None = None

    def add(self, look: Look, verdict: Verdict) -> None:
        """Count a look; a known way of saying that nothing is there (``missing``) says nothing about the site."""
        if verdict.outcome != "not-article" or look.page_hash is None:
            self._looks.clear()
            return
        if look.page_hash == self._noticed:  # was in flight when the run began to end
            self._found([look])
            return
        if self._looks and self._looks[0].page_hash != look.page_hash:
            self._looks.clear()
        self._looks.append(look)
        if len(self._looks) == self.limit:
            self._noticed = look.page_hash
            self._found(self._looks)
            self._looks = []


# When a run should stop asking: after so many refusals or failures in a row.
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
