"""What a run counts in `crawler.stats`, and under which names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.statscollectors import MemoryStatsCollector

from farscrawler.frontier.base import ASKED_AGAIN, KNOWN_ARTICLES, KNOWN_SETTLED, PASSED_OVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.statscollectors import StatsCollector

ADDRESSES = "farscrawler/addresses/"
ARTICLES_NEW = "farscrawler/articles/new"
ARTICLES_REVISED = "farscrawler/articles/revised"
CAPTURES = "farscrawler/captures/"
PENDING = "farscrawler/pending"
INTERNAL_ERRORS = "farscrawler/internal_errors"
END_REASON = "farscrawler/end_reason"
EXIT_CODE = "farscrawler/exit_code"

#: Every name with its meaning; one that ends with a slash is followed by what is in brackets.
MEANINGS: dict[str, str] = {
    ADDRESSES: "addresses settled (by outcome: article, missing, not-article, blocked, failed, skipped)",
    ARTICLES_NEW: "articles stored for the first time",
    ARTICLES_REVISED: "articles stored with changed fields",
    KNOWN_ARTICLES: "requested addresses whose article an earlier run has stored",
    KNOWN_SETTLED: "requested addresses that an earlier run has settled without an article",
    ASKED_AGAIN: "addresses settled without an article before, and asked again: by other rules, or for `again`",
    PASSED_OVER: "saved pages that could not be used (by reason)",
    CAPTURES: "captures of a web archive (listed, ids, fetched, passed_over, unreadable)",
    PENDING: "addresses that the strategy has not scheduled yet, where their number is known",
    INTERNAL_ERRORS: "errors of farscrawler itself",
    END_REASON: "the reason of the end; set at the end",
    EXIT_CODE: "the exit code; set at the end",
}


class DirectStatsCollector(MemoryStatsCollector):
    """Scrapy's collector, whose methods are called directly.

    Scrapy 2.19 wraps each method of it, and finds the wrapper again at every call, to warn of a deprecated argument:
    some thirty times a page.
    """

    __getattribute__ = object.__getattribute__


def number(collector: StatsCollector, name: str) -> int:
    """Return a counter; 0 where nothing was counted."""
    return int(collector.get_value(name, 0))


def under(collector: StatsCollector, prefix: str) -> dict[str, int]:
    """Return the counters that are not 0 under a prefix, by the rest of their names."""
    found: Mapping[str, int] = collector.get_stats()
    return {name[len(prefix) :]: count for name, count in found.items() if name.startswith(prefix) and count}
