"""Evidence: where each field of a page was taken from, and what was refused and why; noted while a page is read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from farscrawler.parsing.page import Anatomy


@dataclass(frozen=True, slots=True)
class Finding:
    """One value that a page offers for a field: where it stands, and why it was ``refused`` (None: it was taken)."""

    field: str
    where: str
    value: str
    refused: str | None = None


@dataclass(slots=True)
class Evidence:
    """The findings of one page in the order of reading.

    A page is read the same way with one and without; only what stands behind a value that was taken is not looked at
    unless somebody wants to know.
    """

    findings: list[Finding] = field(default_factory=list)

    def took(self, name: str, where: str, value: str) -> None:
        """Note a value that was taken."""
        self.findings.append(Finding(name, where, value))

    def took_all(self, anatomy: Anatomy, where: str) -> None:
        """Note that every part of an article was taken from one place."""
        for one in fields(anatomy):
            value = getattr(anatomy, one.name)
            if value and isinstance(value, str):
                self.took(one.name, where, value)
        for name, values in (("body", anatomy.paragraphs), ("tags", anatomy.tags)):
            if values:
                self.took(name, where, values[0])

    def refused(self, name: str, where: str, value: str, why: str) -> None:
        """Note a value that was not taken, and why."""
        self.findings.append(Finding(name, where, value, why))
