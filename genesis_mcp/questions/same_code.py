"""The identity of code that another writer recorded as a text alone, where it can matter.

Neither engine can work out our hash: the sizes are compared first, which every list has, and texts
are fetched only of runs that could have run the same code as another that they are compared with.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from genesis_mcp.runs.model import Run, RunFacts, code_hash
from genesis_mcp.stores.contract import RunStore

CODE_BYTES_MAX = 1024 * 1024
"""The text of a larger code is not asked for to compare it: whether it is the same is unknown."""

FETCHED_BYTES_MAX = 8 * 1024 * 1024
"""Of all texts that are fetched for one comparison, the newest first."""


def with_code(store: RunStore, runs: Sequence[RunFacts]) -> list[RunFacts]:
    """The same runs, with the hash of code where two of them may have run the same."""
    sizes = Counter(run.code_bytes for run in runs)
    wanted = [
        run
        for run in runs
        if run.code_hash is None
        and 0 < run.code_bytes <= CODE_BYTES_MAX
        and sizes[run.code_bytes] > 1
    ]
    wanted = wanted[
        : max(2, FETCHED_BYTES_MAX // max((run.code_bytes for run in wanted), default=1))
    ]
    if not wanted:
        return list(runs)
    hashes = _hashes(store, wanted)
    return [
        replace(run, code_hash=hashes[run.run_id]) if run.run_id in hashes else run for run in runs
    ]


def hashed(run: Run) -> Run:
    """A whole run with the hash of its code, as `with_code` has it."""
    if run.code_hash is not None or not run.code_snapshot or run.code_bytes > CODE_BYTES_MAX:
        return run
    return replace(run, code_hash=code_hash(run.code_snapshot))


def _hashes(store: RunStore, runs: Sequence[RunFacts]) -> dict[str, str]:
    whole = max(run.code_bytes for run in runs)
    fetched = store.fetch([run.run_id for run in runs], text_bytes=whole)
    return {run.run_id: code_hash(run.code_snapshot) for run in fetched if run.code_snapshot}
