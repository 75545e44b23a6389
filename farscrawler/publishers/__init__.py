"""Publishers: what each site is, as data (one TOML file a family, one stanza a site)."""

from __future__ import annotations

from farscrawler.errors import MalformedPublisher, PublisherError, UnknownPublisher
from farscrawler.publishers.catalogue import Catalogue, all_publishers, installed, load, names, of, of_family
from farscrawler.publishers.era import Era
from farscrawler.publishers.form import Form
from farscrawler.publishers.model import Publisher

__all__ = [
    "Catalogue",
    "Era",
    "Form",
    "MalformedPublisher",
    "Publisher",
    "PublisherError",
    "UnknownPublisher",
    "all_publishers",
    "installed",
    "load",
    "names",
    "of",
    "of_family",
]
