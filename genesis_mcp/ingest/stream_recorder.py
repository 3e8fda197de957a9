"""Recording beside a stream that must not wait: in a thread, with room for what the store lags.

What the store cannot take in time goes into a kept file, and from there into the store as soon as
it answers. What is still there at the end stays kept, for whoever records next.
"""

import math
from collections.abc import Callable
from pathlib import Path

from genesis_mcp.ingest.counted_batches import Counts, Recorder
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.spool import TAKEN_RECORDS, Spool
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.store_thread import StoreThread

WAITING_BYTES_MAX = 16 * 1024 * 1024
"""Bytes of lines that wait in memory for the store."""

SPOOL_BYTES_SLOW = 256 * 1024 * 1024
"""Bytes in the file from which on the stream waits for a store that works, but not as fast."""


class StreamRecorder:
    """Records batches one after the other in a thread of its own."""

    def __init__(
        self, recorder: Recorder, inbox: Inbox, *, counts: Counts, say: Callable[[str], None]
    ) -> None:
        self._spool = Spool(inbox, counts=counts, say=say)
        self._thread = StoreThread[Item](
            recorder.record,
            size=lambda item: item.size,
            refuse=recorder.refuse,
            say=say,
            records_max=math.inf,
            bytes_max=WAITING_BYTES_MAX,
            overflow=self._spool,
            daemon=True,  # a second signal waits for nothing
        )

    def put(self, items: list[Item], *, patient: bool) -> None:
        """Have these recorded.

        `patient`: nothing is lost by waiting for a store that works, since the lines stand in a
        file anyway.
        """
        if patient:
            self._thread.wait_while(lambda: self._thread.waiting_bytes > WAITING_BYTES_MAX // 2)
        else:
            self._thread.wait_while(lambda: self._spool.bytes_left > SPOOL_BYTES_SLOW)
        self._thread.put(items)

    def close(self, *, given_up: Callable[[], bool]) -> Path | None:
        """Record the rest; the file of what could not be recorded, if there is any.

        This takes one time limit of the store at most when the store does not work; `given_up`
        tells that nobody wants to wait even that long.
        """
        rest = self._thread.close(math.inf, given_up=given_up)
        for first in range(0, len(rest), TAKEN_RECORDS):  # perhaps it is recorded: ids are known
            self._spool.add(rest[first : first + TAKEN_RECORDS])
        return self._spool.close()
