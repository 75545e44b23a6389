"""When asking a site pays: once the articles that are waiting there have waited long enough in all.

What is made small is the time from publication to archive, summed over all articles, at a given number of requests.
With a rate r (articles an hour) that is steady, an ask every T hours lets articles wait r·T/2 hours an hour, so that
the least sum at a given cost c of an ask has r·T²/2 = price·c at every site: T goes with the square root of c/r. Cho
and Garcia-Molina («Effective page refresh policies for web crawlers», ACM TODS 28, 2003) find such a law where the age
of copies counts; that a site which changes too fast should be given up, as they find for freshness, does not hold
here, since every article is kept and none replaces another. r·T²/2 is the waiting of the articles expected since the
last ask. So a site is asked when that sum reaches its threshold, price·c, whatever its rate is by day and night: a
policy of a threshold with one price for all, as in Azar, Horvitz, Lubetzky, Peres, Shahaf («Tractable near-optimal
policies for crawling», PNAS 115, 2018), whose thresholds too are computed for each site on its own. The price follows
from the budget (budget.py).
"""

from __future__ import annotations

import math
from hashlib import blake2b
from typing import TYPE_CHECKING

from farscrawler.schedule.profile import HOUR, hour_begins, hour_number

if TYPE_CHECKING:
    from collections.abc import Callable

#: Share of an interval by which it is shortened or lengthened: sites of one rate do not fall due together for ever.
JITTER = 0.1


def expected_waiting(rate: Callable[[int], float], since: float, until: float) -> float:
    """Return how many article-hours the articles expected since a moment will have waited at another one."""
    waiting = articles = 0.0
    at = since
    while at < until:
        number = hour_number(at)
        end = min(hour_begins(number + 1), until)
        hours, expected = (end - at) / HOUR, rate(number)
        waiting += articles * hours + expected * hours * hours / 2
        articles += expected * hours
        at = end
    return waiting


def waits_until(rate: Callable[[int], float], since: float, threshold: float, latest: float) -> float:
    """Return when the expected waiting (article-hours) reaches a threshold; ``latest`` where it does not before.

    ``rate`` returns the articles an hour of an hour's number.
    """
    waiting = articles = 0.0
    at = since
    while at < latest:
        number = hour_number(at)
        end = min(hour_begins(number + 1), latest)
        hours, expected = (end - at) / HOUR, rate(number)
        after = waiting + articles * hours + expected * hours * hours / 2
        if after >= threshold:
            lacking = threshold - waiting
            root = math.sqrt(articles * articles + 2 * expected * lacking)
            # The positive root of expected/2·x² + articles·x = lacking, in the form that no small rate spoils.
            return min(at + 2 * lacking / (articles + root) * HOUR, end) if root > 0 else end
        waiting, articles = after, articles + expected * hours
        at = end
    return latest


def share(publisher: str, count: float) -> float:
    """Return a number from 0 to 1 that looks random and is the same for the same publisher and count."""
    digest = blake2b(f"{publisher} {count:.0f}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def jittered(seconds: float, publisher: str, count: float) -> float:
    """Return an interval made longer or shorter by up to JITTER of it, the same whenever it is computed."""
    return seconds * (1 + JITTER * (2 * share(publisher, count) - 1))
