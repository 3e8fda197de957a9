"""Whole runs of a store in batches, oldest first: the reading half of `export` and `copy`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from genesis_mcp.models import TEXT_BYTES_MAX, Cursor, Run, RunFacts, RunQuery
from genesis_mcp.stores.base import RunStore

PAGE = 1000
"""Runs that are listed at once."""

BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of text that are read at once, about: memory stays flat whatever the size of a run."""


class Batch(NamedTuple):
    """Some runs, and the place after the last of them."""

    runs: list[Run]
    end: Cursor
    listed: int
    """How many runs were listed; one that was deleted since then is not in `runs`."""


def read_batches(store: RunStore, query: RunQuery) -> Iterator[Batch]:
    """All that the query asks for, from its `after` on and past its `limit`, oldest first.

    Raises what the store raises; a new call with the last batch's `end` as `after` goes on.
    """
    query = query.model_copy(update={"oldest_first": True, "limit": PAGE})
    while True:
        page = store.find(query)
        for some in _parts(page.runs):
            runs = store.fetch([facts.run_id for facts in some])
            yield Batch(runs, Cursor(some[-1].timestamp, some[-1].run_id), len(some))
        if page.next is None:
            return
        query = query.model_copy(update={"after": page.next})


def _parts(listed: Sequence[RunFacts]) -> Iterator[Sequence[RunFacts]]:
    """The same, divided so that the texts of each part stay within about BATCH_BYTES."""
    first = size = 0
    for place, facts in enumerate(listed):
        sizes = (facts.message_bytes, facts.stdout_bytes, facts.stderr_bytes, facts.code_bytes)
        more = sum(min(one, TEXT_BYTES_MAX) for one in sizes)
        if place > first and size + more > BATCH_BYTES:
            yield listed[first:place]
            first, size = place, 0
        size += more
    if first < len(listed):
        yield listed[first:]
