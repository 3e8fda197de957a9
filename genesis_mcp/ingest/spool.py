"""The records of a stream on their way to the store: in a file, and the oldest in memory as well.

Whatever ends this process, what is in the file is recorded by whoever records next. Until the store
fails, the file is a mark as every recorder leaves one (`Inbox.begin_mark`).
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from genesis_mcp.ingest.counted_batches import Counts
from genesis_mcp.ingest.groups import RECORDED_BY, Item
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.kept_file import KeptFile
from genesis_mcp.recording.waiting import oldest
from genesis_mcp.runs.record_line import run_from

MEMORY_BYTES_MAX = 16 * 1024 * 1024
"""Bytes of lines that wait in memory; what comes behind them is read back from the file."""

SEGMENT_BYTES = 16 * 1024 * 1024
"""Bytes after which another file is begun: the one before is deleted when all of it is recorded."""

SPOOL_BYTES_MAX = 1024 * 1024 * 1024
"""Bytes in files, of a store that does not work; further records are lost, and counted."""


class Spool:
    """What `Waiting` asks for, with files that are begun when they are needed."""

    held = "are kept in a file"

    def __init__(self, inbox: Inbox, *, counts: Counts, say: Callable[[str], None]) -> None:
        self._inbox = inbox
        self._counts = counts
        self._say = say
        self._files: deque[KeptFile] = deque()
        self._kinds = bytearray()
        """For each record that waits, whether it is text."""
        self._memory: deque[tuple[Item, int]] = deque()
        """The oldest records, and the bytes of each in the files: none where there was no room."""
        self._memory_bytes = 0
        self._given = (0, 0)
        self._is_filed = True
        """Whether there was room in a file for the last."""
        self._is_held = False

    def __len__(self) -> int:
        return len(self._kinds)

    def is_behind(self, size: int) -> bool:
        """Whether more than so many bytes wait, or half of the memory where no file has room."""
        return self._bytes_left > size or (
            not self._is_filed and self._memory_bytes > MEMORY_BYTES_MAX // 2
        )

    @property
    def _bytes_left(self) -> int:
        """Bytes of the files that are not yet recorded."""
        return sum(file.bytes_left for file in self._files)

    def add(self, items: Sequence[Item]) -> bool:
        """See `Waiting`; always true: what finds no room is lost, counted and said."""
        given = [(item, self._inbox.line_of(item.run)) for item in items if item.run is not None]
        is_filed = self._append([line for _, line in given])
        for item, line in given:
            if len(self._memory) == len(self._kinds) and self._memory_bytes < MEMORY_BYTES_MAX:
                self._memory.append((item, len(line) if is_filed else 0))
                self._memory_bytes += item.size
            elif not is_filed:
                self._lose(item)
                continue
            self._kinds.append(item.is_text)
        self._is_filed = is_filed
        return True

    def _append(self, lines: list[bytes]) -> bool:
        """Whether these lines are in a file now; on the disk when they have to stay there."""
        if self._bytes_left >= SPOOL_BYTES_MAX:
            return False
        try:
            if not self._files or self._files[-1].size >= SEGMENT_BYTES:
                self._begin()
            self._files[-1].append(b"".join(lines), synced=self._is_held)
        except OSError:
            return False
        return True

    def _begin(self) -> None:
        begin = self._inbox.begin if self._is_held else self._inbox.begin_mark
        self._files.append(begin())

    def _lose(self, item: Item) -> None:
        if not self._counts.lost:
            self._say("There is no room for more; what follows is lost until the store works.")
        self._counts.lost += not item.is_text

    def next(self) -> list[Item]:
        """See `Waiting`."""
        if self._memory:
            batch = oldest(self._memory, lambda waiting: waiting[0].size)
            self._given = len(batch), sum(length for _, length in batch)
            return [item for item, _ in batch]
        read = oldest(self._read(), lambda waiting: waiting[1])
        self._given = len(read), sum(length for _, length in read)
        return [item for item, _ in read]

    def _read(self) -> Iterator[tuple[Item, int]]:
        """What the files hold, oldest first."""
        lines = (line.text for file in self._files for line in file.lines())
        for is_text, line in zip(self._kinds, lines, strict=False):
            run = run_from(json.loads(line), recorded_by=RECORDED_BY)
            yield Item(0, len(line), 1, bool(is_text), run), len(line)

    def done(self) -> None:
        """See `Waiting`."""
        records, size = self._given
        for _ in range(min(records, len(self._memory))):
            self._memory_bytes -= self._memory.popleft()[0].size
        del self._kinds[:records]
        self._pass(size)
        self._given = (0, 0)
        if not self._kinds:
            self._is_held = False

    def _pass(self, size: int) -> None:
        """Have the files read so many bytes further, and delete those that are done."""
        while self._files:
            first = self._files[0]
            step = min(size, first.bytes_left)
            first.read_to += step
            size -= step
            if first.bytes_left:
                return
            if len(self._files) == 1 and not self._is_held:
                first.empty()
                return
            self._files.popleft().discard()

    def hold(self) -> None:
        """See `Waiting`: the files wait among what is kept from now on."""
        if not self._is_held:
            self._is_held = True
            for file in self._files:
                self._show(file)

    def _show(self, file: KeptFile) -> None:
        with suppress(OSError):  # then it is found as a mark is
            file.sync()
            self._inbox.show(file)

    def leave(self) -> list[Item]:
        """See `Waiting`: those for which no file had room."""
        rest = [item for item, length in self._memory if not length]
        self._memory.clear()
        return rest

    def close(self, rest: Sequence[Item]) -> Path | None:
        """Leave to others what is not recorded; the last file of it, if there is anything.

        `rest`: what `leave` told.
        """
        kept = len(self._kinds) - sum(self._kinds)
        if rest and not self._append([self._inbox.line_of(item.run) for item in rest if item.run]):
            kept -= sum(not item.is_text for item in rest)
            for item in rest:
                self._lose(item)
        self._counts.kept += kept
        path: Path | None = None
        for file in self._files:
            is_left = file.bytes_left > 0
            if is_left:
                self._show(file)
            file.close()
            path = file.path if is_left else path
        self._files.clear()
        return path
