"""Numbers among the settings are checked before anything is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from farscrawler.config import LENGTHS, WHOLE, checked
from farscrawler.errors import BadArgumentError
from tests.support import run
from tests.support.print_site import sentence

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, str(least - 1)) for name, least in WHOLE.items()),
        *((name, "x") for name in (*WHOLE, *LENGTHS)),
        *((name, value) for name in LENGTHS for value in ("-1", "nan", "inf")),
    ],
)
def test_every_number_among_the_settings_is_checked(name: str, value: str) -> None:
    good = {**WHOLE, **dict.fromkeys(LENGTHS, 0.0)}
    assert checked(Settings(good)) == WHOLE
    with pytest.raises(BadArgumentError, match=f"-s {name}="):
        checked(Settings({**good, name: value}))


@pytest.mark.parametrize("setting", ["CONCURRENT_REQUESTS_PER_DOMAIN=0", "STOP_AFTER_BLOCKED=x", "RETRY_BACKOFF=-1"])
def test_a_number_that_cannot_be_is_exit_code_2(tmp_path: Path, setting: str) -> None:
    done = run("crawl", "farsonline", "-a", "ids=1", "-s", setting, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert f"-s {setting}: " in sentence(done)
    assert list(tmp_path.iterdir()) == []
