"""Faults: what may go wrong on the way, each at a rate, drawn so that a run can be repeated."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from dataclasses import dataclass, fields
from typing import Any

# A failure keeps the page from its reader for this once; at most one at a time.
FAILURES = (
    "unavailable",  # 503
    "too_many",  # 429 with Retry-After, in seconds or as a date
    "reset_early",  # the connection is reset before a byte is sent
    "reset_midway",  # … in the middle of the body
    "cut",  # Content-Length promises more than is sent
    "cut_silently",  # no Content-Length, and the page ends early
    "stall",  # the head, and then nothing for stall_seconds
    "challenge",  # a wall's page at status 200
    "wrong_type",  # the page under a Content-Type that is none of a page
    "off_site",  # a redirect to another site
)
# A variant delivers the right page in an awkward way; one of each group at most.
CHARSETS = ("cp1256", "odd_label", "no_label")
CODINGS = ("gzip", "deflate")
VARIANTS = (*CHARSETS, *CODINGS, "drip")
NAMES = (*FAILURES, *VARIANTS)
RATE_OF_ALL = 0.03  # ten failures at this rate fail three requests of ten
REMEMBERED = 200_000  # addresses whose attempts are counted; the longest unasked are forgotten


@dataclass(frozen=True, kw_only=True, slots=True)
class Faults:
    """The rates (0 to 1, by name) of :data:`FAILURES` and :data:`VARIANTS`.

    A draw depends on ``seed``, the address and how often it was asked for. After ``patience`` failures in a
    row an address answers properly. ``ValueError`` for a rate outside [0, 1] and for a group whose rates
    sum to more than 1.
    """

    unavailable: float = 0.0
    too_many: float = 0.0
    reset_early: float = 0.0
    reset_midway: float = 0.0
    cut: float = 0.0
    cut_silently: float = 0.0
    stall: float = 0.0
    challenge: float = 0.0
    wrong_type: float = 0.0
    off_site: float = 0.0
    cp1256: float = 0.0
    odd_label: float = 0.0
    no_label: float = 0.0
    gzip: float = 0.0
    deflate: float = 0.0
    drip: float = 0.0
    seed: int = 0
    patience: int = 2
    stall_seconds: float = 30.0
    drip_seconds: float = 0.5
    retry_after: int = 1  # seconds

    def __post_init__(self) -> None:
        for name in NAMES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"the rate of {name} must be from 0 to 1, not {getattr(self, name)}")
        for group in (FAILURES, CHARSETS, CODINGS):
            total = math.fsum(getattr(self, name) for name in group)
            if total > 1 + 1e-9:
                raise ValueError(f"the rates of {', '.join(group)} sum to {total:g}, more than 1")
        for name in ("patience", "stall_seconds", "drip_seconds", "retry_after"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Read ``all`` or ``name=rate,…``; ``all=0.01`` too, and the other fields by their names.

        ``ValueError`` with a sentence for anything else.
        """
        known = {each.name: each.type for each in fields(cls)}
        values: dict[str, Any] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, equals, value = part.partition("=")
            try:
                number = float(value) if equals else RATE_OF_ALL
            except ValueError:
                raise ValueError(f"not a number: {part!r}") from None
            if name == "all":
                values |= dict.fromkeys(NAMES, number)
            elif name not in known:
                raise ValueError(f"no such fault: {name!r}; there are all, {', '.join(known)}")
            elif not equals:
                raise ValueError(f"{name} needs a value, as in {name}=0.1")
            else:
                values[name] = int(number) if known[name] == "int" else number
        if not values:
            raise ValueError("no fault is named; try all, or name=rate")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Draw:
    """What happens to one request; ``detail`` and ``share`` are two more chances in [0, 1)."""

    failure: str | None = None
    charset: str | None = None
    coding: str | None = None
    drip: bool = False
    detail: float = 0.0
    share: float = 0.0


class Dice:
    """Draws the faults of requests and keeps count of the attempts at each address."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._attempts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def draw(self, target: str) -> Draw:
        """Return what happens to this attempt at ``target``."""
        attempt, in_a_row = self._attempts.pop(target, (0, 0))
        chances = _chances(f"{self.faults.seed}:{target}:{attempt}")
        failure = self._one_of(FAILURES, chances[0]) if in_a_row < self.faults.patience else None
        self._attempts[target] = (attempt + 1, in_a_row + 1 if failure else 0)
        if len(self._attempts) > REMEMBERED:
            self._attempts.popitem(last=False)
        return Draw(
            failure=failure,
            charset=self._one_of(CHARSETS, chances[1]),
            coding=self._one_of(CODINGS, chances[2]),
            drip=chances[3] < self.faults.drip,
            detail=chances[4],
            share=chances[5],
        )

    def _one_of(self, group: tuple[str, ...], chance: float) -> str | None:
        reached = 0.0
        for name in group:
            reached += getattr(self.faults, name)
            if chance < reached:
                return name
        return None


def _chances(key: str) -> list[float]:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=48).digest()
    return [int.from_bytes(digest[at : at + 8]) / 2**64 for at in range(0, 48, 8)]
