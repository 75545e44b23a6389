"""Which module imports which: no circles, and the package's face is light."""

from __future__ import annotations

import graphlib
import tomllib
from pathlib import Path

import grimp
import pytest

CONFIG = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Return all imports of the package, those for types included."""
    return grimp.build_graph("farscrawler", cache_dir=None)


def test_no_module_is_in_a_circle(graph: grimp.ImportGraph) -> None:
    """The linter looks at the modules of one folder at a time; here are all of them, faces of packages included."""
    imports = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_folder_has_its_place_in_the_contract(graph: grimp.ImportGraph) -> None:
    """The linter counts the same; without `exhaustive` a new folder would be free to import anything."""
    contracts = CONFIG["tool"]["importlinter"]["contracts"]
    layers = next(one for one in contracts if one["type"] == "layers")
    assert layers["exhaustive"]
    assert "exclude_type_checking_imports" not in CONFIG["tool"]["importlinter"]
    placed = {name for layer in layers["layers"] for name in layer.split(" | ")}
    assert {child.rpartition(".")[2] for child in graph.find_children("farscrawler")} == placed | set(
        layers["exhaustive_ignores"]
    )
