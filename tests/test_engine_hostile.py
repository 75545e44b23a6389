"""Pages made to be slow to the engine of the families: fields in every element, around each other, without end."""

from __future__ import annotations

import pytest

from farscrawler import publishers
from farscrawler.extract import NoArticle, read_page

DEEP = "<div class='title lead body news_pdate_c news_path item-text echo_detail'>"
HOSTILE = {
    "a field in every element": "<i class='title lead subtitle body tags_title news_path'>x</i>" * 8_000,
    "a field around every other": f"{DEEP * 1_200}<h1 class=title>x</h1>{'<a class=title>y</a>' * 5_000}",
    "a list without end": f"<ul class='list-inline breadcrumb'>{'<li><a>x</a></li>' * 12_000}</ul>",
    "times without end": "<time datetime='2020-01-01T00:00:00Z'>x</time>" * 8_000,
    "pictures without end": f"<div class=body>{'<figure><img src=a></figure>' * 8_000}</div>",
    "json-ld without end": f"<script type='application/ld+json'>{{\"headline\": {'[' * 5_000}</script>",
}


@pytest.mark.parametrize("name", ["yjc", "khabaronline", "ilna", "ensafnews", "bbc", "tarafdari"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_page_made_to_be_slow_is_read_to_its_end(name: str, kind: str) -> None:
    publisher = publishers.load(name)
    body = f"<html><body>{HOSTILE[kind]}</body></html>".encode()
    found = read_page(
        body, publisher=publisher, form="article", url=publisher.base_url, article_id="5", content_type=None
    )
    assert isinstance(found, NoArticle)
