"""Every folder of tests/fixtures/<publisher>/: a page of our own making and what must be read from it.

``expected.json`` names form and id asked for, the Content-Type, and either ``article`` (the fields that differ from an
empty Article) or ``no_article`` (outcome and reason). It may name ``url`` (where the page came from), ``fetched_at``,
``family`` (of the markup, null for none), ``weight`` (bytes that the page's menu is filled up to) and ``note``.
"""

from __future__ import annotations

from dataclasses import asdict

import pytest

from farscrawler import publishers
from farscrawler.items import Article
from tests.support.cases import FIXTURES, Case, cases
from tests.support.extract_pages import FETCHED_AT, article_of, no_article

CASES = cases()
# How an article was come by, what its fields are hashed to, and what follows from another field.
NOT_ON_PAGE = ("url", "fetched_at", "content_hash", "revision", "published_date", "published_jalali_date")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fixture(case: Case) -> None:
    expected, publisher = case.expected, case.publisher
    asked = {"publisher": publisher, **{key: expected[key] for key in ("form", "content_type")}}
    if "url" in expected:
        asked["url"] = expected["url"]
    if "no_article" in expected:
        assert no_article(case.body, expected["article_id"], **asked) == tuple(expected["no_article"])
        return
    fetched_at = expected.get("fetched_at", FETCHED_AT)
    found = asdict(article_of(case.body, expected["article_id"], fetched_at=fetched_at, **asked))
    wanted = asdict(Article(publisher=publisher.key, article_id=expected["article_id"], url=""))
    wanted.update(expected["article"])
    for key in NOT_ON_PAGE:
        del found[key], wanted[key]
    assert found == wanted


def test_there_are_fixtures_of_every_family() -> None:
    of_publishers = {publisher.family for publisher in publishers.all_publishers()}
    assert of_publishers <= {case.publisher.family for case in CASES}
    assert len(CASES) >= 140


def test_no_word_of_a_fixture_is_a_real_pages() -> None:
    """Every page says in itself that it is invented, so that none is ever mistaken for a publisher's text."""
    for case in CASES:
        # Some of the first site's oldest cases are of bytes that bear no comment.
        assert b"synthetic" in case.body or case.folder.parent.name == "farsonline", case.name
    for page in FIXTURES.glob("none/*.html"):
        assert b"synthetic" in page.read_bytes(), page.name


def test_some_pages_are_as_heavy_as_real_ones() -> None:
    sizes = {case.name: len(case.body) for case in CASES if "weight" in case.expected}
    assert len(sizes) >= 15
    assert all(30_000 < size < 120_000 for size in sizes.values()), sizes
