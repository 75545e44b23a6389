"""Readers of one page, ours and those of peers, all asked the same: headline, moment of publication and text.

A peer that is not installed is left out and named (`pip install 'farscrawler[peers]'` brings them all). None may fetch:
what a reader would ask the network for is refused while it reads.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import warnings
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib import import_module
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jdatetime
from lxml import html

from farscrawler.extract import NoArticle, Page, fill, general, read_article
from farscrawler.extract.document import Document, decode, parse
from farscrawler.extract.lines import block_lines
from farscrawler.items import Article
from farscrawler.publishers.model import in_zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from farscrawler.publishers import Publisher

Moment = datetime | date | None
_PERSIAN = re.compile("[پچژگکی]")  # letters of Persian that are none of Arabic
_PERSIAN_FROM = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as a reader gets it: body, address, and the publisher whose stanza ours may use."""

    body: bytes
    url: str
    fetched_at: str
    content_type: str | None = None
    publisher: Publisher | None = None
    form: str | None = None
    article_id: str | None = None

    @property
    def text(self) -> str:
        """The decoded page: peers get it as text, so that no wrong guess of an encoding counts against them."""
        return decode(self.body, self.content_type).text

    @property
    def language(self) -> str | None:
        """``fa`` for a page in Persian, which some peers want to be told; None where they shall find out."""
        return "fa" if len(_PERSIAN.findall(self.text)) > _PERSIAN_FROM else None


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader found; ``text`` is lead and body, ``moment`` a date where it names only the day."""

    headline: str
    moment: Moment
    text: str


def by_stanza(page: Asked) -> Found | None:
    """Read a page by the stanza of its publisher. None: refused."""
    return None if page.publisher is None else _ours(page, page.publisher, page.article_id)


def as_nobodys(page: Asked) -> Found | None:
    """Read a page as one of a site that nobody knows. None: refused."""
    return _ours(page, in_zone_of(page.url), None)


def by_general_rules(page: Asked) -> Found | None:
    """Read a page by the general rules alone, as one of a system that nobody knows. None: refused."""
    publisher = replace(in_zone_of(page.url), family="unknown")
    text = page.text
    root, _ = parse(text.encode("utf-8", "replace"))
    if root is None:
        return None
    document = Document(publisher=publisher, form="article", url=page.url, article_id=page.url, text=text, root=root)
    raw = general.read_fields(document)
    if isinstance(raw, NoArticle):
        return None
    article = Article(publisher=publisher.key, article_id=page.url, url=page.url, fetched_at=page.fetched_at)
    fill(
        article,
        Page(publisher=publisher, form="article", url=page.url, article_id=page.url, encoding="utf-8", raw=raw),
    )
    return _found(article)


def _ours(page: Asked, publisher: Publisher, article_id: str | None) -> Found | None:
    found = read_article(
        page.body,
        publisher=publisher,
        url=page.url,
        form=page.form if article_id is not None else "article",
        article_id=article_id,
        content_type=page.content_type,
        fetched_at=page.fetched_at,
    )
    return None if isinstance(found, NoArticle) else _found(found)


def _found(article: Article) -> Found:
    return Found(article.headline, moment_of(article), text_of(article))


def moment_of(article: Article) -> Moment:
    """Return the moment of an article, its day where only that is certain, or None."""
    if article.published_at is not None:
        return datetime.fromisoformat(article.published_at)
    return jalali_day(article.published_jalali)


def jalali_day(text: str | None) -> date | None:
    """Return the Gregorian day of a Jalali one (``SH 1402/07/19``). Raises ValueError for what is none."""
    return None if text is None else jdatetime.date(*map(int, re.findall("[0-9]+", text)[:3])).togregorian()


def text_of(article: Article) -> str:
    """Return lead and body, which peers do not part."""
    return "\n".join(part for part in (article.lead, article.body) if part)


def _trafilatura(page: Asked) -> Found | None:
    found = import_module("trafilatura").bare_extraction(
        page.text,
        url=page.url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"outputformat": "%Y-%m-%dT%H:%M:%S", "original_date": True},
    )
    if found is None:
        return None
    return Found(found.title or "", _told(found.date), found.text or "")


def _newspaper4k(page: Asked) -> Found | None:
    article = import_module("newspaper").Article(page.url, **({"language": page.language} if page.language else {}))
    article.download(input_html=page.text)
    article.parse()
    return Found(article.title or "", _told(article.publish_date), article.text or "")


def _readability(page: Asked) -> Found | None:
    document = import_module("readability").Document(page.text)
    text = "\n".join(block_lines(html.fromstring(document.summary())).texts)
    return Found(document.short_title() or "", None, text)


def _goose3(page: Asked) -> Found | None:
    goose = import_module("goose3").Goose
    settings: dict[str, Any] = {"enable_image_fetching": False}
    if page.language:
        settings |= {"use_meta_language": False, "target_language": page.language}
    with goose(settings) as reader:
        found = reader.extract(raw_html=page.text)
    return Found(found.title or "", _told(found.publish_datetime_utc or found.publish_date), found.cleaned_text or "")


def _news_please(page: Asked) -> Found | None:
    found = import_module("newsplease").NewsPlease.from_html(page.text, url=page.url, fetch_images=False)
    return Found(found.title or "", _told(found.date_publish), found.maintext or "")


#: The peers: the name of each package, which is its name on PyPI too.
PEERS: Mapping[str, Callable[[Asked], Found | None]] = MappingProxyType(
    {
        "trafilatura": _trafilatura,
        "newspaper4k": _newspaper4k,
        "readability-lxml": _readability,
        "goose3": _goose3,
        "news-please": _news_please,
    }
)
OURS: Mapping[str, Callable[[Asked], Found | None]] = MappingProxyType(
    {
        "farscrawler, with stanza": by_stanza,
        "farscrawler, as a site of nobody": as_nobodys,
        "farscrawler, general rules alone": by_general_rules,
    }
)
_MODULES = {"newspaper4k": "newspaper", "readability-lxml": "readability", "news-please": "newsplease"}


def installed() -> tuple[dict[str, Callable[[Asked], Found | None]], list[str]]:
    """Return the peers that are installed, by name and version, and the names of the others."""
    found, missing = {}, []
    for name, read in PEERS.items():
        try:
            with _quietly():
                import_module(_MODULES.get(name, name))
        except ImportError:
            missing.append(name)
            continue
        found[f"{name} {version(name)}"] = _guarded(read)
    return found, missing


def _guarded(read: Callable[[Asked], Found | None]) -> Callable[[Asked], Found | None]:
    """Return a peer that refuses what it breaks on or finds nothing in, and that fetches nothing."""

    def guarded(page: Asked) -> Found | None:
        try:
            with _quietly(), _offline():
                found = read(page)
        except Exception:  # noqa: BLE001  # whatever a peer raises, its user has no article
            return None
        return found if found is not None and (found.text.strip() or found.headline.strip()) else None

    return guarded


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("a reader of pages asks no network")

    connect = socket.socket.connect
    socket.socket.connect = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]


def _told(value: Any) -> Moment:
    """Return what a peer says of the time; midnight without a zone is how they write a day."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        clockless = value.tzinfo is None and (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date() if clockless else value
    return value if isinstance(value, date) else None
