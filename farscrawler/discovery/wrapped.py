"""A plan around another one: what it adds comes before or after, all else is the inner plan's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farscrawler.discovery.context import Plan


class Wrapped:
    """What such a plan leaves to the ``plan`` within."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @property
    def owed(self) -> int | None:
        """How many addresses the plan still owes; what is added is counted when it is reached."""
        return self.plan.owed

    @property
    def shortfall(self) -> str | None:
        """Ask the plan."""
        return self.plan.shortfall

    def finish(self) -> None:
        """Let the plan write down what it wants remembered."""
        self.plan.finish()
