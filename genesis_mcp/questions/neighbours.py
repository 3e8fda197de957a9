"""What several questions need to know about specs: runs beside one, places, names like one."""

from datetime import datetime
from difflib import get_close_matches
from typing import Any

from genesis_mcp.answers.readable import is_plain_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.errors_shown import signed_one
from genesis_mcp.runs.model import Outcome, RunFacts
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.stores.contract import RunStore
from genesis_mcp.validation import parse_moment

SPECS_COMPARED = 500
"""Most recently active specs among which the nearest to an unknown one is looked for."""

NOTHING_RECORDED = (
    "Nothing was recorded yet: the store is empty. Runs come in through record_run, "
    "`genesis-mcp run --spec ID -- COMMAND` or `genesis-mcp ingest`."
)

UNKNOWN_SKIPPED = 20
"""Runs without a recorded outcome that are passed over to find the attempt before."""


def previous_run(store: RunStore, run: RunFacts) -> RunFacts | None:
    """The nearest earlier run of the same spec whose outcome is known, signed."""
    if run.spec_id is None or run.kind == "event":
        return None
    query = RunQuery(
        spec_id=run.spec_id,
        kind="run",
        after=Cursor(run.timestamp, run.run_id),
        limit=UNKNOWN_SKIPPED,
    )
    earlier = (one for one in store.find(query).runs if one.outcome != Outcome.UNKNOWN)
    return signed_one(store, next(earlier, None))


def last_pass(store: RunStore, spec_id: str) -> RunFacts | None:
    """The newest attempt of a spec that passed, among the newest that did not fail."""
    query = RunQuery(spec_id=spec_id, kind="run", failed=False, limit=UNKNOWN_SKIPPED)
    return next((run for run in store.find(query).runs if run.outcome == Outcome.PASSED), None)


def first_failure_after(store: RunStore, run: RunFacts) -> RunFacts | None:
    """The first attempt after a run, of the same spec, that failed."""
    query = RunQuery(
        spec_id=run.spec_id,
        kind="run",
        failed=True,
        oldest_first=True,
        after=Cursor(run.timestamp, run.run_id),
        limit=1,
    )
    return next(iter(store.find(query).runs), None)


def place_before(
    store: RunStore, before: str | None, moment: datetime, spec_id: str | None = None
) -> dict[str, Any]:
    """The part of a query that goes on where an answer ended: after a run's place, or at a time.

    Raises:
        InputError: it is neither, or the run is of another spec than `spec_id`.
    """
    if before is None:
        return {}
    if place := place_of(store, "before", before, spec_id):
        return {"after": place}
    try:
        return {"until": parse_moment("before", before, moment)}
    except InputError:
        raise InputError("before: must be a run_id of an earlier answer, or a time.") from None


def place_of(
    store: RunStore, argument: str, run_id: str, spec_id: str | None = None
) -> Cursor | None:
    """Where a run stands in the order of all; None when there is none with this id.

    Raises:
        InputError: it is of another spec than `spec_id`. The message begins with `argument`.
    """
    found = store.fetch([run_id], text_bytes=0)
    if not found:
        return None
    if spec_id is not None and found[0].spec_id != spec_id:
        raise InputError(f"{argument}: this run is {of_spec(found[0])}, not of the spec_id given.")
    return Cursor(found[0].timestamp, found[0].run_id)


def of_spec(run: RunFacts) -> str:
    """Such as `of spec soma`; nothing that could be read as a sentence."""
    return f"of spec {run.spec_id}" if is_plain_name(run.spec_id) else "of another spec"


def completed(store: RunStore, beginning: str) -> list[str]:
    """Recorded specs whose names begin so, then those with it inside, newest activity first."""
    wanted = beginning.casefold()
    known = [
        spec.spec_id for spec in store.specs(limit=SPECS_COMPARED) if is_plain_name(spec.spec_id)
    ]
    inside = [name for name in known if wanted in name.casefold()]
    return sorted(inside, key=lambda name: not name.casefold().startswith(wanted))


def nearest_specs(store: RunStore, spec_id: str) -> list[str]:
    """Up to five recorded specs whose names come near to `spec_id`, the nearest first.

    When none does, the most recently active ones: an answer without a way on is a dead end.
    """
    wanted = spec_id.casefold()
    known = {
        spec.spec_id.casefold(): spec.spec_id
        for spec in reversed(store.specs(limit=SPECS_COMPARED))
        if is_plain_name(spec.spec_id)
    }
    close = get_close_matches(wanted, known, 5, 0.5)
    inside = [name for name in known if wanted in name or (name in wanted and len(name) > 2)]
    near = [known[name] for name in dict.fromkeys([*close, *inside])]
    return (near or [known[name] for name in reversed(known)])[:5]
