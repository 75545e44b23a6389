"""Audit an archive: whether the file is whole, whether its tables agree, and how its publishers fare.

A site that changes its markup seldom fails: its articles come, and one field is empty from that day on. So the fields
of the newest articles are compared with those of the articles before them.
"""

from __future__ import annotations

import shlex
import sqlite3
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from farscrawler.archive.audit.contents import GOES, TEXTS, VALUES, damaged_rows, unreadable_rows
from farscrawler.archive.audit.derived import faults
from farscrawler.archive.connection import explained
from farscrawler.archive.definitions import missing
from farscrawler.archive.schema import FILL_FIELDS, MIGRATIONS, has_value
from farscrawler.archive.sqlite.damage import damage_to
from farscrawler.archive.writing.transfer import unfinished
from farscrawler.errors import DamagedArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.archive.database import Database
    from farscrawler.archive.definitions import Migrations
    from farscrawler.archive.store import Archive
    from farscrawler.locations import Location


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, how often, and what to do about it.

    ``mendable``: `check --repair` makes it again of what is there.
    """

    what: str
    count: int
    advice: str
    mendable: bool = False


#: What `check --repair` is told to do, for what it can mend.
REPAIR = "`farscrawler check --repair` mends it"
#: What to do about damage to tables themselves.
RECOVER = (
    "`sqlite3 {path} .recover | sqlite3 new.db` copies what can still be read; then run `farscrawler check --repair "
    "--archive new.db`, which lists the articles that are damaged. Or put back a copy from before, and crawl again: "
    "only what is missing is fetched"
)
_RESTORE = "put back a copy of the archive from before, and crawl again: only what is missing is fetched"
_REPAIR_ARTICLES = "`farscrawler check --repair` marks them, and says how they are fetched again"
_REFETCH = "crawl these addresses again with --ids …; the article is stored anew"
_HARMLESS = "harmless; it is mended by the next crawl of these addresses"

#: What is wrong, a query that counts rows which must not exist, and the advice.
_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "articles without a visit in the ledger",
        """SELECT count(*) FROM articles a WHERE NOT EXISTS
           (SELECT 1 FROM visits v WHERE v.publisher = a.publisher AND v.key = a.article_id
            AND v.outcome = 'article')""",
        _HARMLESS,
    ),
    (
        "visits that stored an article which is not there",
        """SELECT count(*) FROM visits v WHERE v.outcome = 'article' AND NOT EXISTS
           (SELECT 1 FROM articles a WHERE a.publisher = v.publisher AND a.article_id = v.key)""",
        _REPAIR_ARTICLES,
    ),
    (
        "articles whose present revision is not in the order of storing",
        """SELECT count(*) FROM articles a WHERE NOT EXISTS
           (SELECT 1 FROM changes c WHERE c.publisher = a.publisher AND c.article_id = a.article_id
            AND c.revision = a.revision)""",
        "the table was written by another program; exports will lack these articles. " + _REFETCH,
    ),
    (
        "stored revisions that are neither present nor kept",
        """SELECT count(*) FROM changes c WHERE NOT EXISTS
           (SELECT 1 FROM articles a WHERE a.publisher = c.publisher AND a.article_id = c.article_id
            AND a.revision = c.revision)
           AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.publisher = c.publisher
            AND r.article_id = c.article_id AND r.revision = c.revision)""",
        _RESTORE,
    ),
    (
        "kept revisions of articles that are not there",
        """SELECT count(*) FROM revisions r WHERE NOT EXISTS
           (SELECT 1 FROM articles a WHERE a.publisher = r.publisher AND a.article_id = r.article_id
            AND a.revision > r.revision)""",
        _REFETCH,
    ),
    (
        "lines of exports that name no stored revision",
        """SELECT count(*) FROM export_lines l WHERE NOT EXISTS (SELECT 1 FROM changes c WHERE c.seq = l.seq)
           OR NOT EXISTS (SELECT 1 FROM exports e WHERE e.export = l.export)""",
        "write the export anew with -O",
    ),
)


def check(archive: Archive, tell: Callable[[str], None] | None = None) -> list[Problem]:
    """Return the damage and the disagreements that were found; an empty list means that all is well.

    ``tell`` is called now and then with what is being done; memory is bounded whatever the size of the archive.
    """
    found = file_problems(archive.db, archive.path, MIGRATIONS, _tell_of("the file", tell))
    if any(not problem.mendable for problem in found):
        return found
    found += content_problems(archive, tell)
    with suppress(DamagedArchiveError):  # a table that is not there: that was found above
        for what, query, advice in _RULES:
            with explained(archive.path):
                count = archive.db.execute(query).fetchone()[0]
            if count:
                found.append(Problem(what, count, advice, mendable=advice == _REPAIR_ARTICLES))
    return found + derived_problems(archive, tell)


def copy_problems(archive: Archive) -> list[Problem]:
    """Return that the archive is a part of a copy, where it is one: a copy that has not ended looks whole else."""
    with explained(archive.path):
        source = unfinished(archive.db)
    if source is None:
        return []
    advice = (
        f"give `farscrawler copy {shlex.quote(source)} {shlex.quote(str(archive.path))}` again, which goes on with it"
    )
    return [Problem("copy has not ended", 1, advice)]


def derived_problems(archive: Archive, tell: Callable[[str], None] | None = None) -> list[Problem]:
    """Return what is wrong with tables that are computed from the articles."""
    with explained(archive.path):
        return [
            Problem(
                f"faults of the {one.name}: {what}", 1, f"{REPAIR}: it goes, and {one.made_by} makes it again", True
            )
            for one, what in faults(archive.db, _tell_of("derived tables", tell))
        ]


def raise_if_damaged(archive: Archive, error: Exception) -> None:
    """Raise DamagedArchiveError where an archive is damaged, which then explains any ``error`` of its reader."""
    problems = check(archive)
    if problems:
        raise DamagedArchiveError(
            f"{archive.path}: the archive is damaged ({problems[0].what}). `farscrawler check` says what else is, and "
            "what to do."
        ) from error


def _tell_of(what: str, tell: Callable[[str], None] | None) -> Callable[[], None] | None:
    return None if tell is None else lambda: tell(what)


def file_problems(
    db: Database, path: Location, migrations: Migrations, tell: Callable[[], None] | None = None
) -> list[Problem]:
    """Return what is wrong with the file itself, and what it lacks of its tables, columns, indexes and triggers."""
    found: list[Problem] = []
    for one in damage_to(db, tell=tell):
        mendable = one.index is not None
        advice = REPAIR if mendable else RECOVER.format(path=path)
        found.append(Problem(f"damage to the file itself: {one.sentence}", 1, advice, mendable))
    if any(not problem.mendable for problem in found):
        return found
    try:
        # An older archive that is read as it is lacks what came later.
        lacking = missing(db, migrations[: db.version(len(migrations))])
    except sqlite3.DatabaseError as error:
        return [*found, Problem(f"damage to the file itself: {error}", 1, RECOVER.format(path=path))]
    for definition in lacking:
        mendable = definition.statement is not None
        found.append(Problem(definition.sentence, 1, REPAIR if mendable else _RESTORE, mendable))
    return found


def content_problems(archive: Archive, tell: Callable[[str], None] | None = None) -> list[Problem]:
    """Return what is wrong with the content of single rows."""
    found: list[Problem] = []
    with suppress(DamagedArchiveError):
        for table, kind in (("articles", "articles"), ("revisions", "superseded revisions")):
            count, first = 0, ""
            for _, publisher, key, what in damaged_rows(archive, table, _count_of(kind, tell)):
                count, first = count + 1, first or f"{publisher} {key} ({what})"
            if count and table == "articles":
                found.append(Problem(f"damaged {kind}, such as {first}", count, _REPAIR_ARTICLES, mendable=True))
            elif count:
                found.append(Problem(f"damaged {kind}, such as {first}", count, _RESTORE))
    for table in TEXTS:
        with suppress(DamagedArchiveError):
            if count := sum(1 for _ in unreadable_rows(archive, table)):
                goes = table in GOES
                advice = f"{REPAIR}: they go, and are asked again" if goes else _RESTORE
                found.append(Problem(f"rows of {table} with bytes that are no text", count, advice, mendable=goes))
    for table, rows, what, _ in VALUES:
        with suppress(DamagedArchiveError), explained(archive.path):
            count = archive.db.execute(f"SELECT count(*) FROM {table} WHERE {rows}").fetchone()[0]
            if count:
                found.append(Problem(what, count, REPAIR, mendable=True))
    return found


def _count_of(what: str, tell: Callable[[str], None] | None) -> Callable[[int], None] | None:
    return None if tell is None else lambda count: tell(f"{count:,} {what}")


def tally(archive: Archive) -> dict[str, dict[str, int]]:
    """Count articles, kept revisions and addresses by outcome, for each publisher."""
    counts: dict[str, dict[str, int]] = {}
    with explained(archive.path):
        for query in (
            "SELECT publisher, 'articles', count(*) FROM articles GROUP BY 1",
            "SELECT publisher, 'kept revisions', count(*) FROM revisions GROUP BY 1",
            "SELECT publisher, 'visits: ' || outcome, count(*) FROM visits GROUP BY 1, 2 ORDER BY 1, 2",
        ):
            for publisher, what, count in archive.db.execute(query):
                counts.setdefault(publisher, {})[what] = count
    return counts


#: The number of newest articles, by the order of storing, and of articles before them that they are compared with: a
#: day or two of a large site against a week or two, a month of a small one against a year.
NEWEST, BEFORE = 100, 1000
#: The fall of a share that counts as a drop. Between two samples of 100, chance alone makes a difference of 0.21 in
#: one of 400 cases (three standard errors, where the share is one half), and there are fifteen fields.
DROP = 0.25


@dataclass(slots=True)
class Health:
    """How one publisher fares.

    ``last_success`` is the end of the last run that stored or revisited articles (UTC). ``fill`` is the share of the
    newest articles that have a field, ``before`` the share of the articles before them, where there are enough of both.
    """

    articles: int = 0
    last_success: str | None = None
    fill: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)

    @property
    def drops(self) -> dict[str, tuple[float, float]]:
        """The fields whose share has fallen by DROP or more, each with its share before and now."""
        pairs = {name: (share, self.fill[name]) for name, share in self.before.items()}
        return {name: (old, new) for name, (old, new) in pairs.items() if old - new >= DROP}


def health(archive: Archive) -> dict[str, Health]:
    """Return how every publisher of an archive fares; a publisher that was never crawled is left out."""
    found: dict[str, Health] = defaultdict(Health)
    with explained(archive.path):
        for publisher, count in archive.db.execute("SELECT publisher, count(*) FROM articles GROUP BY 1"):
            found[publisher].articles = count
        for publisher, at in archive.db.execute(
            """SELECT publisher, max(CASE WHEN json_extract(counts, '$.article') > 0 THEN ended_at END)
               FROM runs GROUP BY 1"""
        ):
            found[publisher].last_success = at
        shares = ", ".join(f"avg({has_value(f'a.{name}')})" for name in FILL_FIELDS)
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
