"""`record_run` and every other way in: sign runs, store them, say what one means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from genesis_mcp.arguments import RecordRun
from genesis_mcp.errors import InputError
from genesis_mcp.models import Inserted, Run, make_run
from genesis_mcp.results import UNTRUSTED, RecordedRun
from genesis_mcp.service.history import History
from genesis_mcp.service.signing import error_line, error_location, sign
from genesis_mcp.service.specs import previous_run
from genesis_mcp.showing import ended, shown_name
from genesis_mcp.stores.base import RunStore
from genesis_mcp.verdicts import verdict


def record(store: RunStore, runs: Sequence[Run]) -> list[Inserted]:
    """Sign and store runs; one `Inserted` each, in the same order."""
    return store.insert([sign(run) for run in runs])


def run_from(arguments: RecordRun, recorded_by: str) -> Run:
    """The run that `record_run`'s arguments tell of; never an event."""
    return make_run(
        {**arguments.model_dump(exclude_unset=True), "kind": "run"}, recorded_by=recorded_by
    )


def record_one(store: RunStore, run: Run, moment: datetime) -> RecordedRun:
    """Store one run and say what it means against the attempt before it.

    Raises:
        InputError: its run_id names another run already.
    """
    run = sign(run)
    [inserted] = store.insert([run])
    if inserted.status == "conflict":
        raise InputError(
            "run_id: another run, with other content, has this id. Leave it out or use a new one."
        )
    run = run.model_copy(update={"iteration": inserted.iteration})
    return _recorded(store, run, inserted.status, moment)


def _recorded(
    store: RunStore, run: Run, status: Literal["recorded", "duplicate"], moment: datetime
) -> RecordedRun:
    previous = previous_run(store, run)
    judged = verdict(run, previous)
    history = History(store, run.spec_id) if run.spec_id and run.kind == "run" else None
    is_newest = history and history.newest and history.newest.run_id == run.run_id
    remarks = history.remarks(moment) if history and is_newest else []
    name = "the run" if run.iteration is None else f"#{run.iteration}"
    done = f"Recorded {name}" if status == "recorded" else f"{name} was recorded already"
    means = f"; {judged}" if judged else ""
    before = f" (before: {ended(previous)})" if previous else ""
    return RecordedRun(
        summary="; ".join([f"{done}: {ended(run)}{means}{before}", *remarks]) + ".",
        run_id=run.run_id,
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        status=status,
        remarks=tuple(remarks),
        ended=ended(run),
        verdict=judged,
        error=error_line(run.signature),
        location=error_location(run.signature),
        untrusted=UNTRUSTED if run.signature else None,
    )
