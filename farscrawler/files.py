"""Files that a user names: opened without ever waiting, compared by what they are, and written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import select
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from io import BufferedReader
    from typing import IO

logger = logging.getLogger("farscrawler")

#: Seconds that a named pipe may be without a program at its other end. A shell starts both ends of a pipe within
#: milliseconds.
_PARTNER_SECONDS = 0.5
#: Seconds after which it is said that a program's answer is waited for.
_TELL_SECONDS = 1.0
_PIECE = 65_536
#: A file is hollow that is larger than this, and holds a thousandth of it or less: reading it takes minutes and brings
#: nothing. No file is so by its program's intent but the image of a disk.
_MAY_BE_HOLLOW = 1 << 30
_HOLLOW = 1000
#: The bytes before the end of a file of lines that are compared to notice a change. Archives hold digests of so many.
_TAIL = 4096
_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a named pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)

#: The databases that are open in this process, by what has them open.
_databases: WeakKeyDictionary[object, tuple[int, int]] = WeakKeyDictionary()


class NotAFileError(OSError):
    """A path leads to something that is no plain file; ``strerror`` says what it is."""

    def __init__(self, what: str, path: Path) -> None:
        super().__init__(errno.EINVAL, what, str(path))


def kind_of(mode: int) -> str | None:
    """Return what a path leads to by its mode, as part of a sentence; None for a plain file."""
    return next((what for is_so, what in _KINDS if is_so(mode)), None)


def hold(holder: object, path: Path) -> None:
    """Remember that ``holder`` has a database open, until it is released or gone."""
    found = identity(path)
    if found is not None:
        _databases[holder] = found


def release(holder: object) -> None:
    """Forget what ``holder`` had open."""
    _databases.pop(holder, None)


def held_identity(holder: object) -> tuple[int, int] | None:
    """Return device and inode of the database that ``holder`` has open; None where it has none."""
    return _databases.get(holder)


def is_held(path: Path) -> bool:
    """Whether this process has a file open as a database.

    It may not be opened and closed beside that: POSIX takes all locks on a file from a process that closes it, by
    whatever descriptor, and the next process that closes the database would remove the write-ahead log under us
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    found = identity(path) if _databases else None
    return found is not None and found in _databases.values()


def open_file(path: Path) -> BufferedReader:
    """Open a plain file to read it. Raise NotAFileError for a pipe, a device, a socket, a folder or a hole; OSError.

    Opening a pipe waits for its writer, and reading a device need not end, nor a file that is a terabyte of nothing.
    A file that is held as a database is refused too.
    """
    if is_held(path):
        raise NotAFileError("it is open as a database", path)
    _refuse(path.stat().st_mode, path)  # opening a device may do something already, such as to wind a tape back
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _refuse(os.fstat(descriptor).st_mode, path)
        _refuse_hollow(descriptor, path)
        return open(descriptor, "rb")  # noqa: PTH123  # a descriptor
    except BaseException:
        os.close(descriptor)
        raise


def _refuse_hollow(descriptor: int, path: Path) -> None:
    size = os.fstat(descriptor).st_size
    if size > _MAY_BE_HOLLOW and (held := _held(descriptor)) * _HOLLOW < size:
        raise NotAFileError(f"it is {size:,} bytes long, of which it holds {held:,}", path)


def _held(descriptor: int) -> int:
    """Return where the last byte that a file holds is, as far as its first part: behind it there are no more.

    A file system that does not tell where its holes are takes the whole file for data.
    """
    try:
        data = os.lseek(descriptor, 0, os.SEEK_DATA)
        hole = os.lseek(descriptor, data, os.SEEK_HOLE)
    except OSError:  # there is no data at all
        return 0
    try:
        os.lseek(descriptor, hole, os.SEEK_DATA)
    except OSError:
        return hole
    else:
        return os.fstat(descriptor).st_size
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)


def _refuse(mode: int, path: Path) -> None:
    what = kind_of(mode)
    if what is not None:
        raise NotAFileError(what, path)


def is_device(path: Path) -> bool:
    """Whether a path leads to a character device, such as /dev/null or a terminal."""
    try:
        return stat.S_ISCHR(path.stat().st_mode)
    except (OSError, RuntimeError):
        return False


def read_file(path: Path, *, largest: int) -> bytes:
    """Return the bytes of a plain file, at most one more than ``largest``. Raise OSError as ``open_file``."""
    with open_file(path) as file:
        return file.read(largest + 1)


# -- pipes ------------------------------------------------------------------------------------------


def is_stream(path: Path) -> bool:
    """Whether a path leads to a pipe or a terminal, of which a program or a person is at the other end."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or (stat.S_ISCHR(mode) and path.resolve() == _terminal())


def _terminal() -> Path | None:
    try:
        return Path(os.ttyname(sys.stdin.fileno())) if sys.stdin is not None and sys.stdin.isatty() else None
    except (OSError, ValueError):
        return None


def read_stream(path: Path, *, largest: int) -> bytes:
    """Return what a program writes into a pipe until its end, at most one byte more than ``largest``.

    As long as the program lives it is waited for, and after a second that is said; a signal ends the waiting. Raise
    NotAFileError for a pipe into which nobody writes; OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _read_stream(descriptor, path, largest)
    finally:
        os.close(descriptor)


def _read_stream(descriptor: int, path: Path, largest: int) -> bytes:
    data = bytearray()
    begun, told, met = time.monotonic(), False, False
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while len(data) <= largest:
        try:
            piece = os.read(descriptor, min(_PIECE, largest + 1 - len(data)))
        except BlockingIOError:  # somebody has the other end open, and has not written yet
            piece, met = None, True
        if piece:
            data += piece
            continue
        waited = time.monotonic() - begun
        if piece is not None:  # the end; or nobody has opened the other end yet
            if met or data or poll.poll(0):
                break
            if waited > _PARTNER_SECONDS:
                raise NotAFileError("it is a named pipe into which nobody writes", path)
            time.sleep(_PARTNER_SECONDS / 20)
            continue
        if not told and waited > _TELL_SECONDS:
            logger.warning("Waiting for the program that writes %s.", path)
            told = True
        poll.poll(_TELL_SECONDS * 1000)
    return bytes(data)


def open_stream(path: Path) -> int:
    """Return the descriptor of a pipe or device, opened to write. Raise OSError where nobody reads the pipe."""
    end = time.monotonic() + _PARTNER_SECONDS
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO or not stat.S_ISFIFO(path.stat().st_mode):
                raise
            if time.monotonic() > end:
                raise NotAFileError("it is a named pipe that nobody reads; start its reader first", path) from error
            time.sleep(_PARTNER_SECONDS / 20)
        else:
            os.set_blocking(descriptor, True)
            return descriptor


# -- what a file is, whatever it is called ----------------------------------------------------------


def identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of what a path leads to; None where there is nothing."""
    try:
        found = os.stat(path)  # noqa: PTH116  # called at every commit, and half as dear
    except OSError:
        return None
    return found.st_dev, found.st_ino


def keys_of(path: Path) -> set[object]:
    """Return what tells a file from others: its real name, whatever its case, and where it is there its inode.

    Two paths with a common key lead to one file: by symbolic or hard links, or by another case where the file system
    knows none. A file that is not there yet has its name alone, so that a mere difference of case counts as none.
    """
    found: set[object] = {os.path.realpath(path).casefold()}
    inode = identity(path)
    return found | {inode} if inode is not None else found


def tail_digest(file: IO[bytes], end: int, *, length: int = _TAIL) -> str:
    """Return a digest of the last bytes before ``end``, by which it is seen that other hands have changed a file."""
    start = max(0, end - length)
    file.seek(start)
    return hashlib.blake2b(file.read(end - start), digest_size=16).hexdigest()


# -- writing ----------------------------------------------------------------------------------------


def unwritable(path: Path) -> str | None:
    """Return why no file can be written at a path, as part of a sentence; None where one can. Write nothing."""
    try:
        mode: int | None = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    except (OSError, RuntimeError) as error:  # such as a circle of symbolic links
        return f"cannot be found ({getattr(error, 'strerror', None) or error})"
    if mode is None:
        folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            return f"cannot be written: its folder {folder} does not exist; make it first"
        return None if os.access(folder, os.W_OK) else f"cannot be written: its folder {folder} is read-only"
    if stat.S_ISDIR(mode) or stat.S_ISSOCK(mode):
        return f"cannot be written: {kind_of(mode)}"
    if stat.S_ISFIFO(mode):
        try:
            os.close(open_stream(path))
        except OSError as error:
            return f"cannot be written: {error.strerror}"
    return None if os.access(path, os.W_OK) else "cannot be written: it is read-only"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a text, or bytes, into a file whole or not at all, or into a pipe or device as it is. Raise OSError.

    A file that was there keeps its content until the new one is on the disk; a reader never meets half of it.
    """
    data = content.encode() if isinstance(content, str) else content
    path = Path(os.path.realpath(path))  # a symbolic link stays one
    if path.exists() and not path.is_file():
        with open(open_stream(path), "wb") as stream:  # a descriptor
            stream.write(data)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)  # mkstemp makes it private; its reader may be another user
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
