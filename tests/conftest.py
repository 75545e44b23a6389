"""What every test runs under: an environment of nobody's, and examples that are the same every time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from farscrawler.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Variables with which a user's shell could change what a test sees.
_FOREIGN = ("FARSCRAWLER_", "SCRAPY_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FORCE_COLOR", "NO_COLOR")

# Nothing is timed: a busy machine is no defect. `make fuzz` looks where nobody has looked yet.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("same", _COMMON, derandomize=True, database=None)
settings.register_profile("fuzz", _COMMON, max_examples=20 * _COMMON.max_examples)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _environment() -> Iterator[None]:
    """Take what belongs to the user's shell out of the environment of all tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(_FOREIGN)]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _environment_of_one_test() -> Iterator[None]:
    """Give back the environment as it was: no test sees what another one has set."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive to write into, in the folder of the test."""
    with Archive(tmp_path / "archive.db", readonly=False) as opened:
        yield opened
