"""Records of the archive: the outcomes of a visit, the visit itself, and the time of publication."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

Outcome = Literal["article", "missing", "not-article", "blocked", "failed", "skipped"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

#: Outcomes after which an address is done; after every other one it stays pending. An address that robots.txt forbids
#: (``skipped``) is visited again, since rules change and the visit costs one request for robots.txt.
FINAL: frozenset[Outcome] = frozenset({"article", "missing", "not-article"})


@dataclass(kw_only=True, slots=True)
class Visit:
    """One visit of an address. ``key`` is the article id, or the address where no id is known.

    ``tries`` counts the requests of this visit; ``form`` is the page form that was read in the end;
    ``provisional`` marks a missing id so near the newest one that an article may yet appear there;
    ``corrects`` is the outcome that this one takes back within the same run, for the counts;
    ``etag`` and ``last_modified`` are the validators of that form; ``at`` is UTC, ISO 8601; ``source`` is the address
    of a capture in a web archive or the saved file that the page came from, None for the site itself, and
    ``source_at`` its time (UTC).
    """

    publisher: str
    key: str
    url: str
    outcome: Outcome
    at: str
    reason: str | None = None
    status: int | None = None
    tries: int = 1
    form: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    page_hash: str | None = None
    provisional: bool = False
    corrects: Outcome | None = None
    source: str | None = None
    source_at: str | None = None


def page_hash(body: bytes) -> str:
    """Return the digest of a page's body by which a later visit sees that the page is the same."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class PublicationTime(NamedTuple):
    """When a stored article was published, in the fields of the article."""

    published_at: str | None
    published_jalali: str | None
    published_precision: str | None
