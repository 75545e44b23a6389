"""Commands of Scrapy that this project changes, and does not list among its own."""
