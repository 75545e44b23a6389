"""Which saved addresses and answers may hold an article of a publisher, and why the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

if TYPE_CHECKING:
    from farscrawler.publishers import Publisher
    from farscrawler.saved.page import SavedPage

#: Why a saved answer is passed over; the summary counts by these texts.
ELSEWHERE = "on another site"
NO_ARTICLE = "no article's address"
OTHER_FORM = "another form than asked for"
REDIRECT = "redirect"
NOT_HTML = "not HTML"
PRIVATE = "answered from a private address"
TOO_LARGE = "larger than the size limit"

#: Where an id is a path, this address would be an article's too, and a crawl keeps it in its WARC files.
_ROBOTS = "/robots.txt"
_REDIRECTS = (301, 302, 303, 307, 308)


class UrlFilter:
    """The addresses and answers of one publisher that are worth reading.

    ``base_url`` is where a mirror or replica stood for the site; ``form`` lets only pages of that form through.
    """

    def __init__(self, publisher: Publisher, *, base_url: str | None = None, form: str | None = None) -> None:
        self.publisher = publisher
        self.base_url = base_url
        self.form = form

    def site_url(self, url: str, recorded_base: str | None = None) -> str:
        """Return the site's own address of an address on a mirror.

        The mirror is the one given to this filter, or ``recorded_base``, which the saved file itself names.
        """
        for base in (self.base_url, recorded_base):
            if base and (url == base or url.startswith(base + "/")):
                return f"{self.publisher.base_url}{url[len(base) :] or '/'}"
        return url

    def refuses(self, url: str) -> str | None:
        """Return why no page under this address is wanted, or None."""
        if not self.publisher.owns(url):
            return ELSEWHERE
        form = self.publisher.form_of(url)
        if form is None or urlsplit(url).path == _ROBOTS:
            return NO_ARTICLE
        return OTHER_FORM if self.form not in (None, form) else None

    def refuses_answer(self, page: SavedPage, recorded_base: str | None = None) -> str | None:
        """Return why an answer is of no use, or None.

        A redirect to the same article or off the site is of no use. One to an error page or the home page is kept: it
        says that there is no article.
        """
        if page.status not in _REDIRECTS or page.header(b"location") is None:
            return None
        url = self.leads_to(page, recorded_base)
        if url is None:
            return REDIRECT
        same = self.publisher.article_id(url) == self.publisher.article_id(page.url)
        return REDIRECT if same or not self.publisher.owns(url) else None

    def leads_to(self, page: SavedPage, recorded_base: str | None = None) -> str | None:
        """Return the site's own address to which a redirect leads, as it is requested; None where it is unreadable."""
        try:
            location = safe_url_string(page.header(b"location") or b"")  # raw letters are UTF-8, as in a crawl
            # A path on a mirror is one on the site.
            return self.site_url(safe_url_string(urljoin(page.url, location)), recorded_base)
        except ValueError:
            return None
