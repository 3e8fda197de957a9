"""Which of the newest runs a search reads letter by letter, and how many of them at a time."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from genesis_mcp.runs.model import RunFacts
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.stores.contract import ReadsAtOnce

READ_RUNS = 300
READ_BYTES = 4 * 1024 * 1024
"""Newest runs that are read letter by letter: so many, and as much of their texts as was kept."""

LARGE_BYTES = 256 * 1024
"""A run that kept more is read only when the others have left room: one that prints without end
must not hide all the others."""

FIRST_LISTED = 50
"""Of them those that are listed at first, where another list takes no trip to a server; then at
least twice as many."""

SPARE = 2
"""Runs that are read at first beyond the matches that are wanted: of a text that nearly all have,
this is nearly all that is fetched."""

MARGIN = 1.5
"""So many times the runs are read that should have the matches that are still wanted."""

PIECE = 10
"""Runs whose texts are in memory at once, where fetching them takes no trip to a server."""


class Reading(NamedTuple):
    """Which of the newest runs are read letter by letter."""

    runs: Sequence[RunFacts]
    large: Sequence[RunFacts]
    """Those among them that are too long to be read."""
    end: RunFacts | None
    """The last of both; None when there is nothing behind it."""

    @property
    def listed(self) -> int:
        """How many there are of both."""
        return len(self.runs) + len(self.large)


def first_reading(store: ReadsAtOnce, query: RunQuery, listed: int = FIRST_LISTED) -> Reading:
    """What is read, or the newest `listed` of it, where a large run cannot be among them."""
    if not store.is_remote and listed < query.limit:
        few = reading(store, replace(query, limit=listed))
        if all(kept_bytes(run) <= LARGE_BYTES for run in (*few.runs, *few.large)):
            return few
    return reading(store, query)


def reading(store: ReadsAtOnce, query: RunQuery) -> Reading:
    """The newest runs, as many as READ_BYTES allow; the large ones last."""
    page = store.find(query)
    considered: list[RunFacts] = []
    room = READ_BYTES
    for run in page.runs:
        size = kept_bytes(run)
        if size <= LARGE_BYTES and considered and size > room:
            break
        considered.append(run)
        room -= size if size <= LARGE_BYTES else 0
    room += READ_BYTES  # for large ones
    unread: list[RunFacts] = []
    for run in considered:
        if (size := kept_bytes(run)) > LARGE_BYTES:
            if size > room:
                unread.append(run)
            else:
                room -= size
    left_out = {run.run_id for run in unread}
    runs = [run for run in considered if run.run_id not in left_out]
    is_whole = len(considered) == len(page.runs) and page.next is None
    return Reading(runs, unread, None if is_whole or not considered else considered[-1])


def kept_bytes(run: RunFacts) -> int:
    """About what its texts have in the store: sizes are those of the originals."""
    sizes = (run.message_bytes, run.stdout_bytes, run.stderr_bytes)
    return sum(min(size, TEXT_BYTES_MAX) for size in sizes)


def likely(wanted: int, *, found: int, read: int, left: int) -> int:
    """How many more runs have so many matches, when they have as many as those that were read.

    All that are left, where that is most of them.
    """
    if not found:
        return left
    number = math.ceil(MARGIN * wanted * read / found)
    return number if number <= left // 2 else left
