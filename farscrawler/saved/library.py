"""warcio, which reads and writes WARC files, is asked for only where there is one: the rest works without it."""

from __future__ import annotations

from importlib.util import find_spec

MISSING = "WARC files need warcio; install it with: pip install 'farscrawler[warc]'"


def has_warcio() -> bool:
    """Tell whether WARC files can be read and written here."""
    return find_spec("warcio") is not None
