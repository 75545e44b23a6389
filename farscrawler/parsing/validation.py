"""What holds of every article: its hash, and the warnings that the finished fields themselves call for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from farscrawler.items import FIELD_NAMES
from farscrawler.parsing.body import NO_BODY

if TYPE_CHECKING:
    from farscrawler.items import Article

# How an article was come by, not what it says; and the notes of the reader, which may learn to say more.
_NOT_HASHED = frozenset({"url", "fetched_at", "content_hash", "revision", "warnings"})
HASHED_FIELDS = tuple(name for name in FIELD_NAMES if name not in _NOT_HASHED)


def content_hash(article: Article) -> str:
    """Return the SHA-256 (64 hex digits) of the parsed fields in the order of the schema, as compact JSON."""
    values: list[Any] = [getattr(article, name) for name in HASHED_FIELDS]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def problems(article: Article) -> list[str]:
    """Return the warnings that an otherwise finished article needs."""
    return [] if article.body else [NO_BODY]


def flaw(article: Article) -> str | None:
    """Return why an article cannot be stored at all, or None.

    Without a key it has no place, and without a headline it is no article. One without a body is stored, with a
    warning: photo and video stories have none.
    """
    if not article.publisher or not article.article_id:
        return "no key"
    return None if article.headline else "no headline"
