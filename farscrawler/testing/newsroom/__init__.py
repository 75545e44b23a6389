"""A replica of پیام فارس (Fars-Online) on loopback: invented articles, known answers, the web's faults."""

from farscrawler.testing.newsroom.faults import Faults
from farscrawler.testing.newsroom.press import Newsroom
from farscrawler.testing.newsroom.server import Server
from farscrawler.testing.newsroom.story import Story
from farscrawler.testing.newsroom.truth import answers

__all__ = ["Faults", "Newsroom", "Server", "Story", "answers"]
