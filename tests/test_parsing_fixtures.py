"""Every folder of tests/fixtures/<publisher>/: a page of our own making and what must be read from it.

``expected.json`` names form and id asked for, the Content-Type, and either ``article`` (the fields that differ from
an empty Article) or ``no_article`` (outcome and reason).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from farscrawler import publishers
from farscrawler.items import Article
from tests.parsing_pages import article_of, no_article

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(FIXTURES.glob("*/*/expected.json"))
# How an article was come by, and what its fields are hashed to: not what the page says.
NOT_ON_PAGE = ("url", "fetched_at", "content_hash", "revision")


@pytest.mark.parametrize("case", CASES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_fixture(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))
    publisher = publishers.load(case.parts[-3])
    asked = {"publisher": publisher, **{key: expected[key] for key in ("form", "content_type")}}
    if "url" in expected:
        asked["url"] = expected["url"]
    body = (case.parent / "page.html").read_bytes()
    if "no_article" in expected:
        assert no_article(body, expected["article_id"], **asked) == tuple(expected["no_article"])
        return
    found = asdict(article_of(body, expected["article_id"], **asked))
    wanted = asdict(Article(publisher=publisher.key, article_id=expected["article_id"], url=""))
    wanted.update(expected["article"])
    for key in NOT_ON_PAGE:
        del found[key], wanted[key]
    assert found == wanted


def test_there_are_fixtures_of_every_publisher() -> None:
    assert {case.parts[-3] for case in CASES} == set(publishers.names())
    assert len(CASES) >= 20
