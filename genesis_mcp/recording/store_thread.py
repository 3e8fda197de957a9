"""A thread that records what it is handed: whoever hands it over never waits for a store."""

import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from genesis_mcp.recording.poisoned import reason, record_apart
from genesis_mcp.recording.waiting import BATCH, Waiting

GATHER_SECONDS = 0.25
"""How long the first of a batch waits for others."""

LINGER_SECONDS = 5.0
"""How long the thread waits for the next record before it ends."""

STEP_SECONDS = 0.1
"""How often it looks whether the program ends: that has no signal of its own."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
"""Before a store that failed is tried again; each pause is twice the one before."""

CLOSE_SECONDS = 10.0
"""How long the end of the program waits for the rest to be recorded."""

T = TypeVar("T")


class StoreThread(Generic[T]):
    """Takes records and has them recorded, in batches, in the order in which they came.

    While the store fails, it is tried again after longer and longer pauses; meanwhile records wait
    in what `waiting` makes. A record that cannot be stored by itself goes to `refuse` with the
    reason, and the others go on. In a forked child the thread begins anew, with nothing to do.
    """

    def __init__(
        self,
        record: Callable[[Sequence[T]], object],
        *,
        waiting: Callable[[], Waiting[T]],
        refuse: Callable[[T, str], None],
        say: Callable[[str], None],
        daemon: bool = False,
    ) -> None:
        self._record = record
        self._make_waiting = waiting
        self._refuse = refuse
        self._say = say
        self._daemon = daemon
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self.recorded = 0
        """Records that are stored."""
        self._waiting = self._make_waiting()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = self._abandoned = self._is_last_try = False
        self._last_call = math.inf
        """After this the thread ends: the program has ended."""
        self._reason = ""
        """Why the store fails; empty while it works."""
        self._retry_at, self._pause = 0.0, FIRST_PAUSE_SECONDS

    def put(self, items: Sequence[T], *, patience: float = 0.0) -> bool:
        """Record these soon; without room, wait so many seconds for some. Whether it will.

        It will not when there is no room, or after `close`.
        """
        if self._process != os.getpid():
            self._begin()
        was_put = False

        def is_settled() -> bool:
            nonlocal was_put
            was_put = not self._closing and self._waiting.add(items)
            return was_put or self._closing

        with self._changed:
            if not self._changed.wait_for(is_settled, patience) or not was_put:
                return False
            if len(self._waiting) % BATCH <= len(items):  # otherwise it gathers meanwhile
                self._changed.notify_all()
            if self._thread is None:
                self._start()
        return True

    def wait_while(self, condition: Callable[[], bool]) -> None:
        """Wait for as long as this holds and the store works."""
        with self._changed:
            while condition() and not self._reason:
                self._changed.wait(STEP_SECONDS)

    @property
    def why_it_fails(self) -> str:
        """Why the store fails just now; empty while it works."""
        return self._reason

    def is_own_thread(self) -> bool:
        """Whether this is called by the thread that records, such as by a driver's logger."""
        return threading.current_thread() is self._thread

    def flush(self, seconds: float) -> bool:
        """Wait until all is recorded, at most so long; whether it is."""
        if self._process != os.getpid():
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._has_work(), seconds)

    def close(
        self, seconds: float = CLOSE_SECONDS, *, given_up: Callable[[], bool] = lambda: False
    ) -> list[T]:
        """Record the rest, at most so long; what is neither recorded nor kept. It never raises.

        What is in hand just then is told as well, though it may yet be recorded. A store that
        fails is tried once more. `given_up` tells that nobody wants to wait any more.
        """
        if self._process != os.getpid():
            return []
        until = time.monotonic() + seconds
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            while self._thread is not None and time.monotonic() < until and not given_up():
                self._changed.wait(STEP_SECONDS)
            self._abandoned = True
            return self._waiting.leave()

    # --- the thread ---
    # It lives while there is work. If it is no daemon, the interpreter waits for it before it ends;
    # so it has to see itself that the program ends: only before that may a driver still start the
    # threads of its connections.

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="genesis-mcp", daemon=self._daemon)
        with suppress(RuntimeError):  # the program ends: `close` tells what is left
            thread.start()
            self._thread = thread

    def _work(self) -> None:
        try:
            while batch := self._next_batch():
                self._try(batch)
        finally:  # whatever happened, nobody waits for it
            with self._changed:
                if self.is_own_thread():
                    self._thread = None
                self._changed.notify_all()

    def _try(self, batch: list[T]) -> None:
        try:
            refused = record_apart(self._record, batch)
        except Exception as error:
            self._failed(reason(error))
        else:
            self._succeeded(batch, refused)

    def _next_batch(self) -> list[T]:
        """What waited longest; nothing when nothing comes for a while, or when all is to end."""
        with self._changed:
            if self._wait_until(self._has_work, LINGER_SECONDS):
                self._wait_until(lambda: time.monotonic() >= self._retry_at, math.inf)
                self._wait_until(self._has_batch, GATHER_SECONDS)
            is_over = self._abandoned or self._is_last_try or time.monotonic() > self._last_call
            if is_over or not self._has_work():
                self._thread = None  # from here on, whoever puts something starts another one
                self._changed.notify_all()
                return []
            self._is_last_try = self._is_ending()
            return self._waiting.next()

    def _succeeded(self, batch: list[T], refused: list[tuple[T, str]]) -> None:
        for item, why in refused:
            self._refuse(item, why)
        with self._changed:
            self.recorded += len(batch) - len(refused)
            if self._abandoned:
                return
            self._waiting.done()
            failed, self._reason = self._reason, ""
            self._retry_at, self._pause = 0.0, FIRST_PAUSE_SECONDS
            self._is_last_try = False
            self._changed.notify_all()
        if failed:
            self._say("The store works again.")

    def _failed(self, why: str) -> None:
        """It is tried again later; say it once."""
        with self._changed:
            if self._abandoned:
                return
            failed, self._reason = self._reason, why
            self._retry_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            self._waiting.hold()
            self._changed.notify_all()
        if not failed:
            self._say(f"{why} Records {self._waiting.held} until it works.")

    # --- under the lock ---

    def _has_work(self) -> bool:
        return len(self._waiting) > 0

    def _has_batch(self) -> bool:
        """Whether there is no reason to wait for more."""
        return len(self._waiting) >= BATCH or not self._waiting

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition, at most so long, and not when the program ends; what it is then."""
        until = time.monotonic() + seconds
        while not condition() and not self._is_ending() and time.monotonic() < until:
            self._changed.wait(STEP_SECONDS)
        return condition()

    def _is_ending(self) -> bool:
        if self._closing:  # whoever closes says how long
            return True
        if threading.main_thread().is_alive():
            return False
        self._last_call = min(self._last_call, time.monotonic() + CLOSE_SECONDS)
        return True
