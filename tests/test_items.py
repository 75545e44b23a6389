"""The schema of an article: the one written here, and the one Scrapy's adapter finds."""

from __future__ import annotations

from dataclasses import fields

from itemadapter import ItemAdapter

from farscrawler.items import FIELD_NAMES, FIELD_TEXTS, Article, json_schema


def test_the_types_are_those_that_itemadapter_finds() -> None:
    ours = json_schema()["properties"]
    theirs = ItemAdapter.get_json_schema(Article)["properties"]
    assert list(ours) == list(theirs) == list(FIELD_NAMES)
    for name in FIELD_NAMES:
        assert ours[name]["type"] == theirs[name]["type"], name
        assert ours[name].get("items", {}).get("type") == theirs[name].get("items", {}).get("type"), name


def test_every_field_has_its_sentence() -> None:
    assert list(FIELD_TEXTS) == [one.name for one in fields(Article)]
