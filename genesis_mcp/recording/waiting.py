"""What waits for the thread that records: first in, first out, in memory or wherever else."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

BATCH, BATCH_BYTES = 500, 8 * 1024 * 1024
"""Records, and their bytes, that are recorded together."""

T = TypeVar("T")


class Waiting(Protocol[T]):
    """Records in the order in which they came. One thread at a time."""

    held: str
    """What they do while the store does not work, in a sentence: they "wait"."""

    def __len__(self) -> int:
        """How many there are, those of `next` included."""
        ...

    def add(self, items: Sequence[T]) -> bool:
        """Put some behind the others; whether there was room."""
        ...

    def next(self) -> list[T]:
        """The oldest, which stay until `done`."""
        ...

    def done(self) -> None:
        """Forget what `next` gave: it is recorded."""
        ...

    def hold(self) -> None:
        """The store does not work: they will be here for a while."""
        ...

    def leave(self) -> list[T]:
        """Nobody records them any more: those that are kept nowhere else, which are gone here."""
        ...


class InMemory(Generic[T]):
    """Records that wait in memory up to a bound; `size` tells the bytes of one."""

    held = "wait"

    def __init__(self, *, size: Callable[[T], int], records_max: int, bytes_max: int) -> None:
        self._size = size
        self._records_max, self._bytes_max = records_max, bytes_max
        self._items: deque[T] = deque()
        self._bytes = 0
        self._given = 0

    def __len__(self) -> int:
        return len(self._items)

    def add(self, items: Sequence[T]) -> bool:
        """See `Waiting`. One that is larger than the bound by itself finds room when none waits."""
        size = sum(map(self._size, items))
        within = len(self) + len(items) <= self._records_max
        if not within or (self._items and self._bytes + size > self._bytes_max):
            return False
        self._items += items
        self._bytes += size
        return True

    def next(self) -> list[T]:
        """See `Waiting`."""
        batch = oldest(self._items, self._size)
        self._given = len(batch)
        return batch

    def done(self) -> None:
        """See `Waiting`."""
        for _ in range(self._given):
            self._bytes -= self._size(self._items.popleft())
        self._given = 0

    def hold(self) -> None:
        """See `Waiting`: there is nothing to do."""

    def leave(self) -> list[T]:
        """See `Waiting`: all of them."""
        rest = list(self._items)
        self._items.clear()
        self._bytes = self._given = 0
        return rest


def oldest(items: Iterable[T], size: Callable[[T], int]) -> list[T]:
    """The first of them, as many as are recorded together."""
    batch: list[T] = []
    total = 0
    for item in items:
        batch.append(item)
        total += size(item)
        if len(batch) == BATCH or total >= BATCH_BYTES:
            break
    return batch
