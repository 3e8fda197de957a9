"""The identity of code that another writer recorded as a text alone, where it can matter.

Neither engine can work out our hash: the sizes are compared first, which every list has, and texts
are fetched only of runs that could have run the same code as another that they are compared with.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from genesis_mcp.questions.consulted import Consulted
from genesis_mcp.questions.remembered import hashed_once, hashes
from genesis_mcp.runs.model import Run, RunFacts, code_hash
from genesis_mcp.stores.asking import Asked, Fetch
from genesis_mcp.stores.contract import ReadsAtOnce

CODE_BYTES_MAX = 1024 * 1024
"""The text of a larger code is not asked for to compare it: whether it is the same is unknown."""

FETCHED_BYTES_MAX = 8 * 1024 * 1024
"""Of all texts that are fetched for one comparison, the newest first."""


def with_code(store: ReadsAtOnce, runs: Sequence[RunFacts]) -> list[RunFacts]:
    """The same runs, with the hash of code where two of them may have run the same."""
    wanted = _wanted(runs)
    whole = max((run.code_bytes for run in wanted), default=0)

    def read(run_ids: Sequence[str]) -> list[Run]:
        seen = [run for run_id in run_ids if (run := _seen_whole(store, run_id))]
        rest = set(run_ids) - {run.run_id for run in seen}
        missing = [run_id for run_id in run_ids if run_id in rest]
        return [*seen, *(store.fetch(missing, text_bytes=whole) if missing else [])]

    known = hashed_once(store, [run.run_id for run in wanted], read)
    return [
        replace(run, code_hash=known[run.run_id]) if run.run_id in known else run for run in runs
    ]


def code_wanted(
    store: ReadsAtOnce, runs: Sequence[RunFacts], fetched: Mapping[str, int]
) -> list[Asked[Any]]:
    """What `with_code` will ask when so many bytes of some of the runs' texts are fetched."""
    wanted = _wanted(runs)
    known = hashes(store, [run.run_id for run in wanted])
    run_ids = tuple(
        run.run_id
        for run in wanted
        if run.run_id not in known and fetched.get(run.run_id, 0) < run.code_bytes
    )
    return [Fetch(run_ids, max(run.code_bytes for run in wanted))] if run_ids else []


def _seen_whole(store: ReadsAtOnce, run_id: str) -> Run | None:
    """The run as it was fetched before for this question, if all of its code was."""
    seen = store.seen(run_id) if isinstance(store, Consulted) else []
    fetched = (run for run in seen if isinstance(run, Run) and run.code_snapshot)
    whole = (run for run in fetched if len((run.code_snapshot or "").encode()) == run.code_bytes)
    return next(whole, None)


def _wanted(runs: Sequence[RunFacts]) -> list[RunFacts]:
    """Runs whose code nobody told the identity of, and which another of them may have run."""
    sizes = Counter(run.code_bytes for run in runs)
    wanted = [
        run
        for run in runs
        if run.code_hash is None
        and 0 < run.code_bytes <= CODE_BYTES_MAX
        and sizes[run.code_bytes] > 1
    ]
    largest = max((run.code_bytes for run in wanted), default=1)
    return wanted[: max(2, FETCHED_BYTES_MAX // largest)]


def hashed(run: Run) -> Run:
    """A whole run with the hash of its code, as `with_code` has it."""
    if run.code_hash is not None or not run.code_snapshot or run.code_bytes > CODE_BYTES_MAX:
        return run
    return replace(run, code_hash=code_hash(run.code_snapshot))
