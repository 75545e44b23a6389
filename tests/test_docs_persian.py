"""The Persian pages: spelling, direction, links to their English pages, and the sentences that the code prints."""

from __future__ import annotations

import ast
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import OUTCOMES
from farscrawler.archive.copies.tables import DAYS
from farscrawler.copies.compare import CONTAINMENT
from farscrawler.errors import Exit
from farscrawler.items import FIELD_NAMES
from tests.support import ROOT
from tests.support.markdown import FENCE, spans, table_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = "docs/fa/README.md"
ERRORS = "docs/fa/errors.md"
FIELDS = "docs/fa/analysis.md"
ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
REFUSED = "## سایت پاسخ نمی‌دهد یا راه را بسته است"
TEXTS = {
    str(page.relative_to(ROOT)): page.read_text(encoding="utf-8")
    for page in (ROOT / "README.fa.md", *sorted(ROOT.glob("docs/fa/*.md")))
}
BEGIN, END = '<div dir="rtl">', "</div>"
LINK = re.compile(r"\]\(([^)\s]+)\)")
PERSIAN = "\u0600-\u06ff\u200c"
#: What an Arabic keyboard, or a hurried one, leaves in Persian prose.
FAULTS = {
    "an Arabic letter or digit": re.compile(r"[يكىۀ٠-٩]"),
    "a blank behind a prefix": re.compile(rf"(?<![{PERSIAN}])ن?می [{PERSIAN}]"),
    "a blank before a suffix": re.compile(rf"[{PERSIAN}] (?:ها|های|هایی|تر|ترین)(?![{PERSIAN}])"),
    "a Latin comma, semicolon or question mark": re.compile(rf"[{PERSIAN}»)] ?[,;?]"),
    "a blank before a mark": re.compile(r" [،؛؟:.]|[،؛؟](?=[^\s»)،])"),
    "a half-space at the edge of a word": re.compile(rf"\u200c(?![{PERSIAN}])|(?<![{PERSIAN}])\u200c|\u200c\u200c"),
    "a Latin quotation mark": re.compile(r"[\"“”]"),
    "a Latin digit outside code": re.compile(r"(?<![\w-])\d+(?![\w-])", re.ASCII),
    "a Persian zero-width joiner or mark of direction": re.compile("[\u200d\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
}  # fmt: skip


def prose(page: str) -> str:
    """Return what is read as running text: no code, tags or targets of links."""
    text = re.sub(r"^\d+\. ", "", re.sub(r"`[^`\n]+`", "x", FENCE.sub("", TEXTS[page])), flags=re.MULTILINE)
    return re.sub(r"<[^>]+>", "", re.sub(r"\]\([^)\s]+\)", "]", text))


@pytest.mark.parametrize("page", TEXTS)
def test_the_spelling_is_that_of_a_persian_keyboard(page: str) -> None:
    for what, fault in FAULTS.items():
        found = [line for line in prose(page).splitlines() if fault.search(line)]
        assert not found, (what, found)


@pytest.mark.parametrize("page", TEXTS)
def test_prose_runs_from_right_to_left_and_code_does_not(page: str) -> None:
    rtl = fenced = False
    for line in TEXTS[page].splitlines():
        if line.startswith("```"):
            fenced = not fenced
            assert not rtl, line
        elif not fenced and line in (BEGIN, END):
            assert rtl == (line == END), line
            rtl = line == BEGIN
        else:
            assert fenced or rtl or not line.strip(), line
    assert not rtl
    assert not fenced


@pytest.mark.parametrize("page", TEXTS)
def test_no_code_among_persian_words_turns_round(page: str) -> None:
    """A sign at the edge of a code span goes to its other side there, and digits with hyphens exchange their places."""
    for span in spans(TEXTS[page]):
        assert re.fullmatch(r"\w(?:.*\w)?", span), span
        assert re.match(r"[A-Za-z_]", span) or not re.search(r"\d-\d", span), span


def targets(page: str, text: str) -> set[str]:
    """Return the pages that a page links to, as paths of the repository."""
    folder = (ROOT / page).parent
    paths = [target.partition("#")[0] for target in LINK.findall(text) if not re.match(r"[a-z]+:", target)]
    return {str((folder / path).resolve().relative_to(ROOT)) for path in paths if path}


@pytest.mark.parametrize("page", TEXTS)
def test_a_persian_page_and_its_english_one_lead_to_each_other(page: str) -> None:
    (english,) = targets(page, "".join(re.findall(r"\[English\]\([^)\s]+\)", TEXTS[page])))
    assert english not in TEXTS
    back = "README.fa.md" if page == GUIDE else page  # the readme has one line for all of the guide
    assert back in targets(english, (ROOT / english).read_text(encoding="utf-8"))


def test_every_persian_page_can_be_reached_from_the_persian_readme_and_guide() -> None:
    everywhere = set(TEXTS) - {GUIDE, "README.fa.md"}
    assert everywhere <= targets("README.fa.md", TEXTS["README.fa.md"])
    assert everywhere <= targets(GUIDE, TEXTS[GUIDE])


def test_headings_that_are_linked_to_have_no_letters_that_sites_leave_out_of_anchors() -> None:
    anchors = {anchor for text in TEXTS.values() for anchor in re.findall(r"\]\([^)\s#]*#([^)\s]+)\)", text)}
    for text in TEXTS.values():
        for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE):
            marks = [letter for letter in heading if unicodedata.category(letter) in ("Cf", "Mn")]
            assert not marks or re.sub(r"[^\w -]", "", heading).replace(" ", "-") not in anchors, heading


def steps(text: str) -> set[str]:
    """Return the lines of scripts and TOML on a page, without their comments."""
    blocks = "\n".join(block for kind, block in FENCE.findall(text) if kind in ("sh", "toml"))
    return {line.strip() for line in re.sub(r"(?:^|\s{2,})#.*", "", blocks, flags=re.MULTILINE).splitlines()}


def test_scripts_and_stanzas_are_those_of_english_pages_where_they_are_tried() -> None:
    pages = [page for page in ROOT.glob("docs/*.md") if str(page.relative_to(ROOT)) not in TEXTS]
    english = set().union(*(steps(page.read_text(encoding="utf-8")) for page in pages))
    assert set().union(*map(steps, TEXTS.values())) <= english


def test_fields_exit_codes_and_outcomes_are_those_of_the_code() -> None:
    assert [row[0].strip("`") for row in table_rows(TEXTS[FIELDS], "## فیلدها")] == list(FIELD_NAMES)
    codes = [int(row[0].strip("`")) for row in table_rows(TEXTS[ERRORS], "## کدهای خروج")]
    assert codes == [int(code) for code in Exit]
    assert [row[0].strip("`") for row in table_rows(TEXTS[ERRORS], REFUSED)] == list(OUTCOMES)


def test_the_numbers_in_the_prose_are_those_of_the_code() -> None:
    assert f"دست‌کم {100 * CONTAINMENT:.0f} درصد".translate(DIGITS) in TEXTS[FIELDS]
    assert "بیش از سه روز" in TEXTS[FIELDS]
    assert DAYS == 3


def test_the_words_are_in_order_and_each_has_one_meaning() -> None:
    words = [row[0] for row in table_rows(TEXTS[GUIDE], "## واژگان")]
    assert len(words) == len(set(words))
    assert words == sorted(words, key=lambda word: [list(map(ALPHABET.find, part)) for part in word.split()])
    everything = "".join(text for page, text in TEXTS.items() if page != GUIDE)
    assert not [word for word in words if word not in everything]


@cache
def said() -> tuple[str, ...]:
    """Return the texts in the code, with an ellipsis for what is put into them."""
    return tuple(
        re.sub(r"\{\w*\}|%s", "…", text)
        for path in (ROOT / "farscrawler").rglob("*.py")
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
    )


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the strings of a module; an f-string as a whole."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_errors_are_printed_as_the_page_has_them() -> None:
    sentences = [line for kind, block in FENCE.findall(TEXTS[ERRORS]) if kind == "text" for line in block.splitlines()]
    assert len(sentences) == len(set(sentences)) > 40
    changed = [sentence for sentence in sentences if not any(sentence in text for text in said())]
    assert not changed, f"write these sentences into {ERRORS} as the code has them now, … for each value"
