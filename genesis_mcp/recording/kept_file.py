"""One file of runs that are not in the store yet: one process appends to it, one records it.

Whoever does either holds a lock on it meanwhile, which ends with the process, however that ends.
What is recorded of it is told by its name: by that it is claimed, since nobody appends to it then.
"""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from genesis_mcp.recording.file_lock import try_lock

NAME = re.compile(r"(?P<stamp>\d{19}-\d+-[0-9a-f]{8})(?:\.(?P<read_to>\d+))?\.ndjson")
"""When it was begun, in nanoseconds since 1970, its process, chance; how far it was read."""

ATTEMPTS = 100
"""To begin a file that nobody else takes for an empty one; the first is nearly always enough."""


class Line(NamedTuple):
    """A line of a kept file, and the place in the file at which it ends."""

    text: bytes
    end: int


class KeptFile:
    """Lines in a file, first in, first out. For one thread at a time."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.read_to = _parts(path)[1]
        """The place up to which its lines are recorded."""
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    @classmethod
    def begun(cls, directory: Path) -> Self:
        """A new file in a directory, which is made if it is not there; only its owner reads them.

        Raises:
            OSError: it cannot be made.
        """
        make_private(directory)
        for _ in range(ATTEMPTS):
            stamp = f"{time.time_ns():019}-{os.getpid()}-{secrets.token_hex(4)}"
            path = directory / f"{stamp}.ndjson"
            kept = cls.opened(path, os.O_CREAT | os.O_EXCL)
            if kept is not None:
                _sync_directory(directory)
                return kept
        raise OSError("no file could be begun")

    @classmethod
    def opened(cls, path: Path, flags: int = 0) -> Self | None:
        """The file at a path; None when somebody else has it, or has recorded what was in it.

        Raises:
            OSError: it cannot be opened.
        """
        try:
            file = open_private(path, flags)
        except FileNotFoundError:
            return None
        try:
            if _is_mine(path, file):
                return cls(path, file)
        except OSError:
            file.close()
            raise
        file.close()
        return None

    @property
    def bytes_left(self) -> int:
        """Bytes of the lines that are not yet read."""
        return self._size - self.read_to

    @property
    def size(self) -> int:
        """Bytes of all lines that were ever added."""
        return self._size

    def append(self, data: bytes, *, synced: bool = True) -> None:
        """Add whole lines; all of them, or none.

        `synced`: they are on the disk once this returns. Otherwise they outlive this process, but
        not the machine.

        Raises:
            OSError: there is no room, or the disk failed.
        """
        try:
            self._file.seek(self._size)
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
            if synced:
                self.sync()
        except OSError:
            with suppress(OSError):
                self._file.truncate(self._size)
            raise
        self._size += len(data)

    def sync(self) -> None:
        """Have all lines on the disk.

        Raises:
            OSError: the disk failed.
        """
        os.fsync(self._file.fileno())

    def empty(self) -> None:
        """Forget all lines and go on from the beginning: they are recorded."""
        with suppress(OSError):  # then they are recorded twice, and stored once
            self._file.truncate(0)
            self._size = self.read_to = 0

    def lines(self) -> Iterator[Line]:
        """What is not yet read, oldest first; the last may lack its end.

        Raises:
            OSError: it cannot be read.
        """
        with self.path.open("rb") as reading:
            reading.seek(self.read_to)
            end = self.read_to
            for text in reading:
                end += len(text)
                yield Line(text, end)

    def close(self) -> None:
        """Leave it to others; a file of which all is recorded is deleted."""
        with suppress(OSError):  # what is recorded twice is stored once
            if os.name == "nt":  # there, a file that is open can be neither renamed nor deleted
                self._file.close()
            self._rename()
            # On Windows somebody may have appended to it between.
            if self.path.stat().st_size <= self.read_to:
                self.path.unlink()
        self._file.close()

    def drop(self, is_meant: Callable[[bytes], bool], *, only_count: bool) -> int:
        """Drop lines, those that are recorded already included, and leave the file to others.

        How many of those that wait were meant.
        """
        with self.path.open("rb") as reading:
            recorded = reading.read(self.read_to)
            waiting = list(reading)
        meant = [line for line in waiting if is_meant(line)]
        is_there = meant or any(map(is_meant, recorded.splitlines(keepends=True)))
        if is_there and not only_count:
            rest = b"".join(line for line in waiting if not is_meant(line))
            overwrite(self._file, b" " * self.read_to + rest)
            self._size = self.read_to + len(rest)
        self.close()
        return len(meant)

    def discard(self) -> None:
        """Delete it with all that is in it."""
        self.read_to = self._size
        self.close()

    def move_to(self, directory: Path) -> None:
        """Leave it to others in another directory.

        Raises:
            OSError: it cannot be moved.
        """
        if os.name == "nt":
            self._file.close()
        self.path = self.path.rename(directory / self.path.name)
        self._file.close()

    def show_in(self, directory: Path) -> None:
        """Go on with it in another directory, where an open file can be renamed: not on Windows.

        Raises:
            OSError: it cannot be moved.
        """
        if os.name != "nt":
            self.path = self.path.rename(directory / self.path.name)

    def _rename(self) -> None:
        """Have the name tell how far it was read."""
        stamp, read_to = _parts(self.path)
        if self.read_to != read_to:
            self.path = self.path.rename(self.path.with_name(f"{stamp}.{self.read_to}.ndjson"))


def _parts(path: Path) -> tuple[str, int]:
    """What a file's name tells: its stamp, and how far it was read."""
    name = NAME.fullmatch(path.name)
    return (name["stamp"], int(name["read_to"] or 0)) if name else (path.stem, 0)


def _is_mine(path: Path, file: BinaryIO) -> bool:
    """Lock it; whether it is locked, and still what stands at its path."""
    if not try_lock(file):
        return False
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def open_private(path: Path, flags: int) -> BinaryIO:
    """A file to read and to write, unbuffered; what is made is for its owner alone."""
    flags |= os.O_RDWR | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)


def overwrite(file: BinaryIO, data: bytes) -> None:
    """Put `data` in place of all that is in the file, on the disk once this returns."""
    file.seek(0)
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
    file.truncate(len(data))
    os.fsync(file.fileno())


def make_private(directory: Path) -> None:
    """Make a directory and those above it, for their owner alone."""
    if not directory.is_dir():
        make_private(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)


def _sync_directory(directory: Path) -> None:
    """Have the name of a new file on the disk, where a directory can be opened."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
