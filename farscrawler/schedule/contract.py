"""What a watch asks of its crawls, wherever they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.archive.schedule import ScheduleRecord
    from farscrawler.schedule.plan import CrawlResult

#: What has not ended in order after this many seconds hangs.
PATIENCE = 900.0


def crawl_words(publisher: str, more: Sequence[str]) -> list[str]:
    """Return the words of `farscrawler` for a crawl whose last line of output is a summary for programs."""
    return ["crawl", publisher, "--nolog", "--summary", "json", *more]


class Crawl(Protocol):
    """A crawl that was started; ``begun`` is when it began, in seconds since 1970, and endless while it waits."""

    @property
    def publisher(self) -> str:
        """Whose crawl it is."""

    @property
    def begun(self) -> float:
        """When it began."""

    @property
    def asked_to_end(self) -> int:
        """How often it was asked to end."""

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""

    def end_in_order(self) -> None:
        """Ask it to end; what is in flight is finished and stored. Asked again, it does not wait for that."""

    def kill(self) -> None:
        """End it at once; what it has committed is whole."""

    def end(self, ended: float) -> CrawlResult:
        """Return how it has ended; ``ended`` is this moment. Asked once."""


class Crawls(Protocol):
    """Where crawls are made: as processes of this machine, or as jobs of a queue.

    ``first_word`` and ``last_word`` are for the log. ``longest_wait`` are the seconds after which `look` is due.
    ``go_with_us``: crawls end when the watch ends.
    """

    first_word: str
    last_word: str
    longest_wait: float
    go_with_us: bool

    def at_work(self, records: Iterable[ScheduleRecord]) -> list[Crawl]:
        """Return, at the start of a watch, those that an earlier one has started and whose end it has not settled."""

    def start(self, publishers: Sequence[str], now: float) -> list[Crawl]:
        """Start a crawl of each publisher."""

    def look(self) -> None:
        """See which have ended."""

    def wait(self, seconds: float, descriptor: int, at_work: Iterable[Crawl]) -> None:
        """Wait until a crawl may have ended, a descriptor is readable, or the time is over."""

    def end_all(self, at_work: Iterable[Crawl]) -> None:
        """End what is still at work, at the end of the watch; nothing where crawls do not go with it."""
