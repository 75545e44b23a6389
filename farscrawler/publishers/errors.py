"""What can be wrong with a publisher, each as one sentence for the user."""

from __future__ import annotations

import difflib


class PublisherError(Exception):
    """A publisher that was asked for cannot be had; the message says why and what to do."""


class UnknownPublisher(PublisherError, LookupError):  # noqa: N818 - named for what it is, as the callers say it
    """No stanza has this name; the message names close ones and how to list them all."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        close = difflib.get_close_matches(name.lower(), known, n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        super().__init__(f"there is no publisher named {name!r}.{hint} `farscrawler publishers` lists all of them.")
        self.name = name


class MalformedPublisher(PublisherError, ValueError):  # noqa: N818 - see UnknownPublisher
    """A stanza says something impossible; the message names file, line, stanza and key."""
