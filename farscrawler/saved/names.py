"""The names of the WARC files that a crawl writes: publisher, UTC time of the beginning, and serial number."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: What a WARC file is called until it is closed; the name without it is what is remembered of a page.
OPEN = ".open"

_TIME = "%Y%m%dT%H%M%SZ"
_OURS = re.compile(rf"(?P<publisher>.+)-(?P<time>\d{{8}}T\d{{6}}Z)-\d{{5,}}\.warc\.gz(?P<open>{re.escape(OPEN)})?")


def name(publisher: str, begun: dt.datetime, serial: int) -> str:
    """Give the name of a file; sorted, the names of a publisher are in the order of time."""
    return f"{publisher}-{begun.astimezone(dt.UTC).strftime(_TIME)}-{serial:05}.warc.gz"


def publisher_of(file_name: str) -> str | None:
    """Give whose pages a file of ours holds, None for a name that is none of ours."""
    match = _OURS.fullmatch(file_name)
    return match["publisher"] if match else None


def is_open(file_name: str, publisher: str) -> bool:
    """Tell whether a file is one of the publisher's that is being written, or was when its run was killed."""
    match = _OURS.fullmatch(file_name)
    return match is not None and match["publisher"] == publisher and match["open"] is not None


def since(folder: Path, publisher: str, at: str) -> list[Path]:
    """Give the closed files of a publisher in a folder that were begun at a moment (ISO 8601) or later, in order."""
    moment = dt.datetime.fromisoformat(at).astimezone(dt.UTC).strftime(_TIME)
    found = []
    for path in sorted(folder.iterdir()):
        match = _OURS.fullmatch(path.name)
        if match and match["publisher"] == publisher and not match["open"] and match["time"] >= moment:
            found.append(path)
    return found
