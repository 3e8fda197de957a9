"""`logs_for_spec`: what happened to one spec, attempt by attempt, and where it stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from genesis_mcp.answers import (
    UNTRUSTED,
    Event,
    Quoting,
    SpecPage,
    older_attempts,
)
from genesis_mcp.answers.readable import shown_line, shown_name
from genesis_mcp.questions.arguments import LogsForSpec
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.errors_shown import quote, rerun_of, signed
from genesis_mcp.questions.history import (
    History,
    attempt,
    before_wanted,
    history_wanted,
    quotes,
)
from genesis_mcp.questions.judging import judging_wanted
from genesis_mcp.questions.names_that_exist import nearest_attempts, nearest_specs
from genesis_mcp.questions.naming import names_of, names_wanted
from genesis_mcp.questions.neighbours import (
    NEIGHBOURS,
    nothing_for_a_spec,
    nothing_wanted,
    place_before,
    place_wanted,
    stored_uncleaned,
)
from genesis_mcp.questions.same_code import with_code
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, RunPage, RunQuery
from genesis_mcp.runs.wording import at, plural
from genesis_mcp.stores.asking import Fetch, Find, Spec, newest_attempts
from genesis_mcp.stores.contract import ReadsAtOnce

DETAIL_CHARS = {"summary": 1_200, "full": 8_000}
"""Characters of the newest failure's output, before the budget of the answer."""

EVENTS_SHOWN = 3

EVENTS_READ = 50
"""Events that are counted, and of which warnings are chosen when there are few errors."""

EVENT_BYTES = 4 * 1024
EVENT_CHARS = 120
"""Of an event's message: what is read, and what is shown."""


def answer(store: ReadsAtOnce, arguments: LogsForSpec, moment: datetime) -> SpecPage:
    spec_id = arguments.spec_id
    ask_ahead(
        store, Spec(spec_id), newest_attempts(spec_id, NEIGHBOURS), *place_wanted(arguments.before)
    )
    spec = store.spec(spec_id)
    if spec is None:
        ask_ahead(store, *nothing_wanted())
        if stored := stored_uncleaned(store, spec_id):
            return answer(store, arguments.model_copy(update={"spec_id": stored}), moment)
        return _unknown(store, spec_id)
    place = place_before(store, arguments.before, moment, spec_id)
    asked = RunQuery(spec_id=spec_id, iteration=arguments.iteration, **place)
    only_failed = True if arguments.failures_only else None
    page = store.find(_but(asked, kind="run", failed=only_failed, limit=arguments.limit + 1))
    listed, rest = page.runs[: arguments.limit], page.runs[arguments.limit :]
    # A run stands where it ended: what led to it lies after the end of the one before.
    until = listed[0].timestamp + timedelta(milliseconds=1) if arguments.before and listed else None
    since = rest[0].timestamp if rest else None
    events = _but(asked, kind="event", since=since, until=until or asked.until)
    newest_events = Find(_but(events, limit=EVENTS_READ))
    failure = next((run for run in listed if run.failed), None)
    ask_ahead(
        store,
        newest_events,
        *history_wanted(store, spec_id),
        *judging_wanted(store, listed),
        *([before_wanted(listed[0])] if arguments.before and listed else []),
        *([Fetch((failure.run_id,))] if failure else []),
        *names_wanted(listed),
    )
    newest = store.find(newest_events.query)
    gravest = _gravest_events(store, events, newest)
    history = History(store, spec_id)
    runs = with_code(store, signed(store, listed))
    shown = _gravest(store, gravest, newest.runs)
    hidden = len(newest.runs) - len(shown)
    filters = arguments.model_dump(exclude_defaults=True)
    more = "+" if spec.is_minimum else ""
    counts = f"{plural(f'{spec.runs:,}{more}', 'run')}, {spec.failed:,}{more} failed"
    standing = history.standing(moment) if runs else _no_attempts(store, arguments, spec.runs)
    newest_failure, rerun = _newest_failure(store, runs or gravest, arguments)
    newest_failed = failure.run_id if failure else None
    attempts = [
        attempt(one, moment, is_whole=one.run.run_id == newest_failed)
        for one in history.judged(runs)
    ]
    return SpecPage(
        summary=f"{counts}; {standing}",
        spec_id=shown_name(arguments.spec_id) or "",
        attempts=attempts,
        more=older_attempts(filters, runs[-1].run_id) if rest else None,
        newest_failure=newest_failure,
        rerun=rerun if runs and runs[0].failed else None,
        events=[_event(run, moment) for run in shown] or None,
        events_not_shown=hidden or None,
        events_not_shown_is_minimum=True if hidden and newest.next else None,
        hint=history.hint() if runs else None,
        untrusted=UNTRUSTED if shown or any(map(quotes, attempts)) else None,
        filters=filters,
        names=names_of(store, runs),
    )


def _no_attempts(store: ReadsAtOnce, arguments: LogsForSpec, runs: int) -> str:
    """Why there is no attempt to show: only events, other filters, or another iteration."""
    if not runs:
        return "only events were recorded for this spec."
    if arguments.iteration is None:
        which = "no failed attempt" if arguments.failures_only else "no attempt"
        return f"{which}{' is older than that' if arguments.before else ''}."
    if near := nearest_attempts(store, arguments.spec_id, arguments.iteration):
        named = ", ".join(f"#{number}" for number in near)
        return f"no attempt #{arguments.iteration}; near it: {named}."
    return "its newest attempts have no iteration."


def _but(query: RunQuery, **changes: Any) -> RunQuery:
    return replace(query, **changes)


def _newest_failure(
    store: ReadsAtOnce, runs: Sequence[RunFacts], arguments: LogsForSpec
) -> tuple[Quoting | None, str | None]:
    """What the newest failure printed, and the command that runs only what failed."""
    failure = next((run for run in runs if run.failed), None)
    for run in store.fetch([failure.run_id]) if failure else ():
        return quote(run, DETAIL_CHARS[arguments.detail]), rerun_of(run)
    return None, None


def _gravest_events(store: ReadsAtOnce, events: RunQuery, newest: RunPage) -> Sequence[RunFacts]:
    """The newest events that failed, which are among the newest of all where these are few."""
    if newest.next is None:
        return [event for event in newest.runs if event.failed][:EVENTS_SHOWN]
    return store.find(_but(events, failed=True, limit=EVENTS_SHOWN)).runs


def _gravest(
    store: ReadsAtOnce, failed: Sequence[RunFacts], newest: Sequence[RunFacts]
) -> list[Run]:
    """Errors before warnings before the rest, the newest of each; in the order of time."""
    warnings_first = sorted(newest, key=lambda event: event.level != "warn")
    wanted = {event.run_id: event for event in [*failed, *warnings_first]}
    chosen = sorted(list(wanted.values())[:EVENTS_SHOWN], key=Cursor.of)
    return store.fetch([event.run_id for event in reversed(chosen)], text_bytes=EVENT_BYTES)


def _event(run: Run, moment: datetime) -> Event:
    return Event(
        level=shown_line(run.level) if run.level else None,
        at=at(run.timestamp, moment),
        message=shown_line(run.message or run.stderr or run.stdout, EVENT_CHARS),
        run_id=run.run_id,
    )


def _unknown(store: ReadsAtOnce, spec_id: str) -> SpecPage:
    return SpecPage(
        summary=nothing_for_a_spec(store),
        spec_id=shown_name(spec_id) or "",
        attempts=[],
        nearest_specs=nearest_specs(store, spec_id) or None,
    )
