"""What a user names on the command line: a publisher of the catalogue or of the archive, and an article of it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.archive.reading.lookup import archived_publishers, id_at, is_archived, last_visit, publishers_with
from farscrawler.archive.records import FINAL
from farscrawler.archive.runs import runs_of
from farscrawler.cli.settings_given import base_url_of
from farscrawler.errors import BadArgumentError, PublisherError, UnknownPublisher
from farscrawler.networks import origin_of
from farscrawler.printing import printable
from farscrawler.publishers.form import normal_id
from farscrawler.publishers.model import NEWS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from scrapy.settings import Settings

    from farscrawler.archive import Archive
    from farscrawler.cli.base import CommandSettings
    from farscrawler.items import Article
    from farscrawler.locations import Location
    from farscrawler.publishers import Catalogue, Publisher

_NAMED_IN_FULL = 5


@dataclass(frozen=True, slots=True)
class Addressed:
    """The article that was asked for: its publisher's key, the ids that may be meant, and what is stored of it."""

    publisher: str
    ids: tuple[str, ...]
    article: Article | None


def publisher_key(name: str, known: Catalogue, archive: Archive) -> str:
    """Return the key of a publisher that has a stanza or is in the archive. Raise UnknownPublisher for another name."""
    if name == NEWS or name in known.names() or is_archived(archive.db, archive.path, name):
        return name
    raise UnknownPublisher(name, tuple({*known.names(), *archived_publishers(archive.db, archive.path)}))


def check_name(name: str, known: Catalogue, archive: Location) -> None:
    """Raise UnknownPublisher for a name that is not known, where no archive is there that could know it."""
    if not archive.exists() and name not in (NEWS, *known.names()):
        raise UnknownPublisher(name, known.names())


def stanza_of(key: str, known: Catalogue) -> Publisher | None:
    """Return the publisher of a key; None where it has no stanza any more, or one that is malformed."""
    try:
        return known.load(key)
    except PublisherError:
        return None


def addressed(
    words: Sequence[str], known: Catalogue, archive: Archive, settings: CommandSettings | Settings
) -> Addressed:
    """Return the article that PUBLISHER and ID name, or its address alone.

    An id may be written in Persian digits, and an address may stand in its place: the site's own, or that on the mirror
    or replica that the settings or a run of the archive name. Raise UnknownPublisher, and BadArgumentError for an
    address that is no article's.
    """
    *named, said = (word.strip() for word in words)
    key = publisher_key(named[0], known, archive) if named else None
    if "://" in said and not known.of_url(said):
        keys = (key,) if key is not None else archived_publishers(archive.db, archive.path)
        said = next(_of_mirror(said, keys, known, archive, settings), said)
    key = key if key is not None else _owner(said, known)
    ids = tuple(dict.fromkeys(_ids(said, key, known, archive)))
    found = next((one for article_id in ids if (one := archive.article(key, article_id)) is not None), None)
    return Addressed(key, ids, found)


def _of_mirror(
    said: str, keys: Iterable[str], known: Catalogue, archive: Archive, settings: CommandSettings | Settings
) -> Iterator[str]:
    """Yield the site's own addresses of one on a mirror, those of stored articles first."""
    server = origin_of("/".join(said.split("/", 3)[:3]))
    unknown: list[str] = []
    for key in keys:
        publisher = stanza_of(key, known)
        if publisher is None or server is None:
            continue
        mirrors = {base_url_of(settings, key), *(one.arguments.get("base_url", "") for one in runs_of(archive, key))}
        if server not in map(origin_of, mirrors):
            continue
        url = publisher.base_url + "/" + "".join(said.split("/", 3)[3:])
        article_id = publisher.article_id(url)
        if article_id is not None and archive.article(key, article_id) is not None:
            yield url
        elif article_id is not None:
            unknown.append(url)
    yield from unknown


def _owner(url: str, known: Catalogue) -> str:
    owners = known.of_url(url)
    return next((one.key for one in owners if one.article_id(url) is not None), owners[0].key if owners else NEWS)


def _ids(said: str, key: str, known: Catalogue, archive: Archive) -> Iterator[str]:
    if "://" not in said:
        yield said
        if (number := normal_id(said)) is not None:
            yield number
        return
    publisher = stanza_of(key, known)
    found = (publisher.article_id(said) if publisher is not None else None) or id_at(
        archive.db, archive.path, key, said
    )
    if found is None:
        owners = [one.key for one in known.of_url(said) if one.key != key and one.article_id(said) is not None]
        hint = f" It is one of {owners[0]}." if owners else ""
        raise BadArgumentError(f"{said} is no address of an article of {key}.{hint} Give the article's id instead.")
    yield found


def whose_id(said: str, archive: Archive, given: str) -> str:
    """Return a sentence, with a blank before it, where what was said for a publisher is the id of an article."""
    number = normal_id(said.strip())
    owners = publishers_with(archive.db, archive.path, (number,)) if number is not None else []
    if not owners:
        return ""
    return f" It is the id of an article: `farscrawler show {owners[0]} {number}{given}`."


def absence(asked: Addressed, known: Catalogue, archive: Archive, given: str) -> str:
    """Return sentences about an article that is not stored: what the ledger says, who else has the id, what to do.

    ``given`` are the words with which a command is told of the same archive.
    """
    key, article_id = asked.publisher, asked.ids[-1]
    sentences = [f"no article {article_id} of {key} is stored"]
    publisher = stanza_of(key, known)
    makeable = publisher is not None and publisher.makes(article_id, publisher.default_form) and article_id.isdecimal()
    crawl = f"`farscrawler crawl {key} --ids {article_id}{given}`"
    visit = last_visit(archive.db, archive.path, key, asked.ids)
    if visit is not None:
        reason = f" ({printable(visit.reason)})" if visit.reason else ""
        sentences.append(f"The ledger has it as {visit.outcome}{reason} since the visit of {utc(visit.last_at)}")
        if visit.page_kept:
            sentences.append("Its page is kept: --page FILE writes it")
        if makeable and visit.outcome in FINAL:
            crawl = f"`farscrawler crawl {key} --ids {article_id} --again {visit.outcome}{given}`"
    elif not is_archived(archive.db, archive.path, key):
        sentences.append(f"The archive holds nothing of {key} yet")
    else:
        sentences.append("It was never visited")
    others = [one for one in publishers_with(archive.db, archive.path, asked.ids) if one != key]
    sentences += [
        f"{one} has an article of this id: `farscrawler show {one} {shlex.quote(article_id)}{given}`"
        for one in others[:_NAMED_IN_FULL]
    ]
    if len(others) > _NAMED_IN_FULL:
        sentences.append(f"So have {len(others) - _NAMED_IN_FULL:,} publishers more")
    if makeable:
        sentences.append(f"{crawl} asks the site for it")
    return ". ".join(sentences) + "."


def utc(moment: str) -> str:
    """Return a moment as the archive writes it, for people."""
    return printable(moment).replace("T", " ").removesuffix("+00:00") + " UTC"


def archive_words(opts: argparse.Namespace) -> str:
    """Return the option that names the same archive to another command, with a blank before it.

    It is empty where the archive follows from the folder, by its project file or by default.
    """
    given = [word.partition("=")[2] for word in opts.set if word.startswith("ARCHIVE=")]
    return f" --archive {shlex.quote(given[-1])}" if given else ""
