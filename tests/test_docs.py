"""The docs and the code say the same: names, numbers, links, and every command line that a reader may copy."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from scrapy.cmdline import ScrapyArgumentParser
from scrapy.settings import default_settings

import farscrawler
from docs import generate
from farscrawler import publishers, settings
from farscrawler.archive import FINAL, OUTCOMES, Archive, schema
from farscrawler.archive.counts.articles import MAX_ROWS
from farscrawler.archive.schedule import ScheduleRecord, store_schedule
from farscrawler.archive.store import BATCH_ROWS, BATCH_SECONDS
from farscrawler.cli.count_lines import LISTED
from farscrawler.cli.project_file import NO_SETTINGS, PREFIX
from farscrawler.errors import Exit
from farscrawler.extensions.summary import METRICS, Summary
from farscrawler.frontier.arguments import ARGUMENTS, OLD_NAMES
from farscrawler.items import FIELD_NAMES
from farscrawler.locations import is_address
from farscrawler.outcomes import stats
from farscrawler.publishers.loader import read_text
from farscrawler.publishers.model import NEWS
from farscrawler.schedule.lag import WATCH_METRICS
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import ROOT, crawl_words, environment, json_lines, run
from tests.support.copied import plant
from tests.support.markdown import FENCE, spans, table_rows
from tests.support.pageserver import print_page
from tests.support.printed_commands import done_by_us
from tests.support.saved import Record, print_url, write_warc
from tests.support.searched import archive_of, news

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import Postgres

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}
PERSIAN = {page for page in TEXTS if page.startswith(("docs/fa/", "README.fa"))}
#: Options of other programs, and words that stand for something the reader fills in.
FOREIGN_OPTIONS = {"--collector.textfile.directory", "--check", "--strict", "--only", "--articles", "--pages"}
PLACEHOLDERS = {"NAME", "FILE", "VALUE", "COMMAND", "PUBLISHER", *(one.removeprefix(PREFIX) for one in NO_SETTINGS)}
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
#: The newsroom of the examples: their ids are in it.
NEWSROOM = Newsroom(first_id=267_000, count=410)


def blocks(page: str, kind: str) -> list[str]:
    """Return the fenced blocks of a kind."""
    return [found[2] for found in FENCE.finditer(TEXTS[page]) if found[1] == kind]


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    return table_rows(TEXTS[page], heading)


def names(page: str, heading: str) -> list[str]:
    """Return the names in the first column of the first table below a heading."""
    return [name for row in rows(page, heading) for name in re.findall(r"`([^`]+)`", row[0])]


def command_lines(page: str) -> list[list[str]]:
    """Return the lines of the console blocks that a reader may copy, as words."""
    lines = "".join(blocks(page, "console")).replace("\\\n", " ").splitlines()
    return [shlex.split(line[1:], comments=True) for line in lines if line.startswith("$")]


def test_the_generated_blocks_are_fresh() -> None:
    stale = [page for page in generate.PAGES if generate.fresh(TEXTS[page]) != TEXTS[page]]
    assert not stale, "run python docs/generate.py"
    in_pages = {page: {found[2] for found in generate.BLOCK.finditer(text)} for page, text in TEXTS.items()}
    assert {page for page, found in in_pages.items() if found} == set(generate.PAGES)
    assert set().union(*in_pages.values()) == set(generate.BLOCKS)


def test_the_generator_says_what_is_stale_and_mends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in generate.PAGES:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text(TEXTS[page].replace("| `article_id` |", "| `article` |"), encoding="utf-8")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 1
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert generate.main() == 0
    assert all((tmp_path / page).read_text(encoding="utf-8") == TEXTS[page] for page in generate.PAGES)


def test_every_setting_is_in_the_docs() -> None:
    found = {name for _, name, _, _ in generate.settings_of(inspect.getsource(settings))}
    assert found == {name for name in vars(settings) if name.isupper()}
    assert found <= set(spans(TEXTS["docs/settings.md"]))


@pytest.mark.parametrize("page", TEXTS)
def test_every_relative_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", TEXTS[page])):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", FENCE.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def known_settings() -> set[str]:
    return {name for module in (settings, default_settings) for name in vars(module) if name.isupper()}


@pytest.mark.parametrize("page", TEXTS)
def test_every_name_in_a_code_span_exists(page: str) -> None:
    options = {
        string
        for _, parser in generate.commands().values()
        for action in generate.options(parser)
        for string in action.option_strings
    } | FOREIGN_OPTIONS | {"-h", "--help"}  # fmt: skip
    ours = {"farscrawler", *generate.own_commands()}
    for span in spans(TEXTS[page]):
        words = span.split()
        for word, following in zip(words, [*words[1:], ""], strict=True):
            if word.startswith("-") and (words[0] in ours or word == words[0]) and len(word) > 1:
                assert word.rstrip(",").split("=")[0] in options, span
            if word in ("-a", "-s") and following:
                known = {*ARGUMENTS, *OLD_NAMES} if word == "-a" else known_settings()
                assert following.split("=")[0] in known | PLACEHOLDERS, span
        # Time zones in the one page, and types of SQL in the other.
        if page not in ("docs/timestamps.md", "docs/analysis.md") and re.fullmatch(r"[A-Z][A-Z0-9_]{2,}", span):
            assert span.removeprefix(PREFIX) in known_settings() | PLACEHOLDERS, span
        for name in re.findall(r"\bfarscrawler_\w+", span):
            assert name in {**METRICS, **WATCH_METRICS}, span
        if re.fullmatch(r"(?:farscrawler|tests|docs|deploy|benchmarks)/[\w./@-]*", span):
            assert (ROOT / span).exists() or span in stats.MEANINGS, span
        if words[0] == "farscrawler" and len(words) > 1 and re.match(r"[a-z]", words[1]):
            assert words[1] in generate.commands(), span


def parsed(words: list[str]) -> None:
    """Check a command line with the parsers of the code."""
    own = generate.own_commands()
    assert words[1] in own or words[1] == "settings", words
    command, _ = generate.commands()[words[1]]
    parser = ScrapyArgumentParser(conflict_handler="resolve", exit_on_error=False)
    command.add_options(parser)
    given, rest = parser.parse_known_args(words[2:])
    assert not [word for word in rest if word.startswith("-")], words
    for argument in getattr(given, "spargs", []):
        name = argument.partition("=")[0]
        assert (name.rpartition(".")[2] if words[1] == "crawl-all" else name) in ARGUMENTS, words
    for setting in given.set:
        assert setting.partition("=")[0] in known_settings(), words
    if words[1] in ("coverage", "crawl", "revisions", "show"):
        assert not rest or rest[0] in {*publishers.names(), NEWS} or "://" in rest[0], words
    if words[1] == "crawl-all":
        assert set(rest) <= set(publishers.names()), words


def test_every_command_line_can_be_parsed() -> None:
    lines = [words for page in TEXTS for words in command_lines(page) if words[0] == "farscrawler"]
    assert len(lines) > 10
    for words in lines:
        parsed(words)


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    with Server(NEWSROOM, weight=2_000) as server:
        yield server


@pytest.fixture(scope="module")
def begun(site: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder in which the readers of the docs have crawled a little already."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / "ids.txt").write_text("# some\n267010-267012\n267020\n", encoding="utf-8")
    (folder / "urls.txt").write_text("http://www.Fars-Online.ir/Fa/News/267030/x\n", encoding="utf-8")
    (folder / "saved").mkdir()
    (folder / "saved/267050.html").write_text(print_page(267050), encoding="utf-8")
    (folder / "saved/267050.url").write_text(print_url(267050), encoding="utf-8")
    write_warc(folder / "crawl.warc.gz", [Record(print_url(267051), print_page(267051))])
    done = run(*crawl_words(site.url, "-a", "ids=267400-267403", "-O", "news.jsonl"), cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def in_a_database(folder: Path, postgres: Postgres) -> None:
    """Let the commands of a folder share an archive in a database, whose schedule knows two publishers."""
    server = postgres.archive()
    (folder / "farscrawler.toml").write_text(f'archive = "{server.address}"\n', encoding="utf-8")
    now = time.time()
    with Archive(server, readonly=False) as archive:
        store_schedule(
            archive, *(ScheduleRecord(publisher=key, since=now, due_at=now + 60) for key in ("farsonline", "aryanews"))
        )
    assert run("jobs", "add", "crawl", "farsonline", cwd=folder).returncode == 0


@pytest.fixture
def folder(begun: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a copy of that folder for each test."""
    copy = shutil.copytree(begun, tmp_path / "folder")
    shutil.copy(ROOT / "tests" / "fixtures" / "khabaronline" / "news" / "page.html", copy)
    if "docs/copies.md" in request.node.name:
        plant(copy / "archive.db")
    if "docs/search.md" in request.node.name:
        archive_of(copy / "archive.db", [news("1", "زعفران و کتابخانه با كتابهاي درسي آماده مي شود")])
    if "docs/many-machines.md" in request.node.name:
        in_a_database(copy, request.getfixturevalue("postgres"))
    if "docs/datasets.md" in request.node.name:
        assert run("export", "--dataset", "news", cwd=copy).returncode == 0
    return copy


@pytest.mark.parametrize("page", [page for page in TEXTS if command_lines(page)])
def test_every_command_line_does_what_it_should(
    page: str, folder: Path, site: Server, request: pytest.FixtureRequest
) -> None:
    ran_elsewhere = [line for other in TEXTS if other not in PERSIAN for line in command_lines(other)]
    lines = command_lines(page)
    # A database of the tests' own in the place of each.
    databases = {
        word: request.getfixturevalue("postgres").archive().address
        for words in lines
        for word in words
        if is_address(word)
    }
    for words in ([databases.get(word, word) for word in line] for line in lines):
        if page in PERSIAN and words in ran_elsewhere:
            continue
        if words[0] == "sqlite3":
            if shutil.which("sqlite3") is None:
                pytest.skip("sqlite3 is not installed")
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        elif words[0] == "farscrawler":
            done = done_by_us(words[1:], folder, site)
        else:  # make, venv and pip; the first are the project's own gate, the others belong to Python
            continue
        assert done.returncode == 0, (words, done.stderr)
        assert "Traceback" not in done.stderr, words
        for at, word in enumerate(words):
            if word == "-O" and words[at + 1].endswith(".jsonl"):
                file = folder / words[at + 1].replace("{publisher}", "farsonline")
                assert all(list(line) == list(FIELD_NAMES) for line in json_lines(file))


#: Its Python is a settings file; and the recipes for tools run where those are loaded once (test_analysts_tools.py).
_RUN_ELSEWHERE = ("docs/settings.md", "docs/analysis.md")


@pytest.mark.parametrize("page", [page for page in TEXTS if blocks(page, "python") and page not in _RUN_ELSEWHERE])
def test_the_python_examples_run(page: str, folder: Path) -> None:
    missing = set()
    for code in blocks(page, "python"):
        imports = {node.names[0].name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import)}
        absent = {name for name in imports if importlib.util.find_spec(name) is None}
        missing |= absent
        if absent:
            continue
        env = environment(HF_HUB_OFFLINE="1", HF_HOME=str(folder / "huggingface"))
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        if page == "docs/archive.md":
            assert done.stdout.count("\n") == 1 + sum(NEWSROOM.story(at) is not None for at in range(267_400, 267_403))
    if missing:  # pandas and DuckDB are no dependencies of ours
        pytest.skip(f"not installed: {', '.join(sorted(missing))}")


def test_the_examples_name_columns_that_exist(folder: Path) -> None:
    code = "".join(text for page in TEXTS if page != "docs/settings.md" for text in blocks(page, "python"))
    queries = re.findall(r'"(SELECT [^"]+ FROM articles[^"]*)"', code)
    typed = re.findall(r'"\{([a-z_]+: [^"]+)\}"', code)
    assert len(queries) >= 3  # README, README.fa.md and docs/analysis.md
    assert len(typed) >= 1
    with contextlib.closing(sqlite3.connect(folder / "archive.db")) as db:
        for query in queries:
            assert db.execute(query).fetchall()
    for columns in typed:
        assert set(re.findall(r"(\w+):", columns)) <= set(FIELD_NAMES)


def test_every_stanza_of_the_docs_can_be_read() -> None:
    found = [text for text in blocks("docs/adding-a-publisher.md", "toml") if "[example]" in text]
    (site,) = read_text(found[0], "nastooh.toml")
    assert (site.key, site.family, site.selectors["body"][-1]) == ("example", "nastooh", "...")
    forms = [text for text in blocks("docs/adding-a-publisher.md", "toml") if "[example.forms.article]" in text]
    (site,) = read_text(f"{found[0]}\n{forms[0]}", "custom.toml")
    assert site.article_id("https://www.example.ir/story/5/x") == "5"
    (own,) = [text for text in blocks("docs/adding-a-publisher.md", "toml") if "custom.toml" in text]
    (site,) = read_text(own, "custom.toml")
    assert (site.family, site.article_id("https://bagh.example/story/412/some-words")) == ("custom", "412")
    assert set(site.selectors) == {"kicker", "headline", "published", "lead", "body"}


def test_the_exit_codes_are_those_of_the_code() -> None:
    assert [int(row[0]) for row in rows("docs/crawling.md", "## Exit codes")] == [int(code) for code in Exit]


def test_the_outcomes_are_those_of_the_code_and_asked_again_as_it_does() -> None:
    found = rows("docs/archive.md", "## Outcomes")
    assert [row[0].strip("`") for row in found] == list(OUTCOMES)
    assert {row[0].strip("`") for row in found if row[2] == "yes"} == set(OUTCOMES) - FINAL


def warning_names() -> set[str]:
    """Return the names of all warnings: `NO_…` constants, and texts that begin with a name and a colon."""
    found = set()
    for path in (ROOT / "farscrawler" / "extract").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            match node:
                case ast.Assign([ast.Name(name)], ast.Constant(str(text))) if name.startswith("NO_"):
                    found.add(text)
        for part in ast.walk(tree):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.update(re.findall(r"\A([a-z]+(?:-[a-z]+)+): ", part.value))
    return found


def test_the_warnings_are_those_of_the_code() -> None:
    assert set(names("docs/parsing.md", "## Warnings")) == warning_names()


def test_the_tables_and_columns_are_those_of_an_archive(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db", readonly=False) as archive:
        tables = {row[0] for row in archive.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {table: [row[1] for row in archive.db.execute(f"PRAGMA table_info({table})")] for table in tables}
    part = TEXTS["docs/archive.md"].split("\n## Tables\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^### (\w+)$", part, re.MULTILINE)) == tables
    for table in tables - {"articles", "revisions"}:
        assert sorted(names("docs/archive.md", f"### {table}")) == sorted(columns[table]), table
    assert columns["articles"] == columns["revisions"] == list(FIELD_NAMES)


def test_the_keys_of_the_summary_are_those_of_the_code() -> None:
    summary = Summary(
        publisher="", archive="", run=1, started_at="", ended_at="", seconds=0, new=0, revised=0, known=0,
        end_reason="", exit_code=0,
    )  # fmt: skip
    assert sorted(names("docs/commands.md", "## One line of JSON about a run")) == sorted(summary.as_dict())


def test_the_keys_of_the_counts_are_those_of_the_code(folder: Path) -> None:
    done = run("stats", "--by", "day", "--json", cwd=folder)
    assert sorted(names("docs/analysis.md", "## Counts")) == sorted(json.loads(done.stdout))


def test_the_numbers_in_the_prose_are_those_of_the_code() -> None:
    archive = TEXTS["docs/archive.md"]
    assert f"without `-n` shows the {LISTED} largest labels" in TEXTS["docs/analysis.md"]
    assert f"An answer of over {MAX_ROWS:,} rows is refused" in TEXTS["docs/analysis.md"]
    assert f"at most {BATCH_ROWS} addresses or {BATCH_SECONDS:g} seconds" in archive
    assert f"the schema's version, now {schema.VERSION}," in archive
    assert f"0x{schema.APPLICATION_ID:x}" in archive
    assert f"## {farscrawler.__version__} (" in TEXTS["CHANGELOG.md"]
    assert (settings.DOWNLOAD_DELAY, settings.CONCURRENT_REQUESTS_PER_DOMAIN) == (1, 1)
    assert "One request at a time and one a second" in TEXTS["docs/crawling.md"]
    assert settings.REFRESH_HOURS == 48
    assert "خبرهای دو روز گذشته" in TEXTS["docs/fa/start.md"]
    every = publishers.all_publishers()
    families = {publisher.family for publisher in every} - {"custom"}
    assert f"{len(every)} sites" in TEXTS["README.md"]
    assert f"{len(every)} سایت".translate(PERSIAN_DIGITS) in TEXTS["README.fa.md"]
    assert f"{len(every)} publishers, of {len(families)} families" in TEXTS["CHANGELOG.md"]


def test_the_readme_is_one_page() -> None:
    assert TEXTS["README.md"].count("\n") <= 120


def test_the_docs_name_every_format_of_our_exports() -> None:
    formats = {f".{name}" for name in settings.FEED_EXPORTERS}
    assert set(names("docs/exports.md", "## Formats")) == formats


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)", TEXTS["README.md"]))
    assert linked == {page for page in TEXTS if page.startswith("docs/") and page not in PERSIAN}
