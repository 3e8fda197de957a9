"""Bytes as they come, cut into lines: of any length in bounded memory, and nothing else."""

from collections.abc import Iterator
from typing import NamedTuple

from genesis_mcp.ingest.long_objects import LongObject

LINE_BYTES_MAX = 16 * 1024 * 1024
"""Bytes kept of one line, as much as a MongoDB document holds; the rest of it is counted. Of an
object in JSON that is longer the long strings are shortened instead."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line without its line break and without a byte order mark."""

    number: int
    """From 1 on; blank lines count."""
    data: bytes
    left_out: int = 0
    """Bytes over LINE_BYTES_MAX."""


class Lines:
    """One stream of bytes; of a line that has not ended yet at most LINE_BYTES_MAX are held."""

    def __init__(self) -> None:
        self._number = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._object: LongObject | None = None

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end in this chunk."""
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            self._add(part)
            yield self._line()
        self._add(rest)

    def end(self) -> Iterator[Line]:
        """The last line, if it has no line break."""
        if self._size:
            yield self._line()

    def _add(self, part: bytes) -> None:
        room = max(0, LINE_BYTES_MAX - self._size)
        if len(part) > room:
            self._go_on(part)
        if part and room:
            self._parts.append(part[:room])
        self._size += len(part)

    def _go_on(self, part: bytes) -> None:
        """Read on in a line that is too long, if it is an object."""
        if self._object is None:
            begun = b"".join(self._parts)
            if begun.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] != b"{":
                return
            self._object = LongObject()
            self._object.feed(begun.removeprefix(BYTE_ORDER_MARK))
        self._object.feed(part)

    def _line(self) -> Line:
        kept = self._object.end() if self._object else None
        data = b"".join(self._parts).removeprefix(BYTE_ORDER_MARK).rstrip()
        left_out = max(0, self._size - LINE_BYTES_MAX)
        self._number += 1
        self._parts, self._size, self._object = [], 0, None
        if kept is not None:
            return Line(self._number, kept.rstrip())
        return Line(self._number, data, left_out)
