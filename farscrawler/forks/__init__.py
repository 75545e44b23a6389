"""Forks of an interpreter that has loaded what a crawl needs: for the crawls of watch and worker, and for crawl-all."""

from farscrawler.forks.server import LOST, Descriptor, begin, exit_code_of, start, stop, warm_up

__all__ = ["LOST", "Descriptor", "begin", "exit_code_of", "start", "stop", "warm_up"]
