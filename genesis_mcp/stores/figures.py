"""Rows of figures, as an engine that counts for itself gives them, as what a store answers with."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from genesis_mcp.runs.query import DayStats, SpecStats
from genesis_mcp.runs.times import from_milliseconds

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def spec_stats(row: Sequence[Any]) -> SpecStats:
    """Of spec_id, runs, failed runs and the newest time in milliseconds since 1970."""
    spec_id, runs, failed, newest = row
    return SpecStats(spec_id, runs, failed, from_milliseconds(newest))


def day_of(moment: datetime) -> int:
    """The day (UTC) of a time, in days since 1970."""
    return moment.toordinal() - _EPOCH_DAY


def day_stats(rows: Iterable[Sequence[Any]]) -> tuple[DayStats, ...]:
    """Of days since 1970, runs, failed runs and events."""
    return tuple(DayStats(date.fromordinal(_EPOCH_DAY + day), *figures) for day, *figures in rows)
