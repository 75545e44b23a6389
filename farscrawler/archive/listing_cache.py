"""How far lists and files of pages were read for a publisher: the table ``lists``.

Lists are list pages, sitemaps and feeds, with their entries; files are those with the pages of many publishers.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive.connection import explained
from farscrawler.listings.entry import Entry, Leaf, Listing
from farscrawler.strings import join_surrogates

if TYPE_CHECKING:
    from farscrawler.archive.store import Archive
    from farscrawler.listings.moments import Moment


@dataclass(slots=True, kw_only=True)
class StoredList:
    """A list as it was read last.

    ``way`` is a digest of how it was read; ``closed`` says that it gets no more entries; ``read_at`` is UTC, ISO 8601.
    """

    listing: Listing
    way: str
    read_at: str
    etag: str | None = None
    last_modified: str | None = None
    closed: bool = False


class Lists:
    """The lists of one publisher in an open archive, by the address they were requested at."""

    def __init__(self, archive: Archive, publisher: str) -> None:
        self.archive = archive
        self.publisher = publisher

    def find(self, url: str) -> StoredList | None:
        """Return a list as it was read last, or None."""
        with explained(self.archive.path):
            row = self.archive.db.execute(
                "SELECT entries, read_at, etag, last_modified, closed FROM lists WHERE publisher = ? AND url = ?",
                (self.publisher, url),
            ).fetchone()
        if row is None:
            return None
        entries, read_at, etag, last_modified, closed = row
        said = json.loads(entries)
        return StoredList(
            listing=_listing(url, said),
            way=said["way"],
            read_at=read_at,
            etag=etag,
            last_modified=last_modified,
            closed=bool(closed),
        )

    def save(self, stored: StoredList) -> None:
        """Store a list in place of its last reading."""
        with explained(self.archive.path), self.archive.transaction() as db:
            db.execute(
                f"""INSERT INTO lists (publisher, url, etag, last_modified, read_at, closed, entries)
                   VALUES (?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (publisher, {db.long_key("url")}) DO UPDATE SET etag = excluded.etag,
                       last_modified = excluded.last_modified, read_at = excluded.read_at, closed = excluded.closed,
                       entries = excluded.entries""",
                (
                    self.publisher,
                    stored.listing.url,
                    stored.etag,
                    stored.last_modified,
                    stored.read_at,
                    stored.closed,
                    join_surrogates(json.dumps(_json_of(stored), ensure_ascii=False, separators=(",", ":"))),
                ),
            )


def _json_of(stored: StoredList) -> dict[str, Any]:
    """Return a list as JSON values: short rows, since a sitemap may have fifty thousand of them."""
    listing = stored.listing
    said: dict[str, Any] = {
        "way": stored.way,
        "articles": [[e.key, e.url, _iso(e.published), _iso(e.lastmod)] for e in listing.articles],
        "sitemaps": [[leaf.url, _iso(leaf.lastmod)] for leaf in listing.sitemaps],
        "following": listing.following,
    }
    return {name: value for name, value in said.items() if value}


def _listing(url: str, said: dict[str, Any]) -> Listing:
    return Listing(
        url=url,
        articles=[
            Entry(key, address, _moment(published), _moment(lastmod))
            for key, address, published, lastmod in said.get("articles", ())
        ],
        sitemaps=[Leaf(address, _moment(lastmod)) for address, lastmod in said.get("sitemaps", ())],
        following=said.get("following"),
    )


def _iso(moment: Moment | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _moment(text: str | None) -> Moment | None:
    if text is None:
        return None
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read up to the byte ``offset``, or with ``done`` to its end; it had ``size`` bytes then.

    ``way`` is a digest of what was looked for.
    """

    offset: int
    size: int
    done: bool
    way: str


class ReadFiles:
    """The files that were read for one publisher in an open archive, by their names."""

    def __init__(self, archive: Archive, publisher: str) -> None:
        self.archive = archive
        self.publisher = publisher

    def find(self, name: str) -> ReadFile | None:
        """Return how far a file was read, None for one that was not begun."""
        with explained(self.archive.path):
            row = self.archive.db.execute(
                "SELECT closed, entries FROM lists WHERE publisher = ? AND url = ?", (self.publisher, name)
            ).fetchone()
        if row is None:
            return None
        said = json.loads(row[1])
        return ReadFile(int(said["offset"]), int(said["size"]), bool(row[0]), said["way"])

    def save(self, name: str, read: ReadFile, *, at: str) -> None:
        """Store how far a file was read. All of its pages up to there must be committed."""
        said = {"way": read.way, "offset": read.offset, "size": read.size}
        with explained(self.archive.path), self.archive.transaction() as db:
            db.execute(
                f"""INSERT INTO lists (publisher, url, read_at, closed, entries) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (publisher, {db.long_key("url")}) DO UPDATE SET read_at = excluded.read_at,
                       closed = excluded.closed, entries = excluded.entries""",
                (self.publisher, name, at, read.done, json.dumps(said, separators=(",", ":"))),
            )
