"""Articles in any format that Scrapy has an item exporter for: into a file written whole, or into a stream.

A JSON array, XML or a pickle cannot grow line by line and be whole after a kill. So such a file is written beside the
old one at the end of the run, from what the archive knows to belong into it, and renamed: it is whole or as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import IO, TYPE_CHECKING, Any, Protocol

from scrapy.extensions.postprocessing import PostProcessingManager
from scrapy.utils.misc import build_from_crawler

from farscrawler.archive.exports import ExportFile
from farscrawler.errors import ExportError
from farscrawler.exporters.item_exporters import ParquetExporter
from farscrawler.exporters.streams import turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.exporters import BaseItemExporter

    from farscrawler.archive.exports import ExportLog
    from farscrawler.archive.writing.batch import Stored
    from farscrawler.items import Article

_BLOCK = 1 << 20
#: Begins the mark of a file whose content was never read, in place of its digest.
_UNREAD = "inode-"
_SAFE = "What is stored is safe in the archive; the same command goes on from there."


class Written(Protocol):
    """Articles on their way into a binary file."""

    def add(self, article: Article) -> None:
        """Write one article."""

    def finish(self) -> None:
        """Write what ends the file; it stays open."""

    def abandon(self) -> None:
        """Write no more, where a write has failed."""


class ItemWriter:
    """An item exporter of Scrapy's over an open file, with the options of a feed, all of them set."""

    def __init__(
        self, file: IO[bytes], exporter: type[BaseItemExporter], options: dict[str, Any], crawler: Crawler
    ) -> None:
        self._post: PostProcessingManager | None = None
        if options.get("postprocessing"):
            self._post = PostProcessingManager(options["postprocessing"], file, options)
        self._exporter: BaseItemExporter = build_from_crawler(
            exporter,
            crawler,
            self._post or file,
            fields_to_export=options["fields"],
            encoding=options["encoding"],
            indent=options["indent"],
            **options["item_export_kwargs"],
        )
        self._exporter.start_exporting()

    def add(self, article: Article) -> None:
        self._exporter.export_item(article)

    def finish(self) -> None:
        self._exporter.finish_exporting()
        if self._post is not None:
            self._post.close()

    def abandon(self) -> None:
        """Write no more, where a write has failed: some exporters would end their file later of themselves."""
        if isinstance(self._exporter, ParquetExporter):
            self._exporter.abandon()


class WholeFile:
    """An export file that is written whole at the end of a run; ``writer`` writes its articles.

    Until then the archive alone knows which articles belong into it. Its methods raise ExportError.
    """

    def __init__(
        self, path: Path, writer: Callable[[IO[bytes]], Written], log: ExportLog, *, kind: str, at: str
    ) -> None:
        self.path = path
        self.part = path.with_name(f".{path.name}.part")
        self.writer = writer
        self.log = log
        self.kind = kind
        self.at = at
        self.export: ExportFile

    def renew(self, known: ExportFile) -> None:
        """Do nothing: the whole file is written from the archive in any case."""

    def open(self, *, overwrite: bool) -> None:
        """Take up the file where this archive left it, or begin it anew; nothing is written yet."""
        known = None if overwrite else self.log.find()
        with _explained(self.path):
            exists = self.path.exists() and self.path.stat().st_size > 0
            if known is not None and (known.publisher, known.format) != (self.log.publisher, self.kind):
                raise ExportError(
                    f"{self.path} holds the export of {known.publisher} as {known.format}; choose another file, or -O."
                )
            if known is not None and exists:
                self._check(known)
            elif exists and not overwrite:
                raise ExportError(
                    f"{self.path} was not written by this archive, and a file of this format cannot be continued. It "
                    "was left untouched: choose another file, or -O to write it anew."
                )
            present = _unread_state(self.path) if exists else (0, "")
        # A file that was never there is not one that was taken away: a killed run had not come to write it.
        goes_on = known is not None and (exists or not known.bytes)
        self.export = known if known is not None and goes_on else self.log.begin(self.kind, *present, self.at)
        for page in self.log.pending(self.export):
            self.write(page)

    def _check(self, known: ExportFile) -> None:
        """Raise ExportError for a file that other hands have changed; finish the rename that a kill has prevented."""
        if _is_in_state(self.path, known.bytes, known.tail):
            return
        if _is_in_state(self.part, known.bytes, known.tail):
            self.part.replace(self.path)
            return
        raise ExportError(
            f"{self.path} is not the file that this archive wrote last. It was left untouched: choose another file, or "
            "-O to write it anew."
        )

    def write(self, stored: Sequence[Stored]) -> None:
        """Store in the archive that these articles belong into the file."""
        self.log.advance(
            self.export, [one.seq for one in stored], size=self.export.bytes, tail=self.export.tail, at=self.at
        )

    def close(self) -> None:
        """Write the file beside the old one, and put it in its place; where it would be the same, leave the old one."""
        with _explained(self.path):
            with self.part.open("wb") as file:
                written = self.writer(file)
                try:
                    for page in self.log.held(self.export):
                        for one in page:
                            written.add(one.article)
                    written.finish()
                except BaseException:
                    written.abandon()
                    raise
                file.flush()
                os.fsync(file.fileno())
            state = _state(self.part)
            if state == (self.export.bytes, self.export.tail) and _is_in_state(self.path, *state):
                self.part.unlink()
                return
        # The archive first: after a kill between the two the next run finds the part, and renames it.
        self.log.advance(self.export, [], size=state[0], tail=state[1], at=self.at)
        with _explained(self.path):
            self.part.replace(self.path)


class Stream:
    """Standard output, a pipe or a device: what the archive has committed is written at once, and never again.

    Nobody knows what became of it, so a stream is not continued: a repeated command writes what it is asked for anew.
    ``end`` follows what the exporter writes. What runs that were killed since ``broken_since`` have stored comes first.
    """

    def __init__(
        self,
        name: str,
        file: IO[bytes],
        writer: Callable[[IO[bytes]], Written],
        log: ExportLog,
        *,
        end: bytes = b"",
        broken_since: str | None = None,
    ) -> None:
        self.name = name
        self._end = end
        self.log = log
        self.export = ExportFile(-1, name, "", log.publisher, 0, 0, 0, "")  # of no file that the archive knows
        self._file = file
        self._writer = writer
        self._written: Written | None = None
        self._seen: set[int] = set()
        self._broken_since = broken_since

    def open(self, *, overwrite: bool) -> None:
        """Do nothing: a stream is open."""

    def write(self, stored: Sequence[Stored]) -> None:
        """Write committed articles, each once."""
        with _explained(self.name), turn():
            if self._written is None:
                self._written = self._writer(self._file)
                if self._broken_since is not None:
                    for page in self.log.stored_since(self._broken_since):
                        self._add(self._written, page)
            self._add(self._written, stored)
            self._file.flush()

    def _add(self, written: Written, stored: Sequence[Stored]) -> None:
        for one in stored:
            if one.seq not in self._seen:
                self._seen.add(one.seq)
                written.add(one.article)

    def close(self) -> None:
        """Write the end, such as the bracket of an array; a stream without articles gets one too."""
        self.write([])
        with _explained(self.name), turn():
            if self._written is not None:
                self._written.finish()
            self._file.write(self._end)
            self._file.flush()


def _unread_state(path: Path) -> tuple[int, str]:
    """Return size and mark of a file that other hands wrote, and that is to be written anew: any size is quick."""
    found = path.stat()
    return found.st_size, f"{_UNREAD}{found.st_ino}-{found.st_mtime_ns}"


def _is_in_state(path: Path, size: int, mark: str) -> bool:
    """Whether a file has the size and the mark or digest that the archive knows."""
    if not path.is_file() or path.stat().st_size != size:
        return False
    return (_unread_state(path) if mark.startswith(_UNREAD) else _state(path))[1] == mark


def _state(path: Path) -> tuple[int, str]:
    """Return size and digest of a whole file."""
    digest, size = hashlib.blake2b(digest_size=16), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


@contextlib.contextmanager
def _explained(name: object) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ExportError(f"{name}: its reader has gone. {_SAFE}") from error
    except OSError as error:
        raise ExportError(f"{name}: {error.strerror or error}. {_SAFE}") from error
