"""The bound on what comes by itself: runs of hooks that are old, or too many bytes, are deleted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from genesis_mcp.hook.event_run import RECORDED_BY
from genesis_mcp.runs.model import SIZES, RunFacts
from genesis_mcp.runs.query import PAGE_MAX, RunQuery
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.stores.contract import RunStore

DAYS_MAX = 90
BYTES_MAX = 2_000_000_000
"""Of a hook's runs in a store, and how old they may be. What somebody asked to record, stays."""

LOOKED_AT_MAX = 200_000
"""Runs of any writer, the newest first, among which a hook's are looked for."""

FORGOTTEN_AT_ONCE = 500

LEFT_OUT = "left-out"
"""A file of one byte for each loop, condition or function that a hook did not record."""


class Standing(NamedTuple):
    """What a hook has recorded in a store."""

    runs: int
    size: int
    """Bytes of their texts, before the store compresses them."""
    oldest: datetime | None
    beyond: list[str]
    """The ids of those beyond the bound."""
    is_complete: bool
    """Whether all runs were looked at."""


def standing(store: RunStore, moment: datetime, *, looked_at_max: int = LOOKED_AT_MAX) -> Standing:
    """Look through the newest runs of a store."""
    runs = size = looked_at = 0
    oldest: datetime | None = None
    beyond: list[str] = []
    earliest = moment - timedelta(days=DAYS_MAX)
    for run in _runs(store, looked_at_max):
        looked_at += 1
        if run.recorded_by != RECORDED_BY:
            continue
        runs += 1
        size += sum(min(getattr(run, name), TEXT_BYTES_MAX) for name in SIZES)
        oldest = run.timestamp
        if run.timestamp < earliest or size > BYTES_MAX:
            beyond.append(run.run_id)
    return Standing(runs, size, oldest, beyond, looked_at < looked_at_max)


def tidy(store: RunStore, moment: datetime) -> int:
    """Delete a hook's runs beyond the bound; how many that were.

    Raises:
        WriteNotAllowed: the file or account may only be read.
    """
    beyond = standing(store, moment).beyond
    batches = range(0, len(beyond), FORGOTTEN_AT_ONCE)
    return sum(store.forget(beyond[start : start + FORGOTTEN_AT_ONCE]).records for start in batches)


def left_out(directory: Path) -> int:
    """How many loops, conditions and functions a hook did not record for a store."""
    try:
        return (directory / LEFT_OUT).stat().st_size
    except OSError:
        return 0


def _runs(store: RunStore, looked_at_max: int) -> Iterator[RunFacts]:
    query: RunQuery | None = RunQuery(kind="run", limit=PAGE_MAX)
    looked_at = 0
    while query and looked_at < looked_at_max:
        page = store.find(query)
        yield from page.runs
        looked_at += len(page.runs)
        query = RunQuery(kind="run", limit=PAGE_MAX, after=page.next) if page.next else None
