"""Make a named spider of every publisher."""

from __future__ import annotations

from builtins import list as names_list  # the protocol has a method of that name
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings


def spider_class(publisher: publishers.Publisher) -> type[NewsSpider]:
    """Return the spider class of one publisher."""
    return type(f"{publisher.key.title()}Spider", (NewsSpider,), {"name": publisher.key, "publisher": publisher})


class PublisherSpiderLoader:
    """Scrapy's spider loader over the publishers' data."""

    def __init__(self, settings: BaseSettings) -> None:
        self.settings = settings

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(settings)

    @property
    def catalogue(self) -> publishers.Catalogue:
        """Return the publishers; read at the first use, so that a bad folder is an error of the command that asks."""
        return publishers.of(self.settings)

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider class of a publisher. Raises UnknownPublisher."""
        return spider_class(self.catalogue.load(spider_name))

    def list(self) -> names_list[str]:
        """Return the names of all publishers."""
        return names_list(self.catalogue.names())

    def find_by_request(self, request: Request) -> names_list[str]:
        """Return the names of the publishers whose site an address is on."""
        return [publisher.key for publisher in self.catalogue.of_url(request.url)]
