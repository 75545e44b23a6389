"""Tell apart what became of a request: a pure reading of status, page and failure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from w3lib.url import safe_url_string

from farscrawler.archive.records import FINAL
from farscrawler.extract.page import Reason
from farscrawler.items import Article

if TYPE_CHECKING:
    from scrapy.http import Response

    from farscrawler.archive.records import Outcome
    from farscrawler.extract.page import Page
    from farscrawler.frontier.target import Target


_GONE = (404, 410)
_WALL = (401, 403, 429, 451)
_CLIENT_ERROR = 400
_REDIRECTS = (301, 302, 303, 307, 308)
#: Where sites lead who asks for what is not there: an error page, or the home page in one of its names.
_GAP_PAGE = re.compile(
    r"error|404|not-?_?found|^/?$|^/(?:fa|en|ar)/?$|/(?:default|index|home|main)(?:\.\w+)?/?$", re.IGNORECASE
)
_MAX_DETAIL = 150
_UNREACHABLE: dict[type[Exception], str] = {
    CannotResolveHostError: "the host name cannot be resolved",
    DownloadConnectionRefusedError: "the connection was refused",
    DownloadTimeoutError: "no answer in time",
}


# Why a middleware did not let a request through; Scrapy drops such requests without a traceback.


class OffSiteError(IgnoreRequest):
    """The request would leave the publisher's hosts; the message names where it wanted to go."""


class StoppingError(IgnoreRequest):
    """The run is ending while the request waits; its address stays pending as it was."""


class RedirectLoopError(IgnoreRequest):
    """The site redirects in a circle."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its reason; ``unreachable`` marks that nothing of the site answered at all."""

    outcome: Outcome
    reason: str
    unreachable: bool = False


def judge_status(status: int, location: str | None, page: Verdict, *, announced_empty: bool) -> Verdict:
    """Judge a page that is no article by its status too; the page itself has been read first.

    ``location`` is where a redirect leads that was not followed, ``page`` what the page alone says, and
    ``announced_empty`` whether the server said that the body would have no bytes, so that none were lost.
    """
    if page.outcome == "blocked":
        return page
    if status >= _CLIENT_ERROR:
        return _judge_error(status)
    if location is not None:
        return _judge_redirect(location)
    if status in _REDIRECTS:
        return Verdict("failed", f"HTTP {status}, to nowhere that can be read")
    if page.reason == Reason.EMPTY_BODY and announced_empty:
        return Verdict("missing", "empty answer")
    return page


def _judge_error(status: int) -> Verdict:
    """Judge an error: only 404 and 410 say that nothing is there; of 400, 408, 425 and 5xx none does."""
    outcome: Outcome = "missing" if status in _GONE else "blocked" if status in _WALL else "failed"
    return Verdict(outcome, f"HTTP {status}")


def _judge_redirect(location: str) -> Verdict:
    """Judge a redirect by where it leads: a gap is answered with an error or home page, trouble with any other."""
    parts = urlsplit(location)
    if parts.scheme not in ("http", "https"):
        return Verdict("blocked", f"redirected to {_safe(parts.scheme)}:")
    path = unquote(parts.path) or "/"
    if _GAP_PAGE.search(path):
        return Verdict("missing", f"redirected to {_safe(path)}")
    return Verdict("failed", f"redirected to {_safe(path)}")


def redirect_of(response: Response) -> str | None:
    """Give where a response redirects to, as an absolute address; None where it does not, or to nowhere readable."""
    location = response.headers.get("Location")
    if location is None or response.status not in _REDIRECTS:
        return None
    try:
        return urljoin(response.url, safe_url_string(location))  # read as Scrapy does: raw letters are UTF-8
    except ValueError:
        return None


def judge_failure(error: BaseException) -> Verdict:
    """Judge a request that brought no page."""
    text = str(error)
    if isinstance(error, IgnoreRequest):
        return _judge_refusal(error, text)
    for kind, reason in _UNREACHABLE.items():
        if isinstance(error, kind):
            return Verdict("failed", reason, unreachable=True)
    if isinstance(error, ResponseDataLossError):
        return Verdict("failed", "the body was cut off")
    if isinstance(error, DownloadCancelledError):  # DOWNLOAD_MAXSIZE is all that cancels a download here
        return Verdict("not-article", "larger than the size limit")
    if isinstance(error, DownloadFailedError):
        return Verdict("failed", f"the connection broke ({_first_line(text)})")
    return Verdict("failed", f"{type(error).__name__}: {_first_line(text)}")


def _judge_refusal(error: IgnoreRequest, text: str) -> Verdict:
    if isinstance(error, OffSiteError):
        return Verdict("blocked", text)
    if isinstance(error, RedirectLoopError):
        return Verdict("blocked", "redirected in a circle")
    if "robots.txt" in text:
        return Verdict("skipped", "forbidden by robots.txt")
    return Verdict("failed", _first_line(text))


def _first_line(text: str) -> str:
    return _safe((text.strip().splitlines() or [""])[0])


def _safe(text: str) -> str:
    """Give a text from the net as a part of a reason: short, on one line, no order to a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:_MAX_DETAIL])


# FetchedArticle: an article on its way from the spider through the pipelines.
class FetchedArticle(Article):
    """An Article with its page and its look still attached.

    Deliberately no dataclass of its own: ``page`` and ``look`` are no fields, so no exporter and no table ever
    sees them.
    """

    page: Page
    look: Look


# Look: one address on its way from the plan to the ledger.
@dataclass(slots=True)
class Look:
    """What a look at one target has come to so far; it travels in ``request.meta`` and on the item.

    ``form`` is the page form being asked, ``tried`` those asked before it, ``requests`` how many requests the
    look has taken, ``at`` when its page was taken (UTC, ISO 8601; None where none has come), ``settled`` whether the
    ledger has been told: exactly once, whatever happens.
    """

    target: Target
    form: str
    tried: list[str] = field(default_factory=list)
    requests: int = 0
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    page_hash: str | None = None
    at: str | None = None
    settled: bool = False


# What a saved answer that is no article tells of its address, and what not.
OLDER_MISS = "no article, and older than a later look"


def of_no_use(look: Look, verdict: Verdict, *, recovered: bool) -> str | None:
    """Say why a saved answer tells nothing, or None: an article, a page at status 200, or that nothing is there tells.

    What a killed crawl has kept (``recovered``) and was no good is fetched again in a moment, and tells nothing either.
    """
    if verdict.outcome == "article":
        return None
    if look.target.rescue:
        return OLDER_MISS
    if recovered and verdict.outcome not in FINAL:
        return f"{verdict.outcome}, and fetched again"
    told = verdict.outcome == "missing" or look.status in (None, HTTPStatus.OK)
    return None if told else f"HTTP {look.status}"
