"""`logs_for_spec`: what happened to one spec, attempt by attempt, and where it stands."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from genesis_mcp.arguments import LogsForSpec, parse_moment
from genesis_mcp.errors import InputError
from genesis_mcp.models import Cursor, Outcome, RunFacts, RunQuery, Verdict
from genesis_mcp.results import (
    UNTRUSTED,
    Attempt,
    Quoting,
    SpecPage,
    older_attempts,
)
from genesis_mcp.service.recent_failures import NOTHING_RECORDED, READ_BYTES
from genesis_mcp.service.signing import SIGNED_BYTES, error_line, error_location, quote, signed
from genesis_mcp.service.specs import nearest_specs, previous_run
from genesis_mcp.showing import age, at, ended, instant, plural, shown_name
from genesis_mcp.stores.base import RunStore
from genesis_mcp.verdicts import is_flaky, same_error_streak, verdict

LOOKED_BACK = 30
"""Newest attempts that tell whether a spec is stuck or flaky and when it last passed."""

STUCK_AT = 3
"""Attempts in a row with one error from which on a spec is called stuck."""

DETAIL_CHARS = {"summary": 1_200, "full": 8_000}
"""Characters of the newest failure's output, before the budget of the answer."""


def answer(store: RunStore, arguments: LogsForSpec, moment: datetime) -> SpecPage:
    spec = store.spec(arguments.spec_id)
    if spec is None:
        return _unknown(store, arguments.spec_id)
    page = store.find(
        RunQuery(
            spec_id=arguments.spec_id,
            kind="run",
            iteration=arguments.iteration,
            failed=True if arguments.failures_only else None,
            limit=arguments.limit,
            **_place(store, arguments.before, moment),
        )
    )
    history = History(store, arguments.spec_id)
    runs = signed(store, page.runs)
    filters = arguments.model_dump(exclude_defaults=True)
    more = "+" if spec.is_minimum else ""
    counts = f"{plural(f'{spec.runs:,}{more}', 'run')}, {spec.failed:,}{more} failed"
    return SpecPage(
        summary=f"{counts}; {history.standing(moment) if runs else 'no attempts match.'}",
        spec_id=shown_name(arguments.spec_id) or "",
        attempts=[_attempt(run, history.verdict(run), moment) for run in runs],
        more=older_attempts(filters, runs[-1].run_id) if page.next else None,
        newest_failure=_newest_failure(store, runs, arguments),
        untrusted=UNTRUSTED if any(run.failed for run in runs) else None,
        filters=filters,
    )


class History:
    """The newest attempts of a spec: what each means, and where the spec stands."""

    def __init__(self, store: RunStore, spec_id: str) -> None:
        self._store = store
        query = RunQuery(spec_id=spec_id, kind="run", limit=LOOKED_BACK)
        page = store.find(query)
        runs = [run for run in page.runs if run.outcome != Outcome.UNKNOWN]
        self._runs = signed(store, runs)
        self._is_whole = page.next is None
        self._before = {run.run_id: before for run, before in pairwise(self._runs)}

    def verdict(self, run: RunFacts) -> Verdict | None:
        before = self._before.get(run.run_id) or previous_run(self._store, run)
        return verdict(run, before)

    def standing(self, moment: datetime) -> str:
        """Stuck, flaky, the last pass: in a sentence."""
        if not self._runs:
            return "no outcome was recorded."
        newest = self._runs[0]
        streak = same_error_streak(self._runs)
        parts = [f"newest {_name(newest)} {ended(newest)}, {age(newest.timestamp, moment)}"]
        if streak >= STUCK_AT:
            since = instant(self._runs[streak - 1].timestamp)
            more = " or more" if streak == len(self._runs) and not self._is_whole else ""
            parts.append(
                f"stuck: {streak}{more} attempts in a row with the same error, since {since}"
            )
        if newest.failed:
            parts.append(self._last_pass(moment))
        if is_flaky(self._runs):
            parts.append("flaky: the same code both passed and failed")
        return "; ".join(parts) + "."

    def _last_pass(self, moment: datetime) -> str:
        last = next((run for run in self._runs if not run.failed), None)
        if last:
            return f"last pass {_name(last)} {age(last.timestamp, moment)}"
        return "never passed" if self._is_whole else f"no pass in the newest {LOOKED_BACK} runs"


def _name(run: RunFacts) -> str:
    return "run" if run.iteration is None else f"#{run.iteration}"


def _attempt(run: RunFacts, judged: Verdict | None, moment: datetime) -> Attempt:
    return Attempt(
        iteration=run.iteration,
        ended=ended(run),
        verdict=judged,
        error=error_line(run.signature),
        location=error_location(run.signature),
        at=at(run.timestamp, moment),
        duration_ms=run.duration_ms,
        run_id=run.run_id,
    )


def _newest_failure(
    store: RunStore, runs: Sequence[RunFacts], arguments: LogsForSpec
) -> Quoting | None:
    failure = next((run for run in runs if run.failed), None)
    if failure is None:
        return None
    for run in store.fetch([failure.run_id], text_bytes=READ_BYTES):
        return quote(run, DETAIL_CHARS[arguments.detail])
    return None


def _place(store: RunStore, before: str | None, moment: datetime) -> dict[str, Any]:
    """Where an earlier answer ended: the place of a run, or a time."""
    if before is None:
        return {}
    if found := store.fetch([before], text_bytes=SIGNED_BYTES):
        return {"after": Cursor(found[0].timestamp, found[0].run_id)}
    try:
        return {"until": parse_moment("before", before, moment)}
    except InputError:
        raise InputError("before: must be a run_id of an earlier answer, or a time.") from None


def _unknown(store: RunStore, spec_id: str) -> SpecPage:
    if not store.specs(limit=1):
        summary = NOTHING_RECORDED
        nearest = None
    else:
        summary = "Nothing was ever recorded for this spec_id."
        nearest = nearest_specs(store, spec_id)
    name = shown_name(spec_id) or ""
    return SpecPage(summary=summary, spec_id=name, attempts=[], nearest_specs=nearest)
