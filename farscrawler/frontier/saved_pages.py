"""Saved pages instead of the site: what a folder or a WARC file holds and the archive does not know yet.

The ledger decides, so that a run that was killed goes on where it was:

* Of an article that is stored only a page newer than the last visit to it counts: newer in time, and of two pages of
  one second the one that comes later by file and place. It makes a revision where it says something else.
* A page in another form than the stored one is left: it would differ for its own reasons.
* Where the ledger knows no article, or only that it once found none, a page is read; one older than that visit
  counts only if it is an article after all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.archive.records import FINAL
from farscrawler.frontier.base import Strategy, Target, WrappedStrategy
from farscrawler.frontier.listed import by_address
from farscrawler.frontier.outlook import Outlook
from farscrawler.networks import plain_url
from farscrawler.saved import folders
from farscrawler.saved.page import Complaint, SavedPage, Skipped, mark_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from farscrawler.archive.ledger import Known
    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article
    from farscrawler.saved.page import SavedEntry
    from farscrawler.saved.url_filter import UrlFilter

logger = logging.getLogger("farscrawler")

#: Pages looked up in the ledger at a time, and the bytes of them that are held meanwhile.
_PAGES = 64
_BYTES = 8 * 1024 * 1024
#: Complaints of one run that get a line each: a folder of ten thousand nameless pages must not fill a log.
_NAMED = 20
#: How long files may be read before everything else in the process has its turn.
_TURN_SECONDS = 0.05

OLDER = "not newer than what is stored"
STORED_FORM = "another form than the stored one"
UNKNOWN_304 = "HTTP 304 without the page"


@dataclass(slots=True)
class _Turn:
    """Lets the rest of the process run now and then, while files are read that hold nothing of use."""

    until: float = 0.0

    async def give_way(self) -> None:
        if time.monotonic() >= self.until:
            await asyncio.sleep(0)
            self.until = time.monotonic() + _TURN_SECONDS


class SavedPages(Strategy):
    """Every page of the saved files that the ledger does not know, in the order of time.

    A miss less than ``edge`` below the newest known article is provisional. With ``told`` what is known already or of
    no use is counted.
    """

    def __init__(
        self, context: Context, given: Sequence[Path], url_filter: UrlFilter, *, edge: int, told: bool = True
    ) -> None:
        self.context = context
        self.given = given
        self.url_filter = url_filter
        self.told = told
        self._edge = edge
        self._newest = context.ledger.newest_id() or 0
        self._usable = 0
        self._complaints = 0
        self._undated = 0
        self._files = 0
        self._uncommitted: set[str] = set()
        self._turn = _Turn()

    async def _look_ahead(self) -> Outlook:
        """Look only how many files there are: to count the pages in them is to read them."""
        files = await asyncio.to_thread(folders.find, self.given)
        return Outlook(addresses=None, seen=f"{len(files):,} files", unknown="how many articles they hold")

    async def targets(self) -> AsyncIterator[Target]:
        """Yield the pages that the ledger does not know; a file is read on only when the next one is asked for."""
        files = await asyncio.to_thread(folders.find, self.given)
        self._files = len(files)
        part: list[SavedPage] = []
        for file in files:
            for entry in folders.read(file, self.url_filter):
                await self._turn.give_way()
                page = self._taken(entry)
                if page is None:
                    continue
                part.append(page)
                if self.is_full(part):
                    async for target in self._pending_of(part):
                        yield target
                    part = []
        async for target in self._pending_of(part):
            yield target
        self._warn_of_the_rest()

    @staticmethod
    def is_full(part: Sequence[SavedPage]) -> bool:
        """Whether enough pages are held to look them up."""
        return len(part) >= _PAGES or sum(len(page.body) for page in part) >= _BYTES

    def _taken(self, entry: SavedEntry) -> SavedPage | None:
        """Return a page of use; count every other entry."""
        if isinstance(entry, SavedPage):
            self._usable += 1
            if entry.time_of_file:
                self._undated += 1
            return entry
        if isinstance(entry, Skipped):
            self._passed_over(entry.reason)
        elif isinstance(entry, Complaint):
            self._complaints += 1
            self._passed_over("unreadable")
            if self._complaints <= _NAMED:
                logger.warning("%s", entry.sentence)
        return None

    async def _pending_of(self, pages: list[SavedPage]) -> AsyncIterator[Target]:
        publisher = self.context.publisher
        keyed = [(key, page) for page in pages if (key := publisher.article_id(page.url)) is not None]
        known = self.context.ledger.known(key for key, _ in keyed)
        for key, page in keyed:
            if key in self._uncommitted:  # handed out by this run: what became of it decides, and must be in the ledger
                await self.context.in_flight.all_settled([key])
                self.commit()
                known = self.context.ledger.known(key for key, _ in keyed)
            target = self._target(key, page, known.get(key))
            if target is not None:
                self._uncommitted.add(key)
                yield target

    def commit(self) -> None:
        """Commit the addresses that are settled, so that the ledger knows them."""
        self.context.ledger.archive.flush()
        self._uncommitted = self.context.in_flight.keys()

    def _target(self, key: str, page: SavedPage, known: Known | None) -> Target | None:
        """Return the target of a page that is pending; count one that is not."""
        publisher = self.context.publisher
        form = publisher.form_of(page.url) or publisher.default_form
        stored = known is not None and known.outcome == "article"
        if page.status == 304 and not stored:  # noqa: PLR2004  # HTTP: Not Modified
            self._passed_over(UNKNOWN_304)
            return None
        rescue = False
        if known is not None:
            # A visit to the site itself and a page of the same second are one: the crawl has kept what it fetched.
            if known.source is None:
                same, older = page.at == known.last_at, page.at < known.last_at
            else:
                visited = mark_of(known.last_at, known.source)
                same, older = page.mark == visited, page.mark < visited
            if stored and (same or older):
                self._known_before(known, key)
                if older:
                    self._passed_over(OLDER)
                return None
            if same and known.outcome in FINAL and not known.asked_again:
                self._known_before(known, key)
                return None
            if stored and known.form is not None and form != known.form:
                self._passed_over(STORED_FORM)
                return None
            rescue = older
        return Target(
            key=key,
            form=form,
            etag=known.etag if known is not None and stored else None,
            last_modified=known.last_modified if known is not None and stored else None,
            again=stored,
            url=known.url if known is not None and stored else self._url(page, form),
            source=page.source,
            source_at=page.at,
            saved=page,
            rescue=rescue,
        )

    def _url(self, page: SavedPage, form: str) -> str | None:
        """Return the address of an article where the crawl has it as it was found; None where it is made of the id."""
        publisher = self.context.publisher
        as_found = by_address(publisher) and form == "article"
        key = publisher.article_id(page.url) or ""
        return plain_url(page.asked or page.url) if as_found or not publisher.makes(key, "article") else None

    def _passed_over(self, reason: str) -> None:
        if self.told:
            self.context.passed_over(reason)

    def _known_before(self, known: Known, key: str) -> None:
        if self.told and known.outcome == "article":
            self.context.already_stored([key])
        elif self.told:
            self.context.already_settled(1)

    def _warn_of_the_rest(self) -> None:
        if self._complaints > _NAMED:
            logger.warning("%s more could not be read.", f"{self._complaints - _NAMED:,}")
        if self._undated:
            logger.warning(
                "%s page%s of %s say%s nowhere when %s saved; the time of the file was taken.",
                f"{self._undated:,}",
                *(("", self._place, "s", "it was") if self._undated == 1 else ("s", self._place, "", "they were")),
            )

    def settled(self, target: Target, outcome: Outcome, article: Article | None = None) -> None:
        if outcome == "article" and target.key.isdigit():
            self._newest = max(self._newest, int(target.key))

    @property
    def _place(self) -> str:
        return ", ".join(folders.written(str(path)) for path in self.given)

    @property
    def shortfall(self) -> str | None:
        """The sentence that nothing in all that was given was of use."""
        if self._usable:
            return None
        several = any(path.is_dir() for path in self.given)
        what = f"none of its {self._files:,} files holds a" if several else "it holds no"
        return f"{self._place}: {what} page of this publisher's articles"

    def provisional(self, target: Target) -> bool:
        """Whether a miss is near or above the newest known article, so that the incremental crawl asks it again."""
        return target.key.isdigit() and int(target.key) > self._newest - self._edge


class Recovered(WrappedStrategy):
    """What killed runs have kept and not stored, and after it the strategy: such a page is not fetched again.

    Fetched again it would be stored with a later time than the one under which its WARC file has it first, and a
    rebuild would not be the same archive.
    """

    def __init__(self, kept: SavedPages, inner: Strategy) -> None:
        super().__init__(inner)
        self.kept = kept

    def owner(self, target: Target) -> Strategy:
        return self.inner if target.saved is None else self.kept

    async def targets(self) -> AsyncIterator[Target]:
        """Yield what was kept, and when all of it is committed what is pending then."""
        async for target in self.kept.targets():
            yield target
        await self.kept.context.in_flight.empty.wait()
        self.kept.commit()
        async for target in self.inner.targets():
            yield target
