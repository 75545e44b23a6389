"""Help for the tests of parsing: print pages of given lines in several markups, and from bytes to an Article."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pytest

from farscrawler import extract as parsing
from farscrawler import publishers
from farscrawler.outcomes.visit import FetchedArticle
from tests.support import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FARSONLINE = publishers.load("farsonline")
FETCHED_AT = "2026-11-23T08:00:00+00:00"
HTML = "text/html; charset=utf-8"


def shared() -> Path:
    """Return the folder of references; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip("the references are not beside the checkout")
    return SHARED


def recognise(
    body: bytes | str,
    article_id: str | None = None,
    *,
    publisher: publishers.Publisher = FARSONLINE,
    form: str = "print",
    url: str | None = None,
    content_type: str | None = HTML,
) -> parsing.Page | parsing.NoArticle:
    raw = body.encode() if isinstance(body, str) else body
    if url is None:
        url = publisher.url_for(article_id, form) if article_id else publisher.base_url + "/"
    return parsing.read_page(
        raw,
        publisher=publisher,
        form=form,
        url=url,
        article_id=article_id,
        content_type=content_type,
    )


def page_of(body: bytes | str, article_id: str | None = None, **how: object) -> parsing.Page:
    found = recognise(body, article_id, **how)  # type: ignore[arg-type]  # passed on as they came
    assert isinstance(found, parsing.Page), found
    return found


def article_of(
    body: bytes | str, article_id: str | None = None, *, fetched_at: str = FETCHED_AT, **how: object
) -> FetchedArticle:
    page = page_of(body, article_id, **how)
    article = FetchedArticle(
        publisher=page.publisher.key,
        article_id=page.article_id,
        url=page.url,
        fetched_at=fetched_at,
    )
    article.page = page
    parsing.fill(article, page)
    return article


def no_article(body: bytes | str, article_id: str | None = None, **how: object) -> tuple[str, str]:
    found = recognise(body, article_id, **how)  # type: ignore[arg-type]  # passed on as they came
    assert isinstance(found, parsing.NoArticle), found
    return found.outcome, found.text


def _text(line: str) -> str:
    return escape(line, quote=False)


def divs(lines: list[str]) -> str:
    return "<div id='print'>\n" + "\n".join(f"<div>{_text(line)}</div>" for line in lines) + "\n</div>"


def table_cells(lines: list[str]) -> str:
    rows = "\n".join(f"<tr>\n\t<td align='right'>\n\t\t{_text(line)}\n\t</td>\n</tr>" for line in lines)
    return f"<table width=600>\n{rows}\n</table>"


def paragraphs(lines: list[str]) -> str:
    return "\n".join(f"<p><span>{_text(line) or '&nbsp;'}</span></p>" for line in lines)


def bare_breaks(lines: list[str]) -> str:
    return "<br>\n".join(_text(line) for line in lines)


def unclosed(lines: list[str]) -> str:
    openers = ("<p>", "<tr><td>", "<p align=right><font size=2>", "<div>")
    parts = [f"{openers[i % 4]}{_text(line)}&nbsp; " for i, line in enumerate(lines)]
    return "<center><table><tr><td>\n" + "\n".join(parts)


MARKUPS: dict[str, Callable[[list[str]], str]] = {
    "divs": divs,
    "table-cells": table_cells,
    "paragraphs": paragraphs,
    "bare-breaks": bare_breaks,
    "unclosed": unclosed,
}


def print_page(lines: list[str], markup: str = "divs", *, closed: bool = True) -> str:
    """Return a whole print page of these lines; the text in its head and scripts is none of the page's."""
    head = (
        "<!DOCTYPE html><html dir=rtl><head><meta charset=utf-8><title>پیام فارس - چاپ</title>"
        "<script>var t = 'شنبه 1 مهر 1390 - 10:00:00';</script><style>p { color: #000 }</style></head>\n"
    )
    return f"{head}<body>\n{MARKUPS[markup](lines)}" + ("\n</body></html>\n" if closed else "")
