"""Detection over the corpus of fixtures: the right family for every page of one, and none for pages of none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farscrawler.extract.document import decode, parse
from farscrawler.extract.family import detect
from tests.support.cases import FIXTURES, Case, cases

if TYPE_CHECKING:
    from pathlib import Path

CASES = cases()
NONE = sorted((FIXTURES / "none").glob("*.html"))


def family_of(page: bytes, content_type: str | None = "text/html; charset=utf-8") -> str | None:
    text = decode(page, content_type).text
    root, _ = parse(text.encode("utf-8", "replace"))
    assert root is not None
    found = detect(root, text)
    return found.family if found is not None else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_family_of_a_fixture_is_told(case: Case) -> None:
    assert family_of(case.body, case.expected["content_type"]) == case.family


@pytest.mark.parametrize("page", NONE, ids=lambda page: page.stem)
def test_no_family_is_claimed_for_a_page_of_none(page: Path) -> None:
    assert family_of(page.read_bytes()) is None


def test_the_corpus_is_wide() -> None:
    assert len(NONE) >= 20
    families = {case.family for case in CASES if case.family is not None}
    assert families >= {
        *("incsys", "nastooh", "iransamaneh", "asam", "studiokhabar", "wordpress", "joomla", "drupal", "aspnet", "es"),
        *("sputnik", "articleview", "websamaneh"),
    }
