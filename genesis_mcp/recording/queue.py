"""Records runs from a thread, so that whoever hands them over never waits for a store."""

import atexit
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from genesis_mcp.errors import GenesisError
from genesis_mcp.questions import Service
from genesis_mcp.recording.api import keep, log
from genesis_mcp.runs.model import Run

QUEUE_RUNS, QUEUE_BYTES = 20_000, 64 * 1024 * 1024
"""What waits at most; more is dropped and counted, rather than taking the program's memory."""

BATCH = 500
"""Runs that are recorded together."""

GATHER_SECONDS = 0.25
"""How long the first of a batch waits for others."""

LINGER_SECONDS = 5.0
"""How long the thread waits for the next run before it ends."""

STEP_SECONDS = 0.1
"""How often it looks whether the program ends: that has no signal of its own."""

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
        self._last_call = math.inf
        """After this the rest is kept in a file: the program has ended."""
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
                self._start()
            if len(self._waiting) == 1 or len(self._waiting) % BATCH == 0:  # it gathers meanwhile
                self._changed.notify_all()

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="genesis-mcp", daemon=False)
        with suppress(RuntimeError):  # the program ends: `close` keeps the run in a file
            thread.start()
            self._thread = thread

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
            self._changed.wait_for(lambda: self._thread is None, seconds)
        with self._changed:
            rest = list(self._waiting)
            self._waiting.clear()
            dropped, self.dropped = self.dropped, 0
        if rest:
            stored = self._open_service().as_stored
            reason = self._reason or "The store did not answer in time."
            self.kept_in = keep([stored(run) for run in rest], reason)
        if dropped:
            log.warning("%s records were dropped: the store was too slow, or down.", f"{dropped:,}")

    # --- the thread ---
    # It lives while there is work, and is none of the daemons, which the interpreter stops where
    # they are. So it has to see itself that the program ends; only before that may a driver still
    # start the threads of its connections.

    def _work(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while batch := self._next_batch():
            try:
                self._open_service().record(batch)
            except GenesisError as error:
                goes_on = self._failed(str(error), pause)
            except Exception as error:  # the thread must not die of one bad batch
                goes_on = self._failed(f"Recording failed ({type(error).__name__}).", pause)
            else:
                self._done(batch)
                pause = FIRST_PAUSE_SECONDS
                continue
            if not goes_on:
                break
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        with self._changed:
            if self.is_own_thread():
                self._thread = None
            self._changed.notify_all()

    def _next_batch(self) -> Sequence[Run]:
        """The runs that have waited longest, which go on waiting until they are recorded.

        None when nothing comes for a while, or when the program has ended too long ago.
        """
        with self._changed:
            if not self._wait_until(lambda: bool(self._waiting), LINGER_SECONDS):
                self._thread = None  # from here on, whoever puts a run starts another one
                return []
            self._wait_until(lambda: len(self._waiting) >= BATCH, GATHER_SECONDS)
            if time.monotonic() > self._last_call:
                return []
            self._taken = min(BATCH, len(self._waiting))
            return [self._waiting[place] for place in range(self._taken)]

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition, at most so long, and not when the program ends; what it is then."""
        until = time.monotonic() + seconds
        while not condition() and not self._is_ending() and time.monotonic() < until:
            self._changed.wait(STEP_SECONDS)
        return condition()

    def _is_ending(self) -> bool:
        ending = self._closing or not threading.main_thread().is_alive()
        if ending:
            self._last_call = min(self._last_call, time.monotonic() + CLOSE_SECONDS)
        return ending

    def _done(self, batch: Sequence[Run]) -> None:
        with self._changed:
            for run in batch:
                self._waiting.popleft()
                self._bytes -= _size(run)
            self.recorded += len(batch)
            self._taken, self._reason = 0, ""
            self._changed.notify_all()

    def _failed(self, reason: str, pause: float) -> bool:
        """Say it once, and wait before the next try; False when all ends."""
        if not self._reason:
            log.warning("%s Records wait until it works.", reason)
        self._reason = reason
        with self._changed:
            self._taken = 0
            self._wait_until(lambda: False, pause)
            return not self._is_ending()


def _size(run: Run) -> int:
    return 500 + run.message_bytes + run.stdout_bytes + run.stderr_bytes + run.code_bytes
