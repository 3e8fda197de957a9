"""Whole runs of a store in batches, oldest first: the reading half of `export` and `copy`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.stores.contract import RunStore

PAGE = 1000
"""Runs that are listed at once."""

PAGES_A_BATCH = 2
"""Pages that are read at once; ClickHouse wants large inserts."""

BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of text that are read at once, about: memory stays flat whatever the size of a run."""


class Batch(NamedTuple):
    """Some runs, and the place after the last of them."""

    runs: list[Run]
    end: Cursor
    listed: int
    """How many runs were listed; one that was deleted since then is not in `runs`."""


def read_batches(store: RunStore, query: RunQuery) -> Iterator[Batch]:
    """All that the query asks for, from its `after` on, oldest first; `limit` at a time is listed.

    Raises what the store raises; a new call with the last batch's `end` as `after` goes on.
    """
    query = replace(query, oldest_first=True)
    listed: list[RunFacts] = []
    size = 0
    for facts in _listed(store, query):
        sizes = (facts.message_bytes, facts.stdout_bytes, facts.stderr_bytes, facts.code_bytes)
        more = sum(min(one, TEXT_BYTES_MAX) for one in sizes)
        is_full = size + more > BATCH_BYTES or len(listed) == PAGES_A_BATCH * query.limit
        if listed and is_full:
            yield _read(store, listed, query.limit)
            listed, size = [], 0
        listed.append(facts)
        size += more
    if listed:
        yield _read(store, listed, query.limit)


def _listed(store: RunStore, query: RunQuery) -> Iterator[RunFacts]:
    while True:
        page = store.find(query)
        yield from page.runs
        if page.next is None:
            return
        query = replace(query, after=page.next)


def _read(store: RunStore, listed: Sequence[RunFacts], at_once: int) -> Batch:
    runs = [
        run
        for first in range(0, len(listed), at_once)
        for run in store.fetch([facts.run_id for facts in listed[first : first + at_once]])
    ]
    return Batch(runs, Cursor.of(listed[-1]), len(listed))
