"""The output of a command: passed on as it comes, kept in memory that does not grow with it."""

import time
from contextlib import suppress
from typing import BinaryIO

import anyio
import anyio.to_thread
from anyio.abc import ByteReceiveStream

from genesis_mcp.runs.head_and_tail import HeadAndTail

RETRY_SECONDS = 0.1
"""Before a terminal that another program left non-blocking is written to again."""


class Output:
    """One output of the command: captured, and passed on to `sink` for as long as that works."""

    def __init__(self, sink: BinaryIO | None) -> None:
        self.capture = HeadAndTail()
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
