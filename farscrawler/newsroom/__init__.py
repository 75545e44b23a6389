"""A replica of پیام فارس (Fars-Online) on loopback: invented articles, known answers, the web's faults."""

from farscrawler.newsroom.faults import Faults
from farscrawler.newsroom.press import Newsroom
from farscrawler.newsroom.server import Server
from farscrawler.newsroom.story import Story
from farscrawler.newsroom.truth import answers

__all__ = ["Faults", "Newsroom", "Server", "Story", "answers"]
