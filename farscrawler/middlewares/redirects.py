"""Follow a redirect only where it leads to the same article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest

from farscrawler.outcomes.judge import REDIRECTS, Refusal, RefusedRequestError, redirect_of
from farscrawler.outcomes.visit import META_KEY
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response

    from farscrawler.outcomes.visit import VisitState


class SameArticleRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, less those from an article to anything else.

    A site answers a gap with a redirect to its error or home page; fetching that page once for every gap would tell us
    nothing more. The callback sees the redirect itself then.
    """

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        url = redirect_of(response) if response.status in REDIRECTS else None
        if url is None:  # no redirect, or one to nowhere: the answer is judged as it is
            return response
        visit: VisitState | None = request.meta.get(META_KEY)
        if visit is not None and not self._is_same_article(visit, url):
            return response
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise RefusedRequestError(Refusal.REDIRECT_LOOP) from error

    def _is_same_article(self, visit: VisitState, url: str) -> bool:
        """Whether a redirect may lead to the article of a visit; one off the site is refused by HostsMiddleware."""
        news = NewsSpider.of(self.crawler)
        if news.publisher.anywhere:
            return True
        own = news.site_url(url)
        same = not news.publisher.owns(own) or news.publisher.article_id(own) == visit.target.key
        return same and url.startswith(("http://", "https://"))
