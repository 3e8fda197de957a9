"""Runs of this process on their way to the store, beside the program that makes them."""

import atexit
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from genesis_mcp.recording.store_thread import CLOSE_SECONDS, StoreThread
from genesis_mcp.recording.waiting import InMemory
from genesis_mcp.recording.writer import Writer, keep, log
from genesis_mcp.runs.model import Run

QUEUE_RUNS, QUEUE_BYTES = 20_000, 64 * 1024 * 1024
"""What waits at most; more is dropped and counted, rather than taking the program's memory."""


class RunQueue(StoreThread[Run]):
    """Takes runs and records them within about a second, in the order they came.

    `offer` never raises and never waits for the store. What the store does not take until the
    program ends is kept for later. In a forked child it begins anew, with an empty queue.
    """

    def __init__(self, writer: Callable[[], Writer]) -> None:
        self._writer = writer
        super().__init__(
            lambda runs: self._writer().record(runs),
            waiting=lambda: InMemory(size=_size, records_max=QUEUE_RUNS, bytes_max=QUEUE_BYTES),
            refuse=self._put_aside,
            say=log.warning,
        )
        atexit.register(self.end)

    def _begin(self) -> None:
        super()._begin()
        self.given = self.dropped = 0
        self.kept_in: Path | None = None
        """The file of what the store did not take until the end."""

    def offer(self, run: Run, *, patience: float = 0.0) -> None:
        """Record this run soon. Without room it waits so many seconds for some, then drops it."""
        was_put = self.put([run], patience=patience)
        self.given += 1
        if not was_put and self._closing:
            self._keep([run], "It came after the end of the recording.")
        elif not was_put:
            self.dropped += 1

    def end(self, seconds: float = CLOSE_SECONDS) -> None:
        """Record the rest; what the store does not take in time is kept, and told."""
        if self._process != os.getpid():
            return
        atexit.unregister(self.end)
        rest = self.close(seconds)
        if rest:
            self._keep(rest, self.why_it_fails or "The store did not answer in time.")
        dropped, self.dropped = self.dropped, 0
        if dropped:
            log.warning("%s records were dropped: the store was too slow, or down.", f"{dropped:,}")

    def _keep(self, runs: list[Run], why: str) -> None:
        ended = keep(self._writer().inbox, runs, why)
        self.kept_in = ended.kept_in
        log.warning("%s", ended.said)

    def _put_aside(self, run: Run, why: str) -> None:
        """Never raises: the thread goes on."""
        with suppress(Exception):
            self._writer().inbox.refuse([(run, why)])
        log.warning("%s One record was put aside.", why)


def _size(run: Run) -> int:
    return 500 + run.message_bytes + run.stdout_bytes + run.stderr_bytes + run.code_bytes
