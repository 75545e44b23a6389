"""Tell apart what became of a request: a pure reading of status, page and failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from farscrawler.middlewares.errors import OffSiteError, RedirectLoopError
from farscrawler.parsing.page import EMPTY_BODY

if TYPE_CHECKING:
    from farscrawler.archive.records import Outcome

_GONE = (404, 410)
_WALL = (401, 403, 429, 451)
_SERVER_ERROR = 500
_UNREACHABLE: dict[type[Exception], str] = {
    CannotResolveHostError: "the host name cannot be resolved",
    DownloadConnectionRefusedError: "the connection was refused",
    DownloadTimeoutError: "no answer in time",
}


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
    if page.reason == EMPTY_BODY and announced_empty and status < _SERVER_ERROR:
        page = Verdict("missing", "empty answer")
    if status in _GONE:
        return Verdict("missing", f"HTTP {status}")
    if status in _WALL:
        return Verdict("blocked", f"HTTP {status}")
    if status >= _SERVER_ERROR:
        return Verdict("failed", f"HTTP {status}")
    if location is not None:
        return Verdict("missing", f"redirected to {_short(location)}")
    return page


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
    return (text.strip().splitlines() or [""])[0][:200]


def _short(location: str) -> str:
    parts = urlsplit(location)
    return unquote(parts.path)[:100] or "/"
