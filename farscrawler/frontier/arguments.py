"""The arguments of a crawl (`-a NAME=VALUE`), all checked before anything is fetched."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from w3lib.url import safe_url_string

from farscrawler.archive.records import OUTCOMES, REASKED
from farscrawler.days import DateRange, parse_date_range
from farscrawler.errors import BadArgumentError
from farscrawler.files import kind_of
from farscrawler.frontier.base import Target
from farscrawler.frontier.id_ranges import IdRanges, parse_ids
from farscrawler.frontier.line_files import read_addresses
from farscrawler.networks import origin_of, plain_url
from farscrawler.webarchives.service import CCNEWS, DELAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.archive.records import Outcome
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher

#: Every argument with the sentence the docs and the help give it.
ARGUMENTS: dict[str, str] = {
    "ids": "article ids: 267000-267403, 1,5,9-12 or @FILE",
    "urls": "article addresses, separated by spaces, or @FILE with one address a line",
    "latest": "the number of newest articles, stored ones included",
    "since": "the first day of a range: 1401-02-01, 1401-02 or 1401, or a Gregorian one; without until, up to today",
    "until": "the last day of the range, included",
    "via": "the source for since and until: archive, sitemaps, pages, feeds or ids (default: the best one)",
    "pages": "a folder of saved pages or a WARC file, read instead of the site: nothing is fetched",
    "refresh": "visit stored articles younger than this again: 7d, 12h, 2w; each once in REFRESH_EVERY seconds",
    "again": "ask again what was settled without an article: not-article, missing, or both with a comma",
    "form": "the page form requested first: print or article",
    "source": "take the articles from a web archive instead of the site: wayback, commoncrawl or ccnews",
    "base_url": "send every request of the site to this mirror or replica; stored addresses stay the site's own",
}

#: What stands for the value of each in the help of the options.
METAVARS: dict[str, str] = {
    "ids": "IDS",
    "urls": "URLS",
    "latest": "N",
    "since": "DAY",
    "until": "DAY",
    "via": "SOURCE",
    "pages": "PATH",
    "refresh": "AGE",
    "again": "OUTCOMES",
    "form": "FORM",
    "source": "NAME",
    "base_url": "URL",
}

_AGE_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)
_LONGEST_AGE = 10_000  # of any unit: 27 years of days; more is a typing error

#: The names of earlier versions that are still accepted.
OLD_NAMES = {"door": "via"}

#: More than the largest known site holds; a typing error, not a wish.
_MOST = 10_000_000
_MOST_DIGITS = 20  # blanks and leading zeros included

#: Arguments that each make a strategy of their own.
_STRATEGIES = ("ids", "urls", "latest", "pages")
#: What asks the site itself, and so cannot be asked of a web archive, with the reason.
_OF_THE_SITE = {
    "latest": "a web archive knows no order of the articles",
    "pages": "saved pages are read without asking anyone",
    "refresh": "a capture does not change",
    "via": "its sources are those of the site itself",
    "base_url": "no request goes to the site; a replica of the web archive is named by the settings",
}
_NO_INDEX = "its files have no index, and are read from end to end; name days with since and until"


@dataclass(frozen=True, slots=True)
class Arguments:
    """The checked arguments; with no strategy among them the crawl is the incremental one."""

    ids: IdRanges | None = None
    urls: tuple[Target, ...] | None = None
    latest: int | None = None
    pages: Path | None = None
    refresh: dt.timedelta | None = None
    form: str | None = None
    base_url: str | None = None
    days: DateRange | None = None
    web_archive: str | None = None
    via: str | None = None
    again: frozenset[Outcome] = frozenset()
    given: dict[str, str] = field(default_factory=dict)

    @property
    def reads_saved(self) -> bool:
        """Whether pages are read that are saved in files, and nothing is asked for them one by one."""
        return self.pages is not None or self.web_archive == CCNEWS

    @property
    def is_incremental(self) -> bool:
        """Whether nothing is named, so that the crawl takes what is new since the last one."""
        named = (self.ids, self.urls, self.latest, self.pages, self.days, self.web_archive)
        return all(one is None for one in named)

    def covers(self, article: Article) -> bool:
        """Whether an article that was stored belongs to what was asked for; the exports hold no other."""
        return self.days is None or self.days.covers(article)


def parse_arguments(publisher: Publisher, typed: Mapping[str, str]) -> Arguments:
    """Check every argument. Raise BadArgumentError with a sentence for the first that cannot be used."""
    given = _by_new_names(typed)
    for name in given:
        if name not in ARGUMENTS:
            near = difflib.get_close_matches(name, ARGUMENTS, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            if name.isupper():
                hint = f"Settings are given with -s: -s {name}=…. "
            raise BadArgumentError(f"There is no argument {name!r}. {hint}Known are: {', '.join(ARGUMENTS)}.")
    strategies = [name for name in _STRATEGIES if name in given]
    ends: list[str] = [name for name in ("since", "until") if name in given]
    if "pages" in strategies:  # saved pages are stored whatever their day; a range only chooses what is exported
        ends = [name for name in ("refresh",) if name in given]
    if len(strategies) > 1 or (strategies and ends):
        strategies += ends
        raise BadArgumentError(f"{' and '.join(strategies)} cannot be given together; run one crawl for each.")
    if publisher.anywhere and not {"urls", "pages"} & set(given) and given.get("source") != CCNEWS:
        raise BadArgumentError(
            f"{publisher.key} takes pages of any site: name them with urls= or pages=, or read {CCNEWS} (source=)."
        )
    web_archive = _web_archive(given) if "source" in given else None
    form = _form(publisher, given["form"]) if "form" in given else None
    if "ids" in given:
        _check_ids(publisher, form or publisher.default_form)
    ranged = bool({"since", "until"} & set(given))
    return Arguments(
        ids=parse_ids(given["ids"]) if "ids" in given else None,
        urls=_urls(publisher, given["urls"], form) if "urls" in given else None,
        latest=_count(given["latest"]) if "latest" in given else None,
        pages=_pages(given["pages"]) if "pages" in given else None,
        refresh=parse_age(given["refresh"]) if "refresh" in given else None,
        days=parse_date_range(given.get("since"), given.get("until")) if ranged else None,
        web_archive=web_archive,
        via=_via(publisher, given["via"], ranged=ranged) if "via" in given else None,
        again=_again(given["again"]) if "again" in given else frozenset(),
        form=form,
        base_url=_base_url(given["base_url"]) if "base_url" in given else None,
        given=dict(typed),
    )


def _by_new_names(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments under today's names. Raise BadArgumentError where one is given under both."""
    for old, new in OLD_NAMES.items():
        if old in typed and new in typed:
            raise BadArgumentError(f"{new} and {old} are the same argument; give {new}={typed[new]} alone.")
    return {OLD_NAMES.get(name, name): value for name, value in typed.items()}


def _web_archive(given: Mapping[str, str]) -> str:
    name = given["source"]
    if name not in DELAYS:
        *others, last = DELAYS
        raise BadArgumentError(f"source={name}: known web archives are {', '.join(others)} and {last}.")
    unusable = {**_OF_THE_SITE, **dict.fromkeys(("ids", "urls"), _NO_INDEX)} if name == CCNEWS else _OF_THE_SITE
    for other, reason in unusable.items():
        if other in given:
            raise BadArgumentError(f"{other} and source cannot be given together: {reason}.")
    return name


def _pages(text: str) -> Path:
    path = Path(text)
    if not text.strip() or not path.exists():
        raise BadArgumentError(f"pages={text}: there is no such folder or file.")
    if not os.access(path, os.R_OK):
        raise BadArgumentError(f"pages={text} cannot be read.")
    what = kind_of(path.stat().st_mode)
    if what is not None and not path.is_dir():
        raise BadArgumentError(f"pages={text} cannot be read ({what}); name a folder or a file.")
    return path


def _form(publisher: Publisher, text: str) -> str:
    if text not in publisher.forms:
        raise BadArgumentError(f"form={text}: {publisher.key} has the forms {', '.join(publisher.forms)}.")
    return text


def _check_ids(publisher: Publisher, form: str) -> None:
    """Refuse ids for a site whose addresses cannot be made of numbers."""
    if not publisher.made_of_ids(form):
        raise BadArgumentError(
            f"ids=: the addresses of {publisher.key} cannot be made of ids; name articles with urls=, "
            "or days with since= and until=."
        )


def _via(publisher: Publisher, text: str, *, ranged: bool) -> str:
    if not ranged:
        raise BadArgumentError(f"via={text}: it says how since and until find the articles; give one of them too.")
    sources = publisher.sources.names
    if text not in sources:
        raise BadArgumentError(f"via={text}: {publisher.key} has the sources {', '.join(sources) or 'none'}.")
    return text


def _again(text: str) -> frozenset[Outcome]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name == "article":
            raise BadArgumentError(f"again={text}: refresh= visits stored articles again, such as refresh=7d.")
        if name in OUTCOMES and name not in REASKED:
            raise BadArgumentError(f"again={text}: what is {name} stays pending; every run asks for it again.")
        if name not in REASKED:
            raise BadArgumentError(f"again={text}: write not-article, missing, or not-article,missing.")
    return frozenset(outcome for outcome in REASKED if outcome in names)


def _count(text: str) -> int:
    count = text.strip()  # of blanks that int() does not know either
    if not count.isdecimal() or len(text) > _MOST_DIGITS or not 0 < int(count) <= _MOST:
        raise BadArgumentError(f"latest={text}: write a whole number of articles, such as latest=50.")
    return int(count)


def parse_age(text: str, name: str = "refresh=") -> dt.timedelta:
    """Read a length of time such as `7d`, `12h`, `30m` or `2w`. Raise BadArgumentError, which begins with ``name``."""
    match = _AGE.fullmatch(text.strip())
    if not match or not 0 < int(match[1]) < _LONGEST_AGE:
        raise BadArgumentError(f"{name}{text}: write a length of time such as {name}7d, 12h or 2w.")
    return dt.timedelta(**{_AGE_UNITS[match[2]]: int(match[1])})


def _base_url(text: str) -> str:
    found = origin_of(text)
    if found is None:
        raise BadArgumentError(f"base_url={text}: write scheme and host, such as base_url=http://127.0.0.1:8000.")
    return found


def _urls(publisher: Publisher, text: str, form: str | None) -> tuple[Target, ...]:
    if text.startswith("@"):
        lines = read_addresses(Path(text[1:]))
    else:
        lines = [("urls=", part) for part in re.split(r"[\s,]+(?=https?://)|\s+$|^\s+", text) if part]
    if not lines:
        raise BadArgumentError("urls= names no address; write them separated by spaces, or urls=@FILE.")
    targets: dict[str, Target] = {}
    for where, url in lines:
        target = _target(publisher, url, form, where)
        targets.setdefault(target.key, target)
    return tuple(targets.values())


def _target(publisher: Publisher, url: str, form: str | None, where: str) -> Target:
    if not publisher.owns(url):
        raise BadArgumentError(f"{where} {url!r} is not an address of {publisher.key} ({', '.join(publisher.hosts)}).")
    key = publisher.article_id(url)
    if key is None:
        raise BadArgumentError(f"{where} {url!r} is no article of {publisher.key}: no article id is in it.")
    form = form or publisher.form_of(url) or publisher.default_form
    if publisher.makes(key, form):
        return Target(key=key, form=form)
    if publisher.form_of(url) != form:
        raise BadArgumentError(f"{where} {url!r} is no address in the form {form}, and none can be made of its id.")
    return Target(key=key, form=form, url=safe_url_string(urldefrag(plain_url(url.strip())).url))
