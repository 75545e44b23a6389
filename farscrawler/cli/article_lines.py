"""One article as lines to be read: its text first, then its fields."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, NamedTuple

from farscrawler.cli.cells import LEFT_TO_RIGHT_MARK, from_right_to_left, hanging, isolated, runs_from_right, wrapped
from farscrawler.days import MARK, jalali
from farscrawler.extract.warnings import in_words
from farscrawler.printing import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.items import Article

#: The column at which the values of fields begin.
_VALUES = 11
#: Lines longer than this are hard to read, however wide the terminal is.
_MOST = 100


class Line(NamedTuple):
    """A printable line; its style is one of rich."""

    text: str
    style: Literal["", "bold", "dim"] = ""


def screen_lines(article: Article, width: int, *, letters: bool) -> Iterator[Line]:
    """Yield the lines of an article for a terminal of ``width`` columns.

    Where the terminal shows all ``letters``, Persian text runs from right to left.
    """
    for texts, style in _texts(article):
        for text in texts:
            yield from _text_lines(text, min(width, _MOST), style, letters=letters)
        yield Line("")
    for name, value in fields(article):
        mark = isolated if letters and not value.isascii() else str
        for line in hanging(name.ljust(_VALUES), _letters(value, letters=letters), width, mark=mark):
            yield Line(f"{LEFT_TO_RIGHT_MARK}{line}" if letters else line)


def plain_lines(article: Article) -> Iterator[str]:
    """Yield the lines of an article for a file or a pipe: a paragraph, a field a line, and no marks."""
    for texts, _ in _texts(article):
        yield from map(printable, texts)
        yield ""
    for name, value in fields(article):
        yield f"{name}: {value}"


def _texts(article: Article) -> Iterator[tuple[list[str], Literal["", "bold", "dim"]]]:
    """Yield the parts of the text, each with its paragraphs and a style."""
    head = [(article.kicker, "dim"), (article.headline, "bold"), (article.subtitle, "dim"), (article.lead, "bold")]
    for text, style in head:
        if text:
            yield text.split("\n"), "bold" if style == "bold" else "dim"
    for paragraph in filter(None, article.body.split("\n")):
        yield [paragraph], ""


def _text_lines(text: str, width: int, style: Literal["", "bold", "dim"], *, letters: bool) -> Iterator[Line]:
    direction = from_right_to_left if letters and runs_from_right(text) else str
    for line in wrapped(_letters(printable(text), letters=letters), width):
        yield Line(direction(line), style)


def _letters(text: str, *, letters: bool) -> str:
    """Return a text as it will be shown, since an escape of a letter is wider than the letter."""
    return text if letters else text.encode("ascii", "backslashreplace").decode()


def fields(article: Article) -> Iterator[tuple[str, str]]:
    """Yield the names and the printable values of all fields that are no text of the article, and have a value."""
    yield "article", printable(f"{article.publisher} {article.article_id}")
    for name, value in _values(article):
        if value:
            yield name, printable(value)


def _values(article: Article) -> Iterator[tuple[str, str | None]]:
    yield "published", _published(article)
    yield "printed", article.published_text
    yield "modified", _both(article.modified_at) if article.modified_at else None
    for name in ("section", "agency", "dateline"):
        yield name, getattr(article, name)
    yield "authors", "، ".join(article.authors)
    yield "tags", "، ".join(article.tags)
    for image in article.images:
        yield "image", " ".join(filter(None, (image["url"], image["caption"])))
    yield "permalink", article.permalink if article.permalink != article.url else None
    yield "url", article.url
    yield "fetched", _both(article.fetched_at)
    yield "revision", str(article.revision)
    for warning in article.warnings:
        yield "warning", in_words(warning)


def _published(article: Article) -> str:
    """Return the time of publication in both calendars, with its precision."""
    if article.published_jalali is None:
        return "no known day"
    gregorian = (article.published_at or article.published_date or "").replace("T", " ")
    said = " = ".join(filter(None, (article.published_jalali.removeprefix(MARK), gregorian)))
    return f"{said} (precision: {article.published_precision})" if article.published_precision else said


def _both(moment: str) -> str:
    """Return a moment with the Jalali day of its own zone before it; a damaged one as it is."""
    try:
        day = jalali(dt.datetime.fromisoformat(moment).date()) or ""
    except ValueError:
        return moment
    return f"{day.replace('-', '/')} = {moment.replace('T', ' ')}"
