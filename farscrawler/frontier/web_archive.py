"""A web archive instead of the site: the newest good capture of every article, for sites that are gone."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.archive.captures import ListedCaptures
from farscrawler.frontier.base import Strategy, Target, UnreachableError
from farscrawler.frontier.outlook import Outlook
from farscrawler.networks import plain_url
from farscrawler.webarchives.capture import Capture, IndexFailedError, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from farscrawler.archive.captures import RejectedCaptures
    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher
    from farscrawler.webarchives.capture import IndexPage
    from farscrawler.webarchives.service import Service

logger = logging.getLogger("farscrawler")

#: The day of a site begins up to 14 hours before that of UTC, in which captures are dated.
_ZONE_MARGIN = dt.timedelta(days=1)


@dataclass(slots=True)
class CaptureCounts:
    """What the crawl of a web archive has come to.

    Captures ``listed``, and of how many articles (``ids``); those ``fetched``, and of these the ones ``passed_over`` as
    no good; lines of the index that were ``unreadable``.
    """

    listed: int = 0
    ids: int = 0
    fetched: int = 0
    passed_over: int = 0
    unreadable: int = 0

    def __str__(self) -> str:
        return (
            f"{self.listed:,} captures of {self.ids:,} articles listed, {self.fetched:,} fetched, "
            f"{self.passed_over:,} no good"
        )


class WebArchive(Strategy):
    """Every article that a web archive has a capture of and the archive does not hold yet.

    ``wanted`` says which ids are asked for. ``tries`` is how many captures of different content are tried for one
    article, those of earlier runs included.
    """

    def __init__(
        self,
        context: Context,
        service: Service,
        tried: RejectedCaptures,
        *,
        wanted: Callable[[str], bool],
        form: str | None,
        tries: int,
        since: dt.date | None,
    ) -> None:
        self.context = context
        self.service = service
        self.tried = tried
        self.counts = CaptureCounts()
        self._wanted = wanted
        self._form = form
        self._tries = tries
        self._since = since - _ZONE_MARGIN if since is not None and since > dt.date.min else None
        self._listed: ListedCaptures | None = None

    async def _look_ahead(self) -> Outlook:
        """List all captures, and count the pending articles that have one."""
        listed = self._listed = ListedCaptures()
        await self._list(listed)
        return self._ahead(listed)

    def _ahead(self, listed: ListedCaptures) -> Outlook:
        ledger = self.context.ledger
        stored = sum(
            found.outcome == "article" for keys in listed.article_ids() for found in ledger.known(keys).values()
        )
        return Outlook(addresses=listed.count() - stored, unknown="how many captures are no good")

    async def targets(self) -> AsyncIterator[Target]:
        """List all captures, then yield each pending article with those that are to be tried."""
        listed = self._listed = ListedCaptures()
        await self._list(listed)
        self._pending = self.counts.ids = listed.count()
        self._outlook = self._ahead(listed)
        if not self._pending and self._shortfall is None:
            self._shortfall = f"{self.service.url} lists no capture of what was asked for"
        for keys in listed.article_ids():
            for target in self._targets(listed, keys):
                yield target

    async def _list(self, listed: ListedCaptures) -> None:
        """Put what the index lists into a table. Raise UnreachableError."""
        number = 0
        try:
            async for page in self.service.listing(
                self.context.client.fetch, self.context.publisher.hosts, self._since
            ):
                if isinstance(page, Refused):
                    self._shortfall = f"{self.service.url} shows nothing of {page.host}: {page.why}"
                    continue
                number += 1
                listed.add(self._of_articles(page))
                if page.unreadable:
                    self.counts.unreadable += page.unreadable
                    logger.warning(
                        "%s: page %d of what it lists has %d lines that cannot be read.",
                        self.service.url, number, page.unreadable,
                    )  # fmt: skip
        except IndexFailedError as error:
            raise UnreachableError(str(error), blocked=error.blocked) from error

    def _of_articles(self, page: IndexPage) -> Iterator[tuple[str, str | None, Capture]]:
        publisher = self.context.publisher
        for capture in page.captures:
            key = publisher.article_id(capture.url)
            if key is not None and self._wanted(key):
                self.counts.listed += 1
                yield key, publisher.form_of(capture.url), capture

    def _targets(self, listed: ListedCaptures, keys: list[str]) -> Iterator[Target]:
        """Yield the articles that are not stored: whatever outcome an id had, a capture of it may be an article."""
        known = self.context.ledger.known(keys)
        stored = [key for key, found in known.items() if found.outcome == "article"]
        self.context.already_stored(stored)
        self._count_down(len(stored))
        for key in sorted(set(keys) - set(stored)):
            captures = listed.newest(key, form=self._form, limit=self._tries)
            bad = self.tried.among(capture.source for capture in captures)
            left = tuple(capture for capture in captures if capture.source not in bad)
            if left:
                yield target_of(self.context.publisher, key, left)
            else:
                self.context.already_settled(1)
                self._count_down(1)

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        super().settled(target, outcome, article)
        self.counts.fetched += outcome == "article"

    def pass_over(self, target: Target, outcome: Outcome, reason: str, *, at: str) -> None:
        """Write down that the capture a target is at is no good, and why."""
        capture = target.captures[0]
        self.tried.add(target.key, source=capture.source, source_at=capture.at, outcome=outcome, reason=reason, at=at)
        self.counts.fetched += 1
        self.counts.passed_over += 1

    def finish(self) -> None:
        if self._listed is not None:
            self._listed.close()


def target_of(publisher: Publisher, key: str, captures: tuple[Capture, ...]) -> Target:
    """Return the target that asks for the first of some captures of an article, and keeps the others."""
    capture = captures[0]
    return Target(
        key=key,
        form=publisher.form_of(capture.url) or publisher.default_form,
        url=own_url(publisher, capture),
        source=capture.source,
        source_at=capture.at,
        captures=captures,
    )


def own_url(publisher: Publisher, capture: Capture) -> str | None:
    """Return the site's own address as it was captured, where none can be made of the id; None where one can."""
    key = publisher.article_id(capture.url)
    return None if key is not None and publisher.makes(key, "article") else plain_url(capture.url)


def older(publisher: Publisher, target: Target) -> Target | None:
    """Return the target for the next older capture, or None where there is none."""
    rest = target.captures[1:]
    return target_of(publisher, target.key, rest) if rest else None
