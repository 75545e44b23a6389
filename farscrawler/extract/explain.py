"""Evidence: where each field of an article comes from and what else the page offered, noted while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from farscrawler.extract.moments import Moments
    from farscrawler.extract.time_rules import TimeReading
    from farscrawler.items import Article


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One value that a page offers for a field: where it stands, and why it was ``refused`` (None: it was taken)."""

    field: str
    where: str
    value: str
    refused: str | None = None


@dataclass(slots=True)
class Evidence:
    """The evidence of one page in the order of reading, and its times as they were settled.

    A page is read the same way with evidence and without; only what stands behind a value that was taken is not looked
    at unless somebody wants to know.
    """

    items: list[FieldEvidence] = field(default_factory=list)
    moments: Moments | None = None
    #: The elements that a field was taken from, by the name of its selectors (``published``, not ``published_at``).
    elements: dict[str, tuple[Element, ...]] = field(default_factory=dict)

    def took(self, name: str, where: str, value: str, *elements: Element) -> None:
        """Note a value that was taken, and the elements that hold it."""
        self.items.append(FieldEvidence(name, where, value))
        if elements:
            self.stands(name, *elements)

    def stands(self, name: str, *elements: Element) -> None:
        """Note the elements of a field, those that are noted first being the ones it was taken from."""
        self.elements.setdefault(name, elements)

    def replace(self, other: Evidence) -> None:
        """Become the evidence of another reading of the page."""
        self.items[:] = other.items
        self.elements = dict(other.elements)

    def refused(self, name: str, where: str, value: str, why: str) -> None:
        """Note a value that was not taken, and why."""
        self.items.append(FieldEvidence(name, where, value, why))

    def in_order(self) -> list[FieldEvidence]:
        """Return everything that was found on the page, in the order of the schema."""
        every = [*self.items, *(_times(self.moments) if self.moments is not None else ())]
        return sorted(every, key=lambda one: FIELD_NAMES.index(one.field) if one.field in FIELD_NAMES else -1)


#: Fields that follow from others, by the one whose place is theirs.
_FOLLOWS = dict.fromkeys(
    (
        *("published_text", "published_date", "published_jalali", "published_jalali_date"),
        "published_precision",
    ),
    "published_at",
)
_NOT_ON_PAGE = frozenset({"url", "fetched_at", "content_hash", "revision", "warnings", "publisher", "schema_version"})


def _times(moments: Moments) -> Iterator[FieldEvidence]:
    settled = moments.settled
    if settled is not None:
        for one in settled.readings:
            yield FieldEvidence(
                "published_at", one.candidate.where, _said(one), _fate(one, settled.chosen, settled.why)
            )
        if settled.chosen is None and settled.disagree:
            yield FieldEvidence("published_at", "all of them", "", settled.why)
        elif settled.day:
            yield FieldEvidence("published_at", "all of them", moments.published_jalali or "", settled.why)
    kept = moments.modified_at
    for one in moments.changes:
        refused = one.refused or (None if _iso(one) == kept else "agrees with the one taken")
        yield FieldEvidence("modified_at", one.candidate.where, _said(one), refused)


def _fate(reading: TimeReading, chosen: TimeReading | None, why: str) -> str | None:
    if reading is chosen:
        return None
    if reading.refused is not None:
        return reading.refused
    return "agrees with the one taken" if why in ("all agree", "the only one") else f"another one holds: {why}"


def _said(reading: TimeReading) -> str:
    return f"{reading.candidate.text} = {_iso(reading)}" if reading.found is not None else reading.candidate.text


def _iso(reading: TimeReading) -> str:
    found = reading.found
    return "" if found is None else (found.published_at or found.date).isoformat()


def lines(article: Article, found: list[FieldEvidence]) -> Iterator[str]:
    """Yield the explanation of an article: each field with its value, its place, and what was refused."""
    for name in FIELD_NAMES:
        if name in _NOT_ON_PAGE:
            continue
        value = getattr(article, name)
        yield f"{name}: {shown(value)}"
        for one in found:
            if one.field != name:
                continue
            mark, rest = ("<-", "") if one.refused is None else ("x", f" ({one.refused})")
            yield f"    {mark} {one.where}: {shown(one.value)}{rest}"
        if name in _FOLLOWS and value is not None:
            yield f"    <- as {_FOLLOWS[name]}"


_MAX_SHOWN = 160


def shown(value: Any) -> str:
    """Return a value on one line, shortened."""
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, list):
        return "، ".join(shown(one["url"] if isinstance(one, dict) else one) for one in value)
    text = " ¶ ".join(str(value).split("\n"))
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"
