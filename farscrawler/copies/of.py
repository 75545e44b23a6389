"""The articles that are the same text as one, with how alike they are and when they were printed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.archive.copies import comparison as stored
from farscrawler.archive.copies.tables import check_made
from farscrawler.copies.compare import compare
from farscrawler.copies.moments import first_of, lag
from farscrawler.copies.report import naming_of
from farscrawler.copies.shingles import Text

if TYPE_CHECKING:
    from farscrawler.archive import Archive
    from farscrawler.archive.copies.comparison import Member
    from farscrawler.copies.agencies import Names
    from farscrawler.copies.report import Naming
    from farscrawler.items import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One article of a group.

    ``similarity`` and ``containment`` are those between it and the article that was asked for, 1 for that one itself.
    ``is_first``: its publisher printed the text first, for certain. ``after`` is the seconds since the first article,
    None where they are not known. ``names`` says what it names as its source, None where the first one is not known.
    """

    article: Article
    similarity: float
    containment: float
    is_first: bool
    after: int | None
    names: Naming | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The articles that are the same text as one, by time, and that one among them.

    ``doubt`` says why the first one is not known, None where it is. ``bulletins`` counts the articles with the words of
    the one that was asked for and other numbers. ``compared``: it is long enough and has a known day.
    """

    copies: list[Copy]
    doubt: str | None
    bulletins: int
    compared: bool


def copies_of(archive: Archive, publisher: str, article_id: str, *, names: Names) -> Group | None:
    """Return the group of an article; None where the archive holds none of this key, or it was not read yet.

    Raise ArchiveError where the articles were not compared yet.
    """
    check_made(archive)
    found = stored.doc_of(archive, publisher, article_id)
    own = archive.article(publisher, article_id)
    if found is None or own is None:
        return None
    doc, root, compared = found
    bulletins = stored.bulletins_of(archive, doc)
    members = next(stored.groups(archive, root), []) if root is not None else []
    first = first_of(members) if members else 0
    source = members[first] if members and isinstance(first, int) else None
    text = Text.of(stored.text_of(own))
    copies = [_copy(archive, text, member, source, names) for member in sorted(members, key=_by_time)]
    return Group(
        copies=[one for one in copies if one is not None],
        doubt=first if isinstance(first, str) else None,
        bulletins=bulletins,
        compared=compared,
    )


def _by_time(member: Member) -> tuple[int, int, int]:
    return member.earliest, member.latest, member.doc


def _copy(archive: Archive, text: Text, member: Member, source: Member | None, names: Names) -> Copy | None:
    article = archive.article(member.publisher, member.article_id)
    if article is None:
        return None
    likeness = compare(text, Text.of(stored.text_of(article)))
    naming = None
    if source is not None and member.publisher != source.publisher:
        phrases = json.loads(member.named)
        naming = naming_of(source.publisher, member.publisher, named=bool(phrases), owners=names.owners(phrases))
    return Copy(
        article=article,
        similarity=round(likeness.similarity, 4),
        containment=round(likeness.containment, 4),
        is_first=source is not None and member.doc == source.doc,
        after=lag(source, member) if source is not None and member.doc != source.doc else None,
        names=naming,
    )
