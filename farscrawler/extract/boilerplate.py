"""Lines around an article that are none of its text: end marks, tool labels, related links, buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.persian import fold_label, spelling_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from farscrawler.extract.lines import Lines
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
_LABELS = (
    *("بزرگنمایی:", "لینک کوتاه:", "کد خبر:", "کد خبرنگار:", "کد مطلب:", "برچسب ها:"),
    # What stands around readers' comments.
    *("غیر قابل انتشار:", "در انتظار بررسی:", "انتشار یافته:"),
)
_TOOL_LABEL = re.compile("|".join(spelling_pattern(label[:-1]) + r"\s*:" for label in _LABELS))
_MAX_TOOL_LINE = 600  # the label of the short link is followed by a raw address, 438 characters when encoded
_BUTTONS = frozenset(map(fold_label, ("بستن", "چاپ", "بستن چاپ", "چاپ بستن", "بستن | چاپ", "چاپ | بستن")))
_TOOLS = frozenset(
    map(
        fold_label,
        (
            *("-->", *_BUTTONS, "بزرگنمایی", "لینک کوتاه"),
            *("اشتراک گذاری", "اشتراک‌گذاری", "اشتراک گذاری:", "ارسال به دوستان", "نسخه چاپی", "کپی شد"),
            *(
                "برچسب ها",
                "برچسب ها:",
                "برچسب",
                "کپی لینک",
                "copied",
                "گزارش خطا",
                "ارسال نظر",
                "نظر شما",
                "نظرات",
                "نظرات کاربران",
            ),
        ),
    ),
)
_MAX_TOOL = max(map(len, _TOOLS)) + 10  # spaces between two buttons
# Headings of related links. The first are nothing else, so they go even when their links are gone; of the others,
# which are words of a text too, only those that stand over link lines go.
_RELATED_HEADINGS = frozenset(
    map(
        fold_label,
        (
            *("بیشتر بخوانید", "بیشتر بخوانید:", "اخبار مرتبط", "اخبار مرتبط:", "مطالب مرتبط", "مطالب مرتبط:"),
            *("خبرهای مرتبط", "خبرهای مرتبط:", "اخبار پیشنهادی", "مطالب پیشنهادی", "اخبار مشابه"),
        ),
    ),
)
_LIKELY_HEADINGS = frozenset(map(fold_label, ("بیشتر:", "سایر اخبار مهم", "آخرین اخبار", "آخرین مطالب")))
_MAX_HEADING = 40
# A line that opens so and goes on to a headline is one of related links in a line; no sentence of a text does.
_MORE = ("بیشتر بخوانید", "بیشتر بدانید", "مرتبط بخوانید", "همچنین بخوانید", "حتما بخوانید", "اینجا بخوانید")
_MORE_LINE = re.compile(rf"[\W_]*(?:{'|'.join(map(spelling_pattern, _MORE))})\s*:.*")
_MAX_MORE_LINE = 300
# What scripts leave in a text when the editor pasted them without their tags.
_SCRIPT = re.compile(
    r"(?:\$\(|jQuery\(|var\s+\w+\s*=|let\s+\w+\s*=|\(?function\s*\w*\(|tavoos_init_player|googletag\.|window\.|document\.).*"
    r"|[\s(){}\[\];,]*[{}\];)][\s(){}\[\];,]*",
    re.DOTALL,
)
# An address alone in a line; on one of the site's own hosts it is the article's short link.
_ADDRESS = re.compile(r"(?:https?://)?([a-z0-9.-]+\.[a-z]{2,})(?:/\S*)?", re.IGNORECASE)
# The codes of reporter and editor at the end of a text: 17302, 265 33, /ن, ms.
_SIGN_OFF = re.compile(
    rf"(?:{spelling_pattern('کد خبرنگار')}|{spelling_pattern('خبرنگار')})\s*[:：]?\s*[\d۰-۹٠-٩]{{2,8}}"
    r"|[\d۰-۹٠-٩]{2,8}(?:[\s/.\-]{1,3}[\d۰-۹٠-٩]{2,8}){0,2}|/\s?[^\W\d_]{1,3}(?:\s?/\s?[^\W\d_]{1,3})?|[a-z]{1,3}"
)
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
    if len(line) <= _MAX_TOOL and fold_label(line) in _TOOLS:
        return True
    return len(line) <= _MAX_TOOL_LINE and _TOOL_LABEL.match(line) is not None


def is_button(line: str) -> bool:
    """Whether a line is a print page's buttons, the last of its lines."""
    return len(line) <= _MAX_TOOL and fold_label(line) in _BUTTONS


def after_label(line: str, label: str) -> str | None:
    """Return what follows a label that opens a line, in any spelling; None when it does not, or nothing follows."""
    found = re.match(spelling_pattern(label), line)
    return (line[found.end() :].strip(" \u00a0") or None) if found else None


def article_text(lines: Lines, publisher: Publisher, article_id: str | None) -> Paragraphs:
    """Return the paragraphs among the lines of an article's container: no end mark, tools or related links.

    What the publisher's rules call junk is none either, and their end marks are as good as those of everybody.
    """
    texts = lines.texts
    rules = publisher.rules
    related = _related(lines, publisher, article_id)
    marks = [i for i, text in enumerate(texts) if is_end_mark(text) or _is_any(rules.end, text)]
    end = marks[-1] if marks else len(texts)

    def is_text(i: int, text: str) -> bool:
        return i not in related and not is_tool(text) and not _is_debris(text, publisher, article_id)

    places = [i for i, text in enumerate(texts[:end]) if i not in marks and is_text(i, text)]
    kept = trim_blanks([texts[i] for i in places])
    # The last figures of a table look like a reporter's code.
    last_cell = next((n for n, i in reversed([*enumerate(places, 1)]) if i in lines.cells), 0)
    table = len(trim_blanks([texts[i] for i in places[:last_cell]]))
    lost = [
        text
        for i, text in enumerate(texts[end + 1 :], end + 1)
        if text and is_text(i, text) and not _CODE.fullmatch(text)
    ]
    warnings = (f"lines-after-end-mark: {len(lost)}",) if lost else ()
    return Paragraphs(_without_sign_off(kept, table), warnings)


def _is_any(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return bool(text) and any(pattern.fullmatch(text) for pattern in patterns)


def _is_debris(text: str, publisher: Publisher, article_id: str | None) -> bool:
    """Whether a line is the site's junk, a pasted script, related links in one line, or the article's short link."""
    if not text:
        return False
    if publisher.rules.junk and _is_any(publisher.rules.junk, text):
        return True
    if text[0].isascii() and _SCRIPT.fullmatch(text):
        return True
    if len(text) <= _MAX_MORE_LINE and _MORE_LINE.match(text):
        return True
    address = _ADDRESS.fullmatch(text)
    if address is None or address[1].lower() not in publisher.hosts:
        return False
    return publisher.article_id(text if "://" in text else f"{publisher.scheme}://{text}") in (None, article_id)


def _without_sign_off(texts: tuple[str, ...], table: int) -> tuple[str, ...]:
    """Drop the codes of reporter and editor that end a text, behind its last ``table``; alone they are no text."""
    end = len(texts)
    while end > table and (not texts[end - 1] or _SIGN_OFF.fullmatch(texts[end - 1])):
        end -= 1
    return texts[:end]


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
            heading = fold_label(text) if len(text) <= _MAX_HEADING else ""
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
