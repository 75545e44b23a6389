"""farscrawler: a Scrapy crawler of Persian news that loses nothing and never guesses."""

__version__ = "0.2.0"
