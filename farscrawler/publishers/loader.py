"""Read the stanzas of publishers/*.toml; a malformed one is an error that names file, stanza and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from farscrawler.publishers.doors import LIST_SPANS, TEMPLATE_FIELDS, DatedList, Doors
from farscrawler.publishers.model import ID_KINDS, Form, Publisher
from farscrawler.publishers.rules import Rules
from farscrawler.publishers.selectors import problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

#: The table of a file that says what holds for every site of its family.
DEFAULTS = "defaults"
#: What holds where neither the stanza nor its family says anything.
_EVERYWHERE: Mapping[str, Any] = {
    "scheme": "https",
    "tz": "Asia/Tehran",
    "default_form": "article",
    "lists": ["/"],
    "site_names": [],
    "datelines": [],
    "lead_by_dateline": False,
    "selectors": {},
    "rules": {},
    "doors": {},
}
#: What a family's file says of its markup; farscrawler.families.data reads it, and no stanza holds it.
_OF_THE_FAMILY = ("selectors", "themes", "fingerprint")
T = TypeVar("T")
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


@cache
def family_defaults(family: str) -> Mapping[str, Any]:
    """Return what holds for every site of a family (families/<family>.toml); nothing for one that has no such file."""
    file = resources.files("farscrawler").joinpath("families", f"{family}.toml")
    if not file.is_file():
        return _EVERYWHERE
    said = _parsed(file.read_text(encoding="utf-8"), f"families/{family}.toml")
    return _merged(_EVERYWHERE, {key: value for key, value in said.items() if key not in _OF_THE_FAMILY})


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
    """Read the stanzas of one file; the file's stem is the family of its sites.

    What families/<family>.toml says, and over it the file's own table ``[defaults]``, holds for each of them, key by
    key, unless the stanza says otherwise.
    """
    stanzas = _parsed(text, file_name)
    family = file_name.removesuffix(".toml")
    defaults = _merged(family_defaults(family), stanzas.pop(DEFAULTS, {}))
    return [_Stanza(file_name, key, values, defaults).publisher(family) for key, values in stanzas.items()]


def _parsed(text: str, file_name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedPublisher(f"{file_name}: {error}") from error


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one table over another, tables within them too."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _merged(under, value) if isinstance(value, dict) and isinstance(under, dict) else value
    return merged


def _is_template(path: str) -> bool:
    """Tell whether a text is a path or an address, with no fields but those that we know how to fill."""
    try:
        path.format(**dict.fromkeys(TEMPLATE_FIELDS, 1))
    except (KeyError, IndexError, ValueError):
        return False
    return path.startswith(("/", "http://", "https://"))


class _Stanza:
    """One table on its way to a Publisher: every key is taken once, and what is left over is an error."""

    def __init__(self, file_name: str, key: str, values: object, defaults: Mapping[str, Any] | None = None) -> None:
        self.place = f"{file_name}: [{key}]"
        self.key = key
        if not isinstance(values, dict):
            raise MalformedPublisher(f"{file_name}: {key}: a publisher is a table, not a {type(values).__name__}")
        self.values: dict[str, Any] = _merged(defaults or {}, values)

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
            selectors=self.selectors(),
            rules=self.rules(),
            doors=self.doors(),
        )
        self.nothing_left()
        return result

    def form(self, name: str, values: object) -> Form:
        part = _Stanza(self.place.partition(":")[0], f"{self.key}.forms.{name}", values)
        url = part.string("url") if "url" in part.values else None
        if url is not None and (not url.startswith("/") or url.count("{id}") != 1 or not url.isascii()):
            raise part.error("url", "a path with {id} once, percent-encoded")
        query = part.string("query").lower() if "query" in part.values else None
        paths = part.patterns("paths", groups=0 if query else 1)
        kind = part.one_of("id", ID_KINDS) if "id" in part.values else ID_KINDS[0]
        part.nothing_left()
        return Form(name=name, url=url, paths=paths, query=query, id=kind)

    def selectors(self) -> Mapping[str, tuple[str, ...]]:
        part = _Stanza(self.place.partition(":")[0], f"{self.key}.selectors", self.table("selectors"))
        found = {field: part.strings(field) for field in list(part.values)}
        for field, selectors in found.items():
            for wrong in filter(None, (problem(field, selector) for selector in selectors)):
                raise MalformedPublisher(f"{part.place}: {field}: {wrong}")
        return MappingProxyType(found)

    def rules(self) -> Rules:
        part = _Stanza(self.place.partition(":")[0], f"{self.key}.rules", self.table("rules"))
        flags = ("undated", "us_order", "code_is_id", "json_ld_body")
        result = Rules(
            junk=part.expressions("junk") if "junk" in part.values else (),
            end=part.expressions("end") if "end" in part.values else (),
            section_skip=part.number("section_skip") if "section_skip" in part.values else 0,
            **{flag: part.boolean(flag) for flag in flags if flag in part.values},
        )
        part.nothing_left()
        return result

    def doors(self) -> Doors:
        part = _Stanza(self.place.partition(":")[0], f"{self.key}.doors", self.table("doors"))
        archive = part.dated_list(part.table("archive")) if "archive" in part.values else None
        pages = part.template("pages", "page") if "pages" in part.values else None
        sitemaps = part.strings("sitemaps") if "sitemaps" in part.values else ()
        feeds = part.strings("feeds") if "feeds" in part.values else ()
        if not all(_is_template(path) for path in (*sitemaps, *feeds)):
            raise part.error("sitemaps or feeds", "paths that start with /, or whole addresses")
        result = Doors(
            archive=archive,
            sitemaps=sitemaps,
            feeds=feeds,
            feed_tz=part.zone("feed_tz") if "feed_tz" in part.values else "UTC",
            pages=pages,
            ids=part.boolean("ids") if "ids" in part.values else True,
        )
        part.nothing_left()
        return result

    def dated_list(self, values: dict[str, Any]) -> DatedList:
        part = _Stanza(self.place.partition(":")[0], f"{self.key}.archive", values)
        span = part.one_of("span", LIST_SPANS) if "span" in part.values else LIST_SPANS[0]
        first_page = part.number("first_page") if "first_page" in part.values else 1
        result = DatedList(
            url=part.template("url"),
            span=span,
            first_page=first_page,
            items=part.string("items") if "items" in part.values else None,
            time=part.string("time") if "time" in part.values else None,
        )
        part.nothing_left()
        return result

    def template(self, key: str, *needed: str) -> str:
        value = self.string(key)
        if not _is_template(value) or any("{" + field not in value for field in needed):
            raise self.error(key, f"a path made of {', '.join('{' + field + '}' for field in TEMPLATE_FIELDS)}")
        return value

    def patterns(self, key: str, *, groups: int) -> tuple[re.Pattern[str], ...]:
        patterns = self.expressions(key)
        if not patterns or any(pattern.groups != groups for pattern in patterns):
            wanted = "exactly one group, the id" if groups else "no group, since the query holds the id"
            raise self.error(key, f"regular expressions of a path with {wanted}")
        return patterns

    def expressions(self, key: str) -> tuple[re.Pattern[str], ...]:
        sources = self.strings(key)
        try:
            return tuple(re.compile(source, re.IGNORECASE) for source in sources)
        except re.error as error:
            raise self.error(key, f"regular expressions ({error})") from error

    def string(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "a text")
        return value

    def one_of(self, key: str, choices: tuple[T, ...]) -> T:
        value = self.take(key)
        for choice in choices:
            if value == choice:
                return choice
        raise self.error(key, " or ".join(map(str, choices)))

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self.error(key, "a list of texts")
        return tuple(value)

    def number(self, key: str) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(key, "a number")
        return value

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
