"""The print page: one sequence of lines in one of several markups, since the real tags are unknown."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from farscrawler.testing.newsroom import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from farscrawler.testing.newsroom.story import Story

# A line is its role and its text, already HTML; the text of a blank line is empty.
Line = tuple[str, str]

_text = partial(escape, quote=False)
_CLOSE = '<a href="javascript:window.close()">بستن</a>'
_PRINT = '<a href="javascript:window.print()">چاپ</a>'


def render(story: Story) -> str:
    """Return the print page of ``story`` as HTML."""
    head = (
        f'<!DOCTYPE html>\n<html dir="rtl" lang="fa">\n<head><meta http-equiv="content-type" '
        f'content="text/html; charset=utf-8" /><title>{words.SITE_NAME} - {_text(story.headline)}</title>\n'
        '<style type="text/css">body{font-family:tahoma;font-size:12px}</style>\n'
        f"<script>var code = '{story.article_id}'; // 1 مهر 1390 - 10:00:00\n</script></head>\n"
        f"<body>{words.SYNTHETIC}\n"
    )
    return f"{head}{_MARKUPS[story.print_markup](_lines(story))}\n</body>\n</html>\n"


def _lines(story: Story) -> list[Line]:
    lines: list[Line] = []
    if story.layout != "1404":
        lines.append(("site", words.SITE_NAME))
    if story.kicker is not None:
        lines.append(("kicker", _text(story.kicker)))
    lines += [("headline", _text(story.headline)), ("time", _text(story.print_timestamp))]
    if story.layout == "1404":
        lines += [("blank", ""), ("blank", "")]
    if story.agency is not None:
        lines.append(("agency", _text(story.agency)))
    if story.opening is not None:
        lines.append(("lead", _text(story.opening)))
        if story.lead is not None:
            lines.append(("blank", ""))
    lines += [("body", _text(paragraph)) for paragraph in story.paragraphs]
    if story.end_mark is not None:
        lines.append(("end", story.end_mark))
    if story.layout != "1404":
        lines.append(("blank", ""))
    lines.append(("permalink", _text(story.permalink)))
    if story.layout != "1404":
        lines.append(("buttons", f"{_CLOSE}&nbsp;&nbsp;&nbsp;{_PRINT}"))
    return lines


def _divs(lines: list[Line]) -> str:
    inner = "\n".join(f'<div class="prt-{role}">{text}</div>' for role, text in lines)
    return f'<div id="print">\n{inner}\n</div>'


def _table(lines: list[Line]) -> str:
    rows: list[str] = []
    for role, text in lines:
        # A blank row is empty, or holds the engine's usual filler.
        cell = text or ("" if len(rows) % 2 else "&nbsp;")
        rows.append(f'<tr>\n\t<td class="{role}" align="right">{cell}</td>\n</tr>')
    return '<table width="600" cellpadding="2">\n' + "\n".join(rows) + "\n</table>"


def _paragraphs(lines: list[Line]) -> str:
    marked = {"headline": "<b>{}</b>", "time": '<span class="t">{}</span>'}
    return "\n".join(f"<p>{marked.get(role, '{}').replace('{}', text or '&nbsp;')}</p>" for role, text in lines)


def _breaks(lines: list[Line]) -> str:
    return '<form id="form1">\n' + "<br />\n".join(text for _, text in lines) + "\n</form>"


def _unclosed(lines: list[Line]) -> str:
    """Return old-fashioned markup: no paragraph or cell is ever closed, and lines end in filler."""
    tags = {"site": "<center>", "headline": "<tr><td>", "time": "<tr><td>", "buttons": "<p align=center>"}
    inner = "\n".join(f"{tags.get(role, '<p>')}{text}&nbsp;" for role, text in lines[1:])
    return f"<center>{lines[0][1]}</center>\n<table><tr><td>{inner}"


_MARKUPS: dict[str, Callable[[list[Line]], str]] = {
    "divs": _divs,
    "table": _table,
    "p": _paragraphs,
    "br": _breaks,
    "unclosed": _unclosed,
}
