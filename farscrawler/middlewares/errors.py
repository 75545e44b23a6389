"""Why a middleware would not let a request through."""

from scrapy.exceptions import IgnoreRequest


class OffSiteError(IgnoreRequest):
    """The request would leave the publisher's hosts; the message names where it wanted to go."""


class StoppingError(IgnoreRequest):
    """The run is ending while the request waits; its address stays owed as it was."""


class RedirectLoopError(IgnoreRequest):
    """The site redirects in a circle."""
