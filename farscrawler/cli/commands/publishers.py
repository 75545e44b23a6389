"""`farscrawler publishers`: the sites that can be crawled, and how they fare in an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.archive.audit import DROP, NEWEST, Health, health
from farscrawler.cli.base import LightCommand, UsageError
from farscrawler.cli.output import out_cells, out_json, terminal
from farscrawler.errors import Exit
from farscrawler.persian import fold
from farscrawler.printing import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from rich.table import Table
    from rich.text import Text

    from farscrawler.publishers import Publisher

#: Columns of every list, and those that an archive adds.
COLUMNS = ("publisher", "family", "doors", "host", "evidence", "access", "name")
ARCHIVE_COLUMNS = ("articles", "last success", "fill", "drops")
_NOTHING = "-"
Row = tuple["Publisher", Health]
#: What a list can be sorted by; what comes from an archive has the worst or the largest first.
ORDERS: dict[str, Callable[[Row], Any]] = {
    "publisher": lambda row: row[0].key,
    "family": lambda row: (row[0].family, row[0].key),
    "evidence": lambda row: (-(row[0].evidence or 0), row[0].key),
    "articles": lambda row: (-row[1].articles, row[0].key),
    "last-success": lambda row: (row[1].last_success or "", row[0].key),
    "drops": lambda row: (-len(row[1].drops), -row[1].articles, row[0].key),
}
_OF_ARCHIVE = ("articles", "last-success", "drops")


class Command(LightCommand):
    """The publishers command."""

    def syntax(self) -> str:
        return "[options] [WORD ...]"

    def long_desc(self) -> str:
        return (
            "List the publishers that can be crawled: all, or those with every WORD in their name, title or host."
            f" Columns: {', '.join(COLUMNS)}; doors are the sources of articles of past days, evidence is the year of "
            "the newest reference that names the site. With --archive, or with -s ARCHIVE=FILE, also "
            f"{', '.join(ARCHIVE_COLUMNS)}: when a run last met articles, the share of the newest {NEWEST} articles "
            f"that have a field, and the fields whose share has fallen by {DROP:.0%} or more against those before "
            "them. Piped, it prints tab-separated lines. Exit codes: 0 listed; 1 no publisher fits; 2 bad arguments, "
            "or no archive."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--family", metavar="FAMILY", help="only publishers of a family, such as nastooh")
        parser.add_argument("--archive", action="store_true", help="add their state in the archive")
        parser.add_argument("--sort", choices=tuple(ORDERS), default="publisher", help="the column to sort by")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a table, or plain lines where the output is no terminal."""
        asked = opts.archive or any(word.startswith("ARCHIVE=") for word in opts.set)
        if opts.sort in _OF_ARCHIVE and not asked:
            raise UsageError(f"--sort {opts.sort} needs an archive: add --archive or -s ARCHIVE=FILE")
        chosen = fitting(publishers.of(self.settings).of_family(opts.family), args)
        fares = _fares(self.settings["ARCHIVE"]) if asked else {}
        if not chosen:
            return self.fail("no publisher fits", Exit.BROKE)
        rows = sorted(((one, fares.get(one.key, Health())) for one in chosen), key=ORDERS[opts.sort])
        if opts.json:
            for one, fare in rows:
                out_json(as_dict(one, fare if asked else None))
        elif (console := terminal()) is not None:
            console.print(_table(rows, with_archive=asked))
        else:
            for one, fare in rows:
                out_cells(_cells(one) + (_fare_cells(fare) if asked else []))
        return None


def as_dict(publisher: Publisher, fare: Health | None) -> dict[str, Any]:
    """Return what is known of a publisher for a JSON line; ``fare`` is None where no archive was asked."""
    known = {
        "publisher": publisher.key,
        "name": publisher.name,
        "family": publisher.family,
        "hosts": publisher.hosts,
        "doors": publisher.sources.names,
        "forms": tuple(publisher.forms),
        "evidence": publisher.evidence,
        "access": publisher.access,
        "note": publisher.note,
    }
    if fare is None:
        return known
    return {
        **known,
        "articles": fare.articles,
        "last_success": fare.last_success,
        "fill": {name: round(share, 3) for name, share in fare.fill.items()},
        "drops": {name: [round(old, 3), round(new, 3)] for name, (old, new) in fare.drops.items()},
    }


def fitting(known: Sequence[Publisher], words: Sequence[str]) -> list[Publisher]:
    """Return the publishers that have every word somewhere in their name, title or hosts, however it is spelt."""
    wanted = [fold(word) for word in words]
    texts = {one.key: fold(" ".join((one.key, one.name, *one.hosts))) for one in known}
    return [one for one in known if all(word in texts[one.key] for word in wanted)]


def _fares(path: str) -> dict[str, Health]:
    with Archive(path, readonly=True) as archive:
        return health(archive)


def _cells(publisher: Publisher) -> list[str]:
    return [
        publisher.key,
        publisher.family,
        ",".join(publisher.sources.names) or _NOTHING,
        publisher.hosts[0],
        str(publisher.evidence or _NOTHING),
        publisher.access or _NOTHING,
        publisher.name,
    ]


def _fare_cells(fare: Health) -> list[str]:
    fill = ",".join(f"{name}={share:.2f}" for name, share in fare.fill.items())
    drops = ",".join(f"{name}={old:.2f}>{new:.2f}" for name, (old, new) in fare.drops.items())
    return [str(fare.articles), fare.last_success or _NOTHING, fill or _NOTHING, drops or _NOTHING]


def _table(rows: Sequence[Row], *, with_archive: bool) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(*COLUMNS, *(ARCHIVE_COLUMNS if with_archive else ()))
    for publisher, fare in rows:
        cells: list[str | Text] = [printable(cell) for cell in _cells(publisher)]
        if with_archive:
            fill = " ".join(f"{name} {share:.0%}" for name, share in fare.fill.items() if share)
            drops = " ".join(f"{name} {old:.0%} → {new:.0%}" for name, (old, new) in fare.drops.items())
            when = (fare.last_success or _NOTHING).replace("T", " ").removesuffix("+00:00")
            cells += [f"{fare.articles:,}", when, fill or _NOTHING, Text(drops or _NOTHING, "red" if drops else "")]
        table.add_row(*cells)
    return table
