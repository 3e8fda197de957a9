"""The output of a command: passed on as it comes, kept in memory that does not grow with it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from genesis_mcp.recording.listening import wait_readable
from genesis_mcp.runs.head_and_tail import HeadAndTail

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself takes longer to import than this module
    from typing import BinaryIO

RETRY_SECONDS = 0.1
"""Before a terminal that another program left non-blocking is written to again."""

CHUNK_BYTES = 64 * 1024


class Output:
    """One output of the command: captured, and passed on to `sink` for as long as that works."""

    def __init__(self, sink: BinaryIO | None) -> None:
        self.capture = HeadAndTail()
        self.finished = False
        self.passing = False
        """Whether `sink` is being written to, which lasts while its reader takes nothing."""
        self._sink = sink
        self._stop: int | None = None

    def begin(self, source: int, tell: Callable[[], None]) -> None:
        """Read in a thread, so that nobody who stopped reading can suspend the time limit.

        The descriptor `source` is closed at the end, of which `tell` is told.
        """
        stop, self._stop = os.pipe()
        thread = threading.Thread(target=self._read, args=(source, stop, tell), daemon=True)
        thread.start()

    def let_go(self) -> None:
        """Read no more."""
        if self._stop is not None:
            os.close(self._stop)
            self._stop = None

    def _read(self, source: int, stop: int, tell: Callable[[], None]) -> None:
        with suppress(OSError):  # however it breaks, it is over
            for chunk in _chunks(source, stop):
                self.capture.add(chunk)
                self._pass_on(chunk)
        os.close(source)
        os.close(stop)
        self.finished = True
        tell()

    def _pass_on(self, chunk: bytes) -> None:
        if self._sink is None:
            return
        self.passing = True
        try:
            write_through(self._sink, chunk)
        except (OSError, ValueError):  # nobody reads it any more, or it is closed
            self._sink = None
        self.passing = False


def _chunks(source: int, stop: int) -> Iterator[bytes]:
    """What comes out of `source` until its end, or until `stop` is at its own."""
    while True:
        # On Windows a pipe cannot be waited for: the thread ends with the last writer.
        if sys.platform != "win32" and stop in wait_readable((source, stop)):
            return
        chunk = os.read(source, CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


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
