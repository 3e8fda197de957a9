"""The lines of stdin, read in a thread, so that who waits for one can wait for more."""

from __future__ import annotations

import threading
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

AHEAD_BYTES = 1_000_000
"""With so much read and not taken yet, no further line is read: its sender has to wait."""


class InputLines:
    """Lines as bytes, with their line feeds; the end of the input is an empty one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._kept: deque[bytes] = deque()
        self._read: deque[bytes] = deque()
        self._bytes = 0
        self._is_handed_over = False
        self._changed = threading.Condition()
        # A thread that waits for a pipe cannot be ended; it ends with the process.
        threading.Thread(target=self._fill, daemon=True).start()

    def readline(self) -> bytes:
        """The next line, those that were kept first; it is waited for."""
        with self._changed:
            self._changed.wait_for(lambda: self._kept or self._read)
            line = self._kept.popleft() if self._kept else self._read.popleft()
            self._bytes -= len(line)
            self._changed.notify_all()
        return line

    def before_hand_over(self) -> bytes | None:
        """The next line that nobody has seen; None once the lines are handed over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_handed_over or self._read)
            if self._is_handed_over:
                return None
            line = self._read.popleft()
            self._bytes -= len(line)
            self._changed.notify_all()
        return line

    def keep(self, line: bytes) -> None:
        """Put a line behind those that were kept; it counts as not taken."""
        with self._changed:
            self._kept.append(line)
            self._bytes += len(line)

    def hand_over(self) -> None:
        """Let `before_hand_over` find no more lines."""
        with self._changed:
            self._is_handed_over = True
            self._changed.notify_all()

    def wait_for_hand_over(self) -> None:
        """Return once the lines are handed over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_handed_over)

    def rest(self) -> list[bytes]:
        """The lines that were read and not taken."""
        with self._changed:
            return [*self._kept, *self._read]

    def _fill(self) -> None:
        while self._take_one():
            pass

    def _take_one(self) -> bool:
        """Whether there may be more; while one is waited for, the last one is not held here."""
        try:
            line = self._file.readline()
        except (OSError, ValueError):  # closed under us
            line = b""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes < AHEAD_BYTES)
            self._read.append(line)
            self._bytes += len(line)
            self._changed.notify_all()
        return bool(line)
