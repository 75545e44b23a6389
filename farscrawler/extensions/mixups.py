"""Invented articles and real ones stay apart: no run of a replica into an archive of the site, nor the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from farscrawler import networks
from farscrawler.errors import BadArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.archive.ledger import Ledger

Origin = Literal["site", "replica"]


def origin_of(arguments: Mapping[str, Any]) -> Origin | None:
    """Return where the articles of a run come from, by its arguments.

    A ``base_url`` on this machine is a replica, such as the newsroom; one on another host is a mirror of the site, and
    has the site's articles. None for saved pages with a ``base_url``: it says only at which address they were taken;
    and for `reparse`, which reads again what other runs have brought.
    """
    if "reparse" in arguments:
        return None
    base_url = arguments.get("base_url")
    if not base_url:
        return "site"
    if "pages" in arguments:
        return None
    return "replica" if _is_here(str(base_url)) else "site"


def _is_here(url: str) -> bool:
    """Whether an address is one of this machine."""
    host, _ = networks.host_and_port(url) or ("", 0)
    address = networks.address_of(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def _asks_no_site(arguments: Mapping[str, Any]) -> bool:
    return bool({"pages", "source"} & set(arguments))


def check_origin(ledger: Ledger, arguments: Mapping[str, Any]) -> None:
    """Raise BadArgumentError for a run that would mix invented articles with real ones of its publisher.

    Runs that ask no site, of saved pages or a web archive, are never refused: who names them knows what they hold. They
    may hold invented articles too, so they count as real ones only in an archive without a run of a replica.
    """
    own = origin_of(arguments)
    if own is None or _asks_no_site(arguments) or not ledger.counts().get("article"):
        return
    doubtful: str | None = None
    own_before = False
    for one in ledger.runs_with_articles():
        said, other = one.arguments, origin_of(one.arguments)
        if other == own:
            own_before = True
        elif other is not None:
            replica = f", base_url={said['base_url']}" if other == "replica" else ""
            where = f"(run {one.run}, {one.started_at}{replica})"
            if not _asks_no_site(said):
                raise BadArgumentError(_mixed(ledger, own, where))
            doubtful = doubtful or where
    if doubtful is not None and not own_before:
        raise BadArgumentError(_mixed(ledger, own, doubtful))


def _mixed(ledger: Ledger, own: Origin, where: str) -> str:
    holds = f"{ledger.archive.path} holds articles of {ledger.publisher}"
    if own == "replica":
        return (
            f"{holds} itself {where}; those of a replica on this machine (base_url) would mix with them. Name another "
            "archive, such as --archive try.db."
        )
    return (
        f"{holds} from a replica on this machine {where}; those of the site itself would mix with them. Name another "
        f"archive, such as --archive {ledger.publisher}.db."
    )
