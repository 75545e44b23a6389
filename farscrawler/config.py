"""Read the numbers, switches and hosts among the settings; each is checked before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from farscrawler.errors import BadArgumentError
from farscrawler.networks import PrivateHosts, origin_of
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.settings import BaseSettings

#: The whole numbers, each with its least value.
WHOLE: dict[str, int] = {
    "LEASE_SECONDS": 1,
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
    "CCNEWS_PART_BYTES": 65_536,
    "READ_APART_BYTES": 0,
    "READ_APART_TAGS": 0,
    "READ_MEMORY_MB": 200,
    "ROBOTSTXT_MAXSIZE": 1,
    "DOWNLOAD_MAXHEADERSIZE": 1_024,
    "DOWNLOAD_MAXHEADERLINES": 20,
    "WATCH_REQUESTS_PER_DAY": 0,
}
#: Lengths of time.
LENGTHS: tuple[str, ...] = (
    "REFRESH_HOURS",
    "REFRESH_EVERY",
    "RANGE_MARGIN_HOURS",
    "RANGE_MARGIN_LIMIT",
    "RETRY_BACKOFF",
    "RETRY_WAIT_MAX",
    "ROBOTSTXT_MAX_DELAY",
    "DOWNLOAD_DELAY",
    "READ_CPU_SECONDS",
    "WATCH_MIN_INTERVAL",
    "WATCH_MAX_INTERVAL",
    "WATCH_OVERDUE_AFTER",
    "JOB_HEARTBEAT_TIMEOUT",
    "WAYBACK_DELAY",
    "COMMONCRAWL_DELAY",
    "WEB_ARCHIVE_BACKOFF",
    "WEB_ARCHIVE_TIMEOUT",
)
#: Servers, each as scheme, host and port, with an example of it.
ORIGINS: dict[str, str] = {
    "BASE_URL": "http://127.0.0.1:8000",
    "WAYBACK_URL": "https://web.archive.org",
    "COMMONCRAWL_INDEX_URL": "https://index.commoncrawl.org",
    "COMMONCRAWL_DATA_URL": "https://data.commoncrawl.org",
}
#: What is sent in the head of every request.
_HEADERS = ("CONTACT", "USER_AGENT", "DEFAULT_REQUEST_HEADERS")

#: What is in a header is sent as Latin-1 (RFC 9110, 5.5).
_LAST_OF_LATIN_1 = "\xff"
_ON, _OFF = frozenset({"on", "true", "yes", "1"}), frozenset({"off", "false", "no", "0"})


def shows_pages(settings: BaseSettings) -> bool:
    """Whether the log has lines for each page. Below that level no record of them is made: each takes time."""
    return bool(settings["LOG_LEVEL"] == "DEBUG")


def checked(settings: BaseSettings) -> dict[str, int]:
    """Return the whole numbers by name. Raise BadArgumentError for a setting that cannot be used."""
    for name in (*WHOLE, *LENGTHS, *ORIGINS):
        _check(name, settings[name])
    PrivateHosts.read(settings.getlist("PRIVATE_HOSTS"))
    check_headers(settings)
    return {name: settings.getint(name) for name in WHOLE}


def problem_of(name: str, value: object) -> str | None:
    """Return what is wrong with the value of a setting, as a sentence; None where a crawl can use it.

    The project file, the variables, `-s` and `farscrawler config` are checked by the same rules as a crawl.
    """
    if name in WHOLE:
        return _problem_of_whole(value, WHOLE[name])
    if name in LENGTHS:
        return _problem_of_length(value)
    if name in ORIGINS:
        usable = not value or origin_of(str(value)) is not None
        return None if usable else f"write scheme and host, such as {ORIGINS[name]}."
    if name in _HEADERS:
        problem = next(filter(None, map(_problem_of_header, _texts(value))), None)
        return problem or (_problem_of_contact(str(value or "")) if name == "CONTACT" else None)
    if name == "PRIVATE_HOSTS":
        try:
            PrivateHosts.read(value.split(",") if isinstance(value, str) else map(str, _texts(value)))
        except BadArgumentError as error:
            return str(error).partition(": ")[2]
    return None


def _problem_of_whole(value: Any, least: int) -> str | None:
    try:
        return f"it must be at least {least}." if int(value) < least else None
    except (TypeError, ValueError, OverflowError):
        return "write a whole number."


def _problem_of_length(value: Any) -> str | None:
    try:
        return None if 0 <= float(value) < float("inf") else "it must not be negative or endless."
    except (TypeError, ValueError):
        return "write a number."


def _problem_of_header(text: str) -> str | None:
    """Return why a text cannot be sent in the head of a request.

    A line end in one would begin a header of its own, in requests and in the records of WARC files.
    """
    bad = next((c for c in text if c > _LAST_OF_LATIN_1 or printable(c) != c), None)
    if bad is None:
        return None
    return f"it is sent in the head of every request, which cannot hold {bad!a}; leave it out."


def _problem_of_contact(text: str) -> str | None:
    if not text or "@" in text or "://" in text:
        return None
    return "write an address at which you can be reached, such as mailto:you@example.org or https://example.org/about."


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a value: the value itself, or those of a list or a table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (part for pair in value.items() for part in pair if isinstance(part, str))
    elif isinstance(value, list | tuple):
        yield from (part for part in value if isinstance(part, str))


def _check(name: str, value: object) -> None:
    """Raise BadArgumentError for a value that a crawl cannot use."""
    if problem := problem_of(name, value):
        raise BadArgumentError(f"-s {name}={value}: {problem}")


def check_headers(settings: BaseSettings) -> None:
    """Raise BadArgumentError where a setting that is sent in the head of a request cannot be sent so."""
    for name in _HEADERS:
        for text in _texts(settings.getdict(name) if name == "DEFAULT_REQUEST_HEADERS" else settings[name]):
            _check(name, text)


def length(settings: BaseSettings, name: str) -> float:
    """Return a setting that is a length of time. Raise BadArgumentError for one that is no such number."""
    _check(name, settings[name])
    return settings.getfloat(name)


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
