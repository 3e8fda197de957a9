"""The figures of `specs` and `describe`, which the server counts over the newest records."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from genesis_mcp.runs.query import DayStats, LabelStats, RunQuery, SpecStats, StoreStats
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.contract import LABELS_DESCRIBED
from genesis_mcp.stores.mongodb import server
from genesis_mcp.stores.mongodb.conditions import (
    KIND,
    MOMENT,
    NO_TIME_OF_ITS_OWN,
    Filter,
    has_failed,
    label,
)
from genesis_mcp.stores.mongodb.documents import Document
from genesis_mcp.stores.mongodb.queries import TIMELESS_END
from genesis_mcp.stores.mongodb.reading import Reading
from genesis_mcp.stores.side_by_side import side_by_side

COUNTED_MAX = 10_000
"""Records that are counted: other programs write here too, so that no totals are kept, and counting
half a million documents takes seconds."""

SPEC_COUNTED_MAX = 1_000
"""Where counting the runs of one spec stops, and says so."""

_OLDEST = RunQuery(suites=True, oldest_first=True)
_LABELS = ("spec_id", "service", "sprint_id")
_READ: Filter = {
    "_id": 0,
    "moment": MOMENT,
    "kind": KIND,
    **dict.fromkeys(("exit_code", "outcome"), 1),
    **{name: label(name) for name in _LABELS},
}
_JUDGED: Filter = {
    **dict.fromkeys(("moment", *_LABELS), 1),
    "is_event": {"$eq": ["$kind", "event"]},
    "is_suite": {"$eq": ["$kind", "suite"]},
    "has_failed": has_failed("$kind"),
}
_EVENTS: Filter = {"$sum": {"$cond": ["$is_event", 1, 0]}}
_RUNS: Filter = {"$sum": {"$cond": ["$is_event", 0, 1]}}
_FAILED: Filter = {"$sum": {"$cond": [{"$and": ["$has_failed", {"$not": "$is_event"}]}, 1, 0]}}
_DAYS: list[Filter] = [
    {"$match": {"is_suite": False}},
    {
        "$group": {
            "_id": {"$dateTrunc": {"date": "$moment", "unit": "day"}},
            "runs": _RUNS,
            "failed": _FAILED,
            "events": _EVENTS,
        }
    },
    {"$sort": {"_id": -1}},
]
_SPECS: list[Filter] = [
    {"$match": {"spec_id": {"$ne": None}}},
    {
        "$group": {
            "_id": "$spec_id",
            "newest": {"$max": "$moment"},
            "runs": _RUNS,
            "failed": _FAILED,
        }
    },
]


def specs(reading: Reading, limit: int) -> list[SpecStats]:
    """The specs among the newest records, the most recently active first."""
    return _specs(_counted(reading, {"specs": _most_recent_specs(limit)}))


def spec(reading: Reading, spec_id: str) -> SpecStats | None:
    """What is known of one spec, of which no more than SPEC_COUNTED_MAX runs are counted."""
    query = RunQuery(spec_id=spec_id)
    attempts = replace(query, kind="run")
    counted = [(one, SPEC_COUNTED_MAX) for one in (attempts, replace(attempts, failed=True))]
    tasks: list[Callable[[], Any]] = [
        partial(reading.time_of_first, query),
        partial(reading.counts, counted),
    ]
    newest, (runs, failed) = side_by_side(tasks)
    if newest is None:
        return None
    return SpecStats(spec_id, runs, failed, newest, is_minimum=runs >= SPEC_COUNTED_MAX)


def describe(
    reading: Reading,
    since: datetime,
    *,
    is_read_only: bool,
) -> StoreStats:
    """See `RunStore.describe`."""
    parts = {
        "newest": [{"$limit": 1}],
        "days": _DAYS,
        "specs": _most_recent_specs(LABELS_DESCRIBED),
        "spec_count": [*_SPECS, {"$count": "number"}],
        "services": _commonest("service"),
        "sprints": _commonest("sprint_id"),
    }
    tasks: list[Callable[[], Any]] = [
        partial(_counted, reading, parts),
        partial(reading.time_of_first, _OLDEST, since=TIMELESS_END),
        partial(_untimed, reading),
        partial(server.engine, reading.logs),
        partial(server.size_bytes, reading.logs),
        partial(server.may_insert, reading.logs),
        reading.has_untimed,
    ]
    counted, oldest, untimed, engine, size_bytes, may_insert, _ = side_by_side(tasks)
    days = _days(counted["days"])
    kept_seconds = reading.indexes.kept_seconds
    return StoreStats(
        engine=engine,
        runs=sum(day.runs for day in days),
        failed=sum(day.failed for day in days),
        events=sum(day.events for day in days),
        oldest=oldest,
        newest=next((one["moment"] for one in counted["newest"]), None),
        days=tuple(day for day in days if day.day >= since.date()),
        specs=tuple(_specs(counted)),
        spec_count=next((one["number"] for one in counted["spec_count"]), 0),
        services=_labels(counted["services"]),
        sprints=_labels(counted["sprints"]),
        size_bytes=size_bytes,
        writable=may_insert and not is_read_only,
        counted_since=_counted_since(counted),
        untimed=untimed,
        kept_days=None if kept_seconds is None else kept_seconds // 86_400,
        notes=_notes(kept_seconds),
    )


def _untimed(reading: Reading) -> int:
    if not reading.has_untimed():
        return 0
    hint = reading.indexes.by_timestamp
    return reading.count_some(NO_TIME_OF_ITS_OWN, COUNTED_MAX, hint)


def _notes(kept_seconds: int | None) -> tuple[str, ...]:
    if kept_seconds is None:
        return ()
    kept = plural(kept_seconds // 86_400, "day")
    return (f"MongoDB deletes what has a timestamp older than {kept}",)


# --- counting -----------------------------------------------------------------------------------

Counted = Mapping[str, list[Document]]


def _counted(reading: Reading, parts: Mapping[str, list[Filter]]) -> Counted:
    """What each of these pipelines makes of the newest COUNTED_MAX records, newest first.

    Under "last" is the last of them, and behind it the next one when there are more.
    """
    facets = {name: [{"$limit": COUNTED_MAX}, *steps] for name, steps in parts.items()}
    facets["last"] = [{"$skip": COUNTED_MAX - 1}]
    steps = [{"$project": _JUDGED}, {"$facet": facets}]
    found = reading.newest(COUNTED_MAX + 1, _READ, steps)
    return found[0] if found else defaultdict(list)


def _most_recent_specs(limit: int) -> list[Filter]:
    return [*_SPECS, {"$sort": {"newest": -1, "_id": 1}}, {"$limit": limit}]


def _commonest(name: str) -> list[Filter]:
    return [
        {"$match": {"is_suite": False, name: {"$ne": None}}},
        {"$group": {"_id": f"${name}", "records": {"$sum": 1}}},
        {"$sort": {"records": -1, "_id": 1}},
        {"$limit": LABELS_DESCRIBED},
    ]


def _counted_since(counted: Counted) -> datetime | None:
    """The time of the last record that was counted, when there are more."""
    last = counted["last"]
    return last[0]["moment"] if len(last) > 1 else None


def _specs(counted: Counted) -> list[SpecStats]:
    more = _counted_since(counted) is not None
    return [
        SpecStats(one["_id"], one["runs"], one["failed"], one["newest"], is_minimum=more)
        for one in counted["specs"]
    ]


def _days(groups: Iterable[Document]) -> list[DayStats]:
    return [
        DayStats(one["_id"].date(), one["runs"], one["failed"], one["events"]) for one in groups
    ]


def _labels(groups: Iterable[Document]) -> tuple[LabelStats, ...]:
    return tuple(LabelStats(one["_id"], one["records"]) for one in groups)
