"""Read the numbers, switches and hosts among the settings; each is checked before anything is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.errors import BadArgumentError
from farscrawler.networks import PrivateHosts
from farscrawler.printing import printable

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

#: The whole numbers, each with its least value.
WHOLE: dict[str, int] = {
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "STOP_AFTER_BLOCKED": 1,
    "STOP_AFTER_FAILED": 1,
    "STOP_AFTER_UNREACHABLE": 1,
    "STOP_AFTER_SAME": 2,
    "STOP_AFTER_NOT_ARTICLE": 1,
    "STOP_AFTER_NOT_ARTICLE_IDS": 1,
    "PROBE_MISSES": 0,
    "PROBE_MOST": 1,
    "EDGE_IDS": 0,
    "FIRST_IDS": 1,
    "RETRY_TIMES": 0,
    "CAPTURES_PER_ARTICLE": 1,
    "WARC_MAX_BYTES": 1,
    "LIST_MAXSIZE": 1,
    "READ_APART_BYTES": 0,
    "READ_APART_TAGS": 0,
    "READ_MEMORY_MB": 200,
    "ROBOTSTXT_MAXSIZE": 1,
    "DOWNLOAD_MAXHEADERSIZE": 1_024,
    "DOWNLOAD_MAXHEADERLINES": 20,
}
#: Lengths of time.
LENGTHS: tuple[str, ...] = (
    "REFRESH_HOURS",
    "REFRESH_EVERY",
    "RANGE_MARGIN_HOURS",
    "RANGE_MARGIN_LIMIT",
    "RETRY_BACKOFF",
    "RETRY_WAIT_MAX",
    "DOWNLOAD_DELAY",
    "READ_CPU_SECONDS",
)

#: What is in a header is sent as Latin-1 (RFC 9110, 5.5).
_LAST_OF_LATIN_1 = "\xff"
_ON, _OFF = frozenset({"on", "true", "yes", "1"}), frozenset({"off", "false", "no", "0"})


def checked(settings: BaseSettings) -> dict[str, int]:
    """Return the whole numbers by name. Raise BadArgumentError for a setting that is no such number, or too small."""
    found: dict[str, int] = {}
    for name, least in WHOLE.items():
        try:
            found[name] = settings.getint(name)
        except (TypeError, ValueError):
            raise BadArgumentError(f"-s {name}={settings[name]}: write a whole number.") from None
        if found[name] < least:
            raise BadArgumentError(f"-s {name}={found[name]}: it must be at least {least}.")
    for name in LENGTHS:
        length(settings, name)
    PrivateHosts.read(settings.getlist("PRIVATE_HOSTS"))
    check_headers(settings)
    return found


def check_headers(settings: BaseSettings) -> None:
    """Raise BadArgumentError where a setting that is sent in the head of a request cannot be sent so.

    A line end in one would begin a header of its own, in requests and in the records of WARC files.
    """
    headers = settings.getdict("DEFAULT_REQUEST_HEADERS")
    sent = [(name, settings[name]) for name in ("CONTACT", "USER_AGENT")]
    sent += [("DEFAULT_REQUEST_HEADERS", part) for header in headers.items() for part in header]
    for name, value in sent:
        text = value if isinstance(value, str) else ""
        bad = next((c for c in text if c > _LAST_OF_LATIN_1 or printable(c) != c), None)
        if bad is not None:
            raise BadArgumentError(
                f"-s {name}={text}: it is sent in the head of every request, which cannot hold {bad!a}; leave it out."
            )


def length(settings: BaseSettings, name: str) -> float:
    """Return a setting that is a length of time. Raise BadArgumentError for one that is no such number."""
    try:
        found = settings.getfloat(name)
    except (TypeError, ValueError):
        raise BadArgumentError(f"-s {name}={settings[name]}: write a number.") from None
    if not 0 <= found < float("inf"):
        raise BadArgumentError(f"-s {name}={settings[name]}: it must not be negative or endless.")
    return found


def switch(settings: BaseSettings, name: str) -> bool:
    """Return a setting that is on or off. Raise BadArgumentError for one that says neither."""
    said = switch_of(str(settings[name]))
    if said is None:
        raise BadArgumentError(f"-s {name}={settings[name]}: write on or off.")
    return said


def switch_of(text: str) -> bool | None:
    """Return what a text says of a switch: on or off; None where it says neither."""
    said = text.strip().lower()
    return True if said in _ON else False if said in _OFF else None
