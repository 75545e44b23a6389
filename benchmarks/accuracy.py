"""What is read of pages whose articles are known: headline, moment, text and half-spaces, beside peers.

The sets: all fixtures of tests/, real pages where the references stand beside the checkout, and folders of pages given
on the command line, as two public test sets are laid out:

* article-extraction-benchmark: ``ground-truth.json`` and ``html/ID.html.gz``;
* newspaper4k's tests/data: ``html/NAME.html`` and ``txt/NAME.txt``.

Those pages belong to their publishers, and are no part of this project.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import mean
from typing import TYPE_CHECKING, Any

from benchmarks.figures import table
from benchmarks.parse import SHARED
from benchmarks.readers import OURS, Asked, Found, Moment, installed, jalali_day
from farscrawler.publishers import catalogue
from farscrawler.zones import time_zone
from tests.support.cases import cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_FETCHED = "2026-11-23T08:00:00+00:00"  # after every page that is measured
_ZWNJ = "\u200c"
#: Scripts that put no blanks between words begin here; their letters are compared.
_NO_BLANKS_FROM = 0x2E80


@dataclass(frozen=True, slots=True)
class Known:
    """A page and what a reader must find: ``headline`` None where nobody wrote it down.

    ``moments`` are the right ones, several where the page itself prints several; empty where the page tells none, and
    None where nobody wrote it down.
    """

    name: str
    asked: Asked
    text: str
    headline: str | None = None
    moments: tuple[datetime | date, ...] | None = None


@dataclass(slots=True)
class Score:
    """The counts of one reader over one set; ``f1`` holds a figure a page, 0 for one that was refused."""

    refused: list[str] = field(default_factory=list)
    headlines: int = 0
    right: int = 0
    day_only: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: int = 0
    f1: list[float] = field(default_factory=list)
    kept: int = 0
    destroyed: int = 0

    def add(self, page: Known, found: Found | None) -> None:
        """Count what a reader found on a page."""
        if found is None:
            self.refused.append(page.name)
            found = Found("", None, "")
        self.f1.append(f1(found.text, page.text))
        self.headlines += page.headline is not None and _same(found.headline, page.headline)
        kept, destroyed = half_spaces(found.text, page.text)
        self.kept += kept
        self.destroyed += destroyed
        if page.moments is not None:
            self._add_moment(page, found.moment, page.moments)

    def _add_moment(self, page: Known, said: Moment, right: Sequence[datetime | date]) -> None:
        if said is None:
            if right:
                self.missing += 1
            else:
                self.right += 1
        elif any(_agree(said, moment) for moment in right):
            day_only = not isinstance(said, datetime) and any(isinstance(moment, datetime) for moment in right)
            self.day_only += day_only
            self.right += not day_only
        else:
            self.wrong.append(f"{page.name}: {said}")

    @property
    def zwnj(self) -> float:
        """The share of words with a half-space that were found and still have it."""
        return self.kept / max(1, self.kept + self.destroyed)


HEAD = (
    *("reader", "pages", "refused", "headline right"),
    *("moment right", "day alone", "wrong", "missing", "F1 of the text", "half-spaces kept, %"),
)


def measure(folders: Iterable[Path] = ()) -> str:
    """Read every set with every reader; return a table a set."""
    peers, missing = installed()
    parts = []
    for title, pages in sets(folders):
        scores = score(pages, {**OURS, **peers})
        parts.append(f"### {title}\n\n{_table(pages, scores)}\n{_details(scores)}".rstrip())
    if missing:
        parts.append(f"Not installed, so not measured: {', '.join(missing)} (`pip install 'farscrawler[peers]'`).")
    return "\n\n".join(parts)


def score(pages: Sequence[Known], readers: Mapping[str, Callable[[Asked], Found | None]]) -> dict[str, Score]:
    """Return the score of each reader over some pages."""
    found = {}
    for name, read in readers.items():
        if name == "farscrawler, with stanza" and all(page.asked.publisher is None for page in pages):
            continue
        found[name] = Score()
        for page in pages:
            found[name].add(page, read(page.asked))
    return found


def sets(folders: Iterable[Path]) -> Iterator[tuple[str, list[Known]]]:
    """Yield title and pages of every set that is at hand. Raises ValueError for a folder of no known layout."""
    yield "Fixtures", fixtures()
    if real := real_pages():
        yield "Real pages", real
    for folder in folders:
        pages = list(_public_set(folder))
        if not pages:
            raise ValueError(
                f"{folder} is laid out like neither test set: ground-truth.json with html/ID.html.gz, "
                "or html/NAME.html with txt/NAME.txt."
            )
        yield f"Pages of {folder.name}", pages


def fixtures() -> list[Known]:
    """Return all article pages of tests/fixtures, menus filled up."""
    found = []
    for case in cases():
        expected = case.expected
        if expected.get("form") != "article" or "article" not in expected:
            continue
        wanted, publisher = expected["article"], case.publisher
        asked = Asked(
            body=case.body,
            url=expected.get("url") or publisher.url_for(expected["article_id"], "article"),
            fetched_at=expected.get("fetched_at", _FETCHED),
            content_type=expected.get("content_type"),
            publisher=publisher,
            form="article",
            article_id=expected["article_id"],
        )
        text = "\n".join(filter(None, (wanted.get("lead"), wanted.get("body"))))
        found.append(Known(case.name, asked, text, wanted["headline"], _moments(wanted)))
    return found


def real_pages() -> list[Known]:
    """Return the real pages of the references, none where they do not stand beside the checkout."""
    found = []
    for file in sorted((SHARED / "pages").glob("*/*.gold.json")):
        page = file.with_name(file.name.replace(".gold.json", ".html"))
        gold: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        url = gold["url"] if "://" in gold["url"] else f"http://{gold['url']}"
        publisher = next(iter(catalogue.installed().of_url(url)), None)
        asked = Asked(
            body=page.read_bytes(),
            url=url,
            fetched_at=_FETCHED,
            publisher=publisher,
            form=None if publisher is None else publisher.form_of(url) or "article",
            article_id=None if publisher is None else publisher.article_id(url),
        )
        times = (gold.get("published_at") or gold.get("published"), gold.get("published_alt"))
        text = "\n".join(filter(None, (gold.get("lead"), *gold["body"])))
        moments = tuple(datetime.fromisoformat(time) for time in times if time)
        found.append(Known(f"{file.parent.name}/{page.stem}", asked, text, gold["headline"], moments))
    return found


def _public_set(folder: Path) -> Iterator[Known]:
    truth = folder / "ground-truth.json"
    if truth.is_file():
        for name, values in json.loads(truth.read_text(encoding="utf-8")).items():
            body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
            asked = Asked(body, values.get("url") or "https://www.example.org/article", _FETCHED)
            yield Known(name, asked, values["articleBody"])
        return
    for text in sorted(folder.glob("txt/*.txt")):
        page = folder / "html" / f"{text.stem}.html"
        if page.is_file():
            asked = Asked(page.read_bytes(), "https://www.example.org/article", _FETCHED)
            yield Known(text.stem, asked, text.read_text(encoding="utf-8"))


def _moments(wanted: Mapping[str, Any]) -> tuple[datetime | date, ...]:
    if wanted.get("published_at"):
        return (datetime.fromisoformat(wanted["published_at"]),)
    day = jalali_day(wanted.get("published_jalali"))
    return () if day is None else (day,)


def _agree(said: datetime | date, right: datetime | date) -> bool:
    """Whether a moment is the right one: to the minute, or the same day where one of the two is a day."""
    if isinstance(said, datetime) and isinstance(right, datetime):
        # A peer's clock without a zone may be meant as the page's or as UTC: either counts as right.
        zones = (time_zone("Asia/Tehran"), UTC) if said.tzinfo is None else (None,)
        moments = (said if zone is None else said.replace(tzinfo=zone) for zone in zones)
        return any(abs(moment - right) < timedelta(minutes=1) for moment in moments)
    return _day(said) == _day(right)


def _day(moment: datetime | date) -> date:
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(time_zone("Asia/Tehran")) if moment.tzinfo is not None else moment).date()


def _same(found: str, wanted: str) -> bool:
    """Whether two headlines are the same to a reader; half-spaces are counted by themselves."""
    return _seen(found) == _seen(wanted)


def _seen(text: str) -> str:
    return " ".join(text.replace(_ZWNJ, "").replace("\u00a0", " ").split())


def f1(found: str, wanted: str) -> float:
    """Return the harmonic mean of precision and recall of words."""
    right, said = _words(wanted), _words(found)
    return 2 * (right & said).total() / max(1, right.total() + said.total())


def _words(text: str) -> Counter[str]:
    text = text.replace(_ZWNJ, "")
    no_blanks = sum(ord(letter) >= _NO_BLANKS_FROM for letter in text) > len(text) / 3
    return Counter(re.findall(r"\w" if no_blanks else r"\w+", text))


def half_spaces(found: str, wanted: str) -> tuple[int, int]:
    """Return how many words with a half-space were found with it, and how many without: glued or with a blank.

    A word that the right text itself has in both spellings counts as often as it is there with its half-space.
    """
    kept = destroyed = 0
    for word in set(re.findall(rf"\w+(?:{_ZWNJ}\w+)+", wanted)):
        (right, spelt_otherwise), (said, changed) = _spellings(word, wanted), _spellings(word, found)
        still = min(said, right)
        kept += still
        destroyed += min(max(0, changed - spelt_otherwise), right - still)
    return kept, destroyed


def _spellings(word: str, text: str) -> tuple[int, int]:
    """Return how often a word is in a text with all its half-spaces, and how often without some of them."""
    pattern = re.escape(word).replace(_ZWNJ, f"({_ZWNJ}| |)")
    found = [set(match.groups()) == {_ZWNJ} for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text)]
    return sum(found), len(found) - sum(found)


def _table(pages: Sequence[Known], scores: Mapping[str, Score]) -> str:
    titled = any(page.headline is not None for page in pages)
    timed = any(page.moments is not None for page in pages)
    rows = []
    for name, one in scores.items():
        moments = (one.right, one.day_only, len(one.wrong), one.missing) if timed else ("",) * 4
        zwnj = f"{100 * one.zwnj:.1f}" if one.kept + one.destroyed else ""
        headlines = one.headlines if titled else ""
        rows.append([name, len(pages), len(one.refused), headlines, *moments, f"{mean(one.f1):.3f}", zwnj])
    return table(HEAD, rows)


def _details(scores: Mapping[str, Score]) -> str:
    """Name what we refused or read wrong, so that it can be looked at."""
    lines = []
    for name in OURS:
        if (one := scores.get(name)) is not None:
            lines += [f"* {name} refused {', '.join(one.refused)}."] if one.refused else []
            lines += [f"* {name} has a wrong moment: {said}." for said in one.wrong]
    return "\n" + "\n".join(lines) if lines else ""
