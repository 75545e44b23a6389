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
    """Make the spider of one publisher."""
    return type(f"{publisher.key.title()}Spider", (NewsSpider,), {"name": publisher.key, "publisher": publisher})


class PublisherSpiderLoader:
    """Scrapy's spider loader over the publishers' data."""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:  # noqa: ARG003  # Scrapy hands it over
        return cls()

    def load(self, spider_name: str) -> type[Spider]:
        """Give the spider of a publisher; UnknownPublisher, a KeyError to Scrapy, where there is none."""
        return spider_class(publishers.load(spider_name))

    def list(self) -> names_list[str]:
        """Give the names of all publishers."""
        return names_list(publishers.names())

    def find_by_request(self, request: Request) -> names_list[str]:
        """Give the publishers whose site an address is on."""
        return [p.key for p in publishers.all_publishers() if p.owns(request.url)]
