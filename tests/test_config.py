"""Numbers among the settings are checked before anything is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from farscrawler.config import LENGTHS, WHOLE, checked
from farscrawler.errors import BadArgumentError
from tests.support.commands import environment, run
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


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("DOWNLOAD_DELAY", "-1", "it must not be negative or endless."),
        ("WAYBACK_DELAY", "inf", "it must not be negative or endless."),
        ("STOP_AFTER_BLOCKED", "0", "it must be at least 1."),
        ("BASE_URL", "'127.0.0.1:8000'", "write scheme and host, such as http://127.0.0.1:8000."),
        ("BASE_URL", "'http://127.0.0.1:8000/news'", "write scheme and host, such as http://127.0.0.1:8000."),
        ("COMMONCRAWL_DATA_URL", "'data.commoncrawl.org'", "write scheme and host, such as https://data."),
        ("COMMONCRAWL_CRAWLS", "'newest'", "write a number of newest crawls"),
        ("CONTACT", "'me'", "write an address at which you can be reached, such as mailto:you@example.org or "),
        ("CONTACT", "'نامه'", "it is sent in the head of every request, which cannot hold '\\u0646'; leave it out."),
        ("PRIVATE_HOSTS", "'10.0.0.0/99'", "write hosts and networks, such as mirror.lan,10.0.0.0/8."),
    ],
)
def test_config_refuses_what_a_crawl_refuses(tmp_path: Path, key: str, value: str, problem: str) -> None:
    """From the command line, a variable, the project file, and its table of one publisher, each with its place."""
    plain = value.strip("'")
    ways: dict[str, tuple[list[str], dict[str, str], str]] = {
        f"-s {key}={plain}: ": (["-s", f"{key}={plain}"], {}, ""),
        f"FARSCRAWLER_{key}: {key}: ": ([], {f"FARSCRAWLER_{key}": plain}, ""),
        f"farscrawler.toml, line 2: {key}: ": ([], {}, f"[settings]\n{key} = {value}\n"),
        f"farscrawler.toml, line 2: {key}:  ": ([], {}, f"[publisher.farsonline]\n{key} = {value}\n"),
    }
    for place, (words, variables, file) in ways.items():
        (tmp_path / "farscrawler.toml").write_text(file, encoding="utf-8")
        for command in (["config"], ["crawl", "farsonline", "--ids", "1"], ["show"]):
            done = run(*command, *words, cwd=tmp_path, env=environment(**variables))
            assert (done.returncode, done.stdout) == (2, ""), (command, place)
            assert f"{place.rstrip()} {problem}" in done.stderr, (command, place, done.stderr)
    assert [one.name for one in tmp_path.iterdir()] == ["farscrawler.toml"]
