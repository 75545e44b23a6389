"""Stanzas of a user's own that are broken, huge or hostile: each is an error of its own, and the others load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.attacks import Attack, meet

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[good]
name = "سایت خوب"
hosts = ["good.example"]
family = "nastooh"
"""
ATTACKS = {
    "a stanza of nothing but noise": Attack(
        words=("publishers", "-s", "PUBLISHERS={folder}/mine"),
        files={"mine/a.toml": GOOD + "\n[bad]\nname = \x00\n"},
        code=0,
        says=("a.toml, line 8: [bad]",),
        shows=("good",),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_met(name: str, tmp_path: Path) -> None:
    meet(ATTACKS[name], tmp_path)
