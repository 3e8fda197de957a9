"""Items into the store, and what became of every line, in numbers that add up."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.groups import Group, Item
from genesis_mcp.recording.writer import IS_ANOTHERS, Writer
from genesis_mcp.runs.model import TEXTS, Run
from genesis_mcp.runs.query import Inserted

BATCH_RECORDS = 500
"""Records that are stored together."""

BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of lines that are stored together: memory stays flat whatever the size of a record."""


@dataclass(slots=True)
class Counts:
    """What became of the lines that are not blank: `read` is the sum of all others."""

    read: int = 0
    recorded: int = 0
    """Runs that are new in the store, without `suites`."""
    suites: int = 0
    """Suites that are new in the store, each of whose tests is a run as well; one that was made of
    a report is no line of it, and not in `read`."""
    duplicates: int = 0
    """Runs and events that were there already."""
    events: int = 0
    """Events that are new in the store."""
    other_lines: int = 0
    """Lines of text, kept with the event they belong to or as events of their own."""
    rejected: int = 0
    kept: int = 0
    """Records that are in a file for later, because the store could not take them."""
    lost: int = 0
    """Records for which there was no room even there."""

    def __add__(self, other: "Counts") -> "Counts":
        names = [field.name for field in fields(self)]
        return Counts(*(getattr(self, name) + getattr(other, name) for name in names))

    def summary(self) -> dict[str, int]:
        """The numbers by name; of `suites`, `kept` and `lost` only what is not 0."""
        numbers = {field.name: int(getattr(self, field.name)) for field in fields(self)}
        unusual = {name for name in ("suites", "kept", "lost") if not numbers[name]}
        return {name: number for name, number in numbers.items() if name not in unusual}


class Recorder:
    """Stores items through a writer. One thread at a time may use it."""

    def __init__(
        self,
        writer: Writer,
        *,
        counts: Counts,
        reject: Callable[[int, str], None],
    ) -> None:
        self._as_stored = writer.service.as_stored
        self._insert = writer.record
        self._fetch = writer.service.store.fetch
        self._inbox = writer.inbox
        self._counts = counts
        self._reject_line = reject

    def record(self, items: Sequence[Item]) -> None:
        """Store the runs and events of these items and count them.

        Raises:
            GenesisError: what the store raised; nothing was counted, and it may be repeated.
        """
        kept = [(item, item.run) for item in items if item.run is not None]
        try:
            inserted = self._insert([run for _, run in kept])
        except InputError:  # one of them is not acceptable to this store
            inserted = []
            kept = [(item, run) for item, run in kept if self._insert_one(item, run, inserted)]
        told = list(zip(kept, inserted, strict=True))
        rests = [
            rest
            for (item, run), done in told
            if done.status == "conflict" and item.group and (rest := self._rest(item.group, run))
        ]
        if rests:  # lines of text, which are counted already
            self.record(rests)
        for (item, run), done in told:
            self._count(item, run, done)

    def _insert_one(self, item: Item, run: Run, inserted: list[Inserted]) -> bool:
        try:
            inserted += self._insert([run])
        except InputError as error:
            self._reject(item, str(error))
            return False
        return True

    def _count(self, item: Item, run: Run, done: Inserted) -> None:
        if run.kind == "suite" and item.is_text:  # made of a report, which may lie elsewhere now
            self._counts.suites += done.status == "recorded"
            return
        if done.status == "conflict" and item.group is None:
            self._reject(item, IS_ANOTHERS)
            return
        if item.is_text:
            return
        if done.status != "recorded":
            self._counts.duplicates += 1
        elif run.kind == "suite":
            self._counts.suites += 1
        elif run.kind == "run":
            self._counts.recorded += 1
        else:
            self._counts.events += 1

    def _rest(self, group: Group, run: Run) -> Item | None:
        """The lines that the stored event lacks.

        Its id is made of its first line alone: a live stream that was silent for a while may have
        recorded it before the others came.
        """
        for stored in self._fetch([run.run_id]):
            for count in range(len(group.lines)):
                shorter = self._as_stored(group.run(count))
                if all(getattr(shorter, name) == getattr(stored, name) for name in TEXTS):
                    return group.rest_after(count).item()
            return None
        # Who may not read what is stored loses nothing by storing the lines below once more.
        return group.rest_after(0).item() if any(group.lines) else None

    def refuse(self, item: Item, reason: str) -> None:
        """Put an item aside that cannot be recorded, for a reason that is not its line's."""
        with suppress(OSError):
            self._inbox.refuse([(item.run, reason)] if item.run else [])
        self._reject(item, reason)

    def _reject(self, item: Item, reason: str) -> None:
        if not item.is_text:
            self._counts.rejected += 1
        self._reject_line(item.number, reason)


class Batches:
    """Items gathered into lists of at most BATCH_RECORDS and about BATCH_BYTES, and counted."""

    def __init__(self, counts: Counts, reject: Callable[[int, str], None]) -> None:
        self._counts = counts
        self._reject = reject
        self._items: list[Item] = []
        self._size = 0
        self.notes = Counter[str]()
        """How many records each note is on."""

    def add(self, items: Iterable[Item]) -> Iterator[list[Item]]:
        """The lists that are full now."""
        for item in items:
            text_lines = item.lines if item.is_text else item.lines - 1
            self._counts.read += item.lines
            self._counts.other_lines += text_lines
            self.notes.update(item.notes)
            if item.rejected:
                self._counts.rejected += not item.is_text
                self._reject(item.number, item.rejected)
                continue
            self._items.append(item)
            self._size += item.size
            if len(self._items) == BATCH_RECORDS or self._size >= BATCH_BYTES:
                yield from self.rest()

    def rest(self) -> Iterator[list[Item]]:
        """What is gathered, if there is anything."""
        if self._items:
            items, self._items, self._size = self._items, [], 0
            yield items
