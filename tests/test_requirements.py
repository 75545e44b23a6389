"""What the package needs: floors that are tested, locks without a place of one machine, nothing that nobody imports."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("requirements-dev.lock", "requirements-min.lock")
_PIN = re.compile(r"([A-Za-z0-9_.-]+)==([0-9A-Za-z.+!-]+)")
#: What a requirement is called where it is imported.
_MODULES = {"readability-lxml": "readability", "backports.zstd": "backports"}
#: Data, and what readability imports of lxml.
_NOT_IMPORTED = {"tzdata", "lxml-html-clean"}


def pins(lock: str) -> dict[str, str]:
    found = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        match = _PIN.fullmatch(line)
        assert match is not None, f"{lock}: {line}"
        found[match[1].lower().replace("_", "-")] = match[2]
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_names_and_versions_alone(lock: str) -> None:
    """No address of an index, no file, no editable checkout."""
    assert len(pins(lock)) > 30


def test_the_lowest_versions_that_are_allowed_are_those_that_are_tested() -> None:
    spec = importlib.util.spec_from_file_location("lowest", ROOT / ".ci" / "lowest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    floors = module.lowest(PROJECT)
    pinned = pins("requirements-min.lock")
    named = {re.split(r"[><=; ]", one)[0].lower() for one in PROJECT["dependencies"]}
    assert named <= set(floors)
    for name, floor in floors.items():
        lowest, parts = pinned[name], floor.split(".")
        assert lowest.split(".")[: len(parts)] == parts, name
        assert set(lowest.split(".")[len(parts) :]) <= {"0"}, f"{name}: {lowest} is tested, {floor} is allowed"


def test_every_requirement_is_imported() -> None:
    imported = set()
    for path in (ROOT / "farscrawler").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    extras = PROJECT["optional-dependencies"]
    required = {re.split(r"[>=<\[]", one)[0] for one in (*PROJECT["dependencies"], *extras["warc"])} - _NOT_IMPORTED
    assert {_MODULES.get(name, name) for name in required} <= imported
