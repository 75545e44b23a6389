"""How the publishers of an archive fare: when each was last crawled with success, and which fields are still filled.

A site that changes its markup seldom fails: its articles come, and one field is empty from that day on. So the newest
articles are held against those before them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.archive.connection import explained
from farscrawler.archive.schema import REQUIRED
from farscrawler.items import FIELD_NAMES

if TYPE_CHECKING:
    from farscrawler.archive.store import Archive

#: Fields that an article may lack, and the text, which a page of pictures has none of. ``warnings`` is full where
#: something is wrong, and the precision says nothing that the timestamp does not.
FILL_FIELDS: tuple[str, ...] = tuple(
    name for name in FIELD_NAMES if name == "body" or name not in {*REQUIRED, "warnings", "published_precision"}
)
#: So many articles, by the order of storing, are the newest, and so many before them are what they are held against:
#: a day or two of a large site against a week or two, a month against a year of a small one.
NEWEST, BEFORE = 100, 1000
#: A share that falls by this much is a drop. Between two samples of 100 chance alone makes a difference of 0.21 once in
#: 400 times (three standard errors, where the share is one half), and there are fifteen fields.
DROP = 0.25


@dataclass(slots=True)
class Health:
    """How one publisher fares.

    ``last_success`` is the end of the last run that brought or met articles (UTC). ``fill`` is the share of the newest
    articles that have a field, ``before`` that of the ones before them, where there are enough of both.
    """

    articles: int = 0
    last_success: str | None = None
    fill: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)

    @property
    def drops(self) -> dict[str, tuple[float, float]]:
        """The fields whose share has fallen by DROP or more: from which share to which."""
        pairs = {name: (share, self.fill[name]) for name, share in self.before.items()}
        return {name: (old, new) for name, (old, new) in pairs.items() if old - new >= DROP}


def health(archive: Archive) -> dict[str, Health]:
    """Look at every publisher of an archive; one that was never crawled is not among them."""
    found: dict[str, Health] = defaultdict(Health)
    with explained(archive.path):
        for publisher, count in archive.db.execute("SELECT publisher, count(*) FROM articles GROUP BY 1"):
            found[publisher].articles = count
        for publisher, at in archive.db.execute(
            """SELECT publisher, max(CASE WHEN json_extract(counts, '$.article') > 0 THEN ended_at END)
               FROM runs GROUP BY 1"""
        ):
            found[publisher].last_success = at
        shares = ", ".join(f"avg(a.{name} IS NOT NULL AND a.{name} NOT IN ('', '[]'))" for name in FILL_FIELDS)
        rows = archive.db.execute(
            f"""WITH placed AS (
                    SELECT publisher, article_id, row_number() OVER (PARTITION BY publisher ORDER BY seq DESC) AS place
                    FROM changes WHERE revision = 1)
                SELECT a.publisher, p.place <= ?1, count(*), {shares}
                FROM placed p JOIN articles a ON a.publisher = p.publisher AND a.article_id = p.article_id
                WHERE p.place <= ?2 GROUP BY 1, 2""",
            (NEWEST, NEWEST + BEFORE),
        )
        for publisher, newest, count, *values in rows:
            named = dict(zip(FILL_FIELDS, values, strict=True))
            if newest:
                found[publisher].fill = named
            elif count >= NEWEST:
                found[publisher].before = named
    return dict(found)
