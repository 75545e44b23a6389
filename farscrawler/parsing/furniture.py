"""Lines around an article that are none of its text: end marks, tool labels, related links, buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.persian import comparable, spelling_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from farscrawler.parsing.lines import Lines
    from farscrawler.publishers import Publisher

# The mark alone, or with the reporter's or editor's code: «انتهای پیام/ی», «پایان پیام/ 1204», «انتهای پیام 17302».
# Other words after it make it a phrase of the text: «پایان گزارش هفتگی».
_MARKS = ("انتهای پیام", "انتهای خبر", "انتهای گزارش", "پایان پیام", "پایان خبر", "پایان گزارش")
_END_MARK = re.compile(
    rf"[\s\-–—*./]*(?:{'|'.join(map(spelling_pattern, _MARKS))})"
    r"(?:\s*[/\\|]\s*[\w.\s\-–—/\\|*]{0,16}|\s*[\-–—]?\s*\d[\d\s/.\-]{0,14}|[\s\-–—*.:،|]*)",
)
_MAX_END_MARK = 30  # a longer line that opens with the words is a sentence
# A whole line that opens with one of these is a tool of the page, whatever follows.
_LABELS = ("بزرگنمایی:", "لینک کوتاه:", "کد خبر:", "کد خبرنگار:")
_TOOL_LABEL = re.compile("|".join(map(spelling_pattern, _LABELS)))
_MAX_TOOL_LINE = 600  # the label of the short link is followed by a raw address, 438 characters when encoded
_BUTTONS = frozenset(map(comparable, ("بستن", "چاپ", "بستن چاپ", "چاپ بستن", "بستن | چاپ", "چاپ | بستن")))
_TOOLS = frozenset(
    map(
        comparable,
        (
            *("-->", *_BUTTONS, "بزرگنمایی", "لینک کوتاه"),
            *("اشتراک گذاری", "اشتراک‌گذاری", "اشتراک گذاری:", "ارسال به دوستان", "نسخه چاپی", "کپی شد"),
        ),
    ),
)
_MAX_TOOL = max(map(len, _TOOLS)) + 10  # spaces between two buttons
# Headings of related links. The first are nothing else, so they go even when their links are gone; of the others,
# which are words of a text too, only those that stand over link lines go.
_RELATED_HEADINGS = frozenset(
    map(
        comparable,
        (
            *("بیشتر بخوانید", "بیشتر بخوانید:", "اخبار مرتبط", "اخبار مرتبط:", "مطالب مرتبط", "مطالب مرتبط:"),
            *("خبرهای مرتبط", "خبرهای مرتبط:", "اخبار پیشنهادی", "مطالب پیشنهادی", "اخبار مشابه"),
        ),
    ),
)
_LIKELY_HEADINGS = frozenset(map(comparable, ("بیشتر:", "سایر اخبار مهم", "آخرین اخبار", "آخرین مطالب")))
_MAX_HEADING = 40
# What may follow an end mark without being worth a word: a reporter's code, a bare number.
_CODE = re.compile(r"[\w./\-–]{1,8}|[\d۰-۹٠-٩\s/.\-]{1,16}")


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """The lines of an article's text, ``""`` for a visible blank one, and what was said about leaving lines out."""

    texts: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def is_end_mark(line: str) -> bool:
    """Whether a line is «انتهای پیام» or its like, alone or with a reporter's code."""
    return len(line) <= _MAX_END_MARK and _END_MARK.fullmatch(line) is not None


def is_tool(line: str) -> bool:
    """Whether a line is a button or a tool's label: «بستن   چاپ», «بزرگنمایی: …», a stray ``-->``."""
    if len(line) <= _MAX_TOOL and comparable(line) in _TOOLS:
        return True
    return len(line) <= _MAX_TOOL_LINE and _TOOL_LABEL.match(line) is not None


def is_button(line: str) -> bool:
    """Whether a line is a print page's buttons, the last of its lines."""
    return len(line) <= _MAX_TOOL and comparable(line) in _BUTTONS


def after_label(line: str, label: str) -> str | None:
    """Return what follows a label that opens a line, in any spelling; None when it does not, or nothing follows."""
    found = re.match(spelling_pattern(label), line)
    return (line[found.end() :].strip(" \u00a0") or None) if found else None


def article_text(lines: Lines, publisher: Publisher, article_id: str | None) -> Paragraphs:
    """Return the paragraphs among the lines of an article's container: no end mark, tools or related links."""
    texts = lines.texts
    related = _related(lines, publisher, article_id)
    marks = [i for i, text in enumerate(texts) if is_end_mark(text)]
    end = marks[-1] if marks else len(texts)
    kept = [
        text for i, text in enumerate(texts[:end]) if i not in related and not is_end_mark(text) and not is_tool(text)
    ]
    lost = [
        text
        for i, text in enumerate(texts[end + 1 :], end + 1)
        if text and i not in related and not is_tool(text) and not _CODE.fullmatch(text)
    ]
    warnings = (f"lines-after-end-mark: {len(lost)}",) if lost else ()
    return Paragraphs(trim_blanks(kept), warnings)


def trim_blanks(texts: Sequence[str]) -> tuple[str, ...]:
    """Drop the blank lines at both ends and fold runs of them to one."""
    kept: list[str] = []
    for text in texts:
        if text or (kept and kept[-1]):
            kept.append(text)
    if kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _related(lines: Lines, publisher: Publisher, article_id: str | None) -> Collection[int]:
    """Return the indexes of related links: a heading with the link lines under it, and links to others at the end."""
    related: set[int] = set()
    texts = lines.texts
    under_heading = False
    likely: int | None = None
    for i, text in enumerate(texts):
        if text and i not in lines.links:
            heading = comparable(text) if len(text) <= _MAX_HEADING else ""
            likely = i if heading in _LIKELY_HEADINGS else None
            under_heading = likely is not None or heading in _RELATED_HEADINGS
            if heading in _RELATED_HEADINGS:
                related.add(i)
        elif under_heading:
            related.add(i)
            if text and likely is not None:
                related.add(likely)
    for i in range(len(texts) - 1, -1, -1):
        text = texts[i]
        if not text or i in related or is_end_mark(text) or is_tool(text):
            continue
        # A link that ends with a full stop is a sentence of the text; headlines have none.
        if i not in lines.links or text.endswith(".") or not _leads_elsewhere(lines.links[i], publisher, article_id):
            break
        related.add(i)
    return related


def _leads_elsewhere(href: str, publisher: Publisher, article_id: str | None) -> bool:
    address = publisher.base_url + href if href.startswith("/") else href
    other = publisher.article_id(address)
    return other is not None and other != article_id
