"""Pages of the replica, whose answers come from the stories themselves: every field of both forms."""

from __future__ import annotations

import pytest

from farscrawler.testing.newsroom import Newsroom, answers
from farscrawler.testing.newsroom.site import Site
from tests.support.extract_pages import FARSONLINE, article_of, no_article

NEWSROOM = Newsroom(seed=1403, first_id=1000, count=400, dst_edges=True)


@pytest.mark.parametrize("form", ["print", "article"])
def test_every_story_of_a_newsroom_is_read_as_it_was_written(form: str) -> None:
    site = Site(NEWSROOM)
    read = 0
    for number in range(1000, 1000 + (400 if form == "print" else 150)):
        response = site.respond(FARSONLINE.url_for(str(number), form).removeprefix(FARSONLINE.base_url))
        story = NEWSROOM.story(number)
        if story is None:
            if response.status == 200:
                assert no_article(response.body, str(number), form=form) == ("missing", "empty template")
            continue
        expected = answers(story, form)
        article = article_of(response.body, str(number), form=form, content_type=response.content_type)
        assert {name: getattr(article, name) for name in expected} == expected, number
        read += 1
    assert read > 100
