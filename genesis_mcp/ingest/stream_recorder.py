"""Recording beside a stream that must not wait: in a thread, with room for what the store lags.

What was read stands in a file at once, and no longer once the store has it. What is still there at
the end stays kept, for whoever records next.
"""

import math
from collections.abc import Callable
from pathlib import Path

from genesis_mcp.ingest.counted_batches import Counts, Recorder
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.spool import Spool
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.store_thread import StoreThread

PATIENT_BYTES = 8 * 1024 * 1024
"""Bytes that wait of a stream that stands in a file anyway, before it waits for the store."""

SLOW_BYTES = 256 * 1024 * 1024
"""Bytes that wait of a worker, before it waits for a store that works, but not as fast."""


class StreamRecorder:
    """Records batches one after the other in a thread of its own."""

    def __init__(
        self, recorder: Recorder, inbox: Inbox, *, counts: Counts, say: Callable[[str], None]
    ) -> None:
        self._spool = Spool(inbox, counts=counts, say=say)
        self._thread = StoreThread[Item](
            recorder.record,
            waiting=lambda: self._spool,
            refuse=recorder.refuse,
            say=say,
            daemon=True,  # a second signal waits for nothing
        )

    def put(self, items: list[Item], *, patient: bool) -> None:
        """Have these recorded.

        `patient`: nothing is lost by waiting for a store that works, since the lines stand in a
        file anyway.
        """
        bound = PATIENT_BYTES if patient else SLOW_BYTES
        self._thread.wait_while(lambda: self._spool.is_behind(bound))
        self._thread.put(items)

    def close(self, *, given_up: Callable[[], bool]) -> Path | None:
        """Record the rest; the file of what could not be recorded, if there is any.

        This takes one time limit of the store at most when the store does not work; `given_up`
        tells that nobody wants to wait even that long.
        """
        return self._spool.close(self._thread.close(math.inf, given_up=given_up))
