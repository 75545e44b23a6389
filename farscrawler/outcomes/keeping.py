"""Which pages of a visit are kept, to be read again by other rules."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from farscrawler.archive.kept.pages import KeptPage
from farscrawler.extract import Reason
from farscrawler.webarchives.http_message import is_markup

if TYPE_CHECKING:
    from farscrawler.archive import Visit
    from farscrawler.outcomes.visit import VisitState


def pages_to_keep(visit: VisitState, record: Visit) -> list[KeptPage]:
    """Return the pages of a settled visit that are worth keeping.

    Of an article that is the page it was read from. Of an address that was taken for none it is every form that was
    tried, since mended rules may read either. Walls, failures and gaps (404, «not found») are no pages of the address,
    and a file such as a PDF is none to any rules.
    """
    if record.outcome == "article":
        answers = [] if record.status == HTTPStatus.NOT_MODIFIED else visit.answers[-1:]
    elif record.outcome == "not-article" or (record.outcome, record.reason) == ("missing", Reason.EMPTY_TEMPLATE):
        answers = [answer for answer in visit.answers if is_markup(answer.body)]
    else:
        answers = []
    return [
        KeptPage(
            publisher=record.publisher,
            key=record.key,
            form=answer.form,
            url=answer.url,
            outcome=record.outcome,
            status=answer.status,
            fetched_at=record.at,
            body=answer.body,
            content_type=answer.content_type,
            etag=answer.etag,
            last_modified=answer.last_modified,
            source=record.source,
            digest=answer.page_hash,
        )
        for answer in answers
    ]
