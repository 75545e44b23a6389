"""Write the generated parts of the docs: `python docs/generate.py`, or `--check` to find stale pages.

A generated block stands between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a key of ``BLOCKS``.
"""
# ruff: noqa: INP001  # a folder of documents with a script in it, not a package

from __future__ import annotations

import argparse
import ast
import inspect
import json
import re
import sys
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.cmdline import _get_commands_dict
from scrapy.settings import Settings

from farscrawler import publishers, settings
from farscrawler.cli.base import adopt
from farscrawler.extensions.summary import METRICS
from farscrawler.extract import read_article
from farscrawler.extract.warnings import WARNINGS
from farscrawler.frontier.arguments import ARGUMENTS
from farscrawler.items import FIELD_NAMES, FIELD_TEXTS, Article, json_schema
from farscrawler.outcomes import stats
from farscrawler.publishers.keys import KEYS
from farscrawler.publishers.loader import named_urls
from farscrawler.publishers.selectors import FIELDS
from farscrawler.schedule.lag import WATCH_METRICS
from farscrawler.testing.newsroom import Newsroom
from farscrawler.testing.newsroom.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scrapy.commands import ScrapyCommand

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "docs/adding-a-publisher.md",
    "docs/commands.md",
    "docs/crawling.md",
    "docs/fields.md",
    "docs/parsing.md",
    "docs/publishers.md",
    "docs/security.md",
    "docs/settings.md",
    "docs/unattended.md",
)
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
#: A short article of the replica with kicker, dateline and lead, in a summer when Tehran was at +04:30.
_EXAMPLE_ID = "1953"
_EXAMPLE_WIDTH = 160
_EXAMPLE_FETCH = "2026-11-23T08:00:00+00:00"
_ACCESS = {"arvan": "ArvanCloud's challenge", "iran": "answers only inside Iran"}
_HEADING = re.compile(r"# -- (.+?) -+$")


@cache
def commands() -> dict[str, tuple[ScrapyCommand, argparse.ArgumentParser]]:
    """Return every command with its filled parser, ours and those inherited from Scrapy."""
    adopt()  # a module of a command may have been imported before Scrapy's own
    given = Settings()
    given.setmodule(settings)
    found = {}
    for name, command in sorted(_get_commands_dict(given, inproject=True).items()):
        command.settings = given
        parser = argparse.ArgumentParser(prog="farscrawler", conflict_handler="resolve")
        command.add_options(parser)
        found[name.replace("_", "-")] = (command, parser)  # as it is typed; see farscrawler/__main__.py
    return found


def own_commands() -> dict[str, tuple[ScrapyCommand, argparse.ArgumentParser]]:
    """Return the commands of farscrawler, those of Scrapy left out."""
    return {name: found for name, found in commands().items() if found[0].__module__.startswith("farscrawler.")}


def options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the options of a parser except --help."""
    actions = parser._actions  # noqa: SLF001  # argparse has no public list of them
    return [action for action in actions if action.option_strings and action.dest != "help"]


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _option_rows(actions: list[argparse.Action]) -> list[tuple[str, ...]]:
    rows = []
    for action in actions:
        metavar = action.metavar or ("{" + ",".join(action.choices) + "}" if action.choices else "")
        rows.append((" ".join(filter(None, [", ".join(action.option_strings), str(metavar)])), action.help or ""))
    return [(f"`{names}`", text) for names, text in rows]


def _global_options() -> list[argparse.Action]:
    _, parser = own_commands()["schema"]  # the command that adds none of its own
    return options(parser)


def _commands() -> str:
    every = {action.dest for action in _global_options()}
    parts = []
    for name, (command, parser) in own_commands().items():
        own = [action for action in options(parser) if action.dest not in every]
        parts.append(
            f"## {name}\n\n`farscrawler {name} {command.syntax()}".rstrip()
            + f"`\n\n{command.long_desc().rstrip('.')}.\n\n"
            + (table(("option", "meaning"), _option_rows(own)) + "\n" if own else "")
        )
    return "\n" + "".join(parts).rstrip("\n") + "\n"


def _type(shape: dict[str, Any]) -> str:
    kinds = [shape["type"]] if isinstance(shape["type"], str) else sorted(shape["type"], reverse=True)
    if kinds == ["array"]:
        items = shape["items"]
        inner = ", ".join(items["properties"]) if "properties" in items else ""
        return f"list of {{{inner}}}" if inner else f"list of {items['type']}s"
    return " or ".join(kinds)


def _fields() -> str:
    shapes = json_schema()["properties"]
    return table(
        ("field", "type", "meaning"), [(f"`{name}`", _type(shapes[name]), FIELD_TEXTS[name]) for name in FIELD_NAMES]
    )


def _example() -> str:
    publisher = publishers.load("farsonline")
    url = publisher.url_for(_EXAMPLE_ID, "print")
    body = Site(Newsroom(), weight=0).respond(url.removeprefix(publisher.base_url)).body
    article = read_article(
        body,
        publisher=publisher,
        url=url,
        form="print",
        article_id=_EXAMPLE_ID,
        content_type="text/html",
        fetched_at=_EXAMPLE_FETCH,
        stored_url=publisher.canonical_url(_EXAMPLE_ID),
    )
    assert isinstance(article, Article), article  # noqa: S101  # the replica's own article
    lines = [""]
    for name in FIELD_NAMES:
        part = f'"{name}": {json.dumps(getattr(article, name), ensure_ascii=False)}'
        if len(lines[-1]) + len(part) > _EXAMPLE_WIDTH:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + part + ("," if name != FIELD_NAMES[-1] else "")
    return "```json\n{" + "\n ".join(lines) + "}\n```\n"


def settings_of(source: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield section, name, value as written and reason of every setting in the source of a settings module."""
    lines = source.splitlines()
    headings = {number: found[1] for number, line in enumerate(lines, 1) if (found := _HEADING.match(line))}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if not isinstance(target, ast.Name) or not target.id.isupper():
            continue
        value = node.value  # type: ignore[attr-defined]  # both kinds of assignment have one
        end = lines[node.end_lineno - 1][node.end_col_offset :] if node.end_lineno else ""
        section = max((number for number in headings if number < node.lineno), default=0)
        reason = end.partition("#")[2].strip()
        # Of these lines alone: it splits its source anew at each call, letter by letter.
        own = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        written = ast.get_source_segment(own, ast.increment_lineno(value, 1 - node.lineno))
        yield headings.get(section, "the project"), target.id, written or "", reason


def _settings() -> str:
    parts: list[str] = []
    found = list(settings_of(inspect.getsource(settings)))
    for section in dict.fromkeys(row[0] for row in found):
        rows, tables = [], []
        for _, name, value, reason in (row for row in found if row[0] == section):
            if "\n" in value and len(getattr(settings, name)) > 2:  # noqa: PLR2004  # too long for a cell
                tables.append(f"```python\n{name} = {value}\n```\n")
                value = "see below"  # noqa: PLW2901  # what the cell says
            else:
                value = f"`{getattr(settings, name)!r}`"  # noqa: PLW2901  # as it comes out
            rows.append((f"`{name}`", value, reason))
        parts.append(f"## {section[0].upper()}{section[1:]}\n\n" + table(("setting", "default", "reason"), rows))
        parts.extend(tables)
    return "\n" + "\n".join(parts)


#: Limits that no setting changes: where a constant stands, and what it limits.
_FIXED = (
    ("extract.reader", "MAX_BODY_BYTES", "bytes of a page, unpacked"),
    ("extract.reader", "MAX_CPU_SECONDS", "seconds of CPU time for reading a page"),
    ("extract.document", "MAX_ELEMENTS", "elements of a page"),
    ("frontier.base", "MAX_ANSWER_BYTES", "bytes of a list page, a feed, or a page of a web archive's index"),
    ("listings.pages", "MAX_ENTRIES", "articles of a list page"),
    ("listings.feeds", "MAX_ENTRIES", "entries of a feed"),
    ("listings.sitemaps", "MAX_ENTRIES", "addresses of a sitemap"),
    ("listings.sitemaps", "SEEN_ENTRIES", "entries of a sitemap, of articles or not"),
    ("listings.markup", "MAX_ENTRY_ELEMENTS", "elements of one entry"),
    ("listings.sitemaps", "MAX_JSON_BYTES", "bytes of a sitemap in JSON"),
    ("webarchives.capture", "MAX_LINES", "lines of a page of a web archive's index"),
    ("frontier.sources.sitemaps", "MOST_SITEMAPS", "sitemaps read in a run"),
    ("frontier.sources.sitemaps", "DEEPEST", "sitemaps that lead from one to the next"),
    ("frontier.sources.index_pages", "MOST_PAGES", "pages of a list of all articles"),
    ("webarchives.http_message", "LONGEST_HEAD", "bytes of the headers of a saved answer"),
    ("publishers.loader", "MAX_FILE_BYTES", "bytes of a file of stanzas"),
)
_LIMITS = "limits against broken and hostile servers"


def _limits() -> str:
    rows = []
    for section, name, _, reason in settings_of(inspect.getsource(settings)):
        value = getattr(settings, name)
        if (section == _LIMITS or name.startswith(("STOP_AFTER_", "PROBE_"))) and value and type(value) in {int, float}:
            rows.append((reason, f"{value:,}", f"`{name}`"))
    for module, name, meaning in _FIXED:
        rows.append((meaning, f"{getattr(import_module(f'farscrawler.{module}'), name):,}", "fixed"))
    return table(("what is limited", "limit", "setting"), rows)


def _families() -> str:
    """Return the number of publishers of each family, the largest first."""
    counts = Counter(publisher.family for publisher in publishers.all_publishers())
    rows = [(f"`{family}`", f"{count}") for family, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))]
    return table(("family", "sites"), [*rows, ("all", f"{counts.total()}")])


def _publishers() -> str:
    parts = []
    for family in sorted({publisher.family for publisher in publishers.all_publishers()}):
        sites = publishers.of_family(family)
        rows = [
            (
                f"`{one.key}`",
                one.name,
                one.hosts[0],
                ", ".join(one.sources.names),
                f"{one.evidence or ''}",
                "; ".join(filter(None, (_ACCESS.get(one.access or ""), one.note))),
            )
            for one in sites
        ]
        parts.append(f"## {family}\n\n" + table(("publisher", "name", "host", "sources", "evidence", "remarks"), rows))
    return "\n" + "\n".join(parts)


def _eras() -> str:
    """Return the table of the earlier systems, hosts and addresses of sites."""
    rows = []
    for one in publishers.all_publishers():
        for era in one.eras:
            article = era.forms.get("article")
            address = (article.url or ", ".join(path.pattern for path in article.paths)) if article else ""
            ids = "as today" if not era.prefix else f"`{era.prefix}…`"
            row = (f"`{one.key}`", f"`{era.name}`", era.years, ", ".join(era.hosts), era.family or "")
            rows.append((*row, f"`{address}`".replace("|", "\\|") if address else "as today", ids))
    return table(("publisher", "era", "seen", "hosts then", "family then", "address of articles", "ids"), rows)


def _url_forms() -> str:
    rows = []
    for name, said in named_urls().items():
        form = said["forms"]["article"]
        rows.append((f"`{name}`", f"`{form['url']}`", form.get("id", "number")))
    return table(("name", "address", "id"), rows)


def _inherited() -> str:
    own = own_commands()
    return table(
        ("command", "what it does, in Scrapy's words"),
        [(f"`{name}`", command.short_desc()) for name, (command, _) in commands().items() if name not in own],
    )


def _stats() -> str:
    """Return the table of the stats; a name that ends with a slash is followed by the kind that is counted."""
    return table(
        ("stat", "meaning"),
        [(f"`{name}…`" if name.endswith("/") else f"`{name}`", text) for name, text in stats.MEANINGS.items()],
    )


BLOCKS: dict[str, Callable[[], str]] = {
    "arguments": lambda: table(("argument", "meaning"), [(f"`{name}`", text) for name, text in ARGUMENTS.items()]),
    "commands": _commands,
    "example": _example,
    "fields": _fields,
    "global-options": lambda: table(("option", "meaning"), _option_rows(_global_options())),
    "inherited": _inherited,
    "limits": _limits,
    "metrics": lambda: table(
        ("metric", "kind", "meaning"), [(f"`{name}`", kind, text) for name, (kind, text) in METRICS.items()]
    ),
    "eras": _eras,
    "publishers": _publishers,
    "publishers-by-family": _families,
    "selector-fields": lambda: table(
        ("field", "what it selects"), [(f"`{name}`", text) for name, text in FIELDS.items()]
    ),
    "settings": _settings,
    "stats": _stats,
    "stanza-keys": lambda: table(("key", "meaning"), [(f"`{name}`", text) for name, text in KEYS.items()]),
    "url-forms": _url_forms,
    "watch-metrics": lambda: table(
        ("metric", "kind", "meaning"), [(f"`{name}`", kind, text) for name, (kind, text) in WATCH_METRICS.items()]
    ),
    "warnings": lambda: table(("warning", "meaning"), [(f"`{name}`", text) for name, text in WARNINGS.items()]),
}


def fresh(text: str) -> str:
    """Return a page with fresh generated blocks. Raise KeyError for a block without a generator."""
    return BLOCK.sub(lambda found: found[1] + BLOCKS[found[2]]() + found[3], text)


def main() -> int:
    """Write the blocks, or with --check only print which pages are stale (exit code 1)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a page is stale")
    check = parser.parse_args().check
    stale = False
    for page in PAGES:
        path = ROOT / page
        old = path.read_text(encoding="utf-8")
        new = fresh(old)
        if new == old:
            continue
        stale = True
        sys.stdout.write(f"{page} {'is stale; run python docs/generate.py' if check else 'written'}\n")
        if not check:
            path.write_text(new, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
