"""Read the stanzas of publishers/*.toml; a malformed one is an error that names file, stanza and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from farscrawler.publishers.model import Form, Publisher

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class UnknownPublisher(LookupError):  # noqa: N818 - named for what it is, as the callers say it
    """No stanza has this name; the message names close ones and how to list them all."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        close = difflib.get_close_matches(name.lower(), known, n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        super().__init__(f"there is no publisher named {name!r}.{hint} `farscrawler publishers` lists all of them.")
        self.name = name


class MalformedPublisher(ValueError):  # noqa: N818 - see UnknownPublisher
    """A stanza says something impossible; the message names file, stanza and key."""


def load(name: str) -> Publisher:
    """Return one publisher by its key; UnknownPublisher when there is none."""
    known = _all()
    if name not in known:
        raise UnknownPublisher(name, tuple(known))
    return known[name]


def names() -> tuple[str, ...]:
    """Return the keys of all publishers, sorted."""
    return tuple(_all())


def all_publishers() -> tuple[Publisher, ...]:
    """Return all publishers, sorted by key."""
    return tuple(_all().values())


@cache
def _all() -> Mapping[str, Publisher]:
    return read_folder(resources.files("farscrawler.publishers"))


def read_folder(folder: Traversable) -> Mapping[str, Publisher]:
    """Read every ``*.toml`` of a folder; MalformedPublisher for the first stanza that does not hold."""
    found: dict[str, Publisher] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for publisher in read_text(file.read_text(encoding="utf-8"), file.name):
            if publisher.key in found:
                raise MalformedPublisher(f"{file.name}: [{publisher.key}]: there is a stanza of this name already")
            found[publisher.key] = publisher
    return MappingProxyType(dict(sorted(found.items())))


def read_text(text: str, file_name: str) -> list[Publisher]:
    """Read the stanzas of one file; the file's stem is the family of its sites."""
    try:
        stanzas = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedPublisher(f"{file_name}: {error}") from error
    family = file_name.removesuffix(".toml")
    return [_Stanza(file_name, key, values).publisher(family) for key, values in stanzas.items()]


class _Stanza:
    """One table on its way to a Publisher: every key is taken once, and what is left over is an error."""

    def __init__(self, file_name: str, key: str, values: object) -> None:
        self.place = f"{file_name}: [{key}]"
        self.key = key
        if not isinstance(values, dict):
            raise MalformedPublisher(f"{file_name}: {key}: a publisher is a table, not a {type(values).__name__}")
        self.values: dict[str, Any] = dict(values)

    def publisher(self, family: str) -> Publisher:
        if not _KEY.fullmatch(self.key):
            raise MalformedPublisher(f"{self.place}: a name is made of a-z, 0-9 and _, and starts with a letter")
        hosts = self.strings("hosts")
        if not hosts or not all(_HOST.fullmatch(host) for host in hosts):
            raise self.error("hosts", "at least one host name, in lower case, without scheme or port")
        scheme = self.string("scheme")
        if scheme not in ("http", "https"):
            raise self.error("scheme", "http or https")
        forms = {name: self.form(name, values) for name, values in self.table("forms").items()}
        if "article" not in forms:
            raise self.error("forms", "an [….forms.article] table")
        default_form = self.string("default_form")
        if default_form not in forms:
            raise self.error("default_form", f"one of {', '.join(forms)}")
        lists = self.strings("lists")
        if not all(path.startswith("/") for path in lists):
            raise self.error("lists", "paths that start with /")
        result = Publisher(
            key=self.key,
            name=self.string("name"),
            family=family,
            hosts=hosts,
            scheme=scheme,
            tz=self.zone("tz"),
            forms=MappingProxyType(forms),
            default_form=default_form,
            lists=lists,
            site_names=self.strings("site_names"),
            datelines=self.strings("datelines"),
            lead_by_dateline=self.boolean("lead_by_dateline"),
        )
        self.nothing_left()
        return result

    def form(self, name: str, values: object) -> Form:
        part = _Stanza(self.place.partition(":")[0], f"{self.key}.forms.{name}", values)
        url = part.string("url")
        if not url.startswith("/") or url.count("{id}") != 1 or not url.isascii():
            raise part.error("url", "a path with {id} once, percent-encoded")
        query = part.string("query").lower() if "query" in part.values else None
        paths = part.patterns("paths", groups=0 if query else 1)
        part.nothing_left()
        return Form(name=name, url=url, paths=paths, query=query)

    def patterns(self, key: str, *, groups: int) -> tuple[re.Pattern[str], ...]:
        sources = self.strings(key)
        try:
            patterns = tuple(re.compile(source, re.IGNORECASE) for source in sources)
        except re.error as error:
            raise self.error(key, f"regular expressions ({error})") from error
        if not patterns or any(pattern.groups != groups for pattern in patterns):
            wanted = "exactly one group, the id" if groups else "no group, since the query holds the id"
            raise self.error(key, f"regular expressions of a path with {wanted}")
        return patterns

    def string(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "a text")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self.error(key, "a list of texts")
        return tuple(value)

    def boolean(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def table(self, key: str) -> dict[str, Any]:
        value = self.take(key)
        if not isinstance(value, dict):
            raise self.error(key, "a table")
        return value

    def zone(self, key: str) -> str:
        value = self.string(key)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise self.error(key, "the name of a time zone, such as Asia/Tehran") from error
        return value

    def take(self, key: str) -> object:
        if key not in self.values:
            raise MalformedPublisher(f"{self.place}: {key} is missing")
        return self.values.pop(key)

    def nothing_left(self) -> None:
        if self.values:
            raise MalformedPublisher(f"{self.place}: unknown key {next(iter(self.values))}")

    def error(self, key: str, wanted: str) -> MalformedPublisher:
        return MalformedPublisher(f"{self.place}: {key}: should be {wanted}")
