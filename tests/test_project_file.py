"""farscrawler.toml and the variables: what they give, which of them wins, and what is said of mistakes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from farscrawler.cli.commands.config import TEMPLATE
from farscrawler.cli.project_file import FILE_NAME, obey, read_project
from farscrawler.errors import BadArgumentError
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support.commands import environment, run

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    path = folder / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_file_counts_and_its_paths_are_those_of_its_folder(tmp_path: Path) -> None:
    below = tmp_path / "news" / "today"
    below.mkdir(parents=True)
    written(tmp_path, 'archive = "upper.db"\n')
    written(tmp_path / "news", 'archive = "news.db"\npublishers = ["mine", "/all"]\n[settings]\nWARC = "warc"\n')
    found = {name: one.value for name, one in read_project(below, {}).settings().items()}
    assert found == {
        "ARCHIVE": str(tmp_path / "news" / "news.db"),
        "PUBLISHERS": f"{tmp_path / 'news' / 'mine'},/all",
        "WARC": str(tmp_path / "news" / "warc"),
    }


def test_a_variable_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    written(
        tmp_path,
        "[settings]\nDOWNLOAD_DELAY = 2\nPROBE_MISSES = 3\nEDGE_IDS = 4\n"
        "[publisher.irna]\nDOWNLOAD_DELAY = 9\nEDGE_IDS = 5\n",
    )
    project = read_project(tmp_path, {"FARSCRAWLER_PROBE_MISSES": "7", "FARSCRAWLER_EDGE_IDS": "8"})
    settings = Settings({"EDGE_IDS": 0})
    obey(settings, project)
    settings.set("PROBE_MISSES", 6, priority="spider")
    assert (settings["DOWNLOAD_DELAY"], settings["PROBE_MISSES"], settings["EDGE_IDS"]) == (2, "7", "8")
    assert settings.getdict("PUBLISHER_SETTINGS") == {"irna": {"DOWNLOAD_DELAY": 9, "EDGE_IDS": 5}}
    settings.set("EDGE_IDS", 1, priority="cmdline")
    assert settings["EDGE_IDS"] == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('archve = "a.db"\n', "line 1: there is no key 'archve'; there are archive, contact"),
        ("\n[publishers.irna]\nRETRY_TIMES = 1\n", "line 2: publishers names folders of stanzas; settings of"),
        ("\nDOWNLOAD_DELAY = 2\n", "line 2: there is no key 'DOWNLOAD_DELAY'"),
        ("[settings]\n\nPAGE = true\n", "line 3: PAGE: there is no such setting. Did you mean PAGES?"),
        ('[settings]\nDOWNLOAD_DELAY = "soon"\n', "line 2: DOWNLOAD_DELAY: write a number."),
        ("[settings]\nPAGES = 1\n", "line 2: PAGES: write true or false."),
        ("[settings]\nDOWNLOAD_DELAY = true\n", "line 2: DOWNLOAD_DELAY: write a number."),
        ("[settings]\nRETRY_HTTP_CODES = 500\n", "line 2: RETRY_HTTP_CODES: write a list."),
        ("[settings]\nlatest = 5\n", "line 2: latest: latest is an argument of a crawl; write --latest"),
        ("contact = 5\n", "line 1: CONTACT: write a text."),
        ("settings = 5\n", "line 1: settings is a table; write [settings]."),
        ('[publisher]\nirna = "x"\n', "line 2: publisher.irna is a table"),
        ('[publisher.irna]\narchive = "b.db"\n', "line 2: archive is the same for all publishers."),
        ("archive = \n", "Invalid value (at line 1"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadArgumentError) as caught:
        read_project(tmp_path, {})
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes('contact = "الف"\n# '.encode() + b"\xff\n")
    with pytest.raises(BadArgumentError, match="line 2: this is no UTF-8"):
        read_project(tmp_path, {})


def test_a_slip_in_a_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadArgumentError, match=r"FARSCRAWLER_ARCHVE: ARCHVE: .* Did you mean ARCHIVE"):
        read_project(tmp_path, {"FARSCRAWLER_ARCHVE": "a.db"})


def test_a_file_that_everyone_may_write_is_obeyed_only_where_it_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, 'archive = "a.db"\n')
    path.chmod(0o666)
    with pytest.raises(BadArgumentError, match=f"FARSCRAWLER_CONFIG={path}"):
        read_project(tmp_path, {})
    assert read_project(tmp_path, {"FARSCRAWLER_CONFIG": str(path)}).path == path
    assert read_project(tmp_path, {"FARSCRAWLER_CONFIG": ""}).path is None
    with pytest.raises(BadArgumentError, match="there is no such file"):
        read_project(tmp_path, {"FARSCRAWLER_CONFIG": str(tmp_path / "none.toml")})


def test_a_new_file_changes_nothing_but_the_place_of_the_archive(tmp_path: Path) -> None:
    written(tmp_path, TEMPLATE)
    assert set(read_project(tmp_path, {}).settings()) == {"ARCHIVE"}
    written(tmp_path, re.sub(r"(?m)^# (?=\w+ = |\[)", "", TEMPLATE))
    found = read_project(tmp_path, {}).settings()
    assert {"ARCHIVE", "CONTACT", "PUBLISHERS", "BASE_URL", "DOWNLOAD_DELAY", "PUBLISHER_SETTINGS"} == set(found)


def test_config_shows_where_each_value_is_from(tmp_path: Path) -> None:
    path = written(tmp_path, 'contact = "mailto:a@example.org"\n[publisher.irna]\nDOWNLOAD_DELAY = 5\n')
    shown = run("config", "--json", "-s", "EDGE_IDS=3", cwd=tmp_path, env=environment(FARSCRAWLER_ARCHIVE="b.db"))
    assert shown.returncode == 0, shown.stderr
    rows = {(row["setting"], row["publisher"]): row for row in map(json.loads, shown.stdout.splitlines())}
    assert {key: (row["value"], row["from"]) for key, row in rows.items()} == {
        ("ARCHIVE", None): ("b.db", "FARSCRAWLER_ARCHIVE"),
        ("BASE_URL", None): ("", "default"),
        ("CONTACT", None): ("mailto:a@example.org", f"{path}, line 1"),
        ("EDGE_IDS", None): ("3", "command line"),
        ("PUBLISHERS", None): ("", "default"),
        ("DOWNLOAD_DELAY", "irna"): (5, f"{path}, line 3"),
    }
    one = run("config", "DOWNLOAD_DELAY", cwd=tmp_path)
    assert one.stdout.splitlines() == ["DOWNLOAD_DELAY\t1.0\tdefault", f"irna.DOWNLOAD_DELAY\t5\t{path}, line 3"]
    assert run("config", "NOTHING", cwd=tmp_path).returncode == 2


def test_config_init_writes_a_file_and_never_over_one(tmp_path: Path) -> None:
    assert run("config", "--init", cwd=tmp_path).returncode == 0
    before = (tmp_path / FILE_NAME).read_text(encoding="utf-8")
    again = run("config", "--init", cwd=tmp_path)
    assert (again.returncode, (tmp_path / FILE_NAME).read_text(encoding="utf-8")) == (1, before)
    assert "is there already" in again.stderr


def test_a_publisher_that_there_is_not_is_named(tmp_path: Path) -> None:
    written(tmp_path, "[publisher.farsonlin]\nDOWNLOAD_DELAY = 5\n")
    for words in (("config",), ("crawl", "farsonline", "--latest", "1")):
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert "farscrawler.toml, line 2: [publisher.farsonlin]: " in done.stderr
        assert "Did you mean farsonline" in done.stderr


def test_every_command_obeys_the_file(tmp_path: Path) -> None:
    newsroom = Newsroom(count=40)
    below = tmp_path / "deep" / "folder"
    below.mkdir(parents=True)
    with Server(newsroom) as server:
        written(
            tmp_path,
            f'archive = "kept.db"\ncontact = "mailto:a@example.org"\n[settings]\nAUTOTHROTTLE_ENABLED = false\n'
            f'[publisher.farsonline]\nbase_url = "{server.url}"\nDOWNLOAD_DELAY = 0\n',
        )
        done = run("crawl", "farsonline", "--latest", "5", "-O", "news.jsonl", cwd=below)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "kept.db").exists()
    assert sorted(path.name for path in below.iterdir()) == ["news.jsonl"]
    assert len(run("show", cwd=below).stdout.splitlines()) == 5
    elsewhere = run("--archive", str(tmp_path / "kept.db"), "show", "-n", "2", cwd=tmp_path.parent)
    assert len(elsewhere.stdout.splitlines()) == 2
    assert run("show", "--archive", "none.db", cwd=below).returncode == 2


@pytest.mark.parametrize("words", [("show",), ("crawl", "farsonline", "--latest", "1"), ("crawl-all", "farsonline")])
def test_a_broken_file_ends_every_command_but_help(tmp_path: Path, words: tuple[str, ...]) -> None:
    written(tmp_path, "archive = \n")
    done = run(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Invalid value (at line 1" in done.stderr
    assert not list(tmp_path.glob("*.db"))
    assert run(*words[:1], "-h", cwd=tmp_path).returncode == 0
