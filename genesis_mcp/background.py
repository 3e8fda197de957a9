"""Records runs from a thread, so that whoever hands them over never waits for a store."""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from genesis_mcp.api import keep, log
from genesis_mcp.errors import GenesisError
from genesis_mcp.models import Run
from genesis_mcp.service import Service

QUEUE_RUNS, QUEUE_BYTES = 20_000, 64 * 1024 * 1024
"""What waits at most; more is dropped and counted, rather than taking the program's memory."""

BATCH = 500
"""Runs that are recorded together."""

GATHER_SECONDS = 0.25
"""How long the first of a batch waits for others."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
"""Before a store that failed is tried again; each pause is twice the one before."""

CLOSE_SECONDS = 10.0
"""How long the end of the program waits for the rest to be recorded."""


class Background:
    """Takes runs and records them within about a second, in batches, in the order they came.

    `put` never raises and never waits for the store. While a store fails, runs wait; what does not
    fit any more is dropped and counted. In a forked child it begins anew, with an empty queue.
    """

    def __init__(self, open_service: Callable[[], Service]) -> None:
        self._open_service = open_service
        self.given = self.recorded = self.dropped = 0
        self.kept_in: Path | None = None
        """The file that holds what the store did not take until the end."""
        self._begin()
        atexit.register(self.close)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waiting: deque[Run] = deque()
        self._bytes = 0
        self._taken = 0
        """Runs that are being recorded just now."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._reason = ""

    def put(self, run: Run, *, patience: float = 0.0) -> None:
        """Record this run soon. Without room it waits so many seconds for some, then drops it."""
        if self._process != os.getpid():
            self._begin()
        size = _size(run)
        self.given += 1
        with self._changed:
            has_room = self._changed.wait_for(lambda: self._has_room(size), patience)
            if not has_room or self._closing:
                self.dropped += 1
                return
            self._waiting.append(run)
            self._bytes += size
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="genesis-mcp", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        within_bytes = self._bytes + size <= QUEUE_BYTES or not self._waiting
        return len(self._waiting) < QUEUE_RUNS and within_bytes

    def is_own_thread(self) -> bool:
        """Whether this is called by the thread that records, such as by a driver's logger."""
        return threading.current_thread() is self._thread

    def flush(self, seconds: float) -> bool:
        """Wait until all is recorded, at most so long; whether it is."""
        if self._process != os.getpid():
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._taken, seconds)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Record the rest; what the store does not take in time is kept in a file, and told."""
        if self._process != os.getpid():
            return
        atexit.unregister(self.close)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)
        with self._changed:
            rest = list(self._waiting)
            self._waiting.clear()
            dropped, self.dropped = self.dropped, 0
        if rest:
            self.kept_in = keep(rest, self._reason or "The store did not answer in time.")
        if dropped:
            log.warning("%s records were dropped: the store was too slow, or down.", f"{dropped:,}")

    # --- the thread ---

    def _work(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while batch := self._next_batch():
            try:
                self._open_service().record(batch)
            except GenesisError as error:
                if self._failed(str(error), pause):
                    return
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except Exception as error:
                if self._failed(f"Recording failed ({type(error).__name__}).", pause):
                    return
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._done(batch)
                pause = FIRST_PAUSE_SECONDS

    def _next_batch(self) -> Sequence[Run]:
        """The runs that have waited longest, which go on waiting until they are recorded."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if not self._closing:
                self._changed.wait_for(
                    lambda: len(self._waiting) >= BATCH or self._closing, GATHER_SECONDS
                )
            self._taken = min(BATCH, len(self._waiting))
            return [self._waiting[place] for place in range(self._taken)]

    def _done(self, batch: Sequence[Run]) -> None:
        with self._changed:
            for run in batch:
                self._waiting.popleft()
                self._bytes -= _size(run)
            self.recorded += len(batch)
            self._taken, self._reason = 0, ""
            self._changed.notify_all()

    def _failed(self, reason: str, pause: float) -> bool:
        """Say it once, and wait before the next try; whether to give up, because all ends."""
        if not self._reason:
            log.warning("%s Records wait until it works.", reason)
        self._reason = reason
        with self._changed:
            self._taken = 0
            return self._changed.wait_for(lambda: self._closing, pause)


def _size(run: Run) -> int:
    return 500 + run.message_bytes + run.stdout_bytes + run.stderr_bytes + run.code_bytes
