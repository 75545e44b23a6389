"""What an answer is taken for: article, missing, blocked or failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from scrapy.http import Response

from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import check
from farscrawler.extract import NoArticle, Reason
from farscrawler.outcomes.judge import Verdict, judge_answer, redirect_of
from tests.support import crawl
from tests.support.pageserver import Answer, print_page
from tests.support.print_site import Site, sentence, stored, visits

if TYPE_CHECKING:
    from pathlib import Path


HOME = "http://www.fars-online.ir/"
NO_ARTICLE = NoArticle("not-article", Reason.NO_HEADLINE)


def to(location: str, status: int = 302, body: str = "") -> Answer:
    return Answer(body, status=status, headers={"Location": location})


#: What a site answers under one id, and what it must be taken for.
ODD: tuple[tuple[Answer, str], ...] = (
    (Answer(status=304), "failed"),
    *((Answer(body, status=n), "failed") for n in (400, 405, 408, 425, 503) for body in ("", "<p>خطا</p>")),
    (to("/maintenance.html"), "failed"),
    (to("/login?ReturnUrl=%2fFa"), "failed"),
    (to("/Error.aspx"), "missing"),
    (to("/"), "missing"),
    (to("/default.aspx"), "missing"),
    (to("/404"), "missing"),
    (to("file:///etc/passwd"), "blocked"),
    (to("data:text/html,x"), "blocked"),
    (to("/down\x1b]0;owned\x07"), "failed"),
    (to("/down/%1b%5b31m%0aowned"), "failed"),
    (to("/down\u0085\u009b31m"), "failed"),
    (to("http://[bad"), "failed"),
)


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("/maintenance.html", "failed"),
        ("/login", "failed"),
        ("/Fa/Login?ReturnUrl=/Error.aspx", "failed"),  # only the path says where it leads
        ("/Error.aspx", "missing"),
        ("/Error.aspx?aspxerrorpath=/Fa/News/7", "missing"),
        ("", "failed"),  # to itself
        ("/", "missing"),
        ("http://www.fars-online.ir", "missing"),
        ("/fa/", "missing"),
        ("/default.aspx", "missing"),
        ("/Fa/Default.aspx", "missing"),
        ("/404", "missing"),
        ("/%34%30%34", "missing"),
        ("file:///etc/passwd", "blocked"),
        ("data:text/html,x", "blocked"),
        ("javascript:alert(1)", "blocked"),
    ],
)
def test_a_redirect_is_judged_by_where_it_leads(location: str, outcome: str) -> None:
    response = Response(f"{HOME}Fa/News/7/", status=302, headers={"Location": location})
    assert judge_answer(302, redirect_of(response), NO_ARTICLE, announced_empty=True).outcome == outcome


@pytest.mark.parametrize("location", ["/a\x1b[31mb", "/a%1b%5b31mb", "/a\x9bb", "/a%0d%0ab", "/a\u202eb"])
def test_no_control_character_of_a_redirect_reaches_a_reason(location: str) -> None:
    response = Response(HOME, status=302, headers={"Location": location.encode("utf-8")})
    found = redirect_of(response)
    assert found is not None
    assert judge_answer(302, found, NO_ARTICLE, announced_empty=True).reason.isprintable()


def test_a_location_nobody_can_read_is_no_redirect() -> None:
    assert redirect_of(Response(HOME, status=302, headers={"Location": "http://[bad"})) is None
    assert redirect_of(Response(HOME, status=200, headers={"Location": "/Error.aspx"})) is None
    empty = NoArticle("failed", Reason.EMPTY_BODY)
    assert judge_answer(302, None, empty, announced_empty=True).outcome == "failed"  # a way to nowhere


@pytest.mark.parametrize("status", [400, 405, 408, 425, 503])
@pytest.mark.parametrize(
    "page", [NO_ARTICLE, NoArticle("failed", Reason.EMPTY_BODY), NoArticle("missing", Reason.EMPTY_TEMPLATE)]
)
def test_an_error_that_says_nothing_of_the_article_is_never_final(status: int, page: NoArticle) -> None:
    assert judge_answer(status, None, page, announced_empty=True) == Verdict("failed", f"HTTP {status}")


@pytest.mark.parametrize(
    ("status", "location", "page", "outcome"),
    [
        (200, None, NoArticle("not-article", Reason.LIST), "not-article"),
        (200, None, NoArticle("missing", Reason.EMPTY_TEMPLATE), "missing"),
        (404, None, NoArticle("not-article", Reason.NO_HEADLINE), "missing"),
        (410, None, NoArticle("failed", Reason.CUT_OFF), "missing"),
        (403, None, NoArticle("not-article", Reason.NO_HEADLINE), "blocked"),
        (429, None, NoArticle("missing", Reason.EMPTY_TEMPLATE), "blocked"),
        (500, None, NoArticle("missing", Reason.EMPTY_TEMPLATE), "failed"),
        (502, None, NoArticle("not-article", Reason.NO_HEADLINE), "failed"),
        (302, "http://www.fars-online.ir/Error.aspx", NoArticle("failed", Reason.EMPTY_BODY), "missing"),
        (404, None, NoArticle("blocked", Reason.ARVANCLOUD), "blocked"),
    ],
)
def test_outcomes_by_status(status: int, location: str | None, page: NoArticle, outcome: str) -> None:
    assert judge_answer(status, location, page, announced_empty=False).outcome == outcome


def test_an_empty_body_is_missing_only_where_the_server_meant_it() -> None:
    page = NoArticle("failed", Reason.EMPTY_BODY)
    assert judge_answer(200, None, page, announced_empty=True).outcome == "missing"
    assert judge_answer(200, None, page, announced_empty=False).outcome == "failed"
    assert judge_answer(500, None, page, announced_empty=True).outcome == "failed"


@pytest.mark.parametrize(
    ("status", "location", "outcome"),
    [
        pytest.param(500, None, "failed", id="parstoday-500-for-what-is-not-there-may-be-trouble"),
        pytest.param(302, "https://www.irannewspaper.ir/error", "missing", id="irannewspaper-redirect-to-error"),
        pytest.param(302, "https://www.ilna.ir/404", "missing", id="redirect-to-404"),
        pytest.param(403, None, "blocked", id="khamenei-403-from-abroad"),
        pytest.param(429, None, "blocked", id="429-is-normal"),
    ],
)
def test_an_answer_without_an_article_is_judged(status: int, location: str | None, outcome: str) -> None:
    page = NoArticle("not-article", Reason.NO_HEADLINE_AND_TIMESTAMP)
    assert judge_answer(status, location, page, announced_empty=False).outcome == outcome


def test_answers_that_say_nothing_of_an_article_are_owed_and_fetched_later(tmp_path: Path) -> None:
    last = len(ODD) + 1
    with Site(range(1, last + 1)) as site:
        for number, (answer, _) in enumerate(ODD, 1):
            site.answers |= {f"print:{number}": answer, f"/Fa/News/{number}/": answer}
        site.answers[f"print:{last}"] = to("http://[bad", 200, print_page(last))
        patient = {"RETRY_TIMES": 0, "STOP_AFTER_FAILED": 100, "STOP_AFTER_BLOCKED": 100}
        done = crawl(site.url, "-a", f"ids=1-{last}", cwd=tmp_path, **patient)
        assert done.returncode == 3
        assert "are still pending" in sentence(done)
        assert not [path for path in site.asked if "maintenance" in path or "login" in path or "down" in path]
        found = visits(tmp_path)
        assert {n: found[n][0] for n in found} == {
            **{number: outcome for number, (_, outcome) in enumerate(ODD, 1)},
            last: "article",
        }
        assert all(reason.isprintable() for _, reason in found.values())
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stderr)
        # an unasked 304 stored nothing, and no table says it did
        with Archive(tmp_path / "archive.db", readonly=True) as archive:
            assert check(archive) == []
        site.answers.clear()
        done = crawl(site.url, "-a", f"ids=1-{last}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    owed = {number for number, (_, outcome) in enumerate(ODD, 1) if outcome != "missing"}
    assert stored(tmp_path) == owed | {last}
