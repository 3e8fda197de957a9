"""Writing to MongoDB: what is there already, the highest iterations, and the insert itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from pymongo.errors import BulkWriteError, OperationFailure

from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.stores.insertion import Arrival, again, arrivals, specs_to_number
from genesis_mcp.stores.mongodb import queries
from genesis_mcp.stores.mongodb.connection import NOT_AUTHORIZED, Logs
from genesis_mcp.stores.mongodb.documents import (
    document_from,
    facts_from,
    ids_named,
    run_from,
    run_id_of,
)
from genesis_mcp.stores.mongodb.numbering import reserved
from genesis_mcp.stores.mongodb.projections import run_projection
from genesis_mcp.stores.side_by_side import side_by_side

DUPLICATE_KEY = 11000


def insert(
    logs: Logs, runs: Sequence[Run], check: Callable[[Sequence[Run]], None], *, clock_ahead: int
) -> list[Inserted]:
    """Insert the runs that are new; one thread of a process at a time, for the iterations' sake.

    `check` may refuse what is new. `clock_ahead`: microseconds that the server's clock is ahead of
    this machine's.
    """
    stored, highest = _found_before(logs, runs)
    behind = reserved(logs, highest, specs_to_number(runs, stored))
    new, answers = arrivals(runs, stored, behind, clock_ahead=clock_ahead)
    check([one.run for one in new])
    taken = {run.run_id: run for run in _insert_new(logs, new)}
    taken |= _stored(logs, list(taken))
    return [
        again(run, taken[run.run_id]) if run.run_id in taken else answer
        for run, answer in zip(runs, answers, strict=True)
    ]


def _found_before(logs: Logs, runs: Sequence[Run]) -> tuple[dict[str, Run], dict[str, int]]:
    """Which of the runs are there already, and the highest iterations of specs that need numbers.

    Of one run, whose writer waits, both are asked at once; of many, which are perhaps there, only
    the specs of those that are not.
    """
    run_ids = [run.run_id for run in runs]
    if len(runs) > 1:
        stored = _stored(logs, run_ids)
        return stored, _highest_iterations(logs, specs_to_number(runs, stored))
    tasks: list[Callable[[], Any]] = [
        partial(_stored, logs, run_ids),
        partial(_highest_iterations, logs, specs_to_number(runs, {})),
    ]
    stored, highest = side_by_side(tasks)
    return stored, highest


def _stored(logs: Logs, run_ids: Sequence[str]) -> dict[str, Run]:
    """Which of the runs are there already; none for an account that may only insert."""
    if not run_ids:
        return {}
    try:
        ids = [one for run_id in run_ids for one in ids_named(run_id)]  # also another writer's
        found = logs.find(queries.any_of(ids), run_projection(None))
        return {run_id_of(document["_id"]): run_from(document, None) for document in found}
    except OperationFailure as error:
        if error.code != NOT_AUTHORIZED:
            raise
        return {}


def _highest_iterations(logs: Logs, spec_ids: Iterable[str]) -> dict[str, int]:
    """Nothing of a spec without one, and nothing at all when the account may not know."""

    def highest_of(spec_id: str) -> list[tuple[str, int]]:
        found = logs.find(queries.numbered(spec_id), {"iteration": 1}, limit=1)
        numbered = found.sort([("iteration", -1)])
        return [(spec_id, facts_from(document).iteration or 0) for document in numbered]

    try:
        each = side_by_side([partial(highest_of, spec_id) for spec_id in spec_ids])
    except OperationFailure as error:
        if error.code != NOT_AUTHORIZED:
            raise
        return {}
    return dict(chain.from_iterable(each))


def _insert_new(logs: Logs, new: Sequence[Arrival]) -> list[Run]:
    """Insert runs; those whose ids another process was faster with."""
    if not new:
        return []
    try:
        logs.insert_many(map(document_from, new), ordered=False)
    except BulkWriteError as error:
        details: Mapping[str, Any] = error.details
        failed = details["writeErrors"]
        if details["writeConcernErrors"] or any(one["code"] != DUPLICATE_KEY for one in failed):
            raise
        return [new[one["index"]].run for one in failed]
    return []
