"""The spider that does nothing: what Scrapy itself costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Spider

if TYPE_CHECKING:
    from scrapy.http import Response


class EmptySpider(Spider):
    """Fetches the addresses of a file, one a line, as Scrapy's tutorial does, and looks at no page."""

    name = "empty"

    def __init__(self, urls: str, **more: Any) -> None:
        super().__init__(**more)
        self.start_urls = Path(urls).read_text(encoding="ascii").split()

    def parse(self, response: Response) -> None:
        """Do nothing with a page."""
