"""Follow a redirect only where it leads to the same article."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from w3lib.url import safe_url_string

from farscrawler.middlewares.errors import RedirectLoopError

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response

    from farscrawler.discovery.context import Asker
    from farscrawler.outcomes.look import Look


class SameArticleRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, less those from an article to anything else.

    A site answers a gap with a redirect to its error or home page; fetching that page once for every gap
    would tell us nothing more. The callback sees the redirect itself then.
    """

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        look: Look | None = request.meta.get("look")
        location = response.headers.get("Location")
        if look is not None and location is not None:
            news: Asker = self.crawler.spider  # type: ignore[assignment]  # the only spider of this project
            url = urljoin(request.url, safe_url_string(location))
            own = news.site_url(url)
            if news.publisher.owns(own) and news.publisher.article_id(own) != look.target.key:
                return response
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise RedirectLoopError(str(error)) from error
