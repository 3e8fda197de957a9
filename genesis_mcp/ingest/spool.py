"""Items that the store could not take, in a kept file: first in, first out, and counted."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from genesis_mcp.ingest.counted_batches import Counts
from genesis_mcp.ingest.groups import RECORDED_BY, Item
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.kept_file import KeptFile
from genesis_mcp.runs.record_line import run_from

SPOOL_BYTES_MAX = 1024 * 1024 * 1024
"""Bytes in the file, of a store that does not work; further records are lost, and counted."""

TAKEN_RECORDS = 500
TAKEN_BYTES = 8 * 1024 * 1024
"""What is read back at once."""


class Spool:
    """A file of the inbox, begun when it is needed. For one thread at a time."""

    def __init__(self, inbox: Inbox, *, counts: Counts, say: Callable[[str], None]) -> None:
        self._inbox = inbox
        self._counts = counts
        self._say = say
        self._file: KeptFile | None = None
        self._kinds = bytearray()
        """For each record not yet taken back, whether it is text."""
        self._taken = (0, 0)

    @property
    def bytes_left(self) -> int:
        return self._file.bytes_left if self._file else 0

    @property
    def records_left(self) -> int:
        return len(self._kinds)

    def add(self, items: Sequence[Item]) -> None:
        """Append the records of these items; those for which there is no room are lost."""
        records = sum(not item.is_text for item in items)
        if self.bytes_left < SPOOL_BYTES_MAX and self._append(items):
            self._counts.kept += records
            return
        if not self._counts.lost:
            self._say("There is no room for more; what follows is lost until the store works.")
        self._counts.lost += records

    def _append(self, items: Sequence[Item]) -> bool:
        runs = [(item, item.run) for item in items if item.run is not None]
        data = b"".join(self._inbox.line_of(run) for _, run in runs)
        try:
            self._file = self._file or self._inbox.begin()
            self._file.append(data)
        except OSError:
            return False
        self._kinds += bytes(item.is_text for item, _ in runs)
        return True

    def next(self) -> list[Item]:
        """The oldest records, which stay until `done`."""
        items: list[Item] = []
        size = end = 0
        for is_text, line in zip(
            self._kinds, self._file.lines() if self._file else (), strict=False
        ):
            run = run_from(json.loads(line.text), recorded_by=RECORDED_BY)
            items.append(Item(0, len(line.text), 1, bool(is_text), run))
            size, end = size + len(line.text), line.end
            if len(items) == TAKEN_RECORDS or size >= TAKEN_BYTES:
                break
        self._taken = (len(items), end)
        return items

    def done(self) -> None:
        """Forget what `next` gave."""
        records, end = self._taken
        self._counts.kept -= records - sum(self._kinds[:records])
        del self._kinds[:records]
        if self._file is not None:
            self._file.read_to = end
        if not self._kinds:
            self.close()

    def close(self) -> Path | None:
        """Leave what is in it to others; the file, if there is anything."""
        if self._file is None:
            return None
        file, self._file = self._file, None
        with suppress(OSError):
            file.close()
        return file.path if self._kinds else None
