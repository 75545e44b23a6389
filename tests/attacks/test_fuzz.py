"""A small fixed share of the fuzz of every reader; `python -m tests.fuzz --cases 20000` is the whole of it."""

from __future__ import annotations

import os
import time

import pytest

from farscrawler.exporters.formats import Csv
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.listings.pages import read_page
from tests.fuzz import READERS
from tests.fuzz.mutate import LARGEST
from tests.fuzz.reader import NOW, SITE, Reader, Sample
from tests.fuzz.running import MIB, case_of, run

#: A page, an archive and an export are read in a hundredth of a second, all else in a thousandth.
CASES = {"pages": 40, "archives": 40, "cells": 40, "exports": 30, "lists": 100}
SEED = 1


@pytest.mark.parametrize("name", READERS)
def test_no_reader_raises_on_damaged_bytes(name: str) -> None:
    result = run(READERS[name], range(CASES.get(name, 200)), SEED)
    assert not result.findings
    assert result.cases == CASES.get(name, 200)
    assert result.peak < 100 * MIB
    assert result.slowest < 2


def test_a_case_is_the_same_every_time_and_another_one_is_not() -> None:
    made = [case_of(READERS["feeds"], seed, case) for seed in (1, 2) for case in range(50)]
    assert made == [case_of(READERS["feeds"], seed, case) for seed in (1, 2) for case in range(50)]
    assert len({data for _, data in made}) > 90
    assert max(len(data) for _, data in made) <= LARGEST + 100_000  # packed bytes may be more


def _hostile(data: bytes, name: str, _: object) -> None:
    if b"raise" in data:
        raise KeyError(name)
    if b"loop" in data:
        while True:
            pass
    if b"memory" in data:
        bytearray(10**10)
    if b"die" in data:
        os.kill(os.getpid(), 9)


@pytest.mark.parametrize(
    ("word", "said"),
    [("raise", "KeyError: 'x'"), ("loop", "of CPU time"), ("memory", "MemoryError"), ("die", "was killed")],
)
def test_what_a_reader_does_not_stand_is_found(word: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.running.CPU_SECONDS", 0.2)
    monkeypatch.setattr("tests.fuzz.running.mutated", lambda _, data, __: word.encode() if data else data)
    samples = [Sample("x", b""), Sample("x", b"fine")]
    result = run(Reader("x", lambda: samples, _hostile), range(6), SEED)
    assert result.cases == 6
    bad = [case for case in range(6) if case_of(Reader("x", lambda: samples, _hostile), SEED, case)[1]]
    assert [finding.case for finding in result.findings] == bad
    assert all(said in finding.what for finding in result.findings)


def test_a_count_with_an_odd_blank_behind_it_is_that_count() -> None:
    """Found in `arguments`: what str.strip takes for a blank is none to int()."""
    assert parse_arguments(SITE, {"latest": "8\x1d"}).latest == 8


def test_an_item_within_an_item_within_an_item_is_read_once() -> None:
    """Found in `lists`: each item read all that stood in it for its time, which took more than 5 s of CPU time."""
    body = b"<ul><li class=news>\xd8\xae\xd8\xa8\xd8\xb1 14:55 " * 2_400 + b"<time>1401/02/28</time>" * 20
    begun = time.process_time()
    read_page(body, publisher=SITE, url=f"{SITE.base_url}/", fetched_at=NOW, items="li.news", time="time")
    read_page(body, publisher=SITE, url=f"{SITE.base_url}/", fetched_at=NOW, items="li.news", time="ul")
    assert time.process_time() - begun < 4


def test_a_blank_line_at_the_end_of_a_csv_file_is_none_of_ours() -> None:
    """Found in `exports`: a row without any cell."""
    for extra in (b"\r\n", b"\n", b"farsonline,1\r\n\r\n"):
        assert Csv().keys(extra, "farsonline") is None
