"""How a reparse is told: in words with examples, or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from farscrawler.commands.terminal import harmless

if TYPE_CHECKING:
    from farscrawler.saved.reparse import Report

_SHOWN = 48  # characters of a value in an example
_BEFORE = 12  # of them before the first difference


def as_dict(report: Report) -> dict[str, Any]:
    """Give all of a report for a JSON line."""
    return {
        **asdict(report),
        "left": dict(report.left),
        "fields": dict(report.fields),
        "passed_over": dict(report.passed_over),
    }


def words(report: Report, *, dry: bool) -> str:
    """Give a report for people."""
    would = "would be " if dry else ""
    head = f"{report.publisher}: {report.pages:,} pages read; {report.unchanged:,} articles unchanged"
    lines = [f"{head}, {report.changed:,} {would}revised, {report.readable:,} {would}new, since they can be read now."]
    if report.lost:
        lines.append(f"{report.lost:,} stored articles are none to today's parsers; they were left as they are:")
        lines += [f"  {key}: {harmless(reason)}" for key, reason in report.lost_examples]
    for title, counts in (("Left", report.left), ("Passed over", report.passed_over)):
        if counts:
            lines.append(
                f"{title}: " + ", ".join(f"{count:,} {reason}" for reason, count in counts.most_common()) + "."
            )
    for name, count in report.fields.most_common():
        lines.append(f"{name}: {count:,} changed")
        lines += [f"  {key}: {' → '.join(_around(before, after))}" for key, before, after in report.examples[name]]
    return "\n".join(lines)


def _around(before: object, after: object) -> tuple[str, str]:
    """Give the part of two values where they begin to differ, short and harmless to a terminal."""
    old, new = ("null" if one is None else one if isinstance(one, str) else repr(one) for one in (before, after))
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    start = max(0, same - _BEFORE)

    def cut(text: str) -> str:
        part = text[start : start + _SHOWN].replace("\n", "⏎").replace("\t", " ")
        return ("…" if start else "") + harmless(part) + ("…" if len(text) > start + _SHOWN else "")

    return cut(old), cut(new)
