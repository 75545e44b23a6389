"""Which files of CC-NEWS there are: in a folder, in a list of paths, or in Common Crawl's lists of months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.files import open_file
from farscrawler.frontier.base import UnreachableError
from farscrawler.printing import printable
from farscrawler.saved.folders import is_warc
from farscrawler.webarchives.ccnews import NewsFile, is_address, read_paths

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from farscrawler.frontier.base import SiteClient
    from farscrawler.webarchives.ccnews import CcNews

_OK, _NOT_FOUND = 200, 404


async def files_of(source: CcNews, client: SiteClient, today: dt.date) -> tuple[list[NewsFile], list[str]]:
    """Return the files that may hold pages of the wanted days, in the order of time, and the lists that are not there.

    Raise UnreachableError.
    """
    missing: list[str] = []
    if source.local is not None:
        found = _in_folder(source.local) if source.local.is_dir() else _in_list(source, source.local)
    else:
        found = []
        for year, month in source.months(today):
            url = source.list_url(year, month)
            answer = await client.fetch(url)
            if answer.status == _NOT_FOUND:
                missing.append(url)
                continue
            if answer.status != _OK:
                raise UnreachableError(f"{url} answers HTTP {answer.status}", blocked=answer.status in (403, 429))
            try:
                found += source.remote(read_paths(answer.body))
            except ValueError as error:
                raise UnreachableError(f"{url} is no list of files: {error}") from error
    wanted = {file.name: file for file in found if source.is_wanted(file.name, today)}
    return [wanted[name] for name in sorted(wanted)], missing


def _in_folder(folder: Path) -> list[NewsFile]:
    found = [NewsFile(path.name, path=path) for path in folder.rglob("*") if is_warc(path) and path.is_file()]
    if not found:
        raise UnreachableError(f"{folder} holds no WARC file", answered=True)
    return found


def _in_list(source: CcNews, path: Path) -> list[NewsFile]:
    """Return the files of a list: beside it where they are there, else at Common Crawl's address."""
    try:
        with open_file(path) as file:
            lines = read_paths(file.read())
    except (OSError, ValueError) as error:
        raise UnreachableError(f"{path} is no list of files: {error}") from error
    found: list[NewsFile] = []
    if not lines:
        raise UnreachableError(f"{path} names no file", answered=True)
    for line in lines:
        beside = path.parent / line
        if not is_warc(beside):
            raise UnreachableError(f"{path} is no list of WARC files: it names {printable(line[:80])}", answered=True)
        if is_address(line):
            if not line.startswith(f"{source.url}/"):
                raise UnreachableError(f"{path} names {line}, which is not at {source.url} (COMMONCRAWL_DATA_URL)")
            found += source.remote([line.removeprefix(f"{source.url}/")])
        elif beside.is_file():
            found.append(NewsFile(beside.name, path=beside))
        else:
            found += source.remote([line])
    return found
