"""Records of the archive: the outcomes of a visit, the visit itself, and the time of publication."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from farscrawler.printing import printable

Outcome = Literal["article", "missing", "not-article", "blocked", "failed", "skipped"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

#: Outcomes after which an address is done; after every other one it stays pending. An address that robots.txt forbids
#: (``skipped``) is visited again, since rules change and the visit costs one request for robots.txt.
FINAL: frozenset[Outcome] = frozenset({"article", "missing", "not-article"})

#: Outcomes that other rules may turn into an article.
REASKED: tuple[Outcome, ...] = ("not-article", "missing")


@dataclass(kw_only=True, slots=True)
class Visit:
    """One visit of an address. ``key`` is the article id, or the address where no id is known.

    ``tries`` counts the requests of this visit; ``form`` is the page form that was read in the end;
    ``provisional`` marks a missing id so near the newest one that an article may yet appear there;
    ``corrects`` is the outcome that this one takes back within the same run, for the counts;
    ``etag`` and ``last_modified`` are the validators of that form; ``at`` is UTC, ISO 8601; ``source`` is the address
    of a capture in a web archive or the saved file that the page came from, None for the site itself, and
    ``source_at`` its time (UTC); ``rules`` is the digest of the rules by which the page was read, None where none was;
    ``page_kept`` says that a page was kept with it, before it was committed, or with False that none is kept any more;
    ``replaces_refused`` marks the failed visit that is written where SQLite refused another row.
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
    rules: str | None = None
    page_kept: bool | None = None
    replaces_refused: bool = False

    def __post_init__(self) -> None:
        if self.reason is not None:  # the ledger is printed, and read by others
            self.reason = printable(self.reason)


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Which settled addresses without an article a crawl asks again.

    ``rules`` is the digest of today's rules: what was not-article, or missing for the reason ``template``, under other
    rules is asked once more. ``outcomes`` are asked again whatever their rules.
    """

    rules: str | None = None
    template: str = ""
    outcomes: frozenset[Outcome] = frozenset()

    def has_other_rules(self, rules: str | None) -> bool:
        """Whether a page was read by other rules than today's; of one that names none nobody knows."""
        return rules is not None and self.rules is not None and rules != self.rules

    def includes(self, outcome: Outcome, reason: str | None, rules: str | None) -> bool:
        """Whether a settled address is asked again."""
        if outcome not in REASKED:
            return False
        if outcome in self.outcomes:
            return True
        by_rules = outcome == "not-article" or (reason is not None and reason == self.template)
        return by_rules and self.has_other_rules(rules)


def page_hash(body: bytes) -> str:
    """Return the digest of a page's body by which a later visit sees that the page is the same."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class PublicationTime(NamedTuple):
    """When a stored article was published, in the fields of the article."""

    published_at: str | None
    published_jalali: str | None
    published_precision: str | None
