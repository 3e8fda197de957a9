"""What an insert into the ClickHouse store has to store: new runs, numbered, in whole blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from genesis_mcp.runs.model import UINT32_MAX, Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.runs.times import milliseconds_since_1970
from genesis_mcp.stores.clickhouse import queries
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.reading import IDS_AT_ONCE, fetch
from genesis_mcp.stores.clickhouse.rows import TEXTS

BATCH_ROWS = 10_000
"""Rows of one insert: one block, which the engine stores whole or not at all."""

BATCH_BYTES = 64 * 1024 * 1024
"""Bytes of text in one insert."""

BATCH_WEEKS = 90
"""Weeks in one insert: each becomes a part, and the engine refuses more than 100 at a time."""

WEEK_MS = 7 * 86_400_000


def sorted_out(asking: Asking, runs: Sequence[Run]) -> tuple[list[Run], list[Inserted]]:
    """The runs that are new, with their iterations, and the answer for each that was given."""
    known = fetch(asking, list(dict.fromkeys(run.run_id for run in runs)), None)
    highest = _highest_iterations(asking, runs, known)
    new: list[Run] = []
    answers: list[Inserted] = []
    for run in runs:
        stored = known.get(run.run_id)
        if stored is not None:
            status = "duplicate" if _is_same(stored, run) else "conflict"
            answers.append(Inserted(run.run_id, status, stored.iteration))  # type: ignore[arg-type]
            continue
        run = _numbered(run, highest)
        known[run.run_id] = run
        new.append(run)
        answers.append(Inserted(run.run_id, "recorded", run.iteration))
    return new, answers


def _highest_iterations(
    asking: Asking, runs: Sequence[Run], known: Mapping[str, Run]
) -> dict[str, int]:
    """The highest iteration of each spec of which a run needs one."""
    spec_ids = list(
        dict.fromkeys(
            run.spec_id
            for run in runs
            if run.wants_iteration and run.spec_id and run.run_id not in known
        )
    )
    highest: dict[str, int] = {}
    for start in range(0, len(spec_ids), IDS_AT_ONCE):
        some = spec_ids[start : start + IDS_AT_ONCE]
        rows = asking.rows(queries.highest_iterations_statement(asking.source, some))
        highest |= {spec_id: iteration or 0 for spec_id, iteration in rows}
    return highest


def _numbered(run: Run, highest: dict[str, int]) -> Run:
    """The run with its iteration, which the following runs of the spec then go by."""
    spec_id, iteration = run.spec_id, run.iteration
    if spec_id is None or run.kind == "event":
        return run
    before = highest.get(spec_id, 0)
    if run.wants_iteration:
        iteration = min(before + 1, UINT32_MAX)
        run = replace(run, iteration=iteration)
    highest[spec_id] = max(before, iteration or 0)
    return run


def _is_same(stored: Run, run: Run) -> bool:
    names = ("spec_id", "exit_code", "kind", *TEXTS)
    return all(getattr(stored, name) == getattr(run, name) for name in names)


def batches(runs: Sequence[Run]) -> list[list[Run]]:
    """Blocks that the engine takes whole, by time: within rows, bytes and weeks."""
    blocks: list[list[Run]] = []
    size, weeks = 0, set[int]()
    for run in sorted(runs, key=lambda one: (one.timestamp, one.run_id)):
        week = milliseconds_since_1970(run.timestamp) // WEEK_MS
        size += run.message_bytes + run.stdout_bytes + run.stderr_bytes + run.code_bytes
        is_full = bool(blocks) and (
            len(blocks[-1]) >= BATCH_ROWS or size > BATCH_BYTES or len(weeks | {week}) > BATCH_WEEKS
        )
        if is_full or not blocks:
            blocks.append([])
            size, weeks = 0, set()
        blocks[-1].append(run)
        weeks.add(week)
    return blocks
