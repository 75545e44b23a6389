"""JSON-LD: what a page says of its article to machines, but for the text and the author, which are seldom true.

The text is often the lead alone, and the author the agency; both were seen so on saved pages of two systems.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.persian import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ARTICLE_NAMES = """
    article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle
    reviewnewsarticle medianewsarticle blogposting liveblogposting report techarticle
"""
_ARTICLES = frozenset(_ARTICLE_NAMES.split())
# What may speak for an article where no article is: a film's or book's time of publication is its own.
_PAGES = frozenset({"webpage", "itempage", "aboutpage", "creativework", "videoobject", "socialmediaposting"})
# What holds articles that are not this page's: lists of others, comments, and what an article refers to.
_OTHERS = frozenset({"itemListElement", "comment", "comments", "citation", "isBasedOn", "relatedLink", "publisher"})
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


def read(
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
        body=_text(node.get("articleBody")) or None,
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
            if key not in _OTHERS and isinstance(inner, (list, dict)):
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
    if len(articles) > 1 and headline is not None:
        printed = comparable(headline)
        same = [one for one in articles if comparable(_text(one.get("headline") or one.get("headLine"))) == printed]
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
    said = comparable(_text(node.get("headline") or node.get("headLine")))
    if headline is None or article_id is None or not said or said == comparable(headline):
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


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return value.strip() if isinstance(value, str) else ""
