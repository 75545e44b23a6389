"""One stanza on its way to a Publisher: every key is taken once, and what is left over is an error."""

from __future__ import annotations

import re
import warnings
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfoNotFoundError

from farscrawler.publishers.era import Era
from farscrawler.publishers.form import ID_KINDS, Form, Rules
from farscrawler.publishers.keys import near
from farscrawler.publishers.model import ACCESS, LIST_SPANS, DatedList, Publisher, Sources
from farscrawler.publishers.selectors import problem, problem_of_elements
from farscrawler.publishers.templates import TEMPLATE_FIELDS, is_id_template, is_template
from farscrawler.zones import time_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from farscrawler.errors import MalformedPublisher
    from farscrawler.publishers.source import StanzaText


T = TypeVar("T")
_KEY = re.compile(r"[a-z0-9][a-z0-9_]*")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
#: The longest name that the net knows (RFC 1035).
_LONGEST_HOST = 253
#: C0 and C1, line separators, and what turns the direction of a line.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_SCHEMES = ("http", "https")
_ERA = re.compile(r"eras\.[^.]+")
#: The family of pages that are read without a stanza, by the general rules alone.
_OF_NO_SYSTEM = "unknown"
#: The years that evidence can be of: from the first Persian news sites to well past ours.
_YEARS = range(1995, 2100)
#: Labels of a section path that are no sections: sites have two at most.
_LABELS = range(100)
#: Pages are counted from 0 or 1, or by the offset of their first article.
_FIRST_PAGES = range(10_000)


def names_of(families: Iterable[str]) -> str:
    """Return the families that a stanza can name, as a sentence lists them."""
    return ", ".join(one for one in families if one != _OF_NO_SYSTEM)


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """Compile a pattern. Raises whatever is wrong with it, and what Python only warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return re.compile(source, re.IGNORECASE)


@cache
def _is_zone(name: str) -> bool:
    try:
        time_zone(name)
    except ZoneInfoNotFoundError:
        return False
    return True


class Stanza:
    """A table of a stanza with what it inherits; ``table`` is its name in the file, such as `example.forms.article`."""

    def __init__(self, source: StanzaText, table: str, values: Mapping[str, Any], *, trusted: bool = False) -> None:
        self.source = source
        self.name = table
        self.values = dict(values)
        self.trusted = trusted

    def publisher(self, families: tuple[str, ...]) -> Publisher:
        """Make the publisher. Raises MalformedPublisher for the first thing that does not hold.

        The selectors of a ``trusted`` stanza are taken as they are: a test has read them all.
        """
        if not _KEY.fullmatch(self.name):
            raise self.error(None, "a name is made of a-z, 0-9 and _")
        family = self.string("family")
        if family not in families:
            raise self.error("family", f"should be one of {names_of(families)}")
        hosts = self.hosts()
        scheme = self.one_of("scheme", _SCHEMES)
        forms = {name: self.form(name, values) for name, values in self.table("forms").items()}
        if "article" not in forms:
            raise self.wanted("forms", "an [….forms.article] table, or a name of URL forms under `urls`")
        default_form = self.string("default_form")
        if default_form not in forms:
            raise self.wanted("default_form", f"one of {', '.join(forms)}")
        lists = self.strings("lists")
        if not all(path.startswith("/") for path in lists):
            raise self.wanted("lists", "paths that start with /")
        evidence = self.year("evidence")
        eras = self.eras(families, hosts, scheme)
        result = Publisher(
            key=self.name,
            name=self.one_line("name"),
            family=family,
            hosts=tuple(dict.fromkeys((*hosts, *(host for era in eras for host in era.hosts)))),
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
            sources=self.sources(),
            evidence=evidence,
            access=self.one_of("access", ACCESS) if "access" in self.values else None,
            note=self.string("note") if "note" in self.values else None,
            eras=eras,
            verify_certificates=self.boolean("verify_certificates") if "verify_certificates" in self.values else True,
        )
        self.nothing_left()
        return result

    def eras(self, families: tuple[str, ...], hosts: tuple[str, ...], scheme: str) -> tuple[Era, ...]:
        """Make the eras of a site that is on these hosts today."""
        return tuple(
            self.part(f"eras.{name}", values).era(name, families, hosts, scheme)
            for name, values in self.table("eras").items()
        )

    def era(self, name: str, families: tuple[str, ...], hosts: tuple[str, ...], scheme: str) -> Era:
        """Make one era of a site."""
        if not _KEY.fullmatch(name):
            raise self.error(None, "a name is made of a-z, 0-9 and _")
        given = self.values
        old = self.hosts() if "hosts" in given else ()
        if today := next((host for host in old if host in hosts), None):
            raise self.error("hosts", f"{today} is a host of the site today; leave it out, and the era has it too")
        forms = {one: self.form(one, values) for one, values in self.table("forms").items()} if "forms" in given else {}
        if forms and "article" not in forms:
            raise self.wanted("forms", "an [….forms.article] table, or nothing at all")
        same_ids = self.boolean("same_ids") if "same_ids" in given else False
        if not same_ids and any(form.url is None for form in forms.values()):
            raise self.error("forms", "url is missing: ids of the era's own need an address that is made of them")
        family = self.one_of("family", families) if "family" in given else None
        result = Era(
            name=name,
            since=self.year("since"),
            until=self.year("until"),
            hosts=old,
            scheme=self.one_of("scheme", _SCHEMES) if "scheme" in given else scheme,
            family=family,
            forms=MappingProxyType(forms),
            same_ids=same_ids,
            mark=self.elements_of("mark") if "mark" in given else (),
            selectors=self.selectors() if "selectors" in given else MappingProxyType({}),
            rules=self.rules() if "rules" in given else Rules(),
        )
        if result.since and result.until and result.since > result.until:
            raise self.error("until", f"{result.until} is before since, {result.since}")
        if family is None and (result.selectors or result.mark):
            raise self.error(
                None, "family is missing: selectors and marks are of a system, custom where it has no name"
            )
        self.nothing_left()
        return result

    def form(self, name: str, values: object) -> Form:
        """Make one form of the site's addresses."""
        part = self.part(f"forms.{name}", values)
        url = part.text("url") if "url" in part.values else None
        if url and not is_id_template(url):
            raise part.wanted("url", "a path with {id} once, percent-encoded, or nothing at all")
        query = part.string("query").lower() if "query" in part.values else None
        kind = part.one_of("id", ID_KINDS) if "id" in part.values else ID_KINDS[0]
        if query and kind == "text" and url:
            raise part.error("url", "an id of path and query makes no address; leave url out")
        paths = part.patterns("paths", groups=0 if query and kind == "number" else 1)
        part.nothing_left()
        return Form(name=name, url=url or None, paths=paths, query=query, id=kind)

    def selectors(self) -> Mapping[str, tuple[str, ...]]:
        """Return the selectors, each read to see whether it is one."""
        part = self.part("selectors", self.take("selectors"))
        found = {field: part.strings(field) for field in list(part.values)}
        if not self.trusted:
            for field, selectors in found.items():
                for wrong in filter(None, (problem(field, selector) for selector in selectors)):
                    raise part.error(field, wrong)
        return MappingProxyType(found)

    def rules(self) -> Rules:
        """Make the rules."""
        part = self.part("rules", self.take("rules"))
        flags = ("undated", "us_order", "code_is_id", "json_ld_body")
        result = Rules(
            junk=part.expressions("junk") if "junk" in part.values else (),
            end=part.expressions("end") if "end" in part.values else (),
            section_skip=part.number("section_skip", _LABELS) if "section_skip" in part.values else 0,
            **{flag: part.boolean(flag) for flag in flags if flag in part.values},
        )
        part.nothing_left()
        return result

    def sources(self) -> Sources:
        """Return the sources, which a stanza calls ``doors``."""
        part = self.part("doors", self.take("doors"))
        for name in ("archive", "pages"):  # false: the site lacks this source of its family
            if part.values.get(name) is False:
                del part.values[name]
        archive = part.dated_list(part.table("archive")) if "archive" in part.values else None
        pages = part.template("pages", "page") if "pages" in part.values else None
        sitemaps = part.strings("sitemaps") if "sitemaps" in part.values else ()
        feeds = part.strings("feeds") if "feeds" in part.values else ()
        for key, paths in (("sitemaps", sitemaps), ("feeds", feeds)):
            if not all(is_template(path) for path in paths):
                raise part.wanted(key, "paths that start with /, or whole addresses")
        result = Sources(
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
        """Make the archive's lists."""
        part = self.part("archive", values)
        span = part.one_of("span", LIST_SPANS) if "span" in part.values else LIST_SPANS[0]
        result = DatedList(
            url=part.template("url"),
            span=span,
            first_page=part.number("first_page", _FIRST_PAGES) if "first_page" in part.values else 1,
            items=part.elements("items") if "items" in part.values else None,
            time=part.elements("time", within=True) if "time" in part.values else None,
        )
        part.nothing_left()
        return result

    # -- single values ------------------------------------------------------------------------

    def part(self, name: str, values: object) -> Stanza:
        """Return a table within this one."""
        if not isinstance(values, dict):
            raise self.wanted(name, "a table")
        return Stanza(self.source, f"{self.name}.{name}", values, trusted=self.trusted)

    def hosts(self) -> tuple[str, ...]:
        """Take host names."""
        hosts = self.strings("hosts")
        if not hosts or not all(len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) for host in hosts):
            raise self.wanted("hosts", "at least one host name, in lower case, without scheme or port")
        return hosts

    def year(self, key: str) -> int | None:
        """Take a Gregorian year, if one is given."""
        year = self.number(key) if key in self.values else None
        if year is not None and year not in _YEARS:
            raise self.wanted(key, "a Gregorian year, such as 2024")
        return year

    def elements_of(self, key: str) -> tuple[str, ...]:
        """Take selectors of elements in a page."""
        found = self.strings(key)
        for one in () if self.trusted else found:
            wrong = problem_of_elements(one)
            if wrong is not None:
                raise self.error(key, wrong)
        return found

    def template(self, key: str, *needed: str) -> str:
        """Take an address template."""
        value = self.string(key)
        if not is_template(value) or any("{" + field not in value for field in needed):
            raise self.wanted(key, f"a path made of {', '.join('{' + field + '}' for field in TEMPLATE_FIELDS)}")
        return value

    def elements(self, key: str, *, within: bool = False) -> str:
        """Take a selector of elements in a page, or ``within`` one."""
        value = self.string(key)
        wrong = None if self.trusted else problem_of_elements(value, within=within)
        if wrong is not None:
            raise self.error(key, wrong)
        return value

    def patterns(self, key: str, *, groups: int) -> tuple[re.Pattern[str], ...]:
        """Take patterns of paths with so many groups."""
        patterns = self.expressions(key)
        if not patterns or any(pattern.groups != groups for pattern in patterns):
            wanted = "exactly one group, the id" if groups else "no group, since the query holds the id"
            raise self.wanted(key, f"regular expressions of a path with {wanted}")
        return patterns

    def expressions(self, key: str) -> tuple[re.Pattern[str], ...]:
        """Take regular expressions."""
        sources = self.strings(key)
        try:
            return tuple(_pattern(source) for source in sources)
        except (re.error, Warning, OverflowError, RecursionError) as error:
            raise self.wanted(key, f"regular expressions ({error})") from error

    def text(self, key: str) -> str:
        """Take a text, which may be empty."""
        value = self.take(key)
        if not isinstance(value, str):
            raise self.wanted(key, "a text")
        return value

    def string(self, key: str) -> str:
        """Take a text."""
        value = self.text(key)
        if not value.strip():
            raise self.wanted(key, "a text")
        return value

    def one_line(self, key: str) -> str:
        """Take a text that is shown: without line ends and other control characters."""
        value = self.string(key)
        if _CONTROL.search(value):
            raise self.wanted(key, "a text on one line, without control characters")
        return value

    def one_of(self, key: str, choices: tuple[T, ...]) -> T:
        """Take one of some values."""
        value = self.take(key)
        for choice in choices:
            if value == choice:
                return choice
        raise self.wanted(key, " or ".join(map(str, choices)))

    def strings(self, key: str) -> tuple[str, ...]:
        """Take a list of texts."""
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            raise self.wanted(key, "a list of texts")
        return tuple(value)

    def number(self, key: str, among: range | None = None) -> int:
        """Take a whole number, one ``among`` those of a range."""
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wanted(key, "a number")
        if among is not None and value not in among:
            raise self.wanted(key, f"a number from {among[0]} to {among[-1]}")
        return value

    def boolean(self, key: str) -> bool:
        """Take true or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.wanted(key, "true or false")
        return value

    def table(self, key: str) -> dict[str, Any]:
        """Take a table."""
        value = self.take(key)
        if not isinstance(value, dict):
            raise self.wanted(key, "a table")
        return value

    def zone(self, key: str) -> str:
        """Take the name of a time zone."""
        value = self.string(key)
        if not _is_zone(value):
            raise self.wanted(key, "the name of a time zone, such as Asia/Tehran")
        return value

    def take(self, key: str) -> object:
        """Take whatever a key holds."""
        if key not in self.values:
            raise self.error(None, f"{key} is missing")
        return self.values.pop(key)

    def nothing_left(self) -> None:
        """Make sure that every key has been taken."""
        if self.values:
            key = next(iter(self.values))
            table = _ERA.sub("eras", self.name.partition(".")[2]).replace("eras.forms", "forms")
            place = "forms" if table.startswith("forms.") else table.removeprefix("eras.")
            raise self.source.error_at(self.name, key, f"unknown key {key}{near(place, key)}")

    def wanted(self, key: str, what: str) -> MalformedPublisher:
        """Make the error of a key that should be something else."""
        return self.error(key, f"should be {what}")

    def error(self, key: str | None, what: str) -> MalformedPublisher:
        """Make an error that names file, line and stanza."""
        return self.source.error(self.name, key, what)
