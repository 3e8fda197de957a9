"""One call of `genesis-mcp ingest`: its inputs, its numbers, and how it ends."""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, BinaryIO, Self

from genesis_mcp.ingest.counted_batches import Batches, Counts, Recorder
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.sources import GrowingFiles, Pipe, Source, whole_file
from genesis_mcp.ingest.stream_recorder import StreamRecorder
from genesis_mcp.recording.poisoned import record_apart
from genesis_mcp.recording.signals import STOPPING_SIGNALS
from genesis_mcp.recording.writer import Writer
from genesis_mcp.runs.wording import plural

IDLE_SECONDS = 0.3
"""Silence after which what is held back is recorded: the lines of a stack trace come together."""

STEP_SECONDS = 0.1

QUIET_SECONDS, GRACE_SECONDS = 1.0, 3.0
"""After a signal the stream is read until it is silent for so long, and for so long at most."""

REJECTED_SHOWN = 5
"""Rejected lines that are explained; the others are counted."""


NOTES_SHOWN = 5
"""Notes on what was understood otherwise than it was written."""


class Session:
    """Records one input after the other. `say` tells a person what is worth knowing.

    `defaults` are fields of records that lack them.
    """

    def __init__(
        self,
        writer: Writer,
        *,
        defaults: Mapping[str, Any],
        say: Callable[[str], None],
    ) -> None:
        self._inbox = writer.inbox
        self._read, self._stored = Counts(), Counts()
        self._defaults = defaults
        self._say = say
        self._rejected = 0
        self._batches = Batches(self._read, self._reject)
        self._recorder = Recorder(writer, counts=self._stored, reject=self._reject)
        self.kept_in: list[Path] = []
        """Files of what the store could not take."""

    @property
    def counts(self) -> Counts:
        return self._read + self._stored

    def say_what_was_understood(self) -> None:
        """Say what records told otherwise than it was kept, most frequent first."""
        for note, number in self._batches.notes.most_common(NOTES_SHOWN):
            self._say(f"{plural(f'{number:,}', 'record')}: {note}.")

    def read_file(self, path: Path, advance: Callable[[int], None] = lambda _: None) -> None:
        """Record a file from its beginning to its end; `advance` hears how many bytes are done.

        Raises:
            InputError: it cannot be read.
            GenesisError: the store could not take it; repeating the call records nothing twice.
        """
        self.record(whole_file(path, self._defaults, advance))

    def record(self, parts: Iterable[list[Item]]) -> None:
        """Record items from anywhere, some at a time.

        Raises:
            GenesisError: see `read_file`.
        """
        for items in parts:
            for batch in self._batches.add(items):
                self._record(batch)
        for batch in self._batches.rest():
            self._record(batch)

    def _record(self, batch: list[Item]) -> None:
        for item, reason in record_apart(self._recorder.record, batch):
            self._recorder.refuse(item, reason)

    def read_pipe(self, file: BinaryIO, sink: BinaryIO | None) -> None:
        """Record a stream until it ends or a signal comes, and pass it on to `sink`."""
        pipe = Pipe(file, sink, self._defaults)
        self._attend(pipe, patient=pipe.is_file)

    def follow(self, paths: list[Path]) -> None:
        """Record files and what is written to them, until a signal comes.

        Raises:
            InputError: one of them cannot be read.
        """
        self._attend(GrowingFiles(paths, self._defaults), patient=True)

    def _attend(self, source: Source, *, patient: bool) -> None:
        recorder = StreamRecorder(self._recorder, self._inbox, counts=self._stored, say=self._say)
        with Stopping() as stopping:
            heard_at = time.monotonic()
            while not source.is_over and not stopping.is_over(heard_at):
                items = source.read(STEP_SECONDS)
                present = time.monotonic()
                if items is not None:
                    heard_at = present
                elif present - heard_at >= IDLE_SECONDS:
                    items = source.flush()
                self._put(items or [], recorder, patient=patient)
            self._put(source.end(), recorder, patient=patient)
            kept_in = recorder.close(given_up=lambda: stopping.times > 1)
        if kept_in is not None:
            self.kept_in.append(kept_in)

    def _put(self, items: list[Item], recorder: StreamRecorder, *, patient: bool) -> None:
        """Nothing is gathered here: what a kill must not lose is in the recorder's hands."""
        for batch in [*self._batches.add(items), *self._batches.rest()]:
            recorder.put(batch, patient=patient)

    def _reject(self, number: int, reason: str) -> None:
        self._rejected += 1
        if self._rejected <= REJECTED_SHOWN:
            self._say(f"line {number}: {reason}")
        elif self._rejected == REJECTED_SHOWN + 1:
            self._say("more lines are rejected; they are counted.")


class Stopping:
    """Notes signals that ask this process to end, so that it can record what it has."""

    def __init__(self) -> None:
        self.times = 0
        self._since = 0.0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # only it may listen
            for number in STOPPING_SIGNALS:
                handler = signal.getsignal(number)
                if handler not in {signal.SIG_IGN, None}:  # nohup
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def is_over(self, heard_at: float) -> bool:
        """Whether a signal came, and what the worker said last came long enough ago."""
        present = time.monotonic()
        is_quiet = present - max(heard_at, self._since) >= QUIET_SECONDS
        return bool(self.times) and (is_quiet or present - self._since >= GRACE_SECONDS)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if not self.times:
            self._since = time.monotonic()
        self.times += 1
