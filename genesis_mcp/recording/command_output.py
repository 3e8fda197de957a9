"""The output of a command: passed on as it comes, kept in memory that does not grow with it."""

import codecs
import locale
import sys
import time
from contextlib import suppress
from typing import BinaryIO

import anyio
import anyio.to_thread
from anyio.abc import ByteReceiveStream

from genesis_mcp.runs.shortening import TEXT_BYTES_MAX, join_ends
from genesis_mcp.text.clean import scrub

FALLBACK_ENCODING = locale.getencoding() if sys.platform == "win32" else "utf-8"
"""For output that is not UTF-8: many programs on Windows write its code page."""

CAPTURED_BYTES_MAX = 8 * 1024 * 1024
"""Of each output, until the run is made: enough to find the error in, before less is stored."""

RETRY_SECONDS = 0.1
"""Before a terminal that another program left non-blocking is written to again."""


class Capture:
    """The head and the tail of one output, in memory that does not grow with it."""

    def __init__(self, limit: int = CAPTURED_BYTES_MAX) -> None:
        self.total = 0
        self._limit = limit
        self._head, self._tail = bytearray(), bytearray()
        self._head_max = limit // 4  # as join_ends divides it
        self._tail_max = limit - self._head_max

    def add(self, chunk: bytes) -> None:
        self.total += len(chunk)
        room = self._head_max - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 2 * self._tail_max:  # not at every chunk: it moves the rest
            del self._tail[: -self._tail_max]

    def text(self) -> str:
        if self.total > self._limit:
            return self._ends(self._head, self._tail[-self._tail_max :], self._limit)
        whole = self._head + self._tail
        text = _decode(whole)
        if self.total <= TEXT_BYTES_MAX or len(text.encode()) == self.total:
            return text
        # Bytes that are no text are longer as U+FFFD: it is cut here, where bytes can be counted.
        head_max = TEXT_BYTES_MAX // 4
        return self._ends(whole[:head_max], whole[head_max - TEXT_BYTES_MAX :], TEXT_BYTES_MAX)

    def _ends(self, head: bytearray, tail: bytearray, limit: int) -> str:
        # The cuts may split a character: what is left of it at either side is dropped.
        tail = tail[:3].lstrip(bytes(range(0x80, 0xC0))) + tail[3:]
        ends = _decode(head, final=False).encode(), _decode(tail).encode()
        return join_ends(*ends, self.total, limit)


def _decode(data: bytearray, *, final: bool = True) -> str:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data, final)
    except UnicodeDecodeError:
        text = codecs.getincrementaldecoder(FALLBACK_ENCODING)("replace").decode(data, final)
    return scrub(text)


class Output:
    """One output of the command: captured, and passed on to `sink` for as long as that works."""

    def __init__(self, sink: BinaryIO | None) -> None:
        self.capture = Capture()
        self.finished = anyio.Event()
        self.passing = False
        self._sink = sink

    async def read(self, source: ByteReceiveStream) -> None:
        with suppress(OSError, anyio.BrokenResourceError):  # however it breaks, it is over
            async for chunk in source:
                self.capture.add(chunk)
                await self._pass_on(chunk)
        self.finished.set()

    async def _pass_on(self, chunk: bytes) -> None:
        if self._sink is None:
            return
        self.passing = True
        try:
            # In a thread: a reader that stopped reading must not suspend the time limit.
            await anyio.to_thread.run_sync(write_through, self._sink, chunk, abandon_on_cancel=True)
        except (OSError, ValueError):  # nobody reads it any more, or it is closed
            self._sink = None
        self.passing = False


def write_through(sink: BinaryIO, chunk: bytes) -> None:
    """Write all of a chunk at once.

    Raises:
        OSError, ValueError: nobody reads it any more, or it is closed.
    """
    sink.flush()
    # Past Python's buffer: what a gone reader left in it would fail again when the process exits.
    raw = getattr(sink, "raw", sink)
    rest = memoryview(chunk)
    while rest:
        written = raw.write(rest)
        rest = rest[written or 0 :]
        if not written:  # a terminal that another program left non-blocking
            time.sleep(RETRY_SECONDS)
