"""Recording beside a stream that must not wait: in a thread, with room for what the store lags.

What the store cannot take in time goes into a file, and from there into the store as soon as it
answers. What is still there at the end stays in the file, for a later `genesis-mcp ingest`.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from genesis_mcp.errors import GenesisError
from genesis_mcp.ingest.counted_batches import Counts, Recorder
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.spool import Spool

WAITING_BYTES_MAX = 16 * 1024 * 1024
"""Bytes of lines that wait in memory for the store."""

SPOOL_BYTES_SLOW = 256 * 1024 * 1024
"""Bytes in the file from which on the stream waits for a store that works, but not as fast."""

SPOOL_BYTES_MAX = 1024 * 1024 * 1024
"""Bytes in the file, of a store that does not work; further records are lost, and counted."""

RETRY_SECONDS = 5.0
"""After a failure, before the store is tried again."""

STEP_SECONDS = 0.1


class Background:
    """Records batches one after the other in a thread of its own."""

    def __init__(self, recorder: Recorder, *, counts: Counts, say: Callable[[str], None]) -> None:
        self._recorder = recorder
        self._counts = counts
        self._say = say
        self._spool = Spool(recorder.as_stored)
        self._waiting: deque[list[Item]] = deque()
        self._waiting_bytes = 0
        self._in_hand: list[Item] = []
        self._retry_at = 0.0
        self._closing = self._abandoned = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    def put(self, items: list[Item], *, patient: bool) -> None:
        """Have these recorded.

        `patient`: nothing is lost by waiting for a store that works, since the lines stand in a
        file anyway.
        """
        size = sum(item.size for item in items)
        with self._changed:
            while not self._is_failing() and (
                self._waiting_bytes > WAITING_BYTES_MAX
                if patient
                else self._spool.bytes_left > SPOOL_BYTES_SLOW
            ):
                self._changed.wait(STEP_SECONDS)
            if self._spool.records_left or self._waiting_bytes > WAITING_BYTES_MAX:
                self._set_waiting_aside()
                self._set_aside(items)
            else:
                self._waiting.append(items)
                self._waiting_bytes += size
            self._changed.notify_all()

    def close(self, *, given_up: Callable[[], bool]) -> Path | None:
        """Record the rest; the file of what could not be recorded, if there is any.

        This takes one time limit of the store at most when the store does not work; `given_up`
        tells that nobody wants to wait even that long.
        """
        with self._changed:
            self._closing = True
            self._retry_at = min(self._retry_at, time.monotonic())  # once more, if it failed
            self._changed.notify_all()
        while self._thread.is_alive() and not given_up():
            self._thread.join(STEP_SECONDS)
        with self._changed:
            self._abandoned = True
            if self._in_hand:  # perhaps it is recorded; then its ids are known
                self._set_aside(self._in_hand)
            self._set_waiting_aside()
            self._spool.close()
            return self._spool.path if self._spool.records_left else None

    # --- the thread ---

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing and not self._may_replay():
                    self._changed.wait(STEP_SECONDS)
                if self._abandoned:
                    return
                from_spool = self._may_replay()
                if from_spool:
                    self._in_hand = []
                    items = self._spool.next()
                elif self._waiting:
                    items = self._in_hand = self._waiting.popleft()
                    self._waiting_bytes -= sum(item.size for item in items)
                else:
                    return
            self._try(items, from_spool=from_spool)

    def _try(self, items: list[Item], *, from_spool: bool) -> None:
        error = None
        if self._is_failing():
            failed = True
        else:
            failed, error = self._record(items)
        with self._changed:
            if self._abandoned:
                return
            self._in_hand = []
            if error is not None:
                self._failed(error)
            elif not failed:
                self._succeeded()
            if from_spool and not failed:
                self._counts.kept -= sum(not item.is_text for item in items)
                self._spool.done()
            elif failed and not from_spool:
                self._set_aside(items)
                self._set_waiting_aside()
            self._changed.notify_all()

    def _record(self, items: list[Item]) -> tuple[bool, GenesisError | None]:
        try:
            self._recorder.record(items)
        except GenesisError as error:
            return True, error
        return False, None

    # --- under the lock ---

    def _may_replay(self) -> bool:
        return self._spool.records_left > 0 and not self._is_failing()

    def _is_failing(self) -> bool:
        return time.monotonic() < self._retry_at

    def _failed(self, error: GenesisError) -> None:
        if not self._retry_at:
            self._say(f"{error} What comes meanwhile is kept in a file.")
        self._retry_at = time.monotonic() + RETRY_SECONDS

    def _succeeded(self) -> None:
        if self._retry_at:
            self._say("The store works again.")
        self._retry_at = 0.0

    def _set_waiting_aside(self) -> None:
        while self._waiting:
            items = self._waiting.popleft()
            self._waiting_bytes -= sum(item.size for item in items)
            self._set_aside(items)

    def _set_aside(self, items: list[Item]) -> None:
        records = sum(not item.is_text for item in items)
        has_room = self._spool.bytes_left < SPOOL_BYTES_MAX
        if has_room and self._spool.add(items):
            self._counts.kept += records
            return
        if not self._counts.lost:
            self._say("There is no room for more; what follows is lost until the store works.")
        self._counts.lost += records
