"""Parse the pages that crawls have kept, a part at a time, for `reparse`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from scrapy.settings import Settings

from farscrawler import publishers
from farscrawler.archive.kept.pages import DamagedPage, KeptPages
from farscrawler.extract import NoArticle, read_page
from farscrawler.extract.article import fill, flaw
from farscrawler.items import Article
from farscrawler.saved.reading import Batch, ParsedPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.archive.kept.pages import KeptPage, Part
    from farscrawler.locations import Location
    from farscrawler.publishers import Publisher
    from farscrawler.saved.url_filter import UrlFilter

#: Addresses of a part: their pages are read in half a second, and their articles fit into a few megabytes.
PART_KEYS = 64


@dataclass(frozen=True, slots=True)
class KeptSegment:
    """A part of the kept pages in a file; ``stanzas`` is the setting PUBLISHERS, ``size`` the pages' bytes."""

    path: Location
    part: Part
    stanzas: str

    @property
    def size(self) -> int:
        """The bytes of the pages."""
        return self.part.size


def kept_segments(pages: KeptPages, publisher: str, *, stanzas: str) -> Iterator[KeptSegment]:
    """Yield the segments of a publisher's kept pages."""
    for part in pages.parts(publisher, keys=PART_KEYS):
        yield KeptSegment(pages.path, part, stanzas)


def parse_kept_segment(segment: KeptSegment, url_filter: UrlFilter) -> Batch:
    """Parse the pages of a segment; a damaged one is a complaint."""
    batch = Batch(segment.size)
    with KeptPages(segment.path) as pages:
        for page in pages.read(segment.part):
            if isinstance(page, DamagedPage):
                batch.complaints.append(f"{page.sentence}; it was left out.")
            else:
                batch.pages.append(parse_kept(page, url_filter.publisher, segment.stanzas))
    return batch


def parse_kept(page: KeptPage, publisher: Publisher, stanzas: str) -> ParsedPage:
    """Parse a kept page as the crawl did that kept it, by today's rules. Never raise, on any bytes."""
    nothing = ParsedPage(
        key=page.key,
        form=page.form,
        at=page.fetched_at,
        source=page.source,
        status=page.status,
        article=None,
        page_hash=page.digest,
        etag=page.etag,
        last_modified=page.last_modified,
    )
    catalogue = publishers.of(_settings(stanzas))
    reader, form, article_id = catalogue.reader(publisher, page.key, page.form, page.url)
    read = read_page(
        page.body, publisher=reader, form=form, url=page.url, article_id=article_id, content_type=page.content_type
    )
    if isinstance(read, NoArticle):
        return replace(nothing, outcome=read.outcome, reason=read.text)
    article = Article(publisher=publisher.key, article_id=page.key, url=page.url, fetched_at=page.fetched_at)
    fill(article, read)
    problem = flaw(article)
    if problem is not None:
        return replace(nothing, outcome="not-article", reason=problem)
    return replace(nothing, outcome="article", article=article)


@cache
def _settings(stanzas: str) -> Settings:
    return Settings({"PUBLISHERS": stanzas})
