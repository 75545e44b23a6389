"""Pages that somebody saved out of a web archive: the site's own address and the moment of the capture, by addresses.

The Wayback Machine rewrites addresses in the pages that it shows, to `https://web.archive.org/web/20180301100416/` and
the site's own; two letters and `_` behind the digits say in what form it is served: `id_` as it came, `im_` a picture.
archive.today writes the moment with dots, or in the Wayback Machine's digits.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_HOSTS = r"(?:web(?:-beta)?\.|wayback\.|www\.)?archive\.org(?::\d+)?"
_WAYBACK = re.compile(
    rf"(?P<host>(?:https?:)?//{_HOSTS})?/web/(?P<moment>\d{{4,14}})(?:[a-z]{{2}}_)?/(?P<address>.+)",
    re.IGNORECASE | re.DOTALL,
)
_TODAY = re.compile(
    r"(?:https?:)?//archive\.(?:ph|is|today|fo|li|md|vn)/(?:o/\w+/)?(?P<moment>\d{4}\.\d\d\.\d\d-\d{6}|\d{14})/"
    r"(?P<address>https?:.+)",
    re.IGNORECASE | re.DOTALL,
)
# Some servers fold the two slashes of an address within a path.
_SCHEME = re.compile(r"(https?):/{1,2}(?=[^/])", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/|$)")
_WHOLE = 14  # digits of a moment to the second
#: The boxes that the Wayback Machine and its donations put into the pages that they show.
TOOLBAR = ("wm-ipp-base", "wm-ipp", "wm-ipp-print", "donato")


@dataclass(frozen=True, slots=True)
class Capture:
    """The site's own ``address`` of a captured page, and when it was captured (ISO 8601, UTC; None if not said)."""

    address: str
    at: str | None


def capture_of(address: str) -> Capture | None:
    """Return what an address of a web archive stands for, None for any other address."""
    found = _WAYBACK.match(address) or _TODAY.match(address)
    if found is None:
        return None
    own = found["address"]
    scheme = _SCHEME.match(own)
    if scheme is not None:
        own = f"{scheme[1].lower()}://{own[scheme.end() :]}"
    elif found.groupdict().get("host") and _HOST.match(own):
        own = f"http://{own}"
    else:
        return None
    return Capture(own, _moment(re.sub(r"\D", "", found["moment"])))


def site_address(address: str) -> str:
    """Return the site's own address where one is of a web archive, any other as it is."""
    capture = capture_of(address) if "/web/" in address or "archive." in address else None
    return address if capture is None else capture.address


def _moment(digits: str) -> str | None:
    if len(digits) != _WHOLE:
        return None
    try:
        return dt.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC).isoformat(timespec="seconds")
    except ValueError:
        return None
