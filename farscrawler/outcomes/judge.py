"""Judge the answer to a request, or its failure: pure functions of status, page and error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
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
from farscrawler.extract import NoArticle, Reason
from farscrawler.printing import printable

if TYPE_CHECKING:
    from scrapy.http import Response

    from farscrawler.archive.records import Outcome
    from farscrawler.outcomes.visit import VisitState


_GONE = (404, 410)
_WALL = (401, 403, 429, 451)
_CLIENT_ERROR = 400
REDIRECTS = (301, 302, 303, 307, 308)
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


class Refusal(StrEnum):
    """Why a middleware refuses a request; the value is the reason that the ledger keeps."""

    OFF_SITE = "redirected off the site"
    OFF_WEB_ARCHIVE = "redirected off the web archive"
    REDIRECT_LOOP = "redirected in a circle"
    PRIVATE_ADDRESS = "leads to a private address"
    CERTIFICATE = "the certificate of the site is not valid"
    HEADERS_TOO_LARGE = "headers larger than the limit"
    PAGE_TOO_LARGE = "larger than the size limit"
    ROBOTS_TXT = "forbidden by robots.txt"
    NO_ROBOTS_TXT = "robots.txt cannot be read"  # which forbids everything for a while (RFC 9309, 2.3.1.4)
    TOO_SLOW = "robots.txt asks for longer pauses than are kept"
    STOPPING = "the run is ending"  # the address stays pending as it was


#: The one rule of limits: the size of a page (PAGE_TOO_LARGE) is the page's own, and so final, however it was sent.
#: Headers and time are the server's, which may be well again tomorrow: the address stays pending.
_REFUSED: dict[Refusal, Outcome] = {
    Refusal.OFF_SITE: "blocked",
    Refusal.OFF_WEB_ARCHIVE: "blocked",
    Refusal.REDIRECT_LOOP: "blocked",
    Refusal.PRIVATE_ADDRESS: "blocked",
    Refusal.CERTIFICATE: "failed",
    Refusal.HEADERS_TOO_LARGE: "failed",
    Refusal.PAGE_TOO_LARGE: "not-article",
    Refusal.ROBOTS_TXT: "skipped",
    Refusal.NO_ROBOTS_TXT: "failed",
    Refusal.TOO_SLOW: "failed",
    Refusal.STOPPING: "failed",
}
#: Nothing of the site is read while these hold, so that a run need not try many addresses.
_SHUT = (Refusal.CERTIFICATE, Refusal.NO_ROBOTS_TXT, Refusal.TOO_SLOW)


class RefusedRequestError(IgnoreRequest):
    """A request that a middleware does not let through."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal}, {detail}" if detail else str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its reason; ``unreachable`` marks that nothing of the site answered at all."""

    outcome: Outcome
    reason: str
    unreachable: bool = False


def judge_answer(status: int, location: str | None, page: NoArticle, *, announced_empty: bool) -> Verdict:
    """Return the verdict on an answer whose page is no article.

    ``location`` is where a redirect leads that was not followed, and ``announced_empty`` whether the server said that
    the body would have no bytes, so that none were lost.
    """
    said_by_page = Verdict(page.outcome, page.text)
    if page.outcome == "blocked":
        return said_by_page
    if (said_by_status := judge_status(status, location)) is not None:
        return said_by_status
    if page.reason is Reason.EMPTY_BODY and announced_empty:
        return Verdict("missing", "empty answer")
    return said_by_page


def judge_status(status: int, location: str | None) -> Verdict | None:
    """Return the verdict of an error or a redirect; None for a status that leaves it to the page.

    Only 404 and 410 say that nothing is there; of 400, 408, 425 and 5xx none does.
    """
    if status >= _CLIENT_ERROR:
        outcome: Outcome = "missing" if status in _GONE else "blocked" if status in _WALL else "failed"
        return Verdict(outcome, f"HTTP {status}")
    if location is not None:
        return _judge_redirect(location)
    if status in REDIRECTS:
        return Verdict("failed", f"HTTP {status}, to nowhere that can be read")
    return None


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
    """Return the absolute address that a response redirects to; None for no redirect, or one to nowhere readable."""
    location = response.headers.get("Location")
    if location is None or response.status not in REDIRECTS:
        return None
    try:
        return urljoin(response.url, safe_url_string(location))  # read as Scrapy does: raw letters are UTF-8
    except ValueError:
        return None


def judge_failure(error: BaseException | None) -> Verdict:
    """Return the verdict on a request that brought no page; ``error`` is None where Scrapy names no reason."""
    error = error or RuntimeError("no reason given")
    if isinstance(error, RefusedRequestError):
        return Verdict(_REFUSED[error.refusal], str(error), unreachable=error.refusal in _SHUT)
    if isinstance(error, DownloadCancelledError):  # DOWNLOAD_MAXSIZE is all that cancels a download here
        return judge_failure(RefusedRequestError(Refusal.PAGE_TOO_LARGE))
    for kind, reason in _UNREACHABLE.items():
        if isinstance(error, kind):
            return Verdict("failed", reason, unreachable=True)
    text = _first_line(str(error))
    if isinstance(error, ResponseDataLossError):
        reason = "the body was cut off"
    elif isinstance(error, DownloadFailedError):
        reason = f"the connection broke ({text})"
    elif isinstance(error, IgnoreRequest):  # refused by Scrapy, or by a middleware of the user's
        reason = text
    else:
        reason = f"{type(error).__name__}: {text}"
    return Verdict("failed", reason)


def _first_line(text: str) -> str:
    return _safe((text.strip().splitlines() or [""])[0])


def _safe(text: str) -> str:
    """Return a text from the net as a part of a reason: short, on one line, no order to a terminal."""
    return printable(text)[:_MAX_DETAIL]


#: Why a saved page older than a later visit is passed over where it is no article.
OLDER_MISS = "no article, and older than a later look"


def reason_to_pass_over(visit: VisitState, verdict: Verdict, *, recovered: bool) -> str | None:
    """Return why a saved answer tells nothing of its address; None for one that does.

    An article tells something, and so does a page at status 200, or an answer that nothing is there. What a killed
    crawl has kept (``recovered``) and was no good is fetched again in a moment, and tells nothing either.
    """
    if verdict.outcome == "article":
        return None
    if visit.target.rescue:
        return OLDER_MISS
    if recovered and verdict.outcome not in FINAL:
        return f"{verdict.outcome}, and fetched again"
    telling = verdict.outcome == "missing" or visit.status in (None, HTTPStatus.OK)
    return None if telling else f"HTTP {visit.status}"
