"""The field pipelines: thin, in order, and the same as parsing.fill."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

import pytest
from scrapy.exceptions import DropItem

from farscrawler import extract as parsing
from farscrawler.extract.article import (
    HASHED_FIELDS,
    content_hash,
    fill_body,
    fill_headline,
    fill_lead,
    fill_timestamp,
    finish,
)
from farscrawler.items import FIELD_NAMES, Article
from farscrawler.outcomes.visit import FetchedArticle
from farscrawler.pipelines import BodyPipeline, HeadlinePipeline, LeadPipeline, TimestampPipeline, ValidationPipeline
from tests.support.extract_pages import FETCHED_AT, article_of, page_of, print_page


class Pipeline(Protocol):
    def process_item(self, item: Any) -> Any: ...


PIPELINES: tuple[Pipeline, ...] = (
    HeadlinePipeline(),
    LeadPipeline(),
    BodyPipeline(),
    TimestampPipeline(),
    ValidationPipeline(),
)
LINES = [
    "پیام فارس",
    "باغبان:",
    "گل ها زودتر شکفتند",
    "شنبه 28 خرداد 1401 - 08:05:09",
    "خبرگزاری سپیدار",
    "پیام فارس - شیراز - گل ها شکفتند.",
    "",
    "بهار زود رسید.",
    "http://www.Fars-Online.ir/Fa/News/7/گل-ها-زودتر-شکفتند",
]


def fetched(lines: list[str] = LINES, fetched_at: str = FETCHED_AT) -> FetchedArticle:
    page = page_of(print_page(lines), "7")
    item = FetchedArticle(publisher="farsonline", article_id="7", url=page.url, fetched_at=fetched_at)
    item.page = page
    return item


def through(item: FetchedArticle) -> FetchedArticle:
    for pipeline in PIPELINES:
        assert pipeline.process_item(item) is item
    return item


def test_each_pipeline_fills_its_own_fields_and_no_others() -> None:
    item = fetched()
    for pipeline, names in zip(
        PIPELINES,
        (
            {"kicker", "headline"},
            {"dateline", "lead"},
            {"body", "agency", "permalink"},
            {
                *("published_text", "published_at", "published_date", "published_jalali"),
                *("published_jalali_date", "published_precision"),
            },
            {"content_hash"},
        ),
        strict=True,
    ):
        before = asdict(item)
        pipeline.process_item(item)
        assert {name for name in FIELD_NAMES if before[name] != getattr(item, name)} == names, pipeline


def test_the_pipelines_and_fill_say_the_same() -> None:
    assert asdict(through(fetched())) == asdict(article_of(print_page(LINES), "7")) | {"url": fetched().page.url}


def test_a_filled_article() -> None:
    item = through(fetched())
    assert (item.kicker, item.headline, item.agency) == ("باغبان:", "گل ها زودتر شکفتند", "خبرگزاری سپیدار")
    assert (item.dateline, item.lead, item.body) == ("پیام فارس - شیراز", "گل ها شکفتند.", "بهار زود رسید.")
    assert item.published_at == "2022-06-18T08:05:09+04:30"
    assert len(item.content_hash) == 64
    assert item.warnings == []


def test_filling_again_changes_nothing() -> None:
    item = through(fetched([*LINES[:3], "چهارشنبه 31 مهر 1404", *LINES[4:]]))
    once = asdict(item)
    assert once["warnings"] == ["timestamp-refused: no such day"]
    assert asdict(through(item)) == once


def test_a_date_after_the_fetch_is_refused() -> None:
    item = through(fetched(fetched_at="2022-06-17T00:00:00Z"))
    assert item.published_at is None
    assert item.warnings == ["timestamp-refused: later than the fetch"]
    assert through(fetched(fetched_at="2022-06-19T00:00:00")).published_at == "2022-06-18T08:05:09+04:30"
    assert through(fetched(fetched_at="")).published_at == "2022-06-18T08:05:09+04:30"


def test_other_items_pass_through_untouched() -> None:
    for other in (Article(publisher="x", article_id="1", url="u"), {"a": 1}, None):
        for pipeline in PIPELINES:
            assert pipeline.process_item(other) is other


def test_an_item_without_key_or_headline_is_dropped_and_says_why() -> None:
    item = fetched()
    with pytest.raises(DropItem, match="farsonline 7: no headline"):
        ValidationPipeline().process_item(item)
    item = through(fetched())
    item.article_id = ""
    with pytest.raises(DropItem, match="no key"):
        ValidationPipeline().process_item(item)


def test_an_article_without_a_body_is_kept_with_a_warning() -> None:
    item = through(fetched([*LINES[:4], LINES[-1]]))
    assert (item.body, item.warnings) == ("", ["no-lead", "no-body"])


def test_the_hash_is_over_what_the_page_says_and_nothing_else() -> None:
    item = through(fetched())
    beside = {"url", "fetched_at", "content_hash", "revision", "warnings"}
    follow = {"published_date", "published_jalali_date", "schema_version"}
    assert tuple(name for name in FIELD_NAMES if name not in beside | follow) == HASHED_FIELDS
    same = content_hash(item)
    assert same == item.content_hash
    item.url, item.fetched_at, item.revision, item.warnings = "u", "2030-01-01T00:00:00Z", 9, ["x"]
    assert content_hash(item) == same


@pytest.mark.parametrize("name", HASHED_FIELDS)
def test_every_hashed_field_changes_the_hash(name: str) -> None:
    item = through(fetched())
    setattr(item, name, [{"url": "u", "caption": None}] if name in ("images", "tags", "authors") else "دیگر")
    assert content_hash(item) != item.content_hash


def test_text_does_not_wander_between_fields_unnoticed() -> None:
    one, two = (
        Article(publisher="x", article_id="1", url="u", lead=lead, body=body) for lead, body in (("ab", ""), ("a", "b"))
    )
    assert content_hash(one) != content_hash(two)


def test_the_steps_of_fill_are_the_steps_of_the_pipelines() -> None:
    item, other = fetched(), fetched()
    for step in (fill_headline, fill_lead, fill_body, fill_timestamp, finish):
        step(item, item.page)
    parsing.fill(other, other.page)
    assert asdict(item) == asdict(other)
