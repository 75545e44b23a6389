"""What the spider's client reads of a home page: the newest id, or why there is none."""

from __future__ import annotations

import pytest
from scrapy.http import Response

from farscrawler import publishers
from farscrawler.extract import walled
from farscrawler.spiders.site_client import judge_list, newest_of

FARSONLINE = publishers.load("farsonline")
HOME = "http://www.fars-online.ir/"


# -- rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "known", "newest"),
    [
        (["5000", "4990", "999999999"], None, 5000),
        (["5000", "4990", "999999999", "9" * 20], 4995, 5000),
        (["999999999"], 5000, None),  # nothing believable is listed
        (["9" * 20], None, None),
        (["5000"], None, 5000),
        (["999999999"], 999_999_000, 999_999_999),  # not wild where its neighbours are known
        (["100000000000", "98000000000"], None, 100_000_000_000),  # ids that are time stamps lie far apart
        ([], 5000, None),
    ],
)
def test_the_newest_listed_id_has_neighbours(keys: list[str], known: int | None, newest: int | None) -> None:
    assert newest_of(keys, known) == newest


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (403, "", "blocked", "its home page answers HTTP 403"),
        (429, "", "blocked", "its home page answers HTTP 429"),
        (500, "<p>خطا</p>", "failed", "its home page answers HTTP 500"),
        (404, "", "failed", "its home page answers HTTP 404"),
        (200, "<title>Just a moment...</title>cf-chl-1", "blocked", "Cloudflare challenge"),
        (503, "<title>Just a moment...</title>cf-chl-1", "blocked", "Cloudflare challenge"),
        (206, "<p>خوش آمدید</p>", "failed", "its home page answers HTTP 206"),
    ],
)
def test_what_a_home_page_that_is_no_list_is_taken_for(status: int, body: str, outcome: str, reason: str) -> None:
    verdict = judge_list(Response(HOME, status=status, body=body.encode()), walled(body.encode(), None))
    assert verdict is not None
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_home_page_without_links_is_a_list_all_the_same() -> None:
    body = "<p>خوش آمدید</p>".encode()
    assert judge_list(Response(HOME, body=body), walled(body, None)) is None
