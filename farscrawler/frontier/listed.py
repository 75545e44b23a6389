"""Articles that lists name: each is handed out once, and its day is remembered."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from w3lib.url import safe_url_string

from farscrawler.archive.records import FINAL
from farscrawler.days import day_of
from farscrawler.frontier.base import Target
from farscrawler.frontier.pending import chunks, settled_outcomes
from farscrawler.networks import plain_url

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from farscrawler.archive.records import Outcome
    from farscrawler.frontier.base import Context
    from farscrawler.items import Article
    from farscrawler.listings import Entry
    from farscrawler.publishers import Publisher

#: The last articles handed out that are remembered: lists overlap with their neighbours, and what is not committed yet
#: the ledger does not know. Beyond that number the ledger is asked.
REMEMBERED = 20_000


def by_address(publisher: Publisher) -> bool:
    """Whether the articles of a site are asked at the addresses found: where the id does not make them."""
    article = publisher.forms["article"]
    return not publisher.sources.ids or article.id == "text" or article.url is None


class ListedArticles:
    """The articles that one strategy hands out of lists.

    ``undone`` counts those that are not settled for good, ``undated`` those fetched whose page has no readable date.
    """

    def __init__(self, context: Context, form: str | None) -> None:
        self.context = context
        self.publisher = context.publisher
        self.form = form
        self.undone = self.undated = 0
        self._by_address = by_address(self.publisher)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._days: OrderedDict[str, dt.date | None] = OrderedDict()

    def split(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Outcome | None]]:
        """Yield the entries that are new to this strategy, each with its final outcome or None while it is pending.

        What was not there near the newest id, and is listed now, has been published since.
        """
        for part in chunks(entries):
            new = [entry for entry in part if entry.key not in self._seen]
            for entry, outcome in settled_outcomes(self.context.ledger, new):
                self._seen[entry.key] = None
                if len(self._seen) > REMEMBERED:
                    self._seen.popitem(last=False)
                yield entry, outcome

    def target(self, entry: Entry) -> Target:
        """Return the target of an entry, which is handed out now."""
        self.undone += 1
        # Percent-encoded, as the address is asked: a list prints it as it likes, and a WARC file has it encoded.
        url = safe_url_string(plain_url(entry.url)) if self._by_address and entry.url else None
        form = self.form or (self.publisher.form_of(url) if url else None) or self.publisher.default_form
        return Target(key=entry.key, form=form, url=url)

    def settled(self, target: Target, outcome: Outcome, article: Article | None) -> None:
        """Take in the outcome of an article, and its day."""
        day = day_of(article) if article is not None else None
        if outcome == "article" and article is not None and day is None:
            self.undated += 1
        if outcome in FINAL:
            self.undone -= 1
        self._days[target.key] = day
        if len(self._days) > REMEMBERED:
            self._days.popitem(last=False)

    async def days(self, entries: Sequence[Entry]) -> list[dt.date | None]:
        """Return the day of each entry, once all that were handed out are settled; None where it is not known."""
        keys = [entry.key for entry in entries]
        await self.context.in_flight.all_settled(keys)
        stored = self.context.ledger.days(keys)
        return [self._days.get(key) or stored.get(key) for key in keys]
