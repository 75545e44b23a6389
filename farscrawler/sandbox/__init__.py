"""Sandbox: what would hold the event loop for long is read in a process of its own, with limits of its own."""

from farscrawler.sandbox.pool import BrokenReaderError, OverBudgetError, Sandbox, is_heavy

__all__ = ["BrokenReaderError", "OverBudgetError", "Sandbox", "is_heavy"]
