"""What is kept for one store until it works: the files of all processes, and what it refused.

Appending needs no store, and imports none.
"""

import errno
import heapq
import json
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from genesis_mcp.errors import InputError
from genesis_mcp.recording.file_lock import lock_within
from genesis_mcp.recording.kept_file import NAME, KeptFile, make_private, open_private, overwrite
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.record_line import as_json, as_line, as_record, run_from
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.runs.times import TIMESTAMP_MIN
from genesis_mcp.stores.location import address_hash
from genesis_mcp.stores.time_limit import counted

if TYPE_CHECKING:
    from genesis_mcp.text.personal_numbers import Kind

FILES_AT_ONCE = 64
"""Files that are read side by side; of each a line is in memory."""

BATCH, BATCH_BYTES = 100, 8 * 1024 * 1024
"""Runs, and bytes of their lines, that are recorded before the clock is looked at again."""

UNREADABLE_BYTES_KEPT = 4096
"""Of a line that is no run."""

REFUSE_SECONDS, DELIVER_SECONDS = 5.0, 30.0
"""For another process to write what it has refused, and to deliver."""

PATIENT_SHARE = 4
"""Of the time in which something is to be delivered, another one may take this part before."""

NOT_READABLE = "is no run: its writer ended in the middle of it, or the file is damaged"

REFUSED = "refused"
"""In a record of the file of refused ones: why the store does not take it."""

RECORDED_BY = "genesis-mcp"
"""Of a line that does not say it; ours all do."""


class Entry(NamedTuple):
    """A kept line, and the run that it tells of."""

    timestamp: datetime
    run: Run | None
    text: bytes
    file: KeptFile
    end: int


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What became of what was kept."""

    recorded: int = 0
    refused: int = 0
    """What the store refuses for good; it is in the file of refused ones, with the reason."""
    is_rest: bool = False
    """Whether more is kept, or another process is delivering."""


class Kept(NamedTuple):
    """What there is for a store at a moment."""

    runs: int
    refused: int


class Dropped(NamedTuple):
    """What `Inbox.forget` found, and the files that nobody but their process may touch."""

    runs: int
    held: int


Refused = Sequence[tuple[Run, str]]
"""Runs that a store refuses for good, and why."""

Take = Callable[[Sequence[Run]], Refused]
"""Records runs; what it returns was refused, all others are stored."""


class Inbox:
    """The directory of what is kept for a store. Any thread of any process may use it."""

    def __init__(
        self, directory: Path | None, *, redacts: bool, also: "Collection[Kind]" = ()
    ) -> None:
        self._directory = directory
        self._redacts = redacts
        self._also = also
        self._lock = threading.Lock()
        self._own: Path | None = None

    @classmethod
    def of(cls, store: str, *, redacts: bool, also: "Collection[Kind]" = ()) -> Self:
        """The inbox of the store at a URL; with `redacts`, nothing is kept with its secrets.

        `also`: kinds of personal numbers that go with them.
        """
        try:
            kept = Path.home() / ".genesis-mcp" / "kept"
        except RuntimeError:
            return cls(None, redacts=redacts, also=also)
        return cls(kept / address_hash(store), redacts=redacts, also=also)

    @property
    def directory(self) -> Path:
        """Where it is.

        Raises:
            OSError: nowhere, since there is no home directory.
        """
        if self._directory is None:
            raise OSError(errno.ENOENT, "there is no home directory")
        return self._directory

    @property
    def refused_file(self) -> Path:
        """Where the runs are that the store refuses for good."""
        return self.directory / "refused.ndjson"

    def keep(self, runs: Sequence[Run]) -> Path:
        """Append runs to this process's file; they are on the disk once this returns.

        Raises:
            OSError: they could not be written; none of them was.
        """
        data = b"".join(map(self.line_of, runs))
        with self._lock:
            file = self._own_file() or self.begin()
            try:
                file.append(data)
            finally:
                file.close()
            self._own = file.path
        return file.path

    def _own_file(self) -> KeptFile | None:
        """The file that this process kept something in before, if nobody took it since."""
        with suppress(OSError):
            return KeptFile.opened(self._own) if self._own else None
        return None

    def begin(self) -> KeptFile:
        """A file for a process that appends to it and reads it itself.

        Raises:
            OSError: it cannot be made.
        """
        return KeptFile.begun(self.directory)

    def begin_mark(self) -> KeptFile:
        """A file that is delivered once this process has ended and has not deleted it.

        Raises:
            OSError: it cannot be made.
        """
        return KeptFile.begun(self._marks)

    def show(self, mark: KeptFile) -> None:
        """Have a mark wait among what is kept although its process goes on.

        Raises:
            OSError: it cannot be moved.
        """
        mark.show_in(self.directory)

    @property
    def _marks(self) -> Path:
        return self.directory / "running"

    def line_of(self, run: Run) -> bytes:
        """The line that keeps a run."""
        return as_line(self._as_kept(run))

    def _as_kept(self, run: Run) -> Run:
        if not self._redacts:
            return run
        from genesis_mcp.runs.redaction import without_secrets  # many patterns, rarely needed

        return without_secrets(run, self._also)

    def refuse(self, refused: Refused) -> None:
        """Put runs aside that the store refuses for good, each with its reason under REFUSED.

        Raises:
            OSError: they could not be written.
        """
        self._put_aside([{**as_record(self._as_kept(run)), REFUSED: why} for run, why in refused])

    def _put_aside(self, records: Sequence[Mapping[str, Any]]) -> None:
        data = "".join(f"{as_json(record)}\n" for record in records).encode()
        make_private(self.directory)
        with open_private(self.refused_file, os.O_CREAT) as file:
            if not lock_within(REFUSE_SECONDS, file):
                raise OSError("another process holds the file of refused runs")
            KeptFile(self.refused_file, file).append(data)

    def is_due(self, seconds: float, runs: int) -> bool:
        """Whether something waits so long, or so much does, and nobody was told of it just now.

        Whoever asks and hears that it is due has to see to it: it is not due again at once.

        Raises:
            OSError: it cannot be noted that somebody was told.
        """
        files = self._files()
        if not files:
            return False
        now = time.time()
        oldest = int(files[0].name.partition("-")[0]) / 1e9
        if len(files) < runs and now - oldest < seconds:
            return False
        told = self.directory / "told"
        with suppress(FileNotFoundError):
            if 0 <= now - told.stat().st_mtime < seconds:
                return False
        told.touch(mode=0o600)
        return True

    def is_empty(self) -> bool:
        """Whether nothing waits, which is nearly always so."""
        self._take_marks()
        return not self._files()

    def _take_marks(self) -> None:
        """Have the marks of recorders that are lost wait among what is kept."""
        with suppress(OSError):  # nearly always: there are none
            for path in files_in(self._marks):
                if (file := KeptFile.opened(path)) is not None:
                    file.move_to(self.directory)

    def count(self) -> Kept:
        """How many runs wait, and how many were refused."""
        self._take_marks()
        waiting = 0
        for path in self._files():
            name = NAME.fullmatch(path.name)
            with path.open("rb") as file:
                file.seek(int((name and name["read_to"]) or 0))
                waiting += sum(1 for _ in file)
        refused = 0
        if self.refused_file.exists():
            with self.refused_file.open("rb") as file:
                refused = sum(1 for _ in file)
        return Kept(waiting, refused)

    # --- forgetting ---

    def forget(self, is_meant: Callable[[Run], bool], *, only_count: bool = False) -> Dropped:
        """Drop the runs that are meant from every file, the refused ones too, or count them.

        Raises:
            OSError: a file could not be read or written.
        """
        runs = held = 0
        for path in [*self._files(), *self._marked()]:
            file = KeptFile.opened(path)
            if file is None:
                held += path.exists()
                continue
            runs += file.drop(lambda text: _is_meant(text, is_meant), only_count=only_count)
        if self._directory is None or not self.refused_file.exists():
            return Dropped(runs, held)
        with open_private(self.refused_file, 0) as refused:
            if not lock_within(REFUSE_SECONDS, refused):
                return Dropped(runs, held + 1)
            lines = list(refused)
            rest = [line for line in lines if not _is_meant(line, is_meant)]
            if not only_count and len(rest) < len(lines):
                overwrite(refused, b"".join(rest))
        return Dropped(runs + len(lines) - len(rest), held)

    def _marked(self) -> list[Path]:
        try:
            return files_in(self._marks)
        except OSError:
            return []

    # --- delivering ---

    def deliver(
        self, take: Take, *, at_most: float = float("inf"), seconds: float = float("inf")
    ) -> Delivered:
        """Have `take` record what is kept, in the order of time, and forget it then.

        It stops after `at_most` runs or so many seconds. Only one process delivers at a time; when
        another does for longer than that, nothing is done here.

        Raises:
            GenesisError: what `take` raised; what was recorded until then stays recorded, and the
                rest stays kept.
            OSError: a file could not be read or written.
        """
        delivered = Delivered()
        if self.is_empty():
            return delivered
        until = time.monotonic() + seconds
        with self._delivering(seconds) as is_mine:
            delivered.is_rest = not is_mine
            while is_mine and delivered.recorded < at_most and time.monotonic() < until:
                with ExitStack() as stack:
                    files = self._claimed(stack)
                    entries = heapq.merge(*map(_entries, files), key=lambda one: one.timestamp)
                    is_done = self._take(take, entries, delivered, at_most, until)
                if is_done and len(files) < FILES_AT_ONCE:
                    return delivered
                delivered.is_rest = not is_done
        return delivered

    def _take(
        self,
        take: Take,
        entries: Iterator[Entry],
        delivered: Delivered,
        at_most: float,
        until: float,
    ) -> bool:
        """Record entries until there are none; False when there may be more."""
        while batch := _batch(entries):
            refused = take([entry.run for entry in batch if entry.run])
            unreadable = [_unreadable(entry.text) for entry in batch if entry.run is None]
            if refused:
                self.refuse(refused)
            if unreadable:
                self._put_aside(unreadable)
            delivered.recorded += len(batch) - len(refused) - len(unreadable)
            delivered.refused += len(refused) + len(unreadable)
            for entry in batch:
                entry.file.read_to = entry.end
            if delivered.recorded >= at_most or time.monotonic() >= until:
                return False
        return True

    def _claimed(self, stack: ExitStack) -> list[KeptFile]:
        files: list[KeptFile] = []
        for path in self._files():
            file = KeptFile.opened(path)
            if file is not None:
                stack.callback(file.close)
                files.append(file)
            if len(files) == FILES_AT_ONCE:
                break
        return files

    def _files(self) -> list[Path]:
        """The files in the order in which they were begun."""
        try:
            return files_in(self.directory)
        except OSError:
            return []

    @contextmanager
    def _delivering(self, seconds: float) -> Iterator[bool]:
        """Whether this process is the one that delivers, while the block lasts."""
        with open_private(self.directory / "delivering", os.O_CREAT) as file:
            with counted():  # who delivers waits for the store, and so do the others
                is_mine = lock_within(min(seconds / PATIENT_SHARE, DELIVER_SECONDS), file)
            yield is_mine


def files_in(directory: Path) -> list[Path]:
    """The kept files of a directory in the order in which they were begun.

    Raises:
        OSError: it cannot be read, or is not there.
    """
    found = [path for path in directory.iterdir() if NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: path.name)


def _entries(file: KeptFile) -> Iterator[Entry]:
    timestamp = TIMESTAMP_MIN
    for line in file.lines():
        run = _run_of(line.text)
        timestamp = run.timestamp if run else timestamp
        yield Entry(timestamp, run, line.text, file, line.end)


def _run_of(text: bytes) -> Run | None:
    try:
        record = json.loads(text) if text.endswith(b"\n") else None
        return run_from(record, recorded_by=RECORDED_BY) if isinstance(record, dict) else None
    except (ValueError, TypeError, RecursionError, InputError):
        return None


def _is_meant(text: bytes, is_meant: Callable[[Run], bool]) -> bool:
    run = _run_of(text)
    return run is not None and is_meant(run)


def _batch(entries: Iterator[Entry]) -> list[Entry]:
    batch: list[Entry] = []
    size = 0
    for entry in islice(entries, BATCH):
        batch.append(entry)
        size += len(entry.text)
        if size >= BATCH_BYTES:
            break
    return batch


def _unreadable(text: bytes) -> dict[str, Any]:
    shown = cap_text(text.decode("utf-8", "replace").strip("\n"), UNREADABLE_BYTES_KEPT)
    return {"line": shown, REFUSED: NOT_READABLE}
