"""Bytes as they come, cut into lines: of any length in bounded memory, and nothing else."""

from collections.abc import Iterator
from typing import NamedTuple

LINE_BYTES_MAX = 16 * 1024 * 1024
"""Bytes kept of one line, as much as a MongoDB document holds; the rest of it is counted."""

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
        if part and room:
            self._parts.append(part[:room])
        self._size += len(part)

    def _line(self) -> Line:
        data = b"".join(self._parts).removeprefix(BYTE_ORDER_MARK).rstrip()
        left_out = max(0, self._size - LINE_BYTES_MAX)
        self._number += 1
        self._parts, self._size = [], 0
        return Line(self._number, data, left_out)
