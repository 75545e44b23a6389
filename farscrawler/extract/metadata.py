"""Metadata: what a page says of its article to machines, in metas, JSON-LD and microdata, and its own addresses.

Neither the text nor the author of JSON-LD is read unasked: the text is often the lead alone, and the author the agency;
both were seen so on saved pages of two systems.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from farscrawler.extract.captured import capture_of, site_address
from farscrawler.extract.css import Index, ancestors
from farscrawler.extract.document import parse
from farscrawler.extract.time_rules import TimeCandidate
from farscrawler.persian import fold_label
from farscrawler.strings import clean, fold_blanks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lxml.etree import _Element as Element


_ARTICLE_NAMES = """
    article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle
    reviewnewsarticle medianewsarticle blogposting liveblogposting report techarticle
"""
_ARTICLES = frozenset(_ARTICLE_NAMES.split())
_LIVE_BLOG = frozenset({"liveblogposting"})
_ENTRY = frozenset({"blogposting"})
# What may speak for an article where no article is: a film's or book's time of publication is its own.
_PAGES = frozenset({"webpage", "itempage", "aboutpage", "creativework", "videoobject", "socialmediaposting"})
#: What holds articles that are not this page's: lists of others, comments, and what an article refers to.
OTHERS = frozenset(
    {
        *("itemListElement", "comment", "comments", "citation", "isBasedOn", "relatedLink", "publisher"),
        *("liveBlogUpdate", "mentions"),  # the updates of a live blog have times of their own
    }
)
_MAX_DEPTH = 8  # @graph in an array in an object; no page was seen with more than four
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*$",
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_KEYED = re.compile(r'"(headline|headLine|datePublished|dateModified|articleSection)"\s*:\s*"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class JsonLd:
    """What a script says of the page's article; each as written, None where it says nothing."""

    headline: str | None = None
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    body: str | None = None


def read_jsonld(
    scripts: Iterable[str],
    headline: str | None,
    article_id: str | None,
    id_of: Callable[[str], str | None] = lambda _: None,
) -> JsonLd | None:
    """Return what JSON-LD says of the one article of a page, None where it says nothing, or not of which of several.

    ``headline`` as printed and ``article_id`` tell the page's own among several; one whose address is that of another
    article (by ``id_of``) and whose headline is not the printed one is none of it. Arrays, ``@graph``, several scripts,
    control characters, comments around and commas too many are read; of a script that is no JSON all the same, only
    what it says once.
    """
    nodes: list[dict[str, Any]] = []
    for script in scripts:
        if "datePublished" not in script and "headline" not in script.lower():
            continue
        nodes += _nodes(_loaded(script))
    nodes = [node for node in nodes if not _is_of_another(node, headline, article_id, id_of)]
    node = _own(nodes, headline, article_id)
    if node is None:
        return None
    keywords = node.get("keywords")
    words = keywords if isinstance(keywords, list) else [keywords]
    return JsonLd(
        headline=_text(node.get("headline")) or _text(node.get("headLine")) or None,
        published=_text(node.get("datePublished")) or None,
        modified=_text(node.get("dateModified")) or None,
        section=_text(node.get("articleSection")) or None,
        keywords=tuple(filter(None, map(_text, words))),
        body=_text(node.get("articleBody"), lines=True) or None,
    )


def _loaded(script: str) -> object:
    text = _WRAPPING.sub("", script).strip().rstrip(";")
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    # No JSON, mostly for a quote in a headline. What it says once it can only say of one article.
    found: dict[str, set[str]] = {}
    for key, value in _KEYED.findall(text):
        found.setdefault(key, set()).add(value)
    return {"@type": "Article", **{key: values.pop() for key, values in found.items() if len(values) == 1}}


def _nodes(value: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _nodes(one, depth + 1)
    elif isinstance(value, dict):
        if "datePublished" in value or _is_article(value):
            yield value
        for key, inner in value.items():
            if key not in OTHERS and isinstance(inner, (list, dict)):
                yield from _nodes(inner, depth + 1)


def _is_article(node: dict[str, Any]) -> bool:
    return _is_of(node, _ARTICLES)


def _is_of(node: dict[str, Any], wanted: frozenset[str]) -> bool:
    kinds = node.get("@type")
    names = (str(kind).lower().rpartition("/")[2] for kind in (kinds if isinstance(kinds, list) else [kinds]))
    return any(name in wanted for name in names)


def _own(nodes: list[dict[str, Any]], headline: str | None, article_id: str | None) -> dict[str, Any] | None:
    """Return the page's own article; pages and works of other kinds only where no article is."""
    pages = [node for node in nodes if _is_of(node, _PAGES) or "@type" not in node]
    articles = [node for node in nodes if _is_article(node)] or pages
    blogs = [one for one in articles if _is_of(one, _LIVE_BLOG)]
    if len(blogs) == 1 and all(_is_of(one, _ENTRY) for one in articles if one is not blogs[0]):
        return blogs[0]  # the others are its entries
    if len(articles) > 1 and headline is not None:
        printed = fold_label(headline)
        same = [one for one in articles if fold_label(_text(one.get("headline") or one.get("headLine"))) == printed]
        articles = same or articles
    if len(articles) > 1 and article_id is not None:
        same = [one for one in articles if article_id in _numbers(one)]
        articles = same or articles
    if len({_text(one.get("datePublished")) for one in articles}) > 1:
        return None
    return articles[0] if articles else None


def _is_of_another(
    node: dict[str, Any], headline: str | None, article_id: str | None, id_of: Callable[[str], str | None]
) -> bool:
    """Whether an article says by address and headline that it is another one, as one of a list beside the text."""
    said = fold_label(_text(node.get("headline") or node.get("headLine")))
    if headline is None or article_id is None or not said or said == fold_label(headline):
        return False
    ids = {found for address in _addresses(node) if (found := id_of(address)) is not None}
    return bool(ids) and article_id not in ids


def _addresses(node: dict[str, Any]) -> list[str]:
    page = node.get("mainEntityOfPage")
    return [
        _text(one) for one in (node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page)
    ]


def _numbers(node: dict[str, Any]) -> set[str]:
    return {number for address in _addresses(node) for number in re.findall(r"\d+", address)}


def _text(value: object, *, lines: bool = False) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, str):
        return ""
    return "\n".join(map(clean, value.strip().splitlines())) if lines else clean(value)


# In order of trust. Not ``date``, which Nastooh fills with the moment the page was rendered.
_PUBLISHED = (
    *("article:published_time", "article:published", "og:published_time", "datepublished"),
    *("dcterms.created", "dcterms.issued", "dc.date.issued", "pubdate", "publish-date", "parsely-pub-date"),
)
_OG_ARTICLE = "og:article:"
_MODIFIED = ("article:modified_time", "article:modified", "og:updated_time", "datemodified", "dcterms.modified")
RENDER_TIME = "date"
# Values of microdata stand in these, where they do not stand in the text.
_VALUES = ("content", "datetime")


# What costs a page another walk: words without which it comes out of no web archive.
_WEB_ARCHIVE = re.compile(r"/web/\d{4,14}|//archive\.\w{2,5}/")


class Machine:
    """The machine-readable side of one page."""

    __slots__ = ("_around_headline", "_index", "_jsonld", "_teasers", "metas")

    def __init__(self, index: Index, headline: Element | None = None) -> None:
        self._index = index
        self._around_headline = set() if headline is None else {headline, *ancestors(headline)}
        self._teasers: dict[Element, bool] = {}
        self._jsonld: JsonLd | None = None
        self.metas: dict[str, list[str]] = {}
        for meta in index.tagged("meta"):
            content = meta.get("content")
            name = meta.get("property") or meta.get("name") or meta.get("itemprop")
            if content and name and not content.isspace() and not self._is_of_another(meta):
                # `og:article:published_time` is a common mistake for the name without `og:`.
                key = name.lower().strip()
                self.metas.setdefault(key.removeprefix("og:") if key.startswith(_OG_ARTICLE) else key, []).append(
                    fold_blanks(content)
                )

    def meta(self, name: str) -> str | None:
        """Return the first value of a meta."""
        return next(iter(self.metas.get(name, ())), None)

    def read_jsonld(self, headline: str | None, article_id: str | None, id_of: Callable[[str], str | None]) -> JsonLd:
        """Read the scripts of JSON-LD, once; an empty one where they say nothing of this article."""
        if self._jsonld is None:
            scripts = (one.text or "" for one in self._index.tagged("script") if is_jsonld(one))
            self._jsonld = read_jsonld(scripts, headline, article_id, id_of) or JsonLd()
        return self._jsonld

    def published(self, said: JsonLd) -> Iterator[TimeCandidate]:
        """Yield the times of publication, in order of trust."""
        if said.published:
            yield TimeCandidate("json-ld datePublished", said.published, machine=True)
        yield from self._metas(_PUBLISHED)
        yield from self._microdata("datePublished")

    def modified(self, said: JsonLd) -> Iterator[TimeCandidate]:
        """Yield the times of the last change, in order of trust."""
        if said.modified:
            yield TimeCandidate("json-ld dateModified", said.modified, machine=True)
        yield from self._metas(_MODIFIED)
        yield from self._microdata("dateModified")

    def _metas(self, names: tuple[str, ...]) -> Iterator[TimeCandidate]:
        for name in names:
            value = self.meta(name)
            if value:
                yield TimeCandidate(f"meta {name}", value, machine=True)

    def _microdata(self, name: str) -> Iterator[TimeCandidate]:
        for element in self._index.attributed("itemprop"):
            if element.tag == "meta" or name not in (element.get("itemprop") or "").split():
                continue
            if not in_comment(element) and not self._is_of_another(element):
                value = next(filter(None, map(element.get, _VALUES)), None)
                if value:
                    yield TimeCandidate(f"itemprop {name}", fold_blanks(value), machine=True)
                return

    def _is_of_another(self, element: Element) -> bool:
        """Whether microdata stand in a thing that is none of the headline's, and leads elsewhere: a teaser."""
        if not self._around_headline or not element.get("itemprop"):
            return False
        thing = next((one for one in ancestors(element) if one.get("itemscope") is not None), None)
        if thing is None or thing in self._around_headline:
            return False
        if thing not in self._teasers:
            role = (thing.get("itemprop") or "").split()
            self._teasers[thing] = not OTHERS.isdisjoint(role) or next(thing.iter("a"), None) is not None
        return self._teasers[thing]


def is_jsonld(script: Element) -> bool:
    """Whether a script is JSON-LD by its type, in any case: `application/ld+json`."""
    return "ld+json" in script.get("type", "").lower()


def own_addresses(index: Index) -> Iterator[tuple[str, str]]:
    """Yield the addresses that a page says are its own, as written, each with its place.

    Every ``<link rel=canonical>`` comes first, in the order of the document, and then every ``og:url``: a page that
    shares an address of its mobile or AMP form under og:url still names the canonical one in the link. ``canonical``
    is one of the words of ``rel``; ``og:url`` is a ``property`` or a ``name``; both are read in any case. Of a page out
    of a web archive they are the site's own addresses, that of its ``<base>`` last.
    """
    for where, address in _written_addresses(index):
        yield where, site_address(address)


def captured_at(index: Index) -> str | None:
    """Return when a page was captured that comes out of a web archive, ISO 8601 in UTC; None for any other page."""
    captures = (capture_of(address) for _, address in _written_addresses(index))
    return next((one.at for one in captures if one is not None and one.at is not None), None)


def captured_in(text: str) -> str | None:
    """Return when the page of a source was captured, as ``captured_at`` does."""
    if not _WEB_ARCHIVE.search(text):
        return None
    root, _ = parse(text.encode("utf-8", "replace"))
    return captured_at(Index(root)) if root is not None else None


def _written_addresses(index: Index) -> Iterator[tuple[str, str]]:
    links = (one.get("href") for one in index.tagged("link") if "canonical" in (one.get("rel") or "").lower().split())
    metas = (
        one.get("content")
        for one in index.tagged("meta")
        if "og:url" in ((one.get(key) or "").strip().lower() for key in ("property", "name"))
    )
    for where, written in (("link canonical", links), ("meta og:url", metas)):
        yield from ((where, address) for one in written if (address := (one or "").strip()))
    bases = ((one.get("href") or "").strip() for one in index.tagged("base"))
    captured = (one for one in bases if capture_of(one) is not None)
    yield from (("base", address) for address in islice(captured, 1))


def in_comment(element: Element) -> bool:
    """Whether an element stands among the comments of readers, which have times of their own."""
    return any(
        "comment" in f"{parent.get('class')} {parent.get('id')}".lower()
        for parent in element.iterancestors()
        if parent.tag not in ("body", "html", "article", "main")  # WordPress says there whether comments are open
    )
