"""Hints of sections and authors in a draft: what is named as a place to look at, and what is left alone."""

from __future__ import annotations

import re

import pytest

from tests.support.drafts import drafted, page

_SECTIONS = ("اقتصاد", "جامعه", "ورزش", "فرهنگ و هنر", "جهان")


def hint(field: str, pages: dict[int, str]) -> str:
    """Return the line of a field in the stanza of these pages."""
    draft = drafted(pages)
    assert field not in draft.site.selectors, "a hint is no selector"
    (line,) = re.findall(rf"^(?:# )?{field}: .*$", draft.text, re.MULTILINE)
    return str(line)


def test_a_link_beside_the_headline_whose_words_differ_may_be_the_section() -> None:
    pages = {
        number: page(number, before=f'<div class="goruh"><a href="/g/{number}">{label}</a></div>')
        for number, label in enumerate(_SECTIONS, 1)
    }
    line = hint("section", pages)
    assert line == (
        "# section: not found; look whether .goruh > a («اقتصاد», on 5 pages) is the label of the section, or the path "
        "above the headline."
    )


@pytest.mark.parametrize(
    "before",
    [
        '<div class="goruh"><a href="/print">چاپ</a></div>',  # the same on every page
        '<div class="goruh"><a href="/story/{n}0">برچسب {n}</a></div>',  # an article
        '<div class="goruh"><a href="/g/{n}">این پیوند با همه واژه‌هایش عنوان خبری دیگر است {n}</a></div>',
        '<div class="goruh">' + "".join(f'<a href="/g/{{n}}{at}">گروه {{n}} {at}</a>' for at in range(5)) + "</div>",
        '<div class="goruh"><a href="http://[x/">گروه {n}</a></div>',
    ],
)
def test_other_links_are_no_hint(before: str) -> None:
    line = hint("section", {number: page(number, before=before.format(n=number)) for number in range(1, 6)})
    assert line == "# section: not found; look for the label of the section, or the path above the headline."


def test_a_line_that_says_who_wrote_it_may_be_that_of_the_authors() -> None:
    names = ("مینا راد", "آرش پارسا", "لاله نیک", "کاوه مهر", "سارا سبز")
    pages = {
        number: page(number, inside=f'</div><div class="signature">خبرنگار: <b>{name}</b>')
        for number, name in enumerate(names, 1)
    }
    assert hint("authors", pages) == (
        "# authors: not found; look whether .signature («خبرنگار: مینا راد», on 5 pages) is the name of who wrote it."
    )
