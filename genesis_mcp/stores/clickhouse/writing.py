"""What writing to the ClickHouse store needs: new runs in whole blocks, and deleting old ones."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from genesis_mcp.runs.model import Run
from genesis_mcp.runs.times import milliseconds_since_1970
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.reading import IDS_AT_ONCE, fetch
from genesis_mcp.stores.clickhouse.schema import ADDED
from genesis_mcp.stores.clickhouse.source import Source, Statement
from genesis_mcp.stores.insertion import Arrival, Arrivals, arrivals, specs_to_number
from genesis_mcp.stores.side_by_side import side_by_side

# ruff: noqa: S608 - only constants and numbers of ours are put into the SQL

BATCH_ROWS = 10_000
"""Rows of one insert: one block, which the engine stores whole or not at all."""

BATCH_BYTES = 64 * 1024 * 1024
"""Bytes of text in one insert."""

BATCH_WEEKS = 90
"""Weeks in one insert: each becomes a part, and the engine refuses more than 100 at a time."""

WEEK_MS = 7 * 86_400_000


def sorted_out(asking: Asking, runs: Sequence[Run], clock_ahead: Callable[[], int]) -> Arrivals:
    """The runs that are new, with their iterations, and the answer for each that was given.

    `clock_ahead`: see `arrivals`. All that is asked goes side by side, as if every run were new.
    """
    tasks: list[Callable[[], Any]] = [
        partial(fetch, asking, list(dict.fromkeys(run.run_id for run in runs)), None),
        partial(_highest_iterations, asking, list(specs_to_number(runs, {}))),
        clock_ahead,
    ]
    stored, highest, ahead = side_by_side(tasks)
    return arrivals(runs, stored, highest, clock_ahead=ahead)


def _highest_iterations(asking: Asking, spec_ids: Sequence[str]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for start in range(0, len(spec_ids), IDS_AT_ONCE):
        some = spec_ids[start : start + IDS_AT_ONCE]
        rows = asking.rows(highest_iterations_statement(asking.source, some))
        highest |= {row[0]: row[1] for row in rows}
    return highest


def highest_iterations_statement(source: Source, spec_ids: Sequence[str]) -> Statement:
    """Of each spec the highest iteration of its runs: spec_id, iteration."""
    return Statement(
        source.select(
            "spec_id, max(iteration) FROM {source}"
            " WHERE spec_id IN {spec_ids:Array(String)} AND kind IN ('run', 'suite')"
            " GROUP BY spec_id"
        ),
        {"spec_ids": list(spec_ids)},
    )


def older_statement(source: Source, before_ms: int) -> Statement:
    """How many rows are older, and the time of the oldest of all."""
    older = source.when("<", "{before:Int64}")
    return Statement(
        source.select(
            f"count(), toUnixTimestamp64Milli(min(timestamp)) FROM {{source}} WHERE {older}"
        ),
        {"before": before_ms},
    )


def delete_sql(source: Source, before_ms: int) -> str:
    """A lightweight delete of what is older; a number of ours is all that is put into it."""
    return f"DELETE FROM {source.name} WHERE {source.when('<', f'toInt64({before_ms})')}"


def forget_sql(source: Source, run_ids: Sequence[str]) -> str:
    """A mutation that deletes some rows, and has done so everywhere when it returns.

    A lightweight delete would only hide them. Of what is put into it nothing is another's text:
    hexadecimal digits of ids, and our expression where the table has no column of them.
    """
    ids = ", ".join(f"unhex('{run_id.encode().hex()}')" for run_id in run_ids)
    has_ids = "run_id" in source.table.columns
    name = "run_id" if has_ids else next(one.default for one in ADDED if one.name == "run_id")
    return f"ALTER TABLE {source.name} DELETE WHERE {name} IN ({ids}) SETTINGS mutations_sync = 2"


def batches(new: Sequence[Arrival]) -> list[list[Arrival]]:
    """Blocks that the engine takes whole, by time: within rows, bytes and weeks."""
    blocks: list[list[Arrival]] = []
    size, weeks = 0, set[int]()
    for one in sorted(new, key=lambda one: (one.run.timestamp, one.recorded_at)):
        run = one.run
        week = milliseconds_since_1970(run.timestamp) // WEEK_MS
        size += run.message_bytes + run.stdout_bytes + run.stderr_bytes + run.code_bytes
        is_full = bool(blocks) and (
            len(blocks[-1]) >= BATCH_ROWS or size > BATCH_BYTES or len(weeks | {week}) > BATCH_WEEKS
        )
        if is_full or not blocks:
            blocks.append([])
            size, weeks = 0, set()
        blocks[-1].append(one)
        weeks.add(week)
    return blocks
