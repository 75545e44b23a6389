"""Whom the death of a process is laid to, and who is crawled beside whom after it."""

from __future__ import annotations

from farscrawler.cluster.deaths import Deaths


def test_one_that_is_alone_has_two_lives() -> None:
    deaths = Deaths()
    assert deaths.note({"north"}) is None
    assert deaths.note({"north"}) == "north"
    assert deaths.times("north") == "second"


def test_whoever_was_beside_it_twice_is_told_apart_from_the_one_to_blame() -> None:
    deaths = Deaths()
    assert deaths.note({"north", "south", "east"}) is None
    assert deaths.may_join("north", {"south"}), "a first death is mostly the system's"
    assert deaths.note({"north", "south"}) is None
    assert not deaths.may_join("south", {"north"})
    assert deaths.may_join("south", {"east", "west"})
    assert deaths.note({"north", "east", "west"}) == "north"
    assert deaths.times("north") == "third"
    assert (deaths["south"], deaths["east"], deaths["west"]) == (2, 2, 1)


def test_nobody_is_to_blame_for_the_death_of_a_process_without_work() -> None:
    assert Deaths().note(()) is None
