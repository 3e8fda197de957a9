"""`logs_for_spec`: what happened to one spec, attempt by attempt, and where it stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from genesis_mcp.arguments import LogsForSpec
from genesis_mcp.models import Run, RunFacts, RunQuery
from genesis_mcp.results import (
    UNTRUSTED,
    Event,
    Quoting,
    SpecPage,
    older_attempts,
)
from genesis_mcp.service.history import LOOKED_BACK, NEIGHBOURS, History, attempt
from genesis_mcp.service.signing import quote, signed
from genesis_mcp.service.specs import NOTHING_RECORDED, nearest_specs, place_before
from genesis_mcp.showing import at, plural, shown_line, shown_name
from genesis_mcp.stores.base import RunStore

DETAIL_CHARS = {"summary": 1_200, "full": 8_000}
"""Characters of the newest failure's output, before the budget of the answer."""

EVENTS_SHOWN = 3

EVENTS_READ = 50
"""Newest events among which the gravest are chosen."""

EVENT_BYTES = 4 * 1024
EVENT_CHARS = 120
"""Of an event's message: what is read, and what is shown."""

_GRAVITY = {"fatal": 2, "error": 2, "warn": 1}


def answer(store: RunStore, arguments: LogsForSpec, moment: datetime) -> SpecPage:
    spec = store.spec(arguments.spec_id)
    if spec is None:
        return _unknown(store, arguments.spec_id)
    place = place_before(store, arguments.before, moment)
    asked = RunQuery(spec_id=arguments.spec_id, iteration=arguments.iteration, **place)
    only_failed = True if arguments.failures_only else None
    page = store.find(_but(asked, kind="run", failed=only_failed, limit=arguments.limit))
    attempts = NEIGHBOURS if arguments.failures_only else LOOKED_BACK
    history = History(store, arguments.spec_id, attempts=attempts)
    runs = signed(store, page.runs)
    oldest = runs[-1].timestamp if page.next else None
    events = store.find(_but(asked, kind="event", since=oldest, limit=EVENTS_READ))
    shown = _gravest(store, events.runs)
    hidden = len(events.runs) - len(shown)
    filters = arguments.model_dump(exclude_defaults=True)
    more = "+" if spec.is_minimum else ""
    counts = f"{plural(f'{spec.runs:,}{more}', 'run')}, {spec.failed:,}{more} failed"
    return SpecPage(
        summary=f"{counts}; {history.standing(moment) if runs else 'no attempts match.'}",
        spec_id=shown_name(arguments.spec_id) or "",
        attempts=[
            attempt(run, judged, moment)
            for run, judged in zip(runs, history.verdicts(runs), strict=True)
        ],
        more=older_attempts(filters, runs[-1].run_id) if page.next else None,
        newest_failure=_newest_failure(store, runs, arguments),
        events=[_event(run, moment) for run in shown] or None,
        events_not_shown=hidden or None,
        events_not_shown_is_minimum=True if hidden and events.next else None,
        hint=history.hint() if runs else None,
        untrusted=UNTRUSTED if shown or any(run.failed for run in runs) else None,
        filters=filters,
    )


def _but(query: RunQuery, **changes: Any) -> RunQuery:
    return query.model_copy(update=changes)


def _newest_failure(
    store: RunStore, runs: Sequence[RunFacts], arguments: LogsForSpec
) -> Quoting | None:
    failure = next((run for run in runs if run.failed), None)
    if failure is None:
        return None
    for run in store.fetch([failure.run_id]):
        return quote(run, DETAIL_CHARS[arguments.detail])
    return None


def _gravest(store: RunStore, events: Sequence[RunFacts]) -> list[Run]:
    """Errors before warnings before the rest, the newest of each; in the order of time."""
    by_gravity = sorted(events, key=lambda event: -_GRAVITY.get(event.level or "", 0))
    wanted = {event.run_id for event in by_gravity[:EVENTS_SHOWN]}
    in_order = [event.run_id for event in events if event.run_id in wanted]
    return store.fetch(in_order, text_bytes=EVENT_BYTES)


def _event(run: Run, moment: datetime) -> Event:
    return Event(
        level=shown_line(run.level) if run.level else None,
        at=at(run.timestamp, moment),
        message=shown_line(run.message or run.stderr or run.stdout, EVENT_CHARS),
        run_id=run.run_id,
    )


def _unknown(store: RunStore, spec_id: str) -> SpecPage:
    if not store.specs(limit=1):
        summary = NOTHING_RECORDED
        nearest = None
    else:
        summary = "Nothing was ever recorded for this spec_id."
        nearest = nearest_specs(store, spec_id)
    name = shown_name(spec_id) or ""
    return SpecPage(summary=summary, spec_id=name, attempts=[], nearest_specs=nearest)
