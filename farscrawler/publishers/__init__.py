"""Publishers: what each site is, as data (one TOML file a family, one stanza a site)."""

from __future__ import annotations

from farscrawler.publishers.loader import MalformedPublisher, UnknownPublisher, all_publishers, load, names
from farscrawler.publishers.model import Form, Publisher

__all__ = [
    "Form",
    "MalformedPublisher",
    "Publisher",
    "UnknownPublisher",
    "all_publishers",
    "load",
    "names",
]
