"""Which hosts a crawl may be led to, and which addresses may answer for them."""

from __future__ import annotations

import sqlite3
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.http import Response

from farscrawler import publishers
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.frontier.base import Target
from farscrawler.outcomes.visit import VisitState
from farscrawler.spiders.loader import spider_class
from tests.support import crawl
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from pathlib import Path


FARSONLINE = publishers.load("farsonline")
HOME = "http://www.fars-online.ir/"


@pytest.mark.parametrize(
    ("address", "proxy", "base_url", "blocked"),
    [
        ("10.10.34.34", None, None, True),
        ("127.0.0.1", None, None, True),
        ("127.0.0.1", "http://127.0.0.1:3128", None, False),
        ("127.0.0.1", None, "http://127.0.0.1:8000", False),
        ("8.8.8.8", None, None, False),
    ],
)
def test_a_private_address_blocks_unless_a_proxy_or_replica_was_chosen(
    address: str, proxy: str | None, base_url: str | None, blocked: bool
) -> None:
    spider = spider_class(FARSONLINE)()
    spider.arguments = parse_arguments(FARSONLINE, {"base_url": base_url} if base_url else {})
    request = Request(HOME, meta={"proxy": proxy} if proxy else {})
    visit = VisitState(target=Target(key="1", form="article"), form="article")
    verdict = spider._answer_without_page(visit, Response(HOME, ip_address=ip_address(address), request=request))
    assert (verdict is not None and verdict.outcome == "blocked") == blocked


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9/x", "http://localhost/", "http://[::1]/", "//10.0.0.1/", "file:///etc/passwd"]
)
def test_no_redirect_leads_off_the_site(tmp_path: Path, target: str) -> None:
    with PageServer({"print:1": Answer(status=302, headers={"Location": target})}) as server:
        done = crawl(server.url, "-a", "ids=1", "-a", "form=print", cwd=tmp_path, RETRY_TIMES=0)
    assert "Traceback" not in done.stderr
    db = sqlite3.connect(tmp_path / "archive.db")
    outcome, reason = db.execute("SELECT outcome, reason FROM visits").fetchone()
    db.close()
    assert outcome in ("blocked", "missing"), reason
