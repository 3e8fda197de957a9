"""A JSON object in a line of any length, in bounded memory: its long strings keep their two ends.

The record of a runaway run is one such line, and exactly the one worth having.
"""

import re

HEAD_BYTES, TAIL_BYTES = 3 * 1024 * 1024, 5 * 1024 * 1024
"""Kept of a string, as it is written in JSON: more than a store keeps of a text."""

OBJECT_BYTES_MAX = 32 * 1024 * 1024
"""Kept of all of it; an object that is longer without its long strings is none that we read."""

_TO_THE_QUOTE = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_HALF_ESCAPE = re.compile(rb"(\\+)(?:u[0-9a-fA-F]{0,3})?$")
_SAFE_START = re.compile(rb'(?<!\\)[^"\\\x80-\xbf]')
_BACKSLASHES = re.compile(rb"\\+$")


class LongObject:
    """What is kept of one object while its bytes come."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._string: _LongString | None = None
        self._held = b""

    def feed(self, data: bytes) -> None:
        """More of it."""
        if len(self._kept) > OBJECT_BYTES_MAX:
            return
        data = self._held + data
        half = _BACKSLASHES.search(data)
        is_half = bool(half and len(half[0]) % 2)  # what it escapes is still to come
        self._held = data[-1:] if is_half else b""
        data = data[:-1] if is_half else data
        place = 0
        while place < len(data):
            place = self._within(data, place) if self._string else self._between(data, place)

    def _between(self, data: bytes, place: int) -> int:
        quote = data.find(b'"', place)
        end = len(data) if quote < 0 else quote + 1
        self._kept += data[place:end]
        if quote >= 0:
            self._string = _LongString()
        return end

    def _within(self, data: bytes, place: int) -> int:
        assert self._string is not None
        closed = _TO_THE_QUOTE.match(data, place)
        end = closed.end() if closed else len(data)
        self._string.add(data[place : end - 1 if closed else end])
        if closed:
            self._kept += self._string.text() + b'"'
            self._string = None
        return end

    def end(self) -> bytes | None:
        """The object as it is kept; None when it is none, or too long."""
        if self._string or self._held or len(self._kept) > OBJECT_BYTES_MAX:
            return None
        return bytes(self._kept)


class _LongString:
    """The head and the tail of a string, between its quotes."""

    def __init__(self) -> None:
        self._head, self._tail, self._dropped = bytearray(), bytearray(), 0

    def add(self, part: bytes) -> None:
        room = HEAD_BYTES - len(self._head)
        self._head += part[:room] if room > 0 else b""
        self._tail += part[max(0, room) :]
        if len(self._tail) > 2 * TAIL_BYTES:
            self._drop()

    def _drop(self) -> None:
        surplus = max(0, len(self._tail) - TAIL_BYTES)
        self._dropped += surplus
        del self._tail[:surplus]

    def text(self) -> bytes:
        if len(self._tail) <= TAIL_BYTES and not self._dropped:
            return bytes(self._head + self._tail)
        self._drop()
        head, tail = bytes(self._head), bytes(self._tail)
        half = _HALF_ESCAPE.search(head)
        if half and len(half[1]) % 2:
            head = head[: half.end(1) - 1]
        start = _SAFE_START.search(tail, 1)
        tail = tail[start.start() :] if start else b""
        left_out = self._dropped + len(self._head) - len(head) + len(self._tail) - len(tail)
        return head + f"\\n[... {left_out:,} bytes left out ...]\\n".encode() + tail
