"""Pages of the replica and of the fixtures, and the articles on them, without a server or a crawl around."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.crawls import replica_of
from farscrawler import publishers
from farscrawler.extract import NoArticle, read_article
from farscrawler.testing.newsroom.site import Site
from tests.support.cases import cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.items import Article

_FETCHED = "2026-01-01T00:00:00+00:00"  # after every article of the replica


@dataclass(frozen=True, slots=True)
class Sample:
    """One page as it is fetched."""

    publisher: str
    form: str
    article_id: str
    body: bytes


@cache
def pages(form: str, number: int) -> tuple[Sample, ...]:
    """Return so many pages of the replica in one form, article pages in skin A."""
    newsroom = replica_of(4 * number)  # each story wears one of three skins
    site, publisher = Site(newsroom), publishers.load("farsonline")
    found: list[Sample] = []
    for article_id in newsroom.ids():
        story = newsroom.story(article_id)
        if len(found) < number and story is not None and (form == "print" or story.skin == "A"):
            target = publisher.url_for(str(article_id), form).removeprefix(publisher.base_url)
            found.append(Sample(publisher.key, form, str(article_id), site.respond(target, {}).body))
    if len(found) < number:
        raise RuntimeError(f"only {len(found)} of {number} {form} pages were found")
    return tuple(found)


@cache
def of_families() -> dict[str, tuple[Sample, ...]]:
    """Return the fixtures that are as heavy as real pages (30 to 120 KB), by the family whose markup they have."""
    found: dict[str, list[Sample]] = {}
    for case in cases():
        if "weight" in case.expected and case.family is not None and case.publisher.key in publishers.names():
            sample = Sample(case.publisher.key, case.expected["form"], case.expected["article_id"], case.body)
            found.setdefault(case.family, []).append(sample)
    return {family: tuple(samples) for family, samples in sorted(found.items())}


def read(sample: Sample) -> Article:
    """Read a page into its article, all that a crawl does between fetching and storing."""
    publisher = publishers.load(sample.publisher)
    found = read_article(
        sample.body,
        publisher=publisher,
        form=sample.form,
        url=publisher.url_for(sample.article_id, sample.form),
        article_id=sample.article_id,
        content_type="text/html; charset=utf-8",
        fetched_at=_FETCHED,
        stored_url=publisher.canonical_url(sample.article_id),
    )
    if isinstance(found, NoArticle):
        raise TypeError(f"{sample.publisher} {sample.article_id}: {found.text}")
    return found


def mean_size(samples: Sequence[Sample]) -> float:
    """Return the mean size of pages in bytes."""
    return sum(len(sample.body) for sample in samples) / len(samples)
