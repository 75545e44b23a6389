"""farscrawler: a Scrapy crawler of Persian news that loses nothing and never guesses."""

from farscrawler._version import __version__

__all__ = ["__version__"]
