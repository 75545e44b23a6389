"""Follow a redirect only where it leads to the same article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest

from farscrawler.outcomes.judge import RedirectLoopError, redirect_of

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response

    from farscrawler.frontier.base import Asker
    from farscrawler.outcomes.judge import Look


class SameArticleRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, less those from an article to anything else.

    A site answers a gap with a redirect to its error or home page; fetching that page once for every gap
    would tell us nothing more. The callback sees the redirect itself then.
    """

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        look: Look | None = request.meta.get("look")
        url = redirect_of(response)
        if url is None:  # no redirect, or one to nowhere: whatever came is judged as it is
            return response
        news: Asker = self.crawler.spider  # type: ignore[assignment]  # the only spider of this project
        if look is not None and not news.publisher.anywhere:
            own = news.site_url(url)
            if not url.startswith(("http://", "https://")) or (
                news.publisher.owns(own) and news.publisher.article_id(own) != look.target.key
            ):
                return response
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise RedirectLoopError(str(error)) from error
