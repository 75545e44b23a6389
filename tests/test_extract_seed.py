"""The site's own document, a print page as text, dressed in five markups: every field right to the character."""

from __future__ import annotations

import pytest

from tests.support.extract_pages import MARKUPS, article_of, print_page, shared


def seed_lines() -> list[str]:
    text = (shared() / "sites" / "seed" / "print-267403.txt").read_text(encoding="utf-8")
    return text.rstrip("\n").split("\n")


@pytest.mark.parametrize("markup", MARKUPS)
def test_every_field_of_the_seed_in_every_markup(markup: str) -> None:
    lines = seed_lines()
    article = article_of(print_page(lines, markup), "267403")
    lead = lines[4]
    assert lead.startswith("پیام فارس - ")
    assert article.kicker == lines[1]
    assert article.headline == lines[2]
    assert article.subtitle is None
    assert article.published_text == lines[3]
    assert article.published_at == "2022-05-18T14:55:59+04:30"
    assert article.published_jalali == "SH 1401/02/28 14:55:59"
    assert article.published_precision == "second"
    assert article.dateline == "پیام فارس"
    assert article.lead == lead.removeprefix("پیام فارس - ")
    assert article.body == "\n".join(lines[6:12])
    assert article.body.count("\u00a0") + article.lead.count("\u00a0") == 6
    assert article.permalink == lines[14]
    assert (article.agency, article.section, article.modified_at) == (None, None, None)
    assert (article.authors, article.tags, article.images) == ([], [], [])
    assert article.warnings == []


def test_the_markups_give_one_and_the_same_article() -> None:
    lines = seed_lines()
    assert len({article_of(print_page(lines, markup), "267403").content_hash for markup in MARKUPS}) == 1


@pytest.mark.parametrize("dropped", [0, 1, 5, 12, 13, 15])
def test_the_seed_without_one_of_its_optional_lines(dropped: int) -> None:
    lines = seed_lines()
    whole = article_of(print_page(lines), "267403")
    less = article_of(print_page(lines[:dropped] + lines[dropped + 1 :]), "267403")
    assert less.kicker == (None if dropped == 1 else whole.kicker)
    for name in ("headline", "dateline", "lead", "body", "permalink", "published_at", "warnings"):
        assert getattr(less, name) == getattr(whole, name), name
