"""The lease of a run on its hosts: for how long it may still ask them, by the clock of its own machine.

A database says to whom a host belongs, and until when. A run that is cut off from it, or frozen (SIGSTOP, a suspended
machine), hears nothing of its loss; so each request looks here first, which costs no call to the database.
"""

from __future__ import annotations

import time


def machine_seconds() -> float:
    """Return seconds that nobody sets and that go on while the machine is suspended, where the system has such."""
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Lease:
    """Whether a run may ask its hosts now; ``seconds`` is how long a confirmation holds.

    ``pause`` is for how many seconds its hosts are left alone after it, and ``ended`` the sentence that says why it is
    over for good. One thread confirms, another one asks.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.pause = 0.0
        self.ended: str | None = None
        self._confirmed = self._begins = float("-inf")

    def confirm(self, asked: float) -> None:
        """Take a confirmation; it holds from the moment ``asked`` on at which the database was asked for it."""
        self._confirmed = asked

    def begin_in(self, seconds: float) -> None:
        """Let no request go before so many seconds have passed: another run has asked the host until a moment ago."""
        self._begins = max(self._begins, machine_seconds() + seconds)

    def end(self, sentence: str) -> None:
        """End the lease for good."""
        self.ended = self.ended or sentence

    @property
    def may_ask(self) -> bool:
        """Whether a request may be sent at this moment."""
        now = machine_seconds()
        return self.ended is None and self._begins <= now < self._confirmed + self.seconds
