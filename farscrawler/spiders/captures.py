"""Visit captures in a web archive in place of the site: the newest one of an article, and older ones after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.archive.records import page_hash
from farscrawler.extract import NoArticle, Reason, read_page
from farscrawler.frontier.web_archive import older
from farscrawler.outcomes.judge import Verdict, judge_failure
from farscrawler.outcomes.visit import ReadAnswer
from farscrawler.sandbox import OverBudgetError
from farscrawler.webarchives.capture import Answer, BadCapture

if TYPE_CHECKING:
    from scrapy.http import Response

    from farscrawler.extract import Page
    from farscrawler.frontier.base import SiteClient
    from farscrawler.outcomes.recorder import Recorder
    from farscrawler.outcomes.visit import VisitState
    from farscrawler.publishers import Publisher
    from farscrawler.webarchives.service import Service


class CaptureVisits:
    """The reader of the captures that visits are at; it ends with an article, an outcome, or an older capture."""

    def __init__(self, publisher: Publisher, service: Service, recorder: Recorder, client: SiteClient) -> None:
        self.publisher = publisher
        self.service = service
        self.recorder = recorder
        self.client = client

    async def read(self, visit: VisitState, response: Response) -> Page | None:
        """Return the page of a capture; None where the visit is settled, or at an older capture from now on."""
        capture = visit.target.captures[0]
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
            if values
        }
        visit.status = response.status
        content = self.service.opened(capture, Answer(status=response.status, headers=headers, body=response.body))
        if isinstance(content, BadCapture):
            self._judge(visit, Verdict(content.outcome, content.reason))
            return None
        visit.at = capture.at  # relative dates count from then, and no article is younger
        visit.status = content.status
        visit.page_hash = page_hash(content.body)
        visit.answers = [
            ReadAnswer(
                visit.form,
                capture.url,
                content.status,
                content.body,
                visit.page_hash,
                content.content_type,
                kept=visit.kept,
            )
        ]
        page: Page | NoArticle
        try:
            page = await self.client.read(
                read_page,
                content.body,
                publisher=self.publisher,
                form=visit.form,
                url=capture.url,
                article_id=visit.target.key,
                content_type=content.content_type,
            )
        except OverBudgetError as error:
            page = NoArticle("not-article", Reason.TOOK_TOO_MUCH if error.of_memory else Reason.TOOK_TOO_LONG)
        if isinstance(page, NoArticle):  # whatever it is, it will be the same tomorrow
            self._reject(visit, Verdict(page.outcome, page.text))
            return None
        return page

    def fail(self, visit: VisitState, error: BaseException | None) -> None:
        """Judge a request for a capture that brought no answer."""
        self._judge(visit, judge_failure(error))

    def _judge(self, visit: VisitState, verdict: Verdict) -> None:
        """Leave an article pending where the service is in trouble: its newest capture may be good all the same."""
        if verdict.outcome in ("failed", "blocked"):
            self.recorder.settle(visit, verdict)
        else:
            self._reject(visit, verdict)

    def _reject(self, visit: VisitState, verdict: Verdict) -> None:
        """Write down that a capture is no good, and move the visit to the next older one."""
        self.recorder.reject_capture(visit, verdict)
        visit.answers = []  # what is said of a later capture is not said of this one
        if visit.settled:
            return
        target = older(self.publisher, visit.target)
        if target is None:
            self.recorder.settle(visit, Verdict("missing", f"no good capture; the last one: {verdict.reason}"))
            return
        visit.target = target
        visit.form = target.form
