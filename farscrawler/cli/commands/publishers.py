"""`farscrawler publishers`: the sites that can be crawled, and how they fare in an archive."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.archive.audit.checks import DROP, NEWEST, Health, health
from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.columns import Column, fitted, joined
from farscrawler.cli.output import out, out_cells, out_json, prints_letters, say, terminal
from farscrawler.errors import Exit
from farscrawler.locations import location_of
from farscrawler.persian import fold_label
from farscrawler.printing import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from farscrawler.publishers import Catalogue, Publisher

#: Columns of every list, and those that an archive adds.
COLUMNS = ("publisher", "family", "doors", "host", "evidence", "access", "name")
ARCHIVE_COLUMNS = ("articles", "last success", "fill", "drops")
#: The columns for which a narrow terminal has room first.
_RANKS = (
    *("publisher", "name", "articles", "last success", "drops", "host", "doors", "family", "access", "evidence"),
    "fill",
)
#: Of 347 names 330 have no more cells.
_LEAST_NAME = 26
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; ``publisher`` is None for a key of the archive that has no stanza, or a malformed one."""

    key: str
    publisher: Publisher | None
    fare: Health

    @property
    def family(self) -> str:
        """The family, a dash where it is not known."""
        return self.publisher.family if self.publisher is not None else _NOTHING

    @property
    def evidence(self) -> int:
        """The year of the evidence, 0 where there is none."""
        return (self.publisher.evidence if self.publisher is not None else None) or 0


#: What a list can be sorted by; what comes from an archive has the worst or the largest first.
ORDERS: dict[str, Callable[[Row], Any]] = {
    "publisher": lambda row: row.key,
    "family": lambda row: (row.family, row.key),
    "evidence": lambda row: (-row.evidence, row.key),
    "articles": lambda row: (-row.fare.articles, row.key),
    "last-success": lambda row: (row.fare.last_success or "", row.key),
    "drops": lambda row: (-len(row.fare.drops), -row.fare.articles, row.key),
}
_OF_ARCHIVE = ("articles", "last-success", "drops")


class Command(LightCommand):
    """The publishers command."""

    def syntax(self) -> str:
        return "[options] [WORD ...]"

    def long_desc(self) -> str:
        return (
            "List the publishers that can be crawled: all, or those with one of the WORDs in their name, title or host."
            f" Columns: {', '.join(COLUMNS)}; doors are the sources of articles of past days, evidence is the year of "
            "the newest reference that names the site. With --archive, or with -s ARCHIVE=FILE, those of which the "
            "archive holds something, also without a stanza, with "
            f"{', '.join(ARCHIVE_COLUMNS)}: when a run last met articles, the share of the newest {NEWEST} articles "
            f"that have a field, and the fields whose share has fallen by {DROP:.0%} or more against those before "
            "them. A terminal shows the columns that it has room for, and says which it leaves out. Piped, "
            "the command prints tab-separated lines. Exit codes: 0 listed; 1 no publisher fits; 2 bad arguments, "
            "or no archive."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--family", metavar="FAMILY", help="only publishers of a family, such as nastooh")
        parser.add_argument(
            "--archive",
            metavar="FILE",
            nargs="?",
            const=str(self.settings["ARCHIVE"]),
            help="list those in the archive, with their state there "
            f"(default: {location_of(self.settings['ARCHIVE'])}); words stand before it",
        )
        parser.add_argument(
            "--sort",
            choices=tuple(ORDERS),
            default="publisher",
            metavar="COLUMN",
            help=f"the column to sort by: {', '.join(ORDERS)}",
        )
        parser.add_argument("--wide", action="store_true", help="show all columns, however wide the terminal is")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a table, or plain lines where the output is no terminal."""
        asked = opts.archive is not None or any(word.startswith("ARCHIVE=") for word in opts.set)
        if opts.sort in _OF_ARCHIVE and not asked:
            raise UsageError(f"--sort {opts.sort} needs an archive: add --archive or -s ARCHIVE=FILE")
        known = publishers.of(self.settings)
        if opts.archive in known.names() and not Path(opts.archive).exists():
            raise UsageError(f"--archive takes a file; words stand before it: publishers {opts.archive} --archive")
        known.check(args)
        rows = (
            self._archived(known, opts.family)
            if asked
            else [Row(one.key, one, Health()) for one in known.of_family(opts.family)]
        )
        chosen, unfit = fitting(rows, args)
        for word in unfit:
            like = _like(word, rows)
            hint = f" Did you mean {' or '.join(like)}?" if like else ""
            say(f"no publisher{' in the archive' if asked else ''} fits {word}.{hint}")
        if not chosen:
            if not unfit:
                whose = f"the family {opts.family}" if opts.family else "any publisher"
                say(f"{location_of(self.settings['ARCHIVE'])} holds nothing of {whose} yet.")
            self.exitcode = int(Exit.BROKE)
            return
        chosen.sort(key=ORDERS[opts.sort])
        if opts.json:
            for row in chosen:
                out_json(as_dict(row, with_archive=asked))
        elif (console := terminal()) is not None:
            _show(chosen, console, with_archive=asked, wide=opts.wide)
        else:
            for row in chosen:
                out_cells(_cells(row) + (_fare_cells(row.fare) if asked else []))

    def _archived(self, known: Catalogue, family: str | None) -> list[Row]:
        """Return the publishers of which the archive holds articles or runs."""
        with Archive(self.settings["ARCHIVE"], readonly=True) as archive:
            fares = health(archive)
        of_family = {one.key: one for one in known.of_family(family)}
        return [Row(key, of_family.get(key), fare) for key, fare in fares.items() if family is None or key in of_family]


def as_dict(row: Row, *, with_archive: bool) -> dict[str, Any]:
    """Return what is known of a publisher for a JSON line; without a stanza only what the archive knows."""
    one, fare = row.publisher, row.fare
    known = {
        "publisher": row.key,
        "name": one.name if one is not None else None,
        "family": one.family if one is not None else None,
        "hosts": one.hosts if one is not None else (),
        "doors": one.sources.names if one is not None else (),
        "forms": tuple(one.forms) if one is not None else (),
        "evidence": one.evidence if one is not None else None,
        "access": one.access if one is not None else None,
        "note": one.note if one is not None else None,
    }
    if not with_archive:
        return known
    return {
        **known,
        "articles": fare.articles,
        "last_success": fare.last_success,
        "fill": {name: round(share, 3) for name, share in fare.fill.items()},
        "drops": {name: [round(old, 3), round(new, 3)] for name, (old, new) in fare.drops.items()},
    }


def fitting(rows: Sequence[Row], words: Sequence[str]) -> tuple[list[Row], list[str]]:
    """Return the rows that have one of the words somewhere in key, name or hosts, however it is spelt.

    Without words all fit. The words that fit nowhere are returned too.
    """
    texts = [_folded(row) for row in rows]
    found = [[fold_label(word) in text for text in texts] for word in words]
    chosen = [row for at, row in enumerate(rows) if not words or any(fits[at] for fits in found)]
    return chosen, [word for word, fits in zip(words, found, strict=True) if not any(fits)]


def _folded(row: Row) -> str:
    one = row.publisher
    return fold_label(" ".join((row.key, one.name, *one.hosts) if one is not None else (row.key,)))


def _like(word: str, rows: Sequence[Row]) -> list[str]:
    """Return the keys of publishers that have a word like this one, those with the likest first."""
    wanted = fold_label(word)
    keys: dict[str, str] = {}
    for row in rows:
        for part in _folded(row).replace(".", " ").split():
            keys.setdefault(part, row.key)
            keys.setdefault(part[: len(wanted)], row.key)  # tasnmi is a slip of tasnimnews
    close = difflib.get_close_matches(wanted, keys, n=5, cutoff=0.75)
    return list(dict.fromkeys(keys[one] for one in close))[:3]


def _cells(row: Row) -> list[str]:
    one = row.publisher
    if one is None:
        return [row.key, *[_NOTHING] * (len(COLUMNS) - 1)]
    return [
        row.key,
        one.family,
        ",".join(one.sources.names) or _NOTHING,
        one.hosts[0],
        str(one.evidence or _NOTHING),
        one.access or _NOTHING,
        one.name,
    ]


def _fare_cells(fare: Health) -> list[str]:
    fill = ",".join(f"{name}={share:.2f}" for name, share in fare.fill.items())
    drops = ",".join(f"{name}={old:.2f}>{new:.2f}" for name, (old, new) in fare.drops.items())
    return [str(fare.articles), fare.last_success or _NOTHING, fill or _NOTHING, drops or _NOTHING]


def _show(rows: Sequence[Row], console: Console, *, with_archive: bool, wide: bool) -> None:
    """Print a table for a terminal."""
    from rich.text import Text

    letters = prints_letters()
    names = COLUMNS + (ARCHIVE_COLUMNS if with_archive else ())
    columns = [
        Column(name, _RANKS.index(name), right=name == "articles", least=_LEAST_NAME if name == "name" else None)
        for name in names
    ]
    cells = [_cells(row) + (_screen_fare(row.fare) if with_archive else []) for row in rows]
    table = fitted(
        columns, [[printable(cell) for cell in row] for row in cells], None if wide else console.width, letters=letters
    )
    for number, line in enumerate(table.lines):
        styles = ["bold" if not number else _style(column, rows[number - 1]) for column in table.columns]
        parts = list(joined(line, letters=letters))
        styles = ["", *styles] if letters else styles
        console.print(Text.assemble(*zip(parts, styles, strict=True)), soft_wrap=True)
    if table.left_out:
        out(f"Left out for want of room: {', '.join(table.left_out)}. --wide shows them, and so do --json and a pipe.")


def _style(column: Column, row: Row) -> str:
    return "red" if column.name == "drops" and row.fare.drops else ""


def _screen_fare(fare: Health) -> list[str]:
    fill = " ".join(f"{name} {share:.0%}" for name, share in fare.fill.items() if share)
    drops = " ".join(f"{name} {old:.0%} → {new:.0%}" for name, (old, new) in fare.drops.items())
    when = (fare.last_success or _NOTHING).replace("T", " ").removesuffix("+00:00")
    return [f"{fare.articles:,}", when, fill or _NOTHING, drops or _NOTHING]
