"""Every fault of the newsroom really happens as described, over a real socket."""

from __future__ import annotations

import gzip
import http.client
import unicodedata
import zlib
from collections import Counter
from dataclasses import replace
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

import pytest

from farscrawler.testing.newsroom import Faults, Newsroom, Server
from farscrawler.testing.newsroom.faults import CHARSETS, CODINGS, FAILURES, NAMES, Dice
from farscrawler.testing.newsroom.site import Site
from tests.support.commands import PATIENCE
from tests.support.newsroom_tools import FIRST, PRINT, Raw, raw_get


def with_faults(**faults: Any) -> Server:
    return Server(Newsroom(count=300), Faults(**faults), weight=20_000)


def good_page(target: str) -> bytes:
    return Site(Newsroom(count=300), weight=20_000).respond(target).body


def test_503_and_429_say_so() -> None:
    with with_faults(unavailable=1) as one:
        assert raw_get(one, PRINT.format(FIRST)).status == 503
    forms = set()
    with with_faults(too_many=1, retry_after=7) as one:
        for at in range(FIRST, FIRST + 12):
            answer = raw_get(one, PRINT.format(at))
            assert answer.status == 429
            after = answer.header("Retry-After")
            assert after is not None
            if after.isdigit():
                forms.add("seconds")
                assert after == "7"
            else:
                forms.add("date")
                assert parsedate_to_datetime(after).tzinfo is not None
    assert forms == {"seconds", "date"}


def test_a_reset_comes_before_a_byte_or_in_the_middle_of_the_body() -> None:
    target = f"/Fa/News/{FIRST}/"
    with with_faults(reset_early=1) as one:
        assert raw_get(one, target) == Raw("", b"", reset=True)
    with with_faults(reset_midway=1) as one:
        answer = raw_get(one, target)
    assert answer.reset
    assert 0 < len(answer.body) < int(answer.header("Content-Length") or 0)
    assert good_page(target).startswith(answer.body)


def test_a_cut_body_is_shorter_than_its_length_or_has_none() -> None:
    target = f"/Fa/News/{FIRST}/"
    for fault in ("cut", "cut_silently"):
        with with_faults(**{fault: 1}) as one:
            answer = raw_get(one, target, last=False)
        assert not answer.reset
        assert 0 < len(answer.body) < len(good_page(target))
        assert good_page(target).startswith(answer.body)
        length = answer.header("Content-Length")
        assert length == (str(len(good_page(target))) if fault == "cut" else None)


def test_a_stall_sends_the_head_and_nothing_more() -> None:
    with with_faults(stall=1, stall_seconds=0.2) as one:
        answer = raw_get(one, PRINT.format(FIRST))
    assert answer.status == 200
    assert int(answer.header("Content-Length") or 0) > 0
    assert answer.body == b""


def test_a_drip_delivers_everything_and_the_connection_goes_on() -> None:
    with with_faults(drip=1, drip_seconds=0.1) as one:
        client = http.client.HTTPConnection("127.0.0.1", one.port, timeout=PATIENCE)
        for at in Newsroom(count=300).ids()[:2]:
            client.request("GET", PRINT.format(at))
            assert client.getresponse().read() == good_page(PRINT.format(at))
        client.close()


def test_the_page_comes_in_windows_1256_or_under_a_label_that_is_none_or_missing() -> None:
    for target in (PRINT.format(FIRST), f"/Fa/News/{FIRST}/", "/"):
        page = good_page(target).decode()
        with with_faults(cp1256=1) as one:
            answer = raw_get(one, target)
        assert answer.header("Content-Type") == "text/html; charset=windows-1256"
        assert "ی" not in answer.body.decode("cp1256")
        expected = page.replace("charset=utf-8", "charset=windows-1256")
        assert unescape(answer.body.decode("cp1256")) == unescape(expected)
        with with_faults(odd_label=1) as one:
            answer = raw_get(one, target)
        assert answer.header("Content-Type") == "text/html; charset=windows-utf-8"
        assert answer.body.decode() == page.replace("charset=utf-8", "charset=windows-utf-8")
        with with_faults(no_label=1) as one:
            answer = raw_get(one, target)
        assert answer.header("Content-Type") == "text/html"
        assert answer.body.decode() == page.replace("; charset=utf-8", "")


def test_the_page_comes_packed_only_for_who_accepts_it() -> None:
    target = PRINT.format(FIRST)
    for coding, unpack in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
        with with_faults(**{coding: 1}) as one:
            answer = raw_get(one, target, "Accept-Encoding: gzip, deflate")
            assert answer.header("Content-Encoding") == coding
            assert unpack(answer.body) == good_page(target)
            plain = raw_get(one, target)
            assert plain.header("Content-Encoding") is None
            assert plain.body == good_page(target)


def test_a_challenge_is_a_page_at_200_in_presentation_forms() -> None:
    with with_faults(challenge=1) as one:
        answer = raw_get(one, PRINT.format(FIRST))
    text = answer.body.decode()
    assert answer.status == 200
    assert len(answer.body) < 5_000
    assert "در حال انتقال به سایت" not in text
    assert "در حال انتقال به سایت مورد نظر هستید" in unicodedata.normalize("NFKC", text)
    assert (answer.header("Set-Cookie") or "").startswith("__arcsjsc=")


def test_the_type_is_wrong_or_the_redirect_leads_elsewhere() -> None:
    with with_faults(wrong_type=1) as one:
        answer = raw_get(one, PRINT.format(FIRST))
    assert not (answer.header("Content-Type") or "").startswith("text/html")
    assert answer.body == good_page(PRINT.format(FIRST))
    with with_faults(off_site=1) as one:
        places = {raw_get(one, PRINT.format(at)).header("Location") for at in range(FIRST, FIRST + 12)}
    assert places == {"http://127.0.0.1:1/", "http://example.invalid/"}


@pytest.mark.parametrize("fault", FAILURES)
def test_after_patience_failures_in_a_row_an_address_answers(fault: str) -> None:
    for patience in (0, 1, 3):
        dice = Dice(replace(Faults.parse(f"{fault}=1"), patience=patience))
        drawn = [dice.draw("/x").failure for _ in range(2 * patience + 2)]
        assert drawn == 2 * [*[fault] * patience, None]


def test_draws_depend_on_seed_address_and_attempt_alone() -> None:
    targets = [f"/{at}" for at in range(200)]

    def draws(seed: int, order: list[str]) -> dict[str, list[str | None]]:
        dice = Dice(replace(Faults.parse("all=0.05"), seed=seed))
        return {target: [dice.draw(target).failure for _ in range(4)] for target in order}

    assert draws(1, targets) == draws(1, targets[::-1])
    assert draws(1, targets) != draws(2, targets)
    assert len({tuple(drawn) for drawn in draws(1, targets).values()}) > 10


def test_each_fault_is_drawn_about_as_often_as_asked() -> None:
    dice = Dice(Faults.parse("all=0.04,patience=1000"))
    drawn: Counter[str | None] = Counter()
    for at in range(5_000):
        draw = dice.draw(f"/{at}")
        drawn.update((draw.failure, draw.charset, draw.coding, "drip" if draw.drip else None))
    assert set(drawn) == {None, *NAMES}
    assert all(140 < drawn[name] < 260 for name in NAMES), drawn


def test_robots_txt_is_never_spoilt() -> None:
    with with_faults(unavailable=1) as one:
        assert raw_get(one, "/robots.txt").status == 200


def test_faults_are_read_from_one_word_or_a_list() -> None:
    assert {name: getattr(Faults.parse("all"), name) for name in NAMES} == dict.fromkeys(NAMES, 0.03)
    assert Faults.parse("cut=0.5, seed=9,stall_seconds=0.1") == Faults(cut=0.5, seed=9, stall_seconds=0.1)
    assert Faults.parse("all=0.01,cut=0.1") == replace(Faults.parse("all=0.01"), cut=0.1)


@pytest.mark.parametrize(
    "text",
    ["", "cut", "cut=often", "cut=2", "cut=-1", "rain=0.1", "cut=0.6,stall=0.6", "all=0.2", "patience=-1", "cut=nan"],
)
def test_bad_faults_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|number|no such|needs|negative|named|sum"):
        Faults.parse(text)


def test_the_groups_name_every_fault_once() -> None:
    assert sorted(NAMES) == sorted({*FAILURES, *CHARSETS, *CODINGS, "drip"})
