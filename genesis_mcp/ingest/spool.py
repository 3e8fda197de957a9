"""Records that the store could not take, in a file of run records: first in, first out."""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic_core import to_json

from genesis_mcp.ingest.groups import RECORDED_BY, Item
from genesis_mcp.ingest.records import parse_object, run_of
from genesis_mcp.runs.model import Run, values_of

TAKEN_RECORDS = 500
TAKEN_BYTES = 8 * 1024 * 1024
"""What is read back at once."""


def as_line(run: Run) -> bytes:
    """The run as a line that `genesis-mcp ingest` reads as the same run."""
    return to_json(values_of(run)) + b"\n"


class Spool:
    """A file in the directory for temporary files, made when it is needed. For one thread."""

    def __init__(self, as_stored: Callable[[Run], Run]) -> None:
        self._as_stored = as_stored
        self.path: Path | None = None
        self._file: BinaryIO | None = None
        self._kinds = bytearray()
        """For each record not yet taken back, whether it is text."""
        self._read_to = 0
        self._size = 0
        self._taken = (0, 0)

    @property
    def bytes_left(self) -> int:
        return self._size - self._read_to

    @property
    def records_left(self) -> int:
        return len(self._kinds)

    def add(self, items: Sequence[Item]) -> int:
        """Append the records of these items; how many of them there was room for."""
        runs = [(item, item.run) for item in items if item.run is not None]
        data = b"".join(as_line(self._as_stored(run)) for _, run in runs)
        try:
            file = self._opened()
            file.seek(self._size)
            file.write(data)
            file.flush()
        except OSError:
            return 0
        self._size += len(data)
        self._kinds += bytes(item.is_text for item, _ in runs)
        return len(runs)

    def next(self) -> list[Item]:
        """The oldest records, which stay until `done`."""
        items: list[Item] = []
        size = 0
        if self._file is not None:
            self._file.seek(self._read_to)
            for is_text in self._kinds[:TAKEN_RECORDS]:
                line = self._file.readline()
                run = run_of(parse_object(line), recorded_by=RECORDED_BY)
                items.append(Item(0, len(line), 1, bool(is_text), run))
                size += len(line)
                if size >= TAKEN_BYTES:
                    break
        self._taken = (len(items), size)
        return items

    def done(self) -> None:
        """Forget what `next` gave."""
        records, size = self._taken
        del self._kinds[:records]
        self._read_to += size
        if not self._kinds and self._file is not None:
            self._file.truncate(0)
            self._read_to = self._size = 0

    def close(self) -> None:
        """Delete the file when nothing is left in it."""
        if self._file is not None and self.path is not None:
            self._file.close()
            if not self._kinds:
                self.path.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            descriptor, name = tempfile.mkstemp(prefix="genesis-mcp-ingest-", suffix=".ndjson")
            self._file = os.fdopen(descriptor, "w+b")
            self.path = Path(name)
        return self._file
