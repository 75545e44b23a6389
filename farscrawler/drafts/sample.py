"""A page of a site as the general rules read it, with the elements that hold its fields."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from farscrawler.extract import Evidence, NoArticle, read_article
from farscrawler.extract.css import Index
from farscrawler.extract.document import indexed
from farscrawler.extract.lines import block_lines, inline_text, label_text
from farscrawler.publishers.form import Rules
from farscrawler.publishers.model import ANY_SITE, Publisher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.etree import _Element as Element

    from farscrawler.items import Article

#: The fields that selectors are looked for, in the order of a stanza, each with the field of an article that it is of.
FIELDS = MappingProxyType(
    {
        "kicker": "kicker",
        "headline": "headline",
        "lead": "lead",
        "body": "body",
        "published": "published_at",
        "section": "section",
        "tags": "tags",
        "authors": "authors",
    }
)


class _UnknownSite(Publisher):
    """A site whose form of addresses is not known yet: whatever it shows at an address is the article there."""

    __slots__ = ()

    def article_id(self, url: str) -> str | None:
        return "page" if self.owns(url) else None

    def form_of(self, url: str) -> str | None:
        return "article" if self.owns(url) else None


@dataclass(frozen=True, eq=False)
class Sample:
    """One page: ``article`` is what the general rules read of it, ``elements`` where they found it, by field."""

    url: str
    body: bytes
    content_type: str | None
    index: Index
    text: str
    article: Article
    elements: MappingProxyType[str, tuple[Element, ...]]

    def texts(self, field: str) -> tuple[str, ...]:
        """Return the texts of the elements of a field, those of the body without its pictures' captions."""
        return texts_of(field, self.elements.get(field, ()))


def texts_of(field: str, elements: Iterable[Element]) -> tuple[str, ...]:
    """Return the texts of elements as one field holds them against those of others."""
    if field == "body":
        return tuple(line for one in elements for line in block_lines(one).texts if line)
    return tuple(filter(None, (inline_text(one) for one in elements)))


def sample_of(url: str, body: bytes, content_type: str | None, site: Publisher) -> Sample | NoArticle:
    """Read a page by the general rules; ``site`` says whose it is. Never raises, on any bytes."""
    return sample_by(_general(site), url, body, content_type)


def sample_by(reader: Publisher, url: str, body: bytes, content_type: str | None) -> Sample | NoArticle:
    """Read a page by the rules of a publisher, such as a drafted one. Never raises, on any bytes."""
    evidence = Evidence()
    article = read_article(body, publisher=reader, url=url, content_type=content_type, evidence=evidence)
    if isinstance(article, NoArticle):
        return article
    text, _ = indexed(body, content_type)
    first = next((one for found in evidence.elements.values() for one in found), None)
    index = Index(first.getroottree().getroot()) if first is not None else indexed(body, content_type)[1]
    assert index is not None  # noqa: S101  # an article was read from it
    return Sample(url, body, content_type, index, text, article, MappingProxyType(evidence.elements))


def shared_lines(samples: Sequence[Sample]) -> frozenset[str]:
    """Return the lines that stand on more than one page: those of the site, and of no article."""
    seen: set[str] = set()
    shared: set[str] = set()
    for sample in samples:
        own = {line for line in block_lines(sample.index.root).texts if line} | set(sample.article.body.split("\n"))
        shared |= own & seen
        seen |= own
    return frozenset(shared)


def links_of(index: Index, url: str) -> list[tuple[str, str]]:
    """Return (absolute address, text) of every link of a page, in its order, each address once."""
    found: dict[str, str] = {}
    for anchor in index.tagged("a"):
        href = (anchor.get("href") or "").strip()
        try:
            address = urljoin(url, href).partition("#")[0] if href else ""
            parts = urlsplit(address)
        except ValueError:  # a bracketed host that is no address
            continue
        if parts.scheme in ("http", "https") and address.isprintable():
            found.setdefault(address, label_text(anchor))
    return [*found.items()]


def on_hosts(links: Sequence[tuple[str, str]], hosts: Sequence[str]) -> list[tuple[str, str]]:
    """Return the links that lead to one of some hosts."""
    return [(url, text) for url, text in links if (urlsplit(url).hostname or "") in hosts]


def _general(site: Publisher) -> Publisher:
    """Return a site as one of no known system."""
    values = {one.name: getattr(site, one.name) for one in fields(Publisher)}
    values |= {"family": ANY_SITE.family, "selectors": MappingProxyType({}), "rules": Rules(undated=True), "eras": ()}
    return _UnknownSite(**values)
