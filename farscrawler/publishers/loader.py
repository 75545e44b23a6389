"""From files of stanzas to publishers: what a stanza inherits, and from where."""

from __future__ import annotations

import re
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler.errors import MalformedPublisher
from farscrawler.files import open_file
from farscrawler.publishers.source import StanzaText, cut, whole
from farscrawler.publishers.stanza import Stanza, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from typing import Self

    from farscrawler.publishers.model import Publisher

#: The table of a file that says what holds for every site in it.
DEFAULTS = "defaults"
#: Fifty times the largest of ours, a few thousand sites: reading that takes seconds.
MAX_FILE_BYTES = 1_000_000
_NEWLINE = re.compile("\r\n?")
#: What holds where neither the stanza nor its family says anything.
_EVERYWHERE: Mapping[str, Any] = {
    "scheme": "https",
    "tz": "Asia/Tehran",
    "default_form": "article",
    "lists": ["/"],
    "site_names": [],
    "datelines": [],
    "lead_by_dateline": False,
    "forms": {},
    "selectors": {},
    "rules": {},
    "doors": {},
    "eras": {},
}
#: What a family's file says of its markup; farscrawler.extract.family reads it, and no stanza holds it.
_OF_THE_FAMILY = ("selectors", "themes", "fingerprint")


@cache
def families() -> tuple[str, ...]:
    """Return the names of the families that sites can be of: those that have a file families/<family>.toml."""
    folder = resources.files("farscrawler.publishers").joinpath("families")
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def family_defaults(family: str) -> Mapping[str, Any]:
    """Return what a family's file says of its sites, its markup excepted; nothing where there is no such file."""
    file = resources.files("farscrawler.publishers").joinpath("families", f"{family}.toml")
    if family not in families():
        return {}
    said = whole(file.read_text(encoding="utf-8"), f"families/{family}.toml")
    return {key: value for key, value in said.items() if key not in _OF_THE_FAMILY}


@cache
def named_urls() -> Mapping[str, Mapping[str, Any]]:
    """Return the URL forms that a stanza can name under `urls`."""
    file = resources.files("farscrawler.publishers").joinpath("shared", "urls.toml")
    return whole(file.read_text(encoding="utf-8"), "shared/urls.toml")


class StanzaFile:
    """A file of stanzas, cut but not read; its stem is their family where they name none."""

    def __init__(self, text: str, name: str, *, own: bool) -> None:
        self.name = name
        self.own = own
        self.stem = name.rpartition("/")[2].rpartition(":")[2].removesuffix(".toml")
        self._sources = {source.key: source for source in cut(text.removeprefix("\ufeff"), name)}

    @classmethod
    def read(cls, file: Traversable, *, own: bool, shown: str = "") -> Self:
        """Read a file; ``shown`` stands before its name in messages. Raises MalformedPublisher where it is no text."""
        name = shown + file.name
        try:
            # Of the user's own there may be a pipe, which would be waited for, or a file of any size.
            with open_file(file) if isinstance(file, Path) else file.open("rb") as opened:
                raw = opened.read(MAX_FILE_BYTES + 1)
            if len(raw) > MAX_FILE_BYTES:
                raise MalformedPublisher(f"{name}: the file is larger than {MAX_FILE_BYTES // 1_000_000} MB")
            return cls(_NEWLINE.sub("\n", raw.decode("utf-8")), name, own=own)
        except UnicodeDecodeError as error:
            raise MalformedPublisher(f"{name}: the file is not UTF-8 text (byte {error.start})") from error
        except OSError as error:
            raise MalformedPublisher(f"{name}: the file cannot be read ({error.strerror})") from error

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the sites."""
        return (key for key in self._sources if key != DEFAULTS)

    def source(self, key: str) -> StanzaText:
        """Return the text of a site's stanza."""
        return self._sources[key]

    def mentions(self, key: str, word: str) -> bool:
        """Whether a word stands in a stanza, or in what its file says of every site, without reading them."""
        return word in self._texts[key] or word in self._texts.get(DEFAULTS, "")

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {key: "\n".join(source.lines) for key, source in self._sources.items()}

    @cached_property
    def _defaults(self) -> Mapping[str, Any]:
        return _as_table(self._sources[DEFAULTS]) if DEFAULTS in self._sources else {}

    def publisher(self, key: str) -> Publisher:
        """Read one stanza. Raises MalformedPublisher, whatever is wrong with it."""
        source = self._sources[key]
        try:
            return self._publisher(key, source)
        except MalformedPublisher:
            raise
        except Exception as error:  # one stanza must not keep all others from being read
            raise source.error(key, None, f"it cannot be read ({type(error).__name__}: {error})") from error

    def _publisher(self, key: str, source: StanzaText) -> Publisher:
        stanza = _as_table(source)
        nearest = {**self._defaults, **stanza}
        family = nearest.get("family", self.stem)
        if "family" not in nearest and family not in families():
            raise source.error(
                key,
                "family",
                f'is missing, and no family has the name of the file, {self.stem}. Write family = "custom" for a '
                f"site on a system of its own, or one of {names_of(families())}",
            )
        below = family_defaults(family) if isinstance(family, str) else {}
        values = _inherited(source, below, self._defaults, stanza)
        values["family"] = family
        values["eras"] = _eras(values["eras"])
        return Stanza(source, key, values, trusted=self.own).publisher(families())


def read_text(text: str, file_name: str) -> list[Publisher]:
    """Read the stanzas of one file; MalformedPublisher for the first that does not hold."""
    file = StanzaFile(text, file_name, own=False)
    return [file.publisher(key) for key in file]


def stanza_files(folder: Traversable) -> Iterator[Traversable]:
    """Yield the files of stanzas of a folder, sorted by name."""
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml") and not file.is_dir():
            yield file


def repeated(source: StanzaText) -> MalformedPublisher:
    """Make the error of a stanza whose name another one of its folder has."""
    return source.error(source.key, None, "there is a stanza of this name already")


def _as_table(source: StanzaText) -> Mapping[str, Any]:
    table = source.table()
    if not isinstance(table, dict):  # an array of tables, [[…]]
        raise source.error(source.key, None, f"a publisher is a table, not a {type(table).__name__}")
    return table


def _inherited(source: StanzaText, *layers: Mapping[str, Any]) -> dict[str, Any]:
    """Lay family, file and stanza over each other, the nearest on top.

    URL forms that a layer names hold unless this layer or a nearer one has an article form of its own.
    """
    merged: Mapping[str, Any] = _EVERYWHERE
    urls: Any = None
    for layer in layers:
        _check_tables(source, layer)
        if "urls" in layer:
            urls = layer["urls"]
        elif "paths" in _article_form(layer):
            urls = None
        merged = _merged(merged, {key: value for key, value in layer.items() if key != "urls"})
    if urls is None:
        return dict(merged)
    if not isinstance(urls, str) or urls not in named_urls():
        raise source.error(source.key, "urls", f"should be one of {', '.join(named_urls())}")
    named = named_urls()[urls]
    forms = {**merged["forms"], **named["forms"]}
    doors = {**named.get("doors", {}), **merged["doors"]}
    return {**merged, "forms": forms, "doors": doors}


def _check_tables(source: StanzaText, layer: Mapping[str, Any]) -> None:
    """Raise MalformedPublisher where a layer has another value in the place of a table that others are laid over."""
    for key, empty in _EVERYWHERE.items():
        if isinstance(empty, dict) and not isinstance(layer.get(key, {}), dict):
            raise source.error(source.key, key, "should be a table")
    if not isinstance(layer.get("forms", {}).get("article", {}), dict):
        raise source.error(source.key, "forms.article", "should be a table")


def _eras(eras: object) -> object:
    """Give each era of another family what that family says of addresses and rules, where it says nothing itself."""
    if not isinstance(eras, dict):
        return eras
    return {
        name: {**_of_its_family(era), **era} if isinstance(era, dict) and isinstance(era.get("family"), str) else era
        for name, era in eras.items()
    }


def _of_its_family(era: Mapping[str, Any]) -> dict[str, Any]:
    said = family_defaults(era["family"])
    return {key: said[key] for key in ("forms", "rules") if key in said}


def _article_form(layer: Mapping[str, Any]) -> Mapping[str, Any]:
    forms = layer.get("forms")
    form = forms.get("article") if isinstance(forms, dict) else None
    return form if isinstance(form, dict) else {}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one table over another, tables within them too."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _merged(under, value) if isinstance(value, dict) and isinstance(under, dict) else value
    return merged
