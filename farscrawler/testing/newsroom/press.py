"""Newsroom: the articles of one seed, their gaps, and what changes while the site runs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import clock
from farscrawler.testing.newsroom.compose import compose, instant
from farscrawler.testing.newsroom.story import PRINT_MARKUPS, Story

if TYPE_CHECKING:
    from datetime import datetime

GAPS = ("404", "empty", "redirect")
_CACHED_STORIES = 4_096
_MOST_DISORDER = 240  # hours
_WILD_DAYS = (8 * 365, 20 * 365)  # how far off a wild date is: more than a newsroom lasts, so that it fits nowhere
_LEAST_STEP = 2  # seconds: instants are whole seconds, and they must rise


class Newsroom:
    """The stories of a seed: ``story(id)`` in constant time, ``None`` for an id that has none.

    The first ``count`` ids from ``first_id`` appear between the Jalali days ``start`` and ``until``, evenly
    spread; with ``per_day`` given they appear at that pace instead. Articles published later follow at the
    real site's pace (:data:`clock.PACE`). ``gap_rate`` is the share of ids without an article. ``markup``
    fixes the print page's markup. With ``dst_edges`` some stories fall into the hour that the end of summer
    time doubles. A story appears up to ``disorder`` hours after its id's turn, so that ids and times are out of
    order by that much. ``wild`` is the share of stories that print a date years too early, as a slip of the keys or
    a bad import leaves it.
    """

    def __init__(
        self,
        seed: int = 1401,
        first_id: int = 1_000,
        count: int = 2_000,
        *,
        gap_rate: float = 0.08,
        markup: str = "mixed",
        start: str = "1396-07-29",
        until: str = "1404-02-10",
        per_day: float | None = None,
        dst_edges: bool = False,
        disorder: float = 0.0,
        wild: float = 0.0,
    ) -> None:
        if first_id < 1 or count < 1:
            raise ValueError(f"first_id and count must be at least 1, not {first_id} and {count}")
        if not 0 <= gap_rate < 1:
            raise ValueError(f"gap_rate must be in [0, 1), not {gap_rate}")
        if not 0 <= disorder <= _MOST_DISORDER:
            raise ValueError(f"disorder must be from 0 to {_MOST_DISORDER} hours, not {disorder}")
        if not 0 <= wild < 1:
            raise ValueError(f"wild must be in [0, 1), not {wild}")
        if markup not in ("mixed", *PRINT_MARKUPS):
            raise ValueError(f"markup must be mixed or one of {', '.join(PRINT_MARKUPS)}, not {markup!r}")
        origin = int(clock.jalali_midnight(start).timestamp())
        span = clock.jalali_midnight(until).timestamp() - origin
        step = span / count if per_day is None else clock.DAY / per_day
        later_step = clock.DAY / clock.PACE if per_day is None else step
        if step < _LEAST_STEP:
            raise ValueError(f"{count} articles do not fit between {start} and {until}: under two seconds apart")
        self.seed = seed
        self.first_id = first_id
        self.count = count
        self.gap_rate = gap_rate
        self.markup = markup
        self.disorder = disorder
        self.wild = wild
        self.timeline = clock.Timeline(
            origin=origin, count=count, step=step, later_step=later_step, dst_edges=dst_edges
        )
        self._revisions: dict[int, int] = {}
        self._compose = lru_cache(maxsize=_CACHED_STORIES)(self._story)

    @property
    def newest_id(self) -> int:
        """The highest id handed out so far; it may be a gap."""
        return self.first_id + self.count - 1

    def story(self, article_id: int) -> Story | None:
        """Return the story of ``article_id`` as it stands now; ``None`` for a gap or an id not handed out."""
        if not self.first_id <= article_id <= self.newest_id or self._is_gap(article_id):
            return None
        return self._compose(article_id, self._revisions.get(article_id, 0))

    def published(self, article_id: int) -> datetime | None:
        """Return the instant that the story of ``article_id`` prints, without composing it; ``None`` as above."""
        if not self.first_id <= article_id <= self.newest_id or self._is_gap(article_id):
            return None
        return instant(self.seed, article_id, self.timeline, article_id - self.first_id) + self._moved(article_id)

    def gap(self, article_id: int) -> str:
        """Return how the site answers an id without an article: one of :data:`GAPS`."""
        return GAPS[self._chance("gap", article_id, 3)]

    def ids(self) -> list[int]:
        """Return the ids that have an article, rising."""
        return [at for at in range(self.first_id, self.newest_id + 1) if not self._is_gap(at)]

    def newest(self, number: int, section: int | None = None) -> list[Story]:
        """Return the newest ``number`` stories, newest first; of one (sub-)section if its number is given."""
        found: list[Story] = []
        for article_id in range(self.newest_id, self.first_id - 1, -1):
            story = self.story(article_id)
            if story is not None and (section is None or section in (story.section[0], story.section[2])):
                found.append(story)
                if len(found) == number:
                    break
        return found

    def publish(self, number: int = 1) -> list[int]:
        """Hand out the next ``number`` ids; return those that have an article."""
        if number < 1:
            raise ValueError(f"at least one article must be published, not {number}")
        first = self.newest_id + 1
        self.count += number
        return [at for at in range(first, first + number) if not self._is_gap(at)]

    def revise(self, article_id: int) -> Story:
        """Change a paragraph of ``article_id`` and return the story; ``LookupError`` if there is none."""
        story = self.story(article_id)
        if story is None:
            raise LookupError(f"no article {article_id}")
        self._revisions[article_id] = story.revision + 1
        return self._compose(article_id, story.revision + 1)

    def _story(self, article_id: int, revision: int) -> Story:
        index = article_id - self.first_id
        story = compose(self.seed, article_id, self.timeline, index, revision=revision, markup=self.markup)
        return replace(story, published=story.published + self._moved(article_id))

    def _moved(self, article_id: int) -> timedelta:
        """Return how far a story's date is from its id's turn."""
        if self.is_wild(article_id):
            return -timedelta(days=_WILD_DAYS[0] + self._chance("days", article_id, _WILD_DAYS[1] - _WILD_DAYS[0]))
        # The disorder alone: without any, a newsroom is the same to the byte as it was before there was such a thing.
        seconds = int(self.disorder * 3_600)
        return timedelta(seconds=self._chance("disorder", article_id, seconds + 1) if seconds else 0)

    def is_wild(self, article_id: int) -> bool:
        """Whether a story prints a date that is years too early."""
        return self._chance("wild", article_id, 1_000_000) < self.wild * 1_000_000

    def _is_gap(self, article_id: int) -> bool:
        return self._chance("is-gap", article_id, 1_000_000) < self.gap_rate * 1_000_000

    def _chance(self, purpose: str, article_id: int, sides: int) -> int:
        digest = hashlib.blake2b(f"{self.seed}:{purpose}:{article_id}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) % sides
