"""Print the lowest versions that pyproject.toml allows for what the package and its tests take, one a line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_FLOOR = re.compile(r"([A-Za-z0-9_.-]+)>=([0-9.]+)(?:,<[0-9.]+)?(?:; python_version < '3\.14')?")


def lowest(project: dict[str, object]) -> dict[str, str]:
    """Return each requirement that has a floor, with it."""
    extras = project["optional-dependencies"]
    assert isinstance(extras, dict)  # noqa: S101  # as TOML has it
    wanted = [project["dependencies"], extras["warc"], extras["analysis"], extras["browse"], extras["test"]]
    found = (_FLOOR.fullmatch(one) for part in wanted if isinstance(part, list) for one in part)
    return {match[1].lower(): match[2] for match in found if match}


if __name__ == "__main__":
    config = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    for name, version in lowest(config["project"]).items():
        print(f"{name}=={version}")
