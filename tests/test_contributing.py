"""CONTRIBUTING.md finds every folder, in the order of the layers, and every target of the Makefile."""

from __future__ import annotations

import re
import tomllib

from tests.support import ROOT
from tests.support.markdown import table_rows

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = "## Folders, from the ground up"


def test_contributors_find_the_folders_in_the_order_of_the_layers() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (layers,) = (one["layers"] for one in tools["importlinter"]["contracts"] if one["type"] == "layers")
    order = {name: -at for at, layer in enumerate(layers) for name in layer.split(" | ")}
    found = re.findall(r"farscrawler/(\w+)", " ".join(row[0] for row in table_rows(TEXT, FOLDERS)))
    assert sorted(found) == sorted(order)
    assert [order[name] for name in found] == sorted(order.values())


def test_contributors_find_every_folder_and_every_target() -> None:
    folders = {f"farscrawler/{path.parent.name}/" for path in (ROOT / "farscrawler").glob("*/__init__.py")}
    assert {
        name
        for name in re.findall(r"`([^`]+)`", " ".join(row[0] for row in table_rows(TEXT, FOLDERS)))
        if name.endswith("/")
    } == folders
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony
    assert set(re.findall(r"^\| `make ([\w-]+)`", TEXT, re.MULTILINE)) == set(phony[1].split())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\$ make (\w+)", readme, re.MULTILINE)) == {"demo", "test"}
