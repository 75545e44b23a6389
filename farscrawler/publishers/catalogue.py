"""The catalogue: all publishers there are, ours, those of installed packages, and those of the user's own folders."""

from __future__ import annotations

import logging
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

from farscrawler.errors import MalformedPublisher, PublisherError, UnknownPublisher
from farscrawler.publishers.loader import StanzaFile, repeated, stanza_files
from farscrawler.publishers.model import ANY_SITE, NEWS, in_zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable
    from types import ModuleType

    from farscrawler.publishers.model import Publisher

logger = logging.getLogger("farscrawler")

#: Packages name here a package that holds stanza files, or a function that gives the folder of them.
ENTRY_POINTS = "farscrawler.publishers"


class Catalogue:
    """Publishers by key. A stanza of a later folder replaces one of the same name; one is read when it is asked for.

    ``problems`` holds what is wrong with stanzas that are not ours: whoever asks for such a publisher gets the error,
    all others are there. ``replaced`` says which stanzas stand in the place of another. With ``tells`` problems are
    logged, each once, as soon as another publisher is used: whoever asks for a bad one gets its error and no warning.
    """

    def __init__(
        self, folders: Iterable[tuple[Traversable, str]] = (), *, packages: bool = True, tells: bool = False
    ) -> None:
        self.problems: list[MalformedPublisher] = []
        self._tells = tells
        self._told: set[MalformedPublisher] = set()
        self.replaced: list[str] = []
        self._entries: dict[str, StanzaFile | MalformedPublisher] = {}
        self._read: dict[str, Publisher] = {}
        self._add(resources.files("farscrawler.publishers"), "", own=True)
        if packages:
            for folder, shown in self._of_packages():
                self._add(folder, shown, own=False)
        for folder, shown in folders:
            self._add(folder, shown, own=False)
        self._entries = dict(sorted(self._entries.items()))

    def names(self) -> tuple[str, ...]:
        """Return the keys of all publishers, sorted."""
        return tuple(self._entries)

    def load(self, name: str) -> Publisher:
        """Return one publisher by its key, or the one of pages from anywhere.

        UnknownPublisher where there is none, MalformedPublisher for a bad one.
        """
        if name == NEWS:
            return ANY_SITE
        if name not in self._read:
            if name not in self._entries:
                raise UnknownPublisher(name, self.names())
            entry = self._entries[name]
            if isinstance(entry, MalformedPublisher):
                self._told.add(entry)
                raise entry
            self._read[name] = entry.publisher(name)
        self._tell()
        return self._read[name]

    def check(self, names: Iterable[str]) -> None:
        """Raise MalformedPublisher where one of some names is that of a publisher with a malformed stanza."""
        for name in names:
            if isinstance(self._entries.get(name), MalformedPublisher):
                self.load(name)

    def all(self) -> tuple[Publisher, ...]:
        """Return all publishers, sorted by key; those of others that are malformed are left out (see problems)."""
        self._tell()
        return tuple(self.load(name) for name, entry in self._entries.items() if isinstance(entry, StanzaFile))

    def of_family(self, family: str | None) -> tuple[Publisher, ...]:
        """Return the publishers of a family, or all for None; PublisherError where no publisher is of it."""
        found = self.all()
        families = sorted({publisher.family for publisher in found})
        if family is not None and family not in families:
            raise PublisherError(f"no publisher is of the family {family!r}; there are {', '.join(families)}.")
        return tuple(publisher for publisher in found if family in (None, publisher.family))

    def of_url(self, url: str) -> list[Publisher]:
        """Return the publishers whose site an absolute address is on.

        Only stanzas whose text has the host are read: reading all of them takes 0.3 s, which one page does not need.
        """
        try:
            host = (urlsplit(url.strip()).hostname or "").rstrip(".")
        except ValueError:  # a bracketed host that is no address
            return []
        self._tell()
        files = ((name, entry) for name, entry in self._entries.items() if host and isinstance(entry, StanzaFile))
        likely = [name for name, file in files if file.mentions(name, host)]
        return [publisher for publisher in map(self.load, likely) if publisher.owns(url)]

    def owner(self, url: str) -> Publisher:
        """Return the publisher whose site an address is on, or the one of pages from anywhere."""
        return next(iter(self.of_url(url)), None) or in_zone_of(url)

    def reader(self, publisher: Publisher, key: str, form: str, url: str) -> tuple[Publisher, str, str | None]:
        """Return by whose rules an article's page is read, its form there, and the id that it must have.

        A publisher's pages are read by its own rules. Among pages from anywhere some are those of publishers that are
        known; their ids are none of the key's kind, so that any is accepted.
        """
        if publisher.anywhere:
            owner = self.owner(url)
            if own_form := owner.form_of(url):
                return owner, own_form, owner.article_id(url) if owner.anywhere else None
        return publisher, form, key

    def _add(self, folder: Traversable, shown: str, *, own: bool) -> None:
        """Add the stanzas of a folder over those that are there."""
        here: set[str] = set()
        for file in self._files(folder, shown, own=own):
            for key in file:
                if key in here:
                    self._refuse(key, repeated(file.source(key)))
                    continue
                here.add(key)
                if key in self._entries:
                    self.replaced.append(f"{file.source(key).place}: [{key}] replaces the stanza of that name")
                self._entries[key] = file
                if not own:  # ours are held by a test, and read when they are asked for
                    try:
                        self._read[key] = file.publisher(key)
                    except MalformedPublisher as error:
                        self._refuse(key, error)

    def _refuse(self, key: str, error: MalformedPublisher) -> None:
        """Answer for a publisher with an error, whatever a stanza before this one said of it."""
        self._wrong(error)
        self._entries[key] = error
        self._read.pop(key, None)

    def _files(self, folder: Traversable, shown: str, *, own: bool) -> Iterator[StanzaFile]:
        for file in stanza_files(folder):
            try:
                yield StanzaFile.read(file, own=own, shown=shown)
            except MalformedPublisher as error:
                if own:
                    raise
                self._wrong(error)

    def _tell(self) -> None:
        """Log the problems that nobody was told of yet."""
        for problem in self.problems if self._tells else ():
            if problem not in self._told:
                self._told.add(problem)
                logger.warning("%s. It is left out; all other publishers are there.", problem)

    def _wrong(self, error: MalformedPublisher) -> None:
        self.problems.append(error)

    def _of_packages(self) -> Iterator[tuple[Traversable, str]]:
        """Yield the folders that installed packages bring; one that cannot be imported is a problem of its own."""
        for point in sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
            try:
                found = point.load()
                given = found() if callable(found) else resources.files(cast("ModuleType", found))
                folder: Traversable = Path(given) if isinstance(given, str) else given
                if not folder.is_dir():
                    raise NotADirectoryError(str(folder))  # noqa: TRY301  # told with whatever else is wrong with it
            except Exception as error:  # noqa: BLE001  # a package of others must not keep us from crawling
                self._wrong(MalformedPublisher(f"{ENTRY_POINTS}: {point.name} = {point.value}: {error!r}"))
                continue
            yield folder, f"{point.name}:"


@cache
def _catalogue(folders: tuple[str, ...]) -> Catalogue:
    found = []
    for name in folders:
        folder = Path(name).expanduser()
        if not folder.is_dir():
            raise MalformedPublisher(
                f"PUBLISHERS={name}: there is no such folder; name one that holds stanzas of your own (*.toml). Sites "
                "are named behind the command."
            )
        found.append((cast("Traversable", folder), f"{name.rstrip('/')}/"))
    result = Catalogue(found, tells=True)
    for line in result.replaced:
        logger.info("%s.", line)
    return result


class Settings(Protocol):
    """What a catalogue needs of settings: Scrapy's have it, and those of a command that does not load Scrapy."""

    def getlist(self, name: str) -> list[str]:
        """Return a setting that is a list."""
        ...


def of(settings: Settings) -> Catalogue:
    """Return the catalogue of a run: with the folders of the setting PUBLISHERS.

    What is wrong with stanzas of others is logged. Raises MalformedPublisher where a folder is not there.
    """
    return _catalogue(tuple(name.strip() for name in settings.getlist("PUBLISHERS") if name.strip()))


def installed() -> Catalogue:
    """Return the catalogue without folders of a user's own: our publishers, and those of installed packages."""
    return _catalogue(())


def load(name: str) -> Publisher:
    """Return one publisher by its key, without folders of a user's own; raises as Catalogue.load does."""
    return installed().load(name)


def names() -> tuple[str, ...]:
    """Return the keys of all publishers, sorted, without folders of a user's own."""
    return installed().names()


def all_publishers() -> tuple[Publisher, ...]:
    """Return all publishers, sorted by key, without folders of a user's own."""
    return installed().all()


def of_family(family: str | None) -> tuple[Publisher, ...]:
    """Return the publishers of a family, without folders of a user's own; raises as Catalogue.of_family does."""
    return installed().of_family(family)
