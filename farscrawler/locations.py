"""Where an archive is: an SQLite file by its path, or a PostgreSQL database by its address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from farscrawler.errors import BadArgumentError

_SCHEMES = ("postgresql", "postgres")
#: How the address of a database begins. `Path` would make one slash of the two.
_ADDRESS = re.compile(rf"(?:{'|'.join(_SCHEMES)}):/{{1,2}}", re.IGNORECASE)
#: What begins as an address of something else; no path of a file has two slashes behind a colon.
_OTHER = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_STRAY_PERCENT = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
_SECRETS = frozenset({"password", "sslpassword"})


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL database by its address; as text it has no password, so that it may be printed and logged."""

    address: str = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the database; that of the user is taken where the address has none, as by PostgreSQL itself."""
        parts = urlsplit(self.address)
        return unquote(parts.path.lstrip("/")) or dict(parse_qsl(parts.query)).get("dbname") or parts.username or ""

    @property
    def stem(self) -> str:
        """The name of the database, for files that are named after an archive."""
        return self.name

    def exists(self) -> bool:
        """Whether it may be opened, as of a path: a database says itself what it lacks."""
        return True

    def __str__(self) -> str:
        parts = urlsplit(self.address)
        user, at, host = parts.netloc.rpartition("@")
        options = [(name, value) for name, value in parse_qsl(parts.query) if name.casefold() not in _SECRETS]
        query = f"?{urlencode(options, safe='/')}" if options else ""
        return f"postgresql://{user.partition(':')[0]}{at}{host}{parts.path}{query}"

    def __repr__(self) -> str:
        return f"Server({str(self)!r})"


Location = Path | Server


def is_address(text: str) -> bool:
    """Whether a text is the address of a database, and no path."""
    return _ADDRESS.match(text) is not None


def location_of(archive: str | Path | Server) -> Location:
    """Return the place that ARCHIVE names. Raise BadArgumentError for an address that cannot be one."""
    if isinstance(archive, Server):
        return archive
    text = str(archive)
    match = _ADDRESS.match(text)
    if match is None:
        if (other := _OTHER.match(text)) is not None:
            raise BadArgumentError(
                f"ARCHIVE: {other[0]} is no archive. Name a file, or a database as postgresql://USER@HOST/DATABASE."
            )
        return Path(archive)
    address = f"postgresql://{text[match.end() :]}"
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  # which raises for a port that is no number
    except ValueError:
        parts = None
    # libpq would take what stands behind the first of two @ for the host, and name it in its error.
    if parts is None or parts.netloc.count("@") > 1 or _STRAY_PERCENT.search(address):
        raise BadArgumentError(
            "ARCHIVE: the address of the database cannot be read. Write postgresql://USER@HOST/DATABASE, with "
            f"%-escapes for other signs ({quote('@')} for @, {quote('%')} for %)."
        )
    return Server(address)
