"""The figures of `specs` and `describe`, counted here over the newest records."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from genesis_mcp.runs.query import DayStats, LabelStats, SpecStats, StoreStats
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.contract import LABELS_DESCRIBED
from genesis_mcp.stores.mongodb.documents import (
    Document,
    is_event,
    is_failed,
    is_suite,
    label_of,
    moment_of,
)

COUNTED_MAX = 10_000
"""Records that are counted: other programs write here too, so that no totals are kept, and counting
half a million documents takes seconds."""


class Newest(NamedTuple):
    """The newest records, newest first, and whether there are more."""

    records: Sequence[Document]
    more: bool

    @classmethod
    def of(cls, found: Sequence[Document]) -> "Newest":
        return cls(found[:COUNTED_MAX], len(found) > COUNTED_MAX)


def specs(newest: Newest) -> list[SpecStats]:
    """The specs among the newest records, the most recently active first."""
    runs, failed = Counter[str](), Counter[str]()
    latest: dict[str, datetime] = {}
    for record in newest.records:
        if spec_id := label_of(record, "spec_id"):
            latest.setdefault(spec_id, moment_of(record))
            if not is_event(record):
                runs[spec_id] += 1
                failed[spec_id] += is_failed(record)
    names = sorted(sorted(latest), key=lambda name: latest[name], reverse=True)
    return [
        SpecStats(name, runs[name], failed[name], latest[name], is_minimum=newest.more)
        for name in names
    ]


def describe(
    newest: Newest,
    since: datetime,
    *,
    engine: str,
    oldest: datetime | None,
    untimed: int,
    size_bytes: int | None,
    writable: bool,
    kept_seconds: int | None,
) -> StoreStats:
    """See `RunStore.describe`."""
    records = newest.records
    known = specs(newest)
    tests = [record for record in records if not is_suite(record)]
    runs, failed, events = _figures(tests)
    return StoreStats(
        engine=engine,
        runs=runs,
        failed=failed,
        events=events,
        oldest=oldest,
        newest=moment_of(records[0]) if records else None,
        days=_days(tests, since),
        specs=tuple(known[:LABELS_DESCRIBED]),
        spec_count=len(known),
        services=_labels(tests, "service"),
        sprints=_labels(tests, "sprint_id"),
        size_bytes=size_bytes,
        writable=writable,
        counted_since=moment_of(records[-1]) if newest.more else None,
        untimed=untimed,
        kept_days=None if kept_seconds is None else kept_seconds // 86_400,
        notes=_notes(kept_seconds),
    )


def _notes(kept_seconds: int | None) -> tuple[str, ...]:
    if kept_seconds is None:
        return ()
    kept = plural(kept_seconds // 86_400, "day")
    return (f"MongoDB deletes what has a timestamp older than {kept}",)


def _figures(records: Iterable[Document]) -> tuple[int, int, int]:
    """Runs, failed runs, events."""
    runs = failed = events = 0
    for record in records:
        if is_event(record):
            events += 1
        else:
            runs += 1
            failed += is_failed(record)
    return runs, failed, events


def _days(records: Iterable[Document], since: datetime) -> tuple[DayStats, ...]:
    by_day: dict[object, list[Document]] = {}
    days = []
    for record in records:
        day = moment_of(record).date()
        if day >= since.date():
            if day not in by_day:
                days.append(day)
            by_day.setdefault(day, []).append(record)
    return tuple(DayStats(day, *_figures(by_day[day])) for day in days)


def _labels(records: Iterable[Document], name: str) -> tuple[LabelStats, ...]:
    values = Counter(value for record in records if (value := label_of(record, name)))
    by_number = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return tuple(LabelStats(*one) for one in by_number[:LABELS_DESCRIBED])
