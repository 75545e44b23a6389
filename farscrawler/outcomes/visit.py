"""The state of a visit: one address on its way from the strategy to the ledger, in `request.meta` and on the item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.items import Article

if TYPE_CHECKING:
    from farscrawler.extract import Page
    from farscrawler.frontier.base import Target
    from farscrawler.saved.page import KeptRecord

#: The one key of farscrawler in `request.meta`, for a VisitState; requests for lists and robots.txt have none.
META_KEY = "farscrawler"


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """An answer whose page was read.

    ``url`` is the site's own address; ``body`` has its Content-Encoding undone, and ``page_hash`` is its digest.
    ``kept`` is the record of a WARC file that holds it, where one does.
    """

    form: str
    url: str
    status: int
    body: bytes
    page_hash: str | None
    content_type: str | None
    etag: str | None = None
    last_modified: str | None = None
    kept: KeptRecord | None = None


@dataclass(slots=True, eq=False)
class VisitState:
    """The state of the visit to one target.

    ``form`` is the page form being asked, ``tried`` those asked before it, ``requests`` how many requests the visit has
    taken. ``received_at`` is the time under which the present answer was kept in a WARC file, and ``kept`` its record
    there. ``at`` is when its page was taken (both times UTC, ISO 8601), None until the page is read or the visit
    settled. ``settled`` is set once, when the visit is over. ``asked_again`` marks an address that was settled without
    an article before; ``answers`` are those whose pages were read, a form each.
    """

    target: Target
    form: str
    asked_again: bool = False
    tried: list[str] = field(default_factory=list)
    requests: int = 0
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    page_hash: str | None = None
    received_at: str | None = None
    kept: KeptRecord | None = None
    at: str | None = None
    settled: bool = False
    answers: list[ReadAnswer] = field(default_factory=list)


class FetchedArticle(Article):
    """An Article with its page and its visit still attached.

    Deliberately no dataclass of its own: ``page`` and ``visit`` are no fields, so no exporter and no table ever sees
    them.
    """

    page: Page
    visit: VisitState
    #: Whether the page was fetched by a clock that may be wrong.
    time_doubtful = False
