"""What a run holds against other machines, where its archive is in a database that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from farscrawler.locations import Server
from farscrawler.spiders.pace import PACES

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from farscrawler.archive.guard import Lock, SharedTurns
    from farscrawler.archive.lease import Lease
    from farscrawler.locations import Location
    from farscrawler.spiders.news import NewsSpider


def take_hosts(lock: Lock, path: Location, spider: NewsSpider, settings: BaseSettings) -> Lease | None:
    """Take the hosts of a run, whose lock is held, and return the lease; None for a file. Raise ArchiveError."""
    if not isinstance(path, Server):
        return None
    from farscrawler.archive.postgres import locks  # noqa: PLC0415  # psycopg is an extra

    return locks.take_hosts(
        lock,
        path,
        _hosts(spider),
        lease=settings.getfloat("LEASE_SECONDS"),
        in_flight=settings.getfloat("DOWNLOAD_TIMEOUT"),
        pause=settings.getfloat("DOWNLOAD_DELAY") * (1 + settings.getfloat("DOWNLOAD_DELAY_JITTER")),
    )


def _hosts(spider: NewsSpider) -> tuple[str, ...]:
    """Return the hosts that a run asks alone; a web archive is asked for many sites at once."""
    if spider.arguments.reads_saved or spider.web_archive is not None or spider.publisher.anywhere:
        return ()
    base = spider.arguments.base_url
    return spider.publisher.hosts if base is None else (urlsplit(base).netloc,)


def shared_turns(lock: Lock, lease: Lease | None, spider: NewsSpider) -> SharedTurns | None:
    """Return the turns at a web archive that runs of all machines ask; a file knows of no other machines."""
    if lease is None or spider.web_archive is None:
        return None
    return cast("SharedTurns", lock)


def give_back(lock: Lock, lease: Lease | None, spider: NewsSpider) -> None:
    """Give the lock back, with hosts that are left alone for as long as they have asked for."""
    if lease is not None:
        asked = PACES.asked(spider.url_to_ask(spider.publisher.base_url)).seconds
        lease.pause = max(lease.pause, asked)
    lock.release()
