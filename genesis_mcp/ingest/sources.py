"""Where lines come from: a file, a file that grows, and a pipe that others want to see, too."""

import os
import queue
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.followed_file import is_another, open_shared
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.lines import Lines
from genesis_mcp.ingest.stream import Stream
from genesis_mcp.recording.command_output import write_through
from genesis_mcp.runs.times import now, whole_milliseconds
from genesis_mcp.text.clean import clean_line

CHUNK_BYTES = 64 * 1024
"""Read at once; what a pipe holds on Linux."""

QUEUED_CHUNKS = 2
"""Read from a pipe and not yet looked at, which a kill loses as it does what stands in the pipe."""


NAME_CHARS = 200
"""Of a file's name in a message."""

Defaults = Mapping[str, Any]


class Source(Protocol):
    """A stream that goes on while it is read."""

    is_over: bool

    def read(self, seconds: float) -> list[Item] | None:
        """What is new; None when there was nothing for so long."""
        ...

    def flush(self) -> list[Item]:
        """What is held back, because lines that belong to it might come."""
        ...

    def end(self) -> list[Item]:
        """The rest of what is there already."""
        ...


class Reading:
    """One stream of bytes from its beginning on, as items."""

    def __init__(self, file: BinaryIO, defaults: Defaults, *, is_live: bool = False) -> None:
        self._lines = Lines()
        self._file = file
        written = now if is_live else self._last_written
        self.stream = Stream(defaults=defaults, now=written, is_live=is_live)

    def feed(self, chunk: bytes) -> list[Item]:
        return [item for line in self._lines.feed(chunk) for item in self.stream.feed(line)]

    def end(self) -> list[Item]:
        items = [item for line in self._lines.end() for item in self.stream.feed(line)]
        return [*items, *self.stream.end()]

    def _last_written(self) -> datetime:
        seconds = os.fstat(self._file.fileno()).st_mtime
        return whole_milliseconds(datetime.fromtimestamp(max(0.0, seconds), UTC))


def open_file(path: Path) -> BinaryIO:
    """The file, opened to be read.

    Raises:
        InputError: that is not possible.
    """
    try:
        return open_shared(path)
    except OSError:
        raise InputError(_cannot_be_read(path)) from None


def _cannot_be_read(path: Path) -> str:
    """In our own words: the name of the file is its caller's."""
    name = clean_line(str(path), NAME_CHARS)
    if path.is_dir():
        return f"{name}: is a folder."
    return f"{name}: {'cannot be read' if path.exists() else 'there is no such file'}."


def whole_file(
    path: Path, defaults: Defaults, advance: Callable[[int], None] = lambda _: None
) -> Iterator[list[Item]]:
    """The items of a file, some at a time; `advance` hears how many bytes were read for them."""
    with open_file(path) as file:
        reading = Reading(file, defaults)
        try:
            while chunk := file.read(CHUNK_BYTES):
                yield reading.feed(chunk)
                advance(len(chunk))
        except OSError:
            raise InputError(_cannot_be_read(path)) from None
        yield reading.end()


class Pipe:
    """Standard input, passed on byte for byte to `sink` before it is looked at.

    A thread reads it, so that the worker at the other end waits neither for the store nor for a
    sink that nobody reads any more.
    """

    def __init__(self, file: BinaryIO, sink: BinaryIO | None, defaults: Defaults) -> None:
        self.is_over = False
        self.is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        self._reading = Reading(file, defaults, is_live=not self.is_file)
        self._descriptor = file.fileno()
        self._sink = sink
        self._chunks: queue.Queue[bytes] = queue.Queue(QUEUED_CHUNKS)
        threading.Thread(target=self._pump, name="pipe", daemon=True).start()

    def read(self, seconds: float) -> list[Item] | None:
        """See `Source`."""
        try:
            chunk = self._chunks.get(timeout=seconds)
        except queue.Empty:
            return None
        self.is_over = not chunk
        return self._reading.feed(chunk)

    def flush(self) -> list[Item]:
        """See `Source`."""
        return list(self._reading.stream.flush())

    def end(self) -> list[Item]:
        """See `Source`."""
        items: list[Item] = []
        with suppress(queue.Empty):
            for _ in range(QUEUED_CHUNKS):  # a worker may go on for ever
                items += self._reading.feed(self._chunks.get_nowait())
        return [*items, *self._reading.end()]

    def _pump(self) -> None:
        chunk = b"first"
        while chunk:
            try:
                chunk = os.read(self._descriptor, CHUNK_BYTES)
            except OSError:
                chunk = b""
            if chunk:
                self._pass_on(chunk)
            self._chunks.put(chunk)

    def _pass_on(self, chunk: bytes) -> None:
        if self._sink is not None:
            try:
                write_through(self._sink, chunk)
            except (OSError, ValueError):  # nobody reads it any more: recording goes on
                self._sink = None


class GrowingFile:
    """A file and what is written to it: also after it was emptied, or moved away and made anew.

    Each beginning is a stream of its own, as it would be for a call that reads the file later.
    """

    def __init__(self, path: Path, defaults: Defaults) -> None:
        self._path = path
        self._defaults = defaults
        self._file = open_file(path)
        self._reading = Reading(self._file, defaults)

    def new(self) -> list[Item] | None:
        """What was written since; None when there is nothing."""
        chunk = self._chunk()
        if chunk:
            return self._reading.feed(chunk)
        try:
            there = self._path.stat()
        except OSError:  # moved away, and not made anew yet
            return None
        mine = os.fstat(self._file.fileno())
        if is_another(there, mine):
            chunk = self._chunk()  # what was written just before it was moved
            return self._reading.feed(chunk) if chunk else self._begin_anew(moved=True)
        return self._begin_anew(moved=False) if there.st_size < self._file.tell() else None

    def flush(self) -> list[Item]:
        return list(self._reading.stream.flush())

    def end(self) -> list[Item]:
        """What is written and held back, without an unfinished line: its rest may follow."""
        items: list[Item] = []
        while chunk := self._chunk():
            items += self._reading.feed(chunk)
        return [*items, *self._reading.stream.end()]

    def close(self) -> None:
        self._file.close()

    def _chunk(self) -> bytes:
        try:
            return self._file.read(CHUNK_BYTES)
        except OSError:
            return b""

    def _begin_anew(self, *, moved: bool) -> list[Item] | None:
        items = self._reading.end()
        if moved:
            try:
                file = open_shared(self._path)
            except OSError:  # gone again
                return items or None
            self._file.close()
            self._file = file
        else:
            self._file.seek(0)
        self._reading = Reading(self._file, self._defaults)
        return items


class GrowingFiles:
    """Several files that grow, as one source that is never over."""

    def __init__(self, paths: list[Path], defaults: Defaults) -> None:
        self.is_over = False
        self._files = [GrowingFile(path, defaults) for path in paths]

    def read(self, seconds: float) -> list[Item] | None:
        """See `Source`."""
        found = [items for file in self._files if (items := file.new()) is not None]
        if not found:
            time.sleep(seconds)
            return None
        return [item for items in found for item in items]

    def flush(self) -> list[Item]:
        """See `Source`."""
        return [item for file in self._files for item in file.flush()]

    def end(self) -> list[Item]:
        """See `Source`."""
        items = [item for file in self._files for item in file.end()]
        for file in self._files:
            file.close()
        return items
